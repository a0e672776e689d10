"""Who relieves whom: at one checkpoint and post, in one branch, the shift that begins before the other is over and ends
after it. Computed when it is looked at."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import Attendance, Call, Checkpoint, Notice, Shift, SignUp
from mobilizer.terms import ShiftStatus, SignUpStatus

GRACE = timedelta(minutes=15)
"""So long after the hand-over the leaders are told, if nobody has come: whoever comes is ticked a little late."""

LOOK_BACK = timedelta(hours=2)
"""A hand-over that is longer ago is no longer told of."""

_before = aliased(Shift)
_before_call = aliased(Call)


class Relief(NamedTuple):
    """A shift that relieves: how many are signed up for it (`expected`), and how many of them have checked in."""

    shift_id: int
    starts_at: datetime
    expected: int
    here: int


def relief_of(shift_id: int) -> Relief | None:
    """What relieves the people of this shift, the soonest; None where nothing follows."""
    came = (
        select(func.count())
        .select_from(Attendance)
        .join(SignUp, SignUp.id == Attendance.sign_up_id)
        .where(
            SignUp.shift_id == Shift.id,
            SignUp.status == SignUpStatus.CONFIRMED,
            Attendance.checked_in_at.is_not(None),
        )
        .correlate(Shift)
        .scalar_subquery()
    )
    row = db.session.execute(
        _following(Shift.id, Shift.starts_at, Shift.taken, came)
        .where(_before.id == shift_id)
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    ).first()
    return Relief(*row) if row else None


def anybody_here(shift_id: int) -> bool:
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    SignUp.shift_id == shift_id,
                    SignUp.status == SignUpStatus.CONFIRMED,
                    _here(SignUp.id),
                )
            )
        )
    )


class Unrelieved(NamedTuple):
    """A shift that has begun, of which nobody has come to relieve those before. `held_on`: some of them are still there."""

    id: int
    checkpoint: str
    post: str
    starts_at: datetime
    ends_at: datetime
    branch_id: int
    held_on: bool


def unrelieved(where: ColumnElement[bool], now: datetime, *, limit: int = 20) -> list[Unrelieved]:
    """Those of the shifts `where`, whose predecessors had somebody checked in; soonest first."""
    still = exists().where(
        SignUp.shift_id == _before.id, SignUp.status == SignUpStatus.CONFIRMED, _here(SignUp.id)
    )
    rows = db.session.execute(
        _due(
            Shift.id,
            Checkpoint.name,
            Shift.post,
            Shift.starts_at,
            Shift.ends_at,
            Call.branch_id,
            still,
            now=now,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(where)
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    )
    found: dict[int, Unrelieved] = {}
    for row in map(Unrelieved._make, rows):
        if row.id not in found or row.held_on:
            found[row.id] = row
    return list(found.values())


def to_tell(now: datetime, *, limit: int = 200) -> list[int]:
    """The shifts of which the leaders have to be told that nobody has come to relieve, and are not told yet."""
    told = exists().where(Notice.shift_id == Shift.id, Notice.kind == "relief")
    rows = db.session.scalars(
        _due(Shift.id, now=now - GRACE).where(~told, Shift.ends_at > now).order_by(Shift.id).limit(limit)
    )
    return list(dict.fromkeys(rows))


def _here(sign_up_id: Any) -> ColumnElement[bool]:
    return exists().where(
        Attendance.sign_up_id == sign_up_id,
        Attendance.checked_in_at.is_not(None),
        Attendance.checked_out_at.is_(None),
    )


def _following(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Pairs of a shift and one that relieves it."""
    return (
        select(*columns)
        .select_from(Shift)
        .join(Call, Call.id == Shift.call_id)
        .join(
            _before,
            and_(
                _before.checkpoint_id == Shift.checkpoint_id,
                _before.post == Shift.post,
                _before.starts_at < Shift.starts_at,
                _before.ends_at >= Shift.starts_at,
                _before.ends_at < Shift.ends_at,
            ),
        )
        .join(
            _before_call, and_(_before_call.id == _before.call_id, _before_call.branch_id == Call.branch_id)
        )
        .where(Shift.status == ShiftStatus.OPEN, _before.status != ShiftStatus.CANCELLED)
    )


def _due(*columns: Any, now: datetime) -> Select[*tuple[Any, ...]]:
    came = exists().where(
        SignUp.shift_id == Shift.id, SignUp.id == Attendance.sign_up_id, Attendance.checked_in_at.is_not(None)
    )
    came_before = exists().where(
        SignUp.shift_id == _before.id,
        SignUp.id == Attendance.sign_up_id,
        Attendance.checked_in_at.is_not(None),
    )
    return _following(*columns).where(
        _before.ends_at <= now,
        _before.ends_at > now - LOOK_BACK,
        Shift.ends_at > now,
        came_before,
        ~came,
    )
