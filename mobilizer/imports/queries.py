"""An uploaded file, for the one who uploaded it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mobilizer.extensions import db
from mobilizer.model import ImportFile
from mobilizer.periods import UPLOADED


@dataclass(frozen=True, slots=True)
class Upload:
    """`report` is there once it is confirmed; `content` is empty from then on."""

    id: int
    token: str
    noun: str
    name: str
    content: bytes
    unit_code: str | None
    mapping: dict[str, str]
    uploaded_at: datetime
    confirmed_at: datetime | None
    report: dict[str, Any] | None


def upload(token: str, nouns: Collection[str], member_id: int, now: datetime) -> Upload | None:
    """The file with one of `nouns` in it that this member uploaded under the token, less than a day ago."""
    row = db.session.execute(
        select(
            ImportFile.id,
            ImportFile.token,
            ImportFile.noun,
            ImportFile.name,
            ImportFile.content,
            ImportFile.unit_code,
            ImportFile.mapping,
            ImportFile.uploaded_at,
            ImportFile.confirmed_at,
            ImportFile.report,
        ).where(
            ImportFile.token == token,
            ImportFile.noun.in_(nouns),
            ImportFile.uploaded_by_id == member_id,
            ImportFile.uploaded_at > now - UPLOADED,
        )
    ).first()
    return Upload(*row) if row else None
