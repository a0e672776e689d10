"""Passkeys in a real browser, with the authenticator that Chromium brings for tests: added, shown, asked for, taken off."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import select, update

from mobilizer.extensions import begin_write, db
from mobilizer.model import Member, Passkey
from tests import factories
from tests.browser.phones import fits
from tests.storm.servers import answering
from tests.visitor import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]


def opened(browser: Browser, port: int, locale: str = "en-US") -> Page:
    """A phone. A passkey is bound to a name, so not to 127.0.0.1."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale=locale, base_url=f"http://localhost:{port}"
    )
    context.set_default_timeout(30_000)
    return context.new_page()


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, made["authenticatorId"]


def log_in(page: Page, who: Member, target: str = "/") -> None:
    page.goto(f"/log-in?next={target}")
    page.fill("[name=phone]", who.phone.removeprefix("+86"))
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/log-in'] button[type=submit]")
    page.wait_for_url(lambda url: urlsplit(url).path != "/log-in")


def press(page: Page, action: str) -> None:
    """Once the page's script is there: a press that comes before it sends the form without a passkey."""
    page.wait_for_load_state()
    page.click(f"form[action='{action}'] button[type=submit]")


def log_out(page: Page) -> None:
    """As far as the browser goes; its authenticator keeps what it has."""
    page.context.clear_cookies()


def arrives(page: Page, path: str) -> None:
    """There, and not at an address that only names it as where to go on to."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def test_a_passkey_is_added_and_logs_in_and_a_removed_one_does_not(app: Flask, browser: Browser) -> None:
    who = factories.secretary()
    with answering(app) as port:
        page = opened(browser, port)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        with_authenticator(page)
        log_in(page, who)
        page.goto("/me/passkeys")
        fits(page)
        page.fill("[name=name]", "my phone")
        press(page, "/me/passkeys")
        expect(page.locator("[id^=passkey-]")).to_contain_text("my phone")
        fits(page)
        log_out(page)
        page.goto("/log-in?next=/members")
        fits(page)
        press(page, "/log-in/passkey")
        arrives(page, "/members")

        begin_write()
        db.session.execute(update(Passkey).values(sign_count=10_000))
        db.session.commit()
        log_out(page)
        page.goto("/log-in")
        press(page, "/log-in/passkey")
        expect(page.locator("body")).to_contain_text("may have been copied")

        begin_write()
        db.session.execute(Passkey.__table__.delete())
        db.session.commit()
        press(page, "/log-in/passkey")
        expect(page.locator("body")).to_contain_text("not known here")
        assert errors == []
        page.context.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_second_factor_is_asked_for_and_shown(app: Flask, browser: Browser, locale: str) -> None:
    who = factories.secretary()
    app.config["SECOND_FACTOR"] = "appointed"
    with answering(app) as port:
        page = opened(browser, port, locale)
        session, authenticator = with_authenticator(page)
        log_in(page, who, "/members")
        arrives(page, "/me/passkeys/confirm")
        fits(page)
        press(page, "/me/passkeys")
        arrives(page, "/members")
        assert factories.scalar(select(Passkey.member_id)) == who.id
        log_out(page)
        log_in(page, who, "/members")
        arrives(page, "/me/passkeys/confirm")
        page.goto("/")
        expect(page.locator(".withheld")).to_be_visible()
        expect(page.locator("nav.tasks")).to_have_count(0)
        page.goto("/members")
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        press(page, "/me/passkeys/confirm")
        waiting = page.locator("form[data-passkey]").first.get_attribute("data-waiting") or ""
        output = page.locator("form.passkey output")
        expect(output).not_to_be_empty()
        expect(output).not_to_have_text(waiting)
        assert "/me/passkeys/confirm" in page.url
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        page.reload()
        press(page, "/me/passkeys/confirm")
        arrives(page, "/members")
        page.context.close()


def test_a_browser_without_passkeys_says_so(app: Flask, browser: Browser) -> None:
    with answering(app) as port:
        page = opened(browser, port, "en-US")
        page.add_init_script("delete window.PublicKeyCredential")
        page.goto("/log-in")
        expect(page.locator("form.passkey output")).to_contain_text("do not work in this browser")
        expect(page.locator("form.passkey button")).to_be_hidden()
        page.context.close()
