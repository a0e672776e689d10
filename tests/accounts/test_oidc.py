"""Log in through an identity provider: a real one, in a process of its own, over real HTTP and its redirects."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from mobilizer import config, create_app
from mobilizer.accounts import provider as provider_module
from mobilizer.config import Misconfigured, load
from mobilizer.extensions import db
from mobilizer.model import Challenge, Identity, JournalEntry, LogIn, Member
from tests import factories
from tests.accounts.identity_provider import CLIENT, SECRET
from tests.storm.servers import ROOT, free_port, serving
from tests.test_permissions import OPEN, unguarded
from tests.visitor import Visitor

PHONE = "+8619700000001"
Visit = Callable[..., Visitor]


@dataclass
class Provider:
    """The process, as a test talks to it."""

    address: str

    def behaves(self, wrong: str = "", **how: Any) -> None:
        requests.post(f"{self.address}/behave", json={"wrong": wrong, **how}, timeout=30)


@pytest.fixture(scope="module")
def process() -> Iterator[Provider]:
    port = free_port()
    command = [sys.executable, "-m", "tests.accounts.identity_provider", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = Provider(f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert running.poll() is None, "the provider ended before it answered"
            with suppress(requests.RequestException):
                requests.get(f"{found.address}/keys", timeout=5)
                break
            time.sleep(0.1)
        yield found
    finally:
        running.terminate()
        running.wait(60)


@pytest.fixture
def provider(process: Provider) -> Provider:
    """The process, behaving as it should."""
    process.behaves()
    provider_module._described.clear()
    return process


def settings(provider: Provider) -> dict[str, str]:
    return {
        "MOBILIZER_OIDC_ISSUER": provider.address,
        "MOBILIZER_OIDC_CLIENT_ID": CLIENT,
        "MOBILIZER_OIDC_CLIENT_SECRET": SECRET,
        "MOBILIZER_OIDC_NAME": "the district’s log-in",
    }


@pytest.fixture
def environ(environ: dict[str, str], provider: Provider) -> dict[str, str]:
    """Settings that name the provider."""
    return environ | settings(provider)


@pytest.fixture
def who(app: Flask) -> Member:
    return factories.member(phone=PHONE)


class Walk:
    """One browser's way to the provider and back."""

    def __init__(self, app: Flask, language: str = "en") -> None:
        self.visitor = Visitor(app.test_client(), language=language)

    def go(self, target: str = "/shifts") -> "Walk":
        """To the provider: the address that our site sends the browser to."""
        answer = self.visitor.send("GET", f"/log-in/oidc?next={target}", headers=self.visitor.headers)
        self.visitor._took(answer) if answer.status_code < 500 else None
        self.answer = answer
        self.at_provider = answer.headers.get("Location", "")
        return self

    def yes(self) -> "Walk":
        """At the provider, for real: where it sends the browser back to."""
        said = requests.get(self.at_provider, allow_redirects=False, timeout=30)
        assert said.status_code == 302, said.text
        parts = urlsplit(said.headers["Location"])
        self.way_back = f"{parts.path}?{parts.query}"
        return self

    def back(self, where: str | None = None) -> "Walk":
        self.answer = self.visitor.send("GET", where or self.way_back, headers=self.visitor.headers)
        self.words = " ".join(self.answer.get_data(as_text=True).split())
        return self

    def all(self) -> "Walk":
        return self.go().yes().back()

    @property
    def is_in(self) -> bool:
        return self.visitor.send("GET", "/me", headers=self.visitor.headers).status_code == 200


def nobody_is_in() -> bool:
    return factories.count_of(LogIn) == 0 and factories.count_of(Identity) == 0


# --- in -------------------------------------------------------------------------------------------------------


