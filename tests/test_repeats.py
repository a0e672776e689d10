"""Every form carries a key, and whatever is sent twice with it is done once and answered alike: on every page there is."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import func, select

from mobilizer.extensions import Base, db
from tests.visitor import Visitor
from tests.world import address, ask, made, people, rules

WITHOUT_KEY = {"/log-in", "/log-in/passkey", "/log-out", "/me/password", "/import"}
"""Repeating these changes nothing that counts: who is logged in, a password as it is now, a file read but not entered."""
NOT_COUNTED = {"answered_request", "log_in", "import_file"}


def forms(visitor: Visitor, app: Flask, parts: dict[str, str]) -> Iterator[Any]:
    """Each POST form that the visitor meets, once for each address."""
    met: set[str] = set()
    for rule in rules(app, "GET"):
        answer = ask(visitor, "GET", address(rule, parts))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        visitor._took(answer)
        for form in visitor.page.find_all("form", method="post"):
            where = str(form.get("action"))
            if where not in met:
                met.add(where)
                yield form


def keyless(form: Any) -> bool:
    path = urlsplit(str(form.get("action"))).path
    return (
        path in WITHOUT_KEY
        or path.endswith("/sheet")
        or path.startswith("/a/")
        or (path.startswith("/import/") and "confirm" not in path)
    )


def counts() -> dict[str, int]:
    db.session.rollback()
    found = {
        name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
        if name not in NOT_COUNTED
    }
    db.session.rollback()
    return found


def test_every_form_carries_the_token_and_a_key_of_its_own(app: Flask) -> None:
    world, wrong, seen = made(), [], 0
    for who, visitor in people(app, world):
        for form in forms(visitor, app, world.parts):
            names = {field.get("name") for field in form.find_all("input", type="hidden")}
            seen += 1
            if "csrf_token" not in names or ("operation_key" not in names and not keyless(form)):
                wrong.append(f"{who}: {form.get('action')}: {sorted(str(name) for name in names)}")
    assert not wrong, "\n".join(wrong)
    assert seen >= 25


def test_what_is_sent_twice_is_done_once_and_answered_alike(app: Flask) -> None:
    world, wrong, done = made(), [], 0
    for who, visitor in people(app, world):
        found = [
            (str(form["action"]), visitor.filled(form))
            for form in list(forms(visitor, app, world.parts))
            if not keyless(form)
        ]
        for where, data in found:
            first = ask(visitor, "POST", where, data=data)
            before = counts()
            again = ask(visitor, "POST", where, data=data)
            done += first.status_code == 303
            told = [(each.status_code, each.headers.get("Location")) for each in (first, again)]
            if told[0] != told[1] or counts() != before or told[0][0] >= 500:
                changed = {name for name, count in counts().items() if count != before[name]}
                wrong.append(f"{who}: {where}: {told} {sorted(changed)}")
    assert not wrong, "\n".join(wrong)
    assert done >= 6
