"""Shifts that will not be: cancelled with whoever is on them told, or a whole lay-out taken back as one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, or_, select, update

from mobilizer import journal
from mobilizer.branches.calling_off import cancel_shifts
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import (
    Attendance,
    Call,
    ChainLine,
    LayOut,
    Notice,
    Shift,
    SignUp,
)
from mobilizer.policy import Actor
from mobilizer.shifts import queries

MOST_NAMED = 10


def lock(shift_ids: Sequence[int]) -> None:
    """Lock these shifts, lower ids first: nobody signs up or is checked in on them until commit."""
    if shift_ids:
        db.session.execute(
            select(Shift.id).where(Shift.id.in_(shift_ids)).order_by(Shift.id).with_for_update(of=Shift)
        )


def attended(shift_ids: Sequence[int]) -> set[int]:
    """Those on whose roster somebody's attendance is noted."""
    return set(
        db.session.scalars(
            select(SignUp.shift_id)
            .join(Attendance, Attendance.sign_up_id == SignUp.id)
            .where(SignUp.shift_id.in_(shift_ids))
        )
    )


class Undone(NamedTuple):
    """What became of a lay-out's shifts: gone without a trace, cancelled, and those that stay; and how many people
    were told."""

    deleted: int
    cancelled: int
    stayed: int
    told: int


def undo(lay_out_id: int, *, seen: Collection[int] = (), by: Actor, now: datetime) -> Undone:
    """Take a whole lay-out back. `seen`: the sign-ups (ids) that the one who acts has been shown.

    Shifts for which nobody ever signed up are deleted, the others cancelled and their people told. What has begun,
    is closed or has somebody's attendance stays. Refuses a lay-out that was taken back before, one of which nothing
    is left to take back, and a sign-up that has not been seen: nobody is called off without having been looked at.
    """
    lay_out = db.session.execute(
        select(LayOut.call_id, LayOut.undone_at, Call.unit_code, Call.branch_id)
        .join(Call, Call.id == LayOut.call_id)
        .where(LayOut.id == lay_out_id)
        .with_for_update(of=LayOut)
    ).first()
    if lay_out is None:
        raise Refused("lay-out-unknown", N_("There is no such lay-out."), status=404)
    if lay_out.undone_at is not None:
        raise Refused("lay-out-undone", N_("This lay-out was taken back already."))
    lock(list(db.session.scalars(select(Shift.id).where(Shift.lay_out_id == lay_out_id).order_by(Shift.id))))
    goes, stayed = queries.to_undo(lay_out_id, now)
    if not goes:
        raise Refused(
            "undo-nothing", N_("There is nothing to take back: its shifts have begun, are over or cancelled.")
        )
    check_seen(queries.touched(goes), seen)
    deleted = _delete_unknown_to_anybody(goes)
    went = cancel_shifts([each for each in goes if each not in deleted], by=by, now=now)
    db.session.execute(update(table_of(LayOut)).where(LayOut.id == lay_out_id).values(undone_at=now))
    done = Undone(len(deleted), len(goes) - len(deleted), stayed, len({each.member_id for each in went}))
    journal.write(
        "call.lay-out-undone",
        lay_out.call_id,
        by=by,
        now=now,
        unit_code=lay_out.unit_code,
        branch_id=lay_out.branch_id,
        lay_out=lay_out_id,
        **done._asdict(),
    )
    return done


def check_seen(touched: Sequence[queries.Touched], seen: Collection[int]) -> None:
    """Refuses what touches people whose sign-ups (ids) whoever acts has not been shown."""
    unseen = [each for each in touched if each.sign_up_id not in seen]
    if unseen:
        raise Refused(
            "people-touched",
            N_("These people have not been looked at yet: %(names)s. Please look, then decide."),
            names=_names(unseen),
        )


def _names(people: Sequence[queries.Touched]) -> str:
    names = list(dict.fromkeys(each.name for each in people))
    return " · ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _delete_unknown_to_anybody(shift_ids: Sequence[int]) -> set[int]:
    """Delete those that nothing refers to: no sign-up, of whatever state, no notice, no line of a chain."""
    known = or_(
        exists().where(SignUp.shift_id == Shift.id),
        exists().where(Notice.shift_id == Shift.id),
        exists().where(ChainLine.shift_id == Shift.id),
    )
    return set(
        db.session.scalars(delete(table_of(Shift)).where(Shift.id.in_(shift_ids), ~known).returning(Shift.id))
    )
