"""Every figure that is shown equals the sum of the ledger rows behind it, however the ledger is sliced."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from mobilizer.extensions import begin_write, db
from mobilizer.participation import queries
from mobilizer.participation.rules import FILTERS, WITHOUT, BranchesStood, By, Figures, Part, Slice
from mobilizer.policy import covers
from tests import factories
from tests.factories import LOCAL
from tests.participation import ledger

DISTRICT, TOWN, VILLAGE, OTHER = "320507", "320507001", "320507001002", "320507002001"
GRID = "320507001002-01"
CATEGORIES = ("checkpoint-duty", "screening", "care")


@dataclass
class Field:
    """Units, branches, checkpoints, shifts and people for a ledger."""

    branches: list[Any]
    checkpoints: list[Any]
    shifts: list[Any]
    members: list[int]


@pytest.fixture
def field(app: Flask) -> Field:
    factories.unit(GRID)
    branches = [factories.branch(VILLAGE, kind="action"), factories.branch(OTHER, operation_id=None)]
    checkpoints = [factories.checkpoint(unit_code=code) for code in (TOWN, VILLAGE, GRID, OTHER)]
    skill = factories.skill("nurse")
    calls = [factories.call(branch) for branch in branches]
    asking = factories.shift(calls[0], checkpoints[0], skill_id=skill.id)
    home = factories.branch(VILLAGE)
    members = [factories.member(home).id for _ in range(4)]
    return Field(branches, checkpoints, [asking, factories.shift(calls[1], checkpoints[1])], members)


entries = st.lists(
    st.fixed_dictionaries(
        {
            "member": st.integers(0, 3),
            "branch": st.integers(0, 1),
            "checkpoint": st.integers(-1, 3),
            "shift": st.integers(-1, 1),
            "day": st.dates(date(2026, 11, 20), date(2026, 12, 3)),
            "hour": st.integers(0, 23),
            "minutes": st.integers(0, 900),
            "category": st.sampled_from(CATEGORIES),
            "standing": st.sampled_from(("full", "volunteer")),
            "reversed": st.booleans(),
        }
    ),
    max_size=25,
)
slices = st.builds(
    Slice,
    unit_code=st.sampled_from([None, DISTRICT, TOWN, VILLAGE, GRID, OTHER]),
    unit_alone=st.sampled_from([False, False, True]),
    from_day=st.none() | st.dates(date(2026, 11, 20), date(2026, 11, 23)),
    to_day=st.none() | st.dates(date(2026, 11, 24), date(2026, 12, 3)),
    by=st.sampled_from(list(By)),
    across=st.sampled_from(list(By)),
)
filtering = st.dictionaries(st.sampled_from(list(FILTERS)), st.integers(0, 4), max_size=2)
"""What is filtered by which of its values; the numbers are told apart by `chosen`."""


def chosen(field: Field, by: By, at: int) -> int | str:
    """One of the values there are, or none at all."""
    shift, other = field.shifts
    return {
        By.BRANCH_KIND: ("standing", "action", "temporary"),
        By.BRANCH: [branch.id for branch in field.branches],
        By.OPERATION: (field.branches[0].operation_id, WITHOUT),
        By.CALL: (shift.call_id, other.call_id, WITHOUT),
        By.CHECKPOINT: (*[each.id for each in field.checkpoints], WITHOUT),
        By.CATEGORY: CATEGORIES,
        By.STANDING: ("full", "volunteer"),
        By.SKILL: (shift.skill_id, WITHOUT),
        By.PART: tuple(Part),
        By.SOURCE: ("sheet", "sheet", "claim"),
        By.MEMBER: field.members,
    }[by][at % 2]


def key_of(field: Field, row: dict[str, Any], by: By, cut: Slice) -> Any:
    """The key of a row, worked out by hand."""
    day, shift = row["day"], next((each for each in field.shifts if each.id == row["shift_id"]), None)
    branch = next(each for each in field.branches if each.id == row["branch_id"])
    hour = row["hour"]
    return {
        By.UNIT: row["unit_code"][: {None: 6, DISTRICT: 9, TOWN: 12}.get(cut.unit_code, 20)],
        By.BRANCH: branch.id,
        By.BRANCH_KIND: branch.kind,
        By.CHECKPOINT: row["checkpoint_id"],
        By.CATEGORY: row["category"],
        By.MEMBER: row["member_id"],
        By.DAY: day,
        By.WEEK: day - timedelta(days=day.weekday()),
        By.MONTH: day.replace(day=1),
        By.PART: "night"
        if hour < 6 or hour >= 22
        else ("morning", "afternoon", "evening")[min(hour // 6, 3) - 1],
        By.OPERATION: row["operation_id"],
        By.CALL: shift and shift.call_id,
        By.SKILL: shift and shift.skill_id,
        By.STANDING: row["standing"],
        By.SOURCE: row["source"],
    }[by]


def in_slice(field: Field, row: dict[str, Any], cut: Slice) -> bool:
    code = row["unit_code"]
    below = cut.unit_code is None or covers(cut.unit_code, code)
    return (
        (cut.unit_code == code if cut.unit_alone and cut.unit_code else below)
        and (cut.from_day is None or row["day"] >= cut.from_day)
        and (cut.to_day is None or row["day"] <= cut.to_day)
        and all((key_of(field, row, by, cut) or WITHOUT) == value for by, value in cut.filters.items())
    )


def brute_force(rows: list[dict[str, Any]], days: int) -> Figures:
    return Figures(
        signed_up=0,
        on_post=len({row["member_id"] for row in rows}),
        person_times=len(rows),
        minutes=sum(row["minutes"] for row in rows),
        days=days,
    )


def written(field: Field, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write them and their reversals; the rows that stand."""
    standing = []
    for each in entries:
        checkpoint = field.checkpoints[each["checkpoint"]] if each["checkpoint"] >= 0 else None
        row = ledger.values(
            field.members[each["member"]],
            field.branches[each["branch"]],
            checkpoint,
            shift=field.shifts[each["shift"]] if each["shift"] >= 0 else None,
            **{name: each[name] for name in ("day", "hour", "minutes", "category", "standing")},
        )
        made = ledger.write(row)
        if each["reversed"]:
            ledger.reverse(made, row)
        else:
            standing.append(row)
    return standing


