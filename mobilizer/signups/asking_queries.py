"""Whoever cannot come and what they may do now; whom one could ask, and what stands against each; who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlalchemy.orm import aliased

from mobilizer.errors import Refused
from mobilizer.extensions import db
from mobilizer.inputs import local_zone
from mobilizer.model import (
    Appointment,
    Attendance,
    Branch,
    Call,
    Member,
    MemberSkill,
    Shift,
    SignUp,
    with_all_above,
)
from mobilizer.signups.asking_rules import of_another
from mobilizer.signups.candidates import Candidate
from mobilizer.signups.facts import ACTIVE, REACH, before
from mobilizer.signups.limit_rules import Span
from mobilizer.signups.rules import Facts, fits, may_give_back, may_serve
from mobilizer.terms import CallStatus, Role, SignUpStatus

LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)


# --- who cannot come ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that a member holds, as far as it matters to who cannot come.

    `asked`: whom they have asked to take it over, and until when (`asked_until`) that may be answered.
    """

    sign_up_id: int
    branch_id: int
    starts_at: datetime
    ends_at: datetime
    signed_up_at: datetime
    attended: bool
    cut_off: timedelta
    waiting: int
    cannot_come_at: datetime | None
    cannot_come_why: str
    asked: str | None
    asked_until: datetime | None
    unverified: bool

    def against_giving_back(self, now: datetime) -> Refused | None:
        """Why it cannot be given back now; None: it can."""
        try:
            may_give_back(self.starts_at, self.attended, self.signed_up_at, self.cut_off, now)
        except Refused as reason:
            return reason
        return None


def held(shift_id: int, member_id: int) -> Held | None:
    """The seat that the member holds on the shift, or None."""
    theirs, taker = aliased(SignUp), aliased(Member)
    row: Any = db.session.execute(
        select(
            SignUp.id,
            Call.branch_id,
            SignUp.starts_at,
            SignUp.ends_at,
            SignUp.signed_up_at,
            exists().where(Attendance.sign_up_id == SignUp.id),
            Branch.cut_off_minutes,
            Shift.waiting,
            SignUp.cannot_come_at,
            SignUp.cannot_come_why,
            taker.name,
            theirs.answer_by,
            SignUp.unverified,
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .outerjoin(theirs, and_(theirs.in_place_of_id == SignUp.id, theirs.status == SignUpStatus.OFFERED))
        .outerjoin(taker, taker.id == theirs.member_id)
        .where(
            SignUp.shift_id == shift_id,
            SignUp.member_id == member_id,
            SignUp.status == SignUpStatus.CONFIRMED,
        )
    ).first()
    if row is None:
        return None
    *before_it, cut_off, waiting, at, why, asked, until, unverified = row
    found: tuple[Any, ...] = (
        *before_it,
        timedelta(minutes=cut_off),
        waiting,
        at,
        why,
        asked,
        until,
        unverified,
    )
    return Held(*found)


class Leader(NamedTuple):
    """Whoever leads a branch: whom its members call, and who is told."""

    member_id: int
    name: str
    phone: str
    role: str


def leaders(branch_id: int) -> list[Leader]:
    """Those appointed in the branch, secretaries first; where it has none, the secretaries of its unit, or of the
    nearest unit above that has one."""
    if found := _appointed(Appointment.branch_id == branch_id, LEADING):
        return [leader for leader, _where in found]
    unit_code = db.session.scalar(select(Branch.unit_code).where(Branch.id == branch_id)) or ""
    found = _appointed(Appointment.unit_code.in_(with_all_above([unit_code])), LEADING[:2])
    nearest = max((len(where or "") for _leader, where in found), default=0)
    return [leader for leader, where in found if len(where or "") == nearest]


def _appointed(place: ColumnElement[bool], roles: Sequence[Role]) -> list[tuple[Leader, str | None]]:
    rank = case({str(role): at for at, role in enumerate(LEADING)}, value=Appointment.role, else_=9)
    rows = db.session.execute(
        select(Member.id, Member.name, Member.phone, Appointment.role, Appointment.unit_code)
        .join(Member, Member.id == Appointment.member_id)
        .where(place, Appointment.role.in_(roles), Appointment.ends_at.is_(None))
        .order_by(rank, Member.sort_name, Member.id)
    )
    return [(Leader(*row[:4]), row[4]) for row in rows]


# --- whom one could ask -------------------------------------------------------------------------------


class Could(NamedTuple):
    """Somebody who may be asked. `status`: of their active sign-up on this shift. `against`: the first reason why
    they could not take it, said of them; None: they could."""

    who: Candidate
    status: str | None
    against: Refused | None


@dataclass(frozen=True, slots=True)
class Askable:
    """A shift before anybody is asked. `against`: what stands against the shift itself, for all of them."""

    free: int
    waiting: int
    offer: timedelta
    against: Refused | None


def askable(shift_id: int, now: datetime) -> Askable:
    state = before(shift_id, 0, now)
    return Askable(state.facts.free, state.facts.waiting, state.offer, _against(state.facts, now))


def _against(facts: Facts, now: datetime) -> Refused | None:
    try:
        may_serve(replace(facts, skill=None, others=()), local_zone(), now)
    except Refused as reason:
        return reason
    return None


def who_could(shift_id: int, found: Sequence[Candidate], now: datetime) -> list[Could]:
    """What stands against each of them, in a fixed number of queries."""
    if not found:
        return []
    facts, ids = before(shift_id, 0, now).facts, [each.id for each in found]
    status = dict(
        db.session.execute(
            select(SignUp.member_id, SignUp.status).where(
                SignUp.shift_id == shift_id, SignUp.member_id.in_(ids), SignUp.status.in_(ACTIVE)
            )
        ).all()
    )
    skilled = set(
        db.session.scalars(
            select(MemberSkill.member_id)
            .join(Shift, Shift.skill_id == MemberSkill.skill_id)
            .where(
                Shift.id == shift_id, MemberSkill.member_id.in_(ids), MemberSkill.confirmed_at.is_not(None)
            )
        )
    )
    others: dict[int, list[Span]] = {}
    for row in db.session.execute(
        select(SignUp.member_id, SignUp.starts_at, SignUp.ends_at, Shift.day)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            SignUp.member_id.in_(ids),
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.shift_id != shift_id,
            SignUp.starts_at > now - REACH,
        )
    ):
        others.setdefault(row.member_id, []).append(Span(row.starts_at, row.ends_at, row.day))
    return [
        Could(
            each,
            status.get(each.id),
            _against_one(
                replace(facts, holds_skill=each.id in skilled, others=others.get(each.id, ())), each.name
            ),
        )
        for each in found
    ]


