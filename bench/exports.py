"""Rows per second of the participation exports, against the bare libraries on the same rows, in one run.

One row is one member's figures, counted from the ledger and labelled: CSV against the csv module alone, XLSX against
XlsxWriter in constant memory alone. The libraries get their rows ready in memory, and neither database nor definitions:
what is measured is what counting, labelling, guarding and describing add. Every round measures all four; ratios are made
within a round and shown with their spread. The database is a SQLite file with an entry for each member.
"""

import csv
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert

from mobilizer import clock, create_app
from mobilizer.extensions import begin_write, db
from mobilizer.hours import ledger
from mobilizer.model import Branch, Checkpoint, Member, Operation, Unit
from mobilizer.model.sealing import SEALED
from mobilizer.participation import exports, queries
from mobilizer.participation.rules import By, Slice

ROWS = int(os.environ.get("BENCH_ROWS", "13000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
LONGEST = float(os.environ.get("BENCH_SECONDS", "30"))
ZONE = ZoneInfo("Asia/Shanghai")
CUT = Slice("320507", by=By.MEMBER)


def fill() -> None:
    """One village, one branch, ROWS members with one service each."""
    now = clock.now()
    begin_write()
    add = db.session.execute
    above = None
    for code, level in (("320507", "district"), ("320507001", "town"), ("320507001002", "village")):
        add(insert(Unit).values(code=code, name=code, level=level, parent_code=above))
        above = code
    started = {"unit_code": above, "name": "Winter"}
    operation = add(
        insert(Operation).values(**started, kind="epidemic", started_at=now).returning(Operation.id)
    ).scalar_one()
    stood = {
        "status": "active",
        "added_at": now,
        "activated_at": now,
        "operation_id": operation,
        "kind": "action",
    }
    branch = add(
        insert(Branch).values(unit_code=above, name="行动支部", **stood).returning(Branch.id)
    ).scalar_one()
    gate = add(insert(Checkpoint).values(unit_code=above, name="东门").returning(Checkpoint.id)).scalar_one()
    people = [
        {
            "id": at,
            "name": f"党员{at}",
            "sort_name": f"dangyuan{at}",
            "search": "",
            "phone": f"+86198{at:08d}",
        }
        | {"standing": "full", "added_at": now, "home_branch_id": branch}
        for at in range(1, ROWS + 1)
    ]
    add(insert(Member), people)
    entries = [
        {
            "kind": "entry",
            "source": "sheet",
            "reference": f"row {each['id']}",
            "standing": "full",
            "hour": 8,
            "member_id": each["id"],
            "branch_id": branch,
            "operation_id": operation,
            "person_times": 1,
        }
        | {
            "checkpoint_id": gate,
            "unit_code": above,
            "category": "care",
            "day": date(2026, 11, 1 + each["id"] % 28),
        }
        | {"starts_at": now, "ends_at": now, "minutes": each["id"] % 600, "recorded_at": now}
        for each in people
    ]
    nothing = dict.fromkeys(SEALED) | {"turn": 0, "break_minutes": 0, "reason": ""}
    ledger.enter([nothing | each for each in entries])
    db.session.commit()


def report() -> exports.Report:
    queries.begin_snapshot()
    total = queries.total(CUT)
    return exports.Report(
        cut=CUT,
        total=total,
        branches=queries.branches_stood(CUT, ZONE),
        groups=queries.groups(CUT, ZONE, total.days),
        taken_at=clock.now().astimezone(ZONE),
    )


def ours(form: str) -> Callable[[], int]:
    def write() -> int:
        return sum(len(chunk) for chunk in exports.WRITERS[form](report()))

    return write


def bare_csv(rows: list[list[str | float]]) -> int:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return len(buffer.getvalue().encode("utf-8-sig"))


def bare_xlsx(rows: list[list[str | float]]) -> int:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, column, value)
                else:
                    sheet.write_number(at, column, value)
    return len(target.getvalue())


def seconds(act: Callable[[], int]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def rounds(rows: list[list[str | float]]) -> Iterator[dict[str, float]]:
    acts: dict[str, Callable[[], int]] = {
        "csv": ours("csv"),
        "bare csv": lambda: bare_csv(rows),
        "xlsx": ours("xlsx"),
        "bare xlsx": lambda: bare_xlsx(rows),
        "json": ours("json"),
    }
    until = time.monotonic() + LONGEST
    for _ in range(ROUNDS):
        yield {name: seconds(act) for name, act in acts.items()}
        if time.monotonic() > until:
            return


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def measure(app: Flask) -> None:
    with app.app_context(), app.test_request_context():
        upgrade()
        fill()
        table = exports.table(report())
        rows = [[float(each) if isinstance(each, Fraction) else each for each in row] for row in table.rows]
        measured = list(rounds(rows))
    print(f"{len(rows)} rows of members, {len(measured)} rounds; median (least to most)")
    for name in ("csv", "xlsx", "json"):
        rate = [len(rows) / each[name] for each in measured]
        print(f"{name:5} {statistics.median(rate):9.0f} rows/s", end="")
        if f"bare {name}" in measured[0]:
            ratio = [each[f"bare {name}"] / each[name] for each in measured]
            print(f"   {spread(ratio)} of the bare library's speed", end="")
        print()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        measure(
            create_app({"MOBILIZER_INSTANCE_PATH": str(instance), "MOBILIZER_SQLITE_SYNCHRONOUS": "NORMAL"})
        )