def days_by_hand(rows: list[dict[str, Any]], cut: Slice) -> int:
    served = sorted(row["day"] for row in rows)
    first, last = cut.from_day or (served or [None])[0], cut.to_day or (served or [None])[-1]
    return (last - first).days + 1 if first and last else 0


def sorted_in(
    rows: list[dict[str, Any]], key: Callable[[dict[str, Any]], Any], days: int
) -> dict[Any, Figures]:
    by_hand = defaultdict(list)
    for row in rows:
        by_hand[key(row)].append(row)
    return {key: brute_force(mine, days) for key, mine in by_hand.items()}


BOUNDED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@BOUNDED
@given(entries=entries, cut=slices, filtered=filtering)
def test_every_grouping_equals_the_sum_made_by_hand(
    field: Field, entries: list[dict[str, Any]], cut: Slice, filtered: dict[By, int]
) -> None:
    cut = replace(cut, **{FILTERS[by]: chosen(field, by, at) for by, at in filtered.items()})
    db.session.rollback()
    begin_write()
    standing = [row for row in written(field, entries) if in_slice(field, row, cut)]
    total = queries.total(cut)
    groups = list(queries.groups(cut, LOCAL, total.days))
    cells = list(queries.cells(cut, total.days))
    db.session.rollback()

    days = days_by_hand(standing, cut)
    assert total == brute_force(standing, days)
    counted = {group.key: group.figures for group in groups if group.figures}
    assert counted == sorted_in(standing, lambda row: key_of(field, row, cut.by, cut), days)
    assert sum(group.figures.person_times for group in groups) == total.person_times
    assert sum(group.figures.minutes for group in groups) == total.minutes
    assert sum(group.figures.person_times_per_day for group in groups) == total.person_times_per_day
    assert {(each.row, each.column): each.figures for each in cells} == sorted_in(
        standing,
        lambda row: (key_of(field, row, cut.by, cut), key_of(field, row, cut.across or cut.by, cut)),
        days,
    )


