"""Calls as rows: one with its place and audience, those open to a member, those a leader watches, their shifts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import (
    Branch,
    BranchCheckpoint,
    Call,
    Checkpoint,
    LogIn,
    Newcomer,
    Shift,
    SignUp,
    Skill,
    Unit,
    with_all_above,
    within,
)
from mobilizer.policy import Reader, covers
from mobilizer.terms import BranchStatus, CallStatus, Role, ShiftStatus, SignUpStatus

PAGE = 50
_LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call with its branch and its audience. `published`: its status says so and its branch stands."""

    id: int
    code: str
    title: str
    content: str
    risks: str
    kit: str
    category: str
    dangerous: bool
    insured: bool
    status: str
    opens_at: datetime
    closes_at: datetime
    branch_id: int
    branch_name: str
    branch_status: str
    unit_code: str
    unit_name: str
    audience_unit_code: str | None
    audience_unit_name: str | None
    audience_branch_id: int | None
    quick_join: bool
    published: bool

    @property
    def call_id(self) -> int:
        """A call and its shifts say alike which call they are of."""
        return self.id


def _published() -> ColumnElement[bool]:
    return and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE)


def _row(condition: ColumnElement[bool]) -> CallRow | None:
    audience = aliased(Unit)
    row = db.session.execute(
        select(
            Call.id,
            Call.code,
            Call.title,
            Call.content,
            Call.risks,
            Call.kit,
            Call.category,
            Call.dangerous,
            Call.insured,
            Call.status,
            Call.opens_at,
            Call.closes_at,
            Call.branch_id,
            Branch.name,
            Branch.status,
            Call.unit_code,
            Unit.name,
            Call.audience_unit_code,
            audience.name,
            Call.audience_branch_id,
            Call.quick_join,
            _published(),
        )
        .select_from(Call)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Unit, Unit.code == Call.unit_code)
        .outerjoin(audience, audience.code == Call.audience_unit_code)
        .where(condition)
    ).first()
    return CallRow(*tuple(row)) if row else None


def call(call_id: int) -> CallRow | None:
    """One call, whatever its state, or None."""
    return _row(Call.id == call_id)


def published_by_code(code: str) -> CallRow | None:
    """The published call that the short link leads to, or None."""
    if not (code.isascii() and code.isalnum()):
        return None
    return _row(and_(Call.code == code.lower(), _published()))


class Spot(NamedTuple):
    """Where a checkpoint is; the coordinates are WGS 84."""

    name: str
    address: str
    unit_name: str
    latitude: float | None
    longitude: float | None


def spots(call_id: int) -> list[Spot]:
    """Where the call's shifts are served, each checkpoint once, by name; without those of cancelled shifts alone."""
    served = select(Shift.checkpoint_id).where(
        Shift.call_id == call_id, Shift.status != ShiftStatus.CANCELLED
    )
    return _spots(Checkpoint.id.in_(served))


def spot_of(shift_id: int) -> Spot | None:
    """Where one shift is served."""
    return next(
        iter(_spots(Checkpoint.id.in_(select(Shift.checkpoint_id).where(Shift.id == shift_id)))), None
    )


def _spots(which: ColumnElement[bool]) -> list[Spot]:
    rows = db.session.execute(
        select(Checkpoint.name, Checkpoint.address, Unit.name, Checkpoint.latitude, Checkpoint.longitude)
        .join(Unit, Unit.code == Checkpoint.unit_code)
        .where(which)
        .order_by(Checkpoint.name, Checkpoint.id)
    )
    return [Spot._make(row) for row in rows]


class CallShift(NamedTuple):
    """A shift of a call as it stands before everybody: no names and no telephone numbers. How it stands before one
    member is for signups.line_queries to say."""

    id: int
    checkpoint: str
    address: str
    unit_name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    skill: str | None
    status: str
    post: str
    kept: int
    waiting: int

    @property
    def free(self) -> int:
        """Seats that a new comer could take: none while somebody waits."""
        return 0 if self.waiting else self.capacity - self.taken - self.kept


def shifts(call_id: int, now: datetime) -> list[CallShift]:
    """Every shift of the call, soonest first, in one query."""
    rows = db.session.execute(
        select(
            Shift.id,
            Checkpoint.name,
            Checkpoint.address,
            Unit.name,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.capacity,
            Shift.taken,
            Skill.name,
            Shift.status,
            Shift.post,
            Shift.held + case((Shift.held_back_until > now, Shift.held_back), else_=0),
            Shift.waiting,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Unit, Unit.code == Shift.unit_code)
        .outerjoin(Skill, Skill.id == Shift.skill_id)
        .where(Shift.call_id == call_id)
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id)
    )
    return [CallShift(*tuple(row)) for row in rows]


class Joined(NamedTuple):
    """How many wait for the branch's yes, and of how many who entered by the link nobody has said that it is them."""

    waiting: int
    unverified: int


def joined(call_id: int, now: datetime) -> Joined:
    active = (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITLISTED)
    people = (
        select(LogIn.member_id)
        .where(LogIn.call_id == call_id, LogIn.verified_at.is_(None), LogIn.expires_at > now)
        .union(
            select(SignUp.member_id)
            .join(Shift, Shift.id == SignUp.shift_id)
            .where(Shift.call_id == call_id, SignUp.unverified, SignUp.status.in_(active))
        )
        .subquery()
    )
    waiting = select(func.count()).where(Newcomer.call_id == call_id, Newcomer.status == "pending")
    unverified = select(func.count()).select_from(people)
    row = db.session.execute(select(waiting.scalar_subquery(), unverified.scalar_subquery())).one()
    return Joined(*row)


