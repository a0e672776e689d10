"""Sign-ups per second, as a ratio to the least Flask endpoint that does one such transaction in raw SQL.

Both run in the production server with two processes on the same database; 64 phones at once, 200 shifts, each member on at most five of them. SQLite,
and PostgreSQL if TEST_POSTGRES names a server that answers. Aim: at least 0.6.
"""

import os
import sys

import psycopg
from campsite import Site, camp
from driving import ROUNDS, Run, drive, request, scatter, serving

PHONES, SHIFTS, SHIFTS_EACH = 64, 200, 5
EACH = int(os.environ.get("BENCH_SIGN_UPS", "400"))
SERVER = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def least(site: Site, member: int, shift: int) -> bytes:
    path = f"/shifts/{site.shift_ids[shift]}/sign-up/{site.member_ids[member]}"
    return request("POST", path, site.cookies[member], f"operation_key=l{member}x{shift}")


def measure(name: str, server: str) -> None:
    pairs_a_round = EACH * 2
    members = ROUNDS * pairs_a_round // SHIFTS_EACH + 1
    with (
        camp(members, SHIFTS, server=server) as site,
        serving("mobilizer:create_app", site.environ) as ours,
        serving("least_sign_up:create", site.environ) as theirs,
    ):
        pairs = [
            (member, (member * SHIFTS_EACH + nth) % SHIFTS)
            for nth in range(SHIFTS_EACH)
            for member in range(members)
        ]
        runs: list[tuple[Run, Run]] = []
        for _ in range(ROUNDS):
            mine, raw = ([pairs.pop() for _ in range(EACH)] for _ in range(2))
            runs.append(
                (
                    drive(ours, [site.sign_up(*pair) for pair in mine], PHONES),
                    drive(theirs, [least(site, *pair) for pair in raw], PHONES),
                )
            )
    statuses = {status for pair in runs for run in pair for status in run.statuses}
    if statuses != {303}:
        sys.exit(f"{name}: unexpected answers {statuses}")
    ratios = [mine.rate / raw.rate for mine, raw in runs]
    print(f"{name}: sign-up / least endpoint in raw SQL = {scatter(ratios)}; aim at least 0.6")
    for title, which in (("ours", 0), ("least", 1)):
        rates = [pair[which].rate for pair in runs]
        tails = [pair[which].p99_ms for pair in runs]
        print(
            f"  {title}: {min(rates):.0f} to {max(rates):.0f} a second, p99 {min(tails):.0f} to {max(tails):.0f} ms"
        )


def main() -> None:
    measure("SQLite, synchronous FULL", "")
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"PostgreSQL was not measured: {error}".strip())
        return
    measure("PostgreSQL", SERVER)


if __name__ == "__main__":
    main()
