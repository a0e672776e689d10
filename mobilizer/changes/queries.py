"""The shifts that may be changed, and what is known of those who hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, select

from mobilizer.changes.rules import Held, Holder, Move
from mobilizer.extensions import db
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Shift, SignUp
from mobilizer.shifts.queries import Place, checkpoints
from mobilizer.signups.facts import REACH
from mobilizer.signups.limit_rules import Limits, Span, of_branch
from mobilizer.terms import ShiftStatus, SignUpStatus

MOST_SHOWN = 2000


def _shifts() -> Select[*tuple[Any, ...]]:
    attended = exists().where(SignUp.shift_id == Shift.id, Attendance.sign_up_id == SignUp.id)
    return (
        select(
            Shift.id,
            Shift.checkpoint_id,
            Checkpoint.name,
            Shift.post,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.capacity,
            Shift.least,
            Shift.taken,
            Shift.held,
            Shift.waiting,
            Shift.shrink_to,
            Shift.status,
            attended,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id)
    )


def changeable(call_id: int, now: datetime) -> list[Held]:
    """The open shifts of a call that are not over, by start, checkpoint and post."""
    rows = db.session.execute(
        _shifts()
        .where(Shift.call_id == call_id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > now)
        .limit(MOST_SHOWN)
    )
    return [Held(*row) for row in rows]


def chosen(call_id: int, shift_ids: Sequence[int]) -> list[Held]:
    """These shifts, as far as they are the call's, whatever their state."""
    rows = db.session.execute(_shifts().where(Shift.call_id == call_id, Shift.id.in_(shift_ids)))
    return [Held(*row) for row in rows]


def places_besides(call_id: int, shift_ids: Sequence[int]) -> set[tuple[int, datetime, datetime, str]]:
    """Where the call's other shifts lie that were not cancelled."""
    rows = db.session.execute(
        select(Shift.checkpoint_id, Shift.starts_at, Shift.ends_at, Shift.post).where(
            Shift.call_id == call_id, Shift.status != ShiftStatus.CANCELLED, Shift.id.not_in(shift_ids)
        )
    )
    return {(row.checkpoint_id, row.starts_at, row.ends_at, row.post) for row in rows}


def holders(moves: Sequence[Move], now: datetime) -> list[Holder]:
    """Every confirmed sign-up, wherever, of those who hold one of these shifts."""
    here = select(SignUp.member_id).where(
        SignUp.shift_id.in_([each.shift.id for each in moves]), SignUp.status == SignUpStatus.CONFIRMED
    )
    rows = db.session.execute(
        select(
            SignUp.id,
            SignUp.member_id,
            SignUp.shift_id,
            SignUp.starts_at,
            SignUp.ends_at,
            Shift.day,
            SignUp.waived,
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            SignUp.member_id.in_(here),
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.starts_at > now - REACH,
        )
    )
    return [
        Holder(row.id, row.member_id, row.shift_id, Span(row.starts_at, row.ends_at, row.day), row.waived)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Where:
    """A call's branch: where the journal files what is done, its checkpoints by id, its limits, and in how many minutes
    it wants an answer, usually and shortly before."""

    unit_code: str
    branch_id: int
    open: bool
    places: dict[int, Place]
    limits: Limits
    answer_minutes: int
    late_answer_minutes: int


def where(call_id: int) -> Where | None:
    """Of the call, or None."""
    row = db.session.execute(
        select(
            Call.unit_code,
            Call.branch_id,
            and_(Call.status != "closed", Branch.status == "active").label("open"),
            Branch.rest_hours,
            Branch.day_hours,
            Branch.week_hours,
            Branch.nights_in_row,
            Branch.offer_minutes,
            Branch.late_answer_minutes,
        )
        .join(Branch, Branch.id == Call.branch_id)
        .where(Call.id == call_id)
    ).first()
    if row is None:
        return None
    return Where(
        row.unit_code,
        row.branch_id,
        row.open,
        {each.id: each for each in checkpoints(row.branch_id)},
        of_branch(row.rest_hours, row.day_hours, row.week_hours, row.nights_in_row),
        row.offer_minutes,
        row.late_answer_minutes,
    )
