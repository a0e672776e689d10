"""The waiting list, offers, hand-overs, groups and the branch's limits: what each person was promised."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import JournalEntry, Member, Notice, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.signups import actions, groups, handing_over, offers, waiting
from tests import factories

pytestmark = pytest.mark.usefixtures("app")
NOW = clock.now()


def done(act: Any, *given: Any, now: datetime = NOW, **named: Any) -> Any:
    begin_write()
    try:
        answer = act(*given, now=now, by=Actor(), **named)
        db.session.commit()
        return answer
    finally:
        db.session.rollback()


def refused(code: str, act: Any, *given: Any, now: datetime = NOW, **named: Any) -> None:
    with pytest.raises(Refused) as refusal:
        done(act, *given, now=now, **named)
    assert refusal.value.code == code


def settled(shift: Shift, now: datetime) -> None:
    begin_write()
    waiting.settle(shift.id, now)
    db.session.commit()


def people(count: int) -> list[Member]:
    home = factories.branch()
    return [factories.member(home) for _ in range(count)]


def states(shift: Shift) -> dict[int, str]:
    """Each member's latest status on the shift."""
    return dict(
        factories.rows(
            select(SignUp.member_id, SignUp.status).where(SignUp.shift_id == shift.id).order_by(SignUp.id)
        )
    )


def counts(shift: Shift) -> tuple[int, int, int]:
    """Taken, held, waiting: as the shift counts them, which must be what the sign-ups say."""
    [row] = factories.rows(select(Shift.taken, Shift.held, Shift.waiting).where(Shift.id == shift.id))
    found = factories.rows(select(SignUp.status, SignUp.in_place_of_id).where(SignUp.shift_id == shift.id))
    assert row.taken == sum(each.status == "confirmed" for each in found)
    assert row.held == sum(each.status == "offered" and each.in_place_of_id is None for each in found)
    assert row.waiting == sum(each.status == "waitlisted" for each in found)
    return tuple(row)


def told(who: Member) -> list[str]:
    return [
        row.kind
        for row in factories.rows(select(Notice.kind).where(Notice.member_id == who.id).order_by(Notice.id))
    ]


def asked(shift: Shift, who: Member) -> int:
    """The id of the offer that waits for the member's answer."""
    return int(
        factories.scalar(
            select(SignUp.id).where(
                SignUp.shift_id == shift.id, SignUp.member_id == who.id, SignUp.status == "offered"
            )
        )
    )


# --- the waiting list ----------------------------------------------------------------------------------


def test_a_line_is_served_in_order_and_each_seat_once() -> None:
    shift = factories.shift(capacity=1)
    holder, first, second = people(3)
    done(actions.sign_up, shift.id, holder.id)
    refused("shift-full", actions.sign_up, shift.id, first.id)
    assert done(waiting.join, shift.id, first.id) == 1
    assert done(waiting.join, shift.id, second.id) == 2
    assert done(waiting.join, shift.id, second.id) == 2, "joining twice is no different"
    done(actions.give_back, shift.id, holder.id, now=NOW + timedelta(minutes=1))
    assert states(shift) == {holder.id: "cancelled", first.id: "offered", second.id: "waitlisted"}
    assert counts(shift) == (0, 1, 1)
    assert told(first) == ["asked-up"]
    assert told(second) == []
    done(offers.accept, asked(shift, first))
    done(offers.accept, factories.scalar(select(SignUp.id).where(SignUp.member_id == first.id)))
    assert counts(shift) == (1, 0, 1)


def test_nobody_passes_whoever_waits() -> None:
    shift = factories.shift(capacity=1)
    holder, waits, quick = people(3)
    done(actions.sign_up, shift.id, holder.id)
    done(waiting.join, shift.id, waits.id)
    done(shifts.set_capacity, shift.id, 2)
    refused("shift-full", actions.sign_up, shift.id, quick.id)
    settled(shift, NOW)
    assert states(shift)[waits.id] == "offered"


