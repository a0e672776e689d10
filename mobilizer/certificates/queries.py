"""Certificates as they are kept, and whose service a branch certifies."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from mobilizer.branches.queries import BranchRow, branch
from mobilizer.certificates import rules
from mobilizer.certificates.rules import Scope
from mobilizer.extensions import run
from mobilizer.members import finding
from mobilizer.members.queries import batches
from mobilizer.model import Appointment, Branch, Certificate, Member, ServiceRecord, Unit
from mobilizer.terms import Role

PAGE = 50


# --- as they are kept ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate. `unit_code`, `branch_id` and `member_id` are what permissions are asked for: the issuer's place, and
    whose it is."""

    id: int
    number: str
    nonce: str
    branch_id: int
    branch_name: str
    unit_code: str
    unit_name: str
    member_id: int
    name: str
    volunteer_number: str
    scope: str
    language: str
    from_day: date | None
    to_day: date
    person_times: int
    minutes: int
    through_record_id: int
    checksum: str
    person_in_charge: str
    handler: str
    contact: str
    issued_at: datetime
    revoked_at: datetime | None
    revoked_because: str
    revoked_by: str | None

    @property
    def state(self) -> rules.State:
        return rules.state(self.revoked_at)


_REVOKER = aliased(Member)
_OF_BRANCH = {"branch_name": Branch.name, "unit_code": Branch.unit_code, "unit_name": Unit.name}
_COLUMNS = [
    _OF_BRANCH[name] if name in _OF_BRANCH else getattr(Certificate, name)
    for name in CertificateRow.__dataclass_fields__
    if name != "revoked_by"
]


def _certificates() -> Select[Any]:
    return (
        select(*_COLUMNS, _REVOKER.name)
        .join(Branch, Branch.id == Certificate.branch_id)
        .join(Unit, Unit.code == Branch.unit_code)
        .outerjoin(_REVOKER, _REVOKER.id == Certificate.revoked_by_id)
    )


def certificate(certificate_id: int) -> CertificateRow | None:
    row = run(_certificates().where(Certificate.id == certificate_id)).first()
    return CertificateRow(*row) if row else None


def certificates(ids: Collection[int]) -> list[CertificateRow]:
    """By number: those of the ids that there are."""
    found = []
    for some in batches(sorted(ids)):
        found += [CertificateRow(*row) for row in run(_certificates().where(Certificate.id.in_(some)))]
    return sorted(found, key=lambda each: (each.issued_at, each.id))


def by_token(token_hash: str) -> CertificateRow | None:
    row = run(_certificates().where(Certificate.token_hash == token_hash)).first()
    return CertificateRow(*row) if row else None


def of_branch(branch_id: int, *, since: datetime | None, page: int = 1) -> list[CertificateRow]:
    """Issued by the branch, latest first; with `since` those alone that were issued after it. One row more than PAGE says
    that there is a next page."""
    issued = Certificate.branch_id == branch_id
    return _page(issued if since is None else and_(issued, Certificate.issued_at > since), page)


def of_member(member_id: int, *, page: int = 1) -> list[CertificateRow]:
    """The same of a member's own."""
    return _page(Certificate.member_id == member_id, page)


def _page(condition: ColumnElement[bool], page: int) -> list[CertificateRow]:
    statement = _certificates().where(condition).order_by(Certificate.issued_at.desc(), Certificate.id.desc())
    return [CertificateRow(*row) for row in run(statement.limit(PAGE + 1).offset((page - 1) * PAGE))]


class Issuer(NamedTuple):
    """What the branch's next certificate will most likely say as well."""

    person_in_charge: str
    contact: str


def issuer(branch_id: int) -> Issuer:
    """As on the branch's last certificate; before the first, its secretary."""
    last = run(
        select(Certificate.person_in_charge, Certificate.contact)
        .where(Certificate.branch_id == branch_id)
        .order_by(Certificate.id.desc())
        .limit(1)
    ).first()
    if last is not None:
        return Issuer(*last)
    secretary = run(
        select(Member.name)
        .join(Appointment, Appointment.member_id == Member.id)
        .where(
            Appointment.branch_id == branch_id,
            Appointment.role == Role.SECRETARY,
            Appointment.ends_at.is_(None),
        )
        .order_by(Member.sort_name)
        .limit(1)
    ).scalar()
    return Issuer(secretary or "", "")


def volunteer_numbers(member_ids: Collection[int]) -> dict[int, str]:
    """member id -> the number on their last certificate, where one was given."""
    found: dict[int, str] = {}
    for some in batches(member_ids):
        rows = run(
            select(Certificate.member_id, Certificate.volunteer_number)
            .where(Certificate.member_id.in_(some), Certificate.volunteer_number != "")
            .order_by(Certificate.id)
        )
        found |= dict(rows.all())
    return found


# --- whose service a branch certifies -------------------------------------------------------------------


def served_with(branch_id: int) -> ColumnElement[bool]:
    """Whether a member is at home in the branch, or has an entry of the ledger with it."""
    entry = exists().where(ServiceRecord.member_id == Member.id, ServiceRecord.branch_id == branch_id)
    return or_(Member.home_branch_id == branch_id, entry)


class Subject(NamedTuple):
    """A member whose service the branch certifies. `unit_code` and `branch_id`: the branch's place."""

    branch: BranchRow
    member_id: int
    name: str
    home_branch: str | None
    scope: Scope

    @property
    def unit_code(self) -> str:
        return self.branch.unit_code

    @property
    def branch_id(self) -> int:
        return self.branch.id


def subject(branch_id: int, member_id: int) -> Subject | None:
    """None where there is no such branch, or where it has nothing to do with the member."""
    of = branch(branch_id)
    found = subjects(of, Member.id == member_id) if of else []
    return found[0] if found else None


def subjects(of: BranchRow, condition: ColumnElement[bool]) -> list[Subject]:
    home = aliased(Branch)
    rows = run(
        select(Member.id, Member.name, home.name, Member.home_branch_id)
        .outerjoin(home, home.id == Member.home_branch_id)
        .where(served_with(of.id), condition)
        .order_by(Member.sort_name, Member.id)
    )
    return [Subject(of, *row[:3], rules.scope_of(of.id, row.home_branch_id)) for row in rows]


class PersonLine(NamedTuple):
    """Somebody to choose, with the sums of what the branch can certify, reversals among them."""

    member_id: int
    name: str
    home_branch: str | None
    person_times: int
    minutes: int


def people(branch_id: int, text: str, *, page: int = 1) -> list[PersonLine]:
    """By name; those that all words of `text` fit. One row more than PAGE says that there is a next page."""
    home = aliased(Branch)
    of_them = and_(
        ServiceRecord.member_id == Member.id,
        or_(Member.home_branch_id == branch_id, ServiceRecord.branch_id == branch_id),
    )
    sums = [
        select(func.coalesce(func.sum(column), 0)).where(of_them).correlate(Member).scalar_subquery()
        for column in (ServiceRecord.person_times, ServiceRecord.minutes)
    ]
    rows = run(
        select(Member.id, Member.name, home.name, *sums)
        .outerjoin(home, home.id == Member.home_branch_id)
        .where(served_with(branch_id), *[finding.says(word, by_phone=False) for word in finding.words(text)])
        .order_by(Member.sort_name, Member.id)
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    return [PersonLine._make(row) for row in rows]
