"""Logging in and out, passwords, appointments."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from mobilizer import journal
from mobilizer.accounts.queries import token_hash
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Appointment, Branch, LogIn, Member, Unit
from mobilizer.policy import Actor
from mobilizer.terms import BranchStatus, Role


def start_log_in(
    member_id: int,
    *,
    lasts: timedelta,
    now: datetime,
    device: str = "",
    kept: bool = False,
    call_id: int | None = None,
    token: str | None = None,
    strong: bool = False,
) -> str:
    """A new log-in of this member; answers the token for the cookie, of which only a hash is kept.

    `kept`: "stay on this phone". With `call_id`: only a pass for that call. `token`: one that the caller can find again.
    `strong`: a passkey was shown for it.
    """
    token = token or secrets.token_urlsafe(32)
    db.session.execute(
        insert(LogIn).values(
            token_hash=token_hash(token),
            member_id=member_id,
            started_at=now,
            expires_at=now + lasts,
            seen_at=now,
            device=device,
            kept=kept,
            call_id=call_id,
            strong_at=now if strong else None,
        )
    )
    return token


def note_seen(log_in_id: int, *, now: datetime) -> None:
    """This device asked just now. Waits for no lock: whoever holds the row is noting it, or ends it."""
    free = select(LogIn.id).where(LogIn.id == log_in_id).with_for_update(skip_locked=True)
    db.session.execute(
        update(LogIn)
        .where(LogIn.id.in_(free.scalar_subquery()))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def end_device(log_in_id: int, *, of_member: int, this: int | None) -> None:
    """End one of the member's own log-ins, at once, for every copy of its cookie. One that has ended stays so. Refuses
    the one that asks (`this`), which logs out instead."""
    if log_in_id == this:
        raise Refused("device-this", N_("This is the device you are using. Log out instead."))
    db.session.execute(delete(LogIn).where(LogIn.id == log_in_id, LogIn.member_id == of_member))


def end_other_devices(*, of_member: int, this: int | None) -> int:
    """End all the member's log-ins but the one that asks; answers how many."""
    ended = db.session.scalars(
        delete(LogIn)
        .where(LogIn.member_id == of_member, LogIn.id.is_distinct_from(this))
        .returning(LogIn.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def end_log_in(token: str) -> None:
    db.session.execute(delete(LogIn).where(LogIn.token_hash == token_hash(token)))


def set_password(member_id: int, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Keep the hash (made before the transaction) and end every log-in of the member."""
    changed = db.session.scalar(
        update(Member).where(Member.id == member_id).values(password_hash=password_hash).returning(Member.id)
    )
    if changed is None:
        raise Refused("member-unknown", N_("There is no such member."), status=404)
    db.session.execute(delete(LogIn).where(LogIn.member_id == member_id))
    journal.write("member.password-set", member_id, by=by, now=now)


def appoint(
    member_id: int,
    role: Role,
    *,
    unit_code: str | None = None,
    branch_id: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Give a member a role over a unit or in a branch; answers the appointment's id, also if it is held already.

    Refuses an unknown member, unit or branch, a branch that does not stand, a place for an administrator, none for
    anybody else, and a coordinator of a branch. The branch stays as it is until commit, and the member's row is
    locked: the same appointment twice at once is one.
    """
    if (role == Role.ADMINISTRATOR) != (unit_code is None and branch_id is None) or (unit_code and branch_id):
        raise Refused(
            "appointment-place",
            N_("A role is held over one unit or in one branch; an administrator's over everything."),
            status=422,
        )
    if role == Role.COORDINATOR and branch_id is not None:
        raise Refused(
            "appointment-place", N_("A coordinator is appointed for a unit."), status=422, field="place"
        )
    if unit_code is not None and db.session.get(Unit, unit_code) is None:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="place", code=unit_code
        )
    if branch_id is not None:
        _check_stands(branch_id)
    known = select(Member.id).where(Member.id == member_id).with_for_update(key_share=True)
    if db.session.scalar(known) is None:
        raise Refused("member-unknown", N_("There is no such member."), status=404)
    held = db.session.scalar(
        select(Appointment.id).where(
            Appointment.member_id == member_id,
            Appointment.role == role,
            Appointment.unit_code.is_not_distinct_from(unit_code),
            Appointment.branch_id.is_not_distinct_from(branch_id),
            Appointment.ends_at.is_(None),
        )
    )
    if held is not None:
        return held
    appointment_id = db.session.execute(
        insert(Appointment)
        .values(member_id=member_id, role=role, unit_code=unit_code, branch_id=branch_id, starts_at=now)
        .returning(Appointment.id)
    ).scalar_one()
    journal.write(
        "member.appointed",
        member_id,
        by=by,
        now=now,
        unit_code=unit_code,
        branch_id=branch_id,
        role=str(role),
    )
    return appointment_id


def _check_stands(branch_id: int) -> None:
    status = db.session.scalar(select(Branch.status).where(Branch.id == branch_id).with_for_update(read=True))
    if status is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=422, field="place")
    if status != BranchStatus.ACTIVE:
        raise Refused(
            "branch-not-active",
            N_("Only a branch that stands has leaders. A proposed one gets them with its approval."),
            field="place",
        )


def end_appointment(appointment_id: int, *, by: Actor, now: datetime) -> None:
    """End it now. Refuses one that has ended or is the last administrator's."""
    role = db.session.scalar(select(Appointment.role).where(Appointment.id == appointment_id))
    if role == Role.ADMINISTRATOR:
        _check_not_last(appointment_id)
    ended = db.session.execute(
        update(Appointment)
        .where(Appointment.id == appointment_id, Appointment.ends_at.is_(None))
        .values(ends_at=now)
        .returning(Appointment.member_id, Appointment.role, Appointment.unit_code, Appointment.branch_id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is None:
        raise Refused("appointment-ended", N_("This appointment has ended already."))
    journal.write(
        "member.appointment-ended",
        ended.member_id,
        by=by,
        now=now,
        unit_code=ended.unit_code,
        branch_id=ended.branch_id,
        role=ended.role,
    )


def _check_not_last(appointment_id: int) -> None:
    """Locks all administrators' appointments, so that two cannot end each other's at once and leave none."""
    current = db.session.execute(
        select(Appointment.id, Appointment.member_id)
        .where(Appointment.role == Role.ADMINISTRATOR, Appointment.ends_at.is_(None))
        .order_by(Appointment.id)
        .with_for_update(key_share=True)
    ).all()
    members = {row.id: row.member_id for row in current}
    if set(members.values()) == {members.get(appointment_id)}:
        raise Refused("last-administrator", N_("This is the last administrator. Appoint another one first."))
