"""The main ways through the product with a keyboard alone: Tab, Enter, Space, arrows and letters; the focus is where one goes on."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from mobilizer import clock
from mobilizer.model import Member, Shift
from tests import factories
from tests.browser.phones import NOONISH
from tests.storm.servers import answering, cookies
from tests.visitor import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]
MOST_STOPS = 80
AT = "() => { const at = document.activeElement; return at.outerHTML.slice(0, 200); }"
RINGED = "(at) => getComputedStyle(at).outlineStyle !== 'none'"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"MOBILIZER_TIMEZONE": NOONISH}


@pytest.fixture
def secretary(app: Flask) -> Member:
    return factories.secretary(name="Shen Lihua")


@pytest.fixture
def shift(secretary: Member) -> Shift:
    """One that runs since an hour, with two signed up, of two that are needed; a bare one follows."""
    branch = factories.branch(kind="action")
    call, gate = factories.call(branch), factories.checkpoint(branch, name="East Gate")
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    running = factories.shift(call, gate, starts_at=hour - timedelta(hours=1), capacity=3, least=2)
    factories.shift(call, gate, starts_at=hour + timedelta(hours=7), capacity=3, least=2)
    for name in ("Ma Xiaoli", "Zhou Tao"):
        factories.sign_up(running, factories.member(name=name))
    return running


Opener = Callable[..., Page]


@pytest.fixture
def keyboard(app: Flask, browser: Browser) -> Iterator[Opener]:
    """keyboard() is a stranger's page, keyboard(member) that of somebody who is logged in."""
    with answering(app) as port:
        base = f"http://127.0.0.1:{port}"

        def opened(who: Member | None = None, width: int = 390) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": 844},
                locale="en-US",
                base_url=base,
                reduced_motion="reduce",
            )
            context.set_default_timeout(20_000)
            if who is not None:
                [cookie] = cookies(app, [who])
                name, value = cookie.split("=", 1)
                context.add_cookies([{"name": name, "value": value, "url": base}])
            return context.new_page()

        yield opened


def reach(page: Page, target: Locator, *, back: bool = False) -> None:
    """Tab until the focus is there."""
    handle = target.element_handle()
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("(wanted) => document.activeElement === wanted", handle):
            assert page.evaluate(RINGED, handle), "the focus is seen"
            return
    raise AssertionError(f"not reached by Tab: {target}; the focus is at {page.evaluate(AT)}")


def has_focus(page: Page, inside: str) -> None:
    page.wait_for_function(f"() => document.activeElement.closest({inside!r}) !== null")


def test_the_first_stop_leads_past_the_head(keyboard: Opener) -> None:
    page = keyboard()
    page.goto("/log-in")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    has_focus(page, "main form")


def test_logging_in_and_being_told_what_is_missing(keyboard: Opener, secretary: Member) -> None:
    page = keyboard()
    page.goto("/log-in")
    phone, password = page.locator("[name=phone]"), page.locator("[name=password]")
    reach(page, phone)
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(phone).to_be_focused()
    page.keyboard.type(secretary.phone.removeprefix("+86"))
    reach(page, password)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    expect(page.locator(".account-name")).to_have_text("Shen Lihua")


def test_a_shift_is_taken_and_the_focus_stays_with_it(keyboard: Opener, shift: Shift) -> None:
    page = keyboard(factories.member())
    page.goto("/")
    reach(page, page.locator("nav.places a[href='/shifts']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/shifts")
    button = page.locator("form[action$='/sign-up'] button").first
    row = "#" + str(page.locator("li:has(form[action$='/sign-up'])").first.get_attribute("id"))
    reach(page, button)
    page.keyboard.press("Enter")
    expect(page.locator(f"{row} form[action$='/give-back']")).to_be_visible()
    has_focus(page, f"{row} .item-action")
    page.keyboard.press("Enter")
    expect(page.locator(f"{row} form[action$='/sign-up']")).to_be_visible()
    has_focus(page, f"{row} .item-action")


def test_a_key_that_is_held_down_presses_once(keyboard: Opener, shift: Shift) -> None:
    """The button that appears under the focus is not pressed by the same press."""
    page = keyboard(factories.member())
    page.goto("/shifts")
    reach(page, page.locator("form[action$='/sign-up'] button").first)
    page.keyboard.down("Enter")
    expect(page.locator("form[action$='/give-back']")).to_have_count(1)
    has_focus(page, ".item-action")
    for _again in range(5):
        page.keyboard.down("Enter")  # as a keyboard repeats it
    page.keyboard.up("Enter")
    expect(page.locator("form[action$='/give-back']")).to_have_count(1)


def test_people_are_checked_in_on_the_roster(keyboard: Opener, secretary: Member, shift: Shift) -> None:
    page = keyboard(secretary)
    page.goto(f"/shifts/{shift.id}/roster")
    first, second = (f"#{each.get_attribute('id')}" for each in page.locator("#people li").all())
    reach(page, page.locator(f"{first} form[action$='/check-in'] button"))
    page.keyboard.press("Enter")
    expect(page.locator(first)).to_contain_text("Here since")
    has_focus(page, f"{first} .item-action")
    fold = page.locator(f"{second} summary")
    reach(page, fold)
    page.keyboard.press("Space")
    expect(page.locator(f"{second} details")).to_have_attribute("open", "")
    reach(page, page.locator(f"{second} [name=left]"))
    page.keyboard.type("0001AM")
    reach(page, page.locator(f"{second} details form button").first)
    page.keyboard.press("Enter")
    expect(page.locator(f"{second} [name=left]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"{second} [name=left]")).to_be_focused()
    reach(page, page.locator(f"{second} form[action$='/check-in'] button"))
    page.keyboard.press("Enter")
    expect(page.locator(second)).to_contain_text("Here since")
    has_focus(page, second)


def test_a_bare_cell_of_the_board_is_opened(keyboard: Opener, secretary: Member, shift: Shift) -> None:
    page = keyboard(secretary, width=1280)
    page.goto("/coverage")
    reach(page, page.locator("td.is-bare a"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/coverage/cell**")
    expect(page.locator("h1")).to_have_text("East Gate")
    reach(page, page.locator("a[href$='/ask']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask**")


def test_a_cell_with_the_focus_is_not_under_the_heads_of_the_board(
    keyboard: Opener, secretary: Member, shift: Shift
) -> None:
    for day in range(6):
        factories.shift(
            factories.call(factories.branch(kind="action")),
            factories.checkpoint(unit_code=shift.unit_code),
            starts_at=shift.ends_at + timedelta(days=day),
            hours=4,
        )
    page = keyboard(secretary, width=1280)
    page.goto("/coverage?days=7")
    cells = page.locator(".board td a").all()
    for step in [*cells, *reversed(cells)]:
        step.focus()
        assert step.evaluate(
            """(cell) => { const {left, top} = cell.getBoundingClientRect();
            const hit = document.elementFromPoint(left + 6, top + 6); return cell.contains(hit); }"""
        ), step.get_attribute("aria-label")


def test_a_pattern_is_chosen_with_the_arrows(keyboard: Opener, secretary: Member, shift: Shift) -> None:
    page = keyboard(secretary)
    page.goto(f"/calls/{shift.call_id}/shifts/new")
    reach(page, page.locator("[name=pattern]:checked"))
    before = page.locator("[name=pattern]:checked").input_value()
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=pattern]:checked").input_value() != before
