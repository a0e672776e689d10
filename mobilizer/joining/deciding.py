"""A newcomer's yes or no: a leader of the calling branch takes them in as a volunteer, or recognises whom the roster has."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from mobilizer import journal
from mobilizer.branches import actions as branches
from mobilizer.branches import people
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.joining import queries, rules
from mobilizer.members import actions as members
from mobilizer.model import Member, Newcomer
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import actions as signups
from mobilizer.signups.asking_rules import of_another
from mobilizer.signups.facts import Turn, before
from mobilizer.terms import BranchKind, BranchStatus, Standing


@dataclass(frozen=True, slots=True)
class Accepted:
    """Whom the yes has made or recognised, and what became of their wish."""

    member_id: int
    name: str
    turn: Turn | None = None
    refusal: Refused | None = None


def accept(newcomer_id: int, *, sees: bool, by: Actor, now: datetime) -> Accepted:
    """The branch says yes: who is on no roster becomes a volunteer of the branch, whom the roster has is recognised by the
    phone number; then they are signed up for what they wished, if it can still be had.

    `sees`: whether the actor may see the member who has this number; without, a number that is another name's is refused.
    Refuses a no that was said before, and a branch that stands no more. Yes again: the same.
    """
    found = _decide(newcomer_id, "accepted", now)
    if found.status == "accepted" and found.member_id is not None:
        return Accepted(found.member_id, found.name)
    if found.branch_status != BranchStatus.ACTIVE:
        raise Refused("branch-not-active", N_("The branch stands no more."))
    known = db.session.execute(select(Member.id, Member.name).where(Member.phone == found.phone)).first()
    if known is not None and not sees and not rules.same_name(found.name, known.name):
        raise Refused(
            "another-name",
            N_("This number is on a roster under another name, which is not yours to see. Please ask them."),
        )
    member_id = known.id if known is not None else _take_in(found, by, now)
    if known is not None:
        _attach(found, member_id, by, now)
    db.session.execute(
        update(Newcomer)
        .where(Newcomer.id == newcomer_id)
        .values(status="accepted", decided_at=now, member_id=member_id)
        .execution_options(synchronize_session=False)
    )
    _write("newcomer.accepted", found, by, now, member=member_id)
    notices.write("newcomer-accepted", [member_id], now=now, title=found.title)
    if found.shift_id is None:
        return Accepted(member_id, found.name)
    return _sign_up(found, found.shift_id, member_id, by, now)


def decline(newcomer_id: int, *, by: Actor, now: datetime) -> None:
    """The branch says no, this time. Refuses a yes that was said before. No again: nothing changes."""
    found = _decide(newcomer_id, "declined", now)
    if found.status == "declined":
        return
    db.session.execute(
        update(Newcomer)
        .where(Newcomer.id == newcomer_id)
        .values(status="declined", decided_at=now)
        .execution_options(synchronize_session=False)
    )
    _write("newcomer.declined", found, by, now)


def _decide(newcomer_id: int, becomes: str, now: datetime) -> queries.One:
    """The newcomer, whose row is locked until commit. Refuses what has been decided otherwise."""
    db.session.execute(select(Newcomer.id).where(Newcomer.id == newcomer_id).with_for_update())
    found = queries.newcomer(newcomer_id)
    if found is None:
        raise Refused("newcomer-unknown", N_("They wait no longer."), status=404)
    if found.status not in ("pending", becomes):
        raise Refused("newcomer-decided", N_("Somebody else has answered %(name)s already."), name=found.name)
    return found


def _take_in(found: queries.One, by: Actor, now: datetime) -> int:
    """A new volunteer: at home in a standing branch, attached to any other."""
    at_home = found.branch_kind == BranchKind.STANDING
    member_id = members.add_member(
        found.name,
        found.phone,
        found.branch_id if at_home else None,
        Standing.VOLUNTEER,
        by=by,
        now=now,
    )
    if not at_home:
        people.take_in(found.branch_id, found.unit_code, [member_id], by, now)
    return member_id


def _attach(found: queries.One, member_id: int, by: Actor, now: datetime) -> None:
    """Whom the roster has outside the call's audience comes to an action or temporary branch as well, if the actor's
    appointments reach them; else the shift that they wish for is all they get."""
    if found.branch_kind == BranchKind.STANDING or queries.in_audience(found, member_id, now):
        return
    try:
        with db.session.begin_nested():
            branches.attach(found.branch_id, [member_id], by=by, now=now)
    except Refused:
        return


def _sign_up(found: queries.One, shift_id: int, member_id: int, by: Actor, now: datetime) -> Accepted:
    try:
        with db.session.begin_nested():
            turn = signups.sign_up(shift_id, member_id, by=by, now=now, unverified=True)
            return Accepted(member_id, found.name, turn)
    except Refused as refusal:
        turn = before(shift_id, member_id, now).turn
        return Accepted(member_id, found.name, turn, of_another(refusal, found.name))


def _write(kind: str, found: queries.One, by: Actor, now: datetime, **details: int) -> None:
    journal.write(
        kind,
        found.id,
        by=by,
        now=now,
        unit_code=found.unit_code,
        branch_id=found.branch_id,
        call=found.call_id,
        **details,
    )
