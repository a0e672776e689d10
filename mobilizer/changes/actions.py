"""Moving, resizing, closing and cancelling shifts that people may hold. `seen` are the sign-ups (ids) that whoever
acts has been shown: nobody is touched unseen, and everybody who is touched is left a notice."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from mobilizer import journal
from mobilizer.changes import queries
from mobilizer.changes.moving import moving
from mobilizer.changes.rules import MOST_AT_ONCE, Held, Move, Wish
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.shifts import calling_off
from mobilizer.shifts.queries import Touched, touched
from mobilizer.signups import handing_over, seats, waiting
from mobilizer.signups.facts import Turn
from mobilizer.signups.rules import answer_by
from mobilizer.terms import ShiftStatus, SignUpStatus


def move(
    call_id: int,
    shift_ids: Sequence[int],
    wish: Wish,
    *,
    seen: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> tuple[int, int]:
    """Move open shifts of a call that have not begun; answers how many, and how many people are asked anew.

    Whoever holds one keeps it and is told. Whom it no longer suits (an overlap, a limit of the branch) is asked: the
    seat is held until they answer. Refuses what moving.moving refuses, and people who were not seen.
    """
    people, found = _locked(call_id, shift_ids, seen)
    plan = moving(call_id, found, wish, now)
    where, asked = plan.where, plan.asked
    confirmed = [each.sign_up_id for each in people if each.status == SignUpStatus.CONFIRMED]
    _set(
        confirmed, status=SignUpStatus.WAITLISTED
    )  # for the moment, so that no step of the move overlaps another
    for each in plan.moves:
        _put(each, where)
    _set([each for each in confirmed if each not in asked], status=SignUpStatus.CONFIRMED)
    by_shift = {each.shift.id: each for each in plan.moves}
    for person in people:
        if person.shift_id in by_shift:
            _tell(person, by_shift[person.shift_id], where, asked.get(person.sign_up_id), by, now)
    for each in plan.moves:
        _write_down(each, where, by, now)
    return len(plan.moves), len(asked)


def resize(
    call_id: int,
    shift_ids: Sequence[int],
    capacity: int,
    least: int,
    *,
    seen: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Give open shifts so many seats, covered from `least` people on; answers how many changed.

    Where more people are on it than that nobody is dropped: they are told that fewer are needed, and seats that are
    given back go away. New seats go to who waits.
    """
    people, found = _locked(call_id, shift_ids, seen, only=lambda each: each.taken + each.held > capacity)
    changed = 0
    for each in found:
        if not shifts.set_capacity(each.id, capacity, least=least, shrink=True, by=by, now=now):
            continue
        changed += 1
        if each.taken + each.held > capacity and each.shrink_to != capacity:
            _fewer(each, people, now)
        waiting.settle(each.id, now)
    return changed


def close(
    call_id: int, shift_ids: Sequence[int], *, seen: Collection[int] = (), by: Actor, now: datetime
) -> int:
    """No more sign-up for these shifts: who is on them, or being asked, stays, and what is given back is not open
    again, but for the last seat, as a shift has one at least; the waiting list ends, and whoever waits is told. Answers
    how many shifts. Refuses one that nobody is on."""
    people, found = _locked(call_id, shift_ids, seen)
    for each in found:
        on = each.taken + each.held
        if not on:
            raise Refused(
                "close-empty",
                N_("Nobody is on one of these shifts: cancel it instead of closing its sign-up."),
                status=422,
            )
        in_line = [
            person
            for person in people
            if person.shift_id == each.id and person.status == SignUpStatus.WAITLISTED
        ]
        _set(
            [person.sign_up_id for person in in_line],
            status=SignUpStatus.EXPIRED,
            given_up_at=now,
        )
        db.session.execute(
            update(table_of(Shift))
            .where(Shift.id == each.id)
            .values(
                capacity=on,
                shrink_to=1 if on > 1 else None,
                least=min(each.least, on),
                held_back=0,
                held_back_until=None,
                waiting=0,
            )
        )
        notices.write(
            "passed-over",
            [person.member_id for person in in_line],
            now=now,
            shift_id=each.id,
            why={"message": N_("Sign-up for it is closed."), "values": {}},
            **_told(each),
        )
    where = queries.where(call_id)
    for each in found:
        journal.write(
            "shift.sign-up-closed",
            each.id,
            by=by,
            now=now,
            unit_code=where.unit_code if where else None,
            branch_id=where.branch_id if where else None,
            seats=each.taken + each.held,
        )
    return len(found)


def cancel(
    call_id: int, shift_ids: Sequence[int], *, seen: Collection[int] = (), by: Actor, now: datetime
) -> int:
    """Cancel shifts, all of them or none; answers how many. Whoever is on them is told."""
    _people, found = _locked(call_id, shift_ids, seen)
    for each in found:
        shifts.cancel(each.id, by=by, now=now)
    return len(found)


# --- how ----------------------------------------------------------------------------------------------


