"""Shifts that will not be, and what an ended branch had still before it: nobody stays bound, and everybody is told.

These rows belong to steps to the right, which a branch may not ask; but it must all be true in the one transaction
that ends the branch, so it is written here, on the tables, set by set; shifts.calling_off stands on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, insert, select, update

from mobilizer import journal
from mobilizer.extensions import db, table_of
from mobilizer.members.queries import batches
from mobilizer.model import Attendance, Call, Checkpoint, JournalEntry, Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.terms import CallStatus, ShiftStatus, SignUpStatus

ACTIVE = (SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)


class Off(NamedTuple):
    """A sign-up that went with its shift: `status` is what it was before."""

    shift_id: int
    member_id: int
    status: str


def call_off(branch_ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Cancel the open shifts of these branches that have not begun, withdraw who is on them, close the calls.

    Answers how many shifts were cancelled. A shift under way, or on whose roster somebody is noted, stays: it is
    served to its end, closed and counted. Everybody's rows are taken in the usual order: shift, then sign-up.
    """
    # Locked before attendance is looked for: who checks somebody in locks the shift first as well.
    to_come = db.session.scalars(
        select(Shift.id)
        .join(Call, Call.id == Shift.call_id)
        .where(Call.branch_id.in_(branch_ids), Shift.status == ShiftStatus.OPEN, Shift.starts_at > now)
        .order_by(Shift.id)
        .with_for_update(of=Shift)
    ).all()
    db.session.execute(
        update(table_of(Call)).where(Call.branch_id.in_(branch_ids)).values(status=CallStatus.CLOSED)
    )
    noted = exists().where(SignUp.shift_id == Shift.id, Attendance.sign_up_id == SignUp.id)
    cancelled = 0
    for some in batches(to_come):
        free = db.session.scalars(select(Shift.id).where(Shift.id.in_(some), ~noted).order_by(Shift.id)).all()
        cancel_shifts(free, by=by, now=now)
        cancelled += len(free)
    return cancelled


def cancel_shifts(shift_ids: Sequence[int], *, by: Actor, now: datetime) -> list[Off]:
    """Cancel these shifts, which the caller has locked, and found open and unattended.

    Every sign-up, offer and place in line goes with them, and each of these people is left a notice.
    """
    places = db.session.execute(
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.post,
            Shift.unit_code,
            Checkpoint.name.label("checkpoint"),
            Call.branch_id,
        )
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(Shift.id.in_(shift_ids))
        .order_by(Shift.id)
    ).all()
    if not places:
        return []
    of_these = (SignUp.shift_id.in_(shift_ids), SignUp.status.in_(ACTIVE))
    went = [
        Off(*row)
        for row in db.session.execute(
            select(SignUp.shift_id, SignUp.member_id, SignUp.status)
            .where(*of_these)
            .order_by(SignUp.shift_id, SignUp.id)
        )
    ]
    db.session.execute(
        update(table_of(Shift))
        .where(Shift.id.in_(shift_ids))
        .values(status=ShiftStatus.CANCELLED, taken=0, held=0, waiting=0)
    )
    db.session.execute(
        update(table_of(SignUp))
        .where(*of_these)
        .values(status=SignUpStatus.WITHDRAWN, given_up_at=now, answer_by=None)
    )
    members: dict[int, list[int]] = {}
    for each in went:
        members.setdefault(each.shift_id, []).append(each.member_id)
    told = {
        row.id: {name: getattr(row, name) for name in ("starts_at", "ends_at", "checkpoint", "post")}
        for row in places
    }
    notices.write_each(
        "cancelled", [(each.member_id, each.shift_id, told[each.shift_id]) for each in went], now=now
    )
    db.session.execute(
        insert(table_of(JournalEntry)),
        [
            journal.entry(
                "shift.cancelled",
                row.id,
                by,
                now,
                row.unit_code,
                row.branch_id,
                {"members": sorted(members.get(row.id, []))},
            )
            for row in places
        ],
    )
    return went
