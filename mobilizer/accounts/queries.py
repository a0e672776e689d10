"""Who is logged in, and with which appointments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mobilizer.accounts.strength_rules import Shown, Terms, wanting
from mobilizer.extensions import db, run
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    Call,
    InstallationFact,
    LogIn,
    Member,
    Notice,
    Unit,
)
from mobilizer.model.types import Instant
from mobilizer.policy import Grant, Reader
from mobilizer.terms import BranchStatus

DEMO_PASSWORD_HASH = "demo-password-hash"  # noqa: S105


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


_NOW: BindParameter[datetime] = bindparam("now", type_=Instant)
_NO_APPOINTMENT, _NO_ROLE = cast(null(), Integer), cast(null(), String)
_UNSEEN = (
    select(func.count())
    .select_from(Notice)
    .where(Notice.member_id == Member.id, Notice.seen_at.is_(None))
    .correlate(Member)
    .scalar_subquery()
)
_THIS_LOG_IN = (LogIn.token_hash == bindparam("token_hash")) & (LogIn.expires_at > _NOW)
_LOG_IN = select(LogIn.member_id).where(_THIS_LOG_IN).scalar_subquery()
_NO_MOMENT = cast(null(), Instant)
_calling = aliased(Branch)
_PASS_STANDS = (
    select(and_(Call.quick_join, _calling.status == BranchStatus.ACTIVE))
    .join(_calling, _calling.id == Call.branch_id)
    .where(Call.id == LogIn.call_id)
    .correlate(LogIn)
    .scalar_subquery()
)

_NO_LOG_IN = (
    _NO_APPOINTMENT,
    _NO_APPOINTMENT,
    _NO_MOMENT,
    _NO_MOMENT,
    _NO_MOMENT,
    cast(null(), Boolean),
    _NO_MOMENT,
    cast(null(), Boolean),
)


def _reader(member_id: ColumnElement[int], *, of_log_in: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """A member with home branch, current attachments and current appointments: one statement, few rows."""
    log_in: Any = (
        (
            LogIn.id,
            LogIn.call_id,
            LogIn.verified_at,
            LogIn.started_at,
            LogIn.strong_at,
            LogIn.kept,
            LogIn.seen_at,
            _PASS_STANDS,
        )
        if of_log_in
        else _NO_LOG_IN
    )
    home = (
        select(
            Member.id,
            Member.name,
            literal("home").label("relation"),
            _NO_APPOINTMENT.label("appointment_id"),
            _NO_ROLE.label("role"),
            Branch.unit_code.label("unit_code"),
            Branch.id.label("branch_id"),
            _UNSEEN.label("unseen"),
            log_in[0].label("log_in_id"),
            log_in[1].label("pass_call_id"),
            log_in[2].label("verified_at"),
            log_in[3].label("started_at"),
            log_in[4].label("strong_at"),
            log_in[5].label("kept"),
            log_in[6].label("seen_at"),
            log_in[7].label("pass_stands"),
        )
        .select_from(Member)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(Member.id == member_id)
    )
    if of_log_in:
        home = home.join(LogIn, LogIn.member_id == Member.id).where(_THIS_LOG_IN)
    return union_all(
        home,
        select(
            Member.id,
            Member.name,
            literal("attached"),
            _NO_APPOINTMENT,
            _NO_ROLE,
            Branch.unit_code,
            Branch.id,
            literal(0),
            *_NO_LOG_IN,
        )
        .join(Attachment, Attachment.member_id == Member.id)
        .join(Branch, Branch.id == Attachment.branch_id)
        .where(Member.id == member_id, Attachment.ends_at.is_(None), Branch.status == BranchStatus.ACTIVE),
        select(
            Member.id,
            Member.name,
            literal("appointed"),
            Appointment.id,
            Appointment.role,
            Appointment.unit_code,
            Appointment.branch_id,
            literal(0),
            *_NO_LOG_IN,
        )
        .join(Appointment, Appointment.member_id == Member.id)
        .where(
            Member.id == member_id,
            Appointment.starts_at <= _NOW,
            or_(Appointment.ends_at.is_(None), Appointment.ends_at > _NOW),
        ),
    )


_READER = _reader(bindparam("member_id", type_=Integer), of_log_in=False)
_READER_OF_LOG_IN = _reader(_LOG_IN, of_log_in=True)


def reader_of_token(token: str, now: datetime, terms: Terms) -> Reader | None:
    """Whose log-in the cookie's token is, or None if it has ended. Here, and so for every route, appointments count only
    if this device has shown what `terms` ask for."""
    rows = run(_READER_OF_LOG_IN, {"token_hash": token_hash(token), "now": now}).all()
    found = _as_reader(rows)
    if found is None or not found.grants:
        return found
    home = next(row for row in rows if row.relation == "home")
    missing = wanting(Shown(home.started_at, home.strong_at, home.kept), terms, now)
    return replace(found, grants=(), withheld=found.grants, wanting=missing) if missing else found


def reader_of_member(member_id: int, now: datetime) -> Reader | None:
    """The member as a reader, or None if there is no such member."""
    return _as_reader(run(_READER, {"member_id": member_id, "now": now}).all())


def _as_reader(rows: Sequence[Any]) -> Reader | None:
    home = next((row for row in rows if row.relation == "home"), None)
    if home is None:
        return None
    own = [row for row in rows if row.relation != "appointed" and row.branch_id is not None]
    passing = home.pass_call_id is not None
    return Reader(
        member_id=home.id,
        name=home.name,
        branch_ids=frozenset(row.branch_id for row in own),
        unit_codes=frozenset(row.unit_code for row in own),
        grants=()
        if passing
        else tuple(
            Grant(row.appointment_id, row.role, row.unit_code, row.branch_id)
            for row in rows
            if row.relation == "appointed"
        ),
        unseen=home.unseen,
        log_in_id=home.log_in_id,
        seen_at=home.seen_at,
        pass_call_id=home.pass_call_id,
        verified=not passing or home.verified_at is not None,
        pass_stands=not passing or bool(home.pass_stands),
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    member_id: int
    password_hash: str | None


def credentials(phone: str) -> Credentials | None:
    """By E.164 phone number."""
    row = db.session.execute(select(Member.id, Member.password_hash).where(Member.phone == phone)).first()
    return Credentials(*row) if row else None


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    id: int
    role: str
    unit_code: str | None
    unit_name: str | None
    branch_id: int | None
    branch_name: str | None
    starts_at: datetime
    ends_at: datetime | None


def appointments(member_id: int) -> list[AppointmentLine]:
    """All appointments of a member, current ones first."""
    rows = db.session.execute(
        select(
            Appointment.id,
            Appointment.role,
            Appointment.unit_code,
            Unit.name,
            Appointment.branch_id,
            Branch.name,
            Appointment.starts_at,
            Appointment.ends_at,
        )
        .outerjoin(Unit, Unit.code == Appointment.unit_code)
        .outerjoin(Branch, Branch.id == Appointment.branch_id)
        .where(Appointment.member_id == member_id)
        .order_by(Appointment.ends_at.isnot(None), Appointment.starts_at.desc())
    )
    return [AppointmentLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Device:
    """One log-in of a member, as they see it in their list. `pass_for` is the call that it is only a pass for."""

    id: int
    words: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    kept: bool
    pass_for: str | None


def log_ins(member_id: int, now: datetime) -> list[Device]:
    """Where the member is logged in now, the last seen first."""
    rows = db.session.execute(
        select(
            LogIn.id,
            LogIn.device,
            LogIn.started_at,
            LogIn.seen_at,
            LogIn.expires_at,
            LogIn.kept,
            Call.title,
        )
        .outerjoin(Call, Call.id == LogIn.call_id)
        .where(LogIn.member_id == member_id, LogIn.expires_at > now)
        .order_by(LogIn.seen_at.desc(), LogIn.id.desc())
    )
    return [Device(*row) for row in rows]


def own_words(member_id: int) -> list[str]:
    """What somebody who knows the member would try first: name, pinyin, syllables, initials, phone number."""
    row = db.session.execute(
        select(Member.search, Member.sort_name, Member.phone).where(Member.id == member_id)
    ).first()
    if row is None:
        return []
    return [*row.search.split("|"), *row.sort_name.split(), row.phone.removeprefix("+86").lstrip("+")]


def phone(member_id: int) -> str:
    """The member's E.164 number."""
    return db.session.execute(select(Member.phone).where(Member.id == member_id)).scalar_one()


def password_hash(member_id: int) -> str | None:
    return db.session.scalar(select(Member.password_hash).where(Member.id == member_id))


@dataclass(frozen=True, slots=True)
class Me:
    name: str
    phone: str
    standing: str
    home_branch: str | None
    home_unit: str | None


def me(member_id: int) -> Me:
    """What a member sees of their own place on the roster."""
    row = db.session.execute(
        select(Member.name, Member.phone, Member.standing, Branch.name, Unit.name)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Unit, Unit.code == Branch.unit_code)
        .where(Member.id == member_id)
    ).one()
    return Me(*row)


def demo_password_in_force() -> bool:
    """Whether anybody can still log in with the password that all members of the demo share."""
    fact = select(InstallationFact.value).where(InstallationFact.name == DEMO_PASSWORD_HASH).scalar_subquery()
    return bool(db.session.scalar(select(exists().where(Member.password_hash == fact))))
