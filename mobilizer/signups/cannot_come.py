"""Too late to be given back: the member tells the branch that they cannot come, and the branch finds somebody."""

from datetime import datetime

from sqlalchemy import exists, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Attendance, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import asking_queries, seats
from mobilizer.signups.facts import Before, before
from mobilizer.signups.offers import name_of
from mobilizer.signups.rules import theirs_to_change
from mobilizer.terms import SignUpStatus

NO_REASON = N_("none given.")


def tell_branch(shift_id: int, member_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """The member says that they cannot come. The seat stays theirs until the branch takes them off, which its leaders
    are told. Again: nothing changes.

    Refuses who does not hold the shift, whose attendance is noted, and a shift that is over.
    """
    found = _mine(shift_id, member_id, by, now)
    if now >= found.turn.ends_at:
        raise Refused("shift-over-told", N_("The shift is over. Please speak with the branch."))
    if db.session.scalar(select(exists().where(Attendance.sign_up_id == found.mine_id))):
        raise Refused(
            "attended", N_("Your attendance is on the roster already. Please speak with the branch.")
        )
    said = db.session.execute(
        update(SignUp)
        .where(SignUp.id == found.mine_id, SignUp.cannot_come_at.is_(None))
        .values(cannot_come_at=now, cannot_come_why=reason)
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    ).first()
    if said:
        why = reason or {"message": NO_REASON, "values": {}}
        _tell("cannot-come", found, member_id, now, why=why)
        _write("sign-up.cannot-come", found, member_id, by, now)


def can_come(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> None:
    """They can come after all: the word is taken back, and the leaders are told. Again: nothing changes.

    Refuses who has been taken off meanwhile.
    """
    found = _mine(shift_id, member_id, by, now)
    taken_back = db.session.execute(
        update(SignUp)
        .where(SignUp.id == found.mine_id, SignUp.cannot_come_at.is_not(None))
        .values(cannot_come_at=None, cannot_come_why="")
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken_back:
        _tell("can-come", found, member_id, now)
        _write("sign-up.can-come", found, member_id, by, now)


def _mine(shift_id: int, member_id: int, by: Actor, now: datetime) -> Before:
    seats.lock(shift_id)
    found = before(shift_id, member_id, now)
    if found.mine_status != SignUpStatus.CONFIRMED:
        raise Refused("not-signed-up", N_("You are not signed up for this shift any more."))
    theirs_to_change(found.mine_unverified, by.unverified)
    return found


def _tell(kind: str, found: Before, member_id: int, now: datetime, **details: object) -> None:
    leaders = asking_queries.leaders(found.branch_id)
    notices.write(
        kind,
        [leader.member_id for leader in leaders if leader.member_id != member_id],
        now=now,
        shift_id=found.turn.shift_id,
        name=name_of(member_id),
        **found.turn.told(),
        **details,
    )


def _write(kind: str, found: Before, member_id: int, by: Actor, now: datetime) -> None:
    journal.write(kind, found.turn.shift_id, by=by, now=now, **found.where, member=member_id)
