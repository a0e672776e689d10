"""The checkpoints that a branch serves: adding them, and changing where they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from mobilizer import journal
from mobilizer.branches import queries, rules
from mobilizer.branches.rules import NewCheckpoint, Place
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch, BranchCheckpoint, Checkpoint, JournalEntry, within
from mobilizer.policy import Actor


def add_checkpoints(
    branch_id: int,
    unit_code: str,
    new: Sequence[NewCheckpoint],
    known_ids: Iterable[int],
    by: Actor,
    now: datetime,
) -> list[int]:
    """Make the new ones in the unit, let the branch serve them and the known ones; answers the ids of the new."""
    rules.check_checkpoints(new)
    names = [each.name for each in new]
    if names and (
        taken := db.session.scalar(
            select(Checkpoint.name)
            .where(Checkpoint.unit_code == unit_code, Checkpoint.name.in_(names))
            .limit(1)
        )
    ):
        raise Refused(
            "checkpoint-name-taken",
            N_("This unit has a checkpoint “%(name)s” already. Choose it, or give the new one another name."),
            field="checkpoints",
            name=taken,
        )
    known = set(known_ids)
    if known:
        within_unit = within(Checkpoint.unit_code, unit_code)
        found = db.session.scalar(
            select(func.count()).select_from(Checkpoint).where(Checkpoint.id.in_(known), within_unit)
        )
        if found != len(known):
            raise Refused(
                "checkpoint-unknown",
                N_("There is no such checkpoint in this unit."),
                status=422,
                field="checkpoint_ids",
            )
    new_ids: list[int] = []
    if new:
        rows = [
            {
                "unit_code": unit_code,
                "name": each.name,
                "address": each.address,
                "latitude": each.latitude,
                "longitude": each.longitude,
                "contact": each.contact,
            }
            for each in new
        ]
        new_ids = list(db.session.scalars(insert(Checkpoint).returning(Checkpoint.id), rows))
    served = set(
        db.session.scalars(
            select(BranchCheckpoint.checkpoint_id).where(BranchCheckpoint.branch_id == branch_id)
        )
    )
    links = [{"branch_id": branch_id, "checkpoint_id": i} for i in sorted({*new_ids, *known} - served)]
    if links:
        db.session.execute(insert(BranchCheckpoint), links)
        names_known = select(Checkpoint.id, Checkpoint.name).where(
            Checkpoint.id.in_([link["checkpoint_id"] for link in links])
        )
        entries = [
            journal.entry(
                "branch.checkpoint-added", row.id, by, now, unit_code, branch_id, {"name": row.name}
            )
            for row in db.session.execute(names_known)
        ]
        db.session.execute(insert(JournalEntry), entries)
    return new_ids


# --- changing one -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServedCheckpoint:
    """A checkpoint as a branch serves it. `unit_code` and `branch_id` are the branch's, of which the permission to read
    is asked; `served_by` are the current branches that serve it."""

    id: int
    name: str
    address: str
    contact: str
    latitude: float | None
    longitude: float | None
    checkpoint_unit_code: str
    branch_id: int
    branch_name: str
    unit_code: str
    served_by: frozenset[int]


def served_checkpoints(branch: queries.BranchRow) -> list[ServedCheckpoint]:
    """Those of a current branch, in the order of `checkpoints`; none of another. Two queries."""
    if not branch.current:
        return []
    found = db.session.execute(
        select(
            Checkpoint.id,
            Checkpoint.name,
            Checkpoint.address,
            Checkpoint.contact,
            Checkpoint.latitude,
            Checkpoint.longitude,
            Checkpoint.unit_code,
        )
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(BranchCheckpoint.branch_id == branch.id)
        .order_by(Checkpoint.unit_code, Checkpoint.name)
    ).all()
    serving: dict[int, set[int]] = {row[0]: set() for row in found}
    links = db.session.execute(
        select(BranchCheckpoint.checkpoint_id, Branch.id)
        .join(Branch, Branch.id == BranchCheckpoint.branch_id)
        .where(BranchCheckpoint.checkpoint_id.in_(serving), Branch.status.in_(queries.CURRENT))
    )
    for checkpoint_id, branch_id in links:
        serving[checkpoint_id].add(branch_id)
    return [
        ServedCheckpoint(*row, branch.id, branch.name, branch.unit_code, frozenset(serving[row[0]]))
        for row in found
    ]


def served_checkpoint(branch_id: int, checkpoint_id: int) -> ServedCheckpoint | None:
    served_by = queries.branch(branch_id)
    found = served_checkpoints(served_by) if served_by else []
    return next((each for each in found if each.id == checkpoint_id), None)


def change_checkpoint(branch_id: int, checkpoint_id: int, place: Place, *, by: Actor, now: datetime) -> None:
    """Another address, position or contact, from now on. The same ones again: nothing changes. The journal of every
    current branch that serves it keeps what was and what is, without the contact, who is a person.

    Refuses a position that is none, a checkpoint that the branch does not serve, and a branch that is not current.
    """
    rules.check_position(place.latitude, place.longitude)
    columns = [getattr(Checkpoint, name) for name in Place._fields]
    row = db.session.execute(
        select(Checkpoint.name, *columns)
        .where(Checkpoint.id == checkpoint_id)
        .with_for_update(key_share=True)
    ).first()
    serving = db.session.execute(
        select(Branch.id, Branch.unit_code)
        .join(BranchCheckpoint, BranchCheckpoint.branch_id == Branch.id)
        .where(BranchCheckpoint.checkpoint_id == checkpoint_id, Branch.status.in_(queries.CURRENT))
    ).all()
    if row is None or branch_id not in {branch.id for branch in serving}:
        raise Refused(
            "checkpoint-not-served",
            N_("This branch does not serve that checkpoint any more."),
            field="address",
        )
    was = Place(*row[1:])
    changed = [name for name in Place._fields if getattr(was, name) != getattr(place, name)]
    if not changed:
        return
    db.session.execute(
        update(Checkpoint)
        .where(Checkpoint.id == checkpoint_id)
        .values({name: getattr(place, name) for name in changed})
        .execution_options(synchronize_session=False)
    )
    told = [name for name in changed if name != "contact"]
    details = {
        "name": row.name,
        "changed": changed,
        "was": {name: getattr(was, name) for name in told},
        "now_is": {name: getattr(place, name) for name in told},
    }
    entries = [
        journal.entry(
            "branch.checkpoint-changed", checkpoint_id, by, now, branch.unit_code, branch.id, details
        )
        for branch in serving
    ]
    db.session.execute(insert(JournalEntry), entries)
