"""The branch's limits: rest, hours a day and a week, nights in a row. Pure decisions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.signups.limit_rules import Limits, Span, broken, nights_of

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)


def span(begins: int, hours: int = 8) -> Span:
    """So many hours after Monday 0:00 local time."""
    start = (MONDAY + begins * HOUR).astimezone(UTC)
    return Span(start, start + hours * HOUR, start.astimezone(ZONE).date())


def reason(limits: Limits, shift: Span, *others: Span) -> str | None:
    found = broken(limits, shift, others, ZONE)
    return found.code if found else None


USUAL = Limits(rest=8 * HOUR, day=12 * HOUR)


@pytest.mark.parametrize(
    ("begins", "hours", "why"),
    [
        (16, 8, "rest-short"),
        (23, 8, "rest-short"),
        (24, 8, None),
        (40, 8, None),
        (-7, 8, "rest-short"),
        (-8, 8, None),
    ],
)
def test_eight_hours_of_rest_lie_between_two_shifts(begins: int, hours: int, why: str | None) -> None:
    assert reason(USUAL, span(begins, hours), span(8)) == why


def test_a_day_has_its_hours_and_one_long_shift_alone_may_have_more() -> None:
    no_rest = Limits(rest=0 * HOUR, day=12 * HOUR)
    assert reason(no_rest, span(8, 4), span(0)) is None
    assert reason(no_rest, span(8, 5), span(0)) == "day-hours"
    assert reason(no_rest, span(24, 24), span(8)) is None
    assert reason(no_rest, span(16, 8), span(8)) == "day-hours"


def test_a_week_runs_from_monday() -> None:
    week = Limits(rest=0 * HOUR, day=24 * HOUR, week=20 * HOUR)
    held = [span(0), span(24)]
    assert reason(week, span(48, 4), *held) is None
    assert reason(week, span(48, 5), *held) == "week-hours"
    assert reason(week, span(7 * 24), *held) is None


def test_a_night_belongs_to_the_evening_on_which_it_begins() -> None:
    assert nights_of(span(0), ZONE) == {MONDAY.date() - timedelta(days=1)}
    assert nights_of(span(20, 12), ZONE) == {MONDAY.date()}
    assert nights_of(span(8), ZONE) == frozenset()
    assert nights_of(span(16, 8), ZONE) == frozenset(), "two hours of it are no night's service"


def test_nights_in_a_row_are_counted_on_both_sides() -> None:
    two = Limits(rest=8 * HOUR, day=24 * HOUR, nights=2)
    first, second, third, fourth = (span(24 * day) for day in range(4))
    assert reason(two, second, first) is None
    assert reason(two, second, first, third) == "nights-in-row"
    assert reason(two, fourth, first, second) is None


@given(
    st.integers(-40, 60), st.integers(1, 24), st.lists(st.tuples(st.integers(-40, 60), st.integers(1, 24)))
)
def test_rest_is_the_same_from_either_side(begins: int, hours: int, held: list[tuple[int, int]]) -> None:
    only_rest = Limits(rest=8 * HOUR, day=1000 * HOUR)
    mine = span(begins, hours)
    for other in (span(*each) for each in held):
        assert reason(only_rest, mine, other) == reason(only_rest, other, mine)
