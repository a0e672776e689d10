"""A real database for every test: SQLite in a folder of its own, or the PostgreSQL server that
MOBILIZER_TEST_DATABASE_URL names; and visitors who use the pages as a browser does."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event, text

from mobilizer import create_app
from mobilizer.extensions import Base, db
from tests.visitor import Visitor

SERVER = os.environ.get("MOBILIZER_TEST_DATABASE_URL", "")
# No test asserts how long something takes, and a busy machine must not do so in its place.
settings.register_profile(
    "patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


class CompiledTemplates(BytecodeCache):
    """Every test has an application of its own; the templates are compiled once for all of them."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


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


@pytest.fixture
def environ(migrated: str, tmp_path: Path) -> dict[str, str]:
    """Settings with an empty, migrated database of this test's own: for server processes as well."""
    if not SERVER:
        copy = tmp_path / "mobilizer.sqlite"
        shutil.copy(migrated.removeprefix("sqlite:///"), copy)
        return environment(tmp_path, f"sqlite:///{copy}")
    with psycopg.connect(migrated, autocommit=True) as connection:
        empty(connection)
    return environment(tmp_path, migrated)


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


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[Flask]:
    """The application, with its context pushed."""
    app = create_app(environ)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=["plain"] if SERVER else ["plain", "htmx"])
def envelope(request: pytest.FixtureRequest) -> str:
    """Every test of a screen runs twice: without JavaScript and as htmx. On PostgreSQL once, as the envelope is put around
    an answer after the database has given it."""
    return str(request.param)


@pytest.fixture
def visit(app: Flask, envelope: str) -> Callable[..., Visitor]:
    """visit() is a stranger, visit("+8619800000001") a member who logs in with the factories' password."""

    def visit(phone: str | None = None, language: str = "en") -> Visitor:
        visitor = Visitor(app.test_client(), htmx=envelope == "htmx", language=language)
        if phone:
            visitor.log_in(phone)
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