@BOUNDED
@given(entries=entries, by=st.sampled_from(list(By)), unit_code=st.sampled_from([DISTRICT, TOWN]))
def test_beside_another_period_each_row_has_the_figures_of_both(
    field: Field, entries: list[dict[str, Any]], by: By, unit_code: str
) -> None:
    cut = Slice(unit_code, date(2026, 11, 27), date(2026, 12, 3), by)
    other = Slice(unit_code, date(2026, 11, 20), date(2026, 11, 26), by)
    db.session.rollback()
    begin_write()
    standing = written(field, entries)
    groups = list(queries.groups(cut, LOCAL, 7, beside=(other, 7)))
    db.session.rollback()
    for each, figures in ((cut, "figures"), (other, "beside")):
        rows = [row for row in standing if in_slice(field, row, each)]
        by_hand = sorted_in(rows, lambda row: key_of(field, row, by, cut), 7)
        got = {group.key: getattr(group, figures) for group in groups}
        assert {key: value for key, value in got.items() if value} == by_hand


def test_only_the_rows_that_are_shown_are_crossed(field: Field) -> None:
    who, (one, other) = factories.member(), field.branches
    for branch in (one, other):
        ledger.entry(who, branch, field.checkpoints[1])
        ledger.entry(who, branch)
    db.session.rollback()
    cut = Slice(by=By.CHECKPOINT, across=By.BRANCH)
    found = queries.cells(cut, 1, rows=[None])
    assert [(each.row, each.column, each.figures.person_times) for each in found] == [
        (None, one.id, 1),
        (None, other.id, 1),
    ]
    assert [each.row for each in queries.cells(cut, 1, limit=2)] == [field.checkpoints[1].id] * 2


def signed_up(cut: Slice) -> int:
    db.session.rollback()
    return queries.total(cut).signed_up


def test_who_signed_up_is_counted_once_and_only_when_confirmed_and_not_cancelled(app: Flask) -> None:
    call = factories.call(factories.branch(VILLAGE, kind="action"))
    gate = factories.checkpoint(unit_code=VILLAGE)
    first, second = (factories.shift(call, gate, starts_at=factories.tomorrow(hour)) for hour in (0, 8))
    cancelled = factories.shift(call, gate, starts_at=factories.tomorrow(16), status="cancelled")
    twice, once, late, waiting = (factories.member() for _ in range(4))
    factories.sign_up(first, twice)
    factories.sign_up(second, twice)
    factories.sign_up(second, once)
    factories.sign_up(cancelled, late)
    factories.sign_up(second, waiting, status="waitlisted")
    assert signed_up(Slice(VILLAGE)) == signed_up(Slice()) == 2
    assert signed_up(Slice(OTHER)) == 0
    assert signed_up(Slice(to_day=date(2020, 1, 1))) == 0
    for by in By:
        rows = list(queries.groups(Slice(VILLAGE, by=by), LOCAL, 0))
        in_two = by == By.PART  # who took both shifts is counted in both, once in the total
        assert sum(row.figures.signed_up for row in rows) == 2 + in_two, by


def test_a_branch_that_stood_is_listed_without_any_service(app: Flask) -> None:
    quiet = factories.branch(VILLAGE, "Quiet", kind="action")
    factories.branch(VILLAGE, "Home")
    proposed = factories.branch(VILLAGE, "Proposed", kind="action", status="proposed", activated_at=None)
    db.session.rollback()
    rows = list(queries.groups(Slice(VILLAGE, by=By.BRANCH), LOCAL, 0))
    assert [row.key for row in rows] == [quiet.id]
    assert proposed.id != quiet.id
    assert not rows[0].figures
    assert not list(queries.groups(Slice(VILLAGE, by=By.UNIT), LOCAL, 0))


def test_branches_count_while_they_stand_in_local_days(app: Flask) -> None:
    begins = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 24 November, 01:00 in Suzhou
    factories.branch(
        VILLAGE, kind="action", activated_at=begins, ended_at=begins + timedelta(days=1), status="ended"
    )
    for day, stood in ((23, 0), (24, 1), (25, 1), (26, 0)):
        db.session.rollback()
        cut = Slice(DISTRICT, date(2026, 11, day), date(2026, 11, day))
        assert queries.branches_stood(cut, LOCAL) == BranchesStood(action=stood)
    assert queries.branches_stood(Slice(OTHER), LOCAL) == BranchesStood()


def test_filters_narrow_to_a_branch_and_to_an_operation(field: Field) -> None:
    one, other = field.branches
    gate = field.checkpoints[1]
    who = factories.member()
    ledger.entry(who, one, gate, minutes=60)
    ledger.entry(who, other, gate, minutes=30)
    db.session.rollback()
    assert queries.total(Slice(branch_id=one.id)).minutes == 60
    assert queries.total(Slice(operation_id=WITHOUT)).minutes == 30
    assert queries.total(Slice(branch_id=one.id, operation_id=WITHOUT)) == Figures()


