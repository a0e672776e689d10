"""What the branch sees of who came by the link, and how it is settled: a yes, a no, "it is them", or presence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.commands.retention import clear_due
from mobilizer.model import Attachment, JournalEntry, LogIn, Member, Newcomer, Notice, Shift, SignUp
from mobilizer.terms import Role
from tests import factories
from tests.joining.places import PHONE, Place, call_to, enter, made
from tests.visitor import Visitor

NEW = ("陈七", "19800000009")


@pytest.fixture
def place(app: Flask) -> Place:
    return made()


@pytest.fixture
def leader(place: Place) -> Member:
    """A secretary of the calling branch, and of nothing else."""
    who = factories.member(place.home, "书记甲")
    factories.appointment(who, branch=place.branch)
    return who


def asks(place: Place, visit: Callable[..., Visitor], name: str = NEW[0], phone: str = NEW[1]) -> int:
    enter(visit(), place, name=name, phone=phone)
    return int(factories.scalar(select(Newcomer.id).order_by(Newcomer.id.desc())))


def unverified() -> list[bool]:
    return [row.unverified for row in factories.rows(select(SignUp.unverified).order_by(SignUp.id))]


# --- a yes or a no ----------------------------------------------------------------------------------------


def test_a_newcomer_stands_before_the_leader_with_number_and_wish(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit)
    visitor = visit(leader.phone)
    for url in ("/", f"/calls/{place.call.id}/joined"):
        visitor.open(url)
        item = visitor.page.find(id=f"newcomer-{newcomer}")
        assert item is not None, url
        assert NEW[0] in item.get_text()
        assert item.find("a", href="tel:+8619800000009") is not None
        assert "08:00–16:00, East Gate" in " ".join(item.get_text(" ").split())
    assert "Waiting for your yes: 1" in visitor.open(f"/calls/{place.call.id}").text


def test_nobody_else_sees_or_decides(place: Place, leader: Member, visit: Callable[..., Visitor]) -> None:
    newcomer = asks(place, visit)
    other = factories.secretary("320507001003")
    for phone in (place.member.phone, other.phone):
        visitor = visit(phone)
        assert NEW[0] not in visitor.open("/").text
        assert visitor.open(f"/calls/{place.call.id}/joined").status in (403, 404)
        sent = visitor.open("/me").filled(visitor.form("/log-out"))
        answer = visitor.send("POST", f"/newcomers/{newcomer}/yes", data=sent, headers=visitor.headers)
        assert answer.status_code in (403, 404)
    assert factories.scalar(select(Newcomer.status)) == "pending"


def test_a_yes_makes_a_volunteer_of_the_branch_and_signs_them_up(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit)
    visitor = visit(leader.phone).open(f"/calls/{place.call.id}/joined").submit(f"/newcomers/{newcomer}/yes")
    assert "taken in and signed up" in visitor.text
    found = factories.rows(
        select(Member.id, Member.standing, Member.home_branch_id).where(Member.name == NEW[0])
    )[0]
    assert (found.standing, found.home_branch_id) == ("volunteer", None)
    assert (
        factories.scalar(select(Attachment.branch_id).where(Attachment.member_id == found.id))
        == place.branch.id
    )
    assert factories.scalar(select(SignUp.status).where(SignUp.member_id == found.id)) == "confirmed"
    assert factories.scalar(select(Notice.kind).where(Notice.member_id == found.id)) == "newcomer-accepted"
    by = factories.scalar(select(JournalEntry.actor_id).where(JournalEntry.kind == "newcomer.accepted"))
    assert by == leader.id
    stranger = enter(visit(), place, name=NEW[0], phone=NEW[1])
    assert "Yours" in stranger.text, "the same two fields open the pass now"


def test_a_standing_branch_is_the_home_of_whom_it_takes_in(visit: Callable[..., Visitor]) -> None:
    home = factories.branch()
    leader = factories.member(home)
    factories.appointment(leader, branch=home)
    call = factories.call(home, quick_join=True)
    place = Place(home, home, call, factories.shift(call), leader)
    newcomer = asks(place, visit)
    visit(leader.phone).open(f"/calls/{call.id}/joined").submit(f"/newcomers/{newcomer}/yes")
    assert factories.scalar(select(Member.home_branch_id).where(Member.name == NEW[0])) == home.id


def test_a_wish_that_cannot_be_had_any_more_is_said(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit)
    for _ in range(place.shift.capacity):
        factories.sign_up(place.shift, factories.member())
    visitor = visit(leader.phone).open(f"/calls/{place.call.id}/joined").submit(f"/newcomers/{newcomer}/yes")
    assert "taken in, but not on" in visitor.text
    assert "Every seat is taken" in visitor.text
    assert factories.scalar(select(Newcomer.status)) == "accepted"


def test_a_number_under_another_name_is_told_to_the_leader_who_may_see_it(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit, "王晓明", PHONE)
    visitor = visit(factories.secretary().phone).open(f"/calls/{place.call.id}/joined")
    assert "on the roster under another name: 王小明" in visitor.text
    visitor.submit(f"/newcomers/{newcomer}/yes")
    assert factories.scalar(select(SignUp.member_id)) == place.member.id, "recognised, not made anew"
    assert factories.scalar(select(Newcomer.member_id)) == place.member.id
    again = enter(visit(), place, name="王晓明")
    assert "Yours" in again.text, "the pair that the branch said yes to opens the pass"


def test_a_number_that_is_not_the_leaders_to_see_is_not_named(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    elsewhere = factories.member(factories.branch("320507001003"), "赵六", phone="+8619800000003")
    other = asks(place, visit, "孙八", "19800000003")
    same = asks(place, visit, "赵六", "19800000003")
    visitor = visit(leader.phone).open(f"/calls/{place.call.id}/joined")
    told = visitor.page.find(id=f"newcomer-{other}")
    assert told is not None
    assert "not yours to see" in told.get_text()
    assert elsewhere.name not in told.get_text()
    visitor.submit(f"/newcomers/{other}/yes")
    assert visitor.status == 409
    assert "under another name" in visitor.text
    visitor.submit(f"/newcomers/{same}/yes")
    assert factories.scalar(select(SignUp.member_id)) == elsewhere.id


def test_a_no_is_told_to_whoever_opens_the_link_again(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit)
    visit(leader.phone).open(f"/calls/{place.call.id}/joined").submit(f"/newcomers/{newcomer}/no")
    again = enter(visit(), place, name=NEW[0], phone=NEW[1])
    assert "said no this time" in again.text
    assert factories.count_of(Newcomer) == 1, "they do not wait anew"
    assert factories.scalar(select(Member.id).where(Member.name == NEW[0])) is None


def test_two_leaders_who_answer_differently(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    newcomer = asks(place, visit)
    one = visit(leader.phone).open(f"/calls/{place.call.id}/joined")
    two = visit(leader.phone).open(f"/calls/{place.call.id}/joined")
    one.submit(f"/newcomers/{newcomer}/no")
    two.submit(f"/newcomers/{newcomer}/yes")
    assert two.status == 409
    assert "answered" in two.text
    assert factories.scalar(select(Newcomer.status)) == "declined"


def test_newcomers_are_forgotten_with_the_call(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    pending, taken_in = asks(place, visit), asks(place, visit, "周九", "19800000008")
    visit(leader.phone).open(f"/calls/{place.call.id}/joined").submit(f"/newcomers/{taken_in}/yes")
    clear_due(clock.now())
    assert factories.count_of(Newcomer) == 2
    call_to(place.call, status="closed")
    clear_due(clock.now())
    assert [row.id for row in factories.rows(select(Newcomer.id))] == [taken_in], f"{pending} is forgotten"
    clear_due(place.shift.ends_at + timedelta(minutes=1))
    assert factories.count_of(Newcomer) == 0


# --- is it them? --------------------------------------------------------------------------------------------


def test_not_verified_is_said_everywhere_and_settled_in_one_tap(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    enter(visit(), place)
    visitor = visit(leader.phone)
    assert "Not verified: 1" in visitor.open(f"/calls/{place.call.id}").text
    for url in (
        f"/shifts/{place.shift.id}/roster",
        f"/shifts/{place.shift.id}",
        f"/calls/{place.call.id}/joined",
    ):
        tags = [tag.get_text(strip=True) for tag in visitor.open(url).page.select(".tag.state-draft")]
        assert "Not verified" in tags, url
        assert visitor.page.select(".tag.state-draft svg"), "a sign beside the word"
    sign_up = factories.scalar(select(SignUp.id))
    visitor.open(f"/shifts/{place.shift.id}").submit(f"/shifts/{place.shift.id}/sign-ups/{sign_up}/confirm")
    assert "it is 王小明" in visitor.text
    assert unverified() == [False]
    assert factories.scalar(select(LogIn.verified_at).where(LogIn.call_id == place.call.id)) is not None
    assert "Not verified" not in visitor.open(f"/calls/{place.call.id}").text


def test_all_are_confirmed_at_once_but_only_those_who_were_shown(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    second = factories.member(place.home, "李四", phone="+8619800000002")
    third = factories.member(place.home, "吴十", phone="+8619800000005")
    enter(visit(), place)
    enter(visit(), place, name=second.name, phone="19800000002")
    visitor = visit(leader.phone).open(f"/calls/{place.call.id}/joined")
    enter(visit(), place, name=third.name, phone="19800000005")
    form = visitor.page.find_all("form", action=f"/calls/{place.call.id}/joined/confirm")[-1]
    visitor.send("POST", str(form["action"]), data=visitor.filled(form), headers=visitor.headers)
    assert unverified() == [False, False, True]


def test_presence_settles_it_when_a_leader_says_so(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    now = factories.scalar(select(Shift.id)) and factories.shift(
        place.call, starts_at=clock.now() - timedelta(minutes=5), hours=2
    )
    enter(visit(), place, shift=now)
    sign_up = factories.scalar(select(SignUp.id))
    visitor = visit(leader.phone).open(f"/shifts/{now.id}/roster")
    visitor.submit(f"/shifts/{now.id}/roster/{sign_up}/check-in")
    assert unverified() == [False]


def test_all_present_settles_it_for_all(place: Place, leader: Member, visit: Callable[..., Visitor]) -> None:
    now = factories.shift(place.call, starts_at=clock.now() - timedelta(minutes=5), hours=2)
    enter(visit(), place, shift=now)
    visit(leader.phone).open(f"/shifts/{now.id}/roster").submit(f"/shifts/{now.id}/roster/all-present")
    assert unverified() == [False]


def test_once_verified_a_pass_gives_back_all_of_its_call(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    mine = factories.shift(place.call, starts_at=factories.tomorrow(8) + timedelta(days=2))
    factories.sign_up(mine, place.member)
    stranger = enter(visit(), place)
    assert not stranger.open(f"/shifts/{mine.id}/cannot-come").offers(f"/shifts/{mine.id}/give-back")
    visitor = visit(leader.phone).open(f"/calls/{place.call.id}/joined")
    visitor.submit(f"/calls/{place.call.id}/joined/confirm")
    stranger.open(f"/shifts/{mine.id}/cannot-come").submit(f"/shifts/{mine.id}/give-back")
    assert "Given back" in stranger.text


def test_a_committee_member_confirms_but_takes_nobody_in(place: Place, visit: Callable[..., Visitor]) -> None:
    who = factories.member(place.home)
    factories.appointment(who, Role.COMMITTEE_MEMBER, branch=place.branch)
    asks(place, visit)
    enter(visit(), place)
    visitor = visit(who.phone).open(f"/calls/{place.call.id}/joined")
    assert NEW[0] not in visitor.text
    visitor.submit(f"/calls/{place.call.id}/joined/confirm")
    assert unverified() == [False]


# --- allowing it --------------------------------------------------------------------------------------------


def test_a_new_call_lets_people_in_unless_the_branch_says_no(
    place: Place, leader: Member, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(leader.phone).open(f"/calls/new?branch={place.branch.id}")
    box = visitor.page.find("input", {"name": "quick_join"})
    assert box is not None
    assert box.has_attr("checked")
    visitor.open(f"/calls/{place.call.id}/edit")
    form = visitor.form(f"/calls/{place.call.id}/edit")
    data = visitor.filled(form)
    assert data.pop("quick_join") == ["y"]
    visitor.send("POST", str(form["action"]), data=data, headers=visitor.headers)
    assert "Take 08:00" not in visit().open(f"/c/{place.call.code}").text
