"""A coordinator's morning at a desk, in both languages: what looks odd of yesterday, the rest in one press, the figures for
the town as a workbook, and on paper."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.hours import actions as hours
from mobilizer.model import Verification
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import committed
from tests.browser.phones import in_both_languages_and_without_script
from tests.storm.servers import answering
from tests.visitor import PASSWORD

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}


@pytest.fixture
def coordinator(app: Flask) -> Any:
    """Of the town; three people served yesterday, one of them for thirteen hours."""
    yesterday = clock.now().astimezone(factories.LOCAL).date() - timedelta(days=1)
    begins = factories.moment(yesterday, 8)
    home = factories.branch(name="古巷社区第一党支部")
    shift = factories.shift(starts_at=begins, hours=14)
    for name, served in (("马晓黎", 8), ("周涛", 6), ("沈丽华", 13)):
        sign_up = factories.sign_up(shift, factories.member(home, name))
        left = begins + timedelta(hours=served)
        committed(attendance.set_times, sign_up.id, arrived=begins, left=left, now=left)
    committed(hours.close_shift, shift.id, now=begins + timedelta(hours=15))
    who = factories.member(home, "陆建国")
    factories.appointment(who, Role.COORDINATOR, unit_code="320507001")
    return who


def at_the_desk(browser: Browser, port: int, locale: str, script: bool, phone: str) -> Page:
    context = browser.new_context(
        viewport=DESK, locale=locale, java_script_enabled=script, base_url=f"http://127.0.0.1:{port}"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/log-in")
    page.fill("[name=phone]", phone.removeprefix("+86"))
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/log-in'] button[type=submit]")
    return page


@in_both_languages_and_without_script
def test_from_what_is_odd_to_the_figures_on_paper(
    app: Flask, coordinator: Any, browser: Browser, locale: str, script: bool, tmp_path: Path
) -> None:
    with answering(app) as port:
        page = at_the_desk(browser, port, locale, script, coordinator.phone)
        verify(page)
        export(page, locale, tmp_path)
        print_it(page)
        page.context.close()
    assert [row.verdict for row in factories.rows(select(Verification.verdict))] == ["verified"] * 3


def verify(page: Page) -> None:
    """Yesterday is what is asked for at once; the one that is odd stands there with its reason, ticked by hand."""
    page.click("nav a[href='/hours/verification']")
    line = page.locator("li.item", has=page.locator(".tags"))
    expect(line).to_have_count(1)
    expect(line).to_contain_text("沈丽华")
    expect(line).to_contain_text("12")
    line.locator("[name=record]").check(force=True)
    page.click("form#ticked button")
    page.click("form[action='/hours/verification/all'] button")
    expect(page.locator("main")).to_contain_text("3")
    expect(page.locator("form[action='/hours/verification/all']")).to_have_count(0)


def export(page: Page, locale: str, folder: Path) -> None:
    page.click("nav a[href='/participation']")
    page.get_by_role("link", name="昨天" if locale == "zh-CN" else "Yesterday", exact=True).click()
    expect(page.locator("#participation .tiles")).to_contain_text("27.0")
    with page.expect_download() as download:
        page.click("#rows a[href^='/participation.xlsx']")
    download.value.save_as(folder / "yesterday.xlsx")
    book = openpyxl.load_workbook(folder / "yesterday.xlsx", data_only=True)
    assert len(book.sheetnames) == 4
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert 1620 in cells
    assert "沈丽华" not in cells, "no names unless they are asked for"


def print_it(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator("#participation table")).to_be_visible()
    for gone in ("nav.tasks", "#participation form", "#rows .actions"):
        expect(page.locator(gone).first).to_be_hidden()
    assert len(page.pdf(format="A4")) > 5000
