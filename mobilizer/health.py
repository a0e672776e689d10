"""Is the process alive, and can it serve: for whatever watches from outside."""

from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from mobilizer import web
from mobilizer.extensions import db

blueprint = Blueprint("health", __name__)


def pending_migrations() -> bool:
    """Whether the database is not at the newest migration. Raises SQLAlchemyError when it cannot be asked."""
    script = ScriptDirectory(f"{current_app.root_path}/migrations")
    context = MigrationContext.configure(db.session.connection())
    return set(context.get_current_heads()) != set(script.get_heads())


@blueprint.get("/healthz")
@web.open_to_all
def healthz() -> Any:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@web.open_to_all
def readyz() -> Any:
    """The database answers and is migrated; otherwise 503 and which of the two it is."""
    try:
        pending = pending_migrations()
    except SQLAlchemyError:
        return {"status": "unavailable", "database": "no answer"}, 503
    if pending:
        return {"status": "unavailable", "migrations": "pending"}, 503
    return {"status": "ok", "database": "ok", "migrations": "ok"}