class CallLine(NamedTuple):
    """A call in a list. `seats` and `taken` are of its shifts that are not over."""

    id: int
    title: str
    category: str
    status: str
    opens_at: datetime
    closes_at: datetime
    branch_name: str
    branch_status: str
    unit_name: str
    shifts: int
    seats: int
    taken: int


def _lines(now: datetime) -> Select[Any]:
    coming = and_(Shift.call_id == Call.id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > now)
    figures = [
        select(func.coalesce(figure, 0)).where(coming).correlate(Call).scalar_subquery()
        for figure in (func.count(Shift.id), func.sum(Shift.capacity), func.sum(Shift.taken))
    ]
    return (
        select(
            Call.id,
            Call.title,
            Call.category,
            Call.status,
            Call.opens_at,
            Call.closes_at,
            Branch.name,
            Branch.status,
            Unit.name,
            *figures,
        )
        .select_from(Call)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Unit, Unit.code == Call.unit_code)
    )


def open_to(reader: Reader, now: datetime, *, limit: int = PAGE) -> list[CallLine]:
    """The calls that are published, open now and addressed to the reader, soonest closing first."""
    statement = (
        _lines(now)
        .where(
            _published(),
            Call.opens_at <= now,
            Call.closes_at > now,
            or_(
                Call.audience_branch_id.in_(reader.branch_ids) if reader.branch_ids else false(),
                Call.audience_unit_code.in_(with_all_above(reader.unit_codes))
                if reader.unit_codes
                else false(),
            ),
        )
        .order_by(Call.closes_at, Call.id)
        .limit(limit)
    )
    return [CallLine._make(row) for row in db.session.execute(statement)]


def watched(
    reader: Reader, now: datetime, *, status: str | None = None, page: int = 1, limit: int = PAGE
) -> list[CallLine]:
    """The calls within the reader's appointments, drafts first, then the latest. One row more than `limit` says
    that there is a next page."""
    watching = (*_LEADING, Role.COORDINATOR)
    officers = (*_LEADING, Role.COMMITTEE_MEMBER)
    branch_ids = [g.branch_id for g in reader.grants if g.branch_id is not None and g.role in officers]
    unit_codes = [g.unit_code for g in reader.grants if g.unit_code is not None and g.role in watching]
    order = case({CallStatus.DRAFT: 0, CallStatus.PUBLISHED: 1}, value=Call.status, else_=2)
    statement = (
        _lines(now)
        .where(
            or_(
                Call.branch_id.in_(branch_ids) if branch_ids else false(),
                *(within(Call.unit_code, code) for code in unit_codes),
            )
        )
        .order_by(order, Call.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )
    if status is not None:
        statement = statement.where(Call.status == status)
    return [CallLine._make(row) for row in db.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class CallingBranch:
    """A branch that may call: `id` and `branch_id` are the same. A call of it, not written yet, has no readers."""

    id: int
    branch_id: int
    name: str
    unit_code: str
    unit_name: str
    status: str
    published: bool = False


def branch(branch_id: int) -> CallingBranch | None:
    """The branch a call is written for, or None."""
    row = db.session.execute(
        select(Branch.id, Branch.id, Branch.name, Branch.unit_code, Unit.name, Branch.status)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(Branch.id == branch_id)
    ).first()
    return CallingBranch(*row) if row else None


def led_branches(reader: Reader, *, limit: int = 200) -> list[CallingBranch]:
    """The standing, action and temporary branches for which the reader may write a call, those with checkpoints
    first."""
    leading = [g for g in reader.grants if g.role in _LEADING]
    branch_ids = [g.branch_id for g in leading if g.branch_id is not None]
    unit_codes = [g.unit_code for g in leading if g.unit_code is not None]
    if not leading:
        return []
    serves = exists().where(BranchCheckpoint.branch_id == Branch.id)
    rows = db.session.execute(
        select(Branch.id, Branch.id, Branch.name, Branch.unit_code, Unit.name, Branch.status)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(
            Branch.status == BranchStatus.ACTIVE,
            or_(
                Branch.id.in_(branch_ids) if branch_ids else false(),
                *(within(Branch.unit_code, code) for code in unit_codes),
            ),
        )
        .order_by(serves.desc(), Branch.kind == "standing", Branch.name, Branch.id)
        .limit(limit)
    )
    return [CallingBranch(*row) for row in rows]


def audience_units(reader: Reader, unit_code: str) -> list[tuple[str, str]]:
    """The units that a call of a branch in this unit can be addressed to, as (code, name), the widest first:
    the unit itself, those above it that lie within the reader's appointments, and those right below it."""
    led = [g.unit_code for g in reader.grants if g.unit_code is not None and g.role in _LEADING]
    above = {
        code
        for code in with_all_above([unit_code])
        if code == unit_code or any(covers(each, code) for each in led)
    }
    rows = db.session.execute(
        select(Unit.code, Unit.name)
        .where(or_(Unit.code.in_(above), Unit.parent_code == unit_code))
        .order_by(Unit.code)
    )
    return [(row.code, row.name) for row in rows]
