"""What a branch has set for itself, in groups of columns of model.Branch: read together, and changed together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch
from mobilizer.policy import Actor
from mobilizer.terms import BranchStatus


def read(branch_id: int, names: tuple[str, ...]) -> Row[*tuple[Any, ...]] | None:
    """These columns of the branch, in this order; None where there is no such branch."""
    columns = [getattr(Branch, name) for name in names]
    return db.session.execute(select(*columns).where(Branch.id == branch_id)).first()


def change(
    branch_id: int, wanted: Mapping[str, Any], *, kind: str, ended: Refused, by: Actor, now: datetime
) -> None:
    """Each column as it is wanted, from now on; the journal (`kind`) keeps what was and what is. The same again:
    nothing changes. Raises `ended` for a branch that has ended; what a value may be is the form's to check, and the
    database's."""
    columns = [getattr(Branch, name) for name in wanted]
    row = db.session.execute(
        select(Branch.status, Branch.unit_code, *columns)
        .where(Branch.id == branch_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    if row.status not in (BranchStatus.PROPOSED, BranchStatus.ACTIVE):
        raise ended
    was = dict(zip(wanted, row[2:], strict=True))
    changed = sorted(name for name in wanted if was[name] != wanted[name])
    if not changed:
        return
    db.session.execute(
        update(Branch)
        .where(Branch.id == branch_id)
        .values({name: wanted[name] for name in changed})
        .execution_options(synchronize_session=False)
    )
    journal.write(
        kind,
        branch_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=branch_id,
        was={name: was[name] for name in changed},
        now_is={name: wanted[name] for name in changed},
    )
