"""Entering at the same moment: one person on two phones, two people and the last seat, a yes beside a no."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.calls import queries as calls
from mobilizer.joining import actions, deciding
from mobilizer.model import LogIn, Member, Newcomer, Shift, SignUp
from mobilizer.policy import Actor
from tests import factories
from tests.attendance.leaders import at_once, later
from tests.joining.places import PHONE, Place, made

ROUNDS = 3


def entering(place: Place, phone: str, name: str, token: str) -> Callable[[], Any]:
    call = calls.call(place.call.id)
    shift_id = place.shift.id
    assert call is not None

    def act(*, by: Actor) -> tuple[int | None, str | None]:
        found = actions.enter(call, shift_id, name=name, phone="+86" + phone, token=token, now=clock.now())
        return found.member_id, found.refusal.code if found.refusal else None

    return later(act)


@pytest.fixture
def place(app: Flask) -> Place:
    return made()


def test_one_person_on_two_phones_holds_one_seat(app: Flask, place: Place) -> None:
    said = at_once(app, *[entering(place, PHONE, "王小明", f"token{n}") for n in range(4)])
    assert said == [(place.member.id, None)] * 4
    assert factories.count_of(SignUp) == 1
    assert factories.scalar(select(Shift.taken)) == 1
    assert factories.count_of(LogIn) == 4


def test_the_same_form_twice_at_once_is_one_pass(app: Flask, place: Place) -> None:
    """Whoever loses the race for the token finds the pass that the other has started."""
    said = at_once(app, *[entering(place, PHONE, "王小明", "token1") for _ in range(3)])
    assert said == [(place.member.id, None)] * 3
    assert factories.count_of(LogIn) == 1


def test_the_last_seat_is_one_persons_and_both_hold_a_pass(app: Flask, place: Place) -> None:
    for turn in range(ROUNDS):
        shift = factories.shift(place.call, starts_at=factories.tomorrow(8 + turn), capacity=1, hours=1)
        here = Place(place.home, place.branch, place.call, shift, place.member)
        phones = [f"1980001{turn}{n:03d}" for n in range(2)]
        for n, phone in enumerate(phones):
            factories.member(place.home, "甲乙"[n], phone="+86" + phone)
        said = at_once(
            app, *[entering(here, phone, "甲乙"[n], f"t{turn}{n}") for n, phone in enumerate(phones)]
        )
        assert sorted(str(code) for _member, code in said) == ["None", "shift-full"]
        assert factories.scalar(select(Shift.taken).where(Shift.id == shift.id)) == 1
    assert factories.count_of(LogIn) == 2 * ROUNDS


def test_a_newcomer_who_enters_twice_at_once_waits_once(app: Flask, place: Place) -> None:
    said = at_once(app, *[entering(place, "19800000009", "陈七", f"t{n}") for n in range(3)])
    assert said == [(None, None)] * 3
    assert factories.count_of(Newcomer) == 1


def test_a_yes_twice_at_once_makes_one_member_and_a_no_beside_it_none_or_one(
    app: Flask, place: Place
) -> None:
    for _ in range(ROUNDS):
        newcomer = factories.newcomer(place.call, place.shift, name="陈七")
        number, now = newcomer.id, clock.now()

        def yes(*, by: Actor, number: int = number, now: Any = now) -> str:
            return deciding.accept(number, sees=True, by=by, now=now).name

        def no(*, by: Actor, number: int = number, now: Any = now) -> None:
            deciding.decline(number, by=by, now=now)

        said = at_once(app, later(yes), later(yes), later(no))
        made = factories.rows(select(Member.id).where(Member.phone == newcomer.phone))
        status = factories.scalar(select(Newcomer.status).where(Newcomer.id == number))
        assert len(made) == (status == "accepted")
        assert said.count("newcomer-decided") in (1, 2)
