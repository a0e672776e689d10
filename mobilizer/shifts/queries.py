"""Shifts as rows: one with everything about it, and those of a call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select

from mobilizer.extensions import db
from mobilizer.model import Branch, BranchCheckpoint, Call, Checkpoint, Shift, Skill, Unit
from mobilizer.terms import BranchStatus, CallStatus


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift with its call, its checkpoint and its branch.

    `published` says that the call is published and its branch stands. `day` is the local day on which the
    shift begins; moments are UTC. `unit_code` is the checkpoint's, `branch_id` the call's.
    """

    id: int
    call_id: int
    call_title: str
    category: str
    content: str
    risks: str
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


def laid_out(call_id: int, days: Iterable[date]) -> dict[tuple[int, datetime, datetime], str]:
    """What the call has on these days already: (checkpoint, start, end) -> status."""
    rows = db.session.execute(
        select(Shift.checkpoint_id, Shift.starts_at, Shift.ends_at, Shift.status).where(
            Shift.call_id == call_id, Shift.day.in_(list(days))
        )
    )
    return {(row.checkpoint_id, row.starts_at, row.ends_at): row.status for row in rows}
