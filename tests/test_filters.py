"""Moments, numbers and phones as the reader sees them, in both languages, around midnight and the turn of the year."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from mobilizer import clock, filters
from mobilizer.languages import TwoLanguages

NOW = datetime(2026, 11, 24, 0, 20, tzinfo=UTC)
"""08:20 on Tuesday 24 November 2026 in Shanghai."""


def at(text: str) -> datetime:
    """A moment given as Shanghai's wall clock shows it."""
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


@pytest.fixture
def bare() -> Iterator[Flask]:
    """The filters on an application that has nothing else."""
    app = Flask("bare")
    app.config.update(BABEL_DEFAULT_TIMEZONE="Asia/Shanghai", BABEL_DEFAULT_LOCALE="zh_CN")
    TwoLanguages(app)
    filters.register(app, now=lambda: NOW)
    with app.test_request_context():
        yield app


def in_both(write: Callable[[], str]) -> tuple[str, str]:
    with force_locale("zh_CN"):
        chinese = write()
    with force_locale("en"):
        return chinese, write()


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (at("2026-11-24T08:00"), "11月24日 周二", "Tue 24 Nov"),
        (at("2026-11-25T00:00"), "11月25日 周三", "Wed 25 Nov"),
        (at("2026-12-31T23:59"), "12月31日 周四", "Thu 31 Dec"),
        (at("2027-01-01T00:00"), "2027年1月1日 周五", "Fri 1 Jan 2027"),
        (at("2025-12-31T23:59"), "2025年12月31日 周三", "Wed 31 Dec 2025"),
        (date(2026, 3, 1), "3月1日 周日", "Sun 1 Mar"),
    ],
)
def test_day_is_the_local_day_and_names_another_year(
    bare: Flask, value: date, chinese: str, english: str
) -> None:
    assert in_both(lambda: filters.day(value, NOW)) == (chinese, english)


def test_the_year_of_now_is_the_local_one(bare: Flask) -> None:
    just_after_midnight = at("2027-01-01T00:01")
    assert just_after_midnight.year == 2026
    assert in_both(lambda: filters.day(just_after_midnight, just_after_midnight)) == (
        "1月1日 周五",
        "Fri 1 Jan",
    )


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (at("2026-11-23T23:59"), "昨天", "Yesterday"),
        (at("2026-11-24T00:00"), "今天", "Today"),
        (at("2026-11-24T23:59"), "今天", "Today"),
        (at("2026-11-25T00:00"), "明天", "Tomorrow"),
        (date(2026, 11, 25), "明天", "Tomorrow"),
        (at("2026-11-26T00:00"), "11月26日 周四", "Thu 26 Nov"),
        (at("2026-11-22T12:00"), "11月22日 周日", "Sun 22 Nov"),
    ],
)
def test_near_days_have_words(bare: Flask, value: date, chinese: str, english: str) -> None:
    assert in_both(lambda: filters.relative_day(value, NOW)) == (chinese, english)


@pytest.mark.parametrize(
    ("start", "end", "chinese", "english"),
    [
        ("2026-11-24T08:00", "2026-11-24T16:00", "08:00–16:00", "08:00–16:00"),
        ("2026-11-24T16:00", "2026-11-25T00:00", "16:00–24:00", "16:00–24:00"),
        ("2026-11-24T00:00", "2026-11-25T00:00", "00:00–24:00", "00:00–24:00"),
        ("2026-11-24T00:00", "2026-11-24T08:00", "00:00–08:00", "00:00–08:00"),
        ("2026-11-24T20:00", "2026-11-25T08:00", "20:00–次日 08:00（11月25日）", "20:00–08:00 (Wed 25 Nov)"),
        ("2026-12-31T20:00", "2027-01-01T08:00", "20:00–次日 08:00（1月1日）", "20:00–08:00 (Fri 1 Jan)"),
        ("2026-11-24T20:00", "2026-11-26T00:00", "20:00–次日 24:00（11月25日）", "20:00–24:00 (Wed 25 Nov)"),
        ("2026-11-24T20:00", "2026-11-26T08:00", "20:00–08:00（11月26日）", "20:00–08:00 (Thu 26 Nov)"),
        ("2026-11-24T08:00", "2026-11-24T08:00", "08:00–08:00", "08:00–08:00"),
        ("2026-11-24T00:00", "2026-11-24T00:00", "00:00–00:00", "00:00–00:00"),
    ],
)
def test_a_time_range_says_which_day_it_ends(
    bare: Flask, start: str, end: str, chinese: str, english: str
) -> None:
    assert in_both(lambda: filters.time_range(at(start), at(end))) == (chinese, english)


def test_a_moment_is_a_day_and_a_time(bare: Flask) -> None:
    assert in_both(lambda: filters.moment(at("2026-11-24T08:05"), NOW)) == (
        "11月24日 周二 08:05",
        "Tue 24 Nov, 08:05",
    )
    assert in_both(lambda: filters.moment(at("2027-01-01T00:00"), NOW)) == (
        "2027年1月1日 周五 00:00",
        "Fri 1 Jan 2027, 00:00",
    )


