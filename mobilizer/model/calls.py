"""Calls: a secretary's published request for volunteers; and who asks to join one without being on the roster."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class Call(Base):
    """`code` is the short link's. `kit` is what to bring and what is handed out. The audience is a unit with all below it, or one branch, never both. `quick_join`: whoever has the link may enter with name and phone number.

    Dangerous work cannot be published without the insurance marked (Regulations on Volunteer Service, 2017,
    Art. 17), and content and risks are stated (Art. 12).
    """

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    title: Mapped[str] = mapped_column(String(100))
    content: Mapped[str] = mapped_column(Text)
    risks: Mapped[str] = mapped_column(Text)
    kit: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(20))
    dangerous: Mapped[bool] = mapped_column(default=False)
    insured: Mapped[bool] = mapped_column(default=False)
    quick_join: Mapped[bool] = mapped_column(default=False)
    audience_unit_code: Mapped[str | None] = mapped_column(
        unit_code_type(), ForeignKey("unit.code"), index=True
    )
    audience_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'closed')", name="status"),
        CheckConstraint("opens_at < closes_at", name="order"),
        CheckConstraint("(audience_unit_code IS NULL) <> (audience_branch_id IS NULL)", name="audience"),
        CheckConstraint("status <> 'published' OR insured OR NOT dangerous", name="insured"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published"),
    )


class Newcomer(Base):
    """Somebody who entered a call with a name and a phone number that are not on the roster, pending the village's yes.
    `shift_id` is what they would take; `member_id` whom the yes has made or recognised."""

    __tablename__ = "newcomer"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    name: Mapped[str] = mapped_column(String(50))
    phone: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'accepted', 'declined')", name="status"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("status <> 'accepted' OR member_id IS NOT NULL", name="accepted"),
        Index(
            "uq_newcomer_pending",
            "call_id",
            "phone",
            "name",
            unique=True,
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
    )
