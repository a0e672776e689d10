"""The chain proves that no entry of the ledger was changed, removed or moved, or says which."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mobilizer.attendance import actions as attendance
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions
from mobilizer.hours.chain_queries import Chain, districts
from mobilizer.model import LedgerHead, ServiceRecord
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, people
from tests.hours import tampering
from tests.participation import ledger as entries

T = TypeVar("T")
DISTRICT, OTHER = "320507", "320508"
ROOT = Path(__file__).resolve().parents[2]
some_ledgers = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Ledger = list[tuple[str, bool]]
"""What is written, in this order: where, and whether it is the reversal of the first there that still stands (an entry
where there is none)."""
ledgers = st.lists(st.tuples(st.sampled_from([DISTRICT, OTHER]), st.booleans()), max_size=12).map(
    lambda ledger: [(DISTRICT, False), (DISTRICT, False), *ledger]
)
any_of_them = st.integers(0, 13)


def written(ledger: Ledger) -> dict[str, int]:
    """Write it, within the transaction that is open; answers how many entries each district has."""
    counts: dict[str, int] = {}
    standing: dict[str, list[tuple[int, dict[str, Any]]]] = {DISTRICT: [], OTHER: []}
    for number, (district, reverses) in enumerate(ledger):
        counts[district] = counts.get(district, 0) + 1
        if reverses and standing[district]:
            entries.reverse(*standing[district].pop(0))
        else:
            row = WORLD[district] | {"minutes": 10 * number, "reference": f"row {number}"}
            standing[district].append((entries.write(row), row))
    return counts


WORLD: dict[str, dict[str, Any]] = {}


@pytest.fixture
def world(app: Flask) -> None:
    """What an entry of each district says."""
    for district in (DISTRICT, OTHER):
        branch = factories.branch(f"{district}001")
        WORLD[district] = entries.values(factories.member(branch), branch)


def found(district: str = DISTRICT) -> list[tuple[str, tuple[int, ...]]]:
    """What is wrong with its chain: the code of each fault, and the positions it names."""
    return [
        (fault.code, tuple(value for name, value in fault.values.items() if name != "id"))
        for fault in Chain(district).faults()
    ]


def tampered(ledger: Ledger, act: Callable[[int], T]) -> tuple[T, list[tuple[str, tuple[int, ...]]]]:
    """Write the ledger, do this to it, knowing how many entries the district has, look, and give all of it back; answers
    what the act said that it did, and what was found."""
    db.session.rollback()
    begin_write()
    try:
        count = written(ledger)[DISTRICT]
        tampering.unguarded()
        done = act(count)
        assert found(OTHER) == [], "the other district is as it was written"
        return done, found()
    finally:
        db.session.rollback()


@some_ledgers
@given(ledgers)
@pytest.mark.usefixtures("world")
def test_a_ledger_is_whole_as_it_was_written(app: Flask, ledger: Ledger) -> None:
    db.session.rollback()
    begin_write()
    counts = written(ledger)
    assert districts() == sorted(counts)
    for district, count in counts.items():
        chain = Chain(district)
        assert list(chain.faults()) == []
        assert chain.read == count
    db.session.rollback()


CHANGES = st.sampled_from(
    [
        {"minutes": 601},
        {"reason": "somebody else's"},
        {"hour": 23},
        {"day": entries.DAY.replace(day=1)},
        {"category": "patrol"},
        {"recorded_at": factories.moment(entries.DAY, 3)},
        {"starts_at": factories.moment(entries.DAY, 1)},
        {"break_minutes": 5},
        {"hash": "f" * 64},
    ]
)


@some_ledgers
@given(ledgers, any_of_them, CHANGES)
@pytest.mark.usefixtures("world")
def test_a_changed_entry_is_found_and_named(
    app: Flask, ledger: Ledger, which: int, changed: dict[str, Any]
) -> None:
    def act(count: int) -> int:
        position = which % count + 1
        turned = tampering.row(DISTRICT, position)["kind"] == "reversal"
        values = {name: -value if turned and name == "minutes" else value for name, value in changed.items()}
        tampering.change(DISTRICT, position, **values)
        return position

    position, said = tampered(ledger, act)
    assert ("changed", (position,)) in said
    others = {each for each in said if each != ("changed", (position,))}
    if "minutes" in changed:
        assert {code for code, _positions in others} <= {"reversal"}
    elif "hash" in changed:
        assert others in ({("changed", (position + 1,))}, {("head", (position,))})
    else:
        assert others == set()


@some_ledgers
@given(ledgers, any_of_them)
@pytest.mark.usefixtures("world")
def test_an_entry_that_was_changed_and_sealed_anew_does_not_fit_what_follows(
    app: Flask, ledger: Ledger, which: int
) -> None:
    def act(count: int) -> tuple[int, int]:
        position = which % count + 1
        tampering.change_and_seal_anew(DISTRICT, position, reason="somebody else's")
        return position, count

    (position, count), said = tampered(ledger, act)
    assert said == [("head", (position,)) if position == count else ("changed", (position + 1,))]


@some_ledgers
@given(ledgers, any_of_them)
@pytest.mark.usefixtures("world")
def test_a_removed_entry_leaves_a_gap_also_at_the_end(app: Flask, ledger: Ledger, which: int) -> None:
    def act(count: int) -> int:
        tampering.remove(DISTRICT, which % count + 1)
        return which % count + 1

    position, said = tampered(ledger, act)
    assert ("removed", (position,)) in said
    assert {code for code, _positions in said} <= {"removed", "reversal"}


@some_ledgers
@given(ledgers, any_of_them, any_of_them, st.booleans())
@pytest.mark.usefixtures("world")
def test_two_entries_that_changed_places_are_both_named_and_no_other_is(
    app: Flask, ledger: Ledger, which: int, farther: int, places: bool
) -> None:
    swap = tampering.swap_places if places else tampering.swap_contents

    def act(count: int) -> list[int]:
        one = which % count
        other = (one + 1 + farther % (count - 1)) % count
        first, last = sorted((one + 1, other + 1))
        swap(DISTRICT, first, last)
        return [first, last]

    (first, last), said = tampered(ledger, act)
    assert {each for each in said if each[0] == "moved"} == {
        ("moved", (first, last)),
        ("moved", (last, first)),
    }
    assert {code for code, _positions in said} <= {"moved", "head", "reversal"}


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda: tampering.set_head(DISTRICT, position=7), [("removed", (6, 7))]),
        (lambda: tampering.set_head(DISTRICT, position=3), [("head", (3, 5))]),
        (lambda: tampering.set_head(DISTRICT, hash="e" * 64), [("head", (5,))]),
        (lambda: db.session.execute(tampering.HEAD.delete()), [("head", ())]),
        (lambda: tampering.change(DISTRICT, 4, minutes=-5), [("reversal", (4,)), ("changed", (4,))]),
    ],
)
@pytest.mark.usefixtures("world")
def test_a_head_or_a_reversal_that_does_not_agree_is_named(
    app: Flask, act: Callable[[], object], expected: list[Any]
) -> None:
    begin_write()
    written([(DISTRICT, False)] * 3 + [(DISTRICT, True), (DISTRICT, False)])
    tampering.unguarded()
    act()
    assert found() == expected
    db.session.rollback()


@pytest.mark.usefixtures("world")
def test_a_reversal_that_was_sealed_with_other_minutes_is_named(app: Flask) -> None:
    """The chain fits; what it says does not."""
    begin_write()
    row = WORLD[DISTRICT]
    entries.reverse(entries.write(row), row | {"minutes": 60})
    assert found() == [("reversal", (2,))]
    db.session.rollback()


@pytest.mark.usefixtures("world")
def test_so_many_that_do_not_fit_are_told_without_comparing_each_with_each(app: Flask) -> None:
    begin_write()
    written([(DISTRICT, False)] * 90)
    tampering.unguarded()
    for position in range(11, 91):
        tampering.change(DISTRICT, position, reason="somebody else's")
    assert found() == [("changed", (position,)) for position in range(11, 91)]
    db.session.rollback()


# --- the command -----------------------------------------------------------------------------------------


def checked(app: Flask, *more: str) -> Any:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["check", "ledger", *more])


@pytest.mark.usefixtures("world")
def test_the_command_says_that_all_is_whole_or_where_it_is_not(app: Flask) -> None:
    begin_write()
    written([(DISTRICT, False), (DISTRICT, True), (OTHER, False)])
    db.session.commit()
    head = factories.scalar(select(LedgerHead.hash).where(LedgerHead.district_code == DISTRICT))
    whole = checked(app)
    assert whole.exit_code == 0
    assert f"{DISTRICT} 2 {head}\n" in whole.stdout
    assert whole.stdout.endswith("3 entries of 2 districts: all are as they were written.\n")
    begin_write()
    tampering.unguarded()
    tampering.change(DISTRICT, 1, reason="somebody else's")
    db.session.commit()
    broken = checked(app)
    assert broken.exit_code == 1
    assert "District 320507: entry 1 (id 1) is not what was sealed" in broken.stderr
    assert "3 entries of 2 districts read: not all are as they were written." in broken.stderr
    assert checked(app, "--district", OTHER).exit_code == 0
    assert checked(app, "--district", DISTRICT).exit_code == 1
    unknown = checked(app, "--district", "999999")
    assert (unknown.exit_code, "no entries of the district 999999" in unknown.stderr) == (1, True)


def test_an_empty_ledger_is_whole(app: Flask) -> None:
    result = checked(app)
    assert (result.exit_code, result.stdout) == (
        0,
        "0 entries of 0 districts: all are as they were written.\n",
    )


# --- many at once, and a power cut --------------------------------------------------------------------------


def whole(count: int) -> bool:
    db.session.rollback()
    chain = Chain(DISTRICT)
    faults = list(chain.faults())
    db.session.rollback()
    return (faults, chain.read) == ([], count)


def test_leaders_who_close_shifts_of_one_district_at_once_leave_one_chain(app: Flask) -> None:
    shifts = [factories.shift(starts_at=START) for _ in range(6)]
    for shift in shifts:
        people(shift, 3)
        committed(attendance.all_present, shift.id, now=at(9))
    assert at_once(app, *[later(actions.close_shift, each.id, now=at(16)) for each in shifts]) == [3] * 6
    assert whole(18)


WRITER = """
import sys
from mobilizer import create_app
from mobilizer.extensions import begin_write, db
from tests.participation import ledger as entries
from mobilizer.model import Branch, Member
app = create_app()
with app.app_context():
    branch, who = db.session.get(Branch, int(sys.argv[1])), db.session.get(Member, int(sys.argv[2]))
    row = entries.values(who, branch)
    while True:
        db.session.rollback()
        begin_write()
        for number in range(3):
            entries.write(row | {"reference": f"{sys.argv[3]} {next(entries._rows)}"})
        db.session.commit()
        print("written", flush=True)
"""


def test_processes_that_are_killed_while_they_write_leave_a_whole_chain(
    app: Flask, environ: dict[str, str]
) -> None:
    branch = factories.branch()
    who = factories.member(branch)
    db.session.rollback()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(branch.id), str(who.id), name],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    told = 0
    for writer in writers:
        with writer:
            for _ in range(5):
                assert writer.stdout is not None
                assert writer.stdout.readline() == "written\n"
                told += 3
            writer.send_signal(signal.SIGKILL)
    count = len(factories.rows(select(ServiceRecord.id)))
    assert count >= told
    assert count % 3 == 0
    assert whole(count)
