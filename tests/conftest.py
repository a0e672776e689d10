"""A real database for every test: SQLite in a folder of its own, or the PostgreSQL server that
MOBILIZER_TEST_DATABASE_URL names; and visitors who use the pages as a browser does."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from sqlalchemy import event, text

from mobilizer import create_app
from mobilizer.accounts import passwords
from mobilizer.extensions import Base, db
from tests.visitor import Visitor

SERVER = os.environ.get("MOBILIZER_TEST_DATABASE_URL", "")
ENVELOPES = ("plain", "htmx")
# No test asserts how long something takes, and a busy machine must not do so in its place.
settings.register_profile(
    "patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")
# Hundreds of tests log in. The figures stand in the hash, so a server that checks one of these is as quick; that the real
# ones are the default, tests/accounts/test_passwords.py asks of a process without this line.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_report_header() -> str:
    return f"The tests of screens run {' and as '.join(chosen_envelopes())}, on {'PostgreSQL' if SERVER else 'SQLite'}."


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL what asks no database, or is marked as saying nothing of one, is left to the run on SQLite. What takes
    long comes first: begun last, it would leave the other processes with nothing to do."""
    config.hook.pytest_deselected(items=[item for item in items if not in_chosen_envelope(item)])
    items[:] = sorted(filter(in_chosen_envelope, items), key=lambda item: not is_long(item))
    for item in items if SERVER else ():
        if is_once(item):
            item.add_marker(pytest.mark.skip(reason="says nothing of the database: runs on SQLite alone"))


def is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("browser", "slow"))


def is_once(item: pytest.Item) -> bool:
    """Whether it has to run on one database only. A module that makes databases itself asks them without a fixture."""
    asks = "migrated" in getattr(item, "fixturenames", ()) or hasattr(
        getattr(item, "module", None), "made_database"
    )
    return not asks or item.get_closest_marker("once") is not None


def chosen_envelopes() -> tuple[str, ...]:
    chosen = os.environ.get("MOBILIZER_TEST_ENVELOPE", "")
    if chosen and chosen not in ENVELOPES:
        raise pytest.UsageError(f"MOBILIZER_TEST_ENVELOPE is {chosen!r}; it may be {' or '.join(ENVELOPES)}")
    return (chosen,) if chosen else ENVELOPES[:1] if SERVER else ENVELOPES


def in_chosen_envelope(item: pytest.Item) -> bool:
    """Of what runs on both databases; what runs once does so in every envelope."""
    parameters = getattr(item, "callspec", None)
    envelope = parameters.params.get("envelope") if parameters else None
    return envelope is None or envelope in chosen_envelopes() or is_once(item)


@dataclass(frozen=True)
class Ground:
    """What the tests of one process stand on, one after the other."""

    settings: dict[str, str]
    clear: Callable[[], None]
    """Leaves the database migrated and empty."""


def environment(instance: Path, database_url: str | None = None) -> dict[str, str]:
    """The settings of an application under test."""
    environ = {
        "MOBILIZER_INSTANCE_PATH": str(instance),
        "MOBILIZER_HTMX": "local",
        "MOBILIZER_SQLITE_SYNCHRONOUS": "NORMAL",
    }
    return environ | ({"MOBILIZER_DATABASE_URL": database_url} if database_url else {})


def made_database(name: str) -> str:
    """A new, empty database of this name on the PostgreSQL server; answers its address."""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        # What a test commits need not outlive the server; who else reads it sees it at once all the same.
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return SERVER.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database, made once: a SQLite file to copy, or a PostgreSQL database to empty."""
    folder = tmp_path_factory.mktemp("migrated")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = made_database(f"mobilizer_test_{worker}") if SERVER else f"sqlite:///{folder / 'template.sqlite'}"
    app = create_app(environment(folder, url))
    with app.app_context():
        upgrade()
        if not SERVER:
            db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()
    return url


@pytest.fixture(scope="session")
def ground(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("ground")
    if SERVER:
        with psycopg.connect(migrated, autocommit=True) as connection:
            yield Ground(environment(folder, migrated), partial(empty, connection))
    else:
        template, database = Path(migrated.removeprefix("sqlite:///")), folder / "mobilizer.sqlite"
        yield Ground(environment(folder, f"sqlite:///{database}"), partial(copied, template, database))


@pytest.fixture
def environ(ground: Ground) -> dict[str, str]:
    """Settings with an empty, migrated database of this test's own: for server processes as well."""
    ground.clear()
    return dict(ground.settings)


def copied(template: Path, database: Path) -> None:
    """A new file each time: whoever still holds the last test's open does not see this one."""
    for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
        database.with_name(name).unlink(missing_ok=True)
    shutil.copy(template, database)


def empty(connection: psycopg.Connection[Any]) -> None:
    """Every table empty, every number from 1. TRUNCATE makes a new file for each table and index, which takes thirty
    times as long as deleting a test's few rows; but only a superuser may delete past the triggers."""
    tables = [f'"{table}"' for table in Base.metadata.tables]
    filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    numbered = [f'"{name}"' for name, table in Base.metadata.tables.items() if "id" in table.columns]
    try:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for (table,) in connection.execute(filled).fetchall():
                connection.execute(f"DELETE FROM {table}")
            restarts = ", ".join(
                f"setval(pg_get_serial_sequence('{table}', 'id'), 1, false)" for table in numbered
            )
            connection.execute(f"SELECT {restarts}")
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


APPS: dict[frozenset[tuple[str, str]], Flask] = {}


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[Flask]:
    """The application, with its context pushed. One serves all tests with the same settings, as it serves all requests of
    a server; what a test changes in its configuration is taken back."""
    settings = frozenset(environ.items())
    if settings not in APPS:
        APPS[settings] = create_app(environ)
        APPS[settings].config["PROPAGATE_EXCEPTIONS"] = True
    app = APPS[settings]
    configured = dict(app.config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.config.clear()
    app.config.update(configured)


@pytest.fixture(params=ENVELOPES)
def envelope(request: pytest.FixtureRequest) -> str:
    """Every test of a screen runs twice: without JavaScript and as htmx. On PostgreSQL once, as the envelope is put around
    an answer after the database has given it; .ci/run, which runs on both, asks for the one on the one and the other on the
    other."""
    return str(request.param)


@pytest.fixture
def visit(app: Flask, envelope: str) -> Callable[..., Visitor]:
    """visit() is a stranger, visit("+8619800000001") a member who logs in with the factories' password."""

    def visit(phone: str | None = None, language: str = "en") -> Visitor:
        visitor = Visitor(app.test_client(), htmx=envelope == "htmx", language=language)
        if phone:
            visitor.come_in(phone)
        return visitor

    return visit


@pytest.fixture
def count_queries(app: Flask) -> Callable[[Callable[[], object]], int]:
    """How many statements the database was asked while something was done."""

    def count(act: Callable[[], object]) -> int:
        asked: list[str] = []

        def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            act()
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return len([each for each in asked if not each.startswith(("BEGIN", "PRAGMA"))])

    return count
