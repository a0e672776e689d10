"""One tap after a shift: well, so-so or badly; asked of who served, for three days, and read without names."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.errors import Refused
from mobilizer.hours import actions as hours
from mobilizer.model import Branch, Call, Feedback, Member, Shift
from mobilizer.policy import Actor
from mobilizer.signups import feedback_actions as actions
from mobilizer.signups import feedback_queries as queries
from tests import factories
from tests.attendance.leaders import START, at, committed, refused
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def closed(count: int, branch: Branch | None = None) -> tuple[Shift, list[Member]]:
    """A shift closed at 16:00, at which the first `count` were and one was not."""
    shift = factories.shift(factories.call(branch), starts_at=START)
    people = [factories.member(factories.branch()) for _ in range(count + 1)]
    sign_ups = [factories.sign_up(shift, each) for each in people]
    for sign_up in sign_ups[:-1]:
        committed(attendance.check_in, sign_up.id, at=at(8), now=at(8))
    committed(attendance.rest_absent, shift.id, now=at(9))
    committed(hours.close_shift, shift.id, now=at(16))
    return shift, people


def said() -> list[tuple[int, str]]:
    return [tuple(row) for row in factories.rows(select(Feedback.score, Feedback.note))]


def test_the_later_word_counts_for_three_days(app: Flask) -> None:
    shift, [one, _absent] = closed(1)
    committed(actions.say, shift.id, one.id, 3, "", now=at(17))
    committed(actions.say, shift.id, one.id, 1, "No tea", now=at(16) + timedelta(days=3, seconds=-1))
    assert said() == [(1, "No tea")]
    refused("feedback-over", actions.say, shift.id, one.id, 3, "", now=at(16) + timedelta(days=3))
    assert said() == [(1, "No tea")]


def test_it_is_not_asked_of_absents_strangers_nor_before_the_closing(app: Flask) -> None:
    shift, [one, absent] = closed(1)
    refused("feedback-not-asked", actions.say, shift.id, absent.id, 3, "", now=at(17))
    refused("feedback-not-asked", actions.say, shift.id, factories.member().id, 3, "", now=at(17))
    refused("feedback-unclear", actions.say, shift.id, one.id, 4, "", now=at(17))
    still_open = factories.shift(starts_at=START)
    sign_up = factories.sign_up(still_open, factories.member())
    committed(attendance.check_in, sign_up.id, at=at(8), now=at(8))
    refused("feedback-not-asked", actions.say, still_open.id, sign_up.member_id, 3, "", now=at(17))
    assert said() == []
    assert [each.shift_id for each in queries.asked_of(one.id, at(17))] == [shift.id]
    assert queries.asked_of(absent.id, at(17)) == queries.asked_of(one.id, at(16) + timedelta(days=3)) == []


def test_a_name_and_number_alone_do_not_speak_for_a_member(app: Flask) -> None:
    shift, [one, _absent] = closed(1)
    passing = Actor(one.id, unverified=True)
    with pytest.raises(Refused):
        actions.say(shift.id, one.id, 3, "", by=passing, now=at(17))
    assert said() == []


def test_a_branch_reads_counts_and_notes_from_three_answers_on(app: Flask) -> None:
    branch = factories.branch(kind="action")
    shift, people = closed(3, branch)
    for who, score in zip(people, (3, 1), strict=False):
        committed(actions.say, shift.id, who.id, score, f"Note {score}", now=at(17))
    [month] = queries.of_branch(branch.id)
    assert (month.counts, month.notes, month.total) == (None, (), 0)
    committed(actions.say, shift.id, people[2].id, 3, "", now=at(17))
    [month] = queries.of_branch(branch.id)
    assert (month.counts, month.notes, month.total) == ({3: 2, 2: 0, 1: 1}, ("Note 1", "Note 3"), 3)
    assert queries.of_branch(factories.scalar(select(Call.branch_id)) + 10**6) == []


def test_one_person_who_answers_three_times_is_not_read(app: Flask) -> None:
    branch, one = factories.branch(kind="action"), factories.member(factories.branch())
    for day in range(3):
        starts = START - timedelta(days=day)
        shift = factories.shift(factories.call(branch), starts_at=starts)
        sign_up = factories.sign_up(shift, one)
        committed(attendance.check_in, sign_up.id, at=starts, now=starts)
        committed(hours.close_shift, shift.id, now=at(16))
        committed(actions.say, shift.id, one.id, 1, "Cold", now=at(17))
    assert {(month.counts, month.notes) for month in queries.of_branch(branch.id)} == {(None, ())}


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: at(18))
    return at(18)


def test_three_buttons_wait_on_today_on_my_shifts_and_on_the_shift(
    visit: Visit, app: Flask, evening: datetime
) -> None:
    shift, [one, absent] = closed(1)
    address = f"/shifts/{shift.id}/feedback"
    page = visit(one.phone)
    for url in ("/", "/my/shifts", f"/shifts/{shift.id}"):
        page.open(url)
        assert page.offers(address), url
    page.submit(address, score="3", note="All well")
    assert "without your name" in page.text
    assert said() == [(3, "All well")]
    assert not page.open("/").offers(address), "said: Today asks no more"
    assert page.open("/my/shifts").filled(page.form(address))["note"] == "All well"
    page.submit(address, score="2")
    assert said() == [(2, "All well")]
    page.open("/my/shifts").submit(address, score="9")
    assert page.status == 422
    other = visit(absent.phone)
    for url in ("/", "/my/shifts", f"/shifts/{shift.id}"):
        assert not other.open(url).offers(address), url


def test_the_branch_s_page_is_for_whoever_runs_it(visit: Visit, app: Flask, evening: datetime) -> None:
    branch = factories.branch(kind="action")
    shift, people = closed(3, branch)
    for who in people[:3]:
        committed(actions.say, shift.id, who.id, 3, "", now=at(17))
    page = visit(factories.secretary().phone).open(f"/branches/{branch.id}/feedback")
    assert page.status == 200
    tile = page.page.find(class_="tile")
    assert tile is not None
    assert tile.b.get_text() == "3"
    assert all(who.name not in page.page.find("main").get_text() for who in people)
    assert visit(people[0].phone).open(f"/branches/{branch.id}/feedback").status in (403, 404)
