"""The waiting list: served in order, each free seat once, and whoever is asked has a while to answer.

Nothing here waits for a clock to be right: `settle` is done before each decision about a shift, and by a timer that
only makes it prompt.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.inputs import local_zone
from mobilizer.model import Call, Member, Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.signups.facts import Before, before
from mobilizer.signups.rules import answer_by, may_serve, theirs_to_change
from mobilizer.terms import CallStatus, ShiftStatus, SignUpSource, SignUpStatus

TIMER = Actor()
"""Time itself did it: nobody's appointment."""


def join(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> int:
    """The member waits for a seat; answers their place in the line, 1 the first. Waiting already: the same place.

    Refuses what signups.rules.may_serve refuses, and a shift that has a free seat for them: they can just take it.
    """
    seats.lock_members([member_id])
    settle(shift_id, now)
    found = before(shift_id, member_id, now)
    if found.mine_status == SignUpStatus.WAITLISTED:
        return place(shift_id, member_id)
    if found.mine_status is not None:
        raise Refused("held-already", N_("This shift is yours already, or you are being asked to take it."))
    may_serve(found.facts, local_zone(), now)
    if found.facts.free > 0 and not found.facts.waiting:
        raise Refused("seat-free", N_("A seat is free: you need not wait, just take it."))
    seats.insert_sign_up(
        shift_id,
        member_id,
        found.turn.starts_at,
        found.turn.ends_at,
        SignUpStatus.WAITLISTED,
        SignUpSource.SELF,
        now,
        unverified=by.unverified,
    )
    seats.count_waiting(shift_id, 1)
    journal.write("sign-up.waitlisted", shift_id, by=by, now=now, **found.where, member=member_id)
    return place(shift_id, member_id)


def leave(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> None:
    """The member waits no longer. Not waiting: nothing changes."""
    seats.lock(shift_id)
    found = before(shift_id, member_id, now)
    if found.mine_status != SignUpStatus.WAITLISTED or found.mine_id is None:
        return
    theirs_to_change(found.mine_unverified, by.unverified)
    seats.change(found.mine_id, SignUpStatus.WAITLISTED, SignUpStatus.CANCELLED, now=now)
    seats.count_waiting(shift_id, -1)
    journal.write("sign-up.left-line", shift_id, by=by, now=now, **found.where, member=member_id)


def place(shift_id: int, member_id: int) -> int:
    """The member's place in the line, 1 the first; 0 for who does not wait."""
    mine = select(SignUp.id).where(
        SignUp.shift_id == shift_id,
        SignUp.member_id == member_id,
        SignUp.status == SignUpStatus.WAITLISTED,
    )
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(SignUp)
            .where(
                SignUp.shift_id == shift_id,
                SignUp.status == SignUpStatus.WAITLISTED,
                SignUp.id <= mine.scalar_subquery(),
            )
        )
        or 0
    )


# --- settling -----------------------------------------------------------------------------------------


def settle(shift_id: int, now: datetime) -> None:
    """Let offers lapse whose time is over, and ask the next who wait for each free seat.

    Whoever could not take the seat any more is passed over and told why: everybody, once the shift is closed or its
    call is. Locks the shift.
    """
    seats.lock(shift_id)
    _let_lapse(shift_id, now)
    _serve_line(shift_id, now)


def _let_lapse(shift_id: int, now: datetime) -> None:
    late = db.session.execute(
        select(SignUp.id, SignUp.member_id, SignUp.in_place_of_id).where(
            SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.OFFERED, SignUp.answer_by <= now
        )
    ).all()
    for row in late:
        found = before(shift_id, row.member_id, now)
        end_offer(row.id, SignUpStatus.EXPIRED, row.in_place_of_id, found, now)
        kind = "expired" if row.in_place_of_id is None else "hand-over-lapsed"
        notices.write(kind, [row.member_id], now=now, shift_id=shift_id, **found.turn.told())
        journal.write("sign-up.expired", shift_id, by=TIMER, now=now, **found.where, member=row.member_id)


