"""What holds of every page there is, for whoever may see it, in both languages and both colour schemes: WCAG 2.2 AA as far as
axe-core can tell, and that it fits a small window and large letters. The pages come from the application's own addresses; one that is added later is looked at too."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from mobilizer import create_app
from mobilizer.extensions import db
from tests import town
from tests.browser.axe import violations
from tests.browser.readers import Readers, Tour, cookies_of
from tests.browser.reflow import faults
from tests.conftest import environment
from tests.storm.servers import answering
from tests.town import Seen

pytestmark = [pytest.mark.browser, pytest.mark.once]

NARROWEST, PHONE, DESK = 320, 390, 1280
ERROR_PAGES = ("/nowhere", "/calls/999999")


@pytest.fixture(scope="module")
def tour(migrated: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """The demo's town; what there is to see in it was asked of the application before."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copy(migrated.removeprefix("sqlite:///"), folder / "town.sqlite")
    environ = environment(folder, f"sqlite:///{folder / 'town.sqlite'}")
    app = create_app(environ)
    with app.app_context():
        made = town.made(app)
        pages = [*town.seen(app, made), *(Seen("a member", url) for url in ERROR_PAGES)]
        cookie = cookies_of(app, made)
        db.session.remove()
    assert len({seen.url for seen in pages}) > 70
    with answering(app) as port:
        yield Tour(browser, f"http://127.0.0.1:{port}", pages, cookie)
    with app.app_context():
        db.engine.dispose()


def in_every_size(page: Page) -> list[str]:
    """What does not fit (WCAG 1.4.4, 1.4.10, 2.5.8): at 320 px, there in large text, and on a desk with letters twice as
    large."""
    page.set_viewport_size({"width": NARROWEST, "height": 844})
    found = faults(page)
    page.evaluate("document.documentElement.classList.add('large-text')")
    found += [f"in large text: {each}" for each in faults(page)]
    page.set_viewport_size({"width": DESK, "height": 844})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return found + [f"at 200 %: {each}" for each in faults(page)]


@dataclass
class Found:
    """What is wrong with the pages, seen once each in one language and one colour scheme."""

    by_axe: list[str] = field(default_factory=list)
    by_size: list[str] = field(default_factory=list)


@pytest.fixture(
    scope="module",
    params=[("zh-CN", PHONE, "light"), ("en-US", DESK, "dark")],
    ids=["zh-phone-light", "en-desk-dark"],
)
def found(tour: Tour, request: pytest.FixtureRequest) -> Found:
    locale, width, scheme = request.param
    found = Found()
    with tour.readers(locale, width) as readers:
        for seen, page in readers.walk():
            page.set_viewport_size({"width": width, "height": 844})
            found.by_axe += [f"{seen.who}: {seen.url}: {each}" for each in violations(page, scheme)]
            found.by_size += [f"{seen.who}: {seen.url}: {each}" for each in in_every_size(page)]
    return found


def test_axe_finds_nothing_on_any_page(found: Found) -> None:
    assert not found.by_axe, "\n".join(found.by_axe)


def test_nothing_is_cut_and_no_page_scrolls_sideways(found: Found) -> None:
    assert not found.by_size, "\n".join(found.by_size)


# --- forms: what is shown when something is missing, and what comes after them ------------------------------------

_FORMS = """() => [...document.querySelectorAll("form[method=post]")]
  .filter((form) => form.querySelector("input:not([type=hidden]), textarea, select"))
  .map((form) => form.getAttribute("action"))"""
_SEND = """([action, blank]) => {
  const form = [...document.forms].find((form) => form.getAttribute("action") === action);
  for (const field of blank ? form.elements : []) {
    if (field.type === "hidden" || field.type === "submit") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = -1;
    else field.value = "";
  }
  HTMLFormElement.prototype.submit.call(form);
}"""


def sent(readers: Readers, *, blank: bool) -> Iterator[tuple[str, int, Page]]:
    """Sends the forms that one fills in, each kind once, and shows what the answer looks like."""
    met: set[str] = set()
    for seen, page in readers.walk():
        for action in page.evaluate(_FORMS):
            kind = re.sub(r"\d+", "1", action)
            if kind in met:
                continue
            met.add(kind)
            page.goto(seen.url)
            if action not in page.evaluate(_FORMS):
                continue  # another form has changed this page meanwhile
            with page.expect_navigation() as answer:
                page.evaluate(_SEND, [action, blank])
            yield f"{seen.who}: POST {action}", answer.value.status, page


def test_axe_finds_nothing_where_a_form_says_what_is_missing(tour: Tour) -> None:
    wrong, refused = [], 0
    with tour.readers("zh-CN", PHONE) as readers:
        for what, status, page in sent(readers, blank=True):
            refused += status == 422
            wrong += [f"{what}: {status}: {each}" for each in violations(page)]
    assert not wrong, "\n".join(wrong)
    assert refused >= 15


def test_axe_finds_nothing_on_what_comes_after_a_form(tour: Tour) -> None:
    """Previews, and pages that say what was done."""
    wrong, went_on = [], 0
    with tour.readers("en-US", DESK) as readers:
        for what, status, page in sent(readers, blank=False):
            went_on += status == 200
            wrong += [f"{what}: {status}: {each}" for each in violations(page, "dark")]
    assert not wrong, "\n".join(wrong)
    assert went_on >= 5


# --- that all this would be seen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<p id=fault><input type=text></p>", "label"),
        ("<p id=fault><a href=/></a></p>", "link-name"),
        ("<div id=fault><img src=/x.png></div>", "image-alt"),
        ("<p id=fault><button class='button'></button></p>", "button-name"),
        ("<ul id=fault><p>x</p></ul>", "list"),
        ("<table id=fault><tr><th scope=row></th></tr></table>", "empty-table-header"),
    ],
)
def test_a_fault_on_a_page_is_found(tour: Tour, fault: str, rule: str) -> None:
    with tour.readers("en-US", PHONE) as readers:
        page = readers.page_of("a stranger")
        page.goto("/log-in")
        assert violations(page) == []
        page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", fault)
        assert [each for each in violations(page) if each.startswith(f"in light: {rule}: ")]


def test_a_colour_too_faint_in_one_scheme_is_found(tour: Tour) -> None:
    with tour.readers("en-US", PHONE) as readers:
        page = readers.page_of("a stranger")
        page.goto("/log-in")
        page.evaluate("document.querySelector('h1').style.color = '#201b18'")
        assert [each for each in violations(page, "dark") if each.startswith("in dark: color-contrast: ")]
        assert violations(page, "light") == []


@pytest.mark.parametrize(
    ("css", "word"),
    [
        ("min-width: 400px", "the page is"),
        ("overflow: hidden; height: 10px", "cut below"),
        ("overflow-x: auto; white-space: nowrap", "scrolls sideways"),
        ("overflow: hidden; white-space: nowrap", "cut at its side"),
    ],
)
def test_what_does_not_fit_is_found(tour: Tour, css: str, word: str) -> None:
    with tour.readers("en-US", NARROWEST) as readers:
        page = readers.page_of("a stranger")
        page.goto("/log-in")
        assert faults(page) == []
        page.evaluate("(css) => { document.querySelector('.lead').style.cssText = css; }", css)
        assert [each for each in faults(page) if each.startswith(word)]
