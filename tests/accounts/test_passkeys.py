"""Passkeys: added, shown, taken off; a second factor where the settings ask for one; appointments count for so long."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.model import JournalEntry, LogIn, Member, Passkey
from mobilizer.terms import Role
from tests import factories
from tests.accounts.authenticator import PRESENT, Authenticator
from tests.visitor import PASSWORD, Visitor
from tests.world import ask

Visit = Callable[..., Visitor]
FOR_MEMBERS_OF_STAFF = "/members"


@dataclass
class Device:
    """A person's browser with an authenticator behind it."""

    visitor: Visitor
    authenticator: Authenticator

    def options(self, path: str, page: str) -> dict[str, Any]:
        """The question that the page's script would get."""
        form = self.visitor.open(page).page.find("form", attrs={"data-question": path})
        assert form is not None, self.visitor.text
        token = str(form.find("input", {"name": "csrf_token"})["value"])  # type: ignore[index]
        headers = self.visitor.headers | {"Accept": "application/json"}
        answer = self.visitor.send("POST", path, data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(json.loads(answer.get_data()))

    def add(self, page: str = "/me/passkeys", **fields: str) -> Visitor:
        made = self.authenticator.make(self.options("/me/passkeys/question", page))
        return self.visitor.submit("/me/passkeys", credential=made, **fields)

    def confirm(self, page: str = "/me/passkeys/confirm") -> Visitor:
        shown = self.authenticator.show(self.options("/me/passkeys/confirm/question", page))
        return self.visitor.submit("/me/passkeys/confirm", credential=shown)

    def log_in(self, page: str = "/log-in") -> Visitor:
        shown = self.authenticator.show(self.options("/log-in/passkey/question", page))
        return self.visitor.submit("/log-in/passkey", credential=shown)

    def log_out(self) -> None:
        self.visitor.open("/me").submit("/log-out")


@pytest.fixture
def secretary(app: Flask) -> Member:
    return factories.secretary()


@pytest.fixture
def device(secretary: Member, visit: Visit) -> Device:
    """The secretary's, logged in with the password."""
    return Device(visit(secretary.phone), Authenticator())


@pytest.fixture
def second_factor(app: Flask) -> None:
    app.config["SECOND_FACTOR"] = "appointed"


def leads(visitor: Visitor) -> bool:
    """Whether the appointments of this person count on this device."""
    return ask(visitor, "GET", FOR_MEMBERS_OF_STAFF).status_code == 200


def passkeys() -> int:
    return int(factories.count_of(Passkey))


def kinds() -> list[str]:
    return [
        kind
        for (kind,) in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))
        if "passkey" in kind
    ]


# --- mine -------------------------------------------------------------------------------------------------


def test_a_passkey_is_added_named_listed_and_logs_in_without_a_number(device: Device) -> None:
    added = device.add(name="工作手机")
    assert "The passkey is added" in added.text
    assert "工作手机" in added.text
    assert kinds() == ["member.passkey-added"]
    device.log_out()
    assert "Log in" in device.visitor.open("/members").text
    device.log_in("/log-in?next=/members")
    assert device.visitor.response.request.path == "/members"
    assert factories.scalar(select(Passkey.used_at)) is not None
    assert factories.scalar(select(LogIn.strong_at)) is not None


def test_a_member_without_an_appointment_is_told_whom_passkeys_are_for(app: Flask, visit: Visit) -> None:
    visitor = visit(factories.member().phone)
    assert "Passkeys are for secretaries" in visitor.open("/me/passkeys").text
    assert not visitor.offers("/me/passkeys")
    assert "/me/passkeys" not in str(visitor.open("/me").page)


def test_without_a_script_the_page_says_what_cannot_be_done(device: Device, visit: Visit) -> None:
    for page, action, visitor in (
        ("/me/passkeys", "/me/passkeys", device.visitor),
        ("/log-in", "/log-in/passkey", visit()),
    ):
        visitor.open(page).submit(action)
        assert visitor.status == 422
        assert "It needs JavaScript" in visitor.text
        assert "WeChat" in visitor.text


def test_a_passkey_that_is_removed_logs_nobody_in(device: Device) -> None:
    device.add(name="old phone")
    passkey_id = factories.scalar(select(Passkey.id))
    device.visitor.open("/me/passkeys").submit(f"/me/passkeys/{passkey_id}/remove")
    assert "removed" in device.visitor.text
    assert passkeys() == 0
    assert kinds() == ["member.passkey-added", "member.passkey-removed"]
    device.log_out()
    device.log_in()
    assert device.visitor.status == 422
    assert "not known here" in device.visitor.text


