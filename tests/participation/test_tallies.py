"""What is kept beside the ledger equals it, row by row, and what is shown of it equals what the ledger says."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from mobilizer.attendance import actions as attendance
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions as hours
from mobilizer.hours import ledger as hours_ledger
from mobilizer.participation import queries, rolled_queries, tally_queries
from mobilizer.participation.rules import By, Slice, code_length_below
from mobilizer.policy import COMMAND_LINE
from tests import factories
from tests.attendance.leaders import at_once, committed, later
from tests.factories import LOCAL
from tests.participation import ledger

DISTRICT, TOWN, VILLAGE, OTHER = "320507", "320507001", "320507001002", "320507002001"
GRID = "320507001002-01"
BY = COMMAND_LINE
FIRST = date(2026, 11, 20)


def differences() -> list[Any]:
    queries.begin_snapshot()
    try:
        return list(tally_queries.differences())
    finally:
        db.session.rollback()


@dataclass
class Field:
    """Units at every level, branches of two operations and one that serves without any, calls of theirs, four people."""

    branches: list[Any]
    gates: list[Any]
    calls: list[Any]
    people: list[Any]


@pytest.fixture
def places(app: Flask) -> tuple[list[Any], list[Any]]:
    factories.unit(GRID)
    branches = [factories.branch(code, kind="action") for code in (VILLAGE, OTHER)]
    gates = [factories.checkpoint(unit_code=code) for code in (TOWN, VILLAGE, GRID, OTHER)]
    return [*branches, factories.branch(VILLAGE)], gates


def field(places: tuple[list[Any], list[Any]]) -> Field:
    branches, gates = places
    calls = [
        factories.call(branch, category=category)
        for branch, category in zip(branches, ("care", "screening", "care"), strict=True)
    ]
    return Field(branches, gates, calls, [factories.member(branches[2]) for _ in range(4)])


entries = st.lists(
    st.fixed_dictionaries(
        {
            "member": st.integers(0, 3),
            "branch": st.integers(0, 2),
            "gate": st.integers(-1, 3),
            "day": st.integers(0, 5),
            "minutes": st.integers(0, 900),
            "category": st.sampled_from(("checkpoint-duty", "care")),
            "reversed": st.booleans(),
        }
    ),
    max_size=12,
)
shifts = st.lists(
    st.fixed_dictionaries(
        {
            "call": st.integers(0, 2),
            "gate": st.integers(0, 3),
            "day": st.integers(0, 5),
            "people": st.sets(st.integers(0, 3), max_size=3),
            "absent": st.integers(-1, 3),
            "closed": st.booleans(),
        }
    ),
    max_size=5,
)


def write_entries(here: Field, entries: list[dict[str, Any]]) -> None:
    for each in entries:
        row = ledger.values(
            here.people[each["member"]],
            here.branches[each["branch"]],
            here.gates[each["gate"]] if each["gate"] >= 0 else None,
            day=FIRST + timedelta(days=each["day"]),
            minutes=each["minutes"],
            category=each["category"],
        )
        made = ledger.write(row)
        if each["reversed"]:
            ledger.reverse(made, row)


def hold_shifts(here: Field, shifts: list[dict[str, Any]]) -> None:
    for at, each in enumerate(shifts):
        starts = factories.moment(FIRST + timedelta(days=each["day"]), 2 * at)
        shift = factories.shift(
            here.calls[each["call"]],
            here.gates[each["gate"]],
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
        )
        signed_up = [factories.sign_up(shift, here.people[who]) for who in sorted(each["people"])]
        if not each["closed"]:
            continue
        begin_write()
        now = starts + timedelta(hours=2)
        if signed_up and each["absent"] >= 0:
            attendance.mark_absent(signed_up[each["absent"] % len(signed_up)].id, by=BY, now=now)
        attendance.all_present(shift.id, by=BY, now=now)
        hours.close_shift(shift.id, by=BY, now=now)
        db.session.commit()


cuts = st.lists(
    st.builds(
        Slice,
        unit_code=st.sampled_from([DISTRICT, TOWN, VILLAGE, GRID, OTHER]),
        by=st.sampled_from([By.UNIT, By.BRANCH, By.CHECKPOINT, By.CATEGORY, By.MEMBER, By.DAY]),
    ),
    min_size=8,
    max_size=8,
)


def narrowed(cuts: list[Slice], here: Field) -> Iterator[Slice]:
    """Each as it is, and narrowed to one thing."""
    for at, cut in enumerate(cuts):
        branch = here.branches[at % 3]
        only = [{"branch_id": branch.id}, {"operation_id": branch.operation_id}, {"category": "care"}]
        for each in (cut, replace(cut, **only[at % 3])):
            if rolled_queries.answers(each, code_length_below(cut.unit_code)):
                yield each


def counted(cut: Slice) -> tuple[Any, ...]:
    """Without the branches that stand and do nothing: they are the same question to both."""
    return queries.total(cut).values()[:4], [each for each in queries.groups(cut, LOCAL, 6) if each.figures]


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=entries, shifts=shifts, cuts=cuts)
def test_whatever_is_written_the_tallies_equal_the_ledger(
    places: tuple[list[Any], list[Any]],
    entries: list[dict[str, Any]],
    shifts: list[dict[str, Any]],
    cuts: list[Slice],
) -> None:
    here = field(places)
    hold_shifts(here, shifts)
    begin_write()
    write_entries(here, entries)
    db.session.commit()
    assert differences() == []
    queries.begin_snapshot()
    for cut in narrowed(cuts, here):
        # With both days given, the ledger itself is asked.
        of_ledger = replace(cut, from_day=FIRST, to_day=FIRST + timedelta(days=6))
        assert not rolled_queries.answers_total(of_ledger)
        assert counted(cut) == counted(of_ledger), cut
    db.session.rollback()


def test_many_who_write_at_once_leave_the_tallies_equal_to_the_ledger(
    app: Flask, places: tuple[list[Any], list[Any]]
) -> None:
    here = field(places)
    far = factories.unit("320508001001").code
    begins = factories.moment(FIRST, 6)
    shifts = [factories.shift(here.calls[0], gate, starts_at=begins, hours=4) for gate in here.gates[:2]]
    for at, shift in enumerate(shifts):
        for who in here.people[2 * at : 2 * at + 2]:
            factories.sign_up(shift, who)
        committed(attendance.all_present, shift.id, now=begins)
    rows = [
        [
            ledger.values(who, here.branches[at % 3], day=FIRST, hour=12, unit_code=code)
            for who in here.people
            for code in (VILLAGE, far, OTHER)[:: 1 if at % 2 else -1]
        ]
        for at in range(6)
    ]

    def write(some: list[dict[str, Any]]) -> int:
        begin_write()
        written = len(hours_ledger.enter(some))
        db.session.commit()
        return written

    ends = begins + timedelta(hours=4)
    closing = [later(hours.close_shift, shift.id, now=ends) for shift in shifts for _ in range(2)]
    answers = at_once(app, *closing, *(partial(write, some) for some in rows))
    assert answers == [2] * 4 + [12] * 6
    assert differences() == []
    db.session.rollback()
    assert queries.total(Slice("320508")).person_times == 24


def test_closing_a_shift_takes_as_many_statements_whoever_was_there(app: Flask) -> None:
    def statements(people: int) -> int:
        shift = factories.shift(starts_at=factories.moment(FIRST, 8), capacity=50)
        for _ in range(people):
            factories.sign_up(shift, factories.member())
        committed(attendance.all_present, shift.id, now=shift.starts_at)
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            committed(hours.close_shift, shift.id, now=shift.ends_at)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len([each for each in seen if "tally" in each or "UNION ALL" in each])

    assert statements(1) == statements(12) == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE tally SET on_post = on_post + 1 WHERE unit_code = '320507' AND whole", "tally 320507, True"),
        ("DELETE FROM tally_day WHERE minutes > 0", "counted 0, 1, 1, 480"),
        ("UPDATE tally_person SET minutes = 481", "kept are 0, 1, 481, counted 0, 1, 480"),
    ],
)
def test_a_kept_sum_that_is_not_the_ledgers_is_found(app: Flask, change: str, said: str) -> None:
    ledger.entry(factories.member(), factories.branch(VILLAGE, kind="action"))
    checked = app.test_cli_runner().invoke(args=["check", "participation"])
    assert checked.exit_code == 0, checked.output
    begin_write()
    db.session.execute(text(change))
    db.session.commit()
    checked = app.test_cli_runner().invoke(args=["check", "participation"])
    assert checked.exit_code == 1
    assert said in checked.output
