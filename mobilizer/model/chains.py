"""The chat chain (接龙): a text as it was pasted, and what became of each line, so that a longer version brings only
what is new."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Chain(Base):
    """A pasted text, kept for a few days while its lines are mended and applied. `day`: what lines without one mean."""

    __tablename__ = "chain"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    pasted_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    pasted_at: Mapped[datetime] = mapped_column(Instant, index=True)


class ChainLine(Base):
    """What became of one wish (one person, one shift) of a line. It stays when the text is gone.

    `fingerprint`: a digest of the line without its number, and of which of several equal lines it is. `part`: which of
    the line's wishes. `day`: the local day that it was read for. `reason` (of a refusal alone): its code, text, values.
    """

    __tablename__ = "chain_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    day: Mapped[date] = mapped_column(Date)
    fingerprint: Mapped[str] = mapped_column(String(64))
    part: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    applied_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("call_id", "day", "fingerprint", "part"),
        CheckConstraint("outcome IN ('signed-up', 'waiting', 'given-back', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="reason"),
    )
