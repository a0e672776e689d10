"""Work that takes longer than a request: done by a worker, fetched later by whoever asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Job(Base):
    """`kind` is declared where its work is; `arguments` are plain JSON. A worker claims it by setting `claimed_at`, says
    that it lives by `seen_at`, and leaves a file for the asker to fetch as `file_name` until `forgotten_at`: `size` bytes,
    `stored_as` a random name in the instance folder's jobs/. `attempts` tells one worker's hold from the next. `done` of
    `total` steps. `words`: why it failed, a msgid or a text in the asker's language.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    language: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    forgotten_at: Mapped[datetime | None] = mapped_column(Instant)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    stored_as: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    words: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="status"),
        CheckConstraint("(status IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished"),
        CheckConstraint("done >= 0 AND total >= 0", name="progress"),
        Index(None, "status", "id"),
        Index(None, "member_id", "id"),
    )
