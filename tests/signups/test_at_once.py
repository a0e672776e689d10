"""Taking and giving back while others sign up, check in and change the seats: every order leaves what is true."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer.attendance import actions as attendance
from mobilizer.model import Attendance, JournalEntry, Shift, SignUp
from mobilizer.shifts import actions as shifts
from mobilizer.signups import actions
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, people, refused

pytestmark = pytest.mark.usefixtures("app")


def seats(shift: Shift) -> tuple[int, int, int]:
    """Capacity, seats taken, confirmed sign-ups."""
    [row] = factories.rows(select(Shift.capacity, Shift.taken).where(Shift.id == shift.id))
    held = select(func.count()).where(SignUp.shift_id == shift.id, SignUp.status == "confirmed")
    return row.capacity, row.taken, factories.scalar(held)


def giving(sign_up: SignUp) -> Any:
    return later(actions.give_back, sign_up.shift_id, sign_up.member_id, now=at(5))


def test_giving_back_several_times_at_once_frees_one_seat_and_answers_alike(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=3)
    one, _other = people(shift, 2)
    answers = at_once(app, *[giving(one)] * 4)
    assert len(set(answers)) == 1
    assert answers[0].starts_at == START
    assert seats(shift) == (3, 1, 1)
    given = select(JournalEntry.id).where(JournalEntry.kind == "sign-up.given-back")
    assert len(factories.rows(given)) == 1


def test_giving_back_and_being_checked_in_at_once_is_one_of_the_two(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=20)
    for one in people(shift, 6):
        given, noted = at_once(app, giving(one), later(attendance.check_in, one.id, now=at(7)))
        present = factories.scalar(select(Attendance.id).where(Attendance.sign_up_id == one.id))
        if given == "attended":
            assert noted is None
            assert present is not None
        else:
            assert noted == "sign-up-unknown"
            assert present is None
    assert len(set(seats(shift)[1:])) == 1


def test_who_has_been_checked_in_is_told_why_the_seat_stays(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(attendance.check_in, one.id, now=at(7))
    refused("attended", actions.give_back, one.shift_id, one.member_id, now=at(7, 30))


def test_seats_are_reduced_and_taken_at_once_and_never_too_many(app: Flask) -> None:
    for _ in range(3):
        shift = factories.shift(starts_at=START, capacity=6)
        shift_id = shift.id
        members = [factories.member(factories.branch()).id for _ in range(6)]
        at_once(
            app,
            *(later(actions.sign_up, shift_id, each, now=at(7)) for each in members),
            later(shifts.set_capacity, shift_id, 2, now=at(7)),
        )
        capacity, taken, held = seats(shift)
        assert taken == held <= capacity


def test_a_shift_cancelled_while_people_take_it_keeps_nobody(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=6)
    shift_id = shift.id
    members = [factories.member(factories.branch()).id for _ in range(5)]
    at_once(
        app,
        *(later(actions.sign_up, shift_id, each, now=at(7)) for each in members),
        later(shifts.cancel, shift_id, now=at(7)),
    )
    assert seats(shift) == (6, 0, 0)
