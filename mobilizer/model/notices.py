"""Notices: what a member is told. Written by an action in its own transaction; how it is sent is not its concern."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Notice(Base):
    """`kind` is declared in mobilizer.notices, with its text; `details` are the text's values, plain JSON."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(40))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_notice_of", "member_id", "seen_at", "id"),)
