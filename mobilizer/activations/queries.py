"""Links as they are kept: who of a branch has one, and whose one is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from mobilizer.accounts.queries import reader_of_member
from mobilizer.activations.rules import MOST, Held, State, may_open, state
from mobilizer.branches.queries import BranchRow
from mobilizer.extensions import db
from mobilizer.members.queries import MemberPage, batches, member
from mobilizer.model import Activation, Appointment, Attachment, Branch, Member
from mobilizer.policy import Permission, Reader, allows
from mobilizer.terms import BranchKind, BranchStatus


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody for whom a link may be asked. `nonce` and `expires_at` are those of a link that is good now; `in_reach`:
    whether the reader may make one, or an administrator has to."""

    member_id: int
    name: str
    phone: str
    branch_name: str | None
    has_password: bool
    nonce: str | None
    expires_at: datetime | None
    in_reach: bool


def of_branch(branch: BranchRow, reader: Reader, now: datetime) -> list[Person]:
    """The members of a standing branch, or those attached now to another one, by name; at most MOST."""
    return _people(in_branch(branch), reader, now)


def of_member(member_id: int, reader: Reader, now: datetime) -> Person:
    return _people(Member.id == member_id, reader, now)[0]


def in_branch(branch: BranchRow) -> ColumnElement[bool]:
    if branch.kind == BranchKind.STANDING:
        return Member.home_branch_id == branch.id
    return exists().where(
        Attachment.branch_id == branch.id, Attachment.member_id == Member.id, Attachment.ends_at.is_(None)
    )


def _people(which: ColumnElement[bool], reader: Reader, now: datetime) -> list[Person]:
    good = and_(
        Activation.member_id == Member.id,
        Activation.used_at.is_(None),
        Activation.revoked_at.is_(None),
        Activation.expires_at > now,
    )
    rows = db.session.execute(
        select(
            Member.id,
            Member.name,
            Member.phone,
            Branch.name,
            Member.password_hash.is_not(None),
            Activation.nonce,
            Activation.expires_at,
        )
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Activation, good)
        .where(which)
        .order_by(Member.sort_name, Member.id)
        .limit(MOST)
    ).all()
    appointments = held([row[0] for row in rows], now)
    return [Person(*row, may_open(reader, row[0], appointments.get(row[0], ()))) for row in rows]


def held(member_ids: Collection[int], now: datetime) -> dict[int, list[Held]]:
    """member id -> the appointments that they have now or will have."""
    found: dict[int, list[Held]] = {}
    for some in batches(member_ids):
        rows = db.session.execute(
            select(
                Appointment.member_id,
                Appointment.role,
                Appointment.unit_code,
                Appointment.branch_id,
                Branch.unit_code,
            )
            .outerjoin(Branch, Branch.id == Appointment.branch_id)
            .where(
                Appointment.member_id.in_(some),
                or_(Appointment.ends_at.is_(None), Appointment.ends_at > now),
            )
        )
        for member_id, role, unit_code, branch_id, of_branch in rows:
            found.setdefault(member_id, []).append(Held(role, unit_code, branch_id, unit_code or of_branch))
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member, at the place by which a reader may reach them: their home branch, or one they are attached to."""

    member: MemberPage
    unit_code: str | None
    branch_id: int | None


def places(whose: MemberPage) -> list[Candidate]:
    """All the places of a member, the home branch first."""
    rows = db.session.execute(
        select(Branch.unit_code, Branch.id)
        .join(Attachment, Attachment.branch_id == Branch.id)
        .where(
            Attachment.member_id == whose.id,
            Attachment.ends_at.is_(None),
            Branch.status == BranchStatus.ACTIVE,
        )
        .order_by(Branch.id)
    )
    home = Candidate(whose, whose.unit_code, whose.branch_id)
    return [home, *(Candidate(whose, unit_code, branch_id) for unit_code, branch_id in rows)]


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is opened: whose it is and how it stands."""

    member_id: int
    name: str
    phone: str
    branch_name: str | None
    made_by_id: int | None
    used_at: datetime | None
    state: State


def link(token_hash: str, now: datetime) -> Link | None:
    """A link whose maker may no longer make it, because of what became of either of them since, counts as revoked."""
    row: Any = db.session.execute(
        select(
            Activation.member_id,
            Member.name,
            Member.phone,
            Branch.name,
            Activation.made_by_id,
            Activation.used_at,
            Activation.expires_at,
            Activation.revoked_at,
        )
        .join(Member, Member.id == Activation.member_id)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(Activation.token_hash == token_hash)
    ).first()
    if row is None:
        return None
    member_id, name, phone, branch_name, made_by_id, used_at, expires_at, revoked_at = row
    stands = state(expires_at, used_at, revoked_at, now)
    if stands == State.OPEN and not still_good(made_by_id, member_id, now):
        stands = State.REVOKED
    return Link(member_id, name, phone, branch_name, made_by_id, used_at, stands)


def still_good(made_by_id: int | None, member_id: int, now: datetime) -> bool:
    """Whether whoever made a link may still make one for this member. The command line always may."""
    if made_by_id is None:
        return True
    maker = reader_of_member(made_by_id, now)
    return (
        maker is not None
        and reaches(maker, member_id)
        and may_open(maker, member_id, held([member_id], now).get(member_id, ()))
    )


def reaches(reader: Reader, member_id: int) -> bool:
    """Whether the reader leads where the member is at home or attached to, or is an administrator."""
    found = member(member_id)
    return found is not None and any(
        allows(reader, Permission.MEMBER_ACTIVATE, place) for place in places(found)
    )
