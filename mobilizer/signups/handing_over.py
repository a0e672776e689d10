"""Handing a shift over to a named person: the seat is never empty, nor open to others in between."""

from datetime import datetime

from sqlalchemy import exists, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.inputs import local_zone
from mobilizer.model import Attendance, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import seats, waiting
from mobilizer.signups.facts import Turn, before
from mobilizer.signups.offers import name_of
from mobilizer.signups.rules import answer_by, may_be_on
from mobilizer.terms import SignUpSource, SignUpStatus


def hand_over(shift_id: int, member_id: int, to_member_id: int, *, by: Actor, now: datetime) -> int:
    """Ask a named person to take the member's seat over; answers the sign-up's id. The seat stays the member's until
    the other says yes, and is open to nobody else meanwhile.

    Refuses what the other would be refused, attendance noted already, a shift that is over, and a second person
    while the first has not answered. Whether the two may know of each other is the view's to check.
    """
    if member_id == to_member_id:
        raise Refused("hand-over-self", N_("You cannot hand a shift over to yourself."))
    seats.lock_members([member_id, to_member_id])
    waiting.settle(shift_id, now)
    mine = before(shift_id, member_id, now)
    if mine.mine_status != SignUpStatus.CONFIRMED or mine.mine_id is None:
        raise Refused("not-signed-up", N_("You are not signed up for this shift any more."))
    if db.session.scalar(select(exists().where(Attendance.sign_up_id == mine.mine_id))):
        raise Refused(
            "attended", N_("Your attendance is on the roster already. Please speak with the branch.")
        )
    asked = db.session.execute(
        select(SignUp.id, SignUp.member_id).where(
            SignUp.in_place_of_id == mine.mine_id, SignUp.status == SignUpStatus.OFFERED
        )
    ).first()
    if asked is not None:
        if asked.member_id == to_member_id:
            return int(asked.id)
        raise Refused(
            "hand-over-asked", N_("Somebody is asked already. Wait for the answer, or take it back first.")
        )
    theirs = before(shift_id, to_member_id, now)
    if theirs.mine_status in (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED):
        raise Refused("hand-over-held", N_("They are on this shift already, or are being asked to be."))
    may_be_on(theirs.facts, local_zone(), now)
    turn = mine.turn
    until = answer_by(turn.starts_at, turn.ends_at, mine.offer, mine.late_answer, now)
    if theirs.mine_id is not None:
        sign_up_id = _from_the_line(theirs.mine_id, shift_id, member_id, mine.mine_id, until, now)
    else:
        sign_up_id = seats.insert_sign_up(
            shift_id,
            to_member_id,
            turn.starts_at,
            turn.ends_at,
            SignUpStatus.OFFERED,
            SignUpSource.HAND_OVER,
            now,
            answer_by=until,
            asked_by=member_id,
            in_place_of=mine.mine_id,
        )
    notices.write(
        "hand-over",
        [to_member_id],
        now=now,
        shift_id=shift_id,
        answer_by=until,
        name=name_of(member_id),
        **turn.told(),
    )
    journal.write(
        "sign-up.hand-over-asked", shift_id, by=by, now=now, **mine.where, member=member_id, to=to_member_id
    )
    return sign_up_id


def _from_the_line(
    sign_up_id: int, shift_id: int, member_id: int, in_place_of: int, until: datetime, now: datetime
) -> int:
    """Who waits is asked by the sign-up with which they wait, which keeps their place (waiting.back_in_line)."""
    seats.change(sign_up_id, SignUpStatus.WAITLISTED, SignUpStatus.OFFERED, now=now, answer_by=until)
    seats.count_waiting(shift_id, -1)
    db.session.execute(
        update(table_of(SignUp))
        .where(SignUp.id == sign_up_id)
        .values(asked_by_id=member_id, in_place_of_id=in_place_of)
    )
    return sign_up_id


def end_hand_over(sign_up_id: int, turn: Turn, now: datetime) -> bool:
    """The seat is not to be had any more: whoever was asked to take it over is told so. False: nobody was."""
    asked = db.session.execute(
        select(SignUp.id, SignUp.member_id).where(
            SignUp.in_place_of_id == sign_up_id, SignUp.status == SignUpStatus.OFFERED
        )
    ).first()
    if asked is None:
        return False
    if not waiting.back_in_line(asked.id, turn.shift_id):
        seats.change(asked.id, SignUpStatus.OFFERED, SignUpStatus.EXPIRED, now=now)
    notices.write("hand-over-lapsed", [asked.member_id], now=now, shift_id=turn.shift_id, **turn.told())
    return True


def take_back(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> Turn:
    """The member keeps the shift after all: whoever was asked to take it over is told so. Again: nothing changes.

    Refuses who holds the shift no longer: the other has said yes.
    """
    seats.lock(shift_id)
    mine = before(shift_id, member_id, now)
    if mine.mine_status != SignUpStatus.CONFIRMED or mine.mine_id is None:
        raise Refused("not-signed-up", N_("You are not signed up for this shift any more."))
    if end_hand_over(mine.mine_id, mine.turn, now):
        journal.write(
            "sign-up.hand-over-taken-back", shift_id, by=by, now=now, **mine.where, member=member_id
        )
    return mine.turn
