"""What a branch says is enough to be checked in, beside the leader's tick, which always is: reading and setting it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch
from mobilizer.policy import Actor
from mobilizer.terms import BranchStatus


class Ways(NamedTuple):
    """As model.Branch keeps them. `poster_radius_m`: metres around the checkpoint; None: from anywhere."""

    poster_enough: bool
    screen_code_enough: bool
    own_code_enough: bool
    poster_radius_m: int | None


_COLUMNS = tuple(getattr(Branch, name) for name in Ways._fields)


def ways_of(branch_id: int) -> Ways | None:
    row = db.session.execute(select(*_COLUMNS).where(Branch.id == branch_id)).first()
    return Ways(*row) if row else None


def set_ways(branch_id: int, ways: Ways, *, by: Actor, now: datetime) -> None:
    """They hold from now on; whoever is checked in stays so. The journal keeps what was and what is. The same ones
    again: nothing changes. Refuses a branch that has ended; how wide the radius may be is the form's to check, and
    the database's."""
    row = db.session.execute(
        select(Branch.status, Branch.unit_code, *_COLUMNS)
        .where(Branch.id == branch_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    if row.status not in (BranchStatus.PROPOSED, BranchStatus.ACTIVE):
        raise Refused("branch-ended-ways", N_("This branch has ended; nobody is checked in for it any more."))
    was = Ways(*row[2:])
    changed = {name for name in Ways._fields if getattr(was, name) != getattr(ways, name)}
    if not changed:
        return
    db.session.execute(
        update(Branch)
        .where(Branch.id == branch_id)
        .values({name: getattr(ways, name) for name in changed})
        .execution_options(synchronize_session=False)
    )
    journal.write(
        "branch.ways-set",
        branch_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=branch_id,
        was={name: getattr(was, name) for name in sorted(changed)},
        now_is={name: getattr(ways, name) for name in sorted(changed)},
    )
