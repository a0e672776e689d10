"""Whom an actor may name or attach: members whose home branch lies within the actor's appointments."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, false, func, or_, select

from mobilizer.accounts.queries import reader_of_member
from mobilizer.branches.rules import MOST_AT_ONCE
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.members.queries import in_scope
from mobilizer.members.rules import EVERYTHING, Scope, covering
from mobilizer.model import Attachment, Branch, Member, Unit
from mobilizer.policy import COMMAND_LINE, Actor


def check_unit(unit_code: str) -> None:
    """Refuses a unit that is not there."""
    if db.session.scalar(select(Unit.code).where(Unit.code == unit_code)) is None:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="unit", code=unit_code
        )


def check_reach(
    member_ids: Collection[int], *, by: Actor, now: datetime, field: str, of_branch: int | None = None
) -> None:
    """Refuses if one of them is unknown or outside what the actor's current appointments cover, in the same words.

    In reach are: the members that the actor may search (members.rules.covering), the actor, and whoever is
    attached to `of_branch` already. The command line reaches everybody.
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
    attached = exists().where(
        Attachment.branch_id == of_branch, Attachment.member_id == Member.id, Attachment.ends_at.is_(None)
    )
    reached = db.session.scalar(
        select(func.count())
        .select_from(Member)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(
            Member.id.in_(wanted),
            or_(
                in_scope(_scope(by, now)),
                Member.id == by.member_id,
                attached if of_branch is not None else false(),
            ),
        )
    )
    if reached != len(wanted):
        raise Refused(
            "member-unknown",
            N_("Somebody among these is not on a roster that your appointments cover. Nobody was taken in."),
            status=404,
            field=field,
        )


def _scope(by: Actor, now: datetime) -> Scope:
    if by.member_id is None:
        return EVERYTHING if by == COMMAND_LINE else Scope()
    reader = reader_of_member(by.member_id, now)
    return covering(reader) if reader else Scope()
