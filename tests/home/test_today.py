"""Today answers first: where must I be, when; or what needs me now."""

from collections.abc import Callable
from datetime import timedelta

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Attendance
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def test_a_stranger_is_shown_the_way_in(visit: Visit) -> None:
    assert visit().open("/").page.find("a", href="/log-in")


def test_a_member_sees_the_next_shift_first_with_who_else_is_there(visit: Visit) -> None:
    call = factories.call()
    soon = factories.shift(call, factories.checkpoint(unit_code=call.unit_code, name="East Gate"))
    later = factories.shift(call, starts_at=soon.starts_at + timedelta(days=1))
    who, other = factories.member(), factories.member(name="Zhou Tao")
    for shift in (later, soon):
        factories.sign_up(shift, who)
    factories.sign_up(soon, other)
    first = visit(who.phone).open("/").page.select_one(".card-strong")
    assert first is not None
    assert "East Gate" in first.get_text()
    assert "Zhou Tao" in first.get_text()


def test_who_holds_nothing_is_offered_what_can_be_taken_in_one_tap(visit: Visit) -> None:
    shift = factories.shift()
    visitor = visit(factories.member().phone).open("/")
    assert visitor.offers(f"/shifts/{shift.id}/sign-up")


def test_a_leader_sees_the_shifts_that_run_now_and_the_way_to_their_rosters(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    running = factories.shift(factories.call(branch), starts_at=clock.now() - timedelta(hours=1))
    leader = factories.secretary(branch.unit_code)
    assert visit(leader.phone).open("/").page.find("a", href=f"/shifts/{running.id}/roster")
    elsewhere = factories.secretary("320507002001")
    assert not visit(elsewhere.phone).open("/").page.find("a", href=f"/shifts/{running.id}/roster")


def test_an_administrator_of_an_empty_house_is_shown_where_to_begin(visit: Visit) -> None:
    who = factories.member()
    factories.appointment(who, Role.ADMINISTRATOR)
    assert visit(who.phone).open("/").page.select_one("main a[href='/import']")


def test_a_leader_sees_what_is_bare_in_the_next_hours_and_whom_to_ask(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    call, soon = factories.call(branch), clock.now() + timedelta(hours=1)
    bare = factories.shift(call, factories.checkpoint(branch, name="Bare Gate"), starts_at=soon, least=2)
    full = factories.shift(call, factories.checkpoint(branch, name="Full Gate"), starts_at=soon, capacity=1)
    factories.sign_up(full, factories.member())
    factories.shift(
        call, factories.checkpoint(branch, name="Later Gate"), starts_at=soon + timedelta(hours=20)
    )
    leader = factories.secretary(branch.unit_code)
    gaps = visit(leader.phone).open("/").page.select_one("#gaps")
    assert gaps is not None
    assert "Bare Gate" in gaps.get_text()
    assert "0 of 2, missing 2" in gaps.get_text()
    assert gaps.find("a", href=f"/shifts/{bare.id}/ask")
    assert "Full Gate" not in gaps.get_text()
    assert "Later Gate" not in gaps.get_text()
    elsewhere = factories.secretary("320507002001")
    assert visit(elsewhere.phone).open("/").page.select_one("#gaps") is None


def test_a_coordinator_sees_what_is_bare_and_asks_nobody(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    factories.shift(factories.call(branch), starts_at=clock.now() + timedelta(hours=1))
    who = factories.member()
    factories.appointment(who, Role.COORDINATOR, unit_code="320507")
    gaps = visit(who.phone).open("/").page.select_one("#gaps")
    assert gaps is not None
    assert "Ask somebody" not in gaps.get_text()


def test_who_is_on_site_is_told_since_when_and_offered_to_leave_not_to_come(visit: Visit) -> None:
    running = factories.shift(starts_at=clock.now() - timedelta(hours=1))
    who = factories.member()
    sign_up = factories.sign_up(running, who)
    visitor = visit(who.phone).open("/")
    card = visitor.page.select_one(".card-strong")
    assert card is not None
    assert card.find("a", href=f"/shifts/{running.id}/cannot-come")
    there = Attendance(
        sign_up_id=sign_up.id,
        checked_in_at=running.starts_at,
        in_way="roster",
        in_clock="server",
        noted_at=clock.now(),
    )
    db.session.add(there)
    db.session.commit()
    card = visitor.open("/").page.select_one(".card-strong")
    assert card is not None
    assert not card.find("a", href=f"/shifts/{running.id}/cannot-come")
    way_out = card.find("a", href=f"/shifts/{running.id}/check-in")
    assert way_out is not None
    assert way_out.get_text() == "Check out"
