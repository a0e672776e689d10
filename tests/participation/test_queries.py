"""Every figure that is shown equals the sum of the ledger rows behind it, however the ledger is sliced."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from mobilizer.extensions import begin_write, db
from mobilizer.participation import queries
from mobilizer.participation.rules import BranchesStood, By, Figures, Slice
from tests import factories
from tests.factories import LOCAL
from tests.participation import ledger

DISTRICT, TOWN, VILLAGE, OTHER = "320507", "320507001", "320507001002", "320507002001"
GRID = "320507001002-01"
CATEGORIES = ("checkpoint-duty", "screening", "care")


@dataclass
class Field:
    """Units, branches, checkpoints and people for a ledger."""

    branches: list[Any]
    checkpoints: list[Any]
    members: list[int]


@pytest.fixture
def field(app: Flask) -> Field:
    factories.unit(GRID)
    branches = [factories.branch(VILLAGE, kind="action"), factories.branch(OTHER, kind="action")]
    checkpoints = [factories.checkpoint(unit_code=code) for code in (TOWN, VILLAGE, GRID, OTHER)]
    home = factories.branch(VILLAGE)
    return Field(branches, checkpoints, [factories.member(home).id for _ in range(4)])


entries = st.lists(
    st.fixed_dictionaries(
        {
            "member": st.integers(0, 3),
            "branch": st.integers(0, 1),
            "checkpoint": st.integers(-1, 3),
            "day": st.dates(date(2026, 11, 20), date(2026, 11, 27)),
            "minutes": st.integers(0, 900),
            "category": st.sampled_from(CATEGORIES),
            "reversed": st.booleans(),
        }
    ),
    max_size=25,
)
slices = st.builds(
    Slice,
    unit_code=st.sampled_from([None, DISTRICT, TOWN, VILLAGE, GRID, OTHER]),
    from_day=st.none() | st.dates(date(2026, 11, 20), date(2026, 11, 23)),
    to_day=st.none() | st.dates(date(2026, 11, 24), date(2026, 11, 27)),
    by=st.sampled_from(list(By)),
    category=st.none() | st.sampled_from(CATEGORIES),
)


def in_slice(row: dict[str, Any], cut: Slice) -> bool:
    return (
        (cut.unit_code is None or row["unit_code"].startswith(cut.unit_code))
        and (cut.from_day is None or row["day"] >= cut.from_day)
        and (cut.to_day is None or row["day"] <= cut.to_day)
        and (cut.category is None or row["category"] == cut.category)
    )


def key_of(row: dict[str, Any], cut: Slice) -> Any:
    if cut.by == By.UNIT:
        return row["unit_code"][: {None: 6, DISTRICT: 9, TOWN: 12}.get(cut.unit_code, 20)]
    name = {By.BRANCH: "branch_id", By.CHECKPOINT: "checkpoint_id", By.MEMBER: "member_id"}.get(cut.by)
    return row[name or str(cut.by)]


def brute_force(rows: list[dict[str, Any]], days: int) -> Figures:
    return Figures(
        signed_up=0,
        on_post=len({row["member_id"] for row in rows}),
        person_times=len(rows),
        minutes=sum(row["minutes"] for row in rows),
        days=days,
    )


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=entries, cut=slices)
def test_every_grouping_equals_the_sum_made_by_hand(
    field: Field, entries: list[dict[str, Any]], cut: Slice
) -> None:
    db.session.rollback()
    begin_write()
    standing = []
    for each in entries:
        checkpoint = field.checkpoints[each["checkpoint"]] if each["checkpoint"] >= 0 else None
        row = ledger.values(
            field.members[each["member"]],
            field.branches[each["branch"]],
            checkpoint,
            day=each["day"],
            minutes=each["minutes"],
            category=each["category"],
        )
        made = ledger.write(row)
        if each["reversed"]:
            ledger.reverse(made, row)
        elif in_slice(row, cut):
            standing.append(row)
    total = queries.total(cut)
    groups = list(queries.groups(cut, LOCAL, total.days))
    db.session.rollback()

    served = sorted(row["day"] for row in standing)
    first, last = cut.from_day or (served or [None])[0], cut.to_day or (served or [None])[-1]
    days = (last - first).days + 1 if first and last else 0
    assert total == brute_force(standing, days)
    by_hand = defaultdict(list)
    for row in standing:
        by_hand[key_of(row, cut)].append(row)
    counted = {group.key: group.figures for group in groups if group.figures}
    assert counted == {key: brute_force(rows, days) for key, rows in by_hand.items()}
    assert sum(group.figures.person_times for group in groups) == total.person_times
    assert sum(group.figures.minutes for group in groups) == total.minutes
    assert sum(group.figures.person_times_per_day for group in groups) == total.person_times_per_day


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
        assert sum(row.figures.signed_up for row in rows) == 2, by


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
    assert queries.total(Slice(operation_id=other.operation_id)).minutes == 30
    assert queries.total(Slice(branch_id=one.id, operation_id=other.operation_id)) == Figures()


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
        total = queries.total(Slice(by=by))
        list(queries.groups(Slice(by=by), LOCAL, total.days))

    ledger.entry(factories.member(), field.branches[0], field.checkpoints[0])
    assert statements(count) == 2
    for at in range(10):
        ledger.entry(factories.member(), field.branches[at % 2], field.checkpoints[at % 4], hour=at)
    assert statements(count) == 2
