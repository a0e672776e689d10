"""What an ended branch had still before it: its calls close, its shifts to come are cancelled, nobody stays bound.

These rows belong to steps to the right, which a branch may not ask; but it must all be true in the one transaction
that ends the branch, so it is written here, on the tables, set by set.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, insert, select, update

from mobilizer import journal
from mobilizer.extensions import db, table_of
from mobilizer.model import Attendance, Call, JournalEntry, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.terms import CallStatus, ShiftStatus, SignUpStatus

ACTIVE = (SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)


def call_off(branch_ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Cancel the open shifts of these branches that have not begun, withdraw who is on them, close the calls.

    Answers how many shifts were cancelled. A shift under way, or on whose roster somebody is noted, stays: it is
    served to its end, closed and counted. Everybody's rows are taken in the usual order: shift, then sign-up.
    """
    of_these = select(Call.id).where(Call.branch_id.in_(branch_ids))
    # Locked before attendance is looked for: who checks somebody in locks the shift first as well.
    to_come = db.session.execute(
        select(Shift.id, Shift.unit_code, Call.branch_id)
        .join(Call, Call.id == Shift.call_id)
        .where(Call.branch_id.in_(branch_ids), Shift.status == ShiftStatus.OPEN, Shift.starts_at > now)
        .order_by(Shift.id)
        .with_for_update(of=Shift)
    ).all()
    db.session.execute(update(table_of(Call)).where(Call.id.in_(of_these)).values(status=CallStatus.CLOSED))
    if not to_come:
        return 0
    gone = set(
        db.session.scalars(
            update(table_of(Shift))
            .where(
                Shift.call_id.in_(of_these),
                Shift.status == ShiftStatus.OPEN,
                Shift.starts_at > now,
                ~exists().where(SignUp.shift_id == Shift.id, Attendance.sign_up_id == SignUp.id),
            )
            .values(status=ShiftStatus.CANCELLED, taken=0, held=0, waiting=0)
            .returning(Shift.id)
        )
    )
    cancelled = [row for row in to_come if row.id in gone]
    if not cancelled:
        return 0
    called_off = select(Shift.id).where(Shift.call_id.in_(of_these), Shift.status == ShiftStatus.CANCELLED)
    withdrawn = db.session.execute(
        update(table_of(SignUp))
        .where(SignUp.shift_id.in_(called_off), SignUp.status.in_(ACTIVE))
        .values(status=SignUpStatus.WITHDRAWN, given_up_at=now, answer_by=None)
        .returning(SignUp.shift_id, SignUp.member_id)
    ).all()
    members: dict[int, list[int]] = {}
    for shift_id, member_id in withdrawn:
        members.setdefault(shift_id, []).append(member_id)
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
            for row in cancelled
        ],
    )
    return len(cancelled)
