"""The line, offers, hand-overs and groups, each against what undoes it, at the same moment: one of the two happens,
whole, and the shift's counts are what its sign-ups say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from mobilizer.model import Notice, Shift, SignUp
from mobilizer.shifts import actions as shifts
from mobilizer.signups import actions, groups, handing_over, offers, waiting
from mobilizer.web import lost_race
from tests import factories
from tests.attendance import leaders
from tests.attendance.leaders import START, at, at_once, committed, later
from tests.signups.test_waiting import counts, states

pytestmark = pytest.mark.usefixtures("app")
ROUNDS = 3
FIVE = at(5)


@pytest.fixture(autouse=True)
def nobody_waits_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are locked before shifts, lower ids first: a deadlock is a fault, though a command would try again."""

    def judged(error: DBAPIError) -> bool:
        assert getattr(error.orig, "sqlstate", "") != "40P01"
        return lost_race(error)

    monkeypatch.setattr(leaders, "lost_race", judged)


def somebody(count: int) -> list[int]:
    home = factories.branch()
    return [factories.member(home).id for _ in range(count)]


def do(act: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return committed(act, *given, now=FIVE, **named)


def soon(act: Callable[..., Any], *given: Any, **named: Any) -> Callable[[], Any]:
    return later(act, *given, **({"now": FIVE} | named))


def settling(shift_id: int, now: Any = FIVE) -> Callable[[], Any]:
    return later(settle, shift_id, now=now)


def settle(shift_id: int, *, by: Any, now: Any) -> None:
    waiting.settle(shift_id, now)


def shift_with(capacity: int, holders: list[int], **values: Any) -> Shift:
    shift = factories.shift(starts_at=START, capacity=capacity, **values)
    for each in holders:
        do(actions.sign_up, shift.id, each)
    return shift


def offer_of(shift: Shift, member: int) -> int:
    found = select(SignUp.id).where(
        SignUp.shift_id == shift.id, SignUp.member_id == member, SignUp.status == "offered"
    )
    return int(factories.scalar(found))


def test_who_joins_the_line_while_the_seat_is_given_back_is_asked_or_told_to_take_it(app: Flask) -> None:
    for _ in range(ROUNDS):
        holder, comes = somebody(2)
        shift = shift_with(1, [holder])
        _given, joined = at_once(
            app, soon(actions.give_back, shift.id, holder), soon(waiting.join, shift.id, comes)
        )
        if joined == "seat-free":
            assert counts(shift) == (0, 0, 0)
        else:
            assert states(shift)[comes] == "offered"
            assert counts(shift) == (0, 1, 0)


def test_a_seat_is_offered_once_however_many_settle(app: Flask) -> None:
    for _ in range(ROUNDS):
        holder, first, second, third = somebody(4)
        shift = shift_with(1, [holder])
        for each in (first, second, third):
            do(waiting.join, shift.id, each)
        at_once(app, soon(actions.give_back, shift.id, holder), *[settling(shift.id)] * 4)
        assert counts(shift) == (0, 1, 2)
        assert states(shift)[first] == "offered"
        asked = select(Notice.member_id).where(Notice.kind == "asked-up", Notice.shift_id == shift.id)
        assert [row.member_id for row in factories.rows(asked)] == [first]


def test_a_yes_as_the_time_runs_out_counts_or_makes_room_for_the_next(app: Flask) -> None:
    for _ in range(ROUNDS):
        holder, first, second = somebody(3)
        shift = shift_with(1, [holder])
        do(waiting.join, shift.id, first)
        do(waiting.join, shift.id, second)
        do(actions.give_back, shift.id, holder)
        over = at(7)
        said, *_ = at_once(app, soon(offers.accept, offer_of(shift, first)), *[settling(shift.id, over)] * 2)
        if said == "offer-over":
            assert states(shift)[first] == "expired"
            assert states(shift)[second] == "offered"
            assert counts(shift) == (0, 1, 0)
        else:
            assert states(shift)[first] == "confirmed"
            assert counts(shift) == (1, 0, 1)


def test_a_seat_is_handed_over_or_given_back_and_never_both(app: Flask) -> None:
    for _ in range(ROUNDS):
        giver, taker, waits = somebody(3)
        shift = shift_with(1, [giver])
        offer_id = do(handing_over.hand_over, shift.id, giver, taker)
        do(waiting.join, shift.id, waits)
        said, _given = at_once(app, soon(offers.accept, offer_id), soon(actions.give_back, shift.id, giver))
        assert states(shift)[giver] == "cancelled"
        if said == "offer-over":
            assert states(shift)[taker] == "expired"
            assert counts(shift) == (0, 1, 0)
        else:
            assert states(shift)[taker] == "confirmed"
            assert counts(shift) == (1, 0, 1)


def test_three_together_get_three_seats_or_none_though_others_come(app: Flask) -> None:
    for _ in range(ROUNDS):
        me, one, two, single, other = somebody(5)
        shift = shift_with(3, [])
        at_once(
            app,
            soon(groups.take_together, shift.id, me, [one, two]),
            soon(actions.sign_up, shift.id, single),
            soon(actions.sign_up, shift.id, other),
        )
        assert counts(shift) in ((1, 2, 0), (1, 0, 0), (2, 0, 0))
        taken, held, _waiting = counts(shift)
        assert {one, two} <= set(states(shift)) if held else me not in states(shift) and taken == 2


def test_a_cancelled_shift_keeps_nobody_though_they_say_yes(app: Flask) -> None:
    for _ in range(ROUNDS):
        first, second = somebody(2)
        shift = shift_with(2, [])
        yes = [do(offers.offer, shift.id, each) for each in (first, second)]
        at_once(app, *(soon(offers.accept, each) for each in yes), soon(shifts.cancel, shift.id))
        assert counts(shift) == (0, 0, 0)
        assert set(states(shift).values()) == {"withdrawn"}


def test_seats_are_reduced_while_they_are_taken_and_offered(app: Flask) -> None:
    for _ in range(ROUNDS):
        members = somebody(6)
        shift = shift_with(6, [])
        at_once(
            app,
            *(soon(actions.sign_up, shift.id, each) for each in members[:3]),
            *(soon(offers.offer, shift.id, each) for each in members[3:]),
            soon(shifts.set_capacity, shift.id, 3),
        )
        taken, held, _waiting = counts(shift)
        capacity = factories.scalar(select(Shift.capacity).where(Shift.id == shift.id))
        assert taken + held <= capacity


def test_no_limit_is_broken_by_two_yeses_at_once(app: Flask) -> None:
    """Each alone would be within the rest that the branch asks for; both are not."""
    for _ in range(ROUNDS):
        [who] = somebody(1)
        call = factories.call()
        near = [
            factories.shift(call, starts_at=START + timedelta(hours=hours), hours=4) for hours in (0, 5, 10)
        ]
        offered = [do(offers.offer, shift.id, who) for shift in near[:2]]
        answers = at_once(
            app,
            *(soon(offers.accept, each) for each in offered),
            soon(actions.sign_up, near[2].id, who),
        )
        assert answers.count("rest-short") == 2
        held = select(SignUp.id).where(SignUp.member_id == who, SignUp.status == "confirmed")
        assert len(factories.rows(held)) == 1


def test_two_who_swap_their_shifts_do_not_wait_for_each_other(app: Flask) -> None:
    """Each takes over the other's, four pairs at once, while all of it is settled: nobody is told to try again."""
    call, pairs = factories.call(), []
    for _ in range(4):
        one, two = somebody(2)
        days = [factories.shift(call, starts_at=START + timedelta(days=n), capacity=1) for n in (0, 1)]
        for shift, who in zip(days, (one, two), strict=True):
            do(actions.sign_up, shift.id, who)
        swap = [
            do(handing_over.hand_over, days[0].id, one, two),
            do(handing_over.hand_over, days[1].id, two, one),
        ]
        pairs.append((days, (one, two), swap))
    at_once(
        app,
        *(soon(offers.accept, each) for _days, _who, swap in pairs for each in swap),
        *(
            soon(actions.sign_up, shift.id, who)
            for days, both, _ in pairs
            for shift, who in zip(days, both, strict=True)
        ),
        *(settling(shift.id) for days, _who, _swap in pairs for shift in days),
    )
    for days, (one, two), _swap in pairs:
        for shift in days:
            assert counts(shift) == (1, 0, 0)
            assert sorted(states(shift)) == sorted((one, two))
