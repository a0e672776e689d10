"""What a member was told, latest first."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from mobilizer.extensions import db
from mobilizer.model import Notice

PAGE = 30


class NoticeLine(NamedTuple):
    id: int
    kind: str
    shift_id: int | None
    details: dict[str, Any]
    written_at: datetime
    seen_at: datetime | None


def of_member(member_id: int, *, page: int = 1, limit: int = PAGE) -> list[NoticeLine]:
    """One row more than `limit` says that there is a next page."""
    rows = db.session.execute(
        select(Notice.id, Notice.kind, Notice.shift_id, Notice.details, Notice.written_at, Notice.seen_at)
        .where(Notice.member_id == member_id)
        .order_by(Notice.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )
    return [NoticeLine._make(row) for row in rows]
