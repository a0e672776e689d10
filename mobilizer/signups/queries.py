"""What a member can take, what they hold, and who is on a shift: rows, in one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, and_, bindparam, case, exists, or_, select

from mobilizer.extensions import db, run
from mobilizer.inputs import local_zone
from mobilizer.model import (
    Attendance,
    Branch,
    Call,
    Checkpoint,
    Member,
    MemberSkill,
    Shift,
    SignUp,
    Skill,
    Unit,
    with_all_above,
)
from mobilizer.model.types import Instant
from mobilizer.policy import Reader
from mobilizer.signups.facts import ACTIVE, REACH
from mobilizer.signups.limit_rules import Span, broken, of_branch
from mobilizer.signups.rules import overlaps
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus

PAGE = 150


class ShiftLine(NamedTuple):
    """A shift as it stands before one member.

    `state`, `sign_up_id`, `answer_by`: of their own active sign-up on it. `kept`: seats that are held for offers or
    held back until later. `hindrance`: the code of what the branch's rules say against it ("" if nothing).
    """

    id: int
    checkpoint: str
    address: str
    unit_name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    call_id: int
    title: str
    skill: str | None
    lacks_skill: bool
    post: str
    kept: int
    waiting: int
    state: str | None
    sign_up_id: int | None
    answer_by: datetime | None
    hindrance: str

    @property
    def mine(self) -> bool:
        return self.state == SignUpStatus.CONFIRMED

    @property
    def free(self) -> int:
        """Seats that a new comer could take: none while somebody waits."""
        return 0 if self.waiting else self.capacity - self.taken - self.kept

    @property
    def takeable(self) -> bool:
        """Whether this member would not be refused it at this moment."""
        return self.free > 0 and not (self.state or self.hindrance or self.lacks_skill)


_MEMBER: BindParameter[int] = bindparam("member_id")
_NOW: BindParameter[datetime] = bindparam("now", type_=Instant)

_LACKS_SKILL = and_(
    Shift.skill_id.is_not(None),
    ~exists().where(
        MemberSkill.member_id == _MEMBER,
        MemberSkill.skill_id == Shift.skill_id,
        MemberSkill.confirmed_at.is_not(None),
    ),
)
_LINES: Select[*tuple[Any, ...]] = (
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
        Call.id,
        Call.title,
        Skill.name,
        _LACKS_SKILL,
        Shift.post,
        Shift.held + case((Shift.held_back_until > _NOW, Shift.held_back), else_=0),
        Shift.waiting,
        SignUp.status,
        SignUp.id,
        SignUp.answer_by,
        Branch.rest_hours,
        Branch.day_hours,
        Branch.week_hours,
        Branch.nights_in_row,
    )
    .select_from(Shift)
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .outerjoin(
        SignUp,
        and_(SignUp.shift_id == Shift.id, SignUp.member_id == _MEMBER, SignUp.status.in_(ACTIVE)),
    )
    .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
    .join(Unit, Unit.code == Shift.unit_code)
    .outerjoin(Skill, Skill.id == Shift.skill_id)
)
_OPEN = (
    # Calls that are published, of a branch that stands, open now, and addressed to the reader.
    _LINES.where(
        Call.status == CallStatus.PUBLISHED,
        Call.opens_at <= _NOW,
        Call.closes_at > _NOW,
        Branch.status == BranchStatus.ACTIVE,
        or_(
            Call.audience_branch_id.in_(bindparam("branch_ids", expanding=True)),
            Call.audience_unit_code.in_(bindparam("unit_codes", expanding=True)),
        ),
        Shift.status == ShiftStatus.OPEN,
        Shift.ends_at > _NOW,
    )
    .order_by(Shift.starts_at, Checkpoint.name, Shift.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_OPEN_THAT_DAY = _OPEN.where(Shift.day == bindparam("day"))
_LINE = _LINES.where(Shift.id == bindparam("shift_id"))
_COMING = _LINES.where(SignUp.id.is_not(None), Shift.ends_at > _NOW).order_by(Shift.starts_at, Shift.id)
_HELD = (
    select(SignUp.shift_id, SignUp.starts_at, SignUp.ends_at, Shift.day)
    .join(Shift, Shift.id == SignUp.shift_id)
    .where(
        SignUp.member_id == _MEMBER,
        SignUp.status == SignUpStatus.CONFIRMED,
        SignUp.starts_at > bindparam("since", type_=Instant),
    )
)


def open_shifts(
    reader: Reader, now: datetime, *, day: date | None = None, page: int = 1, limit: int = PAGE
) -> list[ShiftLine]:
    """What is open to the reader now and not over, soonest first, with what they hold of it. One row more than
    `limit` says that there is a next page."""
    asked = {
        "member_id": reader.member_id,
        "now": now,
        "branch_ids": list(reader.branch_ids),
        "unit_codes": list(with_all_above(reader.unit_codes)),
        "day": day,
        "limit": limit + 1,
        "offset": (page - 1) * limit,
    }
    if day is None:
        return _as_lines(_OPEN, {name: value for name, value in asked.items() if name != "day"})
    return _as_lines(_OPEN_THAT_DAY, asked)


def line(shift_id: int, member_id: int, now: datetime) -> ShiftLine | None:
    """One shift as it stands before the member, whether or not it is still open."""
    found = _as_lines(_LINE, {"shift_id": shift_id, "member_id": member_id, "now": now})
    return found[0] if found else None


def coming(member_id: int, now: datetime) -> list[ShiftLine]:
    """The shifts of the member that are not over, soonest first: held, waited for, or asked to take."""
    return _as_lines(_COMING, {"member_id": member_id, "now": now})


def _as_lines(statement: Select[*tuple[Any, ...]], asked: dict[str, Any]) -> list[ShiftLine]:
    rows = db.session.execute(statement, asked).all()
    held = {
        row.shift_id: Span(row.starts_at, row.ends_at, row.day)
        for row in db.session.execute(_HELD, {"member_id": asked["member_id"], "since": asked["now"] - REACH})
    }
    return [ShiftLine._make((*row[:19], _hindrance(row, held))) for row in rows]


def _hindrance(row: Any, held: dict[int, Span]) -> str:
    """The code of the first reason, beside the skill, why the member could not serve this shift too."""
    others = [span for shift_id, span in held.items() if shift_id != row[0]]
    if not others or row[0] in held:
        return ""
    span = Span(row[5], row[6], row[4])
    if overlaps(span, others):
        return "shifts-overlap"
    reason = broken(of_branch(*row[19:23]), span, others, local_zone())
    return reason.code if reason else ""


class Past(NamedTuple):
    """What became of a shift that was held: `status` of the sign-up, and the attendance if there is one."""

    shift_id: int
    checkpoint: str
    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    absent: bool | None
    closed_at: datetime | None


def past(member_id: int, now: datetime, *, limit: int = 50) -> list[Past]:
    """The member's shifts that are over, latest first; what was given back is left out."""
    rows = db.session.execute(
        select(
            Shift.id,
            Checkpoint.name,
            Call.title,
            Shift.starts_at,
            Shift.ends_at,
            SignUp.status,
            Attendance.absent,
            Shift.closed_at,
        )
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.member_id == member_id, SignUp.status == SignUpStatus.CONFIRMED, Shift.ends_at <= now)
        .order_by(Shift.starts_at.desc())
        .limit(limit)
    )
    return [Past._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shift lies and whom its call is addressed to: what a permission is asked about."""

    id: int
    unit_code: str
    branch_id: int
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    member_ids: tuple[int, ...] = ()


_PLACE = (
    select(
        Shift.id,
        Shift.unit_code,
        Call.branch_id,
        and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE),
        Call.audience_unit_code,
        Call.audience_branch_id,
        exists().where(SignUp.shift_id == Shift.id, SignUp.member_id == bindparam("member_id")),
    )
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .where(Shift.id == bindparam("shift_id"))
)


def place(shift_id: int, *, member_id: int = 0) -> Place | None:
    """The shift's place. With `member_id`, that member is among `member_ids` if they hold or held the shift."""
    row = run(_PLACE, {"shift_id": shift_id, "member_id": member_id}).first()
    return Place(*row[:6], (member_id,) if row[6] else ()) if row else None


@dataclass(frozen=True, slots=True)
class OnShift:
    member_id: int
    name: str
    home_branch: str | None


def on_shift(shift_id: int) -> list[OnShift]:
    """Who holds the shift, by name."""
    rows = db.session.execute(
        select(Member.id, Member.name, Branch.name)
        .join(SignUp, SignUp.member_id == Member.id)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CONFIRMED)
        .order_by(Member.sort_name, Member.id)
    )
    return [OnShift(*row) for row in rows]


def companions(shift_ids: Sequence[int], member_id: int) -> dict[int, list[str]]:
    """The names of the others on each of these shifts."""
    found: dict[int, list[str]] = {shift_id: [] for shift_id in shift_ids}
    for shift_id, name in db.session.execute(
        select(SignUp.shift_id, Member.name)
        .join(Member, Member.id == SignUp.member_id)
        .where(
            SignUp.shift_id.in_(shift_ids),
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.member_id != member_id,
        )
        .order_by(Member.sort_name)
    ):
        found[shift_id].append(name)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked to take a seat, or waits for one: for the leader's eyes."""

    member_id: int
    name: str
    status: str
    answer_by: datetime | None


def asked_and_waiting(shift_id: int) -> list[Asked]:
    """Who was offered a seat and has not answered, then who waits, in the order of the line."""
    rows = db.session.execute(
        select(Member.id, Member.name, SignUp.status, SignUp.answer_by)
        .join(SignUp, SignUp.member_id == Member.id)
        .where(
            SignUp.shift_id == shift_id,
            SignUp.status.in_((SignUpStatus.OFFERED, SignUpStatus.WAITLISTED)),
        )
        .order_by(SignUp.status, SignUp.id)
    )
    return [Asked(*row) for row in rows]
