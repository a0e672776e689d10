"""A lay-out is taken back as one: nobody is called off without having been looked at, and what has begun stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.model import (
    Attendance,
    Call,
    Chain,
    ChainLine,
    JournalEntry,
    LayOut,
    Notice,
    Shift,
    SignUp,
)
from mobilizer.shifts import actions, calling_off, queries
from mobilizer.terms import ShiftStatus, SignUpStatus
from tests import factories
from tests.shifts.test_actions import act, refusal, week

pytestmark = pytest.mark.usefixtures("app")


def laid(call: Call | None = None) -> tuple[int, list[Shift]]:
    """A lay-out of a week at one checkpoint: its id and its 21 shifts, soonest first."""
    call = call or factories.call()
    made = act(actions.lay_out, call.id, week(call, 1)).id
    shifts = factories.rows(select(Shift).where(Shift.lay_out_id == made).order_by(Shift.starts_at))
    return made, [row[0] for row in shifts]


def seen(lay_out: int) -> list[int]:
    """What the question page shows: the sign-ups that would go."""
    db.session.rollback()
    found = queries.touched(queries.to_undo(lay_out, clock.now())[0])
    db.session.rollback()
    return [each.sign_up_id for each in found]


def changed(shift: Shift, **values: Any) -> None:
    db.session.rollback()
    begin_write()
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(**values))
    db.session.commit()


def test_a_lay_out_that_nobody_signed_up_for_goes_without_a_trace() -> None:
    call = factories.call()
    kept = factories.shift(call)
    lay_out, _shifts = laid(call)
    assert act(calling_off.undo, lay_out) == (21, 0, 0, 0)
    assert [row.id for row in factories.rows(select(Shift.id))] == [kept.id]
    assert factories.scalar(select(LayOut.undone_at)) is not None
    entry = factories.rows(select(JournalEntry).order_by(JournalEntry.id.desc()))[0][0]
    assert (entry.kind, entry.subject) == ("call.lay-out-undone", str(call.id))
    assert entry.details == {"lay_out": lay_out, "deleted": 21, "cancelled": 0, "stayed": 0, "told": 0}


def test_who_is_on_it_is_shown_first_and_told_afterwards() -> None:
    lay_out, shifts = laid()
    on, asked, waits = (factories.member(name=name) for name in ("Chen", "Ding", "Fang"))
    factories.sign_up(shifts[0], on)
    factories.sign_up(shifts[1], on)
    factories.sign_up(
        shifts[0], asked, status="offered", source="offer", answer_by=clock.now() + timedelta(hours=1)
    )
    changed(shifts[0], held=1)
    factories.sign_up(shifts[0], waits, status="waitlisted")
    changed(shifts[0], waiting=1)
    assert refusal(calling_off.undo, lay_out) == "people-touched"
    assert factories.count_of(Shift) == 21
    assert act(calling_off.undo, lay_out, seen=seen(lay_out)) == (19, 2, 0, 3)
    rows = factories.rows(select(Shift.status, Shift.taken, Shift.held, Shift.waiting))
    assert [tuple(row) for row in rows] == [(ShiftStatus.CANCELLED, 0, 0, 0)] * 2
    assert {row.status for row in factories.rows(select(SignUp.status))} == {SignUpStatus.WITHDRAWN}
    told = factories.rows(select(Notice.member_id, Notice.shift_id, Notice.kind).order_by(Notice.id))
    assert [tuple(row) for row in told] == [
        (on.id, shifts[0].id, "cancelled"),
        (asked.id, shifts[0].id, "cancelled"),
        (waits.id, shifts[0].id, "cancelled"),
        (on.id, shifts[1].id, "cancelled"),
    ]


def test_whoever_signs_up_between_the_question_and_the_yes_is_asked_about_too() -> None:
    lay_out, shifts = laid()
    factories.sign_up(shifts[0], factories.member(name="Chen"))
    shown = seen(lay_out)
    factories.sign_up(shifts[2], factories.member(name="Late"))
    assert refusal(calling_off.undo, lay_out, seen=shown) == "people-touched"
    assert factories.scalar(select(Shift.status).distinct()) == ShiftStatus.OPEN
    assert factories.count_of(Notice) == 0
    assert act(calling_off.undo, lay_out, seen=seen(lay_out)) == (19, 2, 0, 2)


def test_whoever_gave_back_meanwhile_is_no_reason_to_ask_again() -> None:
    lay_out, shifts = laid()
    factories.sign_up(shifts[0], factories.member(), status="cancelled")
    assert act(calling_off.undo, lay_out, seen=[10**6]) == (20, 1, 0, 0)
    assert factories.count_of(Notice) == 0


def test_what_has_begun_is_closed_or_attended_stays() -> None:
    lay_out, shifts = laid()
    now = clock.now()
    changed(shifts[0], starts_at=now - timedelta(hours=1))
    changed(shifts[1], status="closed", closed_at=now)
    early = factories.sign_up(shifts[2], factories.member())
    factories.kept(Attendance(sign_up_id=early.id, absent=False, checked_in_at=now, noted_at=now))
    act(actions.cancel, shifts[3].id)
    assert act(calling_off.undo, lay_out) == (17, 0, 3, 0)
    left = factories.rows(select(Shift.id, Shift.status).order_by(Shift.starts_at))
    assert [row.status for row in left] == ["open", "closed", "open", "cancelled"]
    assert factories.scalar(select(SignUp.status)) == SignUpStatus.CONFIRMED


def test_a_lay_out_of_which_nothing_can_be_taken_back_stays_as_it_is() -> None:
    lay_out, shifts = laid()
    for shift in shifts:
        changed(shift, starts_at=clock.now() - timedelta(hours=1))
    assert refusal(calling_off.undo, lay_out) == "undo-nothing"
    assert factories.scalar(select(LayOut.undone_at)) is None


def test_a_lay_out_is_taken_back_once_and_can_be_laid_out_anew() -> None:
    call = factories.call()
    planned = week(call, 1)
    first = act(actions.lay_out, call.id, planned).id
    factories.sign_up(factories.rows(select(Shift).limit(1))[0][0], factories.member())
    act(calling_off.undo, first, seen=seen(first))
    assert refusal(calling_off.undo, first) == "lay-out-undone"
    assert refusal(calling_off.undo, 10**6) == "lay-out-unknown"
    second = act(actions.lay_out, call.id, planned)
    assert second.shifts == 21
    assert act(calling_off.undo, second.id) == (21, 0, 0, 0)


def test_a_shift_that_a_chain_speaks_of_is_cancelled_rather_than_deleted() -> None:
    lay_out, shifts = laid()
    who = factories.member()
    chain = factories.kept(
        Chain(
            call_id=shifts[0].call_id, text="", day=shifts[0].day, pasted_by_id=who.id, pasted_at=clock.now()
        )
    )
    factories.kept(
        ChainLine(
            call_id=chain.call_id,
            day=chain.day,
            fingerprint="f" * 64,
            outcome="refused",
            reason={"code": "x"},
            member_id=who.id,
            shift_id=shifts[0].id,
            applied_at=clock.now(),
        )
    )
    assert act(calling_off.undo, lay_out) == (20, 1, 0, 0)
