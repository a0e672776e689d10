"""Keeping an uploaded file until it is confirmed, and confirming it."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import ImportFile, Unit
from mobilizer.policy import Actor


def keep(noun: str, name: str, content: bytes, *, unit_code: str | None, by: Actor, now: datetime) -> str:
    """Keep the upload for its preview; answers its token.

    Refused: a unit that there is not.
    """
    _check_unit(unit_code)
    token = secrets.token_urlsafe(24)
    db.session.execute(
        insert(ImportFile).values(
            token=token,
            noun=noun,
            name=name[:200],
            content=content,
            unit_code=unit_code,
            mapping={},
            uploaded_by_id=by.member_id,
            uploaded_at=now,
        )
    )
    return token


def set_columns(upload_id: int, mapping: Mapping[str, str], unit_code: str | None) -> None:
    """Which column is which, and the file's own unit. Refused once it is confirmed, and for an unknown unit."""
    _check_unit(unit_code)
    changed = db.session.scalar(
        update(ImportFile)
        .where(ImportFile.id == upload_id, ImportFile.confirmed_at.is_(None))
        .values(mapping=dict(mapping), unit_code=unit_code)
        .returning(ImportFile.id)
    )
    if changed is None:
        raise Refused("import-confirmed", N_("This file has been imported already."))


def confirm(upload_id: int, take: Callable[[], dict[str, Any]], *, now: datetime) -> bool:
    """Mark the file confirmed and run `take`, which imports it and answers the report to keep; empty the content.

    Answers False, and does nothing, when it was confirmed before. `take` runs in the same transaction.
    """
    mine = db.session.scalar(
        update(ImportFile)
        .where(ImportFile.id == upload_id, ImportFile.confirmed_at.is_(None))
        .values(confirmed_at=now, content=b"")
        .returning(ImportFile.id)
    )
    if mine is None:
        return False
    report = take()
    db.session.execute(update(ImportFile).where(ImportFile.id == upload_id).values(report=report))
    return True


def discard(upload_id: int) -> None:
    """Delete the file, with all that is kept of it."""
    db.session.execute(delete(ImportFile).where(ImportFile.id == upload_id))


def _check_unit(unit_code: str | None) -> None:
    if unit_code and db.session.scalar(select(Unit.code).where(Unit.code == unit_code)) is None:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="unit", code=unit_code[:40]
        )
