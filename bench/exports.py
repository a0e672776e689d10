"""The exports of participation: how fast against the least that could write the same cells, and in how much memory.

CSV against the `sqlite3` program's own -csv over the same rows, with the same names joined; figures, definitions and checksum are in
ours and not in its. XLSX against XlsxWriter in constant memory on the same cells, which it gets ready in memory. Seconds are of this
process (its processor time, as others may share the machine) for ours and for XlsxWriter, and of the child for sqlite3. Every round
measures all; ratios are made within a round and shown with their spread. Then the memory of the longest files, each in a process of its own.
"""

import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from flask import Flask
from flask_migrate import upgrade

from mobilizer import clock, create_app
from mobilizer.extensions import db
from mobilizer.participation import exporting, exports, hours_file, queries, reports
from mobilizer.participation.rules import By, Slice
from mobilizer.sheets import Formula, Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import ledger

ROWS = int(os.environ.get("BENCH_ROWS", "13000"))
SIZES = [int(each) for each in os.environ.get("BENCH_SIZES", "13000 130000").split()]
"""Rows of the ledger for the memory; 1300000 is a district's campaign a hundred times, and takes minutes to make."""
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
ZONE = ZoneInfo("Asia/Shanghai")
RECORDS = """
SELECT r.district_code, r.position, r.day, datetime(r.starts_at, '+8 hours'), datetime(r.ends_at, '+8 hours'), r.unit_code, u.name,
    b.name, b.kind, o.name, c.name, r.category, r.standing, r.source, r.kind, r.break_minutes, r.minutes, r.person_times
FROM service_record r LEFT JOIN service_record back ON back.reverses_id = r.id JOIN unit u ON u.code = r.unit_code
    JOIN branch b ON b.id = r.branch_id LEFT JOIN operation o ON o.id = r.operation_id
    LEFT JOIN checkpoint c ON c.id = r.checkpoint_id
ORDER BY r.district_code, r.position
"""
MEMBERS = """
SELECT m.name, h.name, 0, count(DISTINCT CASE WHEN r.kind = 'entry' AND back.id IS NULL THEN r.member_id END), sum(r.person_times),
    sum(r.minutes), round(sum(r.minutes) / 60.0, 1), round(sum(r.minutes) / 60.0, 1), round(sum(r.person_times) / 60.0, 1)
FROM service_record r LEFT JOIN service_record back ON back.reverses_id = r.id JOIN member m ON m.id = r.member_id
    LEFT JOIN branch h ON h.id = m.home_branch_id
GROUP BY r.member_id ORDER BY 5 DESC, m.sort_name
"""
PLAN = {"records.csv": RECORDS, "csv": MEMBERS}


def ours(form: str) -> int:
    """The file's bytes, made and thrown away."""
    what = exporting.asked(Slice(ledger.DISTRICT, by=By.MEMBER), form, unit_name="相城区")
    return sum(len(chunk) for chunk in exporting.chunks(what, hours_file.load(None), now=clock.now()))


def seconds(act: Callable[[], Any]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def of_sqlite3(database: Path, statement: str) -> float:
    """The processor time of the program, or of the csv module on Python's own sqlite3 where there is no program."""
    program = shutil.which("sqlite3")
    inner = "import csv,sqlite3,sys;csv.writer(sys.stdout).writerows(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))"
    command = [program, "-csv"] if program else [sys.executable, "-c", inner]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, str(database), statement], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cells() -> list[list[list[Any]]]:
    """What stands in the sheets of our workbook, ready in memory."""
    queries.begin_snapshot()
    report = reports.counted(
        Slice(ledger.DISTRICT, by=By.MEMBER), zone=ZONE, now=clock.now(), unit_name="相城区"
    )
    found = []
    for page in exports.pages(report).values():
        if isinstance(page, Table):
            found.append(
                [[column.heading for column in page.columns], *map(list, page.rows), list(page.total or ())]
            )
        else:
            found.append([list(vars_of(line)) for line in page.lines])
    return found


def vars_of(line: Any) -> tuple[Any, ...]:
    return line if isinstance(line, tuple) else (line.label, line.value, line.note)


def bare_xlsx(sheets: list[list[list[Any]]]) -> None:
    with tempfile.TemporaryFile() as target, xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        day, moment = (
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        for rows in sheets:
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(at, column, value)
                    elif isinstance(value, datetime):
                        sheet.write_datetime(at, column, value, moment)
                    elif isinstance(value, date):
                        sheet.write_datetime(at, column, value, day)
                    elif isinstance(value, Formula):
                        sheet.write_number(at, column, value.value)
                    elif value is not None:
                        sheet.write_number(at, column, value)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def rounds(database: Path) -> Iterator[dict[str, float]]:
    sheets = cells()
    for _ in range(ROUNDS):
        found = {
            form: seconds(lambda form=form: ours(form)) for form in ("records.csv", "csv", "xlsx", "json")
        }
        found |= {f"bare {form}": of_sqlite3(database, statement) for form, statement in PLAN.items()}
        yield found | {"bare xlsx": seconds(lambda: bare_xlsx(sheets))}


def measure(instance: Path) -> None:
    app = made(instance, ROWS)
    with app.app_context(), app.test_request_context():
        measured = list(rounds(instance / "mobilizer.sqlite"))
    print(f"{ROWS} rows of the ledger, as many of members, {len(measured)} rounds; median (least to most)")
    for form in ("records.csv", "csv", "xlsx", "json"):
        print(f"{form:12} {statistics.median(each[form] for each in measured):6.2f} s", end="")
        if f"bare {form}" in measured[0]:
            print(
                f"   {spread([each[f'bare {form}'] / each[form] for each in measured])} of the bare speed",
                end="",
            )
        print()


def made(instance: Path, rows: int) -> Flask:
    app = create_app({"MOBILIZER_INSTANCE_PATH": str(instance), "MOBILIZER_SQLITE_SYNCHRONOUS": "NORMAL"})
    if not (instance / "filled").exists():
        with app.app_context():
            upgrade()
            ledger.fill(rows, min(rows, 26_000))
            db.session.remove()
            db.engine.dispose()
        (instance / "filled").touch()
    return app


def memory(instance: Path, form: str) -> None:
    """In a process of its own: the application alone, and at most, in MB."""
    app = made(instance, 0)
    before = peak()
    begun = time.perf_counter()
    with app.app_context(), app.test_request_context():
        size = ours(form)
    print(
        f"{form:12} {size / 1e6:7.1f} MB in {time.perf_counter() - begun:6.1f} s; memory {before:.0f} MB before, {peak():.0f} MB at most"
    )


def peak() -> float:
    """Of this process alone: what getrusage says is the parent's too, where that was the larger."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 3:
        memory(Path(sys.argv[1]), sys.argv[2])
        raise SystemExit
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            instance = Path(os.environ.get("BENCH_KEPT", folder)) / str(rows)
            instance.mkdir(exist_ok=True)
            if rows == ROWS:
                measure(instance)
            made(instance, rows)
            print(f"{rows} rows of the ledger")
            for form in ("records.csv", "xlsx", "csv"):
                sys.stdout.flush()
                subprocess.run([sys.executable, __file__, str(instance), form], check=True)
