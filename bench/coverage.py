"""The district's board, 143 villages over 168 hours, as a ratio to a bare Flask route that renders as many cells from tuples;
and how much faster an unchanged board is answered by 304 than by the page.

All in the production server with two processes, 4 screens at once; each village has two checkpoints with 3 x 8 and 4 x 6
shifts. Aims: the page takes at most twice as long as the bare cells, a 304 at most an eighth of the page; one query.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from campsite import Site, camp
from driving import ROUNDS, drive, request, scatter, serving
from sqlalchemy import event, insert, select

from mobilizer import clock
from mobilizer.accounts import actions as accounts
from mobilizer.extensions import begin_write, db, table_of
from mobilizer.model import Call, Checkpoint, Shift, Unit
from mobilizer.policy import COMMAND_LINE
from mobilizer.terms import Role

SCREENS, VILLAGES, DAYS = 4, 143, 7
EACH = int(os.environ.get("BENCH_BOARDS", "40"))
BOARD = "/coverage?unit=320507&by=village&days=7"


@contextmanager
def district() -> Iterator[Site]:
    """A coordinator, and every village's week."""
    with camp(1, 1) as site:
        _fill(site)
        yield site


def _fill(site: Site) -> None:
    now, zone = clock.now(), ZoneInfo(site.app.config["TIMEZONE"])
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin_write()
    accounts.appoint(
        site.member_ids[0], Role.COORDINATOR, unit_code="320507", branch_id=None, by=COMMAND_LINE, now=now
    )
    call_id = db.session.scalar(select(Call.id))
    shifts = []
    for n in range(VILLAGES):
        code = f"3205070{n // 12 + 2:02}{n % 12 + 1:03}"
        if n % 12 == 0:
            town = {"code": code[:9], "name": f"{n // 12}号镇", "level": "town", "parent_code": "320507"}
            db.session.execute(insert(table_of(Unit)).values(**town))
        village = {"code": code, "name": f"第{n}社区居委会", "level": "village", "parent_code": code[:9]}
        db.session.execute(insert(table_of(Unit)).values(**village))
        for gate, hours in (("东门", 8), ("南门", 6)):
            checkpoint = insert(table_of(Checkpoint)).values(
                unit_code=code, name=gate, address="", contact=""
            )
            checkpoint_id = db.session.execute(checkpoint.returning(Checkpoint.id)).scalar_one()
            for at in range(DAYS * 24 // hours):
                start = midnight + at * timedelta(hours=hours)
                shifts.append(
                    {
                        "call_id": call_id, "checkpoint_id": checkpoint_id, "unit_code": code, "day": start.date(),
                        "starts_at": start, "ends_at": start + timedelta(hours=hours), "capacity": 4, "least": 2,
                        "taken": (n * 7 + at * 5) % 5, "status": "open",
                    }
                )  # fmt: skip
    db.session.execute(insert(table_of(Shift)), shifts)
    db.session.commit()


def conditional(url: str, cookie: str, tag: str) -> bytes:
    head, _blank, _body = request("GET", url, cookie).partition(b"\r\n\r\n")
    return head + f"\r\nIf-None-Match: {tag}\r\nContent-Length: 0\r\n\r\n".encode()


def main() -> None:
    with (
        district() as site,
        serving("mobilizer:create_app", site.environ) as ours,
        serving("bare_cells:create", site.environ) as bare,
    ):
        queries: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *seen: queries.append(seen[2]))
        db.session.remove()
        screen = site.app.test_client()
        screen.set_cookie(*site.cookies[0].split("=", 1))
        page = screen.get(BOARD, headers={"Accept-Language": "zh-CN"})
        cells = page.get_data().count(b"<td class=")
        pages = [request("GET", BOARD, site.cookies[0])] * EACH
        again = [conditional(BOARD, site.cookies[0], page.headers["ETag"])] * (EACH * 8)
        hours, drawn = (
            [request("GET", f"/cells/{how}", site.cookies[0])] * EACH for how in ("24024", str(cells))
        )
        for port, asked in ((ours, pages), (bare, hours), (bare, drawn)):
            drive(port, asked[:8], SCREENS)
        runs = [
            (
                drive(ours, pages, SCREENS),
                drive(bare, hours, SCREENS),
                drive(bare, drawn, SCREENS),
                drive(ours, again, SCREENS),
            )
            for _ in range(ROUNDS)
        ]
    statuses = [{status for run in runs for status in run[at].statuses} for at in range(4)]
    if statuses != [{200}, {200}, {200}, {304}]:
        sys.exit(f"unexpected answers: {statuses}")
    print(f"{VILLAGES} villages x {DAYS * 24} hours, {cells} cells drawn of {VILLAGES * DAYS * 24} hours")
    print(
        f"time of the page / of 24,024 bare cells = {scatter([b.rate / a.rate for a, b, _c, _d in runs])}; aim at most 2"
    )
    print(f"time of the page / of {cells} bare cells = {scatter([c.rate / a.rate for a, _b, c, _d in runs])}")
    print(f"304 / page = {scatter([d.rate / a.rate for a, _b, _c, d in runs])}; aim at least 8")
    for title, which in (("page", 0), ("24,024 bare cells", 1), (f"{cells} bare cells", 2), ("304", 3)):
        rates = [run[which].rate for run in runs]
        print(f"  {title}: {min(rates):.0f} to {max(rates):.0f} a second")
    asked_of = [each for each in queries if not each.startswith(("BEGIN", "PRAGMA"))]
    print(f"  queries: {len(asked_of)} with the reader and the place; aim at most 3")


if __name__ == "__main__":
    main()
