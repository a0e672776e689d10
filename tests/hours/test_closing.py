"""A shift is closed once, and each person who came has one entry in the ledger, in minutes served."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mobilizer.attendance import actions as attendance
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions
from mobilizer.hours.rules import next_star, served, stars
from mobilizer.model import Attendance, JournalEntry, ServiceRecord, Shift
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, people, refused, word


def records(**where: Any) -> list[Any]:
    statement = select(ServiceRecord.__table__).order_by(ServiceRecord.id)
    return factories.rows(statement.filter_by(**where) if where else statement)


@pytest.mark.parametrize(
    ("arrived", "left", "minutes"),
    [
        (at(8), at(16), 480),
        (at(6), at(18), 480),
        (at(8, 5), at(16), 475),
        (at(8), at(15, 59, 59), 479),
        (at(6), at(7), 0),
        (at(15, 59), at(16), 1),
        (at(17), at(18), 0),
        (at(9), at(9), 0),
    ],
)
def test_minutes_are_those_within_the_shift_rounded_down(
    arrived: datetime, left: datetime, minutes: int
) -> None:
    result = served(arrived, left, at(8), at(16))
    assert result.minutes == minutes
    assert at(8) <= result.starts_at <= result.ends_at <= at(16)


def test_stars_come_with_accumulated_hours() -> None:
    assert [stars(hours * 60) for hours in (0, 99, 100, 300, 600, 1000, 1500, 9000)] == [
        0,
        0,
        1,
        2,
        3,
        4,
        5,
        5,
    ]
    assert stars(100 * 60 - 1) == 0
    assert next_star(90 * 60) == 600
    assert next_star(1500 * 60) is None


def test_closing_writes_one_entry_a_person_who_came_with_every_column(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    late, gone, stayed, absent = people(shift, 4)
    committed(attendance.check_in, late.id, now=at(8, 20))
    committed(attendance.check_out, late.id, at=at(16), now=at(16))
    committed(attendance.set_times, gone.id, arrived=at(7, 40), left=at(12, 30), now=at(13))
    committed(attendance.check_in, stayed.id, at=at(8), now=at(13))
    committed(attendance.mark_absent, absent.id, now=at(13))
    assert committed(actions.close_shift, shift.id, now=at(16, 5)) == 3
    assert {r.sign_up_id: r.minutes for r in records()} == {late.id: 460, gone.id: 270, stayed.id: 480}
    row = next(r for r in records() if r.sign_up_id == stayed.id)
    call = factories.rows(select(Shift.call_id, Shift.day, Shift.checkpoint_id, Shift.unit_code))[0]
    home = factories.scalar(text(f"SELECT home_branch_id FROM member WHERE id = {stayed.member_id}"))
    operation = factories.scalar(
        text(
            f"SELECT operation_id FROM branch b JOIN call c ON c.branch_id = b.id WHERE c.id = {call.call_id}"
        )
    )
    assert (row.kind, row.turn, row.person_times, row.reverses_id, row.reason) == ("entry", 0, 1, None, "")
    assert (row.shift_id, row.member_id, row.home_branch_id) == (shift.id, stayed.member_id, home)
    assert (row.operation_id, row.checkpoint_id, row.unit_code) == (
        operation,
        call.checkpoint_id,
        call.unit_code,
    )
    assert (row.category, row.day) == ("checkpoint-duty", call.day)
    assert (row.starts_at, row.ends_at, row.recorded_at) == (at(8), at(16), at(16, 5))
    assert word(stayed) == (False, at(8), at(16))


def test_a_night_shift_belongs_to_the_day_it_began(app: Flask) -> None:
    shift = factories.shift(starts_at=at(20), hours=12)
    [one] = people(shift, 1)
    committed(attendance.check_in, one.id, at=at(20) + timedelta(hours=6), now=at(20) + timedelta(hours=6))
    committed(actions.close_shift, shift.id, now=at(20) + timedelta(hours=13))
    [row] = records()
    assert (row.day, row.minutes) == (shift.day, 360)
    assert isinstance(row.day, date)


def test_closing_before_the_end_counts_until_now(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    one, other = people(shift, 2)
    committed(attendance.check_in, one.id, at=at(8), now=at(8))
    committed(attendance.check_in, other.id, at=at(9, 4), now=at(9))
    assert committed(actions.close_shift, shift.id, now=at(9, 1, 40)) == 2
    assert sorted(r.minutes for r in records()) == [0, 61]


def test_closing_twice_answers_the_same_and_writes_once(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    people(shift, 3)
    committed(attendance.all_present, shift.id, now=at(9))
    assert committed(actions.close_shift, shift.id, now=at(16)) == 3
    assert committed(actions.close_shift, shift.id, now=at(17)) == 3
    assert len(records()) == 3


def test_a_shift_is_not_closed_while_nothing_is_said_of_somebody_nor_before_it_begins(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    one, _silent = people(shift, 2)
    committed(attendance.check_in, one.id, now=at(7, 30))
    refused("shift-not-begun", actions.close_shift, shift.id, now=at(7, 59))
    refused("roster-unsettled", actions.close_shift, shift.id, now=at(16))
    assert records() == []
    assert factories.scalar(select(Shift.status)) == "open"
    committed(attendance.rest_absent, shift.id, now=at(16))
    assert committed(actions.close_shift, shift.id, now=at(16)) == 1


def test_a_cancelled_or_an_unknown_shift_is_not_closed(app: Flask) -> None:
    shift = factories.shift(starts_at=START, status="cancelled")
    refused("shift-cancelled", actions.close_shift, shift.id, now=at(16))
    refused("shift-unknown", actions.close_shift, 10**9, now=at(16))


def test_a_shift_to_which_nobody_came_closes_without_entries(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    assert committed(actions.close_shift, shift.id, now=at(16)) == 0
    assert committed(actions.close_shift, shift.id, now=at(17)) == 0
    assert records() == []


def test_two_leaders_who_close_at_once_write_the_ledger_once(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    people(shift, 5)
    committed(attendance.all_present, shift.id, now=at(9))
    act = later(actions.close_shift, shift.id, now=at(16))
    assert at_once(app, *[act] * 6) == [5] * 6
    assert len(records()) == 5


def test_a_check_out_and_the_closing_at_once_agree_with_each_other(app: Flask) -> None:
    for _round in range(5):
        shift = factories.shift(starts_at=START)
        [one] = people(shift, 1)
        committed(attendance.check_in, one.id, at=at(8), now=at(8))
        answers = at_once(
            app,
            later(actions.close_shift, shift.id, now=at(16)),
            later(attendance.set_times, one.id, arrived=at(8), left=at(12), now=at(16)),
        )
        assert answers in ([1, None], [1, "shift-closed"])
        [row] = records(sign_up_id=one.id)
        said = word(one)
        assert said is not None
        assert row.ends_at == said[2] == (at(12) if answers[1] is None else at(16))


def closed(count: int = 1) -> tuple[Shift, list[Any]]:
    shift = factories.shift(starts_at=START)
    signed_up = people(shift, count)
    committed(attendance.all_present, shift.id, now=at(9))
    committed(actions.close_shift, shift.id, now=at(16))
    return shift, signed_up


def sums() -> tuple[int, int]:
    return tuple(
        factories.rows(select(func.sum(ServiceRecord.person_times), func.sum(ServiceRecord.minutes)))[0]
    )


def test_the_database_refuses_to_change_or_remove_what_is_in_the_ledger(app: Flask) -> None:
    closed()
    for statement in (
        "UPDATE service_record SET minutes = 6000",
        "DELETE FROM service_record",
        "UPDATE service_record SET reason = 'x' WHERE id IN (SELECT min(id) FROM service_record)",
    ):
        begin_write()
        with pytest.raises(IntegrityError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert sums() == (1, 480)


def test_a_reversal_takes_an_entry_back_exactly_once(app: Flask) -> None:
    closed()
    [row] = records()
    committed(actions.reverse, row.id, reason="Was at another gate", now=at(17))
    refused("record-reversed", actions.reverse, row.id, reason="Again", now=at(17))
    _entry, back = records()
    assert (back.kind, back.reverses_id, back.minutes, back.person_times) == ("reversal", row.id, -480, -1)
    assert back.reason == "Was at another gate"
    assert (back.day, back.unit_code, back.member_id) == (row.day, row.unit_code, row.member_id)
    refused("record-unknown", actions.reverse, back.id, reason="No", now=at(17))
    refused("record-unknown", actions.reverse, 10**9, reason="No", now=at(17))
    assert sums() == (0, 0)


def test_two_reversals_at_once_are_one(app: Flask) -> None:
    closed()
    [row] = records()
    act = later(actions.reverse, row.id, reason="Twice", now=at(17))
    answers = at_once(app, *[act] * 4)
    assert answers.count("record-reversed") == 3
    assert sums() == (0, 0)


def correction(one: Any, **values: Any) -> Callable[[], Any]:
    given = {"arrived": at(10), "left": at(15), "reason": "Came later", "now": at(17)} | values
    return later(actions.correct, one.id, **given)


def test_a_correction_reverses_and_writes_again_and_the_roster_says_the_same(app: Flask) -> None:
    _shift, [one, _other] = closed(2)
    [row] = records(sign_up_id=one.id)
    correction(one, instead_of=row.id)()
    first, back, again = records(sign_up_id=one.id)
    assert (first.minutes, back.minutes, again.minutes) == (480, -480, 300)
    assert (again.kind, again.turn, again.reason) == ("entry", 1, "Came later")
    assert again.home_branch_id == first.home_branch_id
    assert word(one) == (False, at(10), at(15))
    assert sums() == (2, 780)
    kinds = [r.kind for r in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds[-2:] == ["service-record.reversed", "service-record.written-again"]
    correction(one, instead_of=again.id, arrived=at(8), left=at(9))()
    assert sums() == (2, 540)


def test_who_was_counted_in_error_is_made_absent_and_back_again(app: Flask) -> None:
    _shift, [one] = closed()
    [row] = records()
    correction(one, instead_of=row.id, arrived=None, left=None, reason="Never came")()
    assert sums() == (0, 0)
    assert word(one) == (True, None, None)
    correction(one, instead_of=None)()
    assert sums() == (1, 300)
    assert [r.turn for r in records(kind="entry")] == [0, 1]


def test_two_leaders_who_correct_at_once_are_one_correction(app: Flask) -> None:
    _shift, [one] = closed()
    [row] = records()
    answers = at_once(app, *[correction(one, instead_of=row.id)] * 4)
    assert sorted(map(str, answers)) == ["None", *["record-corrected"] * 3]
    assert sums() == (1, 300)


def test_a_correction_that_cannot_be_is_refused_and_writes_nothing(app: Flask) -> None:
    _shift, [one] = closed()
    [row] = records()
    for code, values in (
        ("reason-missing", {"reason": "  "}),
        ("departure-before-arrival", {"left": at(9)}),
        ("departure-too-late", {"left": at(8) + timedelta(hours=300)}),
        ("arrival-too-late", {"arrived": at(8) + timedelta(hours=300)}),
        ("departure-missing", {"left": None}),
        ("record-corrected", {"instead_of": None}),
    ):
        given = {"instead_of": row.id, "arrived": at(10), "left": at(15), "reason": "Came later"} | values
        refused(code, actions.correct, one.id, now=at(17), **given)
    assert sums() == (1, 480)
    assert word(one) == (False, at(8), at(16))


def test_what_is_open_is_not_corrected_in_the_ledger(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    refused(
        "shift-not-closed",
        actions.correct,
        one.id,
        instead_of=None,
        arrived=at(8),
        left=at(9),
        reason="Early",
        now=at(10),
    )
    assert factories.count_of(Attendance) == 0
