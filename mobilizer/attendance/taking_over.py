"""A hand-over inside a shift: one served until then, another from then on, on the same seat.

Each has an attendance of their own, and so, when the shift is closed, an entry: a hand-over is one person-time each.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from mobilizer.attendance import actions, clocks, coming, rules, shared_seats
from mobilizer.attendance.way_rules import ROSTER
from mobilizer.attendance.words import Said, Turn, Word, columns, shift_of, turn_of, word_of, write
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, run, table_of
from mobilizer.joining import actions as joining
from mobilizer.model import Attendance, SignUp
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.terms import SignUpSource, SignUpStatus


def take_over(
    sign_up_id: int, member_id: int, *, at: datetime, waive: str = "", by: Actor, now: datetime
) -> int:
    """The member took over at `at` from the one of this sign-up, who leaves then; answers the new sign-up's id. Again:
    nothing changes.

    Refuses a shift that has not begun or takes no word, whoever is not checked in and whom somebody relieved already, what
    rules.taking_over refuses, and of the one who comes what walking in refuses; but no full shift: it is the same seat.
    """
    seats.lock_members([member_id])
    turn = turn_of(shift_of(sign_up_id))
    rules.may_note(turn.status, turn.starts_at, now)
    word, since = _on_post(sign_up_id)
    facts = coming.facts_of(turn, member_id)
    if facts.status == SignUpStatus.CONFIRMED and facts.in_place_of_id == sign_up_id:
        return int(facts.held_id)
    _free_to_come(facts, shared_seats.taken_over_by(sign_up_id))
    tired = coming.beyond_limits(turn.shift_id, member_id, facts, now)
    if tired is not None and not waive:
        raise tired
    at = rules.taking_over(at, since, turn.ends_at, now)
    if word.checked_out_at is None or word.checked_out_at > at:
        actions.check_out(sign_up_id, at=at, by=by, now=now)
    made = _second(turn, sign_up_id, member_id, facts, waived=tired is not None, now=now)
    said = Said(at, None, ROSTER, clocks.when(now, typed=at))
    db.session.execute(
        insert(Attendance).values(sign_up_id=made, absent=False, noted_at=now, **columns(said, None))
    )
    joining.seen_there(turn.shift_id, [member_id], by=by, now=now)
    more = {"waived": waive} if tired is not None else {}
    write(
        "attendance.taken-over", turn, by, now, member=word.member_id, to=member_id, at=at.isoformat(), **more
    )
    return made


def _on_post(sign_up_id: int) -> tuple[Word, datetime]:
    """What is said of the one who leaves, and since when they were there."""
    word = word_of(sign_up_id)
    if word is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    if word.checked_in_at is None:
        raise Refused("not-here", N_("This person is not checked in. Please check them in first."))
    return word, word.checked_in_at


def _free_to_come(facts: Any, relieved_by: str | None) -> None:
    if relieved_by is not None:
        raise Refused("taken-over", N_("%(name)s has taken over from them already."), name=relieved_by)
    if facts.status == SignUpStatus.CONFIRMED:
        raise Refused("on-roster", N_("%(name)s is on this roster already."), name=facts.name)
    if facts.status == SignUpStatus.OFFERED:
        raise Refused(
            "has-offer",
            N_("A seat of their own is kept for %(name)s. Add them as somebody who came."),
            name=facts.name,
        )
    coming.refuse_who_cannot(facts)


def _second(turn: Turn, first_id: int, member_id: int, facts: Any, *, waived: bool, now: datetime) -> int:
    """The confirmed sign-up on the seat of the first; whoever waited for a seat of this shift waits no more."""
    if facts.status != SignUpStatus.WAITLISTED:
        return seats.insert_sign_up(
            turn.shift_id,
            member_id,
            turn.starts_at,
            turn.ends_at,
            SignUpStatus.CONFIRMED,
            SignUpSource.HAND_OVER,
            now,
            in_place_of=first_id,
            waived=waived,
        )
    seats.change(facts.held_id, SignUpStatus.WAITLISTED, SignUpStatus.CONFIRMED, now=now)
    seats.count_waiting(turn.shift_id, -1)
    run(
        update(table_of(SignUp))
        .where(SignUp.id == facts.held_id)
        .values(in_place_of_id=first_id, source=SignUpSource.HAND_OVER)
    )
    return int(facts.held_id)