def test_nobody_removes_anothers_passkey(device: Device, visit: Visit) -> None:
    device.add()
    other = visit(factories.secretary().phone).open("/me/passkeys")
    token = other.filled(other.form("/me/passkeys"))
    passkey_id = factories.scalar(select(Passkey.id))
    answer = ask(other, "POST", f"/me/passkeys/{passkey_id}/remove", data=token)
    assert answer.status_code == 404
    assert passkeys() == 1


def test_one_authenticator_is_kept_once(device: Device) -> None:
    device.add()
    again = device.add()
    assert "in use already" in again.text
    assert passkeys() == 1


def test_the_authenticator_is_told_what_it_has_and_nothing_of_the_phone(
    device: Device, secretary: Member
) -> None:
    device.add()
    options = device.options("/me/passkeys/question", "/me/passkeys")
    assert len(options["excludeCredentials"]) == 1
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert secretary.phone[-8:] not in json.dumps(options)


# --- what gets nothing ----------------------------------------------------------------------------------------


def spoilt(name: str, device: Device) -> Authenticator:
    """The device's authenticator, or one that stands in for it, with one thing wrong."""
    known = device.authenticator
    changes: dict[str, dict[str, Any]] = {
        "another origin": {"origin": "https://evil.example"},
        "another host": {"host": "evil.example"},
        "nobody verified": {"flags": PRESENT},
        "nobody present": {"flags": 0x04},
        "another key": {"key": Authenticator().key},
        "another's handle": {"handle": b"somebody else"},
        "a count that stands": {"step": 0},
        "a count that fell": {"step": -1},
    }
    values = {**vars(known), **changes[name]}
    return Authenticator(**values)


@pytest.mark.parametrize(
    "name",
    [
        "another origin",
        "another host",
        "nobody verified",
        "nobody present",
        "another key",
        "another's handle",
        "a count that stands",
        "a count that fell",
    ],
)
def test_a_passkey_with_one_thing_wrong_gets_nothing(device: Device, name: str) -> None:
    device.authenticator.count = 5
    device.add()
    device.log_out()
    good = device.authenticator
    device.authenticator = spoilt(name, device)
    device.log_in()
    assert device.visitor.status == 422
    assert ("may have been copied" if "count" in name else "could not be confirmed") in device.visitor.text
    assert factories.scalar(select(Passkey.sign_count)) == 5
    assert factories.count_of(LogIn) == 0
    device.authenticator = good
    assert device.log_in().status == 200, "the same passkey, rightly shown, still logs in"
    assert factories.count_of(LogIn) == 1


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}]
)
def test_a_passkey_made_wrongly_is_not_kept(device: Device, wrong: dict[str, Any]) -> None:
    device.authenticator = Authenticator(**wrong)
    device.add()
    assert device.visitor.status == 422
    assert passkeys() == 0


def test_a_question_is_answered_once(device: Device, visit: Visit) -> None:
    device.add()
    device.log_out()
    shown = device.authenticator.show(device.options("/log-in/passkey/question", "/log-in"))
    form = device.visitor.open("/log-in").filled(device.visitor.form("/log-in/passkey"))
    first = ask(device.visitor, "POST", "/log-in/passkey", data=form | {"credential": shown})
    assert first.status_code == 303
    again = ask(visit(), "POST", "/log-in/passkey", data=form | {"credential": shown})
    assert again.status_code == 400, "another browser has not even the token"
    device.log_out()
    device.visitor.open("/log-in").submit("/log-in/passkey", credential=shown)
    assert device.visitor.status == 409
    assert "try once more" in device.visitor.text


def test_a_copied_question_is_worth_nothing_in_another_browser(device: Device, visit: Visit) -> None:
    device.add()
    shown = device.authenticator.show(_question_of(visit()))
    thief = visit().open("/log-in")
    thief.submit("/log-in/passkey", credential=shown)
    assert thief.status == 409
    _question_of(thief)  # also with a question of their own in hand
    thief.open("/log-in").submit("/log-in/passkey", credential=shown)
    assert thief.status == 422


def _question_of(visitor: Visitor) -> dict[str, Any]:
    return Device(visitor, Authenticator()).options("/log-in/passkey/question", "/log-in")


def test_a_question_for_one_thing_answers_no_other(device: Device, visit: Visit) -> None:
    device.add()
    to_log_in = device.authenticator.show(_question_of(visit()))
    device.visitor.open("/me/passkeys/confirm?for=passkeys").submit(
        "/me/passkeys/confirm", credential=to_log_in
    )
    assert device.visitor.status == 409


