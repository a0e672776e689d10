"""Members: one, a search within what a reader's appointments cover, and what a roster is compared with."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from mobilizer.extensions import db
from mobilizer.members import finding
from mobilizer.members.planning import Known, KnownBranch, KnownMember, RosterPlan, plan
from mobilizer.members.roster import Entry, Roster
from mobilizer.members.rules import Scope
from mobilizer.model import Attachment, Branch, Member, MemberSkill, Skill, Unit, within
from mobilizer.terms import BranchKind, BranchStatus
from mobilizer.units import queries as units
from mobilizer.units.rules import UnitNames, chain

T = TypeVar("T")
LARGEST_ID = 2**63 - 1
MANY = 500
PAGE = 50


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One member. `unit_code` and `branch_id` are the home branch's: the place that permissions are asked for."""

    id: int
    name: str
    phone: str
    standing: str
    joined_on: date | None
    branch_id: int | None
    branch_name: str | None
    unit_code: str | None
    unit_name: str | None
    has_password: bool
    skills: tuple[str, ...]


def member(member_id: int) -> MemberPage | None:
    if not 0 < member_id <= LARGEST_ID:
        return None
    row: Any = db.session.execute(
        select(
            Member.id,
            Member.name,
            Member.phone,
            Member.standing,
            Member.joined_on,
            Branch.id,
            Branch.name,
            Unit.code,
            Unit.name,
            Member.password_hash.is_not(None),
        )
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Unit, Unit.code == Branch.unit_code)
        .where(Member.id == member_id)
    ).first()
    if row is None:
        return None
    can_do = tuple(skills_of([member_id]).get(member_id, ()))
    return MemberPage(*(*row, can_do))


def id_of_phone(phone: str) -> int | None:
    """The member who has this E.164 number."""
    return db.session.scalar(select(Member.id).where(Member.phone == phone))


def ids_of_phones(phones: Collection[str]) -> dict[str, int]:
    """phone -> member id, of the members who have one of these E.164 numbers."""
    found: dict[str, int] = {}
    for some in batches(phones):
        rows = db.session.execute(select(Member.phone, Member.id).where(Member.phone.in_(some)))
        found |= dict(rows.all())
    return found


def skills_of(member_ids: Collection[int]) -> dict[int, list[str]]:
    """member id -> names of their confirmed skills, in order."""
    found: dict[int, list[str]] = {}
    for some in batches(member_ids):
        rows = db.session.execute(
            select(MemberSkill.member_id, Skill.name)
            .join(Skill, Skill.id == MemberSkill.skill_id)
            .where(MemberSkill.member_id.in_(some), MemberSkill.confirmed_at.is_not(None))
            .order_by(MemberSkill.id)
        )
        for member_id, name in rows:
            found.setdefault(member_id, []).append(name)
    return found


def skills() -> list[tuple[int, str]]:
    """(id, name) of every skill, by name: for a filter."""
    rows = db.session.execute(select(Skill.id, Skill.name).order_by(Skill.name))
    return [(skill_id, name) for skill_id, name in rows]


def branches_near(member: MemberPage) -> list[tuple[int, str]]:
    """(id, name) of the branches in which a member may be appointed on a page: those that stand in the home unit and
    in all units above it, and those they are attached to."""
    attached = select(Attachment.branch_id).where(
        Attachment.member_id == member.id, Attachment.ends_at.is_(None)
    )
    rows = db.session.execute(
        select(Branch.id, Branch.name)
        .where(
            Branch.status == BranchStatus.ACTIVE,
            or_(
                Branch.unit_code.in_(chain(member.unit_code) if member.unit_code else []),
                Branch.id.in_(attached),
            ),
        )
        .order_by(Branch.kind, Branch.name)
        .limit(200)
    )
    return [(branch_id, name) for branch_id, name in rows]


