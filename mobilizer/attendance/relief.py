"""A post that nobody relieves raises its hand: its leaders are told, once for each hand-over."""

from datetime import datetime

from sqlalchemy import exists, select

from mobilizer.extensions import db
from mobilizer.model import Call, Checkpoint, Notice, Shift
from mobilizer.notices import actions as notices
from mobilizer.signups import asking_queries, seats


def raise_hand(shift_id: int, now: datetime) -> bool:
    """Tell the leaders that nobody has come for this shift to relieve those before. Told already: nothing changes."""
    seats.lock(shift_id)
    if db.session.scalar(select(exists().where(Notice.shift_id == shift_id, Notice.kind == "relief"))):
        return False
    row = db.session.execute(
        select(Shift.starts_at, Shift.ends_at, Shift.post, Checkpoint.name, Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Call, Call.id == Shift.call_id)
        .where(Shift.id == shift_id)
    ).one()
    leaders = asking_queries.leaders(row.branch_id)
    notices.write(
        "relief",
        [leader.member_id for leader in leaders],
        now=now,
        shift_id=shift_id,
        checkpoint=row.name,
        post=row.post,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
    return bool(leaders)
