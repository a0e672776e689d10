"""The words about who came: checked in, checked out, absent, all present, walked in, and their undoing.

Every action locks the shift's row first, so that two leaders, a sign-up and the closing take their turns; what is
read afterwards is what the others have left. Saying the same thing twice changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, delete, exists, insert, literal, select, true

from mobilizer.attendance import clocks, coming, rules, shared_seats
from mobilizer.attendance.clocks import Reading
from mobilizer.attendance.way_rules import ROSTER, Nearness
from mobilizer.attendance.words import (
    Said,
    Turn,
    columns,
    locked,
    note,
    put,
    say_if_it_differs,
    shift_of,
    turn_of,
    word_of,
    write,
)
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.filters import clock_time
from mobilizer.joining import actions as joining
from mobilizer.model import Attendance, SignUp
from mobilizer.model.types import Instant
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.signups import seats
from mobilizer.signups.offers import name_of
from mobilizer.terms import SignUpSource, SignUpStatus

_ACTIVE = (SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)


def check_in(
    sign_up_id: int,
    *,
    at: datetime | None = None,
    reading: Reading | None = None,
    way: str = ROSTER,
    nearness: Nearness | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Here since `at`, which also corrects an earlier time. Without `at`: here since now, or since the moment that the
    `reading` of a phone's clock means, unless here already.

    Refuses what rules.may_note and rules.arrival refuse, an arrival after the person has left; and what comes late from
    a phone, when something else was said of them meanwhile.
    """
    when = clocks.when(now, typed=at, reading=reading)
    turn, word = locked(sign_up_id, when.judged_at)
    if at is None and word.checked_in_at is not None:
        say_if_it_differs(word, word.in_device_at, when)
        return
    if when.clock == clocks.DEVICE and word.absent and word.noted_at and word.noted_at > when.at:
        raise Refused(
            "absent-meanwhile",
            N_("%(name)s was marked absent at %(time)s. If they were there, please enter their times."),
            name=name_of(word.member_id),
            time=clock_time(word.noted_at),
        )
    arrived = rules.arrival(when.at, turn.starts_at, turn.ends_at, now)
    if word.checked_out_at is not None:
        rules.departure(word.checked_out_at, arrived, turn.ends_at, now)
    said = Said(arrived, word.checked_out_at, way, when, nearness=nearness)
    note(turn, word, said, now=now, by=by, kind="attendance.checked-in")


def check_out(
    sign_up_id: int,
    *,
    at: datetime | None = None,
    reading: Reading | None = None,
    way: str = ROSTER,
    by: Actor,
    now: datetime,
) -> None:
    """Left at `at`, which also corrects an earlier time. Without `at`: left now, or when the `reading` of a phone's
    clock means, unless gone already.

    Refuses who is not checked in, what rules.departure refuses, and what comes late from a phone when they are said to
    have left at another time.
    """
    when = clocks.when(now, typed=at, reading=reading)
    turn, word = locked(sign_up_id, when.judged_at)
    if word.checked_in_at is None:
        raise Refused("not-here", N_("This person is not checked in. Please check them in first."))
    if at is None and word.checked_out_at is not None:
        say_if_it_differs(word, word.out_device_at, when)
        return
    left = rules.departure(when.at, word.checked_in_at, turn.ends_at, now)
    said = Said(word.checked_in_at, left, way, when)
    note(turn, word, said, now=now, by=by, kind="attendance.checked-out")


