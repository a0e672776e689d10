"""A district with a ledger of as many rows as one likes, for the programs that measure what is read from it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from mobilizer.extensions import begin_write, db, run, table_of
from mobilizer.model import Branch, Checkpoint, Member, Operation, ServiceRecord, Unit, tally_filling
from mobilizer.model.sealing import SEALED, START, sealed

DISTRICT, TOWNS, VILLAGES = "320507", 13, 11
BRANCHES, GATES, DAYS = 187, 300, 60
BEGUN = date(2026, 10, 1)
AT_ONCE = 100
CATEGORIES = ("checkpoint-duty", "screening", "care", "delivery", "patrol")


def fill(rows: int, members: int) -> None:
    """One district with 13 towns and 143 villages, 187 action branches, and `rows` services of `members` people over 60 days; one in
    a hundred is reversed. Written past the actions, in the chain that they would have made, and the tallies counted at the end."""
    begin_write()
    villages = _units()
    branches, gates, people = _branches(villages), _gates(villages), _people(members)
    db.session.commit()
    head = START
    entries = _entries(rows, villages, branches, gates, people)
    for position in range(1, rows + 1, AT_ONCE):
        begin_write()
        head = _sealed_in(list(islice(entries, AT_ONCE)), position, head)
        db.session.commit()
    begin_write()
    tally_filling.fill(db.session.connection())
    db.session.commit()


def _sealed_in(entries: list[dict[str, Any]], position: int, head: str) -> str:
    """These entries and, right behind them, the reversal of the first of them; answers the last one's hash."""
    first = {"kind": "reversal", "reverses_id": position + (position - 1) // AT_ONCE, "person_times": -1}
    turned = entries[0] | first | {"minutes": -entries[0]["minutes"]}
    sealed_rows = []
    for at, entry in enumerate([*entries, turned]):
        row = entry | {"district_code": DISTRICT, "position": first["reverses_id"] + at}
        head = row["hash"] = sealed(head, row)
        sealed_rows.append(row)
    run(insert(table_of(ServiceRecord)), sealed_rows)
    return head


def _units() -> list[str]:
    rows = [{"code": DISTRICT, "name": "相城区", "level": "district", "parent_code": None}]
    for town in range(1, TOWNS + 1):
        code = f"{DISTRICT}{town:03d}"
        rows.append({"code": code, "name": f"第{town}街道", "level": "town", "parent_code": DISTRICT})
        rows += [
            {"code": f"{code}{at:03d}", "name": f"第{at}社区", "level": "village", "parent_code": code}
            for at in range(1, VILLAGES + 1)
        ]
    run(insert(table_of(Unit)), rows)
    return [str(row["code"]) for row in rows if row["level"] == "village"]


def _branches(villages: list[str]) -> list[int]:
    begun = datetime(2026, 9, 30, tzinfo=UTC)
    operation = run(
        insert(table_of(Operation))
        .values(unit_code=DISTRICT, name="冬季疫情防控", kind="epidemic", started_at=begun)
        .returning(table_of(Operation).c.id)
    ).scalar_one()
    rows = [
        {
            "unit_code": villages[at % len(villages)],
            "name": f"第{at}行动支部",
            "kind": "action",
            "status": "active",
        }
        | {"added_at": begun, "activated_at": begun, "operation_id": operation, "joint": False}
        for at in range(1, BRANCHES + 1)
    ]
    return list(run(insert(table_of(Branch)).returning(table_of(Branch).c.id), rows).scalars())


def _gates(villages: list[str]) -> list[int]:
    rows = [{"unit_code": villages[at % len(villages)], "name": f"{at}号卡口"} for at in range(1, GATES + 1)]
    return list(run(insert(table_of(Checkpoint)).returning(table_of(Checkpoint).c.id), rows).scalars())


def _people(members: int) -> int:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    rows = [
        {
            "id": at,
            "name": f"党员{at}",
            "sort_name": f"dangyuan{at}",
            "search": "",
            "phone": f"+86198{at:08d}",
        }
        | {"standing": "full", "added_at": now, "home_branch_id": 1 + at % BRANCHES}
        for at in range(1, members + 1)
    ]
    run(insert(table_of(Member)), rows)
    return members


def _entries(
    rows: int, villages: list[str], branches: list[int], gates: list[int], members: int
) -> Iterator[dict[str, Any]]:
    nothing = dict.fromkeys(SEALED) | {"turn": 0, "break_minutes": 0, "reason": "", "kind": "entry"}
    fixed = nothing | {"source": "sheet", "standing": "full", "person_times": 1, "operation_id": 1}
    for at in range(rows):
        gate = at * 7 % len(gates)
        day, hour = BEGUN + timedelta(days=at % DAYS), at % 20
        starts = datetime(day.year, day.month, day.day, hour, at % 60, tzinfo=UTC)
        minutes = 60 + at % 480
        yield fixed | {
            "reference": f"row {at}",
            "member_id": 1 + at % members,
            "home_branch_id": 1 + at % BRANCHES,
            "branch_id": branches[at % len(branches)],
            "checkpoint_id": gates[gate],
            "unit_code": villages[(gate + 1) % len(villages)],
            "category": CATEGORIES[at % len(CATEGORIES)],
            "day": day,
            "hour": hour,
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=minutes),
            "minutes": minutes,
            "recorded_at": starts + timedelta(hours=9),
        }
