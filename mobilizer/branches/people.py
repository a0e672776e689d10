"""Who comes to a branch and leaves it: the statements that several actions share."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, literal, select, update

from mobilizer import journal
from mobilizer.extensions import db
from mobilizer.model import Appointment, Attachment, JournalEntry, Member
from mobilizer.policy import Actor
from mobilizer.terms import Standing


def full_members(branch_id: int) -> int:
    """How many full members are attached now."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Attachment)
            .join(Member, Member.id == Attachment.member_id)
            .where(
                Attachment.branch_id == branch_id,
                Attachment.ends_at.is_(None),
                Member.standing == Standing.FULL,
            )
        )
        or 0
    )


def take_in(branch_id: int, unit_code: str, member_ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Attach whoever of them is not attached yet, and journal it; answers how many that were."""
    held = exists().where(
        Attachment.branch_id == branch_id, Attachment.member_id == Member.id, Attachment.ends_at.is_(None)
    )
    new = select(literal(branch_id), Member.id, literal(now, Attachment.starts_at.type)).where(
        Member.id.in_(set(member_ids)), ~held
    )
    attached = db.session.scalars(
        insert(Attachment)
        .from_select(["branch_id", "member_id", "starts_at"], new)
        .returning(Attachment.member_id)
    ).all()
    if attached:
        journal.write(
            "branch.attached",
            branch_id,
            by=by,
            now=now,
            unit_code=unit_code,
            branch_id=branch_id,
            count=len(attached),
            members=sorted(attached),
        )
    return len(attached)


def dissolve(branches: Sequence[Any], *, by: Actor, now: datetime, operation: str | None = None) -> None:
    """End all attachments and appointments of branches that have just ended, and journal each branch."""
    if not branches:
        return
    units = {row.id: row.unit_code for row in branches}
    people = Counter(
        db.session.scalars(
            update(Attachment)
            .where(Attachment.branch_id.in_(units), Attachment.ends_at.is_(None))
            .values(ends_at=now)
            .returning(Attachment.branch_id)
            .execution_options(synchronize_session=False)
        )
    )
    released = release(Appointment.branch_id.in_(units), now)
    entries = [
        journal.entry(
            "branch.ended",
            row.id,
            by,
            now,
            row.unit_code,
            row.id,
            {"name": row.name, "people": people[row.id], "operation": operation},
        )
        for row in branches
    ]
    entries += [release_entry(each, units[each.branch_id], by, now) for each in released]
    db.session.execute(insert(JournalEntry), entries)


def release(which: Any, now: datetime) -> Sequence[Any]:
    """End the current appointments among `which`; answers member_id, role and branch_id of each."""
    return db.session.execute(
        update(Appointment)
        .where(which, Appointment.ends_at.is_(None))
        .values(ends_at=now)
        .returning(Appointment.member_id, Appointment.role, Appointment.branch_id)
        .execution_options(synchronize_session=False)
    ).all()


def release_entry(released: Any, unit_code: str, by: Actor, now: datetime) -> dict[str, Any]:
    return journal.entry(
        "member.appointment-ended",
        released.member_id,
        by,
        now,
        unit_code,
        released.branch_id,
        {"role": released.role},
    )
