"""Who is logged in, who may do what where, and which requests have been answered already."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class LogIn(Base):
    """One device's log-in. The cookie holds a token of which only the SHA-256 is kept here."""

    __tablename__ = "log_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class LogInFailure(Base):
    """A failed log-in, kept for the throttle only: both columns are keyed hashes, no phone and no address."""

    __tablename__ = "log_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)

    __table_args__ = (Index(None, "account", "address", "at"),)


class Appointment(Base):
    """A member's role over a unit (with all below it) or over one branch; an administrator's over everything."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    unit_code: Mapped[str | None] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(
            "role IN ('secretary', 'deputy-secretary', 'committee-member', 'coordinator', 'administrator')",
            name="role",
        ),
        CheckConstraint(
            "CASE WHEN role = 'administrator' THEN unit_code IS NULL AND branch_id IS NULL "
            "ELSE (unit_code IS NULL) <> (branch_id IS NULL) END",
            name="place",
        ),
        Index(
            "uq_appointment_current_unit",
            "member_id",
            "role",
            "unit_code",
            unique=True,
            sqlite_where=text("ends_at IS NULL AND unit_code IS NOT NULL"),
            postgresql_where=text("ends_at IS NULL AND unit_code IS NOT NULL"),
        ),
        Index(
            "uq_appointment_current_administrator",
            "member_id",
            unique=True,
            sqlite_where=text("role = 'administrator' AND ends_at IS NULL"),
            postgresql_where=text("role = 'administrator' AND ends_at IS NULL"),
        ),
        Index(
            "uq_appointment_current_branch",
            "member_id",
            "role",
            "branch_id",
            unique=True,
            sqlite_where=text("ends_at IS NULL AND branch_id IS NOT NULL"),
            postgresql_where=text("ends_at IS NULL AND branch_id IS NOT NULL"),
        ),
    )


class AnsweredRequest(Base):
    """The answer given to a request (web.command), so that a repeat answers as the first did.

    `answer` is {"message", "values", "location"} of a success or {"refused", "message", "values", "status", "field"}.
    """

    __tablename__ = "answered_request"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    answered_at: Mapped[datetime] = mapped_column(Instant, index=True)