def test_the_clock_has_24_hours(bare: Flask) -> None:
    assert in_both(lambda: filters.clock_time(at("2026-11-24T00:00"))) == ("00:00", "00:00")
    assert filters.clock_time(at("2026-11-24T20:42")) == "20:42"


@pytest.mark.parametrize("write", [filters.clock_time, lambda value: filters.day(value, NOW)])
def test_a_moment_without_a_zone_is_not_guessed(bare: Flask, write: Callable[[datetime], str]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        write(datetime(2026, 11, 24, 8))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (0, "0.0"),
        (480, "8.0"),
        (2, "0.0"),
        (3, "0.1"),
        (9, "0.2"),
        (15, "0.3"),
        (475, "7.9"),
        (6_240_000, "104,000.0"),
    ],
)
def test_hours_round_half_up_to_one_decimal(bare: Flask, minutes: int, shown: str) -> None:
    assert in_both(lambda: filters.hours(minutes)) == (shown, shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (13_000, "13,000"),
        (1_234_567, "1,234,567"),
        (Decimal("541.65"), "541.65"),
        (-1500, "-1,500"),
    ],
)
def test_numbers_are_grouped_and_keep_their_decimals(bare: Flask, value: int | Decimal, shown: str) -> None:
    assert in_both(lambda: filters.number(value)) == (shown, shown)


@pytest.mark.parametrize(
    ("value", "shown", "masked"),
    [
        ("+8619900000001", "199 0000 0001", "199****0001"),
        ("+8651265751234", "0512 6575 1234", "051****1234"),
        ("+6565218000", "+65 6521 8000", "656****8000"),
        ("12345", "12345", "****45"),
        ("not a number", "not a number", "****"),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_a_phone_is_read_aloud_or_hidden(bare: Flask, value: str | None, shown: str, masked: str) -> None:
    assert filters.phone(value) == shown
    assert filters.masked_phone(value) == masked


def test_templates_have_them_by_name(bare: Flask) -> None:
    written = bare.jinja_env.from_string(
        "{{ start|day }}|{{ start|relative_day }}|{{ start|moment }}|{{ start|clock_time }}|{{ start|time_range(end) }}"
        "|{{ 480|hours }}|{{ 13000|number }}|{{ phone|phone }}|{{ phone|masked_phone }}"
    ).render(start=at("2026-11-24T20:00"), end=at("2026-11-25T08:00"), phone="+8619900000001")
    assert written.split("|") == [
        "11月24日 周二",
        "今天",
        "11月24日 周二 20:00",
        "20:00",
        "20:00–次日 08:00（11月25日）",
        "8.0",
        "13,000",
        "199 0000 0001",
        "199****0001",
    ]


def test_without_a_given_moment_the_wall_clock_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask("bare")
    app.config.update(BABEL_DEFAULT_TIMEZONE="Asia/Shanghai", BABEL_DEFAULT_LOCALE="en")
    TwoLanguages(app)
    filters.register(app)
    with app.test_request_context():
        template = app.jinja_env.from_string("{{ day|relative_day }}")
        for now, word in ((at("2026-11-24T12:00"), "Today"), (at("2026-11-25T00:00"), "Yesterday")):
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            assert template.render(day=date(2026, 11, 24)) == word


MACROS = """
{%- macro greeting(name) %}{{ drawn_once(_greeting, name) }}{% endmacro -%}
{%- macro _greeting(name) %}<b>{{ name }}</b> {{ count() }} {{ word() }}{% endmacro -%}
{{ greeting(name) }}"""


def test_what_is_drawn_alike_is_drawn_once_in_each_language(bare: Flask) -> None:
    drawn = itertools.count(1)
    bare.jinja_env.globals.update(count=lambda: next(drawn), word=lambda: gettext("Today"))
    template = bare.jinja_env.from_string(MACROS)

    def greet(name: str) -> str:
        return template.render(name=name)

    assert greet("<沈>") == greet("<沈>") == "<b>&lt;沈&gt;</b> 1 今天"
    assert in_both(lambda: greet("<沈>")) == ("<b>&lt;沈&gt;</b> 1 今天", "<b>&lt;沈&gt;</b> 2 Today")
    assert greet("陆") == "<b>陆</b> 3 今天"


def test_what_is_remembered_has_a_limit(bare: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "_MOST_DRAWN", 2)
    monkeypatch.setattr(filters, "_DRAWN", {})
    bare.jinja_env.globals.update(count=lambda: 0, word=lambda: "")
    template = bare.jinja_env.from_string(MACROS)
    for name in "甲乙丙":
        assert name in template.render(name=name)
    assert len(filters._DRAWN) == 1