def test_a_question_lapses_after_five_minutes(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.add()
    device.log_out()
    shown = device.authenticator.show(device.options("/log-in/passkey/question", "/log-in"))
    later = clock.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    device.visitor.open("/log-in").submit("/log-in/passkey", credential=shown)
    assert device.visitor.status == 409


RUBBISH = [
    "x", "[]", "null", "1", '"x"', "{}", "[" * 9000, '{"rawId": 1}', '{"rawId": "\\ud800"}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": 3}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "YQ", "userHandle": {}}}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30", "signature": "YQ"}}',
    "x" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("rubbish", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_from_an_authenticator_is_refused_in_words(
    device: Device, visit: Visit, rubbish: str
) -> None:
    factories.passkey(factories.member(), credential_id="YQ")
    device.options("/me/passkeys/question", "/me/passkeys")
    device.visitor.submit("/me/passkeys", credential=rubbish)
    assert device.visitor.status == 422
    stranger = visit()
    _question_of(stranger)
    stranger.open("/log-in").submit("/log-in/passkey", credential=rubbish)
    assert stranger.status == 422


# --- a second factor ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("second_factor")
def test_after_a_password_alone_one_is_a_plain_member(secretary: Member, visit: Visit) -> None:
    factories.passkey(secretary)
    visitor = visit(secretary.phone)
    assert visitor.response.request.path == "/me/passkeys/confirm"
    assert "Your appointments count on this device once" in visitor.text
    assert not leads(visitor)
    visitor.open("/")
    assert "do not count on this device yet" in visitor.text
    assert visitor.page.find("nav", class_="tasks") is None
    assert visitor.open("/shifts").status == 200
    visitor.open("/members?q=x")
    assert visitor.response.request.path == "/me/passkeys/confirm"
    assert visitor.filled(visitor.form("/me/passkeys/confirm"))["next"] == "/members?q=x"


@pytest.mark.usefixtures("second_factor")
def test_no_route_forgets_the_second_factor(app: Flask) -> None:
    """Asked of the whole table of permissions: what the reader is given has no appointments in it."""
    who = factories.member()
    factories.appointment(who, Role.ADMINISTRATOR)
    factories.passkey(who)
    visitor = Visitor(app.test_client()).log_in(who.phone)
    for path in ("/import", "/members", "/members/1"):
        answer = ask(visitor, "GET", path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/me/passkeys/confirm")
    form = visitor.open("/me").filled(visitor.form("/log-out"))
    answer = ask(visitor, "POST", "/members/1/appointments", data=form | {"role": "administrator"})
    assert answer.headers["Location"] == "/me/passkeys/confirm"
    script = visitor.send("GET", "/members", headers=visitor.headers | {"Accept": "application/json"})
    assert (script.status_code, script.json["code"]) == (401, "log-in")


@pytest.mark.usefixtures("second_factor")
def test_the_first_passkey_is_added_right_after_the_password(device: Device) -> None:
    assert "have none yet" in device.visitor.text
    device.add("/me/passkeys/confirm?next=/members")
    assert device.visitor.response.request.path == "/members"
    assert leads(device.visitor)


@pytest.mark.usefixtures("second_factor")
def test_a_passkey_shown_makes_the_appointments_count(
    device: Device, visit: Visit, secretary: Member
) -> None:
    device.add("/me/passkeys/confirm")
    device.log_out()
    second = Device(visit(secretary.phone), device.authenticator)
    assert not leads(second.visitor)
    second.confirm("/me/passkeys/confirm?next=/members")
    assert second.visitor.response.request.path == "/members"
    second.log_out()
    second.log_in()
    assert leads(second.visitor), "logged in with a passkey, nothing more is asked"


@pytest.mark.usefixtures("second_factor")
def test_a_stolen_password_makes_no_second_factor_of_itself(
    device: Device, visit: Visit, secretary: Member
) -> None:
    device.add("/me/passkeys/confirm")
    thief = Device(visit(secretary.phone), Authenticator())
    assert "first show one that you have" in thief.visitor.open("/me/passkeys").text
    assert not thief.visitor.offers("/me/passkeys")
    form = thief.visitor.filled(thief.visitor.form("/log-out"))
    headers = thief.visitor.headers | {"Accept": "application/json"}
    answer = thief.visitor.send("POST", "/me/passkeys/question", data=form, headers=headers)
    assert answer.status_code == 403
    passkey_id = factories.scalar(select(Passkey.id))
    assert ask(thief.visitor, "POST", f"/me/passkeys/{passkey_id}/remove", data=form).status_code == 403
    thief.confirm("/me/passkeys/confirm")
    assert thief.visitor.status == 422, "nor does an authenticator that nobody knows"
    assert not leads(thief.visitor)
    assert passkeys() == 1


@pytest.mark.usefixtures("second_factor")
def test_anothers_passkey_confirms_nothing(device: Device, visit: Visit) -> None:
    device.add("/me/passkeys/confirm")
    other = factories.secretary()
    factories.passkey(other)
    borrowed = Device(visit(other.phone), device.authenticator)
    borrowed.confirm()
    assert borrowed.visitor.status == 422
    assert not leads(borrowed.visitor)


@pytest.mark.usefixtures("second_factor")
def test_long_after_the_log_in_no_first_passkey_is_added(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    device.visitor.open("/me/passkeys/confirm")
    assert not device.visitor.offers("/me/passkeys")
    assert "Just after a log-in" in device.visitor.text
    device.visitor.submit("/log-out")
    assert device.visitor.response.request.path == "/log-in"


def test_it_is_off_unless_it_is_asked_for(device: Device) -> None:
    assert leads(device.visitor)


# --- for how long -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "lasts"), [(False, timedelta(hours=12)), (True, timedelta(days=7))])
def test_appointments_count_for_so_long_after_a_log_in(
    device: Device, monkeypatch: pytest.MonkeyPatch, kept: bool, lasts: timedelta
) -> None:
    began = clock.now()
    begin_write()
    db.session.execute(
        update(LogIn).values(kept=kept, started_at=began, expires_at=began + timedelta(days=30))
    )
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: began + lasts - timedelta(seconds=1))
    assert leads(device.visitor)
    monkeypatch.setattr(clock, "now", lambda: began + lasts)
    assert not leads(device.visitor)
    assert device.visitor.open("/shifts").status == 200, "as a member one stays logged in"
    device.visitor.open("/members")
    assert "It has been a while" in device.visitor.text
    device.visitor.submit("/log-out")
    device.visitor.submit("/log-in", phone=_phone(), password=PASSWORD)
    assert device.visitor.response.request.path == "/members"


def _phone() -> str:
    return str(factories.scalar(select(Member.phone).order_by(Member.id)))


def test_whoever_is_appointed_today_is_not_in_with_last_weeks_log_in(
    app: Flask, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = factories.member()
    visitor = visit(who.phone)
    begin_write()
    db.session.execute(update(LogIn).values(expires_at=clock.now() + timedelta(days=30)))
    db.session.commit()
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    factories.appointment(who, Role.ADMINISTRATOR)
    assert not leads(visitor)
    assert leads(visit(who.phone))


def test_a_passkey_shown_lengthens_it(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.add()
    later = clock.now() + timedelta(hours=13)
    begin_write()
    db.session.execute(update(LogIn).values(expires_at=clock.now() + timedelta(days=30)))
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not leads(device.visitor)
    device.confirm()
    assert leads(device.visitor)


# --- a lost one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(app: Flask) -> Member:
    who = factories.member()
    factories.appointment(who, Role.ADMINISTRATOR)
    return who


def test_an_administrator_removes_a_lost_passkey(
    device: Device, secretary: Member, administrator: Member, visit: Visit, second_factor: None
) -> None:
    device.add("/me/passkeys/confirm", name="lost phone")
    app_admin = Device(visit(administrator.phone), Authenticator())
    app_admin.add("/me/passkeys/confirm")
    page = app_admin.visitor.open(f"/members/{secretary.id}")
    assert "lost phone" in page.text
    passkey_id = factories.scalar(select(Passkey.id).where(Passkey.member_id == secretary.id))
    page.submit(f"/members/{secretary.id}/passkeys/{passkey_id}/remove")
    assert "removed" in page.text
    assert not leads(device.visitor), "what was shown with it counts no longer"
    entry = factories.rows(
        select(JournalEntry.actor_id, JournalEntry.subject).where(
            JournalEntry.kind == "member.passkey-removed"
        )
    )
    assert entry == [(administrator.id, str(secretary.id))]
    assert "have none yet" in visit(secretary.phone).text


def test_nobody_else_removes_it(device: Device, secretary: Member, visit: Visit) -> None:
    device.add()
    other = visit(factories.secretary().phone)
    form = other.open("/me").filled(other.form("/log-out"))
    passkey_id = factories.scalar(select(Passkey.id))
    where = f"/members/{secretary.id}/passkeys/{passkey_id}/remove"
    assert ask(other, "POST", where, data=form).status_code in (403, 404)
    assert "passkey" not in other.open(f"/members/{secretary.id}").text.lower()
    assert passkeys() == 1


def test_the_command_line_lists_and_removes_them(app: Flask, secretary: Member) -> None:
    factories.passkey(secretary, "office key")
    run = app.test_cli_runner()
    listed = run.invoke(args=["member", "passkeys", secretary.phone])
    assert (listed.exit_code, "office key" in listed.output) == (0, True)
    assert passkeys() == 1
    removed = run.invoke(args=["member", "passkeys", secretary.phone, "--remove"])
    assert removed.exit_code == 0, removed.output
    assert passkeys() == 0
    assert kinds() == ["member.passkey-removed"]
    again = run.invoke(args=["member", "passkeys", secretary.phone, "--remove"])
    assert again.exit_code == 1
    assert factories.scalar(select(func.count()).select_from(JournalEntry).where(
        JournalEntry.kind == "member.passkey-removed")) == 1  # fmt: skip
