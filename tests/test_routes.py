"""Every address answers everybody in words: who is not logged in, who may not, who guesses numbers, who sends rubbish.

What is promised in docs/interfaces.md is there; nothing unsafe is done without the form's token; nothing answers 500.
"""

import re
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

import mobilizer
from mobilizer.policy import Permission
from tests.visitor import Visitor
from tests.world import World, address, ask, made, people, rules

PROMISED = {
    "GET /",
    "GET /log-in",
    "POST /log-in",
    "POST /log-out",
    "GET /calls",
    "GET /calls/ID",
    "GET /c/CODE",
    "GET /c/CODE/join",
    "POST /c/CODE/join",
    "GET /shifts",
    "GET /shifts/ID",
    "POST /shifts/ID/sign-up",
    "POST /shifts/ID/give-back",
    "GET /my/shifts",
    "GET /calendar/TOKEN.ics",
    "GET /shifts/ID/calendar.ics",
    "GET /shifts/ID/roster",
    "GET /participation",
    "GET /participation.csv",
    "GET /participation.xlsx",
    "GET /participation.json",
    "GET /participation/records.csv",
    "GET /participation/hours-file",
    "GET /participation/files",
    "GET /my/files",
    "GET /my/files/ID",
    "GET /my/files/ID/file",
    "GET /healthz",
    "GET /readyz",
}
"""The addresses that others build on."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
HUGE = 10**30


@pytest.fixture
def world(app: Flask) -> World:
    return made()


def token(visitor: Visitor) -> str:
    """The token that this visitor's forms carry."""
    found = visitor.open("/me" if visitor.client.get_cookie("mobilizer") else "/log-in").page
    field = found.find("input", {"name": "csrf_token"})
    assert field is not None
    return str(field["value"])


# --- what is promised -----------------------------------------------------------------------------------


def written(rule: Rule) -> str:
    """The rule as the documentation writes it: ID for a number, CODE for a code."""
    built = ""
    for is_part, text in rule._trace:
        if not is_part:
            built += text.removeprefix("|")
        else:
            built += "ID" if isinstance(rule._converters[text], IntegerConverter) else text.upper()
    return built


def test_what_is_promised_is_there(app: Flask) -> None:
    there = {
        f"{method} {written(rule)}" for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }
    assert PROMISED - there == set()


# --- nothing unsafe without the token ----------------------------------------------------------------------


def accepting_without_token(app: Flask, visitor: Visitor, world: World) -> list[str]:
    taken = []
    for method in UNSAFE:
        for rule in rules(app, method):
            url = address(rule, world.parts)
            status = ask(visitor, method, url, data={"phone": "x"}).status_code
            if status != 400:
                taken.append(f"{method} {url}: {status}")
    return taken


def test_nothing_is_done_without_the_token(app: Flask, world: World) -> None:
    assert len(rules(app, "POST")) > 10
    for who, visitor in people(app, world):
        assert accepting_without_token(app, visitor, world) == [], who


def test_a_route_that_asks_for_no_token_is_found(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    found = accepting_without_token(app, Visitor(app.test_client()), world)
    assert len(found) > 10


def test_every_unsafe_route_is_a_post_of_its_own(app: Flask) -> None:
    """GET changes nothing: no address takes both in one view, so that no view forgets to ask which."""
    both = [str(rule) for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())]
    assert both == []
    assert {method for rule in app.url_map.iter_rules() for method in rule.methods or ()} <= {
        "GET",
        "HEAD",
        "OPTIONS",
        "POST",
    }


