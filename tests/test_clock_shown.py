"""The clock has 24 hours on every page and in both languages, and is that of the place."""

import re

import pytest
from flask import Flask

from mobilizer.config import load
from tests.visitor import Visitor
from tests.world import address, ask, made, rules

pytestmark = pytest.mark.once

HALF_DAYS = re.compile(r"\d\s?[ap]\.?m\b|[上下]午\s?\d|(?<!\d)24:[0-5][1-9]", re.IGNORECASE)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_no_page_tells_half_days(app: Flask, language: str) -> None:
    world, opened = made(), 0
    visitor = Visitor(app.test_client(), language=language).log_in(world.phones["a secretary"])
    wrong, days = [], 0
    for rule in rules(app, "GET"):
        answer = ask(visitor, "GET", address(rule, world.parts))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        visitor._took(answer)
        opened += 1
        days += bool(re.search(r"\d\d:\d\d–\d\d:\d\d", visitor.text))
        wrong += [f"{rule}: {found}" for found in HALF_DAYS.findall(visitor.text)]
    assert opened > 20
    assert days > 5, "most pages say when a shift is"
    assert wrong == []
    assert HALF_DAYS.search("8:00 PM")
    assert HALF_DAYS.search("下午 3 点")


def test_the_clock_is_shanghais_unless_another_is_said(tmp_path: object) -> None:
    given = {"MOBILIZER_INSTANCE_PATH": str(tmp_path)}
    assert load(given)["BABEL_DEFAULT_TIMEZONE"] == "Asia/Shanghai"
    assert load(given | {"MOBILIZER_TIMEZONE": "Asia/Urumqi"})["BABEL_DEFAULT_TIMEZONE"] == "Asia/Urumqi"
