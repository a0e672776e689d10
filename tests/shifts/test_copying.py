"""A copy is what laying out those days anew would have come to, whatever the clock does there."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mobilizer.errors import Refused
from mobilizer.shifts import copying, rules
from mobilizer.shifts.copying import Original
from mobilizer.shifts.rules import Planned, Post, Slot, Spot

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo")
FIRST = date(2026, 1, 5)
NOW = datetime(2026, 1, 4, tzinfo=UTC)
EVERY = frozenset({1, 2})


def originals(planned: list[Planned]) -> list[Original]:
    return [
        Original(
            at,
            each.checkpoint_id,
            f"Gate {each.checkpoint_id}",
            each.unit_code,
            each.day,
            each.starts_at,
            each.ends_at,
            each.post,
            each.capacity,
            each.least,
            each.skill_id,
            each.held_back,
            each.held_back_until,
        )
        for at, each in enumerate(planned)
    ]


slots = some.lists(
    some.builds(
        lambda start, length: Slot(start, start + length), some.integers(0, 1439), some.integers(15, 1440)
    ),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=80, deadline=None)
@given(some.sampled_from(ZONES), slots, some.integers(0, 6), some.integers(1, 300))
def test_a_copied_day_is_that_day_laid_out(zone: str, slots: list[Slot], at: int, later: int) -> None:
    tz, spots = ZoneInfo(zone), [Spot(1, "320507"), Spot(2, "320507")]
    quiet = FIRST + timedelta(days=at)  # in January no clock of these changes
    there = quiet + timedelta(days=later)
    made = rules.lay_out(spots, [quiet], slots, tz, [Post("order", 3, 2)])
    wanted = rules.lay_out(spots, [there], slots, tz, [Post("order", 3, 2)])
    source = copying.period(originals(made), "day", quiet)
    copied = copying.copies(source, there, None, EVERY, tz, NOW)
    assert {each.planned for each in copied.shifts} == set(wanted)
    assert copied.leapt == len(made) - len(wanted)


@settings(max_examples=40, deadline=None)
@given(some.sampled_from(ZONES), slots, some.integers(1, 30))
def test_a_week_again_and_again_is_the_weeks_laid_out(zone: str, slots: list[Slot], days: int) -> None:
    tz, spots = ZoneInfo(zone), [Spot(1, "320507")]
    week = [FIRST + timedelta(days=n) for n in range(7)]
    first = date(2026, 3, 20)
    more = [first + timedelta(days=n) for n in range(days)]
    made = rules.lay_out(spots, week, slots, tz)
    copied = copying.copies(copying.period(originals(made), "week", FIRST), first, more[-1], EVERY, tz, NOW)
    assert {each.planned for each in copied.shifts} == set(rules.lay_out(spots, more, slots, tz))
    assert len({each.key for each in copied.shifts}) == len(copied.shifts)


def test_seats_that_open_later_do_so_on_the_copys_own_day_or_at_once() -> None:
    tz = ZoneInfo("Asia/Shanghai")
    [made] = rules.in_stages(
        rules.lay_out([Spot(1, "320507")], [FIRST], [Slot(600, 900)], tz, [Post("", 4)]),
        datetime(2026, 1, 5, 0, 0, tzinfo=UTC),
    )
    source = copying.period(originals([made]), "day", FIRST)
    [later] = copying.copies(source, FIRST + timedelta(days=2), None, EVERY, tz, NOW).shifts
    assert later.planned.held_back == 2
    assert later.planned.held_back_until == datetime(2026, 1, 7, tzinfo=UTC)
    now = datetime(2026, 1, 7, 1, tzinfo=UTC)
    past = copying.copies(source, FIRST + timedelta(days=2), None, EVERY, tz, now)
    assert (past.at_once, past.shifts[0].planned.held_back) == (1, 0)


def test_more_than_two_thousand_are_not_copied_at_once() -> None:
    tz = ZoneInfo("Asia/Shanghai")
    made = rules.lay_out([Spot(n, "320507") for n in range(1, 3)], [FIRST], rules.slots("24x1"), tz)
    source = copying.period(originals(made), "day", FIRST)
    with pytest.raises(Refused, match="At most"):
        copying.copies(source, FIRST, FIRST + timedelta(days=41), EVERY, tz, NOW)


def test_the_last_day_that_there_is_is_too_far_ahead() -> None:
    tz = ZoneInfo("Asia/Shanghai")
    made = rules.lay_out([Spot(1, "320507")], [FIRST], rules.slots("3x8"), tz)
    source = copying.period(originals(made), "week", FIRST)
    with pytest.raises(Refused, match="more than a year ahead"):
        copying.copies(source, date.max, None, EVERY, tz, NOW)
