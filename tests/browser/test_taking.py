"""The list of open shifts on a phone: the first button lies at hand, a tap can be undone for ten seconds, several are
ticked and taken at once."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from mobilizer import clock
from mobilizer.model import Member
from tests import factories
from tests.browser.phones import NOONISH
from tests.storm.servers import answering
from tests.visitor import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]
AT_HAND = 400


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"MOBILIZER_TIMEZONE": NOONISH}


@pytest.fixture
def who(app: Flask) -> Member:
    """A member with a running shift whose hours fill a line (it ends tomorrow), a full day and a free one before them."""
    factories.unit("320507001002", "古巷社区居委会")
    call = factories.call(title="卡口值守志愿者招募")
    now = clock.now()
    factories.shift(call, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=13))
    for day in range(3):
        factories.shift(call, starts_at=factories.tomorrow(8) + timedelta(days=day), capacity=1 + day)
    return factories.member(factories.branch())


def phone(browser: Browser, port: int, who: Member, locale: str) -> Page:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale=locale, base_url=f"http://127.0.0.1:{port}"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/log-in")
    page.fill("[name=phone]", who.phone.removeprefix("+86"))
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
    page.goto("/shifts")
    return page


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_first_button_lies_at_hand(app: Flask, browser: Browser, who: Member, locale: str) -> None:
    with answering(app) as port:
        box = (
            phone(browser, port, who, locale).locator("form[action$='/sign-up'] button").first.bounding_box()
        )
    assert box is not None
    assert box["y"] + box["height"] <= AT_HAND


def test_a_tap_is_undone_and_several_are_taken(app: Flask, browser: Browser, who: Member) -> None:
    with answering(app) as port:
        page = phone(browser, port, who, "en-US")
        page.locator("form[action$='/sign-up'] button").first.click()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#flashes")).to_contain_text("Undone")
        expect(page.locator("#several")).to_be_hidden()
        for box in page.locator(".tick-box").all()[1:3]:
            box.click()
        page.locator("#several button").click()
        page.wait_for_url("**/shifts/ticked**")
        expect(page.locator("#flashes")).to_contain_text("all you ticked: 2")
        expect(page.get_by_role("button", name="Undo")).to_have_count(2)
        page.clock.install()
        page.reload()
        page.clock.run_for(11_000)
        expect(page.get_by_role("button", name="Undo")).to_have_count(0)
