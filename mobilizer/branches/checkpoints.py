"""The checkpoints that a branch serves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from mobilizer import journal
from mobilizer.branches import rules
from mobilizer.branches.rules import NewCheckpoint
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import BranchCheckpoint, Checkpoint, JournalEntry, within
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
