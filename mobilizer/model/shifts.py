"""Shifts and the sign-ups on them. What must hold under load is held here.

Beside the constraints written below, the migrations hold that a member's confirmed sign-ups never overlap:
an exclusion constraint on PostgreSQL, triggers on SQLite. A sign-up carries its shift's times, kept equal by
the composite foreign key (ON UPDATE CASCADE), so that this can be said of one table.
"""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type

ACTIVE = "status IN ('offered', 'confirmed', 'waitlisted')"


class Shift(Base):
    """call x checkpoint x [starts_at, ends_at) x capacity x skill. `taken` counts the confirmed sign-ups.

    `day` is the local day on which it begins. `unit_code` is the checkpoint's.
    """

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"), index=True)
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"))
    day: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id"))
    status: Mapped[str] = mapped_column(String(10), default="open")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("id", "starts_at", "ends_at"),
        UniqueConstraint("call_id", "checkpoint_id", "starts_at", "ends_at"),
        Index(None, "unit_code", "day"),
        CheckConstraint("status IN ('open', 'cancelled', 'closed')", name="status"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )


class SignUp(Base):
    """A member on a shift. At most one active sign-up for each member and shift."""

    __tablename__ = "sign_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    signed_up_at: Mapped[datetime] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(
            ["shift_id", "starts_at", "ends_at"],
            ["shift.id", "shift.starts_at", "shift.ends_at"],
            name="fk_sign_up_shift_times",
            onupdate="CASCADE",
        ),
        CheckConstraint(
            "status IN ('offered', 'confirmed', 'waitlisted', 'cancelled', 'withdrawn', 'expired')",
            name="status",
        ),
        CheckConstraint("source IN ('self', 'walk-in')", name="source"),
        Index(
            "uq_sign_up_active",
            "member_id",
            "shift_id",
            unique=True,
            sqlite_where=text(ACTIVE),
            postgresql_where=text(ACTIVE),
        ),
        Index("ix_sign_up_shift", "shift_id", "status"),
        Index(
            "ix_sign_up_held",
            "member_id",
            "starts_at",
            sqlite_where=text("status = 'confirmed'"),
            postgresql_where=text("status = 'confirmed'"),
        ),
    )
