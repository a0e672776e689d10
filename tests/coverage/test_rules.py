"""The arithmetic of the board: nothing is lost between the shifts and the cells, on days of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobilizer.coverage import rules
from mobilizer.coverage.rules import HOUR, Cell, Slot, State, Window

NOW = datetime(2026, 11, 27, 4, 20, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = rules.days(date(2026, 11, 27), 1, SHANGHAI)


def slot(begins: float, hours: float, needed: int = 2, signed: int = 2, **given: object) -> Slot:
    """A slot that begins so many hours into DAY, of one shift with two seats more than needed."""
    starts_at = DAY.starts_at + timedelta(hours=begins)
    values = {
        "key": "gate",
        "name": "East Gate",
        "unit_code": "320507001002",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "needed": needed,
        "filled": min(needed, signed),
        "signed": signed,
        "capacity": needed + 2,
        "empty": int(needed > 0 and signed == 0),
        "here": 0,
        "came": 0,
        "absent": 0,
        "short_id": 1 if signed < needed else None,
        "spare_id": 2 if signed > needed else None,
    }
    return Slot(**(values | given))  # type: ignore[arg-type]


# --- one hour ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needed", "signed", "how"),
    [
        (2, 0, State.BARE),
        (2, 1, State.SHORT),
        (2, 2, State.COVERED),
        (2, 3, State.COVERED),
        (2, 4, State.FULL),
        (0, 0, State.UNNEEDED),
        (0, 1, State.UNNEEDED),
    ],
)
def test_how_an_hour_stands(needed: int, signed: int, how: State) -> None:
    assert slot(8, 8, needed, signed).state == how


def test_one_too_many_here_does_not_hide_one_too_few_there() -> None:
    """Two shifts of the same times: 3 of 2 on one, 1 of 2 on the other, is 4 of 4 and still short."""
    both = slot(8, 8, needed=4, signed=4, filled=3, capacity=8)
    assert both.state == State.SHORT
    assert (both.missing, both.spare) == (1, 1)


def test_an_hour_in_which_one_shift_has_nobody_is_bare() -> None:
    assert slot(8, 8, needed=4, signed=4, filled=2, empty=1, capacity=8).state == State.BARE


# --- the hours across ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 11, 27), SHANGHAI, 24),
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
    ],
)
def test_a_day_has_as_many_hours_as_the_clock_of_the_place_gives_it(
    day: date, zone: ZoneInfo, hours: int
) -> None:
    window = rules.days(day, 1, zone)
    assert window.hours == hours
    assert len(window.columns) == hours
    assert window.columns[0].astimezone(zone).hour == 0
    assert all(at.astimezone(zone).date() == day for at in window.columns)


def test_seven_days_are_168_hours() -> None:
    assert rules.days(date(2026, 11, 27), 7, SHANGHAI).hours == 168


def test_the_rolling_day_begins_with_the_hour_that_runs() -> None:
    window = rules.rolling(NOW, SHANGHAI)
    assert window.starts_at.astimezone(SHANGHAI) == datetime(2026, 11, 27, 12, tzinfo=SHANGHAI)
    assert window.hours == 24
    assert window.holds(NOW)


# --- the cells -------------------------------------------------------------------------------------------


def test_a_shift_is_one_cell_as_wide_as_its_hours_and_the_rest_is_empty() -> None:
    assert rules.cells([slot(8, 8)], DAY, NOW) == [
        Cell(0, 8, None),
        Cell(8, 8, State.COVERED, 0, 2, 2),
        Cell(16, 8, None),
    ]


def test_two_shifts_after_each_other_stay_two_cells_though_they_stand_alike() -> None:
    cells = rules.cells([slot(0, 12, signed=0), slot(12, 12, signed=0)], DAY, NOW)
    assert [(cell.first, cell.hours, cell.state) for cell in cells] == [
        (0, 12, State.BARE),
        (12, 12, State.BARE),
    ]


def test_a_shift_from_yesterday_is_cut_at_midnight() -> None:
    assert rules.cells([slot(-4, 8)], DAY, NOW)[0] == Cell(0, 4, State.COVERED, 0, 2, 2)


def test_the_hour_of_a_hand_over_counts_both_shifts() -> None:
    cells = rules.cells([slot(8, 8.5), slot(16, 8)], DAY, NOW)
    assert cells[1:4] == [
        Cell(8, 8, State.COVERED, 0, 2, 2),
        Cell(16, 1, State.COVERED, 0, 4, 4),
        Cell(17, 7, State.COVERED, None, 2, 2),
    ]


def test_on_site_is_who_is_there_while_it_runs_and_who_was_once_it_is_over() -> None:
    """NOW is 12:20 local time."""
    assert rules.on_site(slot(0, 8, here=0, came=2), NOW) == 2
    assert rules.on_site(slot(8, 8, here=1, came=2), NOW) == 1
    assert rules.on_site(slot(16, 8), NOW) is None
    assert rules.on_site(slot(13, 8, here=1, came=1), NOW) == 1, "somebody is early"


patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOTS = st.lists(
    st.builds(
        slot,
        st.integers(-20, 30),
        st.integers(1, 25),
        st.integers(0, 5),
        st.integers(0, 7),
    ),
    max_size=12,
)


@patient
@given(SLOTS)
def test_no_hour_of_need_is_lost_between_shifts_and_cells(slots: list[Slot]) -> None:
    cells = rules.cells(slots, DAY, NOW)
    assert sum(cell.hours for cell in cells) == DAY.hours
    assert [cell.first for cell in cells] == [sum(c.hours for c in cells[:n]) for n in range(len(cells))]
    for name in ("needed", "signed"):
        of_cells = sum(getattr(cell, name) * cell.hours * 60 for cell in cells)
        of_shifts = sum(
            getattr(each, name) * rules.overlap(each, DAY.starts_at, DAY.ends_at) for each in slots
        )
        assert of_cells == of_shifts


@patient
@given(SLOTS)
def test_each_hour_says_what_its_shifts_say(slots: list[Slot]) -> None:
    """The cells against the plainest way: for every hour, look at every shift."""
    shown = {
        at: cell for cell in rules.cells(slots, DAY, NOW) for at in range(cell.first, cell.first + cell.hours)
    }
    for at, begins in enumerate(DAY.columns):
        touching = [each for each in slots if each.starts_at < begins + HOUR and each.ends_at > begins]
        cell = shown[at]
        assert (cell.state is None) == (not touching)
        assert cell.needed == sum(each.needed for each in touching)
        assert (cell.state == State.BARE) == any(each.empty for each in touching)
        known = [there for each in touching if (there := rules.on_site(each, NOW)) is not None]
        assert cell.on_site == (sum(known) if known else None)


@patient
@given(SLOTS)
def test_what_is_covered_and_what_is_missing_is_what_is_needed(slots: list[Slot]) -> None:
    found = rules.totals(slots, DAY, NOW)
    missing = sum(each.missing * rules.overlap(each, DAY.starts_at, DAY.ends_at) for each in slots)
    assert found.needed == found.covered + missing
    assert rules.together(rules.totals([each], DAY, NOW) for each in slots) == found
    assert (found.percent == 100) == (found.needed > 0 and missing == 0)


# --- above the board ---------------------------------------------------------------------------------------


def test_late_is_who_is_signed_up_for_what_runs_and_about_whom_nothing_is_said() -> None:
    running, over, later = slot(8, 8, 4, 4, here=1, came=1, absent=1), slot(0, 8, 4, 4), slot(16, 8, 4, 4)
    found = rules.totals([running, over, later], DAY, NOW)
    assert (found.here, found.late, found.expected) == (1, 2, 4)


def test_hours_are_counted_to_the_minute_and_within_the_time_shown() -> None:
    found = rules.totals([slot(-1, 2.5, needed=2, signed=1)], DAY, NOW)
    assert (found.needed, found.covered) == (180, 90)


def test_the_gaps_come_soonest_first_and_bare_before_short() -> None:
    later, short, bare, over = (
        slot(16, 8, signed=0),
        slot(8, 8, signed=1),
        slot(8, 8, signed=0),
        slot(0, 8, signed=0),
    )
    found = rules.gaps([later, short, bare, over], NOW, NOW + rules.AHEAD)
    assert found.slots == [bare, short, later]
    assert found.bare_minutes == (16 * 60 - 12 * 60 - 20) + 8 * 60


def moves(slots: list[Slot]) -> list[rules.Move]:
    return rules.moves(rules.gaps(slots, NOW, NOW + rules.AHEAD).slots, slots)


def test_a_surplus_is_set_beside_the_nearest_shortage_of_the_same_hours() -> None:
    short = slot(16, 8, signed=0)
    near = slot(16, 8, signed=3, key="near", unit_code="320507001003")
    far = slot(16, 8, signed=4, key="far", unit_code="320507009001")
    other_time = slot(0, 8, signed=4, key="early")
    (move,) = moves([other_time, far, near, short])
    assert (move.spare, move.short, move.people) == (near, short, 1)


def test_a_surplus_is_offered_once() -> None:
    one, two = slot(16, 8, signed=0, key="one"), slot(16, 8, signed=1, key="two")
    rich = slot(16, 8, signed=3, key="rich")
    assert [move.people for move in moves([one, two, rich])] == [1]


@patient
@given(SLOTS)
def test_nobody_is_offered_twice_and_nothing_beyond_what_is_missing(slots: list[Slot]) -> None:
    own = [each._replace(key=n) for n, each in enumerate(slots)]
    found = rules.moves(rules.gaps(own, DAY.starts_at, DAY.ends_at).slots, own)
    for spare in {move.spare for move in found}:
        assert sum(move.people for move in found if move.spare == spare) <= spare.spare
    assert all(1 <= move.people <= move.short.missing for move in found)
    assert all(rules.overlap(move.spare, move.short.starts_at, move.short.ends_at) for move in found), (
        "they have time in common"
    )
    assert len(found) <= rules.MOST_MOVES


def test_an_empty_board_has_one_empty_cell() -> None:
    assert rules.cells([], DAY, NOW) == [Cell(0, 24, None)]
    assert rules.totals([], DAY, NOW).percent is None
    assert moves([]) == []
    assert Window(NOW, NOW).hours == 0
