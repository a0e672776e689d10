"""What a person meets first: the day of everything that needs them, and a leader's shifts before all else."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from mobilizer import clock
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE = "320507001002"


def test_what_one_can_take_says_its_day(app: Flask, visit: Visit) -> None:
    first = factories.shift()
    factories.shift(starts_at=first.starts_at + timedelta(days=1))
    who = factories.member(factories.branch(VILLAGE))
    page = visit(who.phone).open("/")
    section = page.page.find(id="takeable")
    assert section is not None
    days = [heading.get_text(" ", strip=True) for heading in section.find_all("h3")]
    assert len(days) == 2
    assert days[0].startswith("Tomorrow")


def test_a_leader_meets_the_shifts_they_run_before_those_they_could_take(app: Flask, visit: Visit) -> None:
    factories.shift(starts_at=clock.now() - timedelta(hours=1))
    who = factories.secretary(VILLAGE)
    html = visit(who.phone).open("/").response.get_data(as_text=True)
    assert 0 < html.index('id="to-run"') < html.index('id="takeable"')


def test_whoever_holds_a_shift_meets_it_first(app: Flask, visit: Visit) -> None:
    factories.shift(starts_at=clock.now() - timedelta(hours=1))
    held = factories.shift()
    who = factories.secretary(VILLAGE)
    factories.sign_up(held, who)
    html = visit(who.phone).open("/").response.get_data(as_text=True)
    assert 0 < html.index(f'href="/shifts/{held.id}"') < html.index('id="to-run"')


def test_a_proposal_that_waits_is_named_as_on_its_own_page(app: Flask, visit: Visit) -> None:
    factories.branch(VILLAGE, "Depot", kind="temporary", status="proposed", activated_at=None)
    who = factories.member(factories.branch("320507001"))
    factories.appointment(who, Role.SECRETARY, unit_code="320507001")
    assert "Waiting for approval" in visit(who.phone).open("/").text