def _against_one(facts: Facts, name: str) -> Refused | None:
    try:
        fits(facts, local_zone())
    except Refused as reason:
        return of_another(reason, name)
    return None


# --- for the leader: everybody on a shift ---------------------------------------------------------------


class OnIt(NamedTuple):
    """Somebody with an active sign-up on a shift. `answer_by`: of who is asked; `asked_by`: who asked them (None: the
    waiting list, or the member themselves); `giver`: whose seat they are asked to take over."""

    sign_up_id: int
    member_id: int
    name: str
    phone: str
    home_branch: str | None
    status: str
    answer_by: datetime | None
    asked_by: str | None
    giver: str | None
    cannot_come_at: datetime | None
    cannot_come_why: str
    unverified: bool


def _everybody() -> Any:
    asker, given, giver = aliased(Member), aliased(SignUp), aliased(Member)
    return (
        select(
            SignUp.id,
            Member.id,
            Member.name,
            Member.phone,
            Branch.name,
            SignUp.status,
            SignUp.answer_by,
            asker.name,
            giver.name,
            SignUp.cannot_come_at,
            SignUp.cannot_come_why,
            SignUp.unverified,
        )
        .join(Member, Member.id == SignUp.member_id)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(asker, asker.id == SignUp.asked_by_id)
        .outerjoin(given, given.id == SignUp.in_place_of_id)
        .outerjoin(giver, giver.id == given.member_id)
        .where(SignUp.status.in_(ACTIVE))
    )


@dataclass(frozen=True, slots=True)
class Everybody:
    """Who is on by name, who is asked, and who waits, in the order of the line."""

    on: list[OnIt]
    asked: list[OnIt]
    waiting: list[OnIt]


def everybody(shift_id: int) -> Everybody:
    rows = db.session.execute(_everybody().where(SignUp.shift_id == shift_id).order_by(SignUp.id))
    found = [OnIt._make(row) for row in rows]
    on = [each for each in found if each.status == SignUpStatus.CONFIRMED]
    return Everybody(
        sorted(on, key=lambda each: (each.cannot_come_at is None, each.name)),
        [each for each in found if each.status == SignUpStatus.OFFERED],
        [each for each in found if each.status == SignUpStatus.WAITLISTED],
    )


@dataclass(frozen=True, slots=True)
class One:
    """A sign-up of a shift, at the shift's place, which permissions are asked for. `person` None: not active any more."""

    shift_id: int
    sign_up_id: int
    member_id: int
    name: str
    unit_code: str
    branch_id: int
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    call_id: int
    person: OnIt | None


def one(shift_id: int, sign_up_id: int) -> One | None:
    """The sign-up, if it is one of this shift."""
    row = db.session.execute(
        select(
            SignUp.shift_id,
            SignUp.id,
            SignUp.member_id,
            Member.name,
            Shift.unit_code,
            Call.branch_id,
            Call.status == CallStatus.PUBLISHED,
            Call.audience_unit_code,
            Call.audience_branch_id,
            Call.id,
        )
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .where(SignUp.id == sign_up_id, SignUp.shift_id == shift_id)
    ).first()
    if row is None:
        return None
    person = db.session.execute(_everybody().where(SignUp.id == sign_up_id)).first()
    found: tuple[Any, ...] = (*row, OnIt._make(person) if person else None)
    return One(*found)
