"""What the database itself holds: the migrations give exactly the models, and the last word is the database's.

On SQLite and on PostgreSQL alike; what only one of them has is said so.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import CheckConstraint, delete, event, insert, inspect, text, update
from sqlalchemy.exc import IntegrityError

from mobilizer import clock, create_app, journal
from mobilizer.extensions import Base, begin_write, db
from mobilizer.model import (
    JournalEntry,
    LedgerHead,
    Member,
    ServiceClaim,
    ServiceRecord,
    Shift,
    SignUp,
    Unit,
)
from mobilizer.policy import COMMAND_LINE
from tests import factories
from tests.conftest import SERVER, environment, made_database
from tests.participation import ledger as entries

MIGRATIONS = Path(__file__).resolve().parent.parent / "mobilizer" / "migrations"
sqlite_only = pytest.mark.skipif(bool(SERVER), reason="says something of SQLite only")
postgres_only = pytest.mark.skipif(not SERVER, reason="says something of PostgreSQL only")


# --- the migrations are the models ---------------------------------------------------------------------------


def differences() -> list[str]:
    """Between the database and the models: tables, columns, types, indexes, keys, and the names of the checks."""
    connection = db.session.connection()

    def ours(_thing: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        return not (reflected and (name == "alembic_version" or (name or "").startswith("ex_")))

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
    found = [str(each) for each in compare_metadata(context, Base.metadata)]
    inspector = inspect(connection)
    for name, table in Base.metadata.tables.items():
        there = {check["name"] for check in inspector.get_check_constraints(name)}
        wanted = {check.name for check in table.constraints if isinstance(check, CheckConstraint)}
        if there != wanted:
            found.append(f"{name}: checks {sorted(map(str, there ^ wanted))}")
    db.session.rollback()
    return found


def test_the_migrations_give_exactly_the_models(app: Flask) -> None:
    assert differences() == []
    assert len(Base.metadata.tables) > 15


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_shift_ends_at",
        "ALTER TABLE unit ADD COLUMN colour VARCHAR(10)",
        "CREATE TABLE stray (id INTEGER)",
    ],
)
def test_a_difference_is_found(app: Flask, change: str) -> None:
    begin_write()
    db.session.execute(text(change))
    # In the same transaction, which is then given back: the test's database stays as it was.
    context = MigrationContext.configure(db.session.connection(), opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata)
    db.session.rollback()
    assert differences() == []


def test_there_is_one_way_up() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_an_empty_database_is_brought_up_and_a_second_time_left_alone(tmp_path: Path) -> None:
    name = f"mobilizer_test_upgrade_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    url = made_database(name) if SERVER else f"sqlite:///{tmp_path / 'new.sqlite'}"
    app = create_app(environment(tmp_path, url))
    with app.app_context():
        upgrade()
        factories.unit("320507")
        upgrade()
        assert factories.count_of(Unit) == 1
        assert differences() == []
        db.session.remove()
        db.engine.dispose()


# --- the last word is the database's -------------------------------------------------------------------------


def refused(act: Callable[[], Any]) -> bool:
    """Whether the database does not let it happen; whatever it did is given back."""
    db.session.rollback()
    begin_write()
    try:
        act()
        db.session.flush()
    except IntegrityError:
        return True
    finally:
        db.session.rollback()
    return False


def run(statement: Any) -> Callable[[], Any]:
    return lambda: db.session.execute(statement)


@pytest.fixture
def taken(app: Flask) -> tuple[Member, Shift, SignUp]:
    """Somebody who holds a shift from 8 to 16."""
    who, shift = factories.member(), factories.shift()
    return who, shift, factories.sign_up(shift, who)


def confirmed(shift: Shift, who: Member, **values: Any) -> Any:
    given = {
        "shift_id": shift.id,
        "member_id": who.id,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "status": "confirmed",
        "source": "self",
        "signed_up_at": clock.now(),
    }
    return insert(SignUp).values(**(given | values))


@pytest.mark.parametrize(
    ("begins", "hours", "overlaps"),
    [(8, 8, True), (9, 1, True), (6, 3, True), (15, 4, True), (6, 12, True), (16, 8, False), (0, 8, False)],
)
def test_nobody_holds_two_shifts_at_once(
    taken: tuple[Member, Shift, SignUp], begins: int, hours: int, overlaps: bool
) -> None:
    who, shift, _ = taken
    start = shift.starts_at + timedelta(hours=begins - 8)
    other = factories.shift(starts_at=start, hours=hours)
    assert refused(run(confirmed(other, who))) is overlaps
    assert not refused(run(confirmed(other, factories.member())))
    assert not refused(run(confirmed(other, who, status="waitlisted")))


def test_nor_by_changing_one_into_another(taken: tuple[Member, Shift, SignUp]) -> None:
    who, shift, _ = taken
    waiting = factories.sign_up(factories.shift(starts_at=shift.starts_at), who, status="waitlisted")
    becomes = update(SignUp).where(SignUp.id == waiting.id)
    assert refused(run(becomes.values(status="confirmed")))
    assert not refused(run(becomes.values(status="cancelled")))


def test_nobody_signs_up_twice_for_one_shift(taken: tuple[Member, Shift, SignUp]) -> None:
    who, shift, sign_up = taken
    assert refused(run(confirmed(shift, who, status="waitlisted")))
    give_back = update(SignUp).where(SignUp.id == sign_up.id).values(status="cancelled")

    def both() -> None:
        db.session.execute(give_back)
        db.session.execute(confirmed(shift, who))

    assert not refused(both)


def test_a_shift_never_has_more_seats_taken_than_it_has(taken: tuple[Member, Shift, SignUp]) -> None:
    shift = update(Shift).where(Shift.id == taken[1].id)
    assert refused(run(shift.values(taken=6)))
    assert refused(run(shift.values(taken=-1)))
    assert refused(run(shift.values(capacity=0)))
    assert not refused(run(shift.values(taken=5)))


def test_a_sign_up_has_the_times_of_its_shift(taken: tuple[Member, Shift, SignUp]) -> None:
    _, shift, sign_up = taken
    later = shift.ends_at + timedelta(hours=1)
    assert refused(run(update(SignUp).where(SignUp.id == sign_up.id).values(ends_at=later)))
    begin_write()
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(ends_at=later))
    db.session.commit()
    assert factories.scalar(SignUp.__table__.select().with_only_columns(SignUp.ends_at)) == later


def test_what_points_somewhere_points_at_something(app: Flask) -> None:
    unit = {"code": "320507999", "name": "Nowhere", "level": "town"}
    assert refused(run(insert(Unit).values(**unit, parent_code="999999")))
    factories.unit("320507")
    assert not refused(run(insert(Unit).values(**unit, parent_code="320507")))


@pytest.fixture
def written(taken: tuple[Member, Shift, SignUp]) -> None:
    """A row in each of the two books that are only ever written on at the end."""
    who, shift, sign_up = taken
    branch = factories.branch(shift.unit_code)
    begin_write()
    values = entries.values(who, branch, unit_code=shift.unit_code)
    entries.write(
        values | {"source": "shift", "sign_up_id": sign_up.id, "shift_id": shift.id, "reference": None}
    )
    journal.write("shift.closed", shift.id, by=COMMAND_LINE, now=clock.now())
    db.session.commit()


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("book", "change"), [(ServiceRecord, {"minutes": 600}), (JournalEntry, {"subject": "somebody else"})]
)
def test_the_ledger_and_the_journal_are_only_added_to(book: Any, change: dict[str, Any]) -> None:
    assert factories.count_of(book) > 0
    assert refused(run(update(book).values(**change)))
    assert refused(run(delete(book)))
    assert factories.count_of(book) > 0


@pytest.mark.usefixtures("written")
def test_the_head_of_a_chain_is_not_removed_and_only_moves_on(app: Flask) -> None:
    assert refused(run(delete(LedgerHead)))
    assert refused(run(update(LedgerHead).values(position=0)))
    assert refused(run(update(LedgerHead).values(hash="0" * 64)))
    assert not refused(run(update(LedgerHead).values(position=2)))


@pytest.mark.parametrize(
    ("decides", "needs_second", "stands"),
    [("other", True, True), ("maker", True, False), ("server", True, False), ("maker", False, True)],
)
def test_a_second_yes_is_neither_the_makers_nor_theirs_who_served(
    app: Flask, decides: str, needs_second: bool, stands: bool
) -> None:
    branch = factories.branch()
    who = {name: factories.member(branch).id for name in ("server", "maker", "other")}
    claim = {
        "source": "by-hand",
        "member_id": who["server"],
        "branch_id": branch.id,
        "unit_code": branch.unit_code,
        "category": "patrol",
        "starts_at": factories.tomorrow(8),
        "ends_at": factories.tomorrow(9),
        "break_minutes": 0,
        "why": "Was asked on the spot",
        "needs_second": needs_second,
        "made_by_id": who["maker"],
        "made_at": clock.now(),
        "status": "accepted",
        "decided_by_id": who[decides],
        "decided_at": clock.now(),
        "decision": "",
    }
    assert refused(run(insert(ServiceClaim).values(**claim))) is not stands


@pytest.mark.usefixtures("written")
def test_an_entry_is_reversed_once(app: Flask) -> None:
    columns = [column for column in ServiceRecord.__table__.columns if column.name != "id"]
    entry = factories.rows(ServiceRecord.__table__.select().with_only_columns(ServiceRecord.id, *columns))[0]
    values = {column.name: getattr(entry, column.name) for column in columns}
    reversal = values | {
        "kind": "reversal",
        "reverses_id": entry.id,
        "minutes": -480,
        "person_times": -1,
        "position": 2,
    }

    def twice() -> None:
        db.session.execute(insert(ServiceRecord).values(**reversal))
        db.session.execute(insert(ServiceRecord).values(**(reversal | {"turn": 1, "position": 3})))

    assert not refused(run(insert(ServiceRecord).values(**reversal)))
    assert refused(twice)
    assert refused(run(insert(ServiceRecord).values(**(reversal | {"minutes": 480}))))


# --- how a connection is opened ------------------------------------------------------------------------------


@sqlite_only
@pytest.mark.parametrize(("chosen", "level"), [(None, 2), ("FULL", 2), ("NORMAL", 1), ("EXTRA", 3)])
def test_a_sqlite_connection_is_set_up(environ: dict[str, str], chosen: str | None, level: int) -> None:
    environ.pop("MOBILIZER_SQLITE_SYNCHRONOUS")
    environ |= {"MOBILIZER_SQLITE_BUSY_MS": "1234"}
    environ |= {"MOBILIZER_SQLITE_SYNCHRONOUS": chosen} if chosen else {}
    app = create_app(environ)
    with app.app_context():
        asked = {
            name: db.session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        db.session.remove()
        db.engine.dispose()
    assert asked == {"journal_mode": "wal", "synchronous": level, "foreign_keys": 1, "busy_timeout": 1234}


@sqlite_only
def test_a_writer_locks_before_it_reads(app: Flask) -> None:
    begun: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    db.session.execute(text("SELECT 1"))
    db.session.rollback()
    begin_write()
    db.session.rollback()
    assert begun == ["BEGIN", "BEGIN IMMEDIATE"]


@sqlite_only
def test_the_triggers_are_there_on_sqlite(app: Flask) -> None:
    found = factories.rows(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    assert {row.name for row in found} == {
        "sign_up_overlap_insert",
        "sign_up_overlap_update",
        "service_record_no_update",
        "service_record_no_delete",
        "ledger_head_no_delete",
        "ledger_head_no_return",
        "journal_entry_no_update",
        "journal_entry_no_delete",
    }


@postgres_only
def test_the_constraint_and_the_triggers_are_there_on_postgresql(app: Flask) -> None:
    triggers = factories.rows(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    assert {row.tgname for row in triggers} == {
        "service_record_append_only",
        "journal_entry_append_only",
        "ledger_head_no_delete",
        "ledger_head_no_return",
    }
    excluded = factories.rows(text("SELECT conname FROM pg_constraint WHERE contype = 'x'"))
    assert [row.conname for row in excluded] == ["ex_sign_up_overlap"]
