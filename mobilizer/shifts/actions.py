"""Laying out shifts, changing their seats, cancelling them."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mobilizer import journal
from mobilizer.branches.calling_off import cancel_shifts
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import (
    Branch,
    BranchCheckpoint,
    Call,
    Checkpoint,
    LayOut,
    Shift,
    Skill,
)
from mobilizer.policy import Actor
from mobilizer.shifts import calling_off
from mobilizer.shifts.rules import Planned, check_capacity, check_least, check_planned
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus


class Laid(NamedTuple):
    """What was laid out: how many shifts are new, and the id of the lay-out that they can be taken back by (None if
    none is new)."""

    id: int | None
    shifts: int


def lay_out(call_id: int, planned: Sequence[Planned], *, by: Actor, now: datetime) -> Laid:
    """Lay out the shifts of a call in one go. What is there already stays as it is; what was cancelled comes anew.

    Refuses a call that is closed or whose branch does not stand, a checkpoint that the branch does not serve
    (or a unit that is not the checkpoint's), an unknown skill, and what rules.check_planned refuses.
    """
    check_planned(planned, now)
    call = db.session.execute(
        select(Call.branch_id, Call.unit_code, Call.status, Branch.status.label("branch_status"))
        .join(Branch, Branch.id == Call.branch_id)
        .where(Call.id == call_id)
    ).first()
    if call is None:
        raise Refused("call-unknown", N_("There is no such call."), status=404)
    if call.status == CallStatus.CLOSED or call.branch_status != BranchStatus.ACTIVE:
        raise Refused("call-not-open", N_("This call is closed: no more shifts can be laid out."))
    _check_places(call.branch_id, planned)
    _check_skills(planned)
    lay_out_id = db.session.scalars(
        insert(table_of(LayOut))
        .values(call_id=call_id, member_id=by.member_id, shifts=0, laid_out_at=now)
        .returning(LayOut.id)
    ).one()
    created = _insert_missing(call_id, lay_out_id, planned)
    if not created:
        db.session.execute(delete(table_of(LayOut)).where(LayOut.id == lay_out_id))
        return Laid(None, 0)
    db.session.execute(update(table_of(LayOut)).where(LayOut.id == lay_out_id).values(shifts=created))
    journal.write(
        "call.shifts-laid-out",
        call_id,
        by=by,
        now=now,
        unit_code=call.unit_code,
        branch_id=call.branch_id,
        shifts=created,
        lay_out=lay_out_id,
    )
    return Laid(lay_out_id, created)


def _check_places(branch_id: int, planned: Sequence[Planned]) -> None:
    served = {
        (row.id, row.unit_code)
        for row in db.session.execute(
            select(Checkpoint.id, Checkpoint.unit_code)
            .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
            .where(BranchCheckpoint.branch_id == branch_id)
        )
    }
    if not {(each.checkpoint_id, each.unit_code) for each in planned} <= served:
        raise Refused(
            "checkpoint-unknown",
            N_("One of the checkpoints is not one of this branch."),
            status=422,
            field="checkpoints",
        )


def _check_skills(planned: Sequence[Planned]) -> None:
    wanted = {each.skill_id for each in planned} - {None}
    if wanted:
        known = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(wanted))))
        if not wanted <= known:
            raise Refused("skill-unknown", N_("There is no such skill."), status=422, field="skill")


def _insert_missing(call_id: int, lay_out_id: int, planned: Sequence[Planned]) -> int:
    """One statement for many; what the unique index knows already is skipped. In one order, whoever lays out."""
    table = table_of(Shift)
    rows: list[dict[str, Any]] = [
        {
            "call_id": call_id,
            "lay_out_id": lay_out_id,
            "checkpoint_id": each.checkpoint_id,
            "unit_code": each.unit_code,
            "day": each.day,
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "post": each.post,
            "capacity": each.capacity,
            "least": each.least,
            "held_back": each.held_back,
            "held_back_until": each.held_back_until,
            "taken": 0,
            "held": 0,
            "waiting": 0,
            "skill_id": each.skill_id,
            "status": ShiftStatus.OPEN,
        }
        for each in sorted(planned, key=attrgetter("starts_at", "ends_at", "checkpoint_id", "post"))
    ]
    for_dialect = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = for_dialect(table).on_conflict_do_nothing().returning(table.c.id)
    return len(db.session.execute(statement, rows).all())


def set_capacity(
    shift_id: int,
    capacity: int,
    *,
    least: int | None = None,
    shrink: bool = False,
    by: Actor,
    now: datetime,
) -> bool:
    """Raise or lower the seats of an open shift, and from how many people on it is covered (`least`; without it as
    before, as far as the seats go). Answers whether anything changed: the same numbers again change nothing.

    Nobody loses a seat by it. What is said of more seats than there are then follows (the least, those held back, an
    earlier shrinking). Fewer seats than are taken or offered are refused; with `shrink` all the free ones go
    at once, and those that are given back go too, until `capacity` is reached.
    """
    check_capacity(capacity)
    if least is not None:
        check_least(least, capacity)
    calling_off.lock([shift_id])
    before = _place_of(shift_id)
    if before.status != ShiftStatus.OPEN:
        raise _not_open()
    needed = before.taken + before.held
    if needed > capacity and not shrink:
        raise Refused(
            "capacity-below-taken",
            N_("%(taken)s people hold this shift or are asked to: it cannot have fewer seats than that.")
            if before.held
            else N_("%(taken)s people hold this shift: it cannot have fewer seats than that."),
            status=422,
            field="capacity",
            taken=needed,
        )
    seats = max(capacity, needed)
    if shrink:
        shrink_to = capacity if seats > capacity else None
    else:
        shrink_to = before.shrink_to if before.shrink_to and before.shrink_to < seats else None
    values = {
        "capacity": seats,
        "shrink_to": shrink_to,
        "least": min(before.least if least is None else least, seats),
        "held_back": min(before.held_back, seats),
    }
    if all(getattr(before, name) == value for name, value in values.items()):
        return False
    db.session.execute(update(table_of(Shift)).where(Shift.id == shift_id).values(**values))
    verb = "least-set" if capacity == before.capacity else "capacity-lowered"
    journal.write(
        "shift.capacity-raised" if capacity > before.capacity else f"shift.{verb}",
        shift_id,
        by=by,
        now=now,
        unit_code=before.unit_code,
        branch_id=before.branch_id,
        before=before.capacity,
        after=capacity,
        least=values["least"],
    )
    return True


def cancel(shift_id: int, *, by: Actor, now: datetime) -> int:
    """Cancel an open shift: every sign-up on it is withdrawn with it, and told; answers how many were confirmed.

    Cancelling again changes nothing. Refuses a closed shift, one that is over, and one on whose roster
    somebody's attendance is noted already.
    """
    before = _place_of(shift_id)
    if before.status == ShiftStatus.CANCELLED:
        return 0
    if before.ends_at <= now:
        raise Refused("shift-over", N_("This shift is over: close its roster instead of cancelling it."))
    calling_off.lock([shift_id])
    if _place_of(shift_id).status != ShiftStatus.OPEN:
        raise _not_open()
    if calling_off.attended([shift_id]):
        raise Refused(
            "attended",
            N_("Attendance is noted on this shift already: close its roster instead of cancelling it."),
        )
    went = cancel_shifts([shift_id], by=by, now=now)
    return sum(each.status == SignUpStatus.CONFIRMED for each in went)


def _place_of(shift_id: int) -> Any:
    row = db.session.execute(
        select(
            Shift.status,
            Shift.capacity,
            Shift.taken,
            Shift.held,
            Shift.least,
            Shift.held_back,
            Shift.shrink_to,
            Shift.ends_at,
            Shift.unit_code,
            Call.branch_id,
        )
        .join(Call, Call.id == Shift.call_id)
        .where(Shift.id == shift_id)
    ).first()
    if row is None:
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    return row


def _not_open() -> Refused:
    return Refused(
        "shift-not-open", N_("This shift was cancelled or is closed. It can no longer be changed.")
    )
