"""Who is logged in, who may do what where, and which requests have been answered already."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class LogIn(Base):
    """One device's log-in. The cookie holds a token of which only the SHA-256 is kept here.

    `device` says in a few plain words what it is (a system and a browser); `seen_at` is when it last asked, to the hour.
    `kept`: the person said "stay on this phone". With `call_id` it is a pass for that call alone, got by name and phone
    number, and no proof of the person until `verified_at`. `strong_at`: when a second factor was shown.
    """

    __tablename__ = "log_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    device: Mapped[str] = mapped_column(String(80), default="")
    kept: Mapped[bool] = mapped_column(default=False)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"), index=True)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    strong_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("call_id IS NOT NULL OR verified_at IS NULL", name="verified"),)


class FailedAttempt(Base):
    """Something secret that was guessed wrong (`purpose`: a password, a short code, ...), kept for the throttle only:
    account and address are keyed hashes, no phone and no address."""

    __tablename__ = "failed_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)

    __table_args__ = (
        Index(None, "purpose", "account", "at"),
        Index(None, "purpose", "address", "at"),
    )


class Activation(Base):
    """A one-time link with which a member sets a password (first or anew). Its token is derived from `nonce` with the
    secret key, so that a sheet can be printed again and the table alone opens nothing; looked up by `token_hash`."""

    __tablename__ = "activation"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(43))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("made_at < expires_at", name="order"),
        CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name="ended_once"),
        Index(
            "uq_activation_open",
            "member_id",
            unique=True,
            sqlite_where=text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )


class Passkey(Base):
    """A WebAuthn credential of a member. `credential_id` is base64url; `sign_count` is the authenticator's last."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(80), default="")
    added_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Challenge(Base):
    """A question put to an authenticator or an identity provider, good for one answer until `expires_at`."""

    __tablename__ = "challenge"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class Identity(Base):
    """Whom an identity provider (OpenID Connect) means by its `subject`."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    added_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


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
