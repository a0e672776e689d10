"""Minutes are spread over the hours really served, branches are counted day by day, and a map is true to scale."""

from datetime import UTC, date, datetime, timedelta
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.errors import Refused
from mobilizer.participation.cover_rules import Standing, Stretch, period_of, spread, stood_on
from mobilizer.participation.map_rules import LARGEST, WIDE, Point, nice, sheet_of
from tests.factories import LOCAL, moment

DAY = date(2026, 11, 24)


def test_a_service_is_spread_over_the_hours_that_it_lies_in() -> None:
    heat = spread([Stretch(moment(DAY, 22, 30), moment(DAY, 22, 30) + timedelta(hours=3), 180)], LOCAL)
    following = DAY + timedelta(days=1)
    assert heat.cells == {(DAY, 22): 30, (DAY, 23): 60, (following, 0): 60, (following, 1): 30}
    assert heat.days(DAY, DAY) == [DAY, following]
    assert (heat.of_hour(23), heat.of_day(following), heat.most) == (60, 90, 60)


def test_breaks_lie_evenly_and_what_was_taken_back_is_gone() -> None:
    stretch = Stretch(moment(DAY, 8), moment(DAY, 12), 200)
    assert spread([stretch], LOCAL).cells == {(DAY, hour): 50 for hour in range(8, 12)}
    assert spread([stretch, stretch._replace(minutes=-200)], LOCAL).cells == {}
    assert spread([Stretch(moment(DAY, 8), moment(DAY, 8), 0)], LOCAL).cells == {}


moments = st.integers(0, 300 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(
    st.lists(
        st.builds(
            lambda at, span, part: Stretch(at, at + timedelta(seconds=span), span // 60 * part // 100),
            moments,
            st.integers(0, 200_000),
            st.integers(0, 100),
        ),
        max_size=8,
    )
)
def test_whatever_was_served_the_hours_add_up_to_it(stretches: list[Stretch]) -> None:
    heat = spread(stretches, LOCAL)
    assert sum(heat.cells.values()) == sum(each.minutes for each in stretches)
    assert all(0 <= value <= 60 * len(stretches) for value in heat.cells.values())


def test_branches_are_counted_on_each_day_that_they_stood() -> None:
    days = [DAY + timedelta(days=at) for at in range(4)]
    branches = [
        Standing(1, "before and on", "action", "", DAY - timedelta(days=9), None),
        Standing(2, "one day", "temporary", "", days[1], days[1]),
        Standing(3, "until the end", "action", "", days[2], days[3]),
        Standing(4, "over on the first", "action", "", DAY - timedelta(days=2), DAY),
    ]
    counted = stood_on(branches, days)
    assert [each["action"] for each in counted] == [2, 1, 2, 2]
    assert [each["temporary"] for each in counted] == [0, 1, 0, 0]


def test_the_days_are_the_last_four_weeks_unless_said_otherwise() -> None:
    assert period_of(None, None, DAY) == (DAY - timedelta(days=27), DAY)
    assert period_of(DAY - timedelta(days=3), None, DAY) == (DAY - timedelta(days=3), DAY)
    assert period_of(None, date(2026, 2, 28), DAY) == (date(2026, 2, 1), date(2026, 2, 28))
    assert period_of(date(2026, 1, 1), None, DAY) == (date(2026, 1, 1), date(2026, 1, 28))
    with pytest.raises(Refused):
        period_of(date(2026, 1, 1), date(2026, 3, 4), DAY)


def test_a_map_is_true_to_scale_in_both_directions() -> None:
    north, east, far = (31.01, 120.0), (31.0, 120.0105), (30.95, 119.95)
    points = [Point(at, *where, 1, f"{at}") for at, where in enumerate([(31.0, 120.0), north, east, far])]
    sheet = sheet_of(points)
    assert sheet is not None
    at = {spot.key: (spot.x, spot.y) for spot in sheet.spots}
    to_north, to_east = (hypot(at[0][0] - at[n][0], at[0][1] - at[n][1]) for n in (1, 2))
    assert to_north == pytest.approx(1113 * sheet.bar / sheet.metres, rel=0.02)
    assert to_east == pytest.approx(1002 * sheet.bar / sheet.metres, rel=0.02)
    assert at[1][1] < at[0][1]
    assert at[2][0] > at[0][0]
    assert all(0 < x < WIDE and 0 < y < sheet.height for x, y in at.values())


def test_circles_go_by_area_and_what_had_nothing_has_none() -> None:
    sheet = sheet_of(
        [Point(1, 31, 120, 400, "a"), Point(2, 31.1, 120, 100, "b"), Point(3, 31, 120.1, 0, "c")]
    )
    assert sheet is not None
    assert {spot.key: spot.radius for spot in sheet.spots} == {1: LARGEST, 2: LARGEST / 2, 3: 0}
    assert sheet_of([]) is None
    alone = sheet_of([Point(1, 31, 120, 0, "here")])
    assert alone is not None
    assert (alone.spots[0].x, [label.text for label in alone.labels]) == (WIDE / 2, ["here"])


def test_no_name_lies_on_another() -> None:
    sheet = sheet_of([Point(at, 31 + at / 1e6, 120, 9 - at, f"village {at}") for at in range(6)])
    assert sheet is not None
    assert [label.text for label in sheet.labels] == ["village 0", "village 1"]
    below, above = sheet.labels
    assert below.y - above.y > 2 * LARGEST


def test_the_bar_is_a_round_number_of_metres() -> None:
    assert [nice(each) for each in (1.5, 9, 10, 499, 500, 7300)] == [1, 5, 10, 200, 500, 5000]
