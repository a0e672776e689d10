"""Patterns are read however they are typed; shifts fall where the clock on the wall says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.errors import Refused
from mobilizer.shifts.rules import (
    PATTERNS,
    Planned,
    Post,
    Slot,
    Spot,
    check_planned,
    clock_changes,
    days,
    in_stages,
    lay_out,
    overlapping,
    slots,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
GATE = Spot(1, "320507001002")
TODAY = date(2026, 11, 23)
EVERY_DAY = range(7)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("04:30-08:00, 08:00-12:00", ["04:30–08:00", "08:00–12:00"]),
        ("０４：３０－０８：００，０８：００－１２：００", ["04:30–08:00", "08:00–12:00"]),
        ("8:00至12:00、14:00到18:00", ["08:00–12:00", "14:00–18:00"]),
        ("8点—12点；20点～次日8点", ["08:00–12:00", "20:00–08:00"]),
        ("7点半-11点半", ["07:30–11:30"]),
        ("8时30分-12时", ["08:30–12:00"]),
        ("8-12\n13-17", ["08:00–12:00", "13:00–17:00"]),
        ("16:00–24:00", ["16:00–24:00"]),
        ("24:00-08:00", ["00:00–08:00"]),
        ("08:00-08:00", ["08:00–08:00"]),
        ("20:00 – 08:00 next day", ["20:00–08:00"]),
        ("12:00-16:00, 08:00-12:00, 8:00-12:00", ["08:00–12:00", "12:00–16:00"]),
        ("8.30 to 12.00", ["08:30–12:00"]),
    ],
)
def test_own_times_are_read_however_they_are_typed(typed: str, read: list[str]) -> None:
    assert [str(slot) for slot in slots(typed)] == read


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "times-missing"),
        (" ， 、", "times-missing"),
        ("morning", "times-unreadable"),
        ("08:00", "times-unreadable"),
        ("08:00-12:00-16:00", "times-unreadable"),
        ("25:00-26:00", "time-beyond"),
        ("00:00-300:00", "time-beyond"),
        ("08:60-09:00", "time-beyond"),
        ("24:30-08:00", "time-beyond"),
        ("9" * 5000, "times-unreadable"),
        (", ".join(f"{n}:00-{n}:30" for n in range(24)) + ", 0:15-0:45", "times-many"),
    ],
)
def test_times_that_cannot_be_are_refused_in_words(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        slots(typed)
    assert refused.value.code == code
    assert refused.value.status == 422
    assert len(str(refused.value)) < 200


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_reading(typed: str) -> None:
    try:
        found = slots(typed)
    except Refused:
        return
    assert all(0 <= slot.start < slot.end <= slot.start + 24 * 60 for slot in found)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_the_named_patterns_cover_the_clock_without_a_gap(name: str) -> None:
    planned = lay_out([GATE], days(TODAY, TODAY + timedelta(days=6), EVERY_DAY, TODAY), slots(name), SHANGHAI)
    assert all(a.ends_at == b.starts_at for a, b in pairwise(planned))
    assert planned[-1].ends_at - planned[0].starts_at == timedelta(days=7)


def test_five_checkpoints_seven_days_three_slots_are_105_shifts() -> None:
    spots = [Spot(n, "320507001002") for n in range(5)]
    planned = lay_out(spots, days(TODAY, date(2026, 11, 29), EVERY_DAY, TODAY), slots("3x8"), SHANGHAI)
    assert len(planned) == 105
    assert len({(each.checkpoint_id, each.starts_at) for each in planned}) == 105
    assert planned[0] == Planned(
        0,
        "320507001002",
        TODAY,
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 23, 0, tzinfo=UTC),
        2,
    )


@pytest.mark.parametrize(
    ("name", "hours", "a_day"), [("3x8", 8, 3), ("4x6", 6, 4), ("2x12", 12, 2), ("24x1", 1, 24)]
)
def test_a_pattern_is_called_by_how_often_and_how_long(name: str, hours: int, a_day: int) -> None:
    assert [slot.end - slot.start for slot in slots(name)] == [hours * 60] * a_day


def test_a_hand_over_makes_each_shift_overlap_the_next() -> None:
    planned = lay_out([GATE], [TODAY], overlapping(slots("3x8"), 15), SHANGHAI)
    assert [(b.starts_at - a.ends_at) for a, b in pairwise(planned)] == [-timedelta(minutes=15)] * 2
    assert [str(slot) for slot in overlapping(slots("3x8"), 15)] == [
        "00:00–08:15",
        "08:00–16:15",
        "16:00–00:15",
    ]
    assert overlapping(slots("3x8"), 0) == slots("3x8")


@pytest.mark.parametrize(
    ("typed", "minutes", "code"),
    [("3x8", -1, "overlap"), ("3x8", 121, "overlap"), ("08:00-08:00", 1, "overlap-long")],
)
def test_a_hand_over_that_cannot_be_is_refused_in_words(typed: str, minutes: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        overlapping(slots(typed), minutes)
    assert (refused.value.code, refused.value.status) == (code, 422)


def test_each_post_of_a_checkpoint_is_a_shift_with_seats_of_its_own() -> None:
    nurse, watch = Post("Temperature", 3, 2, skill_id=7), Post("Night watch", 1, 0)
    planned = lay_out([GATE], [TODAY], slots("2x12"), SHANGHAI, [nurse, watch])
    assert [(each.post, each.capacity, each.least, each.skill_id) for each in planned] == [
        ("Temperature", 3, 2, 7),
        ("Night watch", 1, 0, None),
    ] * 2


@pytest.mark.parametrize(
    ("posts", "code"),
    [
        ([], "posts-many"),
        ([Post(str(n)) for n in range(9)], "posts-many"),
        ([Post("Order"), Post("Order")], "post-twice"),
        ([Post("n" * 21)], "post"),
        ([Post(" Order")], "post"),
        ([Post("Order", 2, 3)], "least"),
        ([Post("Order", 0)], "capacity"),
    ],
)
def test_posts_that_cannot_be_are_refused_in_words(posts: list[Post], code: str) -> None:
    with pytest.raises(Refused) as refused:
        lay_out([GATE], [TODAY], slots("3x8"), SHANGHAI, posts)
    assert (refused.value.code, refused.value.status) == (code, 422)


def test_in_stages_half_of_the_seats_open_at_once_and_none_opens_after_the_shift_began() -> None:
    until = datetime(2026, 11, 23, 1, tzinfo=UTC)
    planned = lay_out([GATE], [TODAY], slots("3x8"), SHANGHAI, [Post(capacity=5)])
    staged = in_stages(planned, until)
    assert [(each.held_back, each.held_back_until) for each in staged] == [(0, None), (0, None), (2, until)]
    alone = lay_out([GATE], [TODAY], slots("3x8"), SHANGHAI, [Post(capacity=1)])
    assert in_stages(alone, until) == alone, "a single seat is open at once"


def test_a_shift_across_midnight_belongs_to_the_day_it_begins() -> None:
    (planned,) = lay_out([GATE], [TODAY], slots("22:00-06:00"), SHANGHAI)
    assert planned.day == TODAY
    assert planned.starts_at == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert planned.ends_at == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_the_night_of_a_clock_change_is_an_hour_shorter_or_longer_and_leaves_no_gap() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    for day, hours in ((spring, 7), (autumn, 9)):
        planned = lay_out([GATE], [day, day + timedelta(days=1)], slots("3x8"), BERLIN)
        assert planned[0].ends_at - planned[0].starts_at == timedelta(hours=hours)
        assert all(a.ends_at == b.starts_at for a, b in pairwise(planned))
        assert clock_changes([day], slots("3x8"), BERLIN) == [(day, Slot(0, 480), hours * 60)]
    assert clock_changes([TODAY], slots("3x8"), SHANGHAI) == []


def test_a_time_that_the_clock_leaps_over_is_the_moment_after_the_leap() -> None:
    spring = date(2026, 3, 29)
    (shifted,) = lay_out([GATE], [spring], slots("02:30-06:00"), BERLIN)
    assert shifted.starts_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert lay_out([GATE], [spring], slots("02:00-03:00"), BERLIN) == []
    assert clock_changes([spring], slots("02:00-03:00"), BERLIN) == [(spring, Slot(120, 180), 0)]


def test_only_the_ticked_weekdays_are_laid_out() -> None:
    weekend = days(TODAY, TODAY + timedelta(days=13), (5, 6), TODAY)
    assert [each.isoweekday() for each in weekend] == [6, 7, 6, 7]


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "code"),
    [
        (TODAY, TODAY - timedelta(days=1), EVERY_DAY, "days-order"),
        (TODAY - timedelta(days=1), TODAY, EVERY_DAY, "day-past"),
        (TODAY, TODAY + timedelta(days=60), EVERY_DAY, "days-many"),
        (date.max - timedelta(days=1), date.max, EVERY_DAY, "day-far"),
        (TODAY, TODAY, (6,), "days-none"),
        (TODAY, TODAY, (), "days-none"),
    ],
)
def test_days_that_cannot_be_are_refused_in_words(
    first: date, last: date, weekdays: range, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        days(first, last, weekdays, TODAY)
    assert refused.value.code == code


def test_sixty_days_are_not_too_many() -> None:
    assert len(days(TODAY, TODAY + timedelta(days=59), EVERY_DAY, TODAY)) == 60


def test_too_many_shifts_no_checkpoint_nobody_and_a_crowd_are_refused() -> None:
    two_months = days(TODAY, TODAY + timedelta(days=59), EVERY_DAY, TODAY)
    many = [Spot(n, "320507001002") for n in range(12)]
    for spots, seats, code in (
        (many, 2, "shifts-many"),
        ([], 2, "checkpoints-none"),
        ([GATE], 0, "capacity"),
        ([GATE], 501, "capacity"),
    ):
        with pytest.raises(Refused) as refused:
            lay_out(spots, two_months, slots("3x8"), SHANGHAI, [Post(capacity=seats)])
        assert refused.value.code == code


def test_what_comes_from_elsewhere_is_held_to_the_same_bounds() -> None:
    now = datetime(2026, 11, 23, 14, tzinfo=UTC)
    hour = timedelta(hours=1)

    def planned(starts_at: datetime, ends_at: datetime) -> list[Planned]:
        return [Planned(1, "320507001002", TODAY, starts_at, ends_at, 1)]

    def seats(**values: Any) -> list[Planned]:
        return [replace(planned(now + hour, now + 2 * hour)[0], **values)]

    for shifts, code in (
        ([], "shifts-none"),
        (planned(now, now), "shift-order"),
        (planned(now, now + 300 * hour), "shift-long"),
        (planned(now - 8 * hour, now), "shift-over"),
        (planned(now, now + hour) * 2001, "shifts-many"),
        (seats(capacity=501), "capacity"),
        (seats(least=2), "least"),
        (seats(least=-1), "least"),
        (seats(post="n" * 21), "post"),
        (seats(post="night\nwatch"), "post"),
        (seats(held_back=1), "held-back"),
        (seats(held_back_until=now), "held-back"),
        (seats(held_back=2, held_back_until=now), "held-back"),
        (seats(held_back=1, held_back_until=now), "held-back-until"),
        (seats(held_back=1, held_back_until=now + hour), "held-back-until"),
    ):
        with pytest.raises(Refused) as refused:
            check_planned(shifts, now)
        assert refused.value.code == code
