"""Shifts as rows: one with everything about it, and those of a call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, func, select

from mobilizer.extensions import db
from mobilizer.model import (
    Attendance,
    Branch,
    BranchCheckpoint,
    Call,
    Checkpoint,
    LayOut,
    Member,
    Shift,
    SignUp,
    Skill,
    Unit,
)
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift with its call, its checkpoint and its branch.

    `published` says that the call is published and its branch stands. `day` is the local day on which the
    shift begins; moments are UTC. `unit_code` is the checkpoint's, `branch_id` the call's. The limits are the branch's.
    """

    id: int
    call_id: int
    call_title: str
    category: str
    content: str
    risks: str
    kit: str
    opens_at: datetime
    closes_at: datetime
    checkpoint_id: int
    checkpoint_name: str
    address: str
    contact: str
    latitude: float | None
    longitude: float | None
    unit_code: str
    unit_name: str
    branch_id: int
    branch_name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    skill_id: int | None
    skill_name: str | None
    status: str
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    rest_hours: int
    day_hours: int
    week_hours: int | None
    nights_in_row: int | None


def shift(shift_id: int) -> ShiftRow | None:
    """One shift, whatever its state, or None."""
    row = db.session.execute(
        select(
            Shift.id,
            Shift.call_id,
            Call.title,
            Call.category,
            Call.content,
            Call.risks,
            Call.kit,
            Call.opens_at,
            Call.closes_at,
            Shift.checkpoint_id,
            Checkpoint.name,
            Checkpoint.address,
            Checkpoint.contact,
            Checkpoint.latitude,
            Checkpoint.longitude,
            Shift.unit_code,
            Unit.name,
            Call.branch_id,
            Branch.name,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.capacity,
            Shift.taken,
            Shift.skill_id,
            Skill.name,
            Shift.status,
            and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE),
            Call.audience_unit_code,
            Call.audience_branch_id,
            Branch.rest_hours,
            Branch.day_hours,
            Branch.week_hours,
            Branch.nights_in_row,
        )
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Unit, Unit.code == Shift.unit_code)
        .outerjoin(Skill, Skill.id == Shift.skill_id)
        .where(Shift.id == shift_id)
    ).first()
    return ShiftRow(*tuple(row)) if row else None


@dataclass(frozen=True, slots=True)
class Place:
    """A checkpoint at which a branch may lay out shifts."""

    id: int
    name: str
    unit_code: str


def checkpoints(branch_id: int) -> list[Place]:
    """The checkpoints that the branch serves, by name."""
    rows = db.session.execute(
        select(Checkpoint.id, Checkpoint.name, Checkpoint.unit_code)
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(BranchCheckpoint.branch_id == branch_id)
        .order_by(Checkpoint.name, Checkpoint.id)
    )
    return [Place(*row) for row in rows]


def skills() -> list[tuple[int, str]]:
    """Every skill that is on the rosters: id and name."""
    return [
        (row.id, row.name) for row in db.session.execute(select(Skill.id, Skill.name).order_by(Skill.name))
    ]


def laid_out(call_id: int, days: Iterable[date]) -> set[tuple[int, datetime, datetime, str]]:
    """What the call has on these days already, without what was cancelled: (checkpoint, start, end, post)."""
    rows = db.session.execute(
        select(Shift.checkpoint_id, Shift.starts_at, Shift.ends_at, Shift.post).where(
            Shift.call_id == call_id,
            Shift.day.in_(list(days)),
            Shift.status != ShiftStatus.CANCELLED,
        )
    )
    return {(row.checkpoint_id, row.starts_at, row.ends_at, row.post) for row in rows}


@dataclass(frozen=True, slots=True)
class LayOutRow:
    """Shifts of a call that were laid out in one go. `by` is who did it, None for the command line.

    `unit_code` and `branch_id` are the call's; `shifts` is how many there were, `coming` how many of them are open
    and have not begun.
    """

    id: int
    call_id: int
    call_title: str
    unit_code: str
    branch_id: int
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    by: str | None
    shifts: int
    coming: int
    laid_out_at: datetime
    undone_at: datetime | None


def _lay_outs(now: datetime) -> Select[*tuple[Any, ...]]:
    coming = (
        select(func.count(Shift.id))
        .where(Shift.lay_out_id == LayOut.id, Shift.status == ShiftStatus.OPEN, Shift.starts_at > now)
        .correlate(LayOut)
        .scalar_subquery()
    )
    return (
        select(
            LayOut.id,
            LayOut.call_id,
            Call.title,
            Call.unit_code,
            Call.branch_id,
            and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE),
            Call.audience_unit_code,
            Call.audience_branch_id,
            Member.name,
            LayOut.shifts,
            coming,
            LayOut.laid_out_at,
            LayOut.undone_at,
        )
        .join(Call, Call.id == LayOut.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .outerjoin(Member, Member.id == LayOut.member_id)
    )


def lay_out(lay_out_id: int, now: datetime) -> LayOutRow | None:
    """One lay-out, or None."""
    row = db.session.execute(_lay_outs(now).where(LayOut.id == lay_out_id)).first()
    return LayOutRow(*row) if row else None


def lay_outs(call_id: int, now: datetime, *, limit: int = 50) -> list[LayOutRow]:
    """The latest lay-outs of a call, the last one first."""
    rows = db.session.execute(
        _lay_outs(now).where(LayOut.call_id == call_id).order_by(LayOut.id.desc()).limit(limit)
    )
    return [LayOutRow(*row) for row in rows]


def to_undo(lay_out_id: int, now: datetime) -> tuple[list[int], int]:
    """The shifts of a lay-out that can be taken back (open, not begun, nobody's attendance noted), by id; and how
    many others stay because they cannot."""
    attended = exists().where(SignUp.shift_id == Shift.id, Attendance.sign_up_id == SignUp.id)
    rows = db.session.execute(
        select(
            Shift.id, and_(Shift.status == ShiftStatus.OPEN, Shift.starts_at > now, ~attended).label("goes")
        )
        .where(Shift.lay_out_id == lay_out_id, Shift.status != ShiftStatus.CANCELLED)
        .order_by(Shift.id)
    ).all()
    goes = [row.id for row in rows if row.goes]
    return goes, len(rows) - len(goes)


class Touched(NamedTuple):
    """Somebody whom it concerns if a shift is called off: on it, asked, or in line (`status`)."""

    sign_up_id: int
    member_id: int
    name: str
    status: str
    shift_id: int
    checkpoint: str
    post: str
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> tuple[datetime, int]:
        """Shifts by start, each with its people together."""
        return self.starts_at, self.shift_id


def touched(shift_ids: Sequence[int]) -> list[Touched]:
    """Who is on these shifts, asked for them or in line, by start and in the order of their coming."""
    rows = db.session.execute(
        select(
            SignUp.id,
            SignUp.member_id,
            Member.name,
            SignUp.status,
            SignUp.shift_id,
            Checkpoint.name,
            Shift.post,
            Shift.starts_at,
            Shift.ends_at,
        )
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(
            SignUp.shift_id.in_(shift_ids),
            SignUp.status.in_((SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)),
        )
        .order_by(Shift.starts_at, SignUp.id)
    )
    return [Touched(*row) for row in rows]