def test_who_does_not_answer_in_time_makes_room_for_the_next() -> None:
    shift = factories.shift(capacity=1, starts_at=NOW + timedelta(hours=20))
    holder, first, second = people(3)
    done(actions.sign_up, shift.id, holder.id)
    done(waiting.join, shift.id, first.id)
    done(waiting.join, shift.id, second.id)
    done(actions.give_back, shift.id, holder.id)
    settled(shift, NOW + timedelta(minutes=29))
    assert states(shift)[first.id] == "offered"
    assert shift.id in waiting.due(NOW + timedelta(minutes=30))
    refused("offer-late", offers.accept, asked(shift, first), now=NOW + timedelta(minutes=30))
    settled(shift, NOW + timedelta(minutes=30))
    assert states(shift) == {holder.id: "cancelled", first.id: "expired", second.id: "offered"}
    assert told(first) == ["asked-up", "expired"]
    assert waiting.due(NOW + timedelta(minutes=31)) == []


def test_shortly_before_the_shift_ten_minutes_are_given() -> None:
    shift = factories.shift(capacity=1, starts_at=NOW + timedelta(minutes=90))
    holder, first = people(2)
    done(actions.sign_up, shift.id, holder.id)
    done(waiting.join, shift.id, first.id)
    done(actions.give_back, shift.id, holder.id, now=NOW + timedelta(seconds=5))
    until = factories.scalar(select(SignUp.answer_by).where(SignUp.status == "offered"))
    assert until == NOW + timedelta(minutes=10, seconds=5)


def test_who_could_no_longer_is_passed_over_and_told_why() -> None:
    shift, other = factories.shift(capacity=1), factories.shift()
    holder, first, second = people(3)
    done(actions.sign_up, shift.id, holder.id)
    done(waiting.join, shift.id, first.id)
    done(waiting.join, shift.id, second.id)
    done(actions.sign_up, other.id, first.id)
    done(actions.give_back, shift.id, holder.id)
    assert states(shift) == {holder.id: "cancelled", first.id: "expired", second.id: "offered"}
    assert told(first) == ["passed-over"]
    assert counts(shift) == (0, 1, 0)


def test_seats_held_back_open_at_their_moment_and_to_the_line_first() -> None:
    later = NOW + timedelta(hours=3)
    shift = factories.shift(capacity=2, held_back=1, held_back_until=later)
    one, two, three = people(3)
    done(actions.sign_up, shift.id, one.id)
    refused("not-released", actions.sign_up, shift.id, two.id)
    done(waiting.join, shift.id, two.id)
    settled(shift, later - timedelta(minutes=1))
    assert states(shift)[two.id] == "waitlisted"
    assert waiting.due(later) == [shift.id]
    refused("shift-full", actions.sign_up, shift.id, three.id, now=later)
    settled(shift, later)
    assert states(shift)[two.id] == "offered"


# --- offers --------------------------------------------------------------------------------------------


def test_an_offer_holds_the_seat_until_the_answer() -> None:
    shift = factories.shift(capacity=1)
    asked_one, other = people(2)
    offer_id = done(offers.offer, shift.id, asked_one.id)
    assert done(offers.offer, shift.id, asked_one.id) == offer_id
    assert counts(shift) == (0, 1, 0)
    refused("shift-full", actions.sign_up, shift.id, other.id)
    done(offers.decline, offer_id)
    done(offers.decline, offer_id)
    assert counts(shift) == (0, 0, 0)
    done(actions.sign_up, shift.id, other.id)


def test_a_yes_by_voice_is_entered_as_such() -> None:
    shift = factories.shift()
    [who] = people(1)
    done(offers.offer, shift.id, who.id, voice=True)
    assert states(shift) == {who.id: "confirmed"}
    assert told(who) == ["confirmed-by-voice"]
    details = factories.scalar(select(JournalEntry.details).where(JournalEntry.kind == "sign-up.accepted"))
    assert details["voice"] is True


def test_what_a_member_would_be_refused_a_secretary_is_refused_too_but_for_a_limit_with_a_reason() -> None:
    call = factories.call()
    first = factories.shift(call, starts_at=factories.tomorrow(0))
    close = factories.shift(call, starts_at=factories.tomorrow(12), hours=4)
    same_time = factories.shift(call, starts_at=factories.tomorrow(4))
    [who] = people(1)
    done(actions.sign_up, first.id, who.id)
    refused("rest-short", offers.offer, close.id, who.id)
    refused("shifts-overlap", offers.offer, same_time.id, who.id, waive="nobody else")
    offer_id = done(offers.offer, close.id, who.id, waive="nobody else can")
    done(offers.accept, offer_id)
    assert states(close) == {who.id: "confirmed"}


