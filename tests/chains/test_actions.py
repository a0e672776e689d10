"""A chain entered in one go is as many sign-ups by the rules of any other: in any order, at once with others, and twice."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer.chains import actions
from mobilizer.chains.actions import Choice
from mobilizer.model import Call, ChainLine, JournalEntry, Member, Notice, Shift, SignUp
from mobilizer.signups import actions as signups
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, refused

pytestmark = pytest.mark.usefixtures("app")
NOW = at(5)


def choice(name: str, who: Member, shift: Shift, *, gives_back: bool = False) -> Choice:
    return Choice((START.date(), name, 0), who.id, shift.id, gives_back)


def named(call: Call, *choices: Choice, wait: bool = False) -> dict[str, Any]:
    place = {"unit_code": call.unit_code, "branch_id": call.branch_id}
    return {"call_id": call.id, "choices": choices, "wait": wait, "now": NOW, **place}


def entered(call: Call, *choices: Choice, wait: bool = False) -> Counter[str]:
    return committed(actions.enter, **named(call, *choices, wait=wait))


def state(shift: Shift) -> tuple[int, int, int]:
    """Seats taken, confirmed sign-ups, and how many wait."""
    [row] = factories.rows(select(Shift.taken, Shift.waiting).where(Shift.id == shift.id))
    held = select(func.count()).where(SignUp.shift_id == shift.id, SignUp.status == "confirmed")
    return row.taken, factories.scalar(held), row.waiting


def outcomes() -> dict[str, tuple[str, str | None]]:
    rows = factories.rows(select(ChainLine.fingerprint, ChainLine.outcome, ChainLine.reason))
    return {row.fingerprint: (row.outcome, row.reason and row.reason["code"]) for row in rows}


def test_seats_go_in_the_chains_order_and_who_came_late_waits_in_that_order_too() -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START, capacity=2)
    people = [factories.member() for _ in range(4)]
    choices = [choice(f"line {n}", who, shift) for n, who in enumerate(people)]
    assert entered(call, *choices, wait=True) == {"signed-up": 2, "waiting": 2}
    assert state(shift) == (2, 2, 2)
    rows = factories.rows(select(SignUp.member_id, SignUp.status).order_by(SignUp.id))
    assert [row.member_id for row in rows] == [who.id for who in people]
    assert [row.status for row in rows] == ["confirmed", "confirmed", "waitlisted", "waitlisted"]


def test_what_is_refused_leaves_its_reason_and_nothing_else() -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START, capacity=1)
    first, second = factories.member(), factories.member()
    entered(call, choice("first", first, shift), choice("second", second, shift))
    assert outcomes() == {"first": ("signed-up", None), "second": ("refused", "shift-full")}
    assert state(shift) == (1, 1, 0)
    assert [row.member_id for row in factories.rows(select(Notice.member_id))] == [first.id]


def test_entering_the_same_again_changes_nothing() -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START, capacity=3)
    one = choice("line", factories.member(), shift)
    assert entered(call, one) == {"signed-up": 1}
    assert entered(call, one) == {}
    assert state(shift) == (1, 1, 0)
    assert factories.count_of(Notice) == 1
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("chain.entered") == kinds.count("sign-up.confirmed") == 1


def test_two_enter_the_same_chain_at_once_and_each_line_goes_in_once(app: Flask) -> None:
    call = factories.call(opens_at=at(0))
    shifts = [factories.shift(call, starts_at=START, capacity=4) for _ in range(2)]
    people = [factories.member() for _ in range(6)]
    choices = [choice(f"line {n}", who, shifts[n % 2]) for n, who in enumerate(people)]
    forth, back = (later(actions.enter, **named(call, *order)) for order in (choices, choices[::-1]))
    at_once(app, forth, back, forth)
    assert [state(each) for each in shifts] == [(3, 3, 0), (3, 3, 0)]
    assert factories.count_of(ChainLine) == 6
    assert factories.count_of(Notice) == 6


def test_a_chain_and_the_members_themselves_sign_up_at_once_and_never_too_many(app: Flask) -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START, capacity=3)
    people = [factories.member() for _ in range(6)]
    choices = [choice(f"line {n}", who, shift) for n, who in enumerate(people[:4])]
    themselves = [later(signups.sign_up, shift.id, who.id, now=NOW) for who in people[2:]]
    at_once(app, later(actions.enter, **named(call, *choices)), *themselves)
    assert state(shift) == (3, 3, 0)


def test_what_is_given_back_makes_room_for_what_is_taken() -> None:
    """窦娥 早班 became 窦娥 晚班: whoever moves does not stand in their own way."""
    call = factories.call(opens_at=at(0))
    early = factories.shift(call, starts_at=START, hours=8)
    later_on = factories.shift(call, starts_at=at(12), hours=8)
    who = factories.member()
    factories.sign_up(early, who, signed_up_at=at(0))
    moved = choice("old", who, early, gives_back=True), choice("new", who, later_on)
    assert entered(call, *moved[::-1]) == {"given-back": 1, "signed-up": 1}
    assert (state(early), state(later_on)) == ((0, 0, 0), (1, 1, 0))


def test_a_line_of_the_chain_is_the_yes_to_an_offer() -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START, capacity=2)
    who = factories.member()
    factories.sign_up(shift, who, status="offered", answer_by=at(7))
    assert entered(call, choice("line", who, shift)) == {"signed-up": 1}
    assert state(shift) == (1, 1, 0)


def test_a_shift_of_another_call_and_far_too_many_at_once_are_refused_as_a_whole() -> None:
    call, other = factories.call(opens_at=at(0)), factories.shift(starts_at=START)
    who = factories.member()
    refused("shift-unknown", actions.enter, **named(call, choice("line", who, other)))
    many = [choice(f"{n}", who, other) for n in range(actions.MOST_AT_ONCE + 1)]
    refused("chain-too-many", actions.enter, **named(call, *many))
    assert factories.count_of(SignUp) == 0


def test_whom_the_call_is_not_addressed_to_is_refused() -> None:
    call = factories.call(opens_at=at(0))
    shift = factories.shift(call, starts_at=START)
    stranger = factories.member(factories.branch("320507002001"))
    assert entered(call, choice("line", stranger, shift)) == {"refused": 1}
    assert outcomes()["line"] == ("refused", "not-addressed")


def test_a_kept_text_is_refused_when_it_is_empty_or_far_too_long() -> None:
    call = factories.call()
    for text, code in ((" \n", "chain-empty"), ("x" * (actions.LONGEST_TEXT + 1), "chain-too-long")):
        refused(code, actions.keep, call.id, text, START.date(), now=NOW)
