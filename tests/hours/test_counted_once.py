"""A shift is closed, and corrected, without counting anybody's minutes twice."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions
from mobilizer.model import Branch, Member, ServiceRecord, Shift, SignUp
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, people, refused
from tests.participation import ledger as entries
from tests.visitor import Visitor


def counted(who: int, branch: Branch, first: int, last: int) -> int:
    """An entry of the shift's day from the first to the last hour, committed."""
    row = entries.values(
        db.session.get_one(Member, who), branch, day=START.date(), minutes=60 * (last - first)
    )
    db.session.rollback()
    begin_write()
    made = entries.write(row | {"starts_at": at(first), "ends_at": at(last)})
    db.session.commit()
    return made


def on_post(count: int = 2) -> tuple[Shift, list[SignUp]]:
    """A shift from 8 to 16 with people who are all there."""
    shift = factories.shift(starts_at=START)
    signed_up = people(shift, count)
    committed(attendance.all_present, shift.id, now=at(9))
    return shift, signed_up


def minutes() -> list[int]:
    return [row.minutes for row in factories.rows(select(ServiceRecord.minutes).order_by(ServiceRecord.id))]


def test_a_shift_is_not_closed_over_time_that_is_counted_elsewhere(app: Flask) -> None:
    shift, [one, _other] = on_post()
    counted(one.member_id, factories.branch(), 6, 10)
    refused("counted-elsewhere", actions.close_shift, shift.id, now=at(16))
    assert minutes() == [240]
    committed(attendance.set_times, one.id, arrived=at(10), left=at(16), now=at(16))
    assert committed(actions.close_shift, shift.id, now=at(16)) == 2
    assert minutes() == [240, 360, 480]


def test_what_was_taken_back_touches_or_is_of_another_is_not_in_the_way(app: Flask) -> None:
    shift, [one, other] = on_post()
    branch = factories.branch()
    committed(actions.reverse, counted(one.member_id, branch, 6, 10), reason="Was not there", now=at(11))
    counted(one.member_id, branch, 5, 8)
    counted(other.member_id, branch, 16, 18)
    counted(factories.member().id, branch, 8, 16)
    assert committed(actions.close_shift, shift.id, now=at(16)) == 2


def test_a_correction_counts_nothing_twice_either(app: Flask) -> None:
    shift, [one] = on_post(1)
    committed(attendance.set_times, one.id, arrived=at(8), left=at(12), now=at(13))
    committed(actions.close_shift, shift.id, now=at(16))
    counted(one.member_id, factories.branch(), 12, 15)
    [standing] = factories.rows(select(ServiceRecord.id).where(ServiceRecord.sign_up_id == one.id))
    given = {"instead_of": standing.id, "arrived": at(8), "reason": "Stayed on", "now": at(17)}
    refused("counted-elsewhere", actions.correct, one.id, left=at(16), **given)
    committed(actions.correct, one.id, left=at(11), **given)
    assert minutes() == [240, 180, -240, 180]


def test_two_shifts_of_one_person_that_are_closed_at_once_do_not_wait_for_each_other_for_ever(
    app: Flask,
) -> None:
    who = [factories.member() for _ in range(4)]
    shifts = [factories.shift(starts_at=at(hour), hours=2) for hour in (8, 10, 12)]
    for number, shift in enumerate(shifts):
        for each in who[:: 1 if number % 2 else -1]:
            factories.sign_up(shift, each)
        committed(attendance.all_present, shift.id, now=at(14))
    assert at_once(app, *[later(actions.close_shift, each.id, now=at(14)) for each in shifts]) == [4] * 3
    assert minutes() == [120] * 12


def test_the_leader_is_asked_and_counts_only_the_rest(
    app: Flask, visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = factories.secretary()
    shift = factories.shift(starts_at=START)
    [one] = people(shift, 1)
    committed(attendance.set_times, one.id, arrived=at(8), left=at(16), now=at(16))
    counted(one.member_id, factories.branch(name="Meilin"), 6, 10)
    monkeypatch.setattr(clock, "now", lambda: at(17))
    roster = f"/shifts/{shift.id}/roster"
    visitor = visit(leader.phone).open(roster).submit(f"{roster}/close")
    assert visitor.status == 409
    assert "06:00–10:00 · Meilin · From an earlier record" in visitor.text
    assert minutes() == [240]
    visitor.submit(f"{roster}/{one.id}/times")
    visitor.open(roster).submit(f"{roster}/close")
    assert visitor.status == 200
    assert minutes() == [240, 360]