# --- hand-overs ----------------------------------------------------------------------------------------


def test_a_seat_changes_hands_without_ever_being_free() -> None:
    shift = factories.shift(capacity=1)
    giver, taker, quick = people(3)
    done(actions.sign_up, shift.id, giver.id)
    offer_id = done(handing_over.hand_over, shift.id, giver.id, taker.id)
    assert states(shift) == {giver.id: "confirmed", taker.id: "offered"}
    assert counts(shift) == (1, 0, 0)
    refused("shift-full", actions.sign_up, shift.id, quick.id)
    refused("hand-over-asked", handing_over.hand_over, shift.id, giver.id, quick.id)
    done(offers.accept, offer_id)
    assert states(shift) == {giver.id: "cancelled", taker.id: "confirmed"}
    assert counts(shift) == (1, 0, 0)
    assert told(giver) == ["handed-over"]


def test_whoever_declines_or_does_not_answer_leaves_the_seat_with_the_giver() -> None:
    shift = factories.shift(capacity=1)
    giver, one, two = people(3)
    done(actions.sign_up, shift.id, giver.id)
    done(offers.decline, done(handing_over.hand_over, shift.id, giver.id, one.id))
    done(handing_over.hand_over, shift.id, giver.id, two.id)
    settled(shift, NOW + timedelta(hours=3))
    assert states(shift) == {giver.id: "confirmed", one.id: "cancelled", two.id: "expired"}
    assert told(giver) == ["not-taken-over", "not-taken-over"]
    assert counts(shift) == (1, 0, 0)


def test_nobody_holds_a_crowd_of_seats_for_others() -> None:
    shift = factories.shift(capacity=50)
    who, *others = people(groups.MOST + 2)
    refused("companions-many", groups.take_together, shift.id, who.id, [each.id for each in others])
    assert counts(shift) == (0, 0, 0)


def test_being_asked_to_take_over_costs_nobody_their_place_in_the_line() -> None:
    shift = factories.shift(capacity=1)
    giver, first, second = people(3)
    done(actions.sign_up, shift.id, giver.id)
    for who in (first, second):
        done(waiting.join, shift.id, who.id)
    asked = done(handing_over.hand_over, shift.id, giver.id, first.id)
    assert counts(shift) == (1, 0, 1)
    done(handing_over.take_back, shift.id, giver.id)
    assert states(shift) == {giver.id: "confirmed", first.id: "waitlisted", second.id: "waitlisted"}
    assert done(handing_over.hand_over, shift.id, giver.id, first.id) == asked
    for _again in range(2):
        done(offers.decline, asked)
    assert counts(shift) == (1, 0, 2)
    done(actions.give_back, shift.id, giver.id)
    assert states(shift) == {giver.id: "cancelled", first.id: "offered", second.id: "waitlisted"}
    assert counts(shift) == (0, 1, 1)


def test_a_seat_given_back_meanwhile_is_not_taken_over() -> None:
    shift = factories.shift(capacity=1)
    giver, taker = people(2)
    done(actions.sign_up, shift.id, giver.id)
    offer_id = done(handing_over.hand_over, shift.id, giver.id, taker.id)
    done(actions.give_back, shift.id, giver.id)
    refused("offer-over", offers.accept, offer_id)
    assert counts(shift) == (0, 0, 0)
    assert told(taker) == ["hand-over", "hand-over-lapsed"]


# --- groups --------------------------------------------------------------------------------------------


def test_me_and_two_more_is_three_seats_or_none() -> None:
    shift = factories.shift(capacity=3)
    me, one, two, somebody = people(4)
    done(actions.sign_up, shift.id, somebody.id)
    refused("seats-too-few", groups.take_together, shift.id, me.id, [one.id, two.id])
    assert counts(shift) == (1, 0, 0)
    done(groups.take_together, shift.id, me.id, [one.id])
    assert states(shift)[me.id] == "confirmed"
    assert states(shift)[one.id] == "offered", "nobody is placed without a yes of their own"
    assert counts(shift) == (2, 1, 0)


