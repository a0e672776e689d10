"""A week of shifts in two screens, and what is said to whoever asks for the impossible."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.model import Branch, Call, Member, Shift
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def branch(app: Flask) -> Branch:
    made = factories.branch(kind="action")
    for n in range(5):
        factories.checkpoint(made, f"Gate {n}")
    return made


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


@pytest.fixture
def call(branch: Branch) -> Call:
    return factories.call(branch)


def today() -> date:
    return clock.now().astimezone(factories.LOCAL).date()


def address(call: Call) -> str:
    return f"/calls/{call.id}/shifts/new"


def looked(visitor: Visitor, call: Call, **changes: Any) -> Visitor:
    """The form as it stands, with these changes, sent to look at the shifts."""
    data = visitor.filled(visitor.open(address(call)).form(address(call))) | changes
    return visitor.open(address(call) + "?" + urlencode(data, doseq=True))


def test_105_shifts_are_two_screens_and_no_input(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    assert "Shifts: 105." in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 105
    days = {row.day for row in factories.rows(select(Shift.day))}
    assert (min(days), max(days)) == (today() + timedelta(days=1), today() + timedelta(days=7))


def test_laying_out_again_says_what_is_there_and_changes_nothing(
    visit: Visit, call: Call, leader: Member
) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call))
    looked(visitor, call)
    assert "There already and left as they are: 105." in visitor.text
    looked(visitor, call, last=(today() + timedelta(days=8)).isoformat())
    assert "Shifts: 15." in visitor.text
    visitor.submit(address(call))
    assert "Shifts laid out: 15. There already and left as they were: 105." in visitor.text
    assert factories.count_of(Shift) == 120


def test_own_times_may_be_typed_as_people_type_them(visit: Visit, call: Call, leader: Member) -> None:
    day = (today() + timedelta(days=1)).isoformat()
    visitor = looked(
        visit(leader.phone), call, pattern="own", times="４：３０至８：００、20点—次日8点", last=day
    )
    assert "Shifts: 10." in visitor.text
    assert "20–08" in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 10


def test_shifts_of_today_that_are_over_are_left_out_and_said_so(
    visit: Visit, call: Call, leader: Member
) -> None:
    day = today().isoformat()
    visitor = looked(
        visit(leader.phone), call, first=day, last=day, pattern="own", times="00:00-00:01, 00:00-24:00"
    )
    assert "Over already and left out: 5." in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"checkpoints": []}, "at least one checkpoint"),
        ({"checkpoints": ["999999"]}, "valid choice"),
        ({"checkpoints": ["nothing"]}, ""),
        ({"checkpoints": ["9" * 5000]}, ""),
        ({"weekdays": []}, "at least one weekday"),
        ({"first": "2026-02-30"}, "There is no such day."),
        ({"first": "tomorrow"}, "There is no such day."),
        ({"first": "2020-01-01"}, "in the past"),
        ({"last": "2020-01-01"}, "The last day comes before the first."),
        ({"last": "9999-12-31"}, "more than a year ahead"),
        ({"capacity": "0"}, "1 to 500 people"),
        ({"capacity": "501"}, "1 to 500 people"),
        ({"capacity": "-3"}, "1 to 500 people"),
        ({"capacity": "9" * 5000}, ""),
        ({"capacity": "a few"}, ""),
        ({"pattern": "7x3"}, ""),
        ({"pattern": "own", "times": ""}, "Please write the times"),
        ({"pattern": "own", "times": "0:00-300:00"}, "goes beyond 24:00"),
        ({"pattern": "own", "times": "soon"}, "cannot be read as a time"),
    ],
)
def test_what_cannot_be_laid_out_is_said_at_its_field_and_kept_nowhere(
    visit: Visit, call: Call, leader: Member, changes: dict[str, Any], said: str
) -> None:
    visitor = looked(visit(leader.phone), call, **changes)
    assert visitor.status == 422
    assert said in visitor.text
    assert visitor.page.select(".error")
    token = visitor.open("/me").page.find("input", {"name": "csrf_token"})["value"]
    looked(visitor, call)
    form = visitor.filled(visitor.page.find("form", method="post", action=address(call)))
    answer = visitor.send(
        "POST", address(call), data=form | changes | {"csrf_token": token}, headers=visitor.headers
    )
    assert answer.status_code == 422
    assert factories.count_of(Shift) == 0


def test_another_branchs_checkpoint_cannot_be_sent(visit: Visit, call: Call, leader: Member) -> None:
    strange = factories.checkpoint(factories.branch("320507002003", kind="action"))
    visitor = looked(visit(leader.phone), call)
    visitor.submit(address(call), checkpoints=[str(strange.id)])
    assert visitor.status == 422
    assert factories.count_of(Shift) == 0


def test_a_repeated_confirmation_answers_as_the_first_did(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    data = visitor.filled(visitor.form(address(call)))
    for _again in range(2):
        answer = visitor.send("POST", address(call), data=data, headers=visitor.headers)
        assert answer.status_code == 303
        assert "Shifts laid out: 105." in visitor.open(answer.headers["Location"]).text
    assert factories.count_of(Shift) == 105


def test_a_branch_without_checkpoints_is_told_so(visit: Visit) -> None:
    bare = factories.branch(kind="action")
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=bare)
    call = factories.call(bare)
    assert "no checkpoint yet" in visit(who.phone).open(address(call)).text


def test_the_form_can_be_changed_again_with_what_was_chosen(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call, capacity="7")
    back = visitor.page.find("a", string="Change")
    assert back is not None
    visitor.open(str(back["href"]))
    assert visitor.page.find("input", {"name": "capacity"})["value"] == "7"
