"""The checkpoints of a branch with their posters."""

from typing import NamedTuple

from sqlalchemy import select

from mobilizer.extensions import db
from mobilizer.model import BranchCheckpoint, Checkpoint


class Poster(NamedTuple):
    """`code` None: there is none yet. `located`: whether the checkpoint's place is entered."""

    checkpoint_id: int
    name: str
    address: str
    code: str | None
    located: bool


def posters(branch_id: int) -> list[Poster]:
    """Of all checkpoints that the branch serves, by name."""
    rows = db.session.execute(
        select(
            Checkpoint.id,
            Checkpoint.name,
            Checkpoint.address,
            Checkpoint.poster_code,
            Checkpoint.latitude.is_not(None),
        )
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(BranchCheckpoint.branch_id == branch_id)
        .order_by(Checkpoint.name, Checkpoint.id)
    )
    return [Poster._make(row) for row in rows]
