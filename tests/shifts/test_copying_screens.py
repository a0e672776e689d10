"""A day, a week or a whole call once more: every shift is on the page before it is laid out, and can be unticked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.model import Branch, Call, LayOut, Member, Shift
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
    """Two shifts tomorrow at one gate, one of them through the night."""
    made = factories.call(branch)
    gate = factories.checkpoint(branch, "Gate")
    factories.shift(made, gate, capacity=3, least=2, post="order")
    factories.shift(made, gate, starts_at=factories.tomorrow(20), hours=12, capacity=1)
    return made


def day(later: int) -> date:
    return clock.now().astimezone(factories.LOCAL).date() + timedelta(days=later)


def address(call: Call) -> str:
    return f"/calls/{call.id}/shifts/copy"


def looked(visitor: Visitor, call: Call, **changes: Any) -> Visitor:
    data = visitor.filled(visitor.open(address(call)).form(address(call))) | changes
    return visitor.open(address(call) + "?" + urlencode(data, doseq=True))


def test_as_it_stands_the_last_day_is_copied_to_the_next(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    assert "Shifts: 2." in visitor.text
    visitor.submit(address(call))
    assert "Shifts laid out: 2." in visitor.text
    rows = factories.rows(
        select(Shift.day, Shift.starts_at, Shift.ends_at, Shift.post, Shift.capacity, Shift.least)
        .where(Shift.lay_out_id.is_not(None))
        .order_by(Shift.starts_at)
    )
    a_day = timedelta(days=1)
    assert [tuple(row) for row in rows] == [
        (day(2), factories.tomorrow(8) + a_day, factories.tomorrow(16) + a_day, "order", 3, 2),
        (day(2), factories.tomorrow(20) + a_day, factories.tomorrow(32 - 24) + 2 * a_day, "", 1, 1),
    ]


def test_a_week_of_copies_has_single_ones_unticked_and_is_taken_back_as_one(
    visit: Visit, call: Call, leader: Member
) -> None:
    visitor = looked(visit(leader.phone), call, last=day(8).isoformat())
    keys = [str(each["value"]) for each in visitor.page.select("input[name=keep]")]
    assert len(keys) == 14
    visitor.submit(address(call), keep=keys[1:])
    assert "Shifts laid out: 13." in visitor.text
    visitor.open(str(visitor.page.find("a", string="Take this lay-out back")["href"]))
    visitor.submit(f"/lay-outs/{factories.scalar(select(LayOut.id))}/take-back")
    assert factories.count_of(Shift) == 2


def test_copying_again_changes_nothing_and_says_so(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call))
    first = day(2).isoformat()
    looked(visitor, call, day=day(1).isoformat(), first=first, last=first)
    assert "There already and left as they are: 2." in visitor.text
    assert not visitor.page.select("input[name=keep]")


def test_a_whole_call_is_copied_into_another_where_its_checkpoints_are_served(
    visit: Visit, call: Call, leader: Member, branch: Branch
) -> None:
    elsewhere = factories.checkpoint(factories.branch(), "Elsewhere")
    factories.shift(call, elsewhere)
    empty = factories.call(branch)
    visitor = looked(
        visit(leader.phone), empty, source=call.id, what="call", first=day(3).isoformat(), last=""
    )
    assert "Shifts: 2." in visitor.text
    assert "does not serve these checkpoints" in visitor.text
    assert "Elsewhere" in visitor.text
    visitor.submit(address(empty))
    assert len(factories.rows(select(Shift.id).where(Shift.call_id == empty.id))) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what": "month"}, ""),
        ({"what": "day", "day": ""}, "which day is to be copied"),
        ({"what": "day", "day": "2020-01-01"}, "no shift to copy then"),
        ({"day": "soon"}, "no such day"),
        ({"first": ""}, "fill this in"),
        ({"first": "2020-01-01"}, "in the past"),
        ({"last": "2020-01-01"}, "comes before the first"),
        ({"last": "9999-12-31"}, "a year ahead"),
        ({"source": "99999"}, "no such call"),
        ({"source": "9" * 5000}, ""),
        ({"source": "mine"}, ""),
    ],
)
def test_what_cannot_be_copied_is_said_at_its_field(
    visit: Visit, call: Call, leader: Member, changes: dict[str, Any], said: str
) -> None:
    visitor = looked(visit(leader.phone), call, **changes)
    assert visitor.status == 422
    assert said in visitor.text
    assert visitor.page.select(".error")
    assert factories.count_of(Shift) == 2


def test_nothing_ticked_is_nothing_copied(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call), keep=[])
    assert visitor.status == 422
    assert "Please tick at least one shift." in visitor.text


def test_another_branchs_call_is_no_source(visit: Visit, call: Call, leader: Member) -> None:
    strange = factories.call(factories.branch("320507002003", kind="action"), status="draft")
    factories.shift(strange)
    assert looked(visit(leader.phone), call, source=strange.id, what="call").status == 422
