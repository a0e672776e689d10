"""A member says that nobody counted them, a leader enters a service, somebody says yes: on the pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.model import Branch, Member, ServiceClaim, ServiceRecord
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
A_DAY = (factories.tomorrow(0) - timedelta(days=4)).astimezone(factories.LOCAL).date().isoformat()


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch(kind="action", name="Gate branch")


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member(branch, "Wang Fang")
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


@pytest.fixture
def member(branch: Branch) -> Member:
    who = factories.member(factories.branch(name="Lake branch"), "Li Na")
    factories.attachment(branch, who)
    return who


def minutes() -> int:
    return int(factories.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0))))


def times(first: str, last: str, **more: str) -> dict[str, Any]:
    return {
        "day": A_DAY,
        "begins": first,
        "until": last,
        "category": "delivery",
        "why": "Was asked at the gate",
    } | more


def services(branch: Branch) -> str:
    return f"/branches/{branch.id}/services"


def entering(visitor: Visitor, branch: Branch, asked: str = "Li Na") -> Visitor:
    """The form for the one whom the search finds."""
    visitor.open(f"{services(branch)}/new?q={asked}")
    link = visitor.page.find("a", string=lambda text: bool(text and text.startswith("It was")))
    assert link is not None, visitor.text
    return visitor.open(str(link["href"]))


def test_a_claim_goes_from_my_service_to_the_branch_and_is_counted(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    mine = visit(member.phone).open("/my/service").open("/my/claims/new")
    mine.submit("/my/claims", branch_id=branch.id, **times("08:00", "10:30"))
    assert "Said to the branch" in mine.text
    assert "Waits for the branch" in mine.text
    leads = visit(leader.phone).open("/")
    assert "Served without a shift: waiting for your yes" in leads.text
    leads.open(services(branch))
    assert "Li Na Says so themselves" in leads.text
    [claim_id] = factories.rows(select(ServiceClaim.id))[0]
    leads.submit(f"{services(branch)}/{claim_id}/accept")
    assert "Counted: the service of Li Na." in leads.text
    assert minutes() == 150
    assert "Counted" in mine.open("/my/claims").text
    assert "Your service is counted now" in mine.open("/my/notices").text
    assert "2.5 hours" in mine.open("/my/service").text
    assert "waiting for your yes" not in leads.open("/").text


def test_a_no_needs_words_and_the_member_reads_them(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    claim_id = factories.claim(branch, member).id
    leads = visit(leader.phone).open(services(branch))
    action = f"{services(branch)}/{claim_id}/decline"
    leads.submit(action, words="")
    assert leads.status == 422
    assert "Please say why" in leads.text
    leads.submit(action, words="That was the shift of the 3rd")
    assert leads.status == 200
    mine = visit(member.phone).open("/my/claims")
    assert "Not counted: That was the shift of the 3rd" in mine.text
    assert not mine.offers(f"/my/claims/{claim_id}/withdraw")


def test_a_claim_is_taken_back_by_its_member_alone(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    claim_id = factories.claim(branch, member).id
    action = f"/my/claims/{claim_id}/withdraw"
    mine = visit(member.phone).open("/my/claims")
    token = mine.form(action).find("input", {"name": "csrf_token"})
    assert token is not None
    other = visit(factories.member(branch).phone).open("/my/claims/new")
    field = other.page.find("input", {"name": "csrf_token"})
    assert field is not None
    answer = other.send("POST", action, data={"csrf_token": field["value"]}, headers=other.headers)
    assert answer.status_code == 404
    mine.submit(action)
    assert "Taken back." in mine.text
    assert factories.scalar(select(ServiceClaim.status)) == "withdrawn"


def test_a_leader_finds_the_person_and_enters_the_service(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    checkpoint = factories.checkpoint(branch, "East gate")
    leads = entering(visit(leader.phone), branch)
    leads.submit(services(branch), checkpoint_id=checkpoint.id, **times("20:00", "00:00", break_minutes="30"))
    assert "Counted: the service of Li Na." in leads.text
    assert minutes() == 210
    leads.open(services(branch))
    assert "20:00–" in leads.text
    assert "Wang Fang has entered" in visit(member.phone).open("/my/notices").text.replace("“", "")


def test_above_the_limit_it_waits_and_the_one_who_entered_it_is_not_asked(
    app: Flask, visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    app.config["HAND_ENTRY_MINUTES"] = 60
    leads = entering(visit(leader.phone), branch)
    assert "Up to 1.0 hours a day" in leads.text
    leads.submit(services(branch), **times("08:00", "10:00"))
    assert "It counts once somebody else has said yes." in leads.text
    assert minutes() == 0
    claim_id = factories.scalar(select(ServiceClaim.id))
    assert not leads.open(services(branch)).offers(f"{services(branch)}/{claim_id}/accept")
    coordinator = factories.member()
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=branch.unit_code)
    counts = visit(coordinator.phone).open(services(branch))
    assert not counts.page.find("a", string="Enter a service")
    counts.submit(f"{services(branch)}/{claim_id}/accept")
    assert minutes() == 120


def test_what_is_typed_wrong_is_said_at_its_field_and_nothing_is_lost(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    leads = entering(visit(leader.phone), branch)
    leads.submit(services(branch), **times("8 o'clock", "10:00"))
    assert leads.status == 422
    leads.submit(services(branch), **times("25:00", "10:00"))
    assert (leads.status, "Please give a time such as 08:05." in leads.text) == (422, True)
    leads.submit(services(branch), **times("08:00", "10:00", day="2100-01-01"))
    assert (leads.status, "It is not over yet." in leads.text) == (422, True)
    leads.submit(services(branch), **times("08:00", "10:00", break_minutes="120"))
    assert (leads.status, "The breaks are longer than the service." in leads.text) == (422, True)
    assert "Was asked at the gate" in str(leads.form(services(branch)))
    leads.submit(
        services(branch),
        category="flying",
        **{k: v for k, v in times("08:00", "10:00").items() if k != "category"},
    )
    assert leads.status == 422
    assert minutes() == 0


def test_what_is_counted_already_is_asked_and_only_the_rest_is_counted_where_that_is_ticked(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    leads = entering(visit(leader.phone), branch)
    leads.submit(services(branch), **times("08:00", "12:00"))
    entering(leads, branch).submit(services(branch), **times("10:00", "14:00"))
    assert leads.status == 409
    assert "Of 10:00–14:00, this is counted already:" in leads.text
    assert "08:00–12:00 · Gate branch · Entered by hand" in leads.text
    assert "Count only the time outside of it: 12:00–14:00" in leads.text
    leads.submit(services(branch))
    assert (leads.status, minutes()) == (409, 240)
    box = leads.page.find("input", {"name": "rest"})
    assert box is not None
    leads.submit(services(branch), rest=box["value"])
    assert (leads.status, minutes()) == (200, 360)
    entering(leads, branch).submit(services(branch), **times("09:00", "13:00"))
    assert "No one piece of it is left." in leads.text
    assert leads.page.find("input", {"name": "rest"}) is None


def test_a_yes_to_what_was_counted_meanwhile_is_asked_about(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    claim_id = factories.claim(branch, member).id
    leads = entering(visit(leader.phone), branch)
    leads.submit(services(branch), **times("07:00", "09:00"))
    accept = f"{services(branch)}/{claim_id}/accept"
    leads.open(services(branch)).submit(accept)
    assert leads.status == 409
    assert "Count only 09:00–10:00" in leads.text
    leads.submit(accept)
    assert minutes() == 180


def test_an_entry_is_put_right_with_a_reason(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    leads = entering(visit(leader.phone), branch)
    leads.submit(services(branch), **times("08:00", "12:00"))
    claim_id = factories.scalar(select(ServiceClaim.id))
    action = f"{services(branch)}/{claim_id}/correct"
    leads.open(action).submit(action, until="11:00", reason="")
    assert leads.status == 422
    leads.submit(action, until="11:00", reason="Left at eleven")
    assert "Corrected: Li Na." in leads.text
    assert minutes() == 180
    leads.open(action).submit(action, counts="no", reason="Was somebody else")
    assert minutes() == 0
    assert "Taken back" in leads.text


def test_who_belongs_to_no_branch_that_stands_is_told_whom_to_ask(visit: Visit) -> None:
    gone = factories.branch(status="ended", ended_at=clock.now())
    mine = visit(factories.member(gone).phone).open("/my/claims/new")
    assert "No branch to say it to" in mine.text


def test_nobody_says_it_to_a_branch_that_is_not_theirs(visit: Visit, branch: Branch, member: Member) -> None:
    elsewhere = factories.branch("320507002001")
    mine = visit(member.phone).open("/my/claims/new")
    mine.submit("/my/claims", branch_id=elsewhere.id, **times("08:00", "10:00"))
    assert mine.status == 422
    assert factories.count_of(ServiceClaim) == 0


def test_a_leader_enters_nobody_whom_the_search_does_not_find(
    visit: Visit, branch: Branch, leader: Member, member: Member
) -> None:
    stranger = factories.member(factories.branch("320507002001"), "Zhao Lei")
    leads = visit(leader.phone).open(f"{services(branch)}/new?q=Zhao+Lei")
    assert "Nobody found" in leads.text
    entering(leads, branch).submit(services(branch), member=stranger.id, **times("08:00", "10:00"))
    assert leads.status == 404
    assert factories.count_of(ServiceClaim) == 0


def test_the_pages_ask_the_database_as_often_whatever_there_is(
    visit: Visit, branch: Branch, leader: Member, member: Member, count_queries: Callable[..., int]
) -> None:
    leads, mine = visit(leader.phone), visit(member.phone)
    factories.claim(branch, member)
    few = [
        count_queries(lambda: leads.open(services(branch))),
        count_queries(lambda: mine.open("/my/claims")),
    ]
    for day in range(2, 8):
        start = factories.tomorrow(8) - timedelta(days=day + 1)
        factories.claim(branch, member, starts_at=start, ends_at=start + timedelta(hours=1))
    many = [
        count_queries(lambda: leads.open(services(branch))),
        count_queries(lambda: mine.open("/my/claims")),
    ]
    assert few == many
