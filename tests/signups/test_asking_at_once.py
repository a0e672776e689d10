"""Hand-overs while others act at the same moment: every order leaves one holder of the seat."""

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer.model import Shift, SignUp
from mobilizer.signups import actions, handing_over, offers
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later

pytestmark = pytest.mark.usefixtures("app")
NOW = at(5)


def states(shift: Shift) -> list[tuple[int, str]]:
    found = select(SignUp.member_id, SignUp.status).where(SignUp.shift_id == shift.id).order_by(SignUp.id)
    return [tuple(row) for row in factories.rows(found)]


def taken(shift: Shift) -> int:
    return int(factories.scalar(select(Shift.taken).where(Shift.id == shift.id)))


def three() -> list[int]:
    home = factories.branch()
    return [factories.member(home).id for _ in range(3)]


def held(capacity: int = 1) -> tuple[Shift, list[int]]:
    shift, ids = factories.shift(starts_at=START, capacity=capacity), three()
    committed(actions.sign_up, shift.id, ids[0], now=at(1))
    return shift, ids


def test_giving_back_and_saying_yes_at_once_leaves_at_most_one_of_the_two(app: Flask) -> None:
    for _ in range(3):
        shift, (giver, taker, _other) = held()
        asked = committed(handing_over.hand_over, shift.id, giver, taker, now=NOW)
        at_once(
            app,
            later(offers.accept, asked, now=NOW),
            later(actions.give_back, shift.id, giver, now=NOW),
        )
        after = dict(states(shift))
        assert after[giver] == "cancelled"
        assert after[taker] in ("confirmed", "expired")
        assert taken(shift) == (after[taker] == "confirmed")


def test_taking_the_request_back_and_saying_yes_at_once_leaves_exactly_one_holder(app: Flask) -> None:
    for _ in range(3):
        shift, (giver, taker, _other) = held()
        asked = committed(handing_over.hand_over, shift.id, giver, taker, now=NOW)
        at_once(
            app,
            later(offers.accept, asked, now=NOW),
            later(handing_over.take_back, shift.id, giver, now=NOW),
        )
        after = dict(states(shift))
        assert (after[giver], after[taker]) in (("confirmed", "expired"), ("cancelled", "confirmed"))
        assert taken(shift) == 1


def test_asking_two_people_at_once_asks_one(app: Flask) -> None:
    for _ in range(3):
        shift, (giver, one, two) = held()
        answers = at_once(
            app,
            later(handing_over.hand_over, shift.id, giver, one, now=NOW),
            later(handing_over.hand_over, shift.id, giver, two, now=NOW),
        )
        assert "hand-over-asked" in answers
        assert sorted(status for _who, status in states(shift)) == ["confirmed", "offered"]


def test_two_hand_overs_to_each_other_at_once_do_not_hang(app: Flask) -> None:
    call = factories.call()
    first = factories.shift(call, starts_at=START, capacity=1)
    second = factories.shift(call, starts_at=at(17), capacity=1)
    one, two, _three = three()
    committed(actions.sign_up, first.id, one, now=at(1))
    committed(actions.sign_up, second.id, two, now=at(1))
    at_once(
        app,
        later(handing_over.hand_over, first.id, one, two, now=NOW),
        later(handing_over.hand_over, second.id, two, one, now=NOW),
    )
    assert taken(first) == taken(second) == 1