def test_a_browser_walks_to_the_provider_and_back_through_real_redirects(
    app: Flask, environ: dict[str, str], who: Member
) -> None:
    with serving(environ, 1) as port, requests.Session() as browser:
        site = f"http://127.0.0.1:{port}"
        page = browser.get(f"{site}/log-in?next=/shifts", headers={"Accept-Language": "en"}, timeout=60)
        assert "Log in with the district’s log-in" in page.text
        answer = browser.get(f"{site}/log-in/oidc?next=/shifts", timeout=60)
        assert [each.status_code for each in answer.history] == [303, 302, 303]
        assert answer.url == f"{site}/shifts"
        assert who.name in answer.text
        browser.cookies.clear()
        again = browser.get(f"{site}/log-in/oidc", timeout=60)
        assert who.name in again.text
    assert factories.count_of(Identity) == 1
    kinds = [kind for (kind,) in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("member.identity-linked") == 1


def test_what_the_browser_carries_to_the_provider(app: Flask, provider: Provider) -> None:
    asked = parse_qs(urlsplit(Walk(app).go().at_provider).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/log-in/oidc/back"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43


def test_whoever_is_linked_is_known_when_the_number_has_changed(
    app: Flask, provider: Provider, who: Member
) -> None:
    assert Walk(app).all().is_in
    provider.behaves(person={"phone_number": None})
    assert Walk(app).all().is_in
    provider.behaves(person={"phone_number": "+8613900000000", "phone_number_verified": False})
    assert Walk(app).all().is_in
    assert factories.rows(select(Identity.member_id)) == [(who.id,)]


def test_the_number_is_taken_from_userinfo_where_the_token_has_none(
    app: Flask, provider: Provider, who: Member
) -> None:
    provider.behaves(userinfo=True)
    assert Walk(app).all().is_in


def test_it_leads_to_where_one_wanted_to_go_and_never_to_strangers(
    app: Flask, provider: Provider, who: Member
) -> None:
    assert Walk(app).go("/shifts").yes().back().answer.headers["Location"] == "/shifts"
    assert Walk(app).go("https://evil.example/").yes().back().answer.headers["Location"] == "/"


def test_the_provider_is_asked_outside_of_any_transaction(
    app: Flask, provider: Provider, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_while_waiting = []
    real = provider_module._client

    def watched(*how: Any) -> Any:
        open_while_waiting.append(db.session().in_transaction())
        return real(*how)

    monkeypatch.setattr(provider_module, "_client", watched)
    assert Walk(app).all().is_in
    assert open_while_waiting
    assert not any(open_while_waiting)


def test_appointments_ask_for_a_passkey_here_too(app: Flask, provider: Provider, who: Member) -> None:
    factories.appointment(who, unit_code="320507001002")
    app.config["SECOND_FACTOR"] = "appointed"
    assert Walk(app).all().answer.headers["Location"] == "/me/passkeys/confirm?next=/shifts"


# --- not in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        "nonce", "no nonce", "audience", "azp", "issuer", "expired", "alg none", "alg HS256", "another key", "no ID token",
    ],
)  # fmt: skip
def test_a_token_with_one_thing_wrong_lets_nobody_in(
    app: Flask, provider: Provider, who: Member, wrong: str
) -> None:
    provider.behaves(wrong)
    walk = Walk(app).all()
    assert walk.answer.status_code == 502
    assert "cannot be trusted" in walk.words
    assert not walk.is_in
    assert nobody_is_in()


def test_userinfo_of_another_lets_nobody_in(app: Flask, provider: Provider, who: Member) -> None:
    provider.behaves("userinfo of another", userinfo=True)
    assert Walk(app).all().answer.status_code == 502
    assert nobody_is_in()


@pytest.mark.parametrize("wrong", ["described by another", "no TLS", "no JSON"])
def test_a_provider_that_describes_itself_wrongly_is_not_trusted(
    app: Flask, provider: Provider, wrong: str
) -> None:
    provider.behaves(wrong)
    walk = Walk(app).go()
    assert walk.answer.status_code == 502
    assert factories.count_of(Challenge) == 0


def test_a_provider_that_says_no_or_breaks_down_is_said_in_words(
    app: Flask, provider: Provider, who: Member
) -> None:
    provider.behaves("says no")
    walk = Walk(app).all()
    assert (walk.answer.status_code, "did not confirm" in walk.words) == (422, True)
    provider.behaves("breaks down")
    walk = Walk(app).all()
    assert (walk.answer.status_code, "does not answer" in walk.words) == (503, True)
    assert nobody_is_in()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "does not answer"), ("zh_CN", "the district’s log-in")]
)
def test_a_provider_that_is_down_is_said_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setitem(app.config, "OIDC_ISSUER", f"http://127.0.0.1:{free_port()}")
    walk = Walk(app, language).go()
    assert walk.answer.status_code == 503
    assert words in walk.answer.get_data(as_text=True)


