"""Every flow works without JavaScript, pages carry no script or style of their own, and no template asks the database.

Read from the templates' text, and again from the pages as they are sent.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, before_render_template, render_template_string, template_rendered
from sqlalchemy import event, text

from mobilizer.extensions import db
from tests.world import World, address, ask, made, people, rules

pytestmark = pytest.mark.once

TEMPLATES = Path(__file__).resolve().parent.parent / "mobilizer" / "templates"
PYTHON = TEMPLATES.parent

TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"([^\s=\"'<>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
ASKS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")
RUNS = ("on", "hx-on", "hx-vars", "hx-ext")

SAFE = {
    "macros/icons.html": "line drawings written in that file",
    "macros/state.html": "shapes written in that file",
}
"""Where `|safe` stands, and why nothing that anybody typed can reach it."""

MARKUP = {
    "assets": "the script tags, with their addresses put in by format(), which escapes",
    "filters": "what a macro has drawn and escaped already",
}
"""Where Python says that a text is HTML."""


def plain(template: str) -> str:
    """The template's own HTML: comments and statements left out, each expression one word that has no signs in it."""
    template = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    template = re.sub(r"\{%.*?%\}", "", template, flags=re.DOTALL)

    def word(expression: re.Match[str]) -> str:
        return "⟦" + re.sub(r"[\s\"'<>=]", "_", expression[1].strip()) + "⟧"

    return re.sub(r"\{\{(.*?)\}\}", word, template, flags=re.DOTALL)


def tags(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    html = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    for found in TAG.finditer(html):
        attributes = {
            name.lower(): double or single or bare
            for name, double, single, bare in ATTRIBUTE.findall(found[2])
        }
        yield found[1].lower(), attributes


def faults(html: str) -> list[str]:
    """What would not work without a script, or would not run under the policy of the pages."""
    wrong = []
    for name, attributes in tags(html):
        for ask_ in ASKS:
            if ask_ not in attributes:
                continue
            carried = (
                attributes.get("href")
                if name == "a"
                else attributes.get("action")
                if name == "form"
                else None
            )
            method = (
                "hx-post"
                if name == "form" and attributes.get("method", "get").lower() == "post"
                else "hx-get"
            )
            if carried is None:
                wrong.append(f"{ask_} on <{name}> without an address of its own")
            elif carried != attributes[ask_]:
                wrong.append(f"{ask_} leads to {attributes[ask_]}, the plain way to {carried}")
            elif ask_ != method:
                wrong.append(f"{ask_} on <{name}> that is sent by {method.removeprefix('hx-')}")
        for attribute, value in attributes.items():
            if attribute.startswith(RUNS):
                wrong.append(f"{attribute} on <{name}>")
            elif attribute == "style":
                wrong.append(f"style on <{name}>")
            elif value.strip().lower().startswith(("javascript:", "js:")):
                wrong.append(f"{attribute} of <{name}> is a script")
        if name == "style":
            wrong.append("<style>")
        if name == "script" and "src" not in attributes:
            wrong.append("<script> without src")
    wrong += [
        "<script> with a text"
        for body in re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)
        if body.strip()
    ]
    return wrong


def all_templates() -> dict[str, str]:
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


def test_every_template_works_without_a_script() -> None:
    wrong = [
        f"{name}: {fault}" for name, template in all_templates().items() for fault in faults(plain(template))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "template",
    [
        '<button hx-post="/shifts/1/sign-up">Sign up</button>',
        '<a href="{{ one }}" hx-get="{{ two }}">x</a>',
        '<a href="{{ url_for("a.b", x="y") }}" hx-get="{{ url_for("a.c", x="y") }}">x</a>',
        '<form method="post" action="{{ a }}" hx-get="{{ a }}">',
        '<form action="{{ a }}" hx-post="{{ a }}">',
        '<div {% if a > b %}hx-get="/x"{% endif %}></div>',
        "<script>alert(1)</script>",
        '<script src="/x">alert(1)</script>',
        "<style>p {}</style>",
        '<p style="color: red">',
        '<p\n  STYLE="{{ x }}">',
        '<body onload="x()">',
        '<a href="javascript:x()">',
        '<a href="/x" hx-get="/x" hx-on:click="x()">',
        "<form hx-vals='js:{a: b()}'>",
    ],
)
def test_what_would_not_is_found(template: str) -> None:
    assert faults(plain(template))


