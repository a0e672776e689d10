"""The Flask extensions, made bare here and bound in create_app, and how a database connection is opened."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any, TypeVarTuple, overload

from flask_compress import Compress
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import CursorResult, Engine, Executable, MetaData, Table, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.selectable import TypedReturnsRows

from mobilizer.languages import TwoLanguages

Ts = TypeVarTuple("Ts")

WRITER = "mobilizer_writer"
"""Execution option of a connection whose transaction will write: SQLite begins it IMMEDIATE."""

AT_ONCE = "at once"
"""Its value for who would rather not write than wait."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate(db=db, render_as_batch=True)
login_manager = LoginManager()
csrf = CSRFProtect()
compress = Compress()
babel = TwoLanguages()


def table_of(entity: type[Base]) -> Table:
    """The table itself: statements on it go past the unit of work, which has nothing to do in an action."""
    table = entity.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{entity.__name__} is not mapped to a table")
    return table


@overload
def run(statement: TypedReturnsRows[*Ts], parameters: Any = None) -> CursorResult[*Ts]: ...
@overload
def run(statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]: ...
def run(statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement whose rows are tuples, on the session's own connection: past the unit of work, which costs as
    much again as the statement itself."""
    return db.session.connection().execute(statement, parameters)


def begin_write() -> None:
    """End what the session has read so far and open a writer's transaction. First act of whatever writes.

    On SQLite the write lock is taken here (BEGIN IMMEDIATE, waiting up to the busy time), so that what is
    read afterwards cannot be changed by another writer before commit. On PostgreSQL rows are locked by the
    statements themselves and this is a plain begin.
    """
    db.session.rollback()
    db.session.connection(execution_options={WRITER: True})


def begin_write_if_free() -> bool:
    """The same for what may as well wait until next time: False where another is writing just now, and never a wait."""
    db.session.rollback()
    try:
        db.session.connection(execution_options={WRITER: AT_ONCE})
    except (BlockingIOError, DBAPIError):
        db.session.rollback()
        return False
    return True


def listen_to(engine: Engine, *, busy_ms: int, synchronous: str) -> None:
    """Set up each new SQLite connection of `engine`; does nothing on PostgreSQL.

    SQLite's busy time is not a queue: among many writers one may wait in vain while others pass. So writers, of all
    threads and processes, first wait for their turn at a lock file beside the database.
    """
    if engine.dialect.name != "sqlite":
        return
    database = Path(engine.url.database or "")
    turn = f"{database}.turn"
    if database.parent.is_dir():
        database.touch(mode=0o600)  # SQLite would make it readable to all; its journal takes over the mode

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own accord
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_ms)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        wanted = connection.get_execution_options().get(WRITER, False)
        if not wanted:
            connection.exec_driver_sql("BEGIN")
            return
        if WRITER not in connection.connection.info:  # it keeps its turn from one transaction to the next
            connection.connection.info[WRITER] = _turn(turn, wait=wanted != AT_ONCE)
        if wanted != AT_ONCE:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(busy_ms)}")

    @event.listens_for(engine, "checkin")
    def give_turn_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        if (held := record.info.pop(WRITER, None)) is not None:
            os.close(held)


def _turn(path: str, *, wait: bool) -> int:
    """The descriptor of the locked file; closing it, or the end of the process, gives the turn to the next. Without
    `wait`: BlockingIOError if it is another's."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
