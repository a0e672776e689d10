"""Who is appointed, once; and that an administrator is left, whatever arrives at once."""

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.accounts import actions
from mobilizer.model import Appointment, JournalEntry
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import at_once, committed, later, refused

pytestmark = pytest.mark.usefixtures("app")


def current(role: Role) -> list[int]:
    return [
        row.id
        for row in factories.rows(
            select(Appointment.id).where(Appointment.role == role, Appointment.ends_at.is_(None))
        )
    ]


def test_the_same_appointment_twice_at_once_is_one(app: Flask) -> None:
    who, unit = factories.member(), factories.unit()
    for role, unit_code in ((Role.ADMINISTRATOR, None), (Role.SECRETARY, unit.code)):
        give = later(actions.appoint, who.id, role, unit_code=unit_code, now=clock.now())
        assert len(set(at_once(app, *[give] * 4))) == 1
        assert len(current(role)) == 1


def test_two_administrators_who_end_each_other_at_once_leave_one(app: Flask) -> None:
    made = [factories.appointment(factories.member(), Role.ADMINISTRATOR).id for _ in range(2)]
    answers = at_once(app, *(later(actions.end_appointment, each, now=clock.now()) for each in made))
    assert sorted(answers, key=str) == [None, "last-administrator"]
    assert len(current(Role.ADMINISTRATOR)) == 1


def test_an_appointment_ends_once(app: Flask) -> None:
    made = factories.appointment(factories.member(), Role.SECRETARY, unit_code="320507001").id
    answers = at_once(app, *[later(actions.end_appointment, made, now=clock.now())] * 3)
    assert answers.count(None) == 1
    assert answers.count("appointment-ended") == 2
    ended = select(JournalEntry.id).where(JournalEntry.kind == "member.appointment-ended")
    assert len(factories.rows(ended)) == 1


@pytest.mark.parametrize("status", ["proposed", "declined", "ended"])
def test_nobody_is_appointed_in_a_branch_that_does_not_stand(status: str) -> None:
    now = clock.now()
    branch = factories.branch(
        kind="temporary", status=status, activated_at=None, ended_at=now if status == "ended" else None
    )
    who = factories.member()
    refused("branch-not-active", actions.appoint, who.id, Role.SECRETARY, branch_id=branch.id, now=now)


def test_unknown_members_units_and_branches_are_refused() -> None:
    who, now = factories.member(), clock.now()
    refused("member-unknown", actions.appoint, 2**31 - 1, Role.ADMINISTRATOR, now=now)
    refused("unit-unknown", actions.appoint, who.id, Role.SECRETARY, unit_code="320599", now=now)
    refused("branch-unknown", actions.appoint, who.id, Role.SECRETARY, branch_id=2**31 - 1, now=now)
    refused("appointment-place", actions.appoint, who.id, Role.SECRETARY, now=now)
    assert committed(actions.appoint, who.id, Role.ADMINISTRATOR, now=now)
