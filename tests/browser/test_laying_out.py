"""105 shifts from nothing: five checkpoints, seven days, three a day, in a real browser at a phone's width."""

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import func, select

from mobilizer.model import Shift
from tests import factories
from tests.browser.phones import fits, in_both_languages_and_without_script
from tests.storm.servers import answering, cookies

pytestmark = [pytest.mark.browser, pytest.mark.once]

VILLAGE = "320507001003"


@in_both_languages_and_without_script
def test_105_shifts_take_two_screens_and_no_more_than_eight_inputs(
    app: Flask, browser: Browser, locale: str, script: bool
) -> None:
    secretary = factories.secretary(VILLAGE)
    branch = factories.branch(VILLAGE, kind="action")
    for gate in "东南西北中":
        factories.checkpoint(branch, f"{gate}门卡口")
    call = factories.call(branch, status="draft", published_at=None)
    key, _, value = cookies(app, [secretary])[0].partition("=")
    with answering(app) as port:
        base = f"http://127.0.0.1:{port}"
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=locale,
            java_script_enabled=script,
            base_url=base,
        )
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": key, "value": value, "url": base}])
        page = context.new_page()
        screens: list[str] = []
        page.on("framenavigated", lambda frame: screens.append(frame.url))
        page.goto(f"/calls/{call.id}/shifts/new")
        fits(page)
        inputs = page.locator("main input:visible:not([type=hidden]):not([type=checkbox])")
        groups = page.locator("main fieldset:visible")
        assert inputs.count() - page.locator("main input[type=radio]:visible").count() + groups.count() <= 8
        page.locator("form:has([name=pattern]) button.button-primary").click()
        page.wait_for_load_state()
        fits(page)
        page.locator("main form button.button-primary").first.click()
        page.wait_for_url(f"**/calls/{call.id}*")
        context.close()
    assert factories.scalar(select(func.count()).select_from(Shift)) == 105
    assert len(screens) == 3, "the form, the look at it, and the call that has them"
