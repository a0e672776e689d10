"""Attendance: whether somebody who was signed up came, from when until when, and how that is known."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant

WAYS = "('roster', 'poster', 'screen-code', 'own-code', 'self')"
CLOCKS = "('server', 'device', 'typed')"
OUT_CLOCKS = "('server', 'device', 'typed', 'proposed')"


class Attendance(Base):
    """One for each confirmed sign-up, made at the first word about it: either absent or checked in.

    `in_way` is what the check-in rests on, `out_way` the check-out: a leader's tick on the roster, the checkpoint's
    poster, the code on the leader's screen, the member's own code; `self`, of check-outs: their own word. `in_clock` says whose time was used: this server's,
    the phone's (said later, after a time without a network; corrected by what its clock was off), or one that was typed;
    of check-outs that were forgotten: `proposed`, the shift's end, as whoever closed the shift confirmed it.
    `in_device_at` is what the phone's own clock showed, `in_received_at` when the server heard of it; the same for out.
    `near` and `distance_m`: whether they were within the branch's radius of the checkpoint, and how far; the place
    itself is not kept. `break_minutes`: time in between that was no service.
    """

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"), unique=True)
    absent: Mapped[bool] = mapped_column(default=False)
    checked_in_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    noted_at: Mapped[datetime] = mapped_column(Instant)
    in_way: Mapped[str | None] = mapped_column(String(12))
    in_clock: Mapped[str | None] = mapped_column(String(8))
    in_device_at: Mapped[datetime | None] = mapped_column(Instant)
    in_received_at: Mapped[datetime | None] = mapped_column(Instant)
    out_way: Mapped[str | None] = mapped_column(String(12))
    out_clock: Mapped[str | None] = mapped_column(String(8))
    out_device_at: Mapped[datetime | None] = mapped_column(Instant)
    out_received_at: Mapped[datetime | None] = mapped_column(Instant)
    near: Mapped[bool | None]
    distance_m: Mapped[int | None]
    break_minutes: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("absent = (checked_in_at IS NULL)", name="absent_or_here"),
        CheckConstraint("checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="order"),
        CheckConstraint("checked_out_at IS NULL OR checked_in_at IS NOT NULL", name="in_before_out"),
        CheckConstraint(f"in_way IN {WAYS}", name="in_way"),
        CheckConstraint(f"out_way IN {WAYS}", name="out_way"),
        CheckConstraint(f"in_clock IN {CLOCKS}", name="in_clock"),
        CheckConstraint(f"out_clock IN {OUT_CLOCKS}", name="out_clock"),
        CheckConstraint("distance_m >= 0", name="distance_m"),
        CheckConstraint("break_minutes >= 0", name="break_minutes"),
        CheckConstraint("(near IS NULL) = (distance_m IS NULL)", name="near"),
    )