def test_one_who_cannot_come_along_stops_the_group() -> None:
    shift, other = factories.shift(), factories.shift()
    me, busy = people(2)
    done(actions.sign_up, other.id, busy.id)
    refused("companion-cannot", groups.take_together, shift.id, me.id, [busy.id])
    assert counts(shift) == (0, 0, 0)


# --- giving back ---------------------------------------------------------------------------------------


def test_after_the_cut_off_the_branch_is_told_and_takes_them_off() -> None:
    shift = factories.shift(starts_at=NOW + timedelta(minutes=100), capacity=1)
    who, waits = people(2)
    done(actions.sign_up, shift.id, who.id, now=NOW - timedelta(minutes=30))
    done(waiting.join, shift.id, waits.id)
    refused("cut-off-past", actions.give_back, shift.id, who.id)
    done(actions.withdraw, shift.id, who.id, reason="ill")
    done(actions.withdraw, shift.id, who.id, reason="ill")
    assert states(shift) == {who.id: "withdrawn", waits.id: "offered"}
    assert told(who) == ["withdrawn"]


def test_a_tap_is_undone_for_ten_seconds_even_after_the_cut_off() -> None:
    shift = factories.shift(starts_at=NOW + timedelta(minutes=20))
    [who] = people(1)
    done(actions.sign_up, shift.id, who.id)
    done(actions.give_back, shift.id, who.id, now=NOW + timedelta(seconds=9))
    assert counts(shift) == (0, 0, 0)


def test_a_shift_made_smaller_loses_the_seats_that_are_given_back() -> None:
    shift = factories.shift(capacity=3, shrink_to=2, least=3)
    one, two, waits = people(3)
    done(actions.sign_up, shift.id, one.id)
    done(actions.sign_up, shift.id, two.id)
    done(actions.give_back, shift.id, one.id)
    [row] = factories.rows(select(Shift.capacity, Shift.shrink_to, Shift.least).where(Shift.id == shift.id))
    assert tuple(row) == (2, None, 2)
    done(actions.sign_up, shift.id, waits.id)
    assert counts(shift) == (2, 0, 0)


# --- what the machine (test_machine.py) found ---------------------------------------------------------------


def test_seats_are_not_reduced_below_those_that_are_offered() -> None:
    shift = factories.shift(capacity=3)
    holder, asked_one = people(2)
    done(actions.sign_up, shift.id, holder.id)
    done(offers.offer, shift.id, asked_one.id)
    refused("capacity-below-taken", shifts.set_capacity, shift.id, 1)
    done(shifts.set_capacity, shift.id, 2)


def test_what_is_said_of_more_seats_follows_when_they_are_reduced() -> None:
    shift = factories.shift(
        capacity=4, least=3, held_back=3, held_back_until=NOW + timedelta(hours=1), shrink_to=2
    )
    done(shifts.set_capacity, shift.id, 2)
    [row] = factories.rows(
        select(Shift.capacity, Shift.least, Shift.held_back, Shift.shrink_to).where(Shift.id == shift.id)
    )
    assert tuple(row) == (2, 2, 2, None)


def test_who_did_not_answer_a_hand_over_in_time_can_still_take_a_free_seat() -> None:
    shift = factories.shift(capacity=2)
    giver, late = people(2)
    done(actions.sign_up, shift.id, giver.id)
    done(handing_over.hand_over, shift.id, giver.id, late.id)
    done(actions.sign_up, shift.id, late.id, now=NOW + timedelta(hours=3))
    assert states(shift) == {giver.id: "confirmed", late.id: "confirmed"}
    assert counts(shift) == (2, 0, 0)


@pytest.mark.parametrize("over", ["call", "shift"])
def test_who_waits_in_vain_is_told_so_and_nothing_stays_due(over: str) -> None:
    shift = factories.shift(capacity=1)
    holder, waits = people(2)
    done(actions.sign_up, shift.id, holder.id)
    done(waiting.join, shift.id, waits.id)
    if over == "shift":
        begin_write()
        db.session.execute(update(Shift).values(status="closed", closed_at=NOW))
        db.session.commit()
    later = NOW + timedelta(days=31) if over == "call" else NOW
    assert waiting.due(later) == [shift.id]
    settled(shift, later)
    assert told(waits) == ["passed-over"]
    assert counts(shift) == (1, 0, 0)
    assert waiting.due(later) == []
