"""Shifts are changed one or many at a time: who is touched is on the page before anything happens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer.model import Branch, Call, Member, Notice, Shift, SignUp
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch(kind="action")


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


@pytest.fixture
def call(branch: Branch) -> Call:
    return factories.call(branch)


@pytest.fixture
def shifts(branch: Branch, call: Call) -> list[Shift]:
    gates = [factories.checkpoint(branch, f"Gate {n}") for n in range(2)]
    return [
        factories.shift(call, gate, starts_at=factories.tomorrow(hour)) for gate in gates for hour in (0, 8)
    ]


def address(call: Call) -> str:
    return f"/calls/{call.id}/shifts/change"


def asked(visitor: Visitor, call: Call, what: str, shifts: list[Shift], **fields: Any) -> Visitor:
    query = {"what": what, "shift": [each.id for each in shifts], **fields}
    return visitor.open(f"{address(call)}?{urlencode(query, doseq=True)}")


def test_the_call_leads_to_its_shifts_and_each_shift_to_its_change(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    visitor = visit(leader.phone).open(f"/calls/{call.id}")
    visitor.open(str(visitor.page.find("a", string="Change shifts")["href"]))
    assert len(visitor.page.select("input[name=shift]")) == 4
    visitor.open(str(visitor.page.find("a", string="Gate 1")["href"]))
    assert len(visitor.page.select("input[name=shift][checked]")) == 2
    visitor.open(f"/shifts/{shifts[0].id}")
    visitor.open(str(visitor.page.find("a", string="Change or cancel")["href"]))
    assert [each["value"] for each in visitor.page.select("input[name=shift]")] == [str(shifts[0].id)]


def test_moving_shows_whom_it_no_longer_suits_before_it_is_done(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    who, other = factories.member(name="Chen Wei"), factories.member(name="Ding Yi")
    mine = factories.sign_up(shifts[0], who)
    factories.sign_up(shifts[3], who)
    factories.sign_up(shifts[0], other)
    visitor = asked(visit(leader.phone), call, "move", shifts[:1])
    assert visitor.page.find("input", {"name": "days"})["value"] == "0"
    asked(visitor, call, "move", shifts[:1], look=1, days=0, starts="9:00", ends="１７点", checkpoint=0)
    assert "Who is touched: 2" in visitor.text
    assert "Chen Wei it no longer fits" in visitor.text
    assert "Ding Yi keeps the seat; is told." in visitor.text
    assert factories.count_of(Notice) == 0
    visitor.submit(address(call))
    assert "Shifts moved: 1. People asked whether it still suits them: 1." in visitor.text
    assert factories.scalar(select(SignUp.status).where(SignUp.id == mine.id)) == "offered"


def test_who_signs_up_between_the_question_and_the_yes_is_shown_first(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    for what, fields in (
        ("cancel", {}),
        ("move", {"look": 1, "days": 1, "starts": "", "ends": "", "checkpoint": 0}),
    ):
        it = shifts.pop()
        visitor = asked(visit(leader.phone), call, what, [it], **fields)
        assert "Nobody is touched by it." in visitor.text
        factories.sign_up(it, factories.member(name="Late Comer"))
        visitor.submit(address(call))
        assert visitor.status == 409
        assert "Late Comer" in visitor.text
        assert factories.scalar(select(Shift.status).where(Shift.id == it.id)) == "open"
        assert factories.scalar(select(Shift.starts_at).where(Shift.id == it.id)) == it.starts_at
        visitor.submit(address(call))
        assert visitor.status == 200
    assert sorted(row.kind for row in factories.rows(select(Notice.kind))) == ["cancelled", "moved"]


def test_many_are_moved_to_another_checkpoint_at_once(
    visit: Visit, call: Call, leader: Member, branch: Branch, shifts: list[Shift]
) -> None:
    third = factories.checkpoint(branch, "Gate 3")
    fields = {"look": 1, "days": 0, "starts": "", "ends": "", "checkpoint": third.id}
    asked(visit(leader.phone), call, "move", shifts[:2], **fields).submit(address(call))
    places = [row.checkpoint_id for row in factories.rows(select(Shift.checkpoint_id).order_by(Shift.id))]
    assert places[:2] == [third.id, third.id]
    assert third.id not in places[2:]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "already"),
        ({"days": ""}, "fill this in"),
        ({"days": "many"}, ""),
        ({"days": "9" * 5000}, ""),
        ({"days": "400"}, "a year"),
        ({"days": "-40"}, "a time to come"),
        ({"starts": "soon"}, "cannot be read as a time"),
        ({"ends": "25:00"}, "goes beyond 24:00"),
        ({"checkpoint": "99999"}, "valid choice"),
        ({"starts": "8", "ends": "16"}, "the same shift twice"),
    ],
)
def test_a_move_that_is_not_possible_is_said_at_its_field(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift], fields: dict[str, Any], said: str
) -> None:
    given = {"look": 1, "days": 0, "starts": "", "ends": "", "checkpoint": 0} | fields
    visitor = asked(visit(leader.phone), call, "move", shifts[:1], **given)
    assert visitor.status == 422
    assert said in visitor.text
    assert visitor.page.select(".error")
    for name, value in fields.items():
        if name != "checkpoint":
            assert visitor.page.find("input", {"name": name})["value"] == value


def test_seats_below_what_is_taken_are_asked_about(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    for _ in range(3):
        factories.sign_up(shifts[0], factories.member())
    visitor = asked(visit(leader.phone), call, "seats", shifts[:2])
    assert visitor.page.find("input", {"name": "capacity"})["value"] == "5"
    assert asked(visitor, call, "seats", shifts[:2], look=1, capacity=0, least=0).status == 422
    assert asked(visitor, call, "seats", shifts[:2], look=1, capacity=2, least=3).status == 422
    asked(visitor, call, "seats", shifts[:2], look=1, capacity=2, least=2)
    assert "Who is touched: 3" in visitor.text
    visitor.submit(address(call))
    assert "Shifts with other seats: 2." in visitor.text
    rows = factories.rows(select(Shift.capacity, Shift.shrink_to, Shift.least).order_by(Shift.id))
    assert [tuple(row) for row in rows[:2]] == [(3, 2, 2), (2, None, 2)]


def test_sign_up_is_closed_only_where_somebody_is_on_it(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    factories.sign_up(shifts[0], factories.member())
    visitor = asked(visit(leader.phone), call, "close", shifts[:2]).submit(address(call))
    assert visitor.status == 422
    assert "cancel it instead" in visitor.text
    asked(visitor, call, "close", shifts[:1]).submit(address(call))
    assert "Shifts with no more sign-up: 1." in visitor.text


def test_nothing_ticked_and_strange_numbers_are_answered_in_words(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    visitor = visit(leader.phone)
    assert asked(visitor, call, "cancel", []).status == 422
    assert "Please tick at least one shift." in visitor.text
    for strange in ("0", "-1", "9" * 30, "x", "²", str(10**9)):
        visitor.open(f"{address(call)}?what=cancel&shift={strange}")
        assert visitor.status in (404, 422)
    other = factories.shift(factories.call())
    assert asked(visitor, call, "cancel", [other]).status == 404


def test_a_repeated_confirmation_answers_as_the_first_did(
    visit: Visit, call: Call, leader: Member, shifts: list[Shift]
) -> None:
    visitor = asked(visit(leader.phone), call, "cancel", shifts)
    data = visitor.filled(visitor.form(address(call)))
    for _again in range(2):
        answer = visitor.send("POST", address(call), data=data, headers=visitor.headers)
        assert answer.status_code == 303
        assert "Shifts cancelled: 4." in visitor.open(answer.headers["Location"]).text


def test_only_who_leads_the_branch_changes_its_shifts(visit: Visit, call: Call, shifts: list[Shift]) -> None:
    visitor = visit(factories.member().phone)
    assert asked(visitor, call, "cancel", shifts).status in (403, 404)
    assert visitor.open(f"/calls/{call.id}/shifts/add").status in (403, 404)


def test_one_shift_more_is_one_form(
    visit: Visit, call: Call, leader: Member, branch: Branch, shifts: list[Shift]
) -> None:
    to = f"/calls/{call.id}/shifts/add"
    visitor = visit(leader.phone).open(to).submit(to, starts="20", ends="8点", post="night watch", least="2")
    assert "The shift is added." in visitor.text
    row = factories.rows(select(Shift).order_by(Shift.id.desc()).limit(1))[0][0]
    assert (row.starts_at, row.ends_at - row.starts_at) == (factories.tomorrow(20), timedelta(hours=12))
    assert (row.post, row.capacity, row.least) == ("night watch", 2, 2)
    visitor.open(to).submit(to, starts="20", ends="8点", post="night watch")
    assert visitor.status == 422
    assert "has this shift already" in visitor.text
    for wrong in ({"starts": "soon"}, {"ends": ""}, {"day": "2020-01-01"}, {"least": "9"}, {"capacity": "x"}):
        assert visitor.open(to).submit(to, **wrong).status == 422
        assert visitor.page.select(".error")
    assert factories.count_of(Shift) == 5
