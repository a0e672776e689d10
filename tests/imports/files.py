"""Files as people send them, small, made of rows."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from mobilizer import clock, intake
from mobilizer.extensions import begin_write, db
from mobilizer.intake.outcomes import Report
from mobilizer.members import actions as members
from mobilizer.members import roster
from mobilizer.policy import COMMAND_LINE
from mobilizer.units import actions as units
from mobilizer.units import planning

DISTRICT = Path("mobilizer/demo/data/xiangcheng_units.csv")
DATA = Path("tests/data")

UNITS = [
    ["code", "name", "level", "parent_code"],
    ["320507", "相城区", "district", ""],
    ["320507001", "元和街道", "town", "320507"],
    ["320507001002", "香城花园社区居委会", "village", "320507001"],
    ["320507001003", "古巷社区居委会", "village", "320507001"],
    ["320507001200", "新巷村委会", "village", "320507001"],
    ["320507102", "黄埭镇", "town", "320507"],
    ["320507102203", "鹤泾村委会", "village", "320507102"],
    ["320507102204", "新巷村委会", "village", "320507102"],
]


def csv_of(rows: Sequence[Sequence[object]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def take_units(content: bytes | Sequence[Sequence[object]] = tuple(UNITS), **mapping: str) -> Report:
    """Import these units and commit."""
    content = content if isinstance(content, bytes) else csv_of(content)
    rows = planning.read_rows(intake.read(content), mapping)
    db.session.rollback()
    begin_write()
    report = units.import_units(rows, by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    return report


def take_roster(
    content: bytes | Sequence[Sequence[object]], own: str | None = None, **mapping: str
) -> Report:
    """Import this roster and commit."""
    content = content if isinstance(content, bytes) else csv_of(content)
    rows = roster.read_rows(intake.read(content), mapping)
    db.session.rollback()
    begin_write()
    now = clock.now()
    report = members.import_roster(rows, unit_code=own, today=now.date(), by=COMMAND_LINE, now=now)
    db.session.commit()
    return report


def counts(report: Report) -> tuple[int, ...]:
    """(created, updated, unchanged, refused)."""
    return tuple(report.counts().values())


def reasons(report: Report) -> list[tuple[int, str, str]]:
    """(row, column, words) of each refused row."""
    return [
        (line.row.number, line.reason.column, line.reason.message % line.reason.values)
        for line in report.lines
        if line.reason
    ]


def warnings(report: Report) -> list[tuple[int, str, str]]:
    return [
        (line.row.number, note.column, note.message % note.values)
        for line in report.lines
        for note in line.warnings
    ]
