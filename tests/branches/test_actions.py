"""What somebody who stands branches up was promised, and what somebody who means harm gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from mobilizer import clock
from mobilizer.branches import actions
from mobilizer.branches.rules import NewCheckpoint
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    BranchCheckpoint,
    Checkpoint,
    JournalEntry,
    Member,
    Operation,
)
from mobilizer.policy import COMMAND_LINE, Actor
from mobilizer.terms import Role
from tests import factories

TOWN, VILLAGE, OTHER = "320507001", "320507001002", "320507002003"

pytestmark = pytest.mark.usefixtures("app")


@contextmanager
def written() -> Iterator[datetime]:
    """One transaction, committed; answers its moment."""
    db.session.rollback()
    begin_write()
    try:
        yield clock.now()
        db.session.commit()
    finally:
        db.session.rollback()


def actor(unit_code: str = VILLAGE, role: Role = Role.SECRETARY) -> Actor:
    """Somebody new with this role over the unit."""
    who = factories.member(factories.branch(unit_code))
    return Actor(who.id, factories.appointment(who, role, unit_code=unit_code).id)


def stood_up(
    by: Actor, *, name: str = "East Gate Action Branch", operation: Operation | None = None, **values: Any
) -> int:
    operation = operation or factories.operation(VILLAGE)
    given: dict[str, Any] = {
        "unit_code": VILLAGE,
        "mission": "",
        "secretary_id": by.member_id,
        "checkpoints": (),
    }
    with written() as now:
        return actions.stand_up(name=name, operation_id=operation.id, by=by, now=now, **(given | values))


def proposed(by: Actor, full_members: int = 3, **values: Any) -> tuple[int, list[Member]]:
    home = factories.branch(VILLAGE)
    people = [factories.member(home) for _ in range(full_members)]
    given: dict[str, Any] = {
        "name": "Task Branch",
        "unit_code": VILLAGE,
        "operation_id": factories.operation(TOWN).id,
        "mission": "",
        "joint": False,
        "checkpoints": (),
        "member_ids": [each.id for each in people],
    }
    with written() as now:
        return actions.propose(**(given | values), by=by, now=now), people


def refusal_of(act: Any, **how: Any) -> Refused:
    with pytest.raises(Refused) as caught, written() as now:
        act(**how, now=now)
    return caught.value


def status(branch_id: int) -> str:
    return str(factories.scalar(select(Branch.status).where(Branch.id == branch_id)))


def kinds(branch_id: int) -> list[str]:
    return [
        row.kind
        for row in factories.rows(
            select(JournalEntry.kind).where(JournalEntry.branch_id == branch_id).order_by(JournalEntry.id)
        )
    ]


def current_attachments(branch_id: int) -> set[int]:
    return {
        row.member_id
        for row in factories.rows(
            select(Attachment.member_id).where(
                Attachment.branch_id == branch_id, Attachment.ends_at.is_(None)
            )
        )
    }


def roles_in(branch_id: int) -> dict[int, str]:
    return {
        row.member_id: row.role
        for row in factories.rows(
            select(Appointment.member_id, Appointment.role).where(
                Appointment.branch_id == branch_id, Appointment.ends_at.is_(None)
            )
        )
    }


# --- an action branch -------------------------------------------------------------------------------


def test_an_action_branch_stands_at_once_led_and_with_its_checkpoints() -> None:
    by = actor()
    there = factories.checkpoint(unit_code=VILLAGE, name="West Gate")
    made = stood_up(by, checkpoints=[NewCheckpoint("East Gate", "1 River Street")], checkpoint_ids=[there.id])
    assert status(made) == "active"
    assert roles_in(made) == {by.member_id: "secretary"}
    assert current_attachments(made) == {by.member_id}
    served = factories.rows(
        select(Checkpoint.name)
        .join(BranchCheckpoint)
        .where(BranchCheckpoint.branch_id == made)
        .order_by(Checkpoint.name)
    )
    assert [row.name for row in served] == ["East Gate", "West Gate"]
    assert kinds(made) == [
        "branch.stood-up",
        "member.appointed",
        "branch.attached",
        "branch.checkpoint-added",
        "branch.checkpoint-added",
    ]
    who = factories.rows(
        select(JournalEntry.actor_id, JournalEntry.appointment_id).where(JournalEntry.branch_id == made)
    )
    assert {tuple(row) for row in who} == {(by.member_id, by.appointment_id)}


def test_an_operation_of_the_town_serves_its_villages_and_no_others() -> None:
    by, town = actor(), factories.operation(TOWN)
    stood_up(by, operation=town)
    elsewhere = factories.operation(OTHER)
    with pytest.raises(Refused) as caught:
        stood_up(by, name="Another", operation=elsewhere)
    assert caught.value.code == "operation-unknown"


def test_nothing_is_stood_up_for_an_operation_that_has_ended() -> None:
    by, operation = actor(), factories.operation(VILLAGE, ended_at=clock.now())
    with pytest.raises(Refused) as caught:
        stood_up(by, operation=operation)
    assert caught.value.code == "operation-ended"


def test_two_branches_of_a_unit_do_not_stand_under_one_name_but_may_follow_each_other() -> None:
    by = actor()
    first = stood_up(by)
    with pytest.raises(Refused) as caught:
        stood_up(by)
    assert caught.value.code == "branch-name-taken"
    with written() as now:
        actions.end(first, by=by, now=now)
    assert stood_up(by) != first


@pytest.mark.parametrize(
    ("checkpoints", "code"),
    [
        ([NewCheckpoint("Gate"), NewCheckpoint("Gate")], "checkpoint-twice"),
        ([NewCheckpoint("Taken")], "checkpoint-name-taken"),
        ([NewCheckpoint("")], "checkpoint-nameless"),
        ([NewCheckpoint("Gate", latitude=31.4)], "checkpoint-position"),
        ([NewCheckpoint("Gate", latitude=91.0, longitude=120.6)], "checkpoint-position"),
    ],
)
def test_a_checkpoint_that_cannot_be_is_refused_and_nothing_is_left_behind(
    checkpoints: list[NewCheckpoint], code: str
) -> None:
    by = actor()
    factories.checkpoint(unit_code=VILLAGE, name="Taken")
    before = factories.count_of(Branch), factories.count_of(Checkpoint), factories.count_of(JournalEntry)
    operation = factories.operation(VILLAGE)
    with pytest.raises(Refused) as caught:
        stood_up(by, operation=operation, checkpoints=checkpoints)
    assert caught.value.code == code
    assert before == (
        factories.count_of(Branch),
        factories.count_of(Checkpoint),
        factories.count_of(JournalEntry),
    )


def test_a_forged_checkpoint_of_another_unit_is_refused() -> None:
    elsewhere = factories.checkpoint(unit_code=OTHER)
    with pytest.raises(Refused) as caught:
        stood_up(actor(), checkpoint_ids=[elsewhere.id])
    assert caught.value.code == "checkpoint-unknown"


# --- people -----------------------------------------------------------------------------------------


def test_attaching_twice_changes_nothing() -> None:
    by = actor()
    made = stood_up(by)
    people = [factories.member(factories.branch(VILLAGE)).id for _ in range(3)]
    with written() as now:
        assert actions.attach(made, people, by=by, now=now) == 3
    entries = len(kinds(made))
    with written() as now:
        assert actions.attach(made, [*people, by.member_id or 0], by=by, now=now) == 0
    assert current_attachments(made) == {*people, by.member_id}
    assert len(kinds(made)) == entries


def test_who_is_attached_keeps_the_home_branch() -> None:
    by, who = actor(), factories.member(factories.branch(VILLAGE))
    made = stood_up(by)
    with written() as now:
        actions.attach(made, [who.id], by=by, now=now)
    assert factories.scalar(select(Member.home_branch_id).where(Member.id == who.id)) == who.home_branch_id


def test_nobody_is_attached_from_outside_the_actors_appointments_or_by_a_forged_number() -> None:
    by, stranger = actor(), factories.member(factories.branch(OTHER))
    made, neighbour = stood_up(by), factories.member(factories.branch(VILLAGE))
    outside = refusal_of(actions.attach, branch_id=made, member_ids=[neighbour.id, stranger.id], by=by)
    unknown = refusal_of(actions.attach, branch_id=made, member_ids=[neighbour.id, 999_999], by=by)
    assert (outside.code, outside.message) == (unknown.code, unknown.message), (
        "whether somebody exists is not told"
    )
    assert current_attachments(made) == {by.member_id}


def test_a_thousand_people_are_attached_in_a_few_statements() -> None:
    by, home = actor(), factories.branch(VILLAGE)
    made = stood_up(by)
    begin_write()
    db.session.add_all(
        Member(
            name=f"M{n}",
            sort_name="m",
            search="m",
            phone=f"+8619600{n:06d}",
            home_branch_id=home.id,
            standing="full",
            added_at=clock.now(),
        )
        for n in range(1000)
    )
    db.session.commit()
    everybody = [row.id for row in factories.rows(select(Member.id).where(Member.home_branch_id == home.id))]
    with counted() as statements, written() as now:
        assert actions.attach(made, everybody, by=by, now=now) == 1000
    assert len(statements) <= 6


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_standing_branch_takes_nobody_in_by_attachment() -> None:
    by, home = actor(), factories.branch(VILLAGE)
    assert (
        refusal_of(actions.attach, branch_id=home.id, member_ids=[by.member_id], by=by).code
        == "branch-is-a-home"
    )


def test_an_attachment_ends_and_the_only_secretary_stays() -> None:
    by, who = actor(), factories.member(factories.branch(VILLAGE))
    made = stood_up(by)
    with written() as now:
        actions.attach(made, [who.id], by=by, now=now)
    ids = {
        row.member_id: row.id
        for row in factories.rows(
            select(Attachment.id, Attachment.member_id).where(Attachment.branch_id == made)
        )
    }
    for _twice in range(2):
        with written() as now:
            actions.detach(ids[who.id], by=by, now=now)
    assert current_attachments(made) == {by.member_id}
    assert kinds(made).count("branch.detached") == 1
    refused = refusal_of(actions.detach, attachment_id=ids[by.member_id or 0], by=by)
    assert refused.code == "branch-without-secretary"
    assert current_attachments(made) == {by.member_id}


# --- a temporary branch -----------------------------------------------------------------------------


def test_a_temporary_branch_stands_only_when_approved_from_above_which_names_who_leads_it() -> None:
    below, above = actor(VILLAGE), actor(TOWN)
    made, people = proposed(below, 4)
    assert status(made) == "proposed"
    assert roles_in(made) == {}
    with written() as now:
        actions.approve(
            made,
            secretary_id=people[0].id,
            deputy_id=people[1].id,
            committee_ids=[people[0].id, people[1].id, people[2].id],
            by=above,
            now=now,
        )
    assert status(made) == "active"
    assert roles_in(made) == {
        people[0].id: "secretary",
        people[1].id: "deputy-secretary",
        people[2].id: "committee-member",
    }
    assert (
        factories.scalar(select(Branch.approving_appointment_id).where(Branch.id == made))
        == above.appointment_id
    )
    assert current_attachments(made) == {each.id for each in people}
    assert kinds(made)[-1] == "branch.approved"


@pytest.mark.parametrize(
    ("unit_code", "role"),
    [
        (VILLAGE, Role.SECRETARY),
        (TOWN, Role.COORDINATOR),
        (TOWN, Role.DEPUTY_SECRETARY),
        ("320507002", Role.SECRETARY),
    ],
)
def test_nobody_approves_who_is_not_the_secretary_above(unit_code: str, role: Role) -> None:
    made, people = proposed(actor(VILLAGE))
    refused = refusal_of(
        actions.approve, branch_id=made, secretary_id=people[0].id, by=actor(unit_code, role)
    )
    assert refused.code == "approver-not-above"
    assert (
        refusal_of(actions.decline, branch_id=made, reason="no", by=actor(unit_code, role)).code
        == "approver-not-above"
    )
    assert status(made) == "proposed"


def test_nobody_approves_with_the_appointment_of_another_or_from_the_command_line() -> None:
    made, people = proposed(actor(VILLAGE))
    forged = Actor(actor(VILLAGE).member_id, actor(TOWN).appointment_id)
    for by in (forged, COMMAND_LINE):
        refused = refusal_of(actions.approve, branch_id=made, secretary_id=people[0].id, by=by)
        assert refused.code == "approver-not-above"


def test_nobody_approves_their_own_proposal() -> None:
    town = actor(TOWN)
    made, people = proposed(town)
    assert (
        refusal_of(actions.approve, branch_id=made, secretary_id=people[0].id, by=town).code == "own-proposal"
    )
    with written() as now:
        actions.approve(made, secretary_id=people[0].id, by=actor(TOWN), now=now)
    assert status(made) == "active"


def test_a_branch_of_fewer_than_three_full_members_is_not_approved() -> None:
    made, people = proposed(actor(VILLAGE), 2)
    above = actor(TOWN)
    refused = refusal_of(actions.approve, branch_id=made, secretary_id=people[0].id, by=above)
    assert refused.code == "too-few-full-members"
    assert "proposed so far: 2" in str(refused)
    probationary = factories.member(factories.branch(VILLAGE), standing="probationary")
    with written() as now:
        actions.attach(made, [probationary.id], by=above, now=now)
    assert (
        refusal_of(actions.approve, branch_id=made, secretary_id=people[0].id, by=above).code
        == "too-few-full-members"
    )
    assert status(made) == "proposed"
    assert roles_in(made) == {}


def test_the_secretary_of_a_temporary_branch_is_a_full_member() -> None:
    made, _people = proposed(actor(VILLAGE))
    probationary = factories.member(factories.branch(VILLAGE), standing="probationary")
    refused = refusal_of(actions.approve, branch_id=made, secretary_id=probationary.id, by=actor(TOWN))
    assert refused.code == "secretary-not-full"


def test_what_was_decided_is_not_decided_again() -> None:
    above = actor(TOWN)
    made, people = proposed(actor(VILLAGE))
    with written() as now:
        actions.decline(made, reason="The standing branch can do it.", by=above, now=now)
    assert status(made) == "declined"
    assert current_attachments(made) == set()
    assert (
        refusal_of(actions.approve, branch_id=made, secretary_id=people[0].id, by=above).code
        == "branch-decided"
    )
    assert refusal_of(actions.decline, branch_id=made, reason="no", by=above).code == "branch-decided"
    assert (
        refusal_of(actions.attach, branch_id=made, member_ids=[people[0].id], by=above).code
        == "branch-declined"
    )


def test_of_two_approvals_at_once_one_counts(app: Flask) -> None:
    made, people = proposed(actor(VILLAGE))
    approvers, answers, barrier = [actor(TOWN), actor(TOWN)], [], Barrier(2)

    def approve(by: Actor, secretary: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with written() as now:
                    actions.approve(made, secretary_id=secretary, by=by, now=now)
                answers.append("approved")
            except Refused as refused:
                answers.append(refused.code)
            db.session.remove()

    threads = [Thread(target=approve, args=(by, people[n].id)) for n, by in enumerate(approvers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["approved", "branch-decided"]
    assert list(roles_in(made).values()) == ["secretary"]


# --- operations and ends ----------------------------------------------------------------------------


def test_an_operation_ends_with_all_its_branches_their_people_and_their_appointments() -> None:
    by, above = actor(), actor(TOWN)
    operation, other = factories.operation(TOWN), factories.operation(TOWN)
    action = stood_up(by, operation=operation)
    untouched = stood_up(by, name="Another", operation=other)
    temporary, people = proposed(by, operation_id=operation.id)
    waiting, _ = proposed(by, operation_id=operation.id, name="Waiting")
    with written() as now:
        actions.approve(temporary, secretary_id=people[0].id, by=above, now=now)
    operation_id = operation.id
    with counted() as statements, written() as now:
        actions.end_operation(operation_id, by=above, now=now)
    assert [status(each) for each in (action, temporary, waiting, untouched)] == [
        "ended",
        "ended",
        "ended",
        "active",
    ]
    for each in (action, temporary, waiting):
        assert current_attachments(each) == set()
        assert roles_in(each) == {}
        assert kinds(each).count("branch.ended") == 1
    assert roles_in(untouched) == {by.member_id: "secretary"}
    assert len(statements) <= 13
    assert refusal_of(actions.end_operation, operation_id=operation.id, by=above).code == "operation-ended"
    assert refusal_of(actions.end_operation, operation_id=10**6, by=above).code == "operation-unknown"


def test_two_operations_of_a_unit_are_not_under_way_under_one_name() -> None:
    by = actor()
    with written() as now:
        first = actions.start_operation("Snow of January", "snow", VILLAGE, by=by, now=now)
    refused = refusal_of(
        actions.start_operation, name="Snow of January", kind="snow", unit_code=VILLAGE, by=by
    )
    assert refused.code == "operation-name-taken"
    with written() as now:
        actions.end_operation(first, by=by, now=now)
    with written() as now:
        assert actions.start_operation("Snow of January", "snow", VILLAGE, by=by, now=now) != first


@pytest.mark.parametrize(
    ("kind", "unit_code", "code"), [("war", VILLAGE, "operation-kind"), ("snow", "99", "unit-unknown")]
)
def test_an_operation_of_no_kind_or_unit_is_refused(kind: str, unit_code: str, code: str) -> None:
    by = actor()
    assert refusal_of(actions.start_operation, name="X", kind=kind, unit_code=unit_code, by=by).code == code


def test_a_branch_ends_once_with_its_people_and_a_home_is_not_ended() -> None:
    by = actor()
    made = stood_up(by)
    with written() as now:
        actions.end(made, by=by, now=now + timedelta(minutes=1))
    assert status(made) == "ended"
    assert current_attachments(made) == set()
    assert roles_in(made) == {}
    assert refusal_of(actions.end, branch_id=made, by=by).code == "branch-ended"
    assert refusal_of(actions.attach, branch_id=made, member_ids=[by.member_id], by=by).code == "branch-ended"
    assert (
        refusal_of(actions.add_checkpoint, branch_id=made, checkpoint=NewCheckpoint("Gate"), by=by).code
        == "branch-ended"
    )
    home = factories.branch(VILLAGE)
    assert refusal_of(actions.end, branch_id=home.id, by=by).code == "branch-is-a-home"
    assert refusal_of(actions.end, branch_id=10**6, by=by).code == "branch-unknown"


def test_a_checkpoint_is_added_once_and_shared_by_choosing_it() -> None:
    by = actor()
    first, second = stood_up(by), stood_up(by, name="Second")
    gate = NewCheckpoint("East Gate", "1 River Street", 31.37, 120.64, "Old Wang")
    with written() as now:
        gate_id = actions.add_checkpoint(first, gate, by=by, now=now)
    assert (
        refusal_of(actions.add_checkpoint, branch_id=second, checkpoint=gate, by=by).code
        == "checkpoint-name-taken"
    )
    for _twice in range(2):
        with written() as now:
            actions.serve_checkpoints(second, [gate_id], by=by, now=now)
    assert factories.scalar(select(func.count()).select_from(BranchCheckpoint)) == 2
    assert factories.count_of(Checkpoint) == 1