def set_times(
    sign_up_id: int,
    *,
    arrived: datetime,
    left: datetime | None,
    break_minutes: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Both times at once, as they were, and the minutes of breaks; `left` None: still here."""
    turn, word = locked(sign_up_id, now)
    arrived = rules.arrival(arrived, turn.starts_at, turn.ends_at, now)
    if left is not None:
        left = rules.departure(left, arrived, turn.ends_at, now)
    if break_minutes is not None:
        rules.pause(break_minutes, arrived, left)
    when = clocks.when(now, typed=arrived)
    said = Said(arrived, left, ROSTER, when, break_minutes=break_minutes)
    note(turn, word, said, now=now, by=by, kind="attendance.checked-in")


def mark_absent(sign_up_id: int, *, reading: Reading | None = None, by: Actor, now: datetime) -> None:
    """Did not come. Refuses for whoever is checked in: that word is undone first, so that nobody erases it unseen."""
    when = clocks.when(now, reading=reading)
    turn, word = locked(sign_up_id, when.judged_at)
    if word.checked_in_at is not None:
        raise Refused("is-here", N_("This person is checked in. Undo that first if they did not come."))
    note(turn, word, Said(None, None, ROSTER, when), now=now, by=by, kind="attendance.absent")


def clear(sign_up_id: int, *, by: Actor, now: datetime) -> None:
    """Take back what was said: signed up again. A walk-in, who never signed up, leaves the roster and the seat; who took
    over inside the shift leaves the roster, and the seat is the first one's. Refuses who was relieved so: that is undone
    first."""
    turn = turn_of(shift_of(sign_up_id))
    word = word_of(sign_up_id)
    rules.may_note(turn.status, turn.starts_at, now)
    if word is None or word.absent is None:
        return
    if (relieved_by := shared_seats.taken_over_by(sign_up_id)) is not None:
        raise Refused(
            "taken-over", N_("%(name)s has taken over from them. Undo that first."), name=relieved_by
        )
    db.session.execute(delete(Attendance).where(Attendance.sign_up_id == sign_up_id))
    if shared_seats.shares(sign_up_id):
        seats.change(sign_up_id, SignUpStatus.CONFIRMED, SignUpStatus.WITHDRAWN, now=now)
    elif word.source == SignUpSource.WALK_IN:
        seats.change(sign_up_id, SignUpStatus.CONFIRMED, SignUpStatus.WITHDRAWN, now=now)
        seats.free_taken(turn.shift_id)
    write("attendance.cleared", turn, by, now, member=word.member_id)


def all_present(shift_id: int, *, at: datetime | None = None, by: Actor, now: datetime) -> int:
    """Here since `at`: everyone signed up of whom nothing is said yet; answers how many those were.

    Without `at`: since the shift's start, or since now if it has not begun.
    """
    turn = turn_of(shift_id)
    rules.may_note(turn.status, turn.starts_at, now)
    since = rules.arrival(at or rules.roll_call(turn.starts_at, now), turn.starts_at, turn.ends_at, now)
    return _settle(turn, since, "attendance.all-present", by, now)


def rest_absent(shift_id: int, *, by: Actor, now: datetime) -> int:
    """Absent: everyone signed up of whom nothing is said yet; answers how many. Refuses before the shift has begun."""
    turn = turn_of(shift_id)
    rules.may_note(turn.status, turn.starts_at, now)
    if now < turn.starts_at:
        raise Refused("shift-not-begun", N_("The shift has not begun. Whoever is missing may still come."))
    return _settle(turn, None, "attendance.rest-absent", by, now)


def walk_in(
    shift_id: int,
    member_id: int,
    *,
    at: datetime | None = None,
    add_seat: bool = False,
    waive: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Somebody came without a sign-up: seat, confirmed sign-up and check-in at once; answers the sign-up's id.

    Who is signed up already is checked in. Refuses a full shift unless `add_seat`, another shift of theirs at that
    time, a missing skill, an unknown member, and what rules.may_note and rules.arrival refuse; and without a reason
    to `waive` it, which the journal keeps, whoever the branch's limits would send home to rest. Whether the member is
    within the leader's reach is the view's to check.
    """
    seats.lock_members([member_id])
    turn = turn_of(shift_id)
    rules.may_note(turn.status, turn.starts_at, now)
    arrived = rules.arrival(
        at or (rules.roll_call(turn.starts_at, now) if now >= turn.ends_at else now),
        turn.starts_at,
        turn.ends_at,
        now,
    )
    facts = coming.facts_of(turn, member_id)
    if facts.status == SignUpStatus.CONFIRMED:
        check_in(facts.held_id, at=at, by=by, now=now)
        return int(facts.held_id)
    kept = facts.status == SignUpStatus.OFFERED and facts.in_place_of_id is None
    coming.refuse_who_cannot(facts)
    tired = coming.beyond_limits(shift_id, member_id, facts, now)
    if tired is not None and not waive:
        raise tired
    if turn.taken + turn.held >= turn.capacity and not kept:
        if not add_seat:
            raise Refused(
                "shift-full",
                N_("Every seat is taken (%(count)s in all). Tick “add a seat” to take %(name)s on."),
                field="add_seat",
                count=turn.capacity,
                name=facts.name,
            )
        shifts.set_capacity(shift_id, turn.capacity + 1, by=by, now=now)
    sign_up_id = _taken_on(turn, member_id, facts, now, waived=tired is not None)
    db.session.execute(
        insert(Attendance).values(
            sign_up_id=sign_up_id,
            absent=False,
            noted_at=now,
            **columns(Said(arrived, None, ROSTER, clocks.when(now, typed=at)), None),
        )
    )
    joining.seen_there(shift_id, [member_id], by=by, now=now)
    said = {"waived": waive} if tired is not None else {}
    write("sign-up.walked-in", turn, by, now, member=member_id, arrived=arrived.isoformat(), **said)
    return sign_up_id


def rewrite(
    sign_up_id: int,
    *,
    arrived: datetime | None,
    left: datetime | None,
    break_minutes: int | None = None,
    now: datetime,
) -> None:
    """What a correction in the ledger says of a closed shift, so that both say the same. `arrived` None: absent."""
    word = word_of(sign_up_id)
    if word is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    when = clocks.when(now, typed=arrived or now)
    put(word, Said(arrived, left, ROSTER, when, break_minutes=break_minutes), now)


# --- several at once, and who walks in -----------------------------------------------------------------


def _settle(turn: Turn, since: datetime | None, kind: str, by: Actor, now: datetime) -> int:
    """The same word for all of whom there is none, in one statement. Who has told the branch that they cannot come is
    not taken to be here."""
    came = since is not None
    silent = select(
        SignUp.id,
        literal(not came),
        literal(since, Instant()),
        literal(now, Instant()),
        literal(ROSTER if came else None, String()),
        literal(clocks.TYPED if came else None, String()),
        literal(now if came else None, Instant()),
    ).where(
        SignUp.shift_id == turn.shift_id,
        SignUp.status == SignUpStatus.CONFIRMED,
        ~exists().where(Attendance.sign_up_id == SignUp.id),
        SignUp.cannot_come_at.is_(None) if came else true(),
    )
    noted: Sequence[Any] = db.session.execute(
        insert(Attendance)
        .from_select(
            ["sign_up_id", "absent", "checked_in_at", "noted_at", "in_way", "in_clock", "in_received_at"],
            silent,
        )
        .returning(Attendance.sign_up_id)
    ).all()
    if noted:
        if came:
            joining.seen_there(turn.shift_id, _people_of(noted), by=by, now=now)
        write(kind, turn, by, now, count=len(noted))
    return len(noted)


def _people_of(noted: Sequence[Any]) -> Sequence[int]:
    ids = [row.sign_up_id for row in noted]
    return db.session.scalars(select(SignUp.member_id).where(SignUp.id.in_(ids), SignUp.unverified)).all()


def _taken_on(turn: Turn, member_id: int, facts: Any, now: datetime, *, waived: bool) -> int:
    """The confirmed sign-up: the one that was offered or waiting, or a new one."""
    if facts.status == SignUpStatus.OFFERED and facts.in_place_of_id is None:
        seats.take_held(turn.shift_id)
    else:
        seats.take_on_site(turn.shift_id)
    if facts.status == SignUpStatus.WAITLISTED:
        seats.count_waiting(turn.shift_id, -1)
    if facts.held_id is None:
        return seats.insert_sign_up(
            turn.shift_id,
            member_id,
            turn.starts_at,
            turn.ends_at,
            SignUpStatus.CONFIRMED,
            SignUpSource.WALK_IN,
            now,
            waived=waived,
        )
    seats.change(facts.held_id, facts.status, SignUpStatus.CONFIRMED, now=now)
    return int(facts.held_id)
