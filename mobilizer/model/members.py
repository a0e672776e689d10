"""Members and their skills."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Member(Base):
    """A person on the roster. `phone` is E.164; `search` holds name, pinyin, initials and phone in lower case."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    sort_name: Mapped[str] = mapped_column(String(200), index=True)
    search: Mapped[str] = mapped_column(String(400))
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    home_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    standing: Mapped[str] = mapped_column(String(20))
    joined_on: Mapped[date | None] = mapped_column(Date)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("standing IN ('full', 'probationary', 'applicant', 'volunteer')", name="standing"),
    )


class CalendarFeed(Base):
    """A member's private iCalendar address. Its token is derived from `nonce` with the secret key; a new nonce ends the
    old address."""

    __tablename__ = "calendar_feed"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, autoincrement=False)
    nonce: Mapped[str] = mapped_column(String(43))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


class Skill(Base):
    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)


class MemberSkill(Base):
    """A seat that asks for a skill is open to whoever holds it confirmed: by a roster, or later by a secretary."""

    __tablename__ = "member_skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("member_id", "skill_id"),)
