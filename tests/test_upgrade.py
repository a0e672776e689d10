"""An upgrade of a database that is in use: what was there before stands afterwards, and holds what the new version asks."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import MetaData, Table, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import Boolean, DateTime, Integer

from mobilizer import create_app
from mobilizer.extensions import begin_write, db, table_of
from mobilizer.hours.chain_queries import Chain, districts
from mobilizer.model import Branch, Member, ServiceRecord
from tests import factories
from tests.conftest import SERVER, environment, made_database
from tests.participation import ledger as entries

EIGHT = datetime(2026, 11, 24, 0, tzinfo=UTC)
"""08:00 in Suzhou."""
HOUR = timedelta(hours=1)


@pytest.fixture
def before_sealing(tmp_path: Path) -> Iterator[Flask]:
    """A database at version 0003: no entry is sealed yet."""
    name = f"mobilizer_test_sealing_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    url = made_database(name) if SERVER else f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app(environment(tmp_path, url))
    with app.app_context():
        upgrade(revision="0003")
        yield app
        db.session.remove()
        db.engine.dispose()


class Old:
    """Rows for tables as they are now, whatever the models say of them."""

    def __init__(self) -> None:
        self.tables = MetaData()
        self.tables.reflect(db.session.connection())
        db.session.rollback()

    def row(self, table: str, **values: Any) -> Any:
        """One row; what is not given and must be there is 0, "" or some moment. Answers its key."""
        into = self.tables.tables[table]
        needed = {column.name: self._some(column) for column in into.columns if not column.nullable}
        needed.pop("id", None)
        row = db.session.execute(insert(into).values(needed | self._plain(into, values)).returning(into))
        return row.one()[0]

    @staticmethod
    def _some(column: Any) -> Any:
        if isinstance(column.type, Boolean):
            return False
        if isinstance(column.type, DateTime):
            return EIGHT.replace(tzinfo=None) if not SERVER else EIGHT
        return 0 if isinstance(column.type, Integer) else ""

    @staticmethod
    def _plain(into: Table, values: dict[str, Any]) -> dict[str, Any]:
        """SQLite's columns, as they are reflected, take moments without a zone."""
        return {
            name: value.replace(tzinfo=None) if isinstance(value, datetime) and not SERVER else value
            for name, value in values.items()
        }


def ledger_of(old: Old) -> tuple[int, int]:
    """Three entries of two districts and the reversal of one; answers a branch and a member."""
    for code, level, above in (
        ("320507", "district", None),
        ("320507001", "town", "320507"),
        ("320508", "district", None),
        ("320508001", "town", "320508"),
    ):
        old.row("unit", code=code, name=code, level=level, parent_code=above)
    place = "320507001"
    times = dict.fromkeys(("answer_minutes", "late_answer_minutes", "offer_minutes", "cut_off_minutes"), 10)
    branch = old.row(
        "branch",
        **times,
        kind="standing",
        unit_code=place,
        name="Branch",
        status="active",
        activated_at=EIGHT,
        day_hours=12,
        poster_enough=True,
    )
    who = old.row("member", name="Li Na", phone="+8619800000001", standing="probationary")
    call = old.row(
        "call",
        branch_id=branch,
        code="abc",
        unit_code=place,
        audience_unit_code=place,
        category="patrol",
        status="published",
        published_at=EIGHT,
        closes_at=EIGHT + 30 * HOUR,
    )
    checkpoint = old.row("checkpoint", unit_code=place, name="East gate")
    said = {
        "kind": "entry",
        "member_id": who,
        "branch_id": branch,
        "category": "patrol",
        "day": date(2026, 11, 24),
        "person_times": 1,
        "minutes": 120,
    }
    for where, first in ((place, 0), ("320508001", 2), (place, 4)):
        times = {"starts_at": EIGHT + first * HOUR, "ends_at": EIGHT + (first + 2) * HOUR}
        shift = old.row(
            "shift",
            **times,
            call_id=call,
            checkpoint_id=checkpoint,
            unit_code=where,
            day=date(2026, 11, 24),
            capacity=1,
            taken=1,
            status="closed",
            closed_at=EIGHT + 9 * HOUR,
        )
        sign_up = old.row(
            "sign_up", **times, shift_id=shift, member_id=who, status="confirmed", source="self"
        )
        last = said | times | {"unit_code": where, "shift_id": shift, "sign_up_id": sign_up}
        record = old.row("service_record", **last)
    turned = {"kind": "reversal", "reverses_id": record, "minutes": -120, "person_times": -1}
    old.row("service_record", **last | turned)
    return branch, who


def test_entries_from_before_are_sealed_and_whole_and_new_ones_follow_on(before_sealing: Flask) -> None:
    begin_write()
    branch, who = ledger_of(Old())
    db.session.commit()
    upgrade()
    assert districts() == ["320507", "320508"]
    for district, count in (("320507", 3), ("320508", 1)):
        chain = Chain(district)
        assert (list(chain.faults()), chain.read) == ([], count)
    rows = factories.rows(select(table_of(ServiceRecord)).order_by(ServiceRecord.id))
    assert [(row.district_code, row.position) for row in rows] == [
        ("320507", 1),
        ("320508", 1),
        ("320507", 2),
        ("320507", 3),
    ]
    assert [row.hour for row in rows] == [8, 10, 12, 12]
    assert {(row.source, row.standing, row.break_minutes) for row in rows} == {("shift", "probationary", 0)}
    begin_write()
    entries.write(entries.values(db.session.get_one(Member, who), db.session.get_one(Branch, branch)))
    db.session.commit()
    chain = Chain("320507")
    assert (list(chain.faults()), chain.read) == ([], 4)
    db.session.rollback()


def test_the_ledger_is_guarded_again_after_it_was_sealed(before_sealing: Flask) -> None:
    begin_write()
    ledger_of(Old())
    db.session.commit()
    upgrade()
    for change in (
        ServiceRecord.__table__.update().values(minutes=1),
        ServiceRecord.__table__.delete(),
    ):
        begin_write()
        with pytest.raises(IntegrityError):
            db.session.execute(change)
        db.session.rollback()
