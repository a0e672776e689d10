"""The hours ledger. Rows are written once; the migrations hold by triggers that none is changed or deleted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class ServiceRecord(Base):
    """One entry: who, where, which category, [starts_at, ends_at), minutes; or the reversal of one.

    An entry carries `person_times` 1 and its minutes; its reversal -1 and the same minutes negative, so that
    every total is a plain sum. `day` is the local day on which the shift began: who comes after midnight belongs
    to the same night. `unit_code` is the checkpoint's, `branch_id` the branch whose call it was, `home_branch_id`
    the member's at that time. `turn` numbers the writings of one sign-up: 0 first, 1 after a reversal, and so on.
    """

    __tablename__ = "service_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"), unique=True)
    sign_up_id: Mapped[int | None] = mapped_column(ForeignKey("sign_up.id"))
    turn: Mapped[int] = mapped_column(default=0)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    home_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"))
    category: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    minutes: Mapped[int]
    person_times: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))

    __table_args__ = (
        UniqueConstraint("sign_up_id", "kind", "turn"),
        CheckConstraint("kind IN ('entry', 'reversal')", name="kind"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses"),
        CheckConstraint(
            "CASE kind WHEN 'entry' THEN person_times = 1 AND minutes >= 0 "
            "ELSE person_times = -1 AND minutes <= 0 END",
            name="sign",
        ),
        CheckConstraint("starts_at <= ends_at", name="order"),
        Index(None, "unit_code", "day"),
        Index(None, "day"),
        Index(None, "member_id", "day"),
    )
