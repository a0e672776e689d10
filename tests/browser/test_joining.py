"""From the shared link to a confirmed shift on a phone that has never been here: at most three taps and two fields."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from mobilizer.model import SignUp
from tests import factories
from tests.browser.phones import fits, in_both_languages_and_without_script
from tests.storm.servers import answering

pytestmark = [pytest.mark.browser, pytest.mark.once]


class Hand:
    """Counts what a hand does on the way: taps, and fields that are filled in."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.fields = page, 0, 0

    def tap(self, what: str) -> None:
        self.page.locator(what).first.click()
        self.taps += 1

    def fill(self, what: str, text: str) -> None:
        self.page.fill(what, text)
        self.fields += 1


@in_both_languages_and_without_script
def test_three_taps_and_two_fields_lead_to_a_confirmed_shift(
    app: Flask, browser: Browser, locale: str, script: bool
) -> None:
    branch = factories.branch(kind="action", name="古巷行动支部")
    call = factories.call(branch, title="卡口值守志愿者招募", quick_join=True)
    shift = factories.shift(call, factories.checkpoint(branch, "东门"))
    who = factories.member(factories.branch(), "王小明", phone="+8619800000001")
    with answering(app) as port:
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=locale,
            java_script_enabled=script,
            base_url=f"http://127.0.0.1:{port}",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(f"/c/{call.code}")
        fits(page)
        hand = Hand(page)
        hand.tap(f"a[href*='/join?shift={shift.id}']")
        expect(page.locator("main")).to_contain_text("Cold nights.")
        fits(page)
        assert page.locator("main button[type=submit]").inner_text() == page.locator("h1").inner_text()
        hand.fill("[name=name]", "王小明")
        hand.fill("[name=phone]", "198 0000 0001")
        hand.tap("main button[type=submit]")
        page.wait_for_url(re.compile(f"/shifts/{shift.id}$"))
        expect(page.locator("main .tag.state-here").first).to_be_visible()
        fits(page)
        assert hand.taps <= 3
        assert hand.fields == 2
        context.close()
    found = select(SignUp.status, SignUp.unverified).where(SignUp.member_id == who.id)
    assert [tuple(row) for row in factories.rows(found)] == [("confirmed", True)]
