"""Making the posters of checkpoints: a new code ends the old poster."""

from datetime import datetime

from sqlalchemy import select, update

from mobilizer import journal
from mobilizer.attendance import codes
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import BranchCheckpoint, Checkpoint
from mobilizer.policy import Actor


def make(branch_id: int, checkpoint_id: int, *, instead_of: str, by: Actor, now: datetime) -> None:
    """A poster with a new code, instead of the one that whoever asks has seen (empty: none), which is dead from now on.

    Refuses a checkpoint that the branch does not serve, and when somebody else has made a new one meanwhile.
    """
    row = db.session.execute(
        select(Checkpoint.unit_code, Checkpoint.poster_code)
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(Checkpoint.id == checkpoint_id, BranchCheckpoint.branch_id == branch_id)
        .with_for_update(key_share=True, of=Checkpoint)
    ).first()
    if row is None:
        raise Refused("checkpoint-not-served", N_("This branch does not serve that checkpoint."), status=404)
    if (row.poster_code or "") != instead_of:
        raise Refused("poster-made", N_("Somebody has made a new poster meanwhile. Please print that one."))
    db.session.execute(
        update(Checkpoint)
        .where(Checkpoint.id == checkpoint_id)
        .values(poster_code=codes.new_poster_code())
        .execution_options(synchronize_session=False)
    )
    journal.write(
        "branch.poster-made",
        checkpoint_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=branch_id,
        again=bool(instead_of),
    )
