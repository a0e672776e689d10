"""Guessing is slowed, and nobody is locked out by what others do; nothing tells which numbers are on the roster."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import insert

from mobilizer import clock, throttle
from mobilizer.accounts import passwords
from mobilizer.extensions import begin_write, db
from mobilizer.model import FailedAttempt, Member
from tests import factories
from tests.visitor import PASSWORD, Visitor

UNKNOWN = "+8619899999999"


@pytest.fixture
def who(app: Flask) -> Member:
    return factories.member(name="Wang")


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed to compare it, one entry for each time the costly function ran. Nothing is right by it but the
    factories' password."""
    ran: list[str] = []

    class Quick(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            ran.append(str(password))
            if (hash, password) == (factories.PASSWORD_HASH, PASSWORD):
                return True
            raise passwords.VerificationError

    monkeypatch.setattr(passwords, "_hasher", Quick())
    return ran


Guess = Callable[..., tuple[int, str]]


@pytest.fixture
def guess(app: Flask, hashes: list[str]) -> Guess:
    """One try at a number from an address, in a browser of its own or in `browser`; answers the status and the words."""

    def guess(
        phone: str,
        password: str = "wrong password",
        address: str = "10.0.0.1",
        browser: Visitor | None = None,
    ) -> tuple[int, str]:
        visitor = browser or Visitor(app.test_client())
        visitor.client.environ_base["REMOTE_ADDR"] = address
        visitor.open("/log-in").submit("/log-in", phone=phone, password=password)
        return visitor.status, visitor.text.replace(phone, "")

    return guess


def failed_before(phone: str, addresses: int, each: int = 1) -> None:
    """So many wrong guesses at the account, from as many addresses, a minute ago."""
    rows = [
        {
            "purpose": throttle.PASSWORD,
            "account": throttle._account(throttle.PASSWORD, phone),
            "address": f"elsewhere {number}",
            "at": clock.now() - timedelta(minutes=1),
        }
        for number in range(addresses)
        for _ in range(each)
    ]
    db.session.rollback()
    begin_write()
    db.session.execute(insert(FailedAttempt), rows)
    db.session.commit()


def test_ten_wrong_passwords_from_one_address_are_enough_for_a_quarter_of_an_hour(
    guess: Guess, who: Member
) -> None:
    for _ in range(throttle.FAILURES):
        assert guess(who.phone)[0] == 422
    status, words = guess(who.phone, PASSWORD)
    assert status == 429
    assert "wait a quarter of an hour" in words
    assert guess(who.phone, PASSWORD, address="10.0.0.2")[0] == 200, "the owner, from elsewhere"
    assert guess(factories.member().phone, PASSWORD)[0] == 200, "a neighbour, from here"


def test_many_addresses_guess_no_faster_and_the_owners_phone_still_gets_in(
    app: Flask, guess: Guess, who: Member
) -> None:
    phone = Visitor(app.test_client())
    assert guess(who.phone, PASSWORD, browser=phone)[0] == 200
    phone.submit("/log-out")
    failed_before(who.phone, throttle.ACCOUNT_FAILURES)
    status, words = guess(who.phone, PASSWORD, address="10.9.9.9")
    assert status == 429
    assert "from many places" in words
    assert guess(who.phone, PASSWORD, address="10.9.9.9", browser=phone)[0] == 200
    assert "Log out" in phone.text


def test_a_known_phone_has_no_more_than_its_own_allowance(app: Flask, guess: Guess, who: Member) -> None:
    phone = Visitor(app.test_client())
    guess(who.phone, PASSWORD, browser=phone)
    phone.submit("/log-out")
    for number in range(throttle.FAILURES):
        assert guess(who.phone, address=f"10.1.1.{number}", browser=phone)[0] == 422
    assert guess(who.phone, PASSWORD, address="10.2.2.2", browser=phone)[0] == 429


def test_a_device_known_to_one_account_is_a_stranger_to_another(
    app: Flask, guess: Guess, who: Member
) -> None:
    victim = factories.member()
    phone = Visitor(app.test_client())
    guess(who.phone, PASSWORD, browser=phone)
    phone.submit("/log-out")
    failed_before(victim.phone, throttle.ACCOUNT_FAILURES)
    assert guess(victim.phone, PASSWORD, browser=phone)[0] == 429


@pytest.mark.parametrize("made_up", ["", "x", "a.b", "0123456789abcdef." + "A" * 20, "é" * 16, "." * 500])
def test_a_cookie_that_was_made_up_is_worth_nothing(
    app: Flask, guess: Guess, who: Member, made_up: str
) -> None:
    phone = Visitor(app.test_client())
    phone.client.set_cookie("mobilizer_device", made_up)
    failed_before(who.phone, throttle.ACCOUNT_FAILURES)
    assert guess(who.phone, PASSWORD, browser=phone)[0] == 429


def test_the_cookie_of_a_device_holds_nothing_of_the_person(app: Flask, guess: Guess, who: Member) -> None:
    phone = Visitor(app.test_client())
    guess(who.phone, PASSWORD, browser=phone)
    cookie = phone.client.get_cookie("mobilizer_device")
    assert cookie is not None
    assert who.phone[-6:] not in cookie.value
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_a_village_behind_one_address_gets_in(
    app: Flask, guess: Guess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only failures count, and those of who gets in after all count no longer: here the limit is 6 and 12 people mistype."""
    monkeypatch.setattr(throttle, "ADDRESS_FAILURES", 6)
    for _ in range(12):
        member = factories.member()
        assert guess(member.phone)[0] == 422
        assert guess(member.phone, PASSWORD)[0] == 200
    assert factories.count_of(FailedAttempt) == 0


def test_one_address_that_tries_every_number_is_stopped(
    app: Flask, guess: Guess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_FAILURES", 6)
    for _ in range(6):
        assert guess(factories.member().phone)[0] == 422
    assert guess(factories.member().phone)[0] == 429


def test_nothing_tells_whether_a_number_is_known(guess: Guess, who: Member, hashes: list[str]) -> None:
    """The same words, and as many hashes computed: for a number that is known, one without a password, one unknown,
    and what is no number at all; before and after it is too often."""
    without = factories.member(password_hash=None)
    numbers = (who.phone, without.phone, UNKNOWN, "12", "nobody")
    told = set()
    for _ in range(throttle.FAILURES + 2):
        answers = set()
        for place, phone in enumerate(numbers):
            before = len(hashes)
            answers.add((*guess(phone, address=f"10.3.3.{place}"), len(hashes) - before))
        assert len(answers) == 1, answers
        told |= {(status, count) for status, _words, count in answers}
    assert told == {(422, 1), (429, 0)}


def test_neither_do_many_places_tell(guess: Guess, who: Member, hashes: list[str]) -> None:
    for phone in (who.phone, UNKNOWN):
        failed_before(phone, throttle.ACCOUNT_FAILURES)
    assert guess(who.phone, PASSWORD) == guess(UNKNOWN, PASSWORD)
    assert hashes == []


def test_the_current_password_is_not_guessed_at_an_open_phone(app: Flask, guess: Guess, who: Member) -> None:
    phone = Visitor(app.test_client())
    guess(who.phone, PASSWORD, browser=phone)
    new = {"password": "tea crane window", "again": "tea crane window"}
    for _ in range(throttle.FAILURES):
        assert phone.open("/me").submit("/me/password", current="wrong password", **new).status == 422
    assert phone.open("/me").submit("/me/password", current=PASSWORD, **new).status == 429


def test_a_hash_is_compared_even_where_there_is_none_and_costs_as_much() -> None:
    assert not passwords._hasher.check_needs_rehash(passwords._nobodys_hash())
    assert not passwords.matches("", None)
    assert not passwords.matches("anything", None)
