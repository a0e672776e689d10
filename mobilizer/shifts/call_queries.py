"""Every shift that a call has, as it would be laid out again."""

from sqlalchemy import func, select

from mobilizer.extensions import db
from mobilizer.model import Checkpoint, Shift
from mobilizer.shifts.copying import Original
from mobilizer.terms import ShiftStatus


def originals(call_id: int) -> list[Original]:
    """The call's shifts that were not cancelled, by start, checkpoint and post; in one query."""
    capacity = func.coalesce(Shift.shrink_to, Shift.capacity)
    rows = db.session.execute(
        select(
            Shift.id,
            Shift.checkpoint_id,
            Checkpoint.name,
            Shift.unit_code,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.post,
            capacity,
            Shift.least,
            Shift.skill_id,
            Shift.held_back,
            Shift.held_back_until,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(Shift.call_id == call_id, Shift.status != ShiftStatus.CANCELLED)
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id)
    )
    return [Original(*row) for row in rows]