# --- everybody gets an answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_page_answers_everybody(app: Flask, world: World, language: str) -> None:
    wrong, opened = [], 0
    for who, visitor in people(app, world, language):
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            answer = ask(visitor, "GET", url)
            opened += answer.status_code == 200
            if answer.status_code >= 500:
                wrong.append(f"{who}: GET {url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert opened > 40, "most pages should open for somebody"


def test_a_stranger_is_led_to_the_log_in_and_back(app: Flask, world: World) -> None:
    stranger = Visitor(app.test_client())
    for rule in rules(app, "GET"):
        url = address(rule, world.parts)
        if isinstance(getattr(app.view_functions[rule.endpoint], "access", None), Permission):
            answer = ask(stranger, "GET", url)
            assert (answer.status_code, answer.headers["Location"]) == (303, f"/log-in?next={url}"), url


RUBBISH = (
    "",
    "-1",
    "x",
    str(HUGE),
    "x" * 5000,
    "2026-02-30",
    "9999-12-31",
    "½",
    "\x00",
    "%00",
    "';--",
    "\ud7ff",
)
ARGUMENTS = (
    "unit",
    "branch",
    "call",
    "day",
    "from",
    "to",
    "by",
    "page",
    "q",
    "next",
    "operation",
    "standing",
)


@pytest.mark.slow
def test_rubbish_in_the_query_is_answered(app: Flask, world: World) -> None:
    """All names at once, and one at a time for the pages of lists. The secretary, to whom most pages open, sends all of it,
    the others a piece to each page, in turn."""
    wrong, turn, single = [], cycle(RUBBISH), cycle((str(HUGE), "x", "\x00", "-1", "9999-12-31"))
    for who, visitor in people(app, world):
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            pieces = RUBBISH if who == "a secretary" else (next(turn),)
            asked = [dict.fromkeys(ARGUMENTS, rubbish) for rubbish in pieces]
            if who == "a secretary" and not rule.arguments:
                asked += [{name: next(single)} for name in ARGUMENTS]
            for query in asked:
                status = ask(visitor, "GET", url, query_string=query).status_code
                if status >= 500:
                    name, rubbish = next(iter(query.items()))
                    names = name if len(query) == 1 else "everything"
                    wrong.append(f"{who}: GET {url}, {names} = {rubbish[:40]!r}: {status}")
    assert not wrong, "\n".join(wrong)


def fields_of_all_forms() -> set[str]:
    """Of the forms in forms.py, and what views read by name."""
    forms = [form for form in FlaskForm.__subclasses__() if form.__module__.startswith("mobilizer.")]
    named = {name for form in forms for name, value in vars(form).items() if hasattr(value, "field_class")}
    for path in Path(mobilizer.__file__).parent.rglob("*.py"):
        named |= set(re.findall(r"request\.form(?:\.get|\.getlist)?[(\[]\"(\w+)\"", path.read_text("utf-8")))
    return named


def test_rubbish_in_a_form_is_answered(app: Flask, world: World) -> None:
    """With a good token, and whatever the form asks for filled with rubbish."""
    visitors = {who: visitor for who, visitor in people(app, world) if who != "a stranger"}
    tokens = {who: token(visitor) for who, visitor in visitors.items()}
    wrong = []
    fields = fields_of_all_forms()
    assert {"phone", "operation_key", "title"} <= fields
    for who in ("a secretary", "an administrator"):
        for rule in rules(app, "POST"):
            if rule.endpoint == "accounts.log_out":
                continue
            visitor = visitors[who]
            good = tokens[who]
            url = address(rule, world.parts)
            for rubbish in ("", "x", str(HUGE), "\x00"):
                sent = dict.fromkeys(fields, rubbish) | {"csrf_token": good}
                status = ask(visitor, "POST", url, data=sent).status_code
                if status >= 500:
                    wrong.append(f"{who}: POST {url} {rubbish[:40]!r}: {status}")
    assert not wrong, "\n".join(wrong)


SPOILT = ("", "x", "-1", str(HUGE), "9999-12-31", "²", "\x00", "0" * 12 + "1" * 30, "9999-12-31T23:59", ",,1")


def test_a_form_with_one_field_spoilt_is_answered(app: Flask, world: World) -> None:
    """Every form as its page has it, but for one field: so that what is checked last is met as well."""
    visitor = dict(people(app, world))["a secretary"]
    forms: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    asking = f"/calls/{world.parts['call_id']}/shifts/change?shift={world.parts['shift_id']}&look=1"
    pages = ["&what=move&days=1&starts=&ends=&checkpoint=0", "&what=seats&capacity=1&least=1"]
    for url in [asking + page for page in pages] + [address(rule, world.parts) for rule in rules(app, "GET")]:
        if ask(visitor, "GET", url).mimetype != "text/html":
            continue
        for form in visitor.open(url).page.find_all("form", method="post"):
            action, filled = str(form["action"]), visitor.filled(form)
            if action != "/log-out":
                forms.setdefault((re.sub(r"\d+", "N", action), str(filled.get("what"))), (action, filled))
    assert len(forms) > 20
    wrong, turn = [], cycle(SPOILT)
    for action, filled in forms.values():
        for name in sorted(filled.keys() - {"csrf_token", "operation_key"}):
            spoilt = next(turn)
            status = ask(visitor, "POST", action, data=filled | {name: spoilt}).status_code
            if status >= 500:
                wrong.append(f"POST {action}, {name} = {spoilt!r}: {status}")
    assert not wrong, "\n".join(wrong)


# --- what is not there --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", str(HUGE), str(2**63), "1.5"])
def test_a_number_that_leads_nowhere_is_404(app: Flask, world: World, number: str) -> None:
    wrong = []
    for who, visitor in people(app, world):
        if who == "a stranger":
            continue
        good = token(visitor)
        for rule in [*rules(app, "GET"), *rules(app, "POST")]:
            if not rule.arguments or any(
                rule.rule.startswith(start) for start in world.parts if "/" in start
            ):
                continue
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            url = address(rule, dict.fromkeys(world.parts, number) | dict.fromkeys(rule.arguments, number))
            status = ask(
                visitor, method, url, data={"csrf_token": good} if method == "POST" else None
            ).status_code
            if status != 404 and (method, status) != ("POST", 405):
                wrong.append(f"{who}: {method} {url}: {status}")
    assert not wrong, "\n".join(wrong)


def test_a_text_that_leads_nowhere_is_404(app: Flask) -> None:
    stranger = Visitor(app.test_client())
    for url in (
        "/nowhere",
        "/c/nope",
        "/c/" + "x" * 500,
        "/language/xx",
        "/assets/0/nope.css",
        "/assets/0/../config.py",
        "/assets/0/..%2fconfig.py",
        "/assets/0/%2e%2e/config.py",
        "/assets/0/%2fetc/passwd",
    ):
        assert ask(stranger, "GET", url, follow_redirects=True).status_code == 404, url


def test_a_sign_that_no_text_has_is_refused(app: Flask) -> None:
    assert ask(Visitor(app.test_client()), "GET", "/c/%00").status_code in (400, 404)


# --- every answer -------------------------------------------------------------------------------------------


def without_headers(answer: TestResponse) -> list[str]:
    """An address that is itself a secret tells nobody where one comes from, which is stricter still."""
    return [
        name
        for name, value in HEADERS.items()
        if value not in answer.headers.get(name, "") and answer.headers.get(name) != "no-referrer"
    ]


def test_every_answer_carries_the_headers(app: Flask, world: World) -> None:
    for who, visitor in people(app, world):
        for rule in rules(app, "GET"):
            answer = ask(visitor, "GET", address(rule, world.parts))
            assert without_headers(answer) == [], f"{who}: {rule}"
        for method, url in (("GET", "/nowhere"), ("POST", "/"), ("POST", "/log-out"), ("PUT", "/log-in")):
            answer = ask(visitor, method, url)
            assert answer.status_code in (400, 404, 405)
            assert without_headers(answer) == [], f"{who}: {method} {url}"


def test_an_answer_without_headers_is_found() -> None:
    assert without_headers(Flask("bare").test_client().get("/")) == list(HEADERS)


def test_a_page_allows_no_script_and_no_style_of_its_own(app: Flask) -> None:
    policy = ask(Visitor(app.test_client()), "GET", "/log-in").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy


def test_head_answers_as_get_without_a_body(app: Flask, world: World) -> None:
    for who, visitor in people(app, world):
        for rule in rules(app, "GET"):
            url = address(rule, world.parts)
            got, head = ask(visitor, "GET", url), ask(visitor, "HEAD", url)
            assert (head.status_code, head.get_data()) == (got.status_code, b""), f"{who}: HEAD {url}"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused(app: Flask, world: World, method: str) -> None:
    for url in ("/log-in", "/", "/shifts"):
        assert ask(Visitor(app.test_client()), method, url).status_code in (400, 405)


def test_a_post_address_tells_a_reader_so(app: Flask, world: World, visit: Callable[..., Visitor]) -> None:
    answer = ask(visit(), "GET", "/log-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
