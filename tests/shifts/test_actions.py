"""Shifts are laid out once, get more or fewer seats, and are cancelled with everything on them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Branch, Call, JournalEntry, LayOut, Shift, SignUp, Skill
from mobilizer.policy import COMMAND_LINE
from mobilizer.shifts import actions, queries
from mobilizer.shifts.rules import Planned, Spot, lay_out, slots
from mobilizer.terms import ShiftStatus, SignUpStatus
from tests import factories

pytestmark = pytest.mark.usefixtures("app")


def act(action: Any, *args: Any, **values: Any) -> Any:
    """One action, committed; nothing is left of a refused one."""
    db.session.rollback()
    begin_write()
    try:
        result = action(*args, by=COMMAND_LINE, now=clock.now(), **values)
        db.session.commit()
        return result
    finally:
        db.session.rollback()


def refusal(action: Any, *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(action, *args, **values)
    return refused.value.code


def week(call: Call, checkpoints: int = 5) -> list[Planned]:
    branch = db.session.get_one(Branch, call.branch_id)
    spots = [factories.checkpoint(branch) for _ in range(checkpoints)]
    first = clock.now().astimezone(factories.LOCAL).date() + timedelta(days=1)
    return lay_out(
        [Spot(each.id, each.unit_code) for each in spots],
        [first + timedelta(days=n) for n in range(7)],
        slots("3x8"),
        factories.LOCAL,
    )


def test_a_week_is_laid_out_in_one_go_and_only_once() -> None:
    call = factories.call()
    planned = week(call)
    assert act(actions.lay_out, call.id, planned) == (1, 105)
    assert act(actions.lay_out, call.id, planned) == (None, 0)
    assert factories.count_of(Shift) == 105
    assert [(row.shifts, row.call_id) for row in factories.rows(select(LayOut.shifts, LayOut.call_id))] == [
        (105, call.id)
    ]
    assert {row.lay_out_id for row in factories.rows(select(Shift.lay_out_id))} == {1}
    entries = factories.rows(select(JournalEntry.kind, JournalEntry.details))
    assert [(entry.kind, entry.details) for entry in entries] == [
        ("call.shifts-laid-out", {"shifts": 105, "lay_out": 1})
    ]


def test_laying_out_again_adds_only_what_is_missing() -> None:
    call = factories.call()
    planned = week(call)
    assert act(actions.lay_out, call.id, planned[:50]).shifts == 50
    assert act(actions.lay_out, call.id, planned).shifts == 55
    assert act(actions.lay_out, call.id, [replace(planned[0], capacity=9)]).shifts == 0
    assert factories.scalar(select(Shift.capacity).order_by(Shift.id)) == 2


def test_a_post_of_its_own_is_another_shift_and_a_cancelled_one_comes_anew() -> None:
    call = factories.call()
    day = week(call, 1)[-1]
    opens = day.starts_at - timedelta(hours=1)
    watch = replace(day, post="Night watch", capacity=4, least=2, held_back=2, held_back_until=opens)
    assert act(actions.lay_out, call.id, [day, watch]).shifts == 2
    row = factories.rows(select(Shift).where(Shift.post == "Night watch"))[0][0]
    assert (row.capacity, row.least, row.held_back, row.held_back_until) == (4, 2, 2, opens)
    act(actions.cancel, row.id)
    assert act(actions.lay_out, call.id, [day, watch]).shifts == 1
    assert factories.count_of(Shift) == 3


def test_nothing_is_laid_out_at_another_branchs_checkpoint() -> None:
    call = factories.call()
    elsewhere = factories.checkpoint(factories.branch("320507002003", kind="action"))
    (first, *_) = week(call, 1)
    stranger = replace(first, checkpoint_id=elsewhere.id, unit_code=elsewhere.unit_code)
    assert refusal(actions.lay_out, call.id, [first, stranger]) == "checkpoint-unknown"
    assert (
        refusal(actions.lay_out, call.id, [replace(first, unit_code="320507002003")]) == "checkpoint-unknown"
    )
    assert refusal(actions.lay_out, call.id, [replace(first, skill_id=99)]) == "skill-unknown"
    assert factories.count_of(Shift) == 0


def test_nothing_is_laid_out_for_a_call_that_is_closed_or_whose_branch_has_ended() -> None:
    closed = factories.call(status="closed")
    assert refusal(actions.lay_out, closed.id, week(closed, 1)) == "call-not-open"
    ended = factories.call(factories.branch(kind="action", status="ended", ended_at=clock.now()))
    assert refusal(actions.lay_out, ended.id, week(ended, 1)) == "call-not-open"
    assert refusal(actions.lay_out, 10**6, week(closed, 1)) == "call-unknown"


def test_a_shift_is_read_with_everything_about_it() -> None:
    skill = factories.kept(Skill(name="Nurse"))
    shift = factories.shift(skill_id=skill.id)
    row = queries.shift(shift.id)
    assert row is not None
    assert (row.id, row.capacity, row.skill_name, row.published) == (shift.id, 5, "Nurse", True)
    assert queries.shift(10**6) is None


def test_a_shift_of_a_branch_that_has_ended_is_not_published() -> None:
    ended = factories.call(factories.branch(kind="action", status="ended", ended_at=clock.now()))
    row = queries.shift(factories.shift(ended).id)
    assert row is not None
    assert not row.published


def test_seats_are_added_and_taken_away_but_never_below_who_is_on() -> None:
    shift = factories.shift(capacity=2)
    factories.sign_up(shift, factories.member())
    factories.sign_up(shift, factories.member())
    act(actions.set_capacity, shift.id, 4)
    assert refusal(actions.set_capacity, shift.id, 1) == "capacity-below-taken"
    assert refusal(actions.set_capacity, shift.id, 0) == "capacity"
    assert refusal(actions.set_capacity, shift.id, 501) == "capacity"
    act(actions.set_capacity, shift.id, 2)
    act(actions.set_capacity, shift.id, 2)
    assert factories.scalar(select(Shift.capacity)) == 2
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds == ["shift.capacity-raised", "shift.capacity-lowered"]


def test_cancelling_a_shift_withdraws_whoever_was_on_it() -> None:
    shift, other = factories.shift(), factories.shift()
    first, second = factories.member(), factories.member()
    factories.sign_up(shift, first)
    factories.sign_up(shift, second)
    factories.sign_up(shift, factories.member(), status="cancelled")
    act(actions.cancel, other.id)
    assert act(actions.cancel, shift.id) == 2
    assert act(actions.cancel, shift.id) == 0
    row = factories.rows(select(Shift.status, Shift.taken).where(Shift.id == shift.id))[0]
    assert tuple(row) == (ShiftStatus.CANCELLED, 0)
    states = [row.status for row in factories.rows(select(SignUp.status).order_by(SignUp.id))]
    assert states == [SignUpStatus.WITHDRAWN, SignUpStatus.WITHDRAWN, SignUpStatus.CANCELLED]
    entry = factories.rows(select(JournalEntry.details).where(JournalEntry.subject == str(shift.id)))[-1]
    assert entry.details == {"members": sorted([first.id, second.id])}


def test_a_shift_that_is_over_closed_or_attended_is_not_cancelled() -> None:
    now = clock.now()
    over = factories.shift(starts_at=now - timedelta(hours=9))
    assert refusal(actions.cancel, over.id) == "shift-over"
    closed = factories.shift(status="closed", closed_at=now)
    assert refusal(actions.cancel, closed.id) == "shift-not-open"
    assert refusal(actions.set_capacity, closed.id, 9) == "shift-not-open"
    running = factories.shift(starts_at=now - timedelta(hours=1))
    on = factories.sign_up(running, factories.member())
    factories.kept(Attendance(sign_up_id=on.id, absent=False, checked_in_at=now, noted_at=now))
    assert refusal(actions.cancel, running.id) == "attended"
    assert factories.scalar(select(Shift.taken).where(Shift.id == running.id)) == 1
    assert refusal(actions.cancel, 10**6) == "shift-unknown"


def test_the_day_of_a_shift_is_the_local_one(app: Flask) -> None:
    call = factories.call()
    first = week(call, 1)[0]
    act(actions.lay_out, call.id, [first])
    day: date = factories.scalar(select(Shift.day))
    assert app.config["TIMEZONE"] == "Asia/Shanghai"
    assert day == first.starts_at.astimezone(factories.LOCAL).date()