def test_a_code_and_a_state_are_good_once(app: Flask, provider: Provider, who: Member) -> None:
    walk = Walk(app).all()
    assert walk.is_in
    used = walk.way_back
    assert walk.back(used).answer.status_code == 400
    assert "begin anew" in walk.words
    fresh = Walk(app).go()
    state = parse_qs(urlsplit(fresh.at_provider).query)["state"][0]
    code = parse_qs(urlsplit(used).query)["code"][0]
    fresh.back(f"/log-in/oidc/back?code={code}&state={state}")
    assert (fresh.answer.status_code, fresh.is_in) == (422, False), "the provider knows the code no longer"
    assert fresh.yes().back().answer.status_code == 400, "nor is the state good for another try"


def test_what_was_begun_in_one_browser_ends_in_no_other(app: Flask, provider: Provider, who: Member) -> None:
    walk, other = Walk(app).go().yes(), Walk(app)
    assert other.back(walk.way_back).answer.status_code == 400
    assert not other.is_in
    other.go()
    assert other.back(walk.way_back).answer.status_code == 400
    assert nobody_is_in()


def test_a_stolen_code_is_worth_nothing_to_another_browsers_state(
    app: Flask, provider: Provider, who: Member
) -> None:
    """PKCE: the code was asked for with a secret that only this site's first browser led to."""
    victim, thief = Walk(app).go().yes(), Walk(app).go()
    code = parse_qs(urlsplit(victim.way_back).query)["code"][0]
    state = parse_qs(urlsplit(thief.at_provider).query)["state"][0]
    assert thief.back(f"/log-in/oidc/back?code={code}&state={state}").answer.status_code == 422
    assert not thief.is_in


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?code=x", "?state=&code=x", "?error=x", "?state=%00&code=%ff"]
)
def test_coming_back_from_nowhere_is_answered(app: Flask, query: str) -> None:
    assert Walk(app).back(f"/log-in/oidc/back{query}").answer.status_code == 400


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"phone_number": "+8613900000009"}, "Nobody on the roster"),
        ({"phone_number": "not a number"}, "Nobody on the roster"),
        ({"phone_number_verified": False}, "has not verified your phone number"),
        ({"phone_number_verified": None}, "has not verified your phone number"),
        ({"phone_number_verified": "true"}, "has not verified your phone number"),
        ({"phone_number": None}, "gives no phone number of yours"),
    ],
)
def test_who_is_not_known_gets_words_and_no_account(
    app: Flask, provider: Provider, who: Member, person: dict[str, Any], words: str
) -> None:
    provider.behaves(person=person)
    members = factories.count_of(Member)
    walk = Walk(app).all()
    assert (walk.answer.status_code, words in walk.words) == (403, True), walk.words
    assert nobody_is_in()
    assert factories.count_of(Member) == members


# --- the settings ---------------------------------------------------------------------------------------------


def test_every_route_of_it_says_who_may_use_it(app: Flask) -> None:
    assert unguarded(app) == []
    views = {name for name, view in app.view_functions.items() if getattr(view, "access", None) == "open"}
    assert views == OPEN | {"oidc.start", "oidc.back"}


def test_without_the_setting_there_is_nothing_of_it(environ: dict[str, str], provider: Provider) -> None:
    without = create_app({name: value for name, value in environ.items() if "_OIDC_" not in name})
    client = without.test_client()
    assert client.get("/log-in/oidc").status_code == 404
    assert "/log-in/oidc" not in client.get("/log-in").get_data(as_text=True)
    with without.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_setting_without_its_packages_is_said_at_the_start(
    tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = config.find_spec
    monkeypatch.setattr(config, "find_spec", lambda name: None if name == "authlib" else real(name))
    with pytest.raises(Misconfigured, match="EXTRAS=oidc"):
        load({"MOBILIZER_INSTANCE_PATH": str(tmp_path), **settings(provider)})


def test_the_setting_without_a_client_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="MOBILIZER_OIDC_CLIENT_ID"):
        load({"MOBILIZER_INSTANCE_PATH": str(tmp_path), "MOBILIZER_OIDC_ISSUER": "https://id.example.org"})


def test_the_provider_is_called_by_its_host_unless_it_has_a_name(tmp_path: Path) -> None:
    given = {
        "MOBILIZER_INSTANCE_PATH": str(tmp_path),
        "MOBILIZER_OIDC_ISSUER": "https://id.example.org/realms/town",
        "MOBILIZER_OIDC_CLIENT_ID": "x",
    }
    assert load(given)["OIDC_NAME"] == "id.example.org"
