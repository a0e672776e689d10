"""Issuing a certificate: the figures are the ledger's, the numbers have no gap, and nobody certifies what is not theirs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.certificates import actions, ledger_queries, queries
from mobilizer.certificates.rules import Order
from mobilizer.model import Branch, Certificate, JournalEntry, Member, Notice
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import at_once, committed, later, refused
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE, SISTER, TOWN = "320507001002", "320507001003", "320507001"
EARLIER = date(2025, 3, 1)


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch(VILLAGE, "East branch")


@pytest.fixture
def who(branch: Branch) -> Member:
    return factories.member(branch, name="Chen Yu")


@pytest.fixture
def secretary(branch: Branch) -> Member:
    made = factories.member(branch, name="Wang Fang")
    factories.appointment(made, Role.SECRETARY, branch=branch)
    return made


def kept() -> list[Any]:
    return factories.rows(select(Certificate.__table__).order_by(Certificate.id))


def today() -> date:
    return clock.now().astimezone(factories.LOCAL).date()


def page_of(branch: Branch, who: Member) -> str:
    return f"/branches/{branch.id}/certificates/members/{who.id}"


def to_issue(branch: Branch, who: Member) -> str:
    return f"{page_of(branch, who)}/issue"


def order(**given: Any) -> Order:
    named = {"from_day": None, "to_day": today(), "language": "zh_CN"}
    return Order(**(named | {"person_in_charge": "王芳", "handler": "李娜", "contact": "0512"} | given))


def issuing(
    branch: Branch, who: Member, asked: Order | None = None, seen: str | None = None
) -> dict[str, Any]:
    """What the action is handed for a certificate of what the ledger has now."""
    asked = asked or order()
    subject = queries.subject(branch.id, who.id)
    _ends, counted = ledger_queries.of_subjects([subject] if subject else [], asked.from_day, asked.to_day)
    figures = counted.get(who.id)
    nonces = iter(range(1000))
    return {
        "branch_id": branch.id,
        "member_id": who.id,
        "order": asked,
        "volunteer_number": "",
        "seen": seen or (figures.checksum if figures else ""),
        "nonce": lambda: f"{branch.id} {who.id} {next(nonces)} {clock.now()}",
        "secret_key": "key",
        "now": clock.now(),
    }


# --- on the pages -----------------------------------------------------------------------------------------


def test_a_secretary_certifies_what_the_ledger_has_of_a_member(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    ledger.entry(who, branch, day=EARLIER, minutes=95)
    ledger.entry(who, factories.branch(SISTER, kind="action"), day=EARLIER, minutes=480, category="care")
    ledger.reversed_entry(who, branch, day=EARLIER, minutes=600)
    page = visit(secretary.phone).open(f"/branches/{branch.id}/certificates")
    assert "No certificates yet" in page.text
    page.open(f"/branches/{branch.id}/certificates/members?q=chen")
    assert "9.6 hours" in page.text
    page.open(page_of(branch, who))
    assert "Care for residents 1 8.0" in page.text
    assert "Checkpoint duty 1 1.6" in page.text
    page.submit(to_issue(branch, who), contact="0512 6575 1234", volunteer_number="320507 0042")
    assert "The certificate is issued" in page.text
    (made,) = kept()
    assert (made.person_times, made.minutes, made.scope) == (2, 575, "all")
    assert made.number == f"320507-{branch.id}-{today().year}-0001"
    assert (made.person_in_charge, made.handler) == ("Wang Fang", "Wang Fang"), "as the page proposed"
    entry = factories.rows(select(JournalEntry.kind, JournalEntry.branch_id, JournalEntry.actor_id))[-1]
    assert tuple(entry) == ("certificate.issued", branch.id, secretary.id)
    told = factories.rows(select(Notice.kind).where(Notice.member_id == who.id))
    assert [each.kind for each in told] == ["certificate-issued"]


def test_the_period_is_looked_at_first_and_issued_as_it_was_seen(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    ledger.entry(who, branch, day=EARLIER, minutes=60)
    ledger.entry(who, branch, day=date(2025, 5, 1), minutes=120)
    page = visit(secretary.phone).open(page_of(branch, who) + "?from=2025-04-01&until=2025-05-01")
    page.submit(to_issue(branch, who), contact="0512")
    (made,) = kept()
    assert (made.from_day, made.to_day, made.minutes) == (date(2025, 4, 1), date(2025, 5, 1), 120)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2025-05-01&until=2025-04-01", "ends before it begins"),
        ("from=&until=2099-01-01", "end today or before"),
        ("from=2025-02-30&until=2025-04-01", "There is no such day"),
        ("from=2025-01-01&until=", "Please fill this in"),
    ],
)
def test_a_period_that_cannot_be_is_said_in_words(
    visit: Visit, branch: Branch, who: Member, secretary: Member, asked: str, said: str
) -> None:
    ledger.entry(who, branch, day=EARLIER)
    page = visit(secretary.phone).open(f"{page_of(branch, who)}?{asked}")
    assert page.status == 200
    assert said in page.text
    assert not page.page.find("form", method="post", action=to_issue(branch, who))


def test_what_is_missing_is_said_at_its_field_and_the_rest_is_still_there(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    ledger.entry(who, branch, day=EARLIER)
    page = visit(secretary.phone).open(page_of(branch, who))
    page.submit(to_issue(branch, who), contact="", handler="<b>Li Na</b>", volunteer_number="42")
    assert page.status == 422
    sent = page.filled(page.form(to_issue(branch, who)))
    assert (sent["handler"], sent["volunteer_number"]) == ("<b>Li Na</b>", "42")
    assert "<b>Li Na</b>" not in page.response.get_data(as_text=True)
    assert kept() == []
    page.submit(to_issue(branch, who), contact="0512")
    assert len(kept()) == 1


@pytest.mark.parametrize("field", ["volunteer_number", "person_in_charge", "handler", "contact"])
def test_an_identity_number_typed_at_another_field_is_not_kept(
    visit: Visit, branch: Branch, who: Member, secretary: Member, field: str
) -> None:
    ledger.entry(who, branch, day=EARLIER)
    page = visit(secretary.phone).open(page_of(branch, who))
    page.submit(to_issue(branch, who), **{"contact": "0512", field: "11010519491231002x"})
    assert page.status == 422
    assert "kept nowhere" in page.text
    assert kept() == []


def test_who_has_served_nothing_is_certified_nothing(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    ledger.reversed_entry(who, branch, day=EARLIER)
    assert "No service in this period" in visit(secretary.phone).open(page_of(branch, who)).text
    refused("nothing-served", actions.issue, **issuing(branch, who))


def test_sent_twice_is_one_certificate(visit: Visit, branch: Branch, who: Member, secretary: Member) -> None:
    ledger.entry(who, branch, day=EARLIER)
    page = visit(secretary.phone).open(page_of(branch, who))
    sent = page.filled(page.form(to_issue(branch, who))) | {"contact": "0512"}
    first = page.send("POST", to_issue(branch, who), data=sent, headers=page.headers)
    again = page.send("POST", to_issue(branch, who), data=sent, headers=page.headers)
    assert first.headers["Location"] == again.headers["Location"]
    assert len(kept()) == 1


# --- whose --------------------------------------------------------------------------------------------------


def test_a_branch_one_served_with_certifies_that_and_no_more(
    visit: Visit, branch: Branch, who: Member
) -> None:
    flood = factories.branch(SISTER, "Flood branch", kind="action")
    leader = factories.member(name="Li Na")
    factories.appointment(leader, Role.SECRETARY, branch=flood)
    ledger.entry(who, branch, day=EARLIER, minutes=60)
    ledger.entry(who, flood, day=EARLIER, minutes=480)
    page = visit(leader.phone).open(page_of(flood, who))
    assert "You certify what was served with this branch" in page.text
    page.submit(to_issue(flood, who), contact="0512")
    (made,) = kept()
    assert (made.minutes, made.scope) == (480, "branch")


def test_the_committee_over_the_unit_certifies_too(visit: Visit, branch: Branch, who: Member) -> None:
    ledger.entry(who, branch, day=EARLIER)
    page = visit(factories.secretary(TOWN).phone).open(page_of(branch, who))
    page.submit(to_issue(branch, who), contact="0512", person_in_charge="Wang Fang")
    assert "The certificate is issued" in page.text
    assert len(kept()) == 1


def test_nobody_else_certifies_anything(visit: Visit, branch: Branch, who: Member) -> None:
    ledger.entry(who, branch, day=EARLIER)
    elsewhere, coordinator, officer = (factories.member() for _ in range(3))
    factories.appointment(elsewhere, Role.SECRETARY, unit_code=SISTER)
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=TOWN)
    factories.appointment(officer, Role.COMMITTEE_MEMBER, branch=branch)
    for reader, status in ((elsewhere, 404), (coordinator, 403), (officer, 403), (who, 403)):
        page = visit(reader.phone)
        for address in (page_of(branch, who), f"/branches/{branch.id}/certificates/all"):
            assert page.open(address).status == status
            token = page.open("/me").page.find("input", {"name": "csrf_token"})
            assert token is not None
            sent = {"csrf_token": token["value"], "to_day": str(today()), "contact": "0512", "seen": ""}
            sent |= {"person_in_charge": "x", "handler": "x", "language": "en"}
            answer = page.send("POST", f"{address}/issue", data=sent, headers=page.headers)
            assert answer.status_code == status
    assert kept() == []


def test_a_member_of_another_branch_is_not_there_to_choose(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    stranger = factories.member(factories.branch(SISTER), name="Chen Li")
    ledger.entry(stranger, factories.branch(SISTER), day=EARLIER)
    page = visit(secretary.phone)
    assert "Chen Li" not in page.open(f"/branches/{branch.id}/certificates/members?q=chen").text
    assert page.open(page_of(branch, stranger)).status == 404
    refused("subject-unknown", actions.issue, **issuing(branch, stranger))


def test_a_telephone_number_is_not_found_out_by_looking_for_it(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    page = visit(secretary.phone).open(f"/branches/{branch.id}/certificates/members?q={who.phone[-8:]}")
    assert "Nobody found" in page.text


# --- once, and in order ---------------------------------------------------------------------------------------


def test_the_same_is_not_certified_twice_while_it_holds(branch: Branch, who: Member, app: Flask) -> None:
    ledger.entry(who, branch, day=EARLIER)
    first = committed(actions.issue, **issuing(branch, who))
    refused("certificate-there", actions.issue, **issuing(branch, who))
    committed(actions.issue, **issuing(branch, who, order(language="en")))
    ledger.entry(who, branch, day=EARLIER)
    committed(actions.issue, **issuing(branch, who))
    committed(actions.revoke, first, reason="A slip", now=clock.now())
    refused("certificate-there", actions.issue, **issuing(branch, who))
    assert [row.serial for row in kept()] == [1, 2, 3]


def test_what_has_changed_since_it_was_looked_at_is_not_issued(
    branch: Branch, who: Member, app: Flask
) -> None:
    ledger.entry(who, branch, day=EARLIER)
    looked_at = issuing(branch, who)
    ledger.entry(who, branch, day=EARLIER)
    refused("ledger-changed", actions.issue, **looked_at)
    assert kept() == []


def test_numbers_given_at_once_have_no_gap_and_no_double(branch: Branch, app: Flask) -> None:
    people = [factories.member(branch) for _ in range(6)]
    for each in people:
        ledger.entry(each, branch, day=EARLIER)
    at_once(app, *[later(actions.issue, **issuing(branch, each)) for each in people])
    assert sorted(row.serial for row in kept()) == [1, 2, 3, 4, 5, 6]


def test_one_person_certified_twice_at_once_is_certified_once(
    branch: Branch, who: Member, app: Flask
) -> None:
    ledger.entry(who, branch, day=EARLIER)
    said = at_once(app, *[later(actions.issue, **issuing(branch, who)) for _ in range(3)])
    assert sorted(str(each) for each in said)[1:] == ["certificate-there"] * 2
    assert len(kept()) == 1


# --- everybody -----------------------------------------------------------------------------------------------


def test_a_whole_branch_is_certified_in_one_go_and_whoever_has_it_keeps_it(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    others = [factories.member(branch) for _ in range(3)]
    for each in [who, *others]:
        ledger.entry(each, branch, day=EARLIER, minutes=90)
    committed(actions.issue, **issuing(branch, who))
    address = f"/branches/{branch.id}/certificates/all"
    page = visit(secretary.phone).open(address)
    assert "People 4" in page.text
    page.submit(f"{address}/issue", contact="0512")
    assert "Certificates issued: 3." in page.text
    assert [row.serial for row in kept()] == [1, 2, 3, 4]
    assert {row.member_id for row in kept()} == {who.id, *(each.id for each in others)}
    page.open(address).submit(f"{address}/issue", contact="0512")
    assert "Certificates issued: 0." in page.text


def test_whoever_served_with_an_action_branch_is_certified_by_it(
    branch: Branch, who: Member, app: Flask
) -> None:
    flood = factories.branch(SISTER, kind="action")
    ledger.entry(who, flood, day=EARLIER, minutes=480)
    ledger.entry(who, branch, day=EARLIER, minutes=60)
    found = queries.branch(flood.id)
    assert found is not None
    given = {"nonce": iter("abc").__next__, "secret_key": "key", "now": clock.now()}
    ids, fresh = committed(actions.issue_all, found, order(), **given)
    assert (len(ids), fresh) == (1, 1)
    assert [(row.minutes, row.scope) for row in kept()] == [(480, "branch")]


def test_the_pages_ask_as_much_for_many_as_for_one(
    visit: Visit, branch: Branch, secretary: Member, count_queries: Callable[..., int]
) -> None:
    page = visit(secretary.phone)
    addresses = [f"/branches/{branch.id}/certificates{end}" for end in ("", "/members", "/all")]

    def asked() -> list[int]:
        return [count_queries(lambda address=address: page.open(address)) for address in addresses]

    def one_more() -> None:
        each = factories.member(branch)
        ledger.entry(each, branch, day=EARLIER)
        committed(actions.issue, **issuing(branch, each))

    one_more()
    asked()
    few = asked()
    for _ in range(5):
        one_more()
    assert asked() == few


# --- made known -----------------------------------------------------------------------------------------------


def test_what_is_issued_is_made_known_in_the_branch_for_seven_days(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    comrade, stranger = factories.member(branch), factories.member()
    ledger.entry(who, branch, day=EARLIER)
    old = issuing(branch, who, order(to_day=EARLIER)) | {"now": clock.now() - timedelta(days=7, minutes=1)}
    committed(actions.issue, **old)
    address = f"/branches/{branch.id}/certificates"
    assert "None in the last 7 days" in visit(comrade.phone).open(address).text
    assert "Chen Yu" in visit(secretary.phone).open(address).text
    committed(actions.issue, **issuing(branch, who, order(language="en")))
    seen = visit(comrade.phone).open(address)
    assert "Chen Yu" in seen.text
    assert not seen.page.select("main a[href^='/certificates/']"), "by name and figures, no more"
    assert visit(stranger.phone).open(address).status == 404
