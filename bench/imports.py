"""Roster rows per second from an XLSX to committed members, as a ratio to the bare libraries.

Ours reads, recognises, checks, plans and writes with pinyin, branches, skills and journal, and once more to show that
a second time changes nothing; bare is python-calamine and one executemany of three columns into an empty SQLite table.
"""

import io
import os
import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from campsite import VILLAGE, camp
from driving import ROUNDS, scatter
from python_calamine import CalamineWorkbook

from mobilizer import clock, intake
from mobilizer.demo.people import people
from mobilizer.extensions import begin_write, db
from mobilizer.members import actions, roster
from mobilizer.policy import COMMAND_LINE

ROWS = int(os.environ.get("BENCH_ROWS", "5000"))


def workbook(rows: int) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("姓名", "手机号码", "单位代码", "所在党支部", "人员类别", "入党日期", "特长"))
    for n, who in zip(range(rows), people(seed=3), strict=False):
        phone = f"199{n:08d}"
        branch = f"第{n % 40}党支部"
        sheet.write_row(n + 1, 0, (who.name, phone, VILLAGE, branch, who.standing, who.joined_on, who.skills))
    book.close()
    return file.getvalue()


def ours(content: bytes) -> float:
    started = time.perf_counter()
    read = roster.read_rows(intake.read(content, "roster.xlsx"))
    now = clock.now()
    begin_write()
    actions.import_roster(read, today=now.date(), by=COMMAND_LINE, now=now)
    db.session.commit()
    return time.perf_counter() - started


def bare(content: bytes) -> float:
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        connection = sqlite3.connect(Path(folder) / "bare.sqlite")
        connection.execute("CREATE TABLE member (name, phone UNIQUE, branch)")
        connection.executemany("INSERT INTO member VALUES (?, ?, ?)", [(r[0], r[1], r[3]) for r in rows[1:]])
        connection.commit()
        connection.close()
        return time.perf_counter() - started


def main() -> None:
    content = workbook(ROWS)
    first, again, plain = [], [], []
    for _ in range(ROUNDS):
        with camp(1, 1):
            first.append(ours(content))
            again.append(ours(content))
            plain.append(bare(content))
    for title, times in (("first import", first), ("the same file again", again)):
        ratios = [least / time_taken for least, time_taken in zip(plain, times, strict=True)]
        rates = [ROWS / each for each in times]
        print(
            f"{title}: {min(rates):.0f} to {max(rates):.0f} rows a second; bare libraries = {scatter(ratios)}"
        )


if __name__ == "__main__":
    main()
