"""What members say is wrong: one request, a member's own, and those that a reader has to answer."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.members.rules import Scope
from mobilizer.model import Branch, Certificate, Checkpoint, CorrectionRequest, Member, ServiceRecord, within
from mobilizer.terms import BranchStatus, RecordKind

PAGE = 30
LARGEST_ID = 2**31 - 1


class Entry(NamedTuple):
    """The entry of the ledger that a request is about; with `sign_up_id` it is corrected at its shift."""

    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    place: str
    shift_id: int | None
    sign_up_id: int | None


class About(NamedTuple):
    """What a member would say is wrong, and where that is answered. `entry` and `certificate` (its number) None: what the
    roster says of them. Without a branch an administrator answers."""

    name: str
    branch_id: int | None
    unit_code: str | None
    entry: Entry | None
    certificate: str | None
    open_already: bool


class Asked(NamedTuple):
    """One request. `branch_id` and `unit_code` are the place whose leaders answer it."""

    id: int
    member_id: int
    name: str
    branch_id: int | None
    unit_code: str | None
    branch: str | None
    words: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str
    answered_by: str | None
    certificate: str | None
    entry: Entry | None


def about(member_id: int, *, record_id: int | None = None, certificate_id: int | None = None) -> About | None:
    """None for an entry or a certificate that is not this member's, a reversal, and for both at once.

    An entry is answered for by the branch that wrote it, a certificate by the one that issued it, as long as it stands;
    everything else by the home branch.
    """
    name, home = db.session.execute(
        select(Member.name, Member.home_branch_id).where(Member.id == member_id)
    ).one()
    place, entry, certificate = None, None, None
    if record_id is not None and certificate_id is not None:
        return None
    if record_id is not None:
        place, entry = _entry_of(member_id, record_id)
        if entry is None:
            return None
    elif certificate_id is not None:
        place, certificate = _certificate_of(member_id, certificate_id)
        if certificate is None:
            return None
    branch_id, unit_code = _standing(place) or _standing(home) or (None, None)
    return About(name, branch_id, unit_code, entry, certificate, _waits(member_id, record_id, certificate_id))


def _waits(member_id: int, record_id: int | None, certificate_id: int | None) -> bool:
    """Whether the same has been said and not been answered."""
    of_it = exists().where(
        CorrectionRequest.member_id == member_id,
        CorrectionRequest.record_id.is_not_distinct_from(record_id),
        CorrectionRequest.certificate_id.is_not_distinct_from(certificate_id),
        CorrectionRequest.answered_at.is_(None),
    )
    return bool(db.session.scalar(select(of_it)))


def _certificate_of(member_id: int, certificate_id: int) -> tuple[int, str] | tuple[None, None]:
    """Its branch and its number."""
    row = db.session.execute(
        select(Certificate.branch_id, Certificate.number).where(
            Certificate.id == certificate_id, Certificate.member_id == member_id
        )
    ).first()
    return (row[0], row[1]) if row else (None, None)


def _entry_of(member_id: int, record_id: int) -> tuple[int, Entry] | tuple[None, None]:
    """The branch that wrote it, and the entry."""
    row = db.session.execute(
        select(ServiceRecord.branch_id, *_ENTRY)
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
        .where(
            ServiceRecord.id == record_id,
            ServiceRecord.member_id == member_id,
            ServiceRecord.kind == RecordKind.ENTRY,
        )
    ).first()
    return (row[0], _entry(row[1:])) if row else (None, None)


def _standing(branch_id: int | None) -> tuple[int, str] | None:
    """(id, unit code) of the branch if it stands."""
    row = db.session.execute(
        select(Branch.id, Branch.unit_code).where(
            Branch.id == branch_id, Branch.status == BranchStatus.ACTIVE
        )
    ).first()
    return (row[0], row[1]) if row else None


_ENTRY = (
    ServiceRecord.id,
    ServiceRecord.day,
    ServiceRecord.starts_at,
    ServiceRecord.ends_at,
    ServiceRecord.minutes,
    Branch.name,
    Checkpoint.name,
    ServiceRecord.shift_id,
    ServiceRecord.sign_up_id,
)


def _entry(row: Sequence[Any]) -> Entry:
    """Of the columns of _ENTRY: the place is the checkpoint, or the branch where there is none."""
    return Entry._make([*row[:5], row[6] or row[5], *row[7:9]])


# --- requests -----------------------------------------------------------------------------------------


def one(request_id: int) -> Asked | None:
    if not 0 < request_id <= LARGEST_ID:
        return None
    found = _asked(CorrectionRequest.id == request_id)
    return found[0] if found else None


def of_member(member_id: int, *, page: int = 1) -> list[Asked]:
    """What the member has said, latest first. One row more than PAGE says that there is a next page."""
    return _asked(CorrectionRequest.member_id == member_id, page=page)


def within_scope(scope: Scope, *, answered: bool, page: int = 1) -> list[Asked]:
    """Those that a reader has to answer: the longest waiting first; or those answered, the latest first. One row more than
    PAGE says that there is a next page."""
    said = CorrectionRequest.answered_at
    return _asked(
        and_(_covered(scope), said.is_not(None) if answered else said.is_(None)),
        page=page,
        oldest_first=not answered,
    )


def _covered(scope: Scope) -> ColumnElement[bool]:
    """What a reader with these appointments may answer: policy.Permission.CORRECTION_ANSWER, as one condition."""
    if scope.everything:
        return true()
    of_branch = CorrectionRequest.branch_id.in_(scope.branch_ids) if scope.branch_ids else false()
    return or_(of_branch, *(within(_PLACE.unit_code, code) for code in sorted(scope.unit_codes)))


_PLACE, _ANSWERED_BY = aliased(Branch), aliased(Member)


def _asked(condition: ColumnElement[bool], *, page: int = 1, oldest_first: bool = False) -> list[Asked]:
    order = CorrectionRequest.id if oldest_first else CorrectionRequest.id.desc()
    rows = db.session.execute(
        _requests().where(condition).order_by(order).limit(PAGE + 1).offset((page - 1) * PAGE)
    )
    return [Asked._make([*row[:12], _entry(row[12:]) if row[12] is not None else None]) for row in rows]


def _requests() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CorrectionRequest.id,
            CorrectionRequest.member_id,
            Member.name,
            CorrectionRequest.branch_id,
            _PLACE.unit_code,
            _PLACE.name,
            CorrectionRequest.words,
            CorrectionRequest.asked_at,
            CorrectionRequest.answered_at,
            CorrectionRequest.answer,
            _ANSWERED_BY.name,
            Certificate.number,
            *_ENTRY,
        )
        .join(Member, Member.id == CorrectionRequest.member_id)
        .outerjoin(_PLACE, _PLACE.id == CorrectionRequest.branch_id)
        .outerjoin(_ANSWERED_BY, _ANSWERED_BY.id == CorrectionRequest.answered_by_id)
        .outerjoin(Certificate, Certificate.id == CorrectionRequest.certificate_id)
        .outerjoin(ServiceRecord, ServiceRecord.id == CorrectionRequest.record_id)
        .outerjoin(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
    )
