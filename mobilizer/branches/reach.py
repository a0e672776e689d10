"""Whom an actor may name or attach: members whose home branch lies within the actor's appointments."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from mobilizer.branches.rules import MOST_AT_ONCE
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Appointment, Attachment, Branch, Member, Unit, within
from mobilizer.policy import COMMAND_LINE, Actor
from mobilizer.terms import Role

_OVER_PEOPLE = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COORDINATOR)


def check_unit(unit_code: str) -> None:
    """Refuses a unit that is not there."""
    if db.session.scalar(select(Unit.code).where(Unit.code == unit_code)) is None:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="unit", code=unit_code
        )


def check_reach(
    member_ids: Collection[int],
    *,
    by: Actor,
    now: datetime,
    field: str,
    of_branch: int | None = None,
) -> None:
    """Refuses if one of them is unknown or outside what the actor's current appointments cover, in the same words.

    In reach are: members at home within a unit, or in a branch, that the actor is secretary, deputy or coordinator
    of; the actor; and whoever is attached to `of_branch` already. The command line reaches everybody.
    """
    wanted = set(member_ids)
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(
            "too-many-at-once",
            N_("At most %(most)s people in one step. Please do it in several."),
            status=422,
            field=field,
            most=MOST_AT_ONCE,
        )
    if not wanted:
        return
    reached = (
        select(func.count())
        .select_from(Member)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(Member.id.in_(wanted))
    )
    if by != COMMAND_LINE:
        reached = reached.where(_reached_by(by, now, of_branch))
    if db.session.scalar(reached) != len(wanted):
        raise Refused(
            "member-unknown",
            N_("Somebody among these is not on a roster that your appointments cover. Nobody was taken in."),
            status=404,
            field=field,
        )


def _reached_by(by: Actor, now: datetime, of_branch: int | None) -> ColumnElement[bool]:
    held: Any = db.session.execute(
        select(Appointment.unit_code, Appointment.branch_id).where(
            Appointment.member_id == by.member_id,
            Appointment.role.in_(_OVER_PEOPLE),
            Appointment.starts_at <= now,
            or_(Appointment.ends_at.is_(None), Appointment.ends_at > now),
        )
    ).all()
    units = [within(Branch.unit_code, row.unit_code) for row in held if row.unit_code]
    branches = [row.branch_id for row in held if row.branch_id]
    already = (
        exists().where(
            Attachment.branch_id == of_branch, Attachment.member_id == Member.id, Attachment.ends_at.is_(None)
        )
        if of_branch is not None
        else false()
    )
    return or_(Member.id == by.member_id, Member.home_branch_id.in_(branches), already, *units)
