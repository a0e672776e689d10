"""The open-shifts page at 105 shifts, as a ratio to a bare Flask route that renders the same rows from tuples.

And the same page where there are 10,500 shifts, as a ratio of the time that it takes where there are 105. All in the
production server with two processes, 8 phones at once. Aims: at least 0.5 of the bare rows, at most 1.5 of the time, at most
3 queries.
"""

import os
import sys

from campsite import camp
from driving import ROUNDS, drive, request, scatter, serving
from sqlalchemy import event

from mobilizer.extensions import db

PHONES, SHIFTS, MANY = 8, 105, 10_500
EACH = int(os.environ.get("BENCH_PAGES", "200"))


def main() -> None:
    with (
        camp(8, MANY, hours=8) as full,
        serving("mobilizer:create_app", full.environ) as crowded,
        camp(8, SHIFTS, hours=8) as site,
        serving("mobilizer:create_app", site.environ) as ours,
        serving("bare_list:create", site.environ) as bare,
    ):
        pages = [request("GET", "/shifts", site.cookies[n % 8]) for n in range(EACH)]
        of_many = [request("GET", "/shifts", full.cookies[n % 8]) for n in range(EACH)]
        for port, asked in ((ours, pages), (bare, pages), (crowded, of_many)):
            drive(port, asked[:20], PHONES)
        runs = [
            (drive(ours, pages, PHONES), drive(bare, pages, PHONES), drive(crowded, of_many, PHONES))
            for _ in range(ROUNDS)
        ]
        queries: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *seen: queries.append(seen[2]))
        db.session.remove()
        phone = site.app.test_client()
        phone.set_cookie(*site.cookies[0].split("=", 1))
        phone.get("/shifts")
    if {status for pair in runs for run in pair for status in run.statuses} != {200}:
        sys.exit("unexpected answers")
    ratios = [mine.rate / rows.rate for mine, rows, _ in runs]
    print(f"open shifts, {SHIFTS} rows / bare route from tuples = {scatter(ratios)}; aim at least 0.5")
    longer = [mine.rate / many.rate for mine, _, many in runs]
    print(f"  time of a page among {MANY} shifts / among {SHIFTS} = {scatter(longer)}; aim at most 1.5")
    for title, which in (("ours", 0), ("bare", 1), (f"ours among {MANY}", 2)):
        rates = [pair[which].rate for pair in runs]
        print(f"  {title}: {min(rates):.0f} to {max(rates):.0f} pages a second")
    print(
        f"  queries: {len([each for each in queries if not each.startswith(('BEGIN', 'PRAGMA'))])}; aim at most 3"
    )


if __name__ == "__main__":
    main()
