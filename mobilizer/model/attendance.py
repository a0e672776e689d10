"""Attendance: whether somebody who was signed up came, from when until when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Attendance(Base):
    """One for each confirmed sign-up, made at the first word about it: either absent or checked in."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"), unique=True)
    absent: Mapped[bool] = mapped_column(default=False)
    checked_in_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    noted_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("absent = (checked_in_at IS NULL)", name="absent_or_here"),
        CheckConstraint("checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="order"),
        CheckConstraint("checked_out_at IS NULL OR checked_in_at IS NOT NULL", name="in_before_out"),
    )
