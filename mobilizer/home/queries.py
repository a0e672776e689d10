"""What a leader has to look at first: shifts under way or about to begin, and branches that wait for a yes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, false, or_, select

from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Checkpoint, Shift, Unit, within
from mobilizer.policy import Reader
from mobilizer.terms import BranchKind, BranchStatus, Role, ShiftStatus

SOON = timedelta(hours=12)
LATELY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LedShift:
    id: int
    checkpoint: str
    unit_name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int


def shifts_to_run(
    reader: Reader, now: datetime, *, ahead: timedelta = SOON, limit: int = 12
) -> list[LedShift]:
    """Open shifts that the reader leads: under way, not yet closed since yesterday, or beginning within `ahead`."""
    rows = db.session.execute(
        select(
            Shift.id,
            Checkpoint.name,
            Unit.name,
            Call.title,
            Shift.starts_at,
            Shift.ends_at,
            Shift.capacity,
            Shift.taken,
        )
        .select_from(Shift)
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Unit, Unit.code == Shift.unit_code)
        .where(
            led_by(reader),
            Shift.status == ShiftStatus.OPEN,
            Call.published_at.is_not(None),
            Shift.starts_at < now + ahead,
            Shift.ends_at > now - LATELY,
        )
        .order_by(Shift.starts_at, Checkpoint.name)
        .limit(limit)
    )
    return [LedShift(*row) for row in rows]


def led_by(reader: Reader) -> ColumnElement[bool]:
    """Shifts that the reader runs."""
    leading = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)
    places = [
        within(Shift.unit_code, grant.unit_code) if grant.unit_code else Call.branch_id == grant.branch_id
        for grant in reader.grants
        if (grant.role in leading[:2] and grant.unit_code) or (grant.role in leading and grant.branch_id)
    ]
    return or_(false(), *places)


@dataclass(frozen=True, slots=True)
class Proposal:
    id: int
    name: str
    unit_name: str
    added_at: datetime


def proposals(reader: Reader) -> list[Proposal]:
    """Temporary branches that wait for an approval which the reader can give: secretaries strictly above."""
    above = [
        within(Branch.unit_code, grant.unit_code) & (Branch.unit_code != grant.unit_code)
        for grant in reader.grants
        if grant.role == Role.SECRETARY and grant.unit_code
    ]
    if not above:
        return []
    rows = db.session.execute(
        select(Branch.id, Branch.name, Unit.name, Branch.added_at)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(Branch.kind == BranchKind.TEMPORARY, Branch.status == BranchStatus.PROPOSED, or_(*above))
        .order_by(Branch.added_at)
        .limit(20)
    )
    return [Proposal(*row) for row in rows]
