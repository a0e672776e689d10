"""Standing branches up, attaching people to them, ending them: the writes, each in a fixed number of statements.

Whatever depends on a branch or an operation still being there locks its row first, then what hangs on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, insert, select, update

from mobilizer import journal
from mobilizer.accounts import actions as accounts
from mobilizer.branches import homecoming, people, rules
from mobilizer.branches.calling_off import call_off
from mobilizer.branches.checkpoints import add_checkpoints
from mobilizer.branches.reach import check_reach, check_unit
from mobilizer.branches.rules import NewCheckpoint as NewCheckpoint  # noqa: PLC0414  callers find it beside the actions
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    JournalEntry,
    Member,
    Operation,
    with_all_above,
)
from mobilizer.policy import Actor, covers
from mobilizer.terms import BranchKind, BranchStatus, OperationKind, Role

CURRENT = (BranchStatus.PROPOSED, BranchStatus.ACTIVE)


# --- operations -------------------------------------------------------------------------------------


def start_operation(name: str, kind: OperationKind | str, unit_code: str, *, by: Actor, now: datetime) -> int:
    """Start one; answers its id. Refuses an unknown unit or kind, and a name a current one of the unit has."""
    check_unit(unit_code)
    if kind not in set(OperationKind):
        raise Refused(
            "operation-kind", N_("There is no such kind of operation."), status=422, field="operation_kind"
        )
    taken = exists().where(
        Operation.unit_code == unit_code, Operation.name == name, Operation.ended_at.is_(None)
    )
    if db.session.scalar(select(taken)):
        raise Refused(
            "operation-name-taken",
            N_("The operation “%(name)s” is under way already. Choose it, or give this one another name."),
            field="operation_name",
            name=name,
        )
    operation_id = db.session.execute(
        insert(Operation)
        .values(name=name, kind=kind, unit_code=unit_code, started_at=now)
        .returning(Operation.id)
    ).scalar_one()
    journal.write("operation.started", operation_id, by=by, now=now, unit_code=unit_code, name=name)
    return operation_id


def end_operation(operation_id: int, *, by: Actor, now: datetime) -> None:
    """End it, and with it every branch that serves it, their attachments, branch appointments and shifts to come.

    A temporary branch ends by itself with its task (Regulations on the Work of Branches, trial, 2018).
    Refuses one that has ended already.
    """
    ended = db.session.execute(
        update(Operation)
        .where(Operation.id == operation_id, Operation.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Operation.name, Operation.unit_code)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is None:
        if db.session.scalar(select(Operation.id).where(Operation.id == operation_id)) is None:
            raise Refused("operation-unknown", N_("There is no such operation."), status=404)
        raise Refused("operation-ended", N_("This operation has ended already."))
    branches = _ended_branches(Branch.operation_id == operation_id, now=now)
    people.dissolve(branches, by=by, now=now, operation=ended.name)
    call_off([branch.id for branch in branches], by=by, now=now)
    homecoming.tell(Branch.operation_id == operation_id, ended.name, operation_id, by=by, now=now)
    journal.write(
        "operation.ended",
        operation_id,
        by=by,
        now=now,
        unit_code=ended.unit_code,
        name=ended.name,
        branches=len(branches),
    )


# --- a branch's life --------------------------------------------------------------------------------


def stand_up(
    *,
    name: str,
    unit_code: str,
    operation_id: int,
    mission: str,
    secretary_id: int,
    checkpoints: Sequence[NewCheckpoint],
    checkpoint_ids: Sequence[int] = (),
    by: Actor,
    now: datetime,
) -> int:
    """Stand up an action branch, active at once, led by its secretary; answers its id.

    Refuses an operation that has ended or is not the unit's, a name that a current branch of the unit has, a
    secretary outside the actor's appointments, and checkpoints of another unit or with a name taken.
    """
    check_unit(unit_code)
    check_reach([secretary_id], by=by, now=now, field="secretary_id")
    branch_id = _add_branch(
        name, unit_code, operation_id, mission, now, kind=BranchKind.ACTION, status=BranchStatus.ACTIVE
    )
    journal.write(
        "branch.stood-up", branch_id, by=by, now=now, unit_code=unit_code, branch_id=branch_id, name=name
    )
    accounts.appoint(secretary_id, Role.SECRETARY, branch_id=branch_id, by=by, now=now)
    people.take_in(branch_id, unit_code, [secretary_id], by, now)
    add_checkpoints(branch_id, unit_code, checkpoints, checkpoint_ids, by, now)
    return branch_id


def propose(
    *,
    name: str,
    unit_code: str,
    operation_id: int,
    mission: str,
    joint: bool,
    checkpoints: Sequence[NewCheckpoint],
    checkpoint_ids: Sequence[int] = (),
    member_ids: Sequence[int],
    by: Actor,
    now: datetime,
) -> int:
    """Propose a temporary branch with its people; answers its id. It stands only when approved from above.

    Refuses as `stand_up` does. The people's attachments count from the approval on.
    """
    check_unit(unit_code)
    check_reach(member_ids, by=by, now=now, field="member_ids")
    branch_id = _add_branch(
        name,
        unit_code,
        operation_id,
        mission,
        now,
        kind=BranchKind.TEMPORARY,
        status=BranchStatus.PROPOSED,
        joint=joint,
    )
    journal.write(
        "branch.proposed",
        branch_id,
        by=by,
        now=now,
        unit_code=unit_code,
        branch_id=branch_id,
        name=name,
        joint=joint,
    )
    people.take_in(branch_id, unit_code, member_ids, by, now)
    add_checkpoints(branch_id, unit_code, checkpoints, checkpoint_ids, by, now)
    return branch_id


def approve(
    branch_id: int,
    *,
    secretary_id: int,
    deputy_id: int | None = None,
    committee_ids: Sequence[int] = (),
    by: Actor,
    now: datetime,
) -> None:
    """Approve a proposed temporary branch and name who leads it (no election). It is active from now on.

    `by` must act from a secretary's appointment over a unit strictly above the branch's, and not have proposed it
    (rules.may_approve). Refuses what rules.may_activate refuses, and a branch that has been decided on.
    """
    branch = _decide(
        branch_id, BranchStatus.ACTIVE, by, now, activated_at=now, approving_appointment_id=by.appointment_id
    )
    named = list(dict.fromkeys(i for i in (secretary_id, deputy_id, *committee_ids) if i is not None))
    check_reach(named, by=by, now=now, of_branch=branch_id, field="secretary_id")
    db.session.execute(
        update(Attachment)
        .where(Attachment.branch_id == branch_id, Attachment.ends_at.is_(None))
        .values(starts_at=now)
        .execution_options(synchronize_session=False)
    )
    people.take_in(branch_id, branch.unit_code, named, by, now)
    standing = db.session.scalar(select(Member.standing).where(Member.id == secretary_id))
    rules.may_activate(full_members=people.full_members(branch_id), secretary_standing=standing or "")
    roles = dict.fromkeys(committee_ids, Role.COMMITTEE_MEMBER)
    if deputy_id is not None:
        roles[deputy_id] = Role.DEPUTY_SECRETARY
    roles[secretary_id] = Role.SECRETARY
    for member_id, role in roles.items():
        accounts.appoint(member_id, role, branch_id=branch_id, by=by, now=now)
    journal.write(
        "branch.approved", branch_id, by=by, now=now, unit_code=branch.unit_code, branch_id=branch_id
    )


def decline(branch_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Do not approve it, and say why. Refuses an actor who is not from above, and one decided on already."""
    branch = _decide(branch_id, BranchStatus.DECLINED, by, now, decision_note=reason)
    db.session.execute(
        update(Attachment)
        .where(Attachment.branch_id == branch_id, Attachment.ends_at.is_(None))
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
    journal.write(
        "branch.declined",
        branch_id,
        by=by,
        now=now,
        unit_code=branch.unit_code,
        branch_id=branch_id,
        reason=reason,
    )


def end(branch_id: int, *, by: Actor, now: datetime) -> None:
    """End an action or temporary branch (or withdraw its proposal) with its people, appointments and shifts to come.

    Refuses a standing branch, which is its members' home, and one that has ended or was not approved.
    """
    ended = _ended_branches(Branch.id == branch_id, now=now)
    if not ended:
        _refuse_state(branch_id)
    people.dissolve(ended, by=by, now=now)
    call_off([branch_id], by=by, now=now)
    [row] = ended
    homecoming.tell(Branch.id == branch_id, row.name, row.operation_id, by=by, now=now)


# --- people -----------------------------------------------------------------------------------------


def attach(branch_id: int, member_ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Attach members from the rosters; answers how many are new. Whoever is attached already stays as they are.

    A roster matter, not an assignment to shifts; the home branch never changes. Refuses members outside the
    actor's appointments, more than rules.MOST_AT_ONCE, and a branch that is a home or has ended.
    """
    branch = _current_branch(branch_id)
    if branch.kind == BranchKind.STANDING:
        raise Refused(
            "branch-is-a-home",
            N_(
                "A standing branch is its members' home: they come to it by the roster. Attach them to an action branch."
            ),
        )
    check_reach(member_ids, by=by, now=now, of_branch=branch_id, field="member_ids")
    return people.take_in(branch_id, branch.unit_code, member_ids, by, now)


def detach(attachment_id: int, *, by: Actor, now: datetime) -> None:
    """End an attachment and what the member was named to in the branch. One that has ended stays as it is.

    Refuses to take the only secretary out of a branch.
    """
    row = db.session.execute(
        select(Attachment.branch_id, Attachment.member_id, Member.name)
        .join(Member, Member.id == Attachment.member_id)
        .where(Attachment.id == attachment_id)
    ).first()
    if row is None:
        raise Refused("attachment-unknown", N_("There is no such attachment."), status=404)
    branch = db.session.execute(
        select(Branch.unit_code).where(Branch.id == row.branch_id).with_for_update()
    ).one()
    ended = db.session.scalar(
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.ends_at.is_(None))
        .values(ends_at=now)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        return
    released = people.release(
        and_(Appointment.branch_id == row.branch_id, Appointment.member_id == row.member_id), now
    )
    led = exists().where(
        Appointment.branch_id == row.branch_id,
        Appointment.role == Role.SECRETARY,
        Appointment.ends_at.is_(None),
    )
    if any(each.role == Role.SECRETARY for each in released) and not db.session.scalar(select(led)):
        raise Refused(
            "branch-without-secretary",
            N_("%(name)s leads this branch. Have another secretary appointed first, or end the branch."),
            name=row.name,
        )
    entries = [people.release_entry(each, branch.unit_code, by, now) for each in released]
    entries.append(
        journal.entry(
            "branch.detached",
            row.branch_id,
            by,
            now,
            branch.unit_code,
            row.branch_id,
            {"member": row.member_id},
        )
    )
    db.session.execute(insert(JournalEntry), entries)


# --- checkpoints ------------------------------------------------------------------------------------


def add_checkpoint(branch_id: int, checkpoint: NewCheckpoint, *, by: Actor, now: datetime) -> int:
    """A new checkpoint of the branch's unit, served by the branch; answers its id.

    Refuses a name that a checkpoint of the unit has, a position that is none, and a branch that has ended.
    """
    branch = _current_branch(branch_id)
    return add_checkpoints(branch_id, branch.unit_code, [checkpoint], (), by, now)[0]


def serve_checkpoints(branch_id: int, checkpoint_ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    """Let the branch serve checkpoints that are there already. Refuses those outside the branch's unit."""
    branch = _current_branch(branch_id)
    add_checkpoints(branch_id, branch.unit_code, (), checkpoint_ids, by, now)


# --- what the verbs share ---------------------------------------------------------------------------


def _add_branch(
    name: str,
    unit_code: str,
    operation_id: int,
    mission: str,
    now: datetime,
    *,
    kind: BranchKind,
    status: BranchStatus,
    joint: bool = False,
) -> int:
    operation = db.session.execute(
        select(Operation.unit_code, Operation.ended_at)
        .where(Operation.id == operation_id)
        .with_for_update(read=True)
    ).first()
    if operation is None or not covers(operation.unit_code, unit_code):
        raise Refused(
            "operation-unknown",
            N_("There is no such operation for this unit. Choose one of the list, or start a new one."),
            status=422,
            field="operation",
        )
    if operation.ended_at is not None:
        raise Refused(
            "operation-ended",
            N_("This operation has ended. Choose another one, or start a new one."),
            field="operation",
        )
    if db.session.scalar(
        select(exists().where(Branch.unit_code == unit_code, Branch.name == name, Branch.status.in_(CURRENT)))
    ):
        raise Refused(
            "branch-name-taken",
            N_("There is a branch “%(name)s” in this unit already. Please give this one another name."),
            field="name",
            name=name,
        )
    return db.session.execute(
        insert(Branch)
        .values(
            kind=kind,
            joint=joint,
            name=name,
            unit_code=unit_code,
            operation_id=operation_id,
            mission=mission,
            status=status,
            added_at=now,
            activated_at=now if status == BranchStatus.ACTIVE else None,
        )
        .returning(Branch.id)
    ).scalar_one()


def _decide(branch_id: int, status: BranchStatus, by: Actor, now: datetime, **values: Any) -> Any:
    """Move a proposed branch on, once; answers its row. Refuses who may not decide and what has been decided."""
    branch = db.session.execute(select(Branch.unit_code, Branch.status).where(Branch.id == branch_id)).first()
    if branch is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    above = db.session.scalar(
        select(Appointment.id).where(
            Appointment.id == by.appointment_id,
            Appointment.member_id == by.member_id,
            Appointment.role == Role.SECRETARY,
            Appointment.ends_at.is_(None),
            Appointment.unit_code.in_(with_all_above([branch.unit_code]) - {branch.unit_code}),
        )
    )
    proposer = db.session.scalar(
        select(JournalEntry.actor_id).where(
            JournalEntry.kind == "branch.proposed", JournalEntry.subject == str(branch_id)
        )
    )
    own = status == BranchStatus.ACTIVE and by.member_id is not None and proposer == by.member_id
    rules.may_approve(from_above=above is not None, own_proposal=own)
    decided = db.session.execute(
        update(Branch)
        .where(Branch.id == branch_id, Branch.status == BranchStatus.PROPOSED)
        .values(status=status, **values)
        .returning(Branch.unit_code)
        .execution_options(synchronize_session=False)
    ).first()
    if decided is None:
        raise Refused("branch-decided", N_("This proposal has been decided on already. Nothing was changed."))
    return decided


def _current_branch(branch_id: int) -> Any:
    """The row of a branch that is proposed or active, and will be until this transaction is over."""
    row = db.session.execute(
        select(Branch.kind, Branch.unit_code, Branch.status)
        .where(Branch.id == branch_id)
        .with_for_update(read=True)
    ).first()
    if row is None or row.status not in CURRENT:
        _refuse_state(branch_id)
    return row


def _refuse_state(branch_id: int) -> None:
    row = db.session.execute(select(Branch.kind, Branch.status).where(Branch.id == branch_id)).first()
    if row is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    if row.status == BranchStatus.ENDED:
        raise Refused("branch-ended", N_("This branch has ended. Stand up a new one if there is more to do."))
    if row.status == BranchStatus.DECLINED:
        raise Refused("branch-declined", N_("This branch was not approved. Propose it anew if it is needed."))
    raise Refused("branch-is-a-home", N_("A standing branch is its members' home and is not ended here."))


def _ended_branches(which: Any, *, now: datetime) -> list[Any]:
    """End the action and temporary branches among `which` that are proposed or active; answers their rows."""
    rows = db.session.execute(
        update(Branch)
        .where(which, Branch.kind != BranchKind.STANDING, Branch.status.in_(CURRENT))
        .values(status=BranchStatus.ENDED, ended_at=now)
        .returning(Branch.id, Branch.unit_code, Branch.name, Branch.operation_id)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted(rows, key=lambda row: row.id)
