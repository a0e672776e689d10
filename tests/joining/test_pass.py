"""What a pass for one call is good for, and what it is not: on every address there is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Branch, Call, LogIn, Notice, Shift, SignUp
from mobilizer.policy import COMMAND_LINE
from tests import factories
from tests.joining.places import PHONE, Place, call_to, enter, made
from tests.visitor import Visitor
from tests.world import World, address, ask, rules
from tests.world import made as made_world


@pytest.fixture
def place(app: Flask) -> Place:
    return made()


WITH_A_PASS = {
    "calendars.one",
    "calls.call",
    "calls.poster",
    "calls.share",
    "home.today",
    "check_in.check_in",
    "check_in.check_out",
    "check_in.poster",
    "check_in.show",
    "check_in.type_code",
    "joining.mine",
    "taking.call",
    "feedback.say",
    "signups.shift",
    "signups.sign_up",
    "signups.give_back",
    "asking.cannot_come",
    "asking.tell_branch",
    "asking.can_come",
    "waiting.join",
    "waiting.leave",
    "waiting.accept",
    "waiting.decline",
}
"""What a pass opens, on its own call. One more is a decision, not an oversight."""


def held(app: Flask, world: World) -> Visitor:
    """A pass for the world's call, of its member, who has a home in the call's village."""
    visitor = Visitor(app.test_client())
    where = f"/c/{world.parts['/c/']}/join"
    visitor.open(where).submit(where, name="王小明", phone=PHONE)
    return visitor


def test_a_pass_opens_its_own_call_and_nothing_else(app: Flask) -> None:
    world, home = made_world(), factories.branch()
    factories.member(home, "王小明", phone="+86" + PHONE)
    visitor = held(app, world)
    open_to_all = {e for e, view in app.view_functions.items() if getattr(view, "access", None) == "open"}
    token = visitor.filled(visitor.form("/log-out"))["csrf_token"]
    opened, told = set(), 0
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            if rule.endpoint in open_to_all - {"home.today"}:
                continue
            sent = {"csrf_token": token} if method == "POST" else None
            answer = ask(visitor, method, address(rule, world.parts), data=sent)
            if answer.status_code not in (403, 404):
                opened.add(rule.endpoint)
            elif answer.mimetype == "text/html" and "Not with this pass" in answer.get_data(as_text=True):
                told += 1
    assert opened - WITH_A_PASS == set()
    assert opened >= {"calls.call", "home.today", "joining.mine", "taking.call", "signups.shift"}
    assert told > 100, "everything else says in words what the pass is good for"


def test_a_pass_knows_nothing_of_another_call(place: Place, visit: Callable[..., Visitor]) -> None:
    other = factories.shift(factories.call(quick_join=True), starts_at=factories.tomorrow(20))
    factories.sign_up(other, place.member)
    visitor = enter(visit(), place)
    for url in (f"/shifts/{other.id}", f"/calls/{other.call_id}/take", f"/calls/{other.call_id}"):
        assert visitor.open(url).status == 404
        assert "Not with this pass" in visitor.text
    assert f"/shifts/{other.id}" not in str(visitor.open("/pass").page)
    for url in ("/my/shifts", "/my/service", "/me", "/my/notices", "/shifts"):
        assert visitor.open(url).status == 403, url


def test_a_pass_names_nobody_else(place: Place, visit: Callable[..., Visitor]) -> None:
    comrade = factories.member(place.home, "钱多多")
    factories.appointment(comrade, branch=place.branch)
    factories.sign_up(place.shift, comrade)
    visitor = enter(visit(), place)
    pages = ["/pass", f"/shifts/{place.shift.id}", f"/shifts/{place.shift.id}/cannot-come", "/"]
    for url in pages:
        visitor.open(url)
        assert visitor.status == 200, url
        assert comrade.name not in visitor.text
        assert comrade.phone not in str(visitor.page)
    for url in ("together", "hand-over"):
        answer = visitor.send(
            "POST",
            f"/shifts/{place.shift.id}/{url}",
            data=visitor.filled(visitor.form("/log-out"))
            | {"member_id": comrade.id, "member_ids": comrade.id},
            headers=visitor.headers,
        )
        assert answer.status_code == 403


def test_the_start_page_leads_to_the_call_and_the_pass_can_be_ended(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    visitor = enter(visit(), place)
    assert visitor.open("/").response.request.path == f"/calls/{place.call.id}/take"
    labels = [link.get_text(strip=True) for link in visitor.page.select("nav.places a")]
    assert labels == ["The call", "My shifts"]
    visitor.submit("/log-out")
    assert factories.count_of(LogIn) == 0
    assert visitor.open("/pass").response.request.path == "/log-in"


def test_with_a_pass_one_takes_waits_and_gives_back(place: Place, visit: Callable[..., Visitor]) -> None:
    later = factories.shift(place.call, starts_at=factories.tomorrow(8) + timedelta(days=2), capacity=1)
    factories.sign_up(later, factories.member())
    visitor = enter(visit(), place)
    visitor.open("/")
    visitor.submit(f"/shifts/{later.id}/wait")
    assert "number 1 in line" in visitor.text
    visitor.open("/").submit(f"/shifts/{later.id}/stop-waiting")
    visitor.open(f"/shifts/{place.shift.id}").submit(f"/shifts/{place.shift.id}/give-back")
    assert "not signed up" in visitor.text
    assert {
        row.status for row in factories.rows(select(SignUp.status).where(SignUp.member_id == place.member.id))
    } == {"cancelled"}


# --- who knows a comrade's name and number ------------------------------------------------------------------


def test_what_was_taken_with_the_own_log_in_is_not_given_away(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    mine = factories.shift(place.call, starts_at=factories.tomorrow(20))
    own = factories.sign_up(mine, place.member)
    visitor = enter(visit(), place)
    visitor.open(f"/shifts/{mine.id}")
    assert "not taken with a pass" in visitor.text
    assert not visitor.offers(f"/shifts/{mine.id}/give-back")
    page = visitor.open(f"/shifts/{mine.id}/cannot-come")
    assert not page.offers(f"/shifts/{mine.id}/give-back")
    sent = visitor.filled(visitor.form("/log-out"))
    for url in ("give-back", "cannot-come", "cannot-come/take-back"):
        answer = visitor.send("POST", f"/shifts/{mine.id}/{url}", data=sent, headers=visitor.headers)
        assert answer.status_code == 403, url
    kept = factories.rows(select(SignUp.status, SignUp.cannot_come_at).where(SignUp.id == own.id))
    assert [tuple(row) for row in kept] == [("confirmed", None)]


def test_a_place_in_the_line_and_an_offer_are_not_given_away_either(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    line = factories.shift(place.call, starts_at=factories.tomorrow(20))
    offered = factories.shift(place.call, starts_at=factories.tomorrow(20) + timedelta(days=1))
    waits = factories.sign_up(line, place.member, status="waitlisted")
    asked = factories.sign_up(offered, place.member, status="offered")
    visitor = enter(visit(), place)
    sent = visitor.filled(visitor.form("/log-out"))
    for url in (f"/shifts/{line.id}/stop-waiting", f"/sign-ups/{asked.id}/decline"):
        assert visitor.send("POST", url, data=sent, headers=visitor.headers).status_code == 403, url
    found = select(SignUp.status).where(SignUp.id.in_([waits.id, asked.id])).order_by(SignUp.id)
    assert [row.status for row in factories.rows(found)] == ["waitlisted", "offered"]


def test_nobody_is_sent_home_by_a_comrade_with_a_pass(place: Place, visit: Callable[..., Visitor]) -> None:
    """Leaving asks for no code; so the pass ends only the service that was taken with one."""
    begun = factories.shift(place.call, starts_at=clock.now() - timedelta(hours=1), hours=4)
    own = factories.sign_up(begun, place.member)
    begin_write()
    attendance.check_in(own.id, at=clock.now() - timedelta(minutes=50), by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    visitor = enter(visit(), place).open(f"/shifts/{begun.id}/check-in")
    assert "please tell the leader" in visitor.text
    assert not visitor.offers(f"/shifts/{begun.id}/check-out")
    sent = visitor.filled(visitor.form("/log-out"))
    answer = visitor.send("POST", f"/shifts/{begun.id}/check-out", data=sent, headers=visitor.headers)
    assert answer.status_code == 403
    assert factories.scalar(select(Attendance.checked_out_at)) is None
    member = visit(place.member.phone).open(f"/shifts/{begun.id}/check-in")
    member.submit(f"/shifts/{begun.id}/check-out")
    assert factories.scalar(select(Attendance.checked_out_at)) is not None


def test_the_presence_of_who_has_a_log_in_proves_nothing_of_a_pass(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    begun = factories.shift(place.call, starts_at=clock.now() - timedelta(minutes=5), hours=2)
    own = factories.sign_up(begun, place.member)
    visit(place.member.phone)
    stranger = enter(visit(), place)
    leader = factories.member(place.home)
    factories.appointment(leader, branch=place.branch)
    roster = visit(leader.phone).open(f"/shifts/{begun.id}/roster")
    roster.submit(f"/shifts/{begun.id}/roster/{own.id}/check-in")
    verified = select(LogIn.verified_at).where(LogIn.call_id == place.call.id)
    assert factories.scalar(verified) is None
    assert "Not verified" in stranger.open("/pass").text


def test_the_member_ends_also_a_pass_that_was_verified_by_mistake(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    stranger = enter(visit(), place)
    leader = factories.member(place.home)
    factories.appointment(leader, branch=place.branch)
    joined = f"/calls/{place.call.id}/joined"
    visit(leader.phone).open(joined).submit(f"{joined}/confirm")
    visit(place.member.phone).open("/my/notices").submit(f"/my/passes/{place.call.id}/end")
    assert stranger.open("/pass").response.request.path == "/log-in"


def test_the_member_ends_it_in_one_tap_and_what_it_took_is_given_back(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    """Also what begins too soon to be given back: it was never theirs."""
    soon = factories.shift(place.call, starts_at=clock.now() + timedelta(minutes=20), hours=2)
    mine = factories.shift(place.call, starts_at=factories.tomorrow(8) + timedelta(days=2))
    own = factories.sign_up(mine, place.member)
    leader = factories.member(place.home)
    factories.appointment(leader, branch=place.branch)
    stranger = enter(visit(), place, shift=soon)
    member = visit(place.member.phone).open("/my/notices")
    assert "was it you?" in member.text
    member.submit(f"/my/passes/{place.call.id}/end")
    assert "Shifts given back: 1" in member.text
    assert stranger.open("/pass").response.request.path == "/log-in"
    assert factories.scalar(select(SignUp.status).where(SignUp.id == own.id)) == "confirmed"
    told = select(Notice.kind).where(Notice.member_id == leader.id)
    assert {row.kind for row in factories.rows(told)} == {"disowned"}


def test_the_member_says_that_it_was_them(place: Place, visit: Callable[..., Visitor]) -> None:
    enter(visit(), place)
    visit(place.member.phone).open("/my/notices").submit(f"/my/passes/{place.call.id}/mine")
    assert factories.scalar(select(SignUp.unverified)) is False
    assert factories.scalar(select(LogIn.verified_at).where(LogIn.call_id == place.call.id)) is not None


def test_nobody_ends_the_pass_of_another(place: Place, visit: Callable[..., Visitor]) -> None:
    enter(visit(), place)
    other = visit(factories.member().phone).open("/me")
    sent = other.filled(other.form("/log-out"))
    other.send("POST", f"/my/passes/{place.call.id}/end", data=sent, headers=other.headers)
    assert factories.scalar(select(SignUp.status)) == "confirmed"
    assert factories.count_of(LogIn) == 2


# --- when it is over ------------------------------------------------------------------------------------------


def test_a_pass_stops_in_words_when_the_call_no_longer_lets_people_in(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    visitor = enter(visit(), place)
    call_to(place.call, quick_join=False)
    for url in (f"/shifts/{place.shift.id}", f"/calls/{place.call.id}/take"):
        assert visitor.open(url).status in (403, 404)
        assert "This pass is over" in visitor.text
    assert "no longer lets people in" in visitor.open("/").text


def test_a_pass_stops_in_words_when_the_branch_ends(place: Place, visit: Callable[..., Visitor]) -> None:
    visitor = enter(visit(), place)
    factories.db.session.rollback()
    factories.begin_write()
    ended = factories.db.session.get_one(Branch, place.branch.id)
    ended.status, ended.ended_at = "ended", clock.now()
    factories.db.session.commit()
    assert "it has ended" in visitor.open("/").text


def test_once_the_call_is_closed_nothing_more_is_taken_but_ones_own_shift_stays(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    later = factories.shift(place.call, starts_at=factories.tomorrow(20))
    visitor = enter(visit(), place)
    call_to(place.call, status="closed")
    assert "Nobody can sign up" in visitor.open("/").text or "Yours" in visitor.text
    assert visitor.open(f"/shifts/{place.shift.id}").status == 200
    sent = visitor.filled(visitor.form("/log-out"))
    answer = visitor.send("POST", f"/shifts/{later.id}/sign-up", data=sent, headers=visitor.headers)
    assert answer.status_code in (403, 404)
    assert factories.scalar(select(Shift.taken).where(Shift.id == later.id)) == 0


def test_after_the_last_shift_the_pass_is_gone(
    place: Place, visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = enter(visit(), place)
    over = place.shift.ends_at + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: over)
    assert visitor.open("/pass").response.request.path == "/log-in"
    assert "are over" in visit().open(f"/c/{place.call.code}/join").text


def test_who_has_a_pass_can_log_in(place: Place, visit: Callable[..., Visitor]) -> None:
    visitor = enter(visit(), place)
    visitor.log_in(place.member.phone)
    assert visitor.open("/me").status == 200


def test_another_calls_pass_takes_the_place_of_the_first(place: Place, visit: Callable[..., Visitor]) -> None:
    branch = factories.branch(kind="action")
    call = factories.call(branch, quick_join=True)
    other = Place(
        place.home, branch, call, factories.shift(call, starts_at=factories.tomorrow(20)), place.member
    )
    visitor = enter(visit(), place)
    assert "pass for another call" in visitor.open(f"/c/{call.code}/join?shift={other.shift.id}").text
    enter(visitor, other)
    assert visitor.open(f"/shifts/{other.shift.id}").status == 200
    assert visitor.open(f"/shifts/{place.shift.id}").status == 404
    assert factories.scalar(select(Call.quick_join).where(Call.id == call.id))
