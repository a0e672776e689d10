"""Whoever is shown a certificate learns whether it is genuine, and nothing else; who guesses learns nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import throttle
from mobilizer.model import Branch, Certificate, JournalEntry, Member, Notice
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
SERVED = date(2025, 3, 1)


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch("320507001002", "East branch")


@pytest.fixture
def who(branch: Branch) -> Member:
    made = factories.member(branch, name="陈小雨")
    ledger.entry(made, branch, day=SERVED, minutes=95)
    return made


@pytest.fixture
def secretary(branch: Branch) -> Member:
    made = factories.member(branch, name="Wang Fang")
    factories.appointment(made, Role.SECRETARY, branch=branch)
    return made


def asked(visitor: Visitor, token: str) -> Visitor:
    return visitor.open(f"/v/{token}")


def test_a_stranger_sees_that_it_is_genuine_and_as_little_as_is_needed(
    visit: Visit, branch: Branch, who: Member
) -> None:
    made = factories.certificate(who, branch)
    page = asked(visit(), factories.certificate_token(made))
    assert page.status == 200
    for shown in ("Genuine", "陈**", "1.6", "East branch", f"320507-{branch.id}-"):
        assert shown in page.text
    for hidden in ("陈小雨", who.phone, "Wang Fang", "Li Na", "0512 6575 1234", "Care for residents"):
        assert hidden not in page.text


def test_its_address_is_kept_secret_on_every_answer(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    for token in (factories.certificate_token(made), "unknown", "%00"):
        headers = asked(visit(), token).response.headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"


def test_a_link_is_read_however_it_was_typed_off_the_paper(visit: Visit, branch: Branch, who: Member) -> None:
    token = factories.certificate_token(factories.certificate(who, branch))
    assert asked(visit(), f"{token.upper().replace('0', 'O').replace('1', 'l')}%20").status == 200


def test_revoked_is_said_to_all_and_why_to_those_it_concerns(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    made = factories.certificate(who, branch)
    page = visit(secretary.phone).open(f"/certificates/{made}")
    page.submit(f"/certificates/{made}/revoke", reason="")
    assert page.status == 422
    page.submit(f"/certificates/{made}/revoke", reason="The <b>wrong</b> Chen")
    assert "Revoked" in page.text
    assert "The <b>wrong</b> Chen" in page.text
    assert not page.offers(f"/certificates/{made}/paper"), "it is not printed any more"
    public = asked(visit(), factories.certificate_token(made))
    assert public.status == 200
    assert "holds no more" in public.text
    assert "wrong" not in public.text
    assert "The <b>wrong</b> Chen" in visit(who.phone).open(f"/certificates/{made}").text
    kinds = [each.kind for each in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds[-1] == "certificate.revoked"
    told = factories.rows(select(Notice.kind).where(Notice.member_id == who.id))
    assert [each.kind for each in told] == ["certificate-issued", "certificate-revoked"]
    assert "The <b>wrong</b> Chen" in visit(who.phone).open("/my/notices").text


def test_it_is_revoked_once(visit: Visit, branch: Branch, who: Member, secretary: Member) -> None:
    made = factories.certificate(who, branch)
    first, second = visit(secretary.phone), visit(secretary.phone)
    for page in (first, second):
        page.open(f"/certificates/{made}")
    first.submit(f"/certificates/{made}/revoke", reason="First")
    second.submit(f"/certificates/{made}/revoke", reason="Second")
    assert second.status == 409
    assert factories.scalar(select(Certificate.revoked_because)) == "First"


def test_neither_its_owner_nor_another_branch_revokes_it(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    elsewhere = factories.secretary("320507001003")
    for reader, status in ((who, 403), (elsewhere, 404)):
        page = visit(reader.phone).open("/me")
        sent = page.filled(page.form("/log-out")) | {"reason": "x"}
        answer = page.send("POST", f"/certificates/{made}/revoke", data=sent, headers=page.headers)
        assert answer.status_code == status
    assert factories.scalar(select(Certificate.revoked_at)) is None


# --- guessing ---------------------------------------------------------------------------------------------------


def test_unknown_and_wrong_look_the_same(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    token = factories.certificate_token(made)
    number = factories.scalar(select(Certificate.number))
    nonce = factories.scalar(select(Certificate.nonce))
    kept = factories.scalar(select(Certificate.token_hash))
    guesses = [token[:-1], token + "0", "0" * 24, number, nonce, kept, str(made), "x"]
    answers = [asked(visit(), guess) for guess in guesses]
    assert {page.status for page in answers} == {404}
    assert len({page.page.find("main").get_text() for page in answers}) == 1  # type: ignore[union-attr]


def test_who_guesses_is_slowed_and_locks_out_nobody(
    visit: Visit, branch: Branch, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_FAILURES", 5)
    token = factories.certificate_token(factories.certificate(who, branch))
    page = visit()
    said = [asked(page, f"guess{at}").status for at in range(7)]
    assert said == [404] * 5 + [429] * 2
    assert "wait" in page.text
    assert asked(page, token).status == 200, "what is there is found all the same"


def test_a_certificate_is_its_owners_and_its_issuers_alone(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    made = factories.certificate(who, branch)
    address = f"/certificates/{made}"
    comrade, elsewhere = factories.member(branch), factories.secretary("320507001003")
    for reader, status in ((who, 200), (secretary, 200), (comrade, 403), (elsewhere, 404)):
        assert visit(reader.phone).open(address).status == status
    assert "Log in" in visit().open(address).text


def test_a_member_finds_ones_own_under_my_service(visit: Visit, branch: Branch, who: Member) -> None:
    other = factories.member(branch, name="Somebody Else")
    ledger.entry(other, branch, day=SERVED, minutes=600)
    factories.certificate(other, branch)
    page = visit(who.phone).open("/my/service")
    assert page.page.select_one("a[href='/my/certificates']")
    assert "No certificates yet" in page.open("/my/certificates").text
    made = factories.certificate(who, branch)
    assert "1.6 hours" in page.open("/my/certificates").text
    assert "10.0" not in page.text
    page.open(f"/certificates/{made}")
    link: Any = page.page.select_one(f"a[href='/my/corrections/new?certificate={made}']")
    page.open(link["href"]).submit("/my/corrections", words="My name is written otherwise.")
    assert "Said. You will be answered here." in page.text


def test_what_the_ledger_says_otherwise_since_is_told(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    made = factories.certificate(who, branch)
    assert "has changed since" not in visit(who.phone).open(f"/certificates/{made}").text
    ledger.entry(who, branch, day=SERVED, minutes=60)
    page = visit(secretary.phone).open(f"/certificates/{made}")
    assert "it now has 2 person-times and 2.6 hours" in page.text
