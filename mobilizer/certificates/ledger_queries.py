"""The ledger behind certificates: which entries stood at a moment, what they come to, and what one certificate counted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mobilizer.certificates import rules
from mobilizer.certificates.queries import CertificateRow, Subject
from mobilizer.certificates.rules import Entry, Figures, Scope
from mobilizer.extensions import run
from mobilizer.members.queries import batches
from mobilizer.model import Branch, Checkpoint, ServiceRecord
from mobilizer.terms import RecordKind


def ends_of(member_ids: Collection[int]) -> dict[int, int]:
    """member id -> the last entry or reversal that the ledger has of them."""
    found: dict[int, int] = {}
    for some in batches(member_ids):
        rows = run(
            select(ServiceRecord.member_id, func.max(ServiceRecord.id))
            .where(ServiceRecord.member_id.in_(some))
            .group_by(ServiceRecord.member_id)
        )
        found |= dict(rows.all())
    return found


def standing(
    through: Mapping[int, int], from_day: date | None, to_day: date, *, branch_id: int | None
) -> dict[int, list[Entry]]:
    """member id -> the entries of the period that stood when the ledger had come to `through` of that member; those of one
    branch's calls, or of all (None). What was written or taken back later is not seen."""
    reversal = aliased(ServiceRecord)
    found: dict[int, list[Entry]] = {}
    for some in batches(through):
        rows = run(
            select(
                ServiceRecord.member_id,
                ServiceRecord.id,
                ServiceRecord.hash,
                ServiceRecord.category,
                ServiceRecord.minutes,
                reversal.id,
            )
            .outerjoin(reversal, reversal.reverses_id == ServiceRecord.id)
            .where(
                ServiceRecord.member_id.in_(some),
                ServiceRecord.kind == RecordKind.ENTRY,
                ServiceRecord.day <= to_day,
                *([ServiceRecord.day >= from_day] if from_day else []),
                *([ServiceRecord.branch_id == branch_id] if branch_id is not None else []),
            )
        )
        for member_id, record_id, sealed, category, minutes, taken_back in rows:
            last = through[member_id]
            if record_id <= last and (not taken_back or taken_back > last):
                found.setdefault(member_id, []).append(Entry(record_id, sealed, category, minutes))
    return found


def of_subjects(
    of: Sequence[Subject], from_day: date | None, to_day: date
) -> tuple[dict[int, int], dict[int, Figures]]:
    """member id -> where their ledger ends, and member id -> what is counted now, of those who have something. All are one
    branch's."""
    through = ends_of([each.member_id for each in of])
    counted: dict[int, Figures] = {}
    for scope in Scope:
        ends = {
            each.member_id: through[each.member_id]
            for each in of
            if each.scope == scope and each.member_id in through
        }
        branch_id = of[0].branch_id if of and scope == Scope.BRANCH else None
        entries = standing(ends, from_day, to_day, branch_id=branch_id) if ends else {}
        counted |= {member_id: rules.figures(theirs) for member_id, theirs in entries.items()}
    return through, counted


class Service(NamedTuple):
    """One service as a certificate names it."""

    day: date
    category: str
    minutes: int
    branch: str
    checkpoint: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a certificate: the figures and (if they are few) services that it counted, the minutes accumulated by
    then, and the figures of the same period now."""

    then: Figures
    services: tuple[Service, ...]
    accumulated: int
    now: Figures


def behind(of: CertificateRow) -> Behind:
    """Five statements, whatever the ledger holds."""
    branch_id = of.branch_id if of.scope == Scope.BRANCH else None
    at_issue = {of.member_id: of.through_record_id}
    then = standing(at_issue, of.from_day, of.to_day, branch_id=branch_id).get(of.member_id, [])
    now = standing(ends_of([of.member_id]), of.from_day, of.to_day, branch_id=branch_id)
    return Behind(
        rules.figures(then),
        _services([entry.id for entry in then]) if len(then) <= rules.LISTED else (),
        _accumulated(of.member_id, of.through_record_id),
        rules.figures(now.get(of.member_id, ())),
    )


def _services(ids: Collection[int]) -> tuple[Service, ...]:
    rows = run(
        select(ServiceRecord.day, ServiceRecord.category, ServiceRecord.minutes, Branch.name, Checkpoint.name)
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
        .where(ServiceRecord.id.in_(ids))
        .order_by(ServiceRecord.starts_at, ServiceRecord.id)
    )
    return tuple(Service._make(row) for row in rows)


def _accumulated(member_id: int, last: int) -> int:
    """The minutes of all service up to there, reversals among them."""
    return int(
        run(
            select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
                ServiceRecord.member_id == member_id, ServiceRecord.id <= last
            )
        ).scalar_one()
    )