def test_what_lies_on_the_unit_itself_has_a_row_of_its_own(field: Field) -> None:
    who = factories.member()
    for gate in field.checkpoints:
        ledger.entry(who, field.branches[0], gate)
    db.session.rollback()

    def keys(unit_code: str | None) -> list[str]:
        return [row.key for row in queries.groups(Slice(unit_code), LOCAL, 1)]

    assert keys(None) == [DISTRICT]
    assert keys(DISTRICT) == [TOWN, "320507002"]
    assert keys(TOWN) == [TOWN, VILLAGE]
    assert keys(VILLAGE) == [VILLAGE, GRID]
    assert keys(GRID) == [GRID]


def test_quotients_are_exact_and_nothing_divides_by_nothing() -> None:
    thirds = Figures(signed_up=3, on_post=3, person_times=4, minutes=500, days=3)
    assert thirds.hours == Fraction(25, 3)
    assert thirds.hours_per_head == Fraction(25, 9)
    assert thirds.person_times_per_day == Fraction(4, 3)
    assert Figures(signed_up=2).values() == (2, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("by", list(By))
def test_the_number_of_statements_does_not_grow_with_the_rows(field: Field, by: By) -> None:
    def statements(count: Callable[[], None]) -> int:
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        db.session.rollback()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            count()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len([each for each in seen if "service_record" in each])

    def count() -> None:
        cut = Slice(by=by, across=By.SKILL, part="morning")
        total = queries.total(cut)
        list(queries.groups(cut, LOCAL, total.days, beside=(cut, total.days)))
        list(queries.cells(cut, total.days))

    ledger.entry(factories.member(), field.branches[0], field.checkpoints[0])
    assert statements(count) == 3
    for at in range(10):
        ledger.entry(factories.member(), field.branches[at % 2], field.checkpoints[at % 4], hour=at)
    assert statements(count) == 3


@pytest.fixture
def signed_up_for(app: Flask) -> Any:
    """Three people on three shifts of tomorrow, from 05:30, 06:00 and 22:00; the first asks for a skill."""
    call = factories.call(factories.branch(VILLAGE, kind="action"), category="care")
    gate = factories.checkpoint(unit_code=VILLAGE)
    skill = factories.skill("nurse")
    first = factories.shift(call, gate, starts_at=factories.tomorrow(5, 30), hours=0.5, skill_id=skill.id)
    shifts = [first, *(factories.shift(call, gate, starts_at=factories.tomorrow(hour)) for hour in (6, 22))]
    for each in shifts:
        factories.sign_up(each, factories.member(standing="full" if each is first else "volunteer"))
    return call, gate, skill


def test_who_signed_up_is_counted_by_the_same_filters(signed_up_for: Any) -> None:
    call, gate, skill = signed_up_for
    for filters, expected in (
        ({"part": "night"}, 2),
        ({"part": "morning"}, 1),
        ({"part": "evening"}, 0),
        ({"skill_id": skill.id}, 1),
        ({"skill_id": WITHOUT}, 2),
        ({"standing": "volunteer"}, 2),
        ({"call_id": call.id, "checkpoint_id": gate.id, "branch_kind": "action"}, 3),
        ({"call_id": WITHOUT}, 0),
        ({"checkpoint_id": WITHOUT}, 0),
        ({"source": "shift"}, 3),
        ({"source": "by-hand"}, 0),
        ({"category": "care", "unit_alone": True}, 3),
        ({"operation_id": WITHOUT}, 0),
    ):
        assert signed_up(Slice(VILLAGE, **filters)) == expected, filters


@pytest.mark.parametrize("month", [1, 7])
def test_the_part_of_the_day_goes_by_the_clock_of_the_place_in_summer_too(app: Flask, month: int) -> None:
    """In Berlin, where the clocks are put forward in March and back in October."""
    berlin = ZoneInfo("Europe/Berlin")
    app.config["TIMEZONE"] = "Europe/Berlin"
    starts_at = datetime(2026, month, 8, 6, 0, tzinfo=berlin).astimezone(UTC)
    shift = factories.shift(factories.call(), starts_at=starts_at)
    factories.sign_up(shift, factories.member())
    assert signed_up(Slice(part="morning")) == 1
    assert signed_up(Slice(part="night")) == 0
