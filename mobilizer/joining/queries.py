"""Whose name and phone number they are; who waits for a branch's yes; who is not verified yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true, union

from mobilizer.accounts.queries import reader_of_member, token_hash
from mobilizer.calls.queries import CallRow
from mobilizer.extensions import db
from mobilizer.joining.rules import Facts, same_name
from mobilizer.model import Branch, Call, Checkpoint, LogIn, Member, Newcomer, Shift, SignUp, Unit, within
from mobilizer.policy import Permission, Reader, allows
from mobilizer.signups.facts import ACTIVE
from mobilizer.terms import BranchStatus, CallStatus, Role, ShiftStatus

PAGE = 100
_LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
_PUBLISHED = and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE)


# --- whoever types a name and a phone number -----------------------------------------------------------


def facts(call_id: int) -> Facts:
    """What the call says now to whoever has its link."""
    last = (
        select(func.max(Shift.ends_at))
        .where(Shift.call_id == Call.id, Shift.status != ShiftStatus.CANCELLED)
        .correlate(Call)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(_PUBLISHED, Call.quick_join, Call.opens_at, Call.closes_at, last)
        .join(Branch, Branch.id == Call.branch_id)
        .where(Call.id == call_id)
    ).one()
    return Facts(*row)


def whose(call: CallRow, name: str, phone: str, now: datetime) -> int | None:
    """The member whose pair this is and who is of the call's audience, or whom its branch has said yes to under this pair.

    The same two statements are asked whatever is wrong with the pair.
    """
    rows: Sequence[Any] = db.session.execute(
        union(
            select(Member.id, Member.name, false().label("accepted")).where(Member.phone == phone),
            select(Newcomer.member_id, Newcomer.name, true()).where(
                Newcomer.call_id == call.id, Newcomer.phone == phone, Newcomer.status == "accepted"
            ),
        )
    ).all()
    found = [row for row in rows if same_name(name, row.name)]
    called = in_audience(call, found[0].id if found else 0, now)
    if not found or not (called or any(row.accepted for row in found)):
        return None
    return int(found[0].id)


def in_audience(call: Any, member_id: int, now: datetime) -> bool:
    """Whether the call, or its newcomer, is one that the member may answer."""
    return bool(allows(reader_of_member(member_id, now), Permission.SHIFT_TAKE, call))


def noted(call_id: int, name: str, phone: str) -> int | None:
    """The latest word of this pair to the call, if it is kept."""
    return db.session.scalar(
        select(Newcomer.id)
        .where(Newcomer.call_id == call_id, Newcomer.phone == phone, Newcomer.name == name)
        .order_by(Newcomer.id.desc())
        .limit(1)
    )


def status(newcomer_id: int, call_id: int) -> str | None:
    """What has become of it: pending, accepted or declined; None where it is forgotten."""
    return db.session.scalar(
        select(Newcomer.status).where(Newcomer.id == newcomer_id, Newcomer.call_id == call_id)
    )


# --- who waits for a yes --------------------------------------------------------------------------------


class Waiting(NamedTuple):
    """Somebody who waits for the branch's yes. `starts_at` and what follows: the shift that they wish for, if any. `known`
    and what follows: the member who has this phone number, and the place where permissions on them are asked for."""

    id: int
    call_id: int
    title: str
    name: str
    phone: str
    asked_at: datetime
    shift_id: int | None
    checkpoint: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    known_id: int | None
    known_name: str | None
    known_branch: str | None
    branch_id: int | None
    unit_code: str | None

    @property
    def same_name(self) -> bool:
        return self.known_name is not None and same_name(self.name, self.known_name)


def _waiting(now: datetime) -> Select[*tuple[Any, ...]]:
    home = Branch.__table__.alias("home")
    return (
        select(
            Newcomer.id,
            Newcomer.call_id,
            Call.title,
            Newcomer.name,
            Newcomer.phone,
            Newcomer.asked_at,
            Newcomer.shift_id,
            Checkpoint.name,
            Shift.starts_at,
            Shift.ends_at,
            Member.id,
            Member.name,
            home.c.name,
            Member.home_branch_id,
            home.c.unit_code,
        )
        .select_from(Newcomer)
        .join(Call, Call.id == Newcomer.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .outerjoin(Shift, Shift.id == Newcomer.shift_id)
        .outerjoin(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Member, Member.phone == Newcomer.phone)
        .outerjoin(home, home.c.id == Member.home_branch_id)
        .where(Newcomer.status == "pending", _PUBLISHED, Call.closes_at > now)
        .order_by(Newcomer.id)
        .limit(PAGE)
    )


def waiting_for(reader: Reader, now: datetime) -> list[Waiting]:
    """Who waits for a yes that the reader can give, longest first."""
    places: list[ColumnElement[bool]] = [
        within(Call.unit_code, grant.unit_code) if grant.unit_code else Call.branch_id == grant.branch_id
        for grant in reader.grants
        if grant.role in _LEADING
    ]
    if not places:
        return []
    return [Waiting._make(row) for row in db.session.execute(_waiting(now).where(or_(*places)))]


def waiting(call_id: int, now: datetime) -> list[Waiting]:
    """Who waits for a yes to this call, longest first."""
    rows = db.session.execute(_waiting(now).where(Newcomer.call_id == call_id))
    return [Waiting._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class One:
    """A newcomer at the place of the call that they would join."""

    id: int
    call_id: int
    unit_code: str
    branch_id: int
    branch_kind: str
    branch_status: str
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    shift_id: int | None
    name: str
    phone: str
    status: str
    member_id: int | None
    title: str


def newcomer(newcomer_id: int) -> One | None:
    row: Any = db.session.execute(
        select(
            Newcomer.id,
            Newcomer.call_id,
            Call.unit_code,
            Call.branch_id,
            Branch.kind,
            Branch.status,
            _PUBLISHED,
            Call.audience_unit_code,
            Call.audience_branch_id,
            Newcomer.shift_id,
            Newcomer.name,
            Newcomer.phone,
            Newcomer.status,
            Newcomer.member_id,
            Call.title,
        )
        .join(Call, Call.id == Newcomer.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .where(Newcomer.id == newcomer_id)
    ).first()
    return One(*row) if row else None


# --- who is not verified ----------------------------------------------------------------------------------


def unverified_ids(call_id: int, now: datetime) -> list[int]:
    """The members who have a pass for the call, or signed up with one, and of whom nobody has said that it is them."""
    passes = select(LogIn.member_id).where(
        LogIn.call_id == call_id, LogIn.verified_at.is_(None), LogIn.expires_at > now
    )
    taken = (
        select(SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call_id, SignUp.unverified, SignUp.status.in_(ACTIVE))
    )
    return sorted(db.session.scalars(passes.union(taken)))


@dataclass(frozen=True, slots=True)
class Unverified:
    """Somebody whom a leader can confirm, with the shifts that they took with a pass."""

    member_id: int
    name: str
    phone: str
    home_branch: str | None
    home_unit: str | None
    shifts: tuple[Any, ...]


def unverified(call_id: int, now: datetime) -> list[Unverified]:
    """By name, in three statements."""
    ids = unverified_ids(call_id, now)
    people = db.session.execute(
        select(Member.id, Member.name, Member.phone, Branch.name, Unit.name)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Unit, Unit.code == Branch.unit_code)
        .where(Member.id.in_(ids))
        .order_by(Member.sort_name, Member.id)
    ).all()
    taken: dict[int, list[Any]] = {}
    for row in db.session.execute(
        select(
            SignUp.member_id,
            Shift.id.label("shift_id"),
            Checkpoint.name.label("checkpoint"),
            Shift.starts_at,
            Shift.ends_at,
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(
            Shift.call_id == call_id,
            SignUp.member_id.in_(ids),
            SignUp.unverified,
            SignUp.status.in_(ACTIVE),
        )
        .order_by(Shift.starts_at)
    ):
        taken.setdefault(row.member_id, []).append(row)
    return [Unverified(*row, tuple(taken.get(row.id, ()))) for row in people]


def taken_unverified(call_id: int, member_id: int, now: datetime) -> Sequence[int]:
    """The shifts of the call, not over yet, that were taken in the member's name with an unverified pass."""
    return db.session.scalars(
        select(SignUp.shift_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            Shift.call_id == call_id,
            SignUp.member_id == member_id,
            SignUp.unverified,
            SignUp.status.in_(ACTIVE),
            Shift.ends_at > now,
        )
        .order_by(SignUp.shift_id)
    ).all()


