"""A branch's limits, so that nobody is worn out, and its times: reading and setting them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch
from mobilizer.policy import Actor
from mobilizer.terms import BranchStatus


class Limits(NamedTuple):
    """As model.Branch keeps them: hours, nights and minutes; None where there is no limit."""

    rest_hours: int
    day_hours: int
    week_hours: int | None
    nights_in_row: int | None
    answer_minutes: int
    late_answer_minutes: int
    offer_minutes: int
    cut_off_minutes: int


_COLUMNS = tuple(getattr(Branch, name) for name in Limits._fields)


def limits_of(branch_id: int) -> Limits | None:
    row = db.session.execute(select(*_COLUMNS).where(Branch.id == branch_id)).first()
    return Limits(*row) if row else None


def set_limits(branch_id: int, limits: Limits, *, by: Actor, now: datetime) -> None:
    """They hold from now on; whoever is signed up stays so. The journal keeps what was and what is. The same ones
    again: nothing changes. Refuses a branch that has ended; how large each may be is the form's to check, and the
    database's."""
    row = db.session.execute(
        select(Branch.status, Branch.unit_code, *_COLUMNS)
        .where(Branch.id == branch_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    if row.status not in (BranchStatus.PROPOSED, BranchStatus.ACTIVE):
        raise Refused("branch-ended", N_("This branch has ended; its limits stay as they were."))
    was = Limits(*row[2:])
    changed = {name for name in Limits._fields if getattr(was, name) != getattr(limits, name)}
    if not changed:
        return
    db.session.execute(
        update(Branch)
        .where(Branch.id == branch_id)
        .values({name: getattr(limits, name) for name in changed})
        .execution_options(synchronize_session=False)
    )
    journal.write(
        "branch.limits-set",
        branch_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=branch_id,
        was={name: getattr(was, name) for name in sorted(changed)},
        now_is={name: getattr(limits, name) for name in sorted(changed)},
    )