def _locked(
    call_id: int,
    shift_ids: Sequence[int],
    seen: Collection[int],
    only: Callable[[Held], bool] | None = None,
) -> tuple[list[Touched], list[Held]]:
    """The people and the open shifts, once both are locked. `only`: on which shifts anybody is touched at all."""
    if not shift_ids:
        raise Refused("shifts-unticked", N_("Please tick at least one shift."), status=422)
    if len(set(shift_ids)) > MOST_AT_ONCE:
        raise Refused("changes-many", N_("At most %(n)s shifts at once."), status=422, n=MOST_AT_ONCE)
    seats.lock_members(each.member_id for each in touched(shift_ids))
    calling_off.lock(shift_ids)
    found = queries.chosen(call_id, shift_ids)
    if len(found) < len(set(shift_ids)):
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    if any(each.status != ShiftStatus.OPEN for each in found):
        raise Refused(
            "shift-not-open",
            N_("One of these shifts was cancelled or is closed. It can no longer be changed."),
        )
    people = touched([each.id for each in found if only is None or only(each)])
    calling_off.check_seen(people, seen)
    return people, found


def _set(sign_up_ids: Collection[int], **values: object) -> None:
    if sign_up_ids:
        db.session.execute(update(table_of(SignUp)).where(SignUp.id.in_(sign_up_ids)).values(**values))


def _put(each: Move, where: queries.Where) -> None:
    """The sign-ups go with it (ON UPDATE CASCADE). Seats that were to open after its new start open at once."""
    values: dict[str, object] = {
        "checkpoint_id": each.checkpoint_id,
        "day": each.day,
        "starts_at": each.starts_at,
        "ends_at": each.ends_at,
    }
    if each.checkpoint_id != each.shift.checkpoint_id:
        values["unit_code"] = where.places[each.checkpoint_id].unit_code
    db.session.execute(update(table_of(Shift)).where(Shift.id == each.shift.id).values(**values))
    db.session.execute(
        update(table_of(Shift))
        .where(Shift.id == each.shift.id, Shift.held_back_until >= each.starts_at)
        .values(held_back=0, held_back_until=None)
    )


def _write_down(each: Move, where: queries.Where, by: Actor, now: datetime) -> None:
    place = where.places.get(each.checkpoint_id)
    journal.write(
        "shift.moved",
        each.shift.id,
        by=by,
        now=now,
        unit_code=place.unit_code if place else where.unit_code,
        branch_id=where.branch_id,
        before=[each.shift.checkpoint_id, each.shift.starts_at.isoformat(), each.shift.ends_at.isoformat()],
        after=[each.checkpoint_id, each.starts_at.isoformat(), each.ends_at.isoformat()],
    )


def _turn(each: Move, where: queries.Where) -> Turn:
    place = where.places.get(each.checkpoint_id)
    name = place.name if place else each.shift.checkpoint
    return Turn(each.shift.id, name, each.shift.post, each.starts_at, each.ends_at)


def _told(each: Held) -> dict[str, object]:
    return Turn(each.id, each.checkpoint, each.post, each.starts_at, each.ends_at).told()


def _tell(
    person: Touched, each: Move, where: queries.Where, reason: Refused | None, by: Actor, now: datetime
) -> None:
    """Leave the person a notice of the move; whom it does not suit (`reason`) is asked, and an offer asks anew."""
    turn = _turn(each, where)
    details = {**turn.told(), "was_from": person.starts_at, "was_to": person.ends_at}
    usual, late = (
        timedelta(minutes=where.answer_minutes),
        timedelta(minutes=where.late_answer_minutes),
    )
    until = answer_by(each.starts_at, each.ends_at, usual, late, now)
    to, shift = [person.member_id], turn.shift_id
    if reason is not None:
        handing_over.end_hand_over(person.sign_up_id, turn, now)
        _ask(person, until, by)
        why = {"message": reason.message, "values": dict(reason.values)}
        notices.write("moved-does-not-fit", to, now=now, shift_id=shift, answer_by=until, why=why, **details)
    elif person.status == SignUpStatus.CONFIRMED:
        notices.write("moved", to, now=now, shift_id=shift, **details)
    elif person.status == SignUpStatus.WAITLISTED:
        notices.write("moved-in-line", to, now=now, shift_id=shift, **details)
    elif seats.change(
        person.sign_up_id, SignUpStatus.OFFERED, SignUpStatus.OFFERED, now=now, answer_by=until
    ):
        notices.write("offer", to, now=now, shift_id=shift, answer_by=until, **turn.told())


def _ask(person: Touched, until: datetime, by: Actor) -> None:
    """The taken seat becomes one that an offer holds."""
    _set(
        [person.sign_up_id],
        status=SignUpStatus.OFFERED,
        answer_by=until,
        asked_by_id=by.member_id,
        in_place_of_id=None,
    )
    db.session.execute(
        update(table_of(Shift))
        .where(Shift.id == person.shift_id)
        .values(taken=Shift.taken - 1, held=Shift.held + 1)
    )


def _fewer(each: Held, people: Sequence[Touched], now: datetime) -> None:
    on = [
        person.member_id
        for person in people
        if person.shift_id == each.id and person.status == SignUpStatus.CONFIRMED
    ]
    notices.write("fewer-needed", on, now=now, shift_id=each.id, **_told(each))
