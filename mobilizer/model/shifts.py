"""Shifts and the sign-ups on them. What must hold under load is held here.

Beside the constraints written below, the migrations hold that a member's confirmed sign-ups never overlap:
an exclusion constraint on PostgreSQL, triggers on SQLite. A sign-up carries its shift's times, kept equal by
the composite foreign key (ON UPDATE CASCADE), so that this can be said of one table.

A seat is taken (a confirmed sign-up), held (an offer that waits for its answer), held back until a later moment,
or free. Whoever waits is counted in `waiting`; while anybody does, a free seat is theirs, not the next comer's.
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


class LayOut(Base):
    """Shifts that were laid out in one go, and can be taken back in one go."""

    __tablename__ = "lay_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    shifts: Mapped[int]
    laid_out_at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("undone_at IS NULL OR undone_at >= laid_out_at", name="order"),)


class Shift(Base):
    """call x checkpoint x post x [starts_at, ends_at) x capacity x skill. `taken` counts the confirmed sign-ups.

    `day` is the local day on which it begins. `unit_code` is the checkpoint's. `post` is what is done there
    (registration, night watch), empty where there is only one. The shift is covered from `least` people on.
    `held`: seats kept for whoever was offered one. `held_back`: seats that open only at `held_back_until`.
    `shrink_to`: seats that are given back go away until this capacity is reached. `people_served`: how many residents
    were served, as whoever closed the shift says; None where nobody has said.
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
    held: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    least: Mapped[int] = mapped_column(default=1)
    held_back: Mapped[int] = mapped_column(default=0)
    held_back_until: Mapped[datetime | None] = mapped_column(Instant)
    shrink_to: Mapped[int | None]
    post: Mapped[str] = mapped_column(String(20), default="")
    lay_out_id: Mapped[int | None] = mapped_column(ForeignKey("lay_out.id"), index=True)
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id"))
    status: Mapped[str] = mapped_column(String(10), default="open")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    people_served: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("id", "starts_at", "ends_at"),
        Index(
            "uq_shift_current",
            "call_id",
            "checkpoint_id",
            "starts_at",
            "ends_at",
            "post",
            unique=True,
            sqlite_where=text("status <> 'cancelled'"),
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index(None, "unit_code", "day"),
        Index(None, "day", "unit_code"),
        Index(
            "ix_shift_open",
            "unit_code",
            "day",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_shift_waiting",
            "id",
            sqlite_where=text("waiting > 0"),
            postgresql_where=text("waiting > 0"),
        ),
        CheckConstraint("status IN ('open', 'cancelled', 'closed')", name="status"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("taken >= 0 AND held >= 0 AND taken + held <= capacity", name="taken"),
        CheckConstraint("waiting >= 0", name="waiting"),
        CheckConstraint("least BETWEEN 0 AND capacity", name="least"),
        CheckConstraint("held_back BETWEEN 0 AND capacity", name="held_back"),
        CheckConstraint("(held_back = 0) = (held_back_until IS NULL)", name="held_back_until"),
        CheckConstraint("shrink_to >= 1 AND shrink_to < capacity", name="shrink_to"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("people_served BETWEEN 0 AND 100000", name="people_served"),
    )


class SignUp(Base):
    """A member on a shift. At most one active sign-up for each member and shift.

    An offer is kept until `answer_by`; `asked_by_id` made it (nobody: the waiting list did). With `in_place_of_id` it
    is a hand-over: the seat stays that sign-up's until the offer is accepted; where both are confirmed, the second took
    over inside the shift, and the one seat is counted as the first one's. The waiting list goes by `id`. `waived`: a
    secretary let the branch's limits pass, for a reason that the journal keeps. `cannot_come_at`: the member has told the
    branch, too late to give the seat back, that they cannot come; it is still theirs until the branch takes them off.
    `unverified`: taken with a pass that proves nobody's person yet; the branch's tap or their presence settles it.
    """

    __tablename__ = "sign_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    signed_up_at: Mapped[datetime] = mapped_column(Instant)
    answer_by: Mapped[datetime | None] = mapped_column(Instant)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    in_place_of_id: Mapped[int | None] = mapped_column(ForeignKey("sign_up.id"))
    waived: Mapped[bool] = mapped_column(default=False)
    unverified: Mapped[bool] = mapped_column(default=False)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
    cannot_come_at: Mapped[datetime | None] = mapped_column(Instant)
    cannot_come_why: Mapped[str] = mapped_column(String(200), default="")

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
        CheckConstraint(
            "source IN ('self', 'walk-in', 'offer', 'group', 'hand-over', 'chain')", name="source"
        ),
        CheckConstraint("(status = 'offered') = (answer_by IS NOT NULL)", name="answer_by"),
        Index(
            "uq_sign_up_active",
            "member_id",
            "shift_id",
            unique=True,
            sqlite_where=text(ACTIVE),
            postgresql_where=text(ACTIVE),
        ),
        Index(
            "uq_sign_up_handed_over",
            "in_place_of_id",
            unique=True,
            sqlite_where=text("status = 'offered'"),
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_sign_up_shift", "shift_id", "status"),
        Index(
            "ix_sign_up_answer_by",
            "answer_by",
            sqlite_where=text("status = 'offered'"),
            postgresql_where=text("status = 'offered'"),
        ),
        Index(
            "ix_sign_up_held",
            "member_id",
            "starts_at",
            sqlite_where=text("status = 'confirmed'"),
            postgresql_where=text("status = 'confirmed'"),
        ),
    )