@pytest.mark.parametrize(
    "template",
    [
        '<a href="{{ url_for("a.b", x="y") }}" hx-get="{{ url_for("a.b", x="y") }}">x</a>',
        '<form method="post" action="{{ action }}" {%- if t %} hx-post="{{ action }}"{% endif %}>',
        '{# <script>x</script> #}<svg width="{{ w }}"><path d="M5 5"/></svg>',
        '<script src="{{ asset("app.js") }}" defer></script>',
    ],
)
def test_what_works_is_left_alone(template: str) -> None:
    assert faults(plain(template)) == []


def marked_safe(template: str) -> bool:
    return bool(re.search(r"\|\s*safe\b|\bMarkup\b|autoescape", template))


def test_nothing_is_marked_safe_but_what_is_written_here() -> None:
    assert {name for name, template in all_templates().items() if marked_safe(template)} == set(SAFE)
    assert marked_safe("{{ x | safe }}")
    assert marked_safe("{% autoescape false %}")


def test_python_says_of_nothing_else_that_it_is_html() -> None:
    says = re.compile(r"(?<![\w.])(Markup|HTMLString)\(|\.unsafe\(")
    found = {
        ".".join(path.relative_to(PYTHON).with_suffix("").parts)
        for path in PYTHON.rglob("*.py")
        if says.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(MARKUP)


# --- the pages as they are sent ----------------------------------------------------------------------------


@pytest.fixture
def world(app: Flask) -> World:
    return made()


@contextmanager
def asked_while_rendering(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database between the beginning and the end of a template."""
    depth = 0
    asked: list[str] = []

    def begin(_sender: Any, **_rest: Any) -> None:
        nonlocal depth
        depth += 1

    def end(_sender: Any, **_rest: Any) -> None:
        nonlocal depth
        depth -= 1

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if depth:
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    with before_render_template.connected_to(begin, app), template_rendered.connected_to(end, app):
        try:
            yield asked
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)


def test_no_page_asks_the_database_while_it_is_drawn(app: Flask, world: World) -> None:
    wrong = []
    for who, visitor in people(app, world):
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            with asked_while_rendering(app) as asked:
                ask(visitor, "GET", url)
            wrong += [f"{who}: GET {url}: {statement[:200]}" for statement in asked]
    assert not wrong, "\n".join(wrong)


def test_a_template_that_asks_is_found(app: Flask) -> None:
    def count() -> Any:
        return db.session.scalar(text("SELECT 41 + 1"))

    count()
    with app.test_request_context("/"), asked_while_rendering(app) as asked:
        assert "42" in render_template_string("{{ count() }}", count=count)
    assert asked == ["SELECT 41 + 1"]


def test_every_page_works_without_a_script(app: Flask, world: World) -> None:
    wrong, forms = [], 0
    for who, visitor in people(app, world):
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            answer = ask(visitor, "GET", url)
            if answer.mimetype != "text/html":
                continue
            page = answer.get_data(as_text=True)
            wrong += [f"{who}: GET {url}: {fault}" for fault in faults(page)]
            for form in BeautifulSoup(page, "html.parser").find_all(
                "form", method=re.compile("^post$", re.IGNORECASE)
            ):
                forms += 1
                if form.find("input", {"name": "csrf_token"}) is None:
                    wrong.append(f"{who}: GET {url}: the form to {form.get('action')} has no token")
    assert not wrong, "\n".join(wrong)
    assert forms > 20
