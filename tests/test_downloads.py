"""WeChat's own browser swallows downloads without a word: there, and only there, a page with one says what helps."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.visitor import Visitor
from tests.world import address, ask, made, people, rules

pytestmark = pytest.mark.once

PACKAGE = Path(__file__).resolve().parent.parent / "mobilizer"
TEMPLATES = PACKAGE / "templates"
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.50(0x1800323d) NetType/4G Language/zh_CN"
)
WECOM = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0.0.0 Mobile wxwork/4.1.20"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


def downloads_of(source: str) -> Iterator[str]:
    """The names of a module's views that answer with a file to save."""
    tree = ast.parse(source)
    found = re.search(r"Blueprint\(\s*\"(\w+)\"", source)
    for view in tree.body:
        if not isinstance(view, ast.FunctionDef) or not view.decorator_list or found is None:
            continue
        if "web.attachment(" in ast.unparse(view):
            yield f"{found[1]}.{view.name}"


def all_downloads() -> set[str]:
    return {
        name for path in PACKAGE.rglob("*views.py") for name in downloads_of(path.read_text(encoding="utf-8"))
    }


def past_the_macro(template: str, named: set[str]) -> list[str]:
    """Links to files outside of downloads(...). A form that is answered with one has the note beside its button."""
    outside = re.sub(r"\{\{\s*downloads\(.*?\}\}", "", template, flags=re.DOTALL)
    if "{{ open_outside() }}" in template:
        outside = re.sub(r"\{\{\s*form_start\(.*?\}\}", "", outside, flags=re.DOTALL)
    endpoints = {f'url_for("{name}"' for name in named} | {f"url_for('{name}'" for name in named}
    # A page that serves several imports is handed the blueprint: at ~ ".refused".
    endpoints |= {f'~ ".{name.split(".")[1]}"' for name in named}
    return sorted(each for each in endpoints if each in outside)


def test_every_download_is_linked_by_the_one_macro() -> None:
    named = all_downloads()
    assert {"calendars.one", "shift_sheets.template_csv", "imports.refused", "coverage.csv"} <= named
    wrong = {
        path.relative_to(TEMPLATES).as_posix(): found
        for path in TEMPLATES.rglob("*.html")
        if (found := past_the_macro(path.read_text(encoding="utf-8"), named))
    }
    assert wrong == {}


def test_a_link_past_the_macro_is_found() -> None:
    template = """{{ downloads(((_("A"), url_for("a.csv")),)) }}<a href="{{ url_for('a.csv') }}">A</a>"""
    assert past_the_macro(template, {"a.csv"}) == ["url_for('a.csv'"]
    form = """{{ form_start(url_for("a.csv"), form) }}"""
    assert past_the_macro(form, {"a.csv"})
    assert not past_the_macro(form + "{{ open_outside() }}", {"a.csv"})
    assert past_the_macro('<a href="{{ url_for(at ~ ".refused") }}">', {"b.refused"}) == ['~ ".refused"']


def pages_with_files(app: Flask, agent: str) -> dict[str, bool]:
    """Every page that links to a file which is saved, and whether it says what helps in WeChat; a page that says so and has
    none is found too."""
    world, found = made(), {}
    saved: dict[str, bool] = {}
    for _who, visitor in people(app, world):
        visitor.headers["User-Agent"] = agent
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            answer = ask(visitor, "GET", url)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            visitor._took(answer)
            for link in visitor.page.select("main a[href^='/']"):
                target = str(link["href"])
                kind = re.sub(r"\d+", "N", target.split("?", maxsplit=1)[0])
                if kind not in saved:
                    disposition = ask(visitor, "GET", target).headers.get("Content-Disposition", "")
                    saved[kind] = disposition.startswith("attachment")
                if saved[kind]:
                    found[str(rule)] = "Open in browser" in visitor.text
            if "Open in browser" in visitor.text:
                found.setdefault(str(rule), True)
    return found


@pytest.mark.parametrize("agent", [WECHAT, SAFARI], ids=["wechat", "safari"])
def test_a_page_with_a_file_says_what_helps_in_wechat_alone(app: Flask, agent: str) -> None:
    found = pages_with_files(app, agent)
    assert {"/participation", "/coverage", "/calls/<int(max=2147483647):call_id>/sheet"} & set(found)
    assert len(found) >= 3
    assert set(found.values()) == {agent != SAFARI}, found


def test_the_refused_rows_and_the_calendar_say_it_too(app: Flask) -> None:
    world = made()
    who = Visitor(app.test_client()).log_in(world.phones["a member"])
    shift, calendar = f"/shifts/{world.parts['shift_id']}", "/my/calendar"
    for url in (shift, calendar):
        for agent in (WECHAT, WECOM, SAFARI):
            assert ("Open in browser" in who.open(url, **{"User-Agent": agent}).text) is (agent != SAFARI)