def is_started(token: str) -> bool:
    """Whether there is a pass by this token already."""
    return db.session.scalar(select(LogIn.id).where(LogIn.token_hash == token_hash(token))) is not None


def came_with_a_pass(shift_id: int, member_ids: Collection[int]) -> Sequence[Any]:
    """Those of them (`member_id`) who took the shift with an unverified pass, or who have no way in but a pass; beside
    each the shift's `call_id`."""
    taken = exists().where(
        SignUp.shift_id == shift_id,
        SignUp.member_id == Member.id,
        SignUp.unverified,
        SignUp.status.in_(ACTIVE),
    )
    logged_in = exists().where(LogIn.member_id == Member.id, LogIn.call_id.is_(None))
    no_other_way = and_(Member.password_hash.is_(None), ~logged_in)
    return db.session.execute(
        select(Member.id.label("member_id"), Shift.call_id)
        .join(Shift, Shift.id == shift_id)
        .where(Member.id.in_(member_ids), or_(taken, no_other_way))
    ).all()


def is_of_call(shift_id: int, call_id: int) -> bool:
    return (
        db.session.scalar(select(Shift.id).where(Shift.id == shift_id, Shift.call_id == call_id)) is not None
    )


def forgettable(now: datetime) -> Select[int]:
    """The newcomers whose call is over for them."""
    over = or_(
        Call.status != CallStatus.PUBLISHED, Call.closes_at <= now, Branch.status != BranchStatus.ACTIVE
    )
    to_come = exists().where(Shift.call_id == Call.id, Shift.ends_at > now)
    return (
        select(Newcomer.id)
        .join(Call, Call.id == Newcomer.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .where(over, or_(Newcomer.status != "accepted", ~to_come))
    )
