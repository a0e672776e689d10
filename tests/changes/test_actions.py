"""A change to shifts that people hold: nobody is touched unseen or dropped, and everybody is told."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.changes import actions
from mobilizer.changes.rules import Wish
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Call, JournalEntry, Notice, Shift, SignUp
from mobilizer.policy import COMMAND_LINE
from mobilizer.shifts.queries import touched
from mobilizer.signups import actions as signups
from mobilizer.signups import offers
from tests import factories
from tests.attendance.leaders import at_once, later

pytestmark = pytest.mark.usefixtures("app")


def act(action: Any, *given: Any, **named: Any) -> Any:
    db.session.rollback()
    begin_write()
    try:
        done = action(*given, by=COMMAND_LINE, now=named.pop("now", clock.now()), **named)
        db.session.commit()
    finally:
        db.session.rollback()
    return done


def refusal(action: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(action, *given, **named)
    return caught.value.code


def seen(*shifts: Shift) -> list[int]:
    found = touched([each.id for each in shifts])
    db.session.rollback()
    return [each.sign_up_id for each in found]


def told() -> list[tuple[int, str]]:
    return [tuple(row) for row in factories.rows(select(Notice.member_id, Notice.kind).order_by(Notice.id))]


def state(sign_up: SignUp) -> str:
    found: str = factories.scalar(select(SignUp.status).where(SignUp.id == sign_up.id))
    return found


def counts(shift: Shift) -> tuple[int, int, int, int]:
    """Capacity, taken, held, waiting; the counts are those of the sign-ups."""
    [row] = factories.rows(
        select(Shift.capacity, Shift.taken, Shift.held, Shift.waiting).where(Shift.id == shift.id)
    )
    by_status = dict(
        tuple(each)
        for each in factories.rows(
            select(SignUp.status, func.count()).where(SignUp.shift_id == shift.id).group_by(SignUp.status)
        )
    )
    assert row.taken == by_status.get("confirmed", 0)
    assert row.waiting == by_status.get("waitlisted", 0)
    return tuple(row)


@pytest.fixture
def call() -> Call:
    return factories.call()


def shift(call: Call, hour: int, **values: Any) -> Shift:
    at = values.pop("at", None) or factories.checkpoint(unit_code=call.unit_code)
    return factories.shift(call, at, starts_at=factories.tomorrow(hour), **values)


# --- moving -------------------------------------------------------------------------------------------


def test_whoever_holds_a_moved_shift_keeps_it_and_is_told(call: Call) -> None:
    it = shift(call, 8)
    on, waits = factories.sign_up(it, factories.member()), factories.member()
    factories.sign_up(it, waits, status="waitlisted")
    assert refusal(actions.move, call.id, [it.id], Wish(starts=600)) == "people-touched"
    assert act(actions.move, call.id, [it.id], Wish(days=1, starts=600, ends=1200), seen=seen(it)) == (1, 0)
    row = factories.rows(select(SignUp.starts_at, SignUp.ends_at).where(SignUp.id == on.id))[0]
    later_by = timedelta(days=1)
    assert tuple(row) == (factories.tomorrow(10) + later_by, factories.tomorrow(20) + later_by)
    assert counts(it)[1:] == (1, 0, 1)
    assert told() == [(on.member_id, "moved"), (waits.id, "moved-in-line")]
    assert (
        factories.scalar(select(JournalEntry.kind).order_by(JournalEntry.id.desc()).limit(1)) == "shift.moved"
    )


def test_whom_it_no_longer_suits_is_asked_and_not_dropped(call: Call) -> None:
    early, late = shift(call, 0), shift(call, 16, hours=6)
    who = factories.member()
    moved, kept = factories.sign_up(early, who), factories.sign_up(late, who)
    assert act(actions.move, call.id, [early.id], Wish(starts=12 * 60, ends=17 * 60), seen=seen(early)) == (
        1,
        1,
    )
    assert (state(moved), state(kept)) == ("offered", "confirmed")
    assert counts(early)[1:] == (0, 1, 0)
    assert told() == [(who.id, "moved-does-not-fit")]
    with pytest.raises(Refused, match="at that time"):
        act(offers.accept, moved.id)
    act(signups.give_back, late.id, who.id)
    act(offers.accept, moved.id)
    assert counts(early)[1:] == (1, 0, 0)


def test_too_little_rest_is_asked_about_unless_a_secretary_let_it_pass(call: Call) -> None:
    it, beside = shift(call, 0, hours=4), shift(call, 16, hours=4)
    tired, waived = factories.member(), factories.member()
    first = factories.sign_up(it, tired)
    second = factories.sign_up(it, waived, waived=True)
    for who in (tired, waived):
        factories.sign_up(beside, who)
    assert act(actions.move, call.id, [it.id], Wish(starts=11 * 60, ends=15 * 60), seen=seen(it)) == (1, 1)
    assert (state(first), state(second)) == ("offered", "confirmed")


def test_a_row_of_shifts_moves_as_one_though_each_lies_where_the_next_was(call: Call) -> None:
    gate = factories.checkpoint(unit_code=call.unit_code)
    row = [shift(call, hour, at=gate) for hour in (0, 8, 16)]
    who = factories.member()
    one, two = (factories.sign_up(row[n], who, waived=True) for n in (0, 2))
    assert act(actions.move, call.id, [each.id for each in row], Wish(days=1), seen=seen(*row)) == (3, 0)
    assert (state(one), state(two)) == ("confirmed", "confirmed")
    assert act(actions.move, call.id, [each.id for each in row], Wish(days=-1), seen=seen(*row)) == (3, 0)


def test_of_two_moved_into_one_time_only_the_later_one_is_asked_about(call: Call) -> None:
    first, second = shift(call, 0), shift(call, 16)
    who = factories.member()
    factories.sign_up(first, who)
    factories.sign_up(second, who)
    assert act(
        actions.move, call.id, [first.id, second.id], Wish(starts=600, ends=900), seen=seen(first, second)
    ) == (2, 1)
    assert sorted(row.status for row in factories.rows(select(SignUp.status))) == ["confirmed", "offered"]


def test_a_hand_over_that_is_open_ends_where_its_giver_is_asked_about(call: Call) -> None:
    it, beside = shift(call, 0), shift(call, 16)
    giver, taker = factories.member(), factories.member()
    mine = factories.sign_up(it, giver)
    factories.sign_up(beside, giver)
    asked = factories.sign_up(it, taker, status="offered", source="hand-over", in_place_of_id=mine.id)
    assert act(actions.move, call.id, [it.id], Wish(starts=17 * 60, ends=19 * 60), seen=seen(it)) == (1, 1)
    assert (state(mine), state(asked)) == ("offered", "expired")
    assert sorted(kind for _who, kind in told()) == ["hand-over-lapsed", "moved-does-not-fit"]


def test_what_cannot_be_moved_is_refused_and_stays(call: Call) -> None:
    gate = factories.checkpoint(unit_code=call.unit_code)
    it, there = shift(call, 0, at=gate), shift(call, 8, at=gate)
    assert refusal(actions.move, call.id, [it.id], Wish(starts=480, ends=960)) == "shift-there"
    assert refusal(actions.move, call.id, [it.id], Wish()) == "move-nothing"
    assert refusal(actions.move, call.id, [it.id], Wish(days=-30)) == "move-past"
    assert refusal(actions.move, call.id, [it.id], Wish(days=400)) == "day-far"
    assert refusal(actions.move, call.id, [it.id], Wish(checkpoint_id=10**6)) == "checkpoint-unknown"
    assert refusal(actions.move, call.id, [], Wish(days=1)) == "shifts-unticked"
    assert refusal(actions.move, call.id, [10**6], Wish(days=1)) == "shift-unknown"
    assert refusal(actions.move, call.id, list(range(1, 300)), Wish(days=1)) == "changes-many"
    begun = factories.shift(call, gate, starts_at=clock.now() - timedelta(hours=1))
    assert refusal(actions.move, call.id, [begun.id], Wish(days=1)) == "shift-begun"
    other = factories.shift(factories.call(), gate)
    assert refusal(actions.cancel, call.id, [other.id]) == "shift-unknown"
    act(actions.cancel, call.id, [there.id])
    assert refusal(actions.move, call.id, [there.id], Wish(days=1)) == "shift-not-open"


# --- seats, closing, cancelling -----------------------------------------------------------------------


def test_fewer_seats_than_are_taken_drop_nobody_and_go_as_they_are_given_back(call: Call) -> None:
    it = shift(call, 8, capacity=4)
    on = [factories.member() for _ in range(3)]
    for who in on:
        factories.sign_up(it, who)
    assert refusal(actions.resize, call.id, [it.id], 1, 1) == "people-touched"
    assert act(actions.resize, call.id, [it.id], 1, 1, seen=seen(it)) == 1
    assert counts(it) == (3, 3, 0, 0)
    assert told() == [(who.id, "fewer-needed") for who in on]
    assert act(actions.resize, call.id, [it.id], 1, 1, seen=seen(it)) == 0
    for who in on[:2]:
        act(signups.give_back, it.id, who.id)
    assert counts(it)[:2] == (1, 1)
    act(signups.give_back, it.id, on[2].id)
    assert counts(it)[:2] == (1, 0)


def test_new_seats_go_to_who_waits_and_nobody_need_be_looked_at(call: Call) -> None:
    it = shift(call, 8, capacity=1, held_back=0)
    factories.sign_up(it, factories.member())
    waits = factories.sign_up(it, factories.member(), status="waitlisted")
    assert act(actions.resize, call.id, [it.id], 3, 2) == 1
    assert state(waits) == "offered"
    assert counts(it) == (3, 1, 1, 0)
    assert told() == [(waits.member_id, "asked-up")]


def test_seats_below_the_least_number_and_those_held_back_take_them_along(call: Call) -> None:
    until = factories.tomorrow(7)
    it = shift(call, 8, capacity=6, least=4, held_back=3, held_back_until=until)
    assert act(actions.resize, call.id, [it.id], 2, 2) == 1
    row = factories.rows(select(Shift.capacity, Shift.least, Shift.held_back))[0]
    assert tuple(row) == (2, 2, 2)
    assert refusal(actions.resize, call.id, [it.id], 2, 3) == "least"
    assert refusal(actions.resize, call.id, [it.id], 0, 0) == "capacity"


def test_closed_sign_up_keeps_who_is_on_it_and_is_not_opened_by_giving_back(call: Call) -> None:
    it, bare = shift(call, 8), shift(call, 16)
    on = [factories.member() for _ in range(2)]
    for who in on:
        factories.sign_up(it, who)
    waits = factories.sign_up(it, factories.member(), status="waitlisted")
    assert refusal(actions.close, call.id, [it.id, bare.id], seen=seen(it)) == "close-empty"
    assert act(actions.close, call.id, [it.id], seen=seen(it)) == 1
    assert counts(it) == (2, 2, 0, 0)
    assert state(waits) == "expired"
    assert told() == [(waits.member_id, "passed-over")]
    assert refusal(signups.sign_up, it.id, factories.member().id) == "shift-full"
    act(signups.give_back, it.id, on[0].id)
    assert counts(it)[:2] == (1, 1)
    assert refusal(signups.sign_up, it.id, factories.member().id) == "shift-full"


def test_several_are_cancelled_or_none(call: Call) -> None:
    one, two = shift(call, 8), shift(call, 16)
    who = factories.member()
    factories.sign_up(one, who)
    shown = seen(one, two)
    late = factories.sign_up(two, factories.member())
    assert refusal(actions.cancel, call.id, [one.id, two.id], seen=shown) == "people-touched"
    assert {row.status for row in factories.rows(select(Shift.status))} == {"open"}
    assert act(actions.cancel, call.id, [one.id, two.id], seen=seen(one, two)) == 2
    assert told() == [(who.id, "cancelled"), (late.member_id, "cancelled")]


# --- at once ------------------------------------------------------------------------------------------


def test_moving_while_people_sign_up_leaves_nobody_unseen_and_no_overlap(app: Flask, call: Call) -> None:
    for round_ in range(3):
        it = shift(call, 8, capacity=9)
        members = [factories.member(factories.branch()).id for _ in range(4)]
        shown, call_id, shift_id, now = seen(it), call.id, it.id, clock.now()
        *answers, moved = at_once(
            app,
            *(later(signups.sign_up, shift_id, each, now=now) for each in members),
            later(actions.move, call_id, [shift_id], Wish(starts=600 + round_), seen=shown, now=now),
        )
        taken = counts(it)[1]
        assert taken == sum(not isinstance(each, str) for each in answers)
        assert moved in ("people-touched", (1, 0))
        times = factories.rows(
            select(SignUp.starts_at, Shift.starts_at)
            .join(Shift, Shift.id == SignUp.shift_id)
            .where(Shift.id == shift_id)
        )
        assert all(row[0] == row[1] for row in times)


def test_cancelling_while_people_take_it_is_one_of_the_two(app: Flask, call: Call) -> None:
    it = shift(call, 8, capacity=9)
    members = [factories.member(factories.branch()).id for _ in range(4)]
    call_id, shift_id, now = call.id, it.id, clock.now()
    *_answers, gone = at_once(
        app,
        *(later(signups.sign_up, shift_id, each, now=now) for each in members),
        later(actions.cancel, call_id, [shift_id], now=now),
    )
    if gone == 1:
        assert counts(it)[1] == 0
    else:
        assert gone == "people-touched"
        assert counts(it)[1] > 0
