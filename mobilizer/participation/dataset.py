"""Counts and the anonymised ledger as a described SQLite file, for Datasette.

No name and no phone of a person goes in, no exact time and no free text. A member is a number that is drawn anew for
each dataset, so that two of them cannot be laid side by side; the home branch, which may be very small, stays out.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlite_utils import Database
from sqlite_utils.db import Table

from mobilizer.extensions import Base, db
from mobilizer.model import Branch, Checkpoint, Operation, ServiceRecord, Unit
from mobilizer.participation import queries
from mobilizer.participation.exports import json_figures
from mobilizer.participation.file_notes import definitions
from mobilizer.participation.rules import FIGURES, By, Slice

BATCH = 1000

_UNIT = (str, "Code of the unit")
_OPERATION = (int, "Number of the operation")
_SOURCES: dict[str, type[Base]] = {
    "units": Unit,
    "operations": Operation,
    "branches": Branch,
    "checkpoints": Checkpoint,
}
COLUMNS: dict[str, dict[str, tuple[type, str]]] = {
    "units": {
        "code": (str, "Statistical code; whatever lies below a unit begins with its code"),
        "name": (str, "Name"),
        "level": (str, "district, town, village (village or community) or grid"),
        "parent_code": (str, "Code of the unit above"),
    },
    "operations": {
        "id": (int, "Number"),
        "name": (str, "Name"),
        "kind": (str, "epidemic, flood, typhoon, snow, search, clean-up or other"),
        "unit_code": _UNIT,
        "started_on": (str, "Local day on which it started"),
        "ended_on": (str, "Local day on which it ended, if it has"),
    },
    "branches": {
        "id": (int, "Number"),
        "kind": (str, "standing, action or temporary"),
        "name": (str, "Name"),
        "unit_code": _UNIT,
        "operation_id": _OPERATION,
        "status": (str, "proposed, active, declined or ended"),
        "activated_on": (str, "Local day from which it stood"),
        "ended_on": (str, "Local day on which it ended, if it has"),
    },
    "checkpoints": {
        "id": (int, "Number"),
        "name": (str, "Name"),
        "unit_code": _UNIT,
        "latitude": (float, "WGS 84 degrees"),
        "longitude": (float, "WGS 84 degrees"),
    },
    "service_records": {
        "id": (int, "Number of the ledger entry"),
        "kind": (str, "entry, or reversal of one"),
        "reverses_id": (int, "The entry that a reversal takes back"),
        "member": (int, "A person: a number drawn at random for this dataset only"),
        "branch_id": (int, "The branch whose call was served"),
        "operation_id": _OPERATION,
        "checkpoint_id": (int, "Where"),
        "unit_code": (str, "Code of the checkpoint's unit"),
        "category": (str, "Service category of the call"),
        "day": (str, "Local day on which the shift began"),
        "hour": (int, "Local hour in which the service began, 0 to 23"),
        "source": (str, "What it rests on: shift, by-hand, claim or sheet"),
        "standing": (str, "The person's at that time: full, probationary, applicant or volunteer"),
        "break_minutes": (int, "Minutes of breaks, which the minutes served are without"),
        "minutes": (int, "Minutes served; negative in a reversal, so that every total is a plain sum"),
        "person_times": (int, "1, or -1 in a reversal"),
    },
}
TABLES = {
    "units": "The tree of district, towns, villages and communities, and grids",
    "operations": "The emergencies and campaigns that action and temporary branches serve",
    "branches": "Standing, action and temporary branches, without their people",
    "checkpoints": "The places that shifts are served at",
    "service_records": "The hours ledger, anonymised: entries and reversals, never changed",
    "counts_by_day": "The figures of each day",
    "counts_by_unit": "The figures of each unit with all below it",
    "counts_by_category": "The figures of each service category",
}
KEYS = {name: next(iter(columns)) for name, columns in COLUMNS.items()}
REFERENCES: dict[str, list[tuple[str, str, str]]] = {
    "units": [("parent_code", "units", "code")],
    "operations": [("unit_code", "units", "code")],
    "branches": [("unit_code", "units", "code"), ("operation_id", "operations", "id")],
    "checkpoints": [("unit_code", "units", "code")],
    "service_records": [
        ("reverses_id", "service_records", "id"),
        ("branch_id", "branches", "id"),
        ("operation_id", "operations", "id"),
        ("checkpoint_id", "checkpoints", "id"),
        ("unit_code", "units", "code"),
    ],
}
INDEXES = {"service_records": ("day", "unit_code", "branch_id", "category", "member")}
_COUNTED = {
    By.DAY: ("day", "Local day"),
    By.UNIT: ("unit_code", "Code of the unit, with all below it"),
    By.CATEGORY: ("category", "Service category"),
}


def write(path: Path, *, zone: tzinfo, now: datetime) -> dict[str, int]:
    """Write the dataset into the new file `path`, from one moment; answers the rows of each table."""
    queries.begin_snapshot()
    target = Database(path)
    try:
        with target.atomic():
            for name, rows in _spine(zone).items():
                _fill(_made(target, name), rows)
            for by in _COUNTED:
                _count(target, by, zone)
            _describe(target, now.astimezone(zone))
        target.execute("ANALYZE")
        return {name: target[name].count for name in TABLES}
    finally:
        target.close()


def _made(target: Database, name: str) -> Table:
    table = target.table(name)
    table.create(
        {column: kind for column, (kind, _meaning) in COLUMNS[name].items()},
        pk=KEYS[name],
        foreign_keys=REFERENCES[name],
    )
    for column in INDEXES.get(name, ()):
        table.create_index([column])
    return table


def _fill(table: Table, rows: Iterable[dict[str, Any]]) -> None:
    table.insert_all(rows, batch_size=BATCH)


def _spine(zone: tzinfo) -> dict[str, Iterator[dict[str, Any]]]:
    """The rows of each table, in an order in which whatever is pointed to comes first; days are local."""

    def shown(row: Any) -> dict[str, Any]:
        values: dict[str, Any] = row._asdict()
        for name, value in row._asdict().items():
            if isinstance(value, datetime):
                values[name.replace("_at", "_on")] = value.astimezone(zone).date().isoformat()
            if name.endswith("_at"):
                del values[name]
        return values

    spine = {name: map(shown, _rows(name, model)) for name, model in _SOURCES.items()}
    return spine | {"service_records": _ledger()}


def _ledger() -> Iterator[dict[str, Any]]:
    pseudonyms = _pseudonyms()
    for row in _rows("service_records", ServiceRecord, ServiceRecord.member_id):
        values: dict[str, Any] = row._asdict()
        values["member"] = pseudonyms[values.pop("member_id")]
        values["day"] = row.day.isoformat()
        yield values


def _rows(name: str, model: type[Base], *further: Any) -> Iterator[Any]:
    """The columns that the table and the model share, a day's being the moment's, as they come from the cursor."""
    columns = [
        getattr(model, source)
        for column in COLUMNS[name]
        if hasattr(model, source := re.sub("_on$", "_at", column))
    ]
    statement = select(*columns, *further).order_by(getattr(model, KEYS[name]))
    yield from db.session.execute(statement, execution_options={"yield_per": BATCH})


def _pseudonyms() -> dict[int, int]:
    """Member -> number, in an order that nobody can draw again."""
    members = list(db.session.scalars(select(ServiceRecord.member_id).distinct()))
    secrets.SystemRandom().shuffle(members)
    return {member_id: number for number, member_id in enumerate(members, 1)}


def _count(target: Database, by: By, zone: tzinfo) -> None:
    cut = Slice(by=by)
    days = queries.total(cut).days
    key = _COUNTED[by][0]
    table = target.table(f"counts_by_{by}")
    figures = {each.name: int if each.kind == "integer" else float for each in FIGURES}
    points_to = [("unit_code", "units", "code")] if by == By.UNIT else []
    table.create({key: str, **figures}, pk=key, foreign_keys=points_to)
    for length in (6, 9, 12, 20) if by == By.UNIT else (None,):
        _fill(
            table,
            (
                {key: _plain_key(group.key)} | json_figures(group.figures)
                for group in queries.groups(cut, zone, days, code_length=length)
                if length is None or len(group.key) == length or (length == 20 and len(group.key) > 12)
            ),
        )


def _plain_key(key: Any) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)


def _describe(target: Database, taken_at: datetime) -> None:
    """What each table and column says, in `_descriptions`; a description of no column is the table's own."""
    table = target.table("_descriptions")
    table.create({"table": str, "column": str, "description": str}, pk=("table", "column"))
    lines = [
        ("", "", f"Counts and the anonymised hours ledger of Mobilizer, taken at {taken_at.isoformat()}")
    ]
    lines += [(name, "", text) for name, text in TABLES.items()]
    for name, columns in COLUMNS.items():
        lines += [(name, column, meaning) for column, (_kind, meaning) in columns.items()]
    for by, (key, meaning) in _COUNTED.items():
        said = definitions(by)
        lines.append((f"counts_by_{by}", key, meaning))
        lines += [(f"counts_by_{by}", each.name, said[each.name]) for each in FIGURES]
    _fill(table, ({"table": a, "column": b, "description": c} for a, b, c in lines))
