"""The pictures of a unit's days are there to be read: drawn, told in words, and with their tables beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from mobilizer.extensions import db
from mobilizer.model import Feedback, Member
from mobilizer.participation import cover_queries
from mobilizer.participation.cover_queries import Days
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.participation.ledger import DAY
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
TOWN, VILLAGE = "320507001", "320507001002"
PERIOD = f"from={DAY - timedelta(days=3)}&to={DAY}"


@dataclass
class Town:
    coordinator: Member
    branch: Any
    gate: Any


@pytest.fixture
def town(app: Flask) -> Town:
    """Two people from 08:00 to 16:00 at a gate, one of them again from 22:00 to 02:00 at another, which lies nowhere."""
    factories.unit(TOWN, "Yuanhe")
    factories.unit(VILLAGE, "East Lake")
    branch = factories.branch(
        VILLAGE, "East Lake action", kind="action", activated_at=factories.moment(DAY, 6)
    )
    gate = factories.checkpoint(unit_code=VILLAGE, name="East gate", latitude=31.4, longitude=120.6)
    nowhere = factories.checkpoint(unit_code=VILLAGE, name="Nowhere gate")
    one, two = factories.member(), factories.member()
    ledger.entry(one, branch, gate)
    ledger.entry(two, branch, gate)
    ledger.entry(one, branch, nowhere, hour=22, minutes=240, category="care")
    ledger.reversed_entry(two, branch, gate, hour=20, minutes=60)
    coordinator = factories.member()
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=TOWN)
    return Town(coordinator, branch, gate)


def covers(visit: Visit, town: Town, more: str = PERIOD) -> Visitor:
    return visit(town.coordinator.phone).open(f"/participation/covers?{more}")


def table(visitor: Visitor, caption: str) -> list[list[str]]:
    found = next(each for each in visitor.page.select("table") if caption in each.caption.get_text())
    return [
        [cell.get_text(" ", strip=True) for cell in tr.find_all(["th", "td"])]
        for tr in found.select("tbody tr")
    ]


def answered(town: Town, *scores: int) -> None:
    call = factories.call(town.branch)
    shift = factories.shift(
        call,
        town.gate,
        starts_at=factories.moment(DAY, 8),
        status="closed",
        closed_at=factories.moment(DAY, 16),
        people_served=40,
    )
    for score in scores:
        sign_up = factories.sign_up(shift, factories.member())
        factories.kept(Feedback(sign_up_id=sign_up.id, score=score, said_at=factories.moment(DAY, 17)))


def test_the_hours_are_those_really_served_and_add_up(visit: Visit, town: Town) -> None:
    visitor = covers(visit, town)
    hours = {row[0][:2]: row[1] for row in table(visitor, "Hours served by hour of the day")}
    assert (hours["07"], hours["08"], hours["15"], hours["16"], hours["20"]) == (
        "0.0",
        "2.0",
        "2.0",
        "0.0",
        "0.0",
    )
    assert (hours["22"], hours["01"], hours["02"]) == ("1.0", "1.0", "0.0")
    days = table(visitor, "Hours served by day and hour")
    assert [row[-1] for row in days[-2:]] == ["18.0", "2.0"]
    assert visitor.page.select_one(".tile b").get_text() == "20.0"


def test_every_picture_has_a_title_a_description_and_a_table(visit: Visit, town: Town) -> None:
    answered(town, 3, 2, 3)
    visitor = covers(visit, town)
    pictures = visitor.page.select("svg[role=img]")
    assert len(pictures) == 7
    for picture in pictures:
        title, description = (visitor.page.find(id=each) for each in picture["aria-labelledby"].split())
        assert title.get_text()
        assert len(description.get_text()) > 10
    assert not visitor.page.select("[style], svg script")
    assert table(visitor, "By service category") == [
        ["Checkpoint duty", "2", "16.0", "2"],
        ["Care for residents", "1", "4.0", "1"],
    ]
    assert table(visitor, "People served by day") == [["Tue 24 Nov", "40", "1", "1"]]
    assert "On average 2.7 of 3." in visitor.text


def test_no_two_pictures_differ_by_the_answers_of_a_day(visit: Visit, town: Town) -> None:
    answered(town, 3, 2, 3)
    days = [DAY - timedelta(days=10), DAY]
    assert [cover_queries.answers(Days(TOWN, day, day)) for day in days] == [{3: 2, 2: 1, 1: 0}] * 2
    assert cover_queries.answers(Days(TOWN, DAY - timedelta(days=70), DAY - timedelta(days=50))) == {}


def test_three_answers_of_one_person_are_not_told(town: Town) -> None:
    who = factories.member()
    for hour in (8, 12, 16):
        shift = factories.shift(
            factories.call(town.branch), town.gate, starts_at=factories.moment(DAY, hour), hours=4
        )
        sign_up = factories.sign_up(shift, who)
        factories.kept(Feedback(sign_up_id=sign_up.id, score=1, said_at=factories.moment(DAY, 21)))
    assert cover_queries.answers(Days(TOWN, DAY, DAY)) == {}


def test_few_answers_are_not_told(visit: Visit, town: Town) -> None:
    answered(town, 1, 1)
    visitor = covers(visit, town)
    assert "Too few answers" in visitor.text
    assert "2 answers" not in visitor.text
    assert "1.0 of 3" not in visitor.text


def test_the_map_shows_what_lies_somewhere_and_lists_the_rest(visit: Visit, town: Town) -> None:
    visitor = covers(visit, town)
    assert len(visitor.page.select("#checkpoint-map circle")) == 1
    rows = table(visitor, "Checkpoints, most person-times first")
    assert [row[:2] for row in rows] == [["East gate", "1"], ["Nowhere gate", "–"]]
    assert "Nowhere gate · East Lake" in visitor.text


def test_branches_are_drawn_from_standing_up_until_the_end(visit: Visit, town: Town) -> None:
    visitor = covers(visit, town)
    assert [row[1] for row in table(visitor, "Branches that stood, by day")] == ["0", "0", "0", "1"]
    bar = visitor.page.select_one("#lives rect.bar")
    assert (bar["x"], bar["width"]) == ("75.0%", "25.0%")
    assert table(visitor, "Branches that stood in these days")[0][0] == "East Lake action"


def test_more_days_than_can_be_drawn_are_refused_at_their_field(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    visitor.open("/participation/covers?from=2026-01-01&to=2026-12-31")
    assert visitor.status == 422
    assert "at most 62 days" in visitor.text
    assert visitor.page.find("input", {"name": "from"})["value"] == "2026-01-01"


def test_an_unchanged_picture_is_not_sent_again(visit: Visit, town: Town) -> None:
    visitor = covers(visit, town)
    seen = {"If-None-Match": visitor.response.headers["ETag"]}
    address = f"/participation/covers?{PERIOD}"
    assert visitor.open(address, **seen).status == 304
    ledger.entry(factories.member(), town.branch, town.gate)
    assert visitor.open(address, **seen).status == 200


def test_the_number_of_statements_does_not_grow_with_what_is_drawn(visit: Visit, town: Town) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        db.session.rollback()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            covers(visit, town)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    covers(visit, town)
    few = statements()
    for at in range(6):
        branch = factories.branch(VILLAGE, kind="action")
        gate = factories.checkpoint(unit_code=VILLAGE, latitude=31.4 + at / 100, longitude=120.6)
        ledger.entry(factories.member(), branch, gate, hour=at)
    assert statements() == few