def end_offer(
    sign_up_id: int, becomes: SignUpStatus, in_place_of: int | None, found: Before, now: datetime
) -> None:
    """The offer is over without a yes: its seat is free again, or stays with who wanted to hand it over, who is told.
    Whoever waited before they were asked to take it over waits again, unless the branch took them off."""
    waits = becomes != SignUpStatus.WITHDRAWN and back_in_line(sign_up_id, found.turn.shift_id)
    if not waits and not seats.change(sign_up_id, SignUpStatus.OFFERED, becomes, now=now):
        raise Refused("offer-over", N_("This is not open any more."))
    if in_place_of is None:
        seats.free_held(found.turn.shift_id)
        return
    giver = db.session.execute(
        select(SignUp.member_id, Member.name)
        .join(Member, Member.id == select(SignUp.member_id).where(SignUp.id == sign_up_id).scalar_subquery())
        .where(SignUp.id == in_place_of)
    ).one()
    notices.write(
        "not-taken-over",
        [giver.member_id],
        now=now,
        shift_id=found.turn.shift_id,
        name=giver.name,
        **found.turn.told(),
    )


def back_in_line(sign_up_id: int, shift_id: int) -> bool:
    """Whoever waited for a seat when they were asked to take another's over waits again, where they stood: being asked
    costs nobody their place. False: they did not wait."""
    back = db.session.execute(
        update(table_of(SignUp))
        .where(
            SignUp.id == sign_up_id,
            SignUp.status == SignUpStatus.OFFERED,
            SignUp.in_place_of_id.is_not(None),
            SignUp.source != SignUpSource.HAND_OVER,
        )
        .values(status=SignUpStatus.WAITLISTED, answer_by=None, asked_by_id=None, in_place_of_id=None)
        .returning(SignUp.id)
    ).first()
    if back is not None:
        seats.count_waiting(shift_id, 1)
    return back is not None


def _serve_line(shift_id: int, now: datetime) -> None:
    """Each free seat once, in the order in which they came."""
    for row in _line(shift_id):
        found = before(shift_id, row.member_id, now)
        if reason := _hindrance(found, now):
            _pass_over(row.id, row.member_id, found, reason, now)
        elif found.facts.free > 0 and seats.hold_for_line(shift_id, now):
            _ask(row.id, row.member_id, found, now)
        else:
            return


def _line(shift_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(SignUp.id, SignUp.member_id)
        .where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.WAITLISTED)
        .order_by(SignUp.id)
    ).all()


def _hindrance(found: Before, now: datetime) -> Refused | None:
    try:
        may_serve(found.facts, local_zone(), now)
    except Refused as reason:
        return reason
    return None


def _ask(sign_up_id: int, member_id: int, found: Before, now: datetime) -> None:
    turn = found.turn
    until = answer_by(turn.starts_at, turn.ends_at, found.answer, found.late_answer, now)
    seats.change(sign_up_id, SignUpStatus.WAITLISTED, SignUpStatus.OFFERED, now=now, answer_by=until)
    notices.write("asked-up", [member_id], now=now, shift_id=turn.shift_id, answer_by=until, **turn.told())
    journal.write("sign-up.asked-up", turn.shift_id, by=TIMER, now=now, **found.where, member=member_id)


def _pass_over(sign_up_id: int, member_id: int, found: Before, reason: Refused, now: datetime) -> None:
    turn = found.turn
    seats.change(sign_up_id, SignUpStatus.WAITLISTED, SignUpStatus.EXPIRED, now=now)
    seats.count_waiting(turn.shift_id, -1)
    notices.write(
        "passed-over",
        [member_id],
        now=now,
        shift_id=turn.shift_id,
        why={"message": reason.message, "values": dict(reason.values)},
        **turn.told(),
    )
    journal.write(
        "sign-up.passed-over",
        turn.shift_id,
        by=TIMER,
        now=now,
        **found.where,
        member=member_id,
        reason=reason.code,
    )


def due(now: datetime, *, limit: int = 500) -> list[int]:
    """The shifts on which time has something to do: an offer has lapsed, or somebody waits while a seat is free, or
    though none can come any more. Settled, a shift is not due. Lowest id first."""
    lapsed = select(SignUp.shift_id).where(SignUp.status == SignUpStatus.OFFERED, SignUp.answer_by <= now)
    held_back = case((Shift.held_back_until > now, Shift.held_back), else_=0)
    to_serve = (
        select(Shift.id)
        .join(Call, Call.id == Shift.call_id)
        .where(
            Shift.waiting > 0,
            or_(
                Shift.status != ShiftStatus.OPEN,
                Shift.capacity - Shift.taken - Shift.held - held_back > 0,
                Shift.ends_at <= now,
                Call.status != CallStatus.PUBLISHED,
                Call.closes_at <= now,
            ),
        )
    )
    return list(db.session.scalars(lapsed.union(to_serve).order_by("shift_id").limit(limit)))
