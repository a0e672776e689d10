"""Shifts from a sheet: the template fits, each row is answered, and what holds is laid out as one."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

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
    made = factories.branch(kind="action")
    for name in ("东门卡口", "北门卡口"):
        factories.checkpoint(made, name)
    return made


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


@pytest.fixture
def call(branch: Branch) -> Call:
    return factories.call(branch)


def address(call: Call) -> str:
    return f"/calls/{call.id}/shifts/sheet"


def uploaded(visitor: Visitor, call: Call, content: bytes, name: str = "班次.csv") -> Visitor:
    visitor.open(address(call))
    return visitor.submit(address(call), file=(BytesIO(content), name))


def confirming(visitor: Visitor) -> str:
    [to] = {
        str(form["action"])
        for form in visitor.page.find_all("form")
        if str(form["action"]).endswith("/confirm")
    }
    return to


def tomorrow() -> str:
    return (clock.now().astimezone(factories.LOCAL).date() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_template_can_be_sent_back_as_it_is(
    visit: Visit, call: Call, leader: Member, ending: str, language: str
) -> None:
    factories.skill("护士")
    visitor = visit(leader.phone, language)
    template = visitor.send("GET", f"{address(call)}/template.{ending}", headers=visitor.headers)
    assert template.status_code == 200
    uploaded(visitor, call, template.get_data(), f"t.{ending}")
    visitor.submit(confirming(visitor))
    rows = factories.rows(select(Shift.starts_at, Shift.capacity, Shift.least, Shift.lay_out_id))
    assert [tuple(row)[:3] for row in rows] == [(factories.tomorrow(8), 2, 1)] * 2
    assert len({row.lay_out_id for row in rows}) == 1


def test_each_row_is_answered_and_what_holds_is_laid_out(visit: Visit, call: Call, leader: Member) -> None:
    sheet = (
        "日期,开始,结束,点位,岗位,人数,最少\n"
        f"{tomorrow()},8:00,16:00,东门卡口,登记,3,2\n"
        f"{tomorrow()},20点,次日8点,北门卡口,,1,\n"
        f"{tomorrow()},8:00,16:00,西门,,3,1\n"
        f"{tomorrow()},soon,16:00,东门卡口,,3,1\n"
        f"{tomorrow()},8:00,16:00,东门卡口,,0,1\n"
    ).encode()
    visitor = uploaded(visit(leader.phone), call, sheet)
    assert visitor.status == 200
    assert factories.count_of(Shift) == 0
    refused = visitor.send(
        "GET", confirming(visitor).replace("/confirm", "/refused.csv"), headers=visitor.headers
    )
    assert refused.get_data(as_text=True).count("\n") == 4
    visitor.submit(confirming(visitor))
    rows = factories.rows(select(Shift.post, Shift.capacity, Shift.least).order_by(Shift.starts_at))
    assert [tuple(row) for row in rows] == [("登记", 3, 2), ("", 1, 1)]
    assert factories.scalar(select(LayOut.shifts)) == 2


def test_the_same_sheet_twice_leaves_what_is_there(visit: Visit, call: Call, leader: Member) -> None:
    sheet = f"日期,时间,点位,人数\n{tomorrow()},8-16,东门卡口,3\n".encode("gb18030")
    visitor = uploaded(visit(leader.phone), call, sheet)
    visitor.submit(confirming(visitor))
    uploaded(visitor, call, sheet)
    assert "There already" in visitor.text
    assert factories.count_of(Shift) == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"%PDF-1.4"])
def test_what_is_no_sheet_is_refused_in_words(
    visit: Visit, call: Call, leader: Member, content: bytes
) -> None:
    visitor = uploaded(visit(leader.phone), call, content, "shifts.xlsx")
    assert visitor.status == 422
    assert visitor.page.select(".error")


def test_headings_that_are_not_known_are_asked_about(visit: Visit, call: Call, leader: Member) -> None:
    visitor = uploaded(visit(leader.phone), call, b"a,b,c\n1,2,3\n4,5,6\n")
    assert visitor.status in (200, 422)
    assert factories.count_of(Shift) == 0