# --- search -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One found member; `unit_code` and `branch_id` are the home branch's."""

    id: int
    name: str
    phone: str
    standing: str
    branch_id: int | None
    branch_name: str | None
    unit_code: str | None
    unit_name: str | None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and how many there are in all."""

    lines: list[MemberLine]
    total: int


def search(
    scope: Scope,
    *,
    text: str = "",
    unit_code: str | None = None,
    branch_id: int | None = None,
    standing: str | None = None,
    skill_id: int | None = None,
    without: Collection[int] | Select[Any] = (),
    limit: int = PAGE,
    offset: int = 0,
) -> Found:
    """Members within `scope`, in the order of their names' pinyin; three queries whatever is found.

    Every word of `text` must be found in the name, its pinyin or initials, the phone's digits, the home branch's
    name or a skill. `without` are member ids, or a select of them, to leave out.
    """
    conditions = [in_scope(scope), *(_says(word, scope) for word in finding.words(text))]
    if unit_code is not None:
        conditions.append(within(Branch.unit_code, unit_code))
    if branch_id is not None:
        conditions.append(Member.home_branch_id == branch_id)
    if standing is not None:
        conditions.append(Member.standing == standing)
    if skill_id is not None:
        conditions.append(
            exists().where(
                MemberSkill.member_id == Member.id,
                MemberSkill.skill_id == skill_id,
                MemberSkill.confirmed_at.is_not(None),
            )
        )
    if isinstance(without, Select) or without:
        conditions.append(Member.id.not_in(without))
    home = (
        select(func.count())
        .select_from(Member)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(and_(*conditions))
    )
    total = db.session.scalar(home) or 0
    rows = db.session.execute(
        select(
            Member.id,
            Member.name,
            Member.phone,
            Member.standing,
            Branch.id,
            Branch.name,
            Unit.code,
            Unit.name,
        )
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Unit, Unit.code == Branch.unit_code)
        .where(and_(*conditions))
        .order_by(Member.sort_name, Member.id)
        .limit(limit)
        .offset(offset)
    ).all()
    can_do = skills_of([row[0] for row in rows])
    return Found([MemberLine(*row, tuple(can_do.get(row[0], ()))) for row in rows], total)


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """Of a select of Member with an outer join of the home Branch: the members whom the scope covers."""
    if scope.everything:
        return Member.id.is_not(None)
    parts = [within(Branch.unit_code, code) for code in sorted(scope.unit_codes)]
    if scope.branch_ids:
        parts.append(Member.home_branch_id.in_(sorted(scope.branch_ids)))
    return or_(*parts) if parts else false()


def _says(word: str, scope: Scope) -> ColumnElement[bool]:
    has_skill = (
        exists()
        .where(
            MemberSkill.member_id == Member.id,
            MemberSkill.skill_id == Skill.id,
            MemberSkill.confirmed_at.is_not(None),
        )
        .where(func.lower(Skill.name).contains(word, autoescape=True))
    )
    named = finding.says(word, by_phone=not scope.only_counted)
    if scope.only_counted:
        named = or_(named, and_(in_scope(scope.called), finding.says(word)))
    return or_(
        named,
        func.lower(Branch.name).contains(word, autoescape=True),
        has_skill,
    )


# --- what a roster is compared with ------------------------------------------------------------------


def planned_import(roster: Roster, unit_code: str | None, today: date) -> RosterPlan:
    """What importing these rows would do now. Writes nothing; Refused when `unit_code` is no unit."""
    return plan(roster, known_for(roster), unit_code, today)


def known_for(roster: Roster) -> Known:
    """All units and current branches, and the members who have one of the roster's phones."""
    branches = db.session.execute(
        select(Branch.id, Branch.name, Branch.unit_code, Branch.kind == BranchKind.STANDING).where(
            Branch.status.in_([BranchStatus.ACTIVE, BranchStatus.PROPOSED])
        )
    )
    return Known(
        UnitNames(units.all_names()),
        [KnownBranch(*row) for row in branches],
        _members({entry.phone for _, entry in roster.rows if isinstance(entry, Entry)}),
        frozenset(name for _, name in skills()),
    )


def _members(phones: Collection[str]) -> dict[str, KnownMember]:
    rows: list[Any] = []
    for some in batches(phones):
        rows += db.session.execute(
            select(
                Member.phone,
                Member.id,
                Member.name,
                Member.home_branch_id,
                Member.standing,
                Member.joined_on,
            ).where(Member.phone.in_(some))
        ).all()
    can_do = skills_of([row.id for row in rows])
    return {
        row.phone: KnownMember(
            row.id,
            row.name,
            row.home_branch_id,
            row.standing,
            row.joined_on,
            frozenset(can_do.get(row.id, ())),
        )
        for row in rows
    }


def batches(values: Collection[T]) -> Iterator[list[T]]:
    """No statement has more parameters than either database takes."""
    left = iter(values)
    while some := list(islice(left, MANY)):
        yield some
