"""When a branch or its operation ends, nobody stays bound to shifts that will not be."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.branches import actions
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Branch, Call, JournalEntry, Notice, Shift, SignUp
from mobilizer.policy import COMMAND_LINE
from mobilizer.signups import actions as signups
from tests import factories


def status_of(table: type[Shift] | type[SignUp] | type[Call], number: int) -> str:
    return str(factories.scalar(select(table.status).where(table.id == number)))


def end_operation(operation_id: int | None) -> None:
    assert operation_id is not None
    begin_write()
    actions.end_operation(operation_id, by=COMMAND_LINE, now=clock.now())
    db.session.commit()


def test_shifts_to_come_are_cancelled_and_their_people_free_again(app: Flask) -> None:
    branch = factories.branch(kind="action")
    call = factories.call(branch)
    shift = factories.shift(call)
    who = factories.member()
    held = factories.sign_up(shift, who)
    elsewhere = factories.shift(factories.call(), starts_at=shift.starts_at)
    end_operation(branch.operation_id)
    assert factories.scalar(select(Branch.status).where(Branch.id == branch.id)) == "ended"
    assert status_of(Call, call.id) == "closed"
    assert status_of(Shift, shift.id) == "cancelled"
    assert factories.scalar(select(Shift.taken).where(Shift.id == shift.id)) == 0
    assert status_of(SignUp, held.id) == "withdrawn"
    begin_write()
    signups.sign_up(elsewhere.id, who.id, by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    noted = factories.rows(
        select(JournalEntry.subject, JournalEntry.details).where(JournalEntry.kind == "shift.cancelled")
    )
    assert [(row.subject, row.details) for row in noted] == [(str(shift.id), {"members": [who.id]})]
    told = factories.rows(select(Notice.member_id, Notice.kind, Notice.shift_id))
    assert [tuple(row) for row in told] == [(who.id, "cancelled", shift.id)]


def test_a_shift_under_way_is_served_to_its_end(app: Flask) -> None:
    branch = factories.branch(kind="action")
    call = factories.call(branch)
    running = factories.shift(call, starts_at=clock.now() - timedelta(hours=1))
    early = factories.shift(call, starts_at=clock.now() + timedelta(hours=1))
    people = [factories.member(), factories.member()]
    held = [factories.sign_up(running, people[0]), factories.sign_up(early, people[1])]
    factories.kept(
        Attendance(sign_up_id=held[1].id, absent=False, checked_in_at=clock.now(), noted_at=clock.now())
    )
    end_operation(branch.operation_id)
    assert [status_of(Shift, shift.id) for shift in (running, early)] == ["open", "open"]
    assert [status_of(SignUp, each.id) for each in held] == ["confirmed", "confirmed"]


def test_another_branchs_shifts_are_left_alone(app: Flask) -> None:
    ending, staying = factories.branch(kind="action"), factories.branch(kind="action")
    shift = factories.shift(factories.call(staying))
    held = factories.sign_up(shift, factories.member())
    begin_write()
    actions.end(ending.id, by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    assert (status_of(Shift, shift.id), status_of(SignUp, held.id)) == ("open", "confirmed")
