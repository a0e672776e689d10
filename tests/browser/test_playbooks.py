"""At 22:42: from a playbook to open recruiting on one screen, with at most five inputs, in a real browser.

In Chinese, in English, and with JavaScript off, at a phone's width.
"""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from mobilizer.model import Call, Shift
from tests import factories
from tests.browser.phones import fits, in_both_languages_and_without_script
from tests.storm.servers import answering
from tests.visitor import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]

VILLAGE = "320507001003"
SEEN = "main input:not([type=hidden]), main select, main textarea"


def inputs(page: Page) -> int:
    """How many a person sees, those folded away not counted."""
    return sum(each.is_visible() for each in page.locator(SEEN).all())


@in_both_languages_and_without_script
def test_from_a_playbook_to_open_recruiting(app: Flask, browser: Browser, locale: str, script: bool) -> None:
    factories.unit("320507001", "元和街道")
    factories.unit(VILLAGE, "古巷社区居委会")
    secretary = factories.secretary(VILLAGE, name="沈丽华")
    with answering(app) as port:
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=locale,
            java_script_enabled=script,
            base_url=f"http://127.0.0.1:{port}",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.goto("/log-in")
        page.fill("[name=phone]", secretary.phone.removeprefix("+86"))
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        first = page.locator("main a[href='/playbooks']").first
        assert first.bounding_box()["y"] < 400  # type: ignore[index]
        first.click()
        assert inputs(page) == 0, "choosing is one tap"
        fits(page)
        page.locator("a[href^='/playbooks/flood-watch/use']").click()

        assert 1 <= inputs(page) <= 5
        expect(page.locator("#sum")).to_be_visible()
        fits(page)
        page.locator("[name=insured]").check(force=True)  # its label lies over it, for a thumb
        page.locator("form:has([name=checkpoints]) button.button-primary").click()

        expect(page).to_have_url(f"http://127.0.0.1:{port}/calls/1/share")
        expect(page.locator("main img")).to_be_visible()
        fits(page)
        assert errors == []
        context.close()
    assert factories.scalar(select(Call.status)) == "published"
    assert factories.scalar(select(func.count()).select_from(Shift)) > 40
