"""Days of the week: their words, the day on which a week begins wherever one is laid out, the place whose days they are.

A week begins on Monday in both languages: it is the field's week, not the reader's. "Seven days" and "last 7 days" are
said where a stretch begins on any other day; nothing says "this week".
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from mobilizer import create_app, filters
from mobilizer.extensions import db
from mobilizer.languages import TwoLanguages
from mobilizer.model import Shift
from mobilizer.participation import shown
from mobilizer.participation.rules import Slice
from mobilizer.shifts.copying import Original, period
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
WORDS = {"zh_CN": "周一 周二 周三 周四 周五 周六 周日", "en": "Mon Tue Wed Thu Fri Sat Sun"}
MONDAY = date(2026, 11, 23)
both = pytest.mark.parametrize("language", WORDS)


@both
def test_every_day_of_the_week_has_its_word_and_it_is_one_of_seven(app: Flask, language: str) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    with app.test_request_context(), force_locale(language):
        days = [filters.day(MONDAY + timedelta(days=n), now) for n in range(7)]
    words = [each.split()[-1] if language == "zh_CN" else each.split()[0] for each in days]
    assert words == WORDS[language].split()


@both
def test_the_week_to_tick_begins_on_monday_in_both_languages(visit: Visit, language: str) -> None:
    branch = factories.branch(kind="action")
    factories.checkpoint(branch)
    call = factories.call(branch)
    visitor = visit(factories.secretary().phone, language=language).open(f"/calls/{call.id}/shifts/new")
    ticks = visitor.page.find_all("input", attrs={"name": "weekdays"})
    assert [tick["value"] for tick in ticks] == list("0123456")
    places = [
        visitor.text.index(word, visitor.text.index(WORDS[language][:2])) for word in WORDS[language].split()
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("begins", range(7))
def test_seven_days_are_copied_from_the_day_that_is_said(begins: int) -> None:
    """Whatever day of the week that is: no week is cut at a Sunday or a Monday."""
    first = MONDAY + timedelta(days=begins)
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    one_a_day = [
        Original(n, 1, "Gate", "1", MONDAY + timedelta(days=n), moment, moment, "", 1, 1) for n in range(21)
    ]
    found = period(one_a_day, "week", first)
    assert [each.day for each in found.shifts] == [first + timedelta(days=n) for n in range(7)]


@both
def test_periods_to_choose_count_days_back_from_today_not_from_a_first_day_of_the_week(
    app: Flask, language: str
) -> None:
    with app.test_request_context(), force_locale(language):
        for n in range(7):
            today = MONDAY + timedelta(days=n)
            periods = shown.quick_links(Slice(), today, lambda **parts: f"{parts['from']} {parts['to']}")
            assert f"{today - timedelta(days=6)} {today}" in [address for _label, address, _now in periods]


# --- another place ----------------------------------------------------------------------------------------


def test_another_place_has_its_own_days_and_hours() -> None:
    """0:30 on Tuesday in Shanghai is still Monday in Urumqi's own time and 16:30 of it in Greenwich."""
    moment = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    for zone, day, time in (
        ("Asia/Shanghai", "Tue 24 Nov", "00:30"),
        ("Asia/Urumqi", "Mon 23 Nov", "22:30"),
        ("UTC", "Mon 23 Nov", "16:30"),
    ):
        app = Flask("bare")
        app.config.update(BABEL_DEFAULT_TIMEZONE=zone, BABEL_DEFAULT_LOCALE="en")
        TwoLanguages(app)
        filters.register(app, now=lambda: moment)
        with app.test_request_context():
            assert (filters.day(moment, moment), filters.clock_time(moment)) == (day, time)
            assert filters.relative_day(moment, moment) == "Today"
            night = moment.replace(hour=0, minute=0, tzinfo=ZoneInfo(zone)) - timedelta(hours=4)
            ends = night + timedelta(hours=12)
            assert filters.time_range(night, ends) == "20:00–08:00 (Mon 23 Nov)"


def test_shifts_are_laid_out_and_shown_on_the_clock_of_the_place(environ: dict[str, str]) -> None:
    zone = ZoneInfo("Asia/Urumqi")
    app = create_app(environ | {"MOBILIZER_TIMEZONE": zone.key})
    with app.app_context():
        branch = factories.branch(kind="action")
        factories.checkpoint(branch)
        here = f"/calls/{factories.call(branch).id}/shifts/new"
        visitor = Visitor(app.test_client()).log_in(factories.secretary().phone).open(here)
        visitor.open(f"{here}?{urlencode(visitor.filled(visitor.form(here)), doseq=True)}")
        assert "08:00–16:00" in visitor.text
        visitor.submit(here)
        laid = factories.rows(select(Shift.id, Shift.day, Shift.starts_at).order_by(Shift.starts_at))
        assert [row.starts_at.astimezone(zone).hour for row in laid[:3]] == [0, 8, 16]
        assert {row.starts_at.astimezone(zone).date() == row.day for row in laid} == {True}
        assert "08:00–16:00" in visitor.open(f"/shifts/{laid[1].id}").text
        db.session.remove()
        db.engine.dispose()
