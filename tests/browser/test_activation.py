"""From the secretary's sheet to a confirmed shift on a new phone: a link, one field, one tap. What others do with a link."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from mobilizer.model import Branch, Member, SignUp
from mobilizer.terms import Role
from tests import factories
from tests.browser.phones import fits, in_both_languages_and_without_script
from tests.storm.servers import answering
from tests.visitor import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]
NEW = "tea crane window"


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch("320507001002", "古巷社区第一党支部")


def a_context(browser: Browser, port: int, locale: str, *, script: bool, width: int = 390) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        locale=locale,
        java_script_enabled=script,
        base_url=f"http://127.0.0.1:{port}",
    )
    context.set_default_timeout(20_000)
    return context


def secretarys_sheet(context: BrowserContext, secretary: Member, branch: Branch, leading_to: str) -> Page:
    page = context.new_page()
    page.goto("/log-in")
    page.fill("[name=phone]", secretary.phone)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/")
    page.goto(f"/branches/{branch.id}/activations?next={leading_to}")
    page.click("form[action$='/activations'] button[type=submit]")
    page.wait_for_url("**/activations/sheet**")
    return page


@in_both_languages_and_without_script
def test_from_the_sheet_to_a_shift_on_a_new_phone(
    app: Flask, browser: Browser, branch: Branch, locale: str, script: bool
) -> None:
    secretary = factories.member(branch, name="王芳")
    factories.appointment(secretary, Role.SECRETARY, branch=branch)
    for name in ("陈建华", "李丽"):
        factories.member(branch, name=name, password_hash=None)
    call = factories.call(branch, title="卡口值守志愿者招募")
    shift, code = factories.shift(call).id, str(call.code)
    with answering(app) as port:
        desk = a_context(browser, port, locale, script=script, width=1280)
        sheet = secretarys_sheet(desk, secretary, branch, f"/c/{code}")
        slip = sheet.locator(".slip", has_text="陈建华")
        link = slip.locator(".slip-link").inner_text()
        sheet.emulate_media(media="print")
        expect(sheet.locator(".slip")).to_have_count(2)
        expect(sheet.locator("header.top")).to_be_hidden()
        expect(sheet.locator(".slip-code").first).to_be_visible()

        phone = a_context(browser, port, locale, script=script).new_page()
        phone.goto(link)
        expect(phone.locator("h1")).to_contain_text("陈建华")
        fits(phone)
        phone.fill("[name=password]", NEW)
        if script:
            phone.click(".show")
            expect(phone.locator("[name=password]")).to_have_attribute("type", "text")
        phone.click("main button[type=submit]")
        phone.wait_for_url(lambda url: "/a/" not in url)
        expect(phone.locator("h1")).to_contain_text("卡口值守志愿者招募")
        phone.locator("form[action$='/sign-up'] button").first.click()
        phone.wait_for_load_state()
        expect(phone.locator("#flashes .flash-done")).to_be_visible()

        stranger = a_context(browser, port, locale, script=script).new_page()
        answer = stranger.goto(link)
        assert answer is not None
        assert answer.status == 410
        expect(stranger.locator("[name=password]")).to_have_count(0)
        other = sheet.locator(".slip", has_text="李丽").locator(".slip-link").text_content() or ""
        sheet.emulate_media(media="screen")
        sheet.goto(f"/branches/{branch.id}/activations")
        sheet.click("form[action$='/activations/revoke'] button")
        sheet.wait_for_load_state()
        for lost in (other, urlsplit(link).path + "x", "/a/000000000000000000000000"):
            answer = stranger.goto(lost)
            assert answer is not None
            assert answer.status in (404, 410)
            expect(stranger.locator("main a.button")).to_be_visible()
            expect(stranger.locator("[name=password]")).to_have_count(0)
    assert factories.scalar(select(SignUp.shift_id).where(SignUp.status == "confirmed")) == shift
