"""Alembic's environment: the application's own engine and metadata, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from mobilizer import model  # noqa: F401  all tables are known
from mobilizer.extensions import WRITER, Base, db


@contextmanager
def tables_can_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which rows that point to it forbid: they are checked at the end instead.

    The pragma does nothing inside a transaction, so it goes to the driver before one begins and after it has ended.
    """
    if connection.dialect.name != "sqlite":
        yield
        connection.commit()
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if pointless := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError(
                f"row {pointless.rowid} of {pointless.table} points to no row of {pointless.parent}"
            )
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys = ON")


def run() -> None:
    if context.is_offline_mode():
        context.configure(
            url=current_app.config["SQLALCHEMY_DATABASE_URI"],
            target_metadata=Base.metadata,
            literal_binds=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        return
    with db.engine.connect().execution_options(**{WRITER: True}) as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
        )
        with tables_can_be_rebuilt(connection), context.begin_transaction():
            context.run_migrations()


run()
