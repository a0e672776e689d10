"""Alembic's environment: the application's own engine and metadata, on SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

from mobilizer import model  # noqa: F401  all tables are known
from mobilizer.extensions import Base, db


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
    with db.engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
