"""A home branch's people who were away in action and temporary branches: where, attached from when until when, and what they
served there. From the attachments and from the ledger, which also has those who served without being attached."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from mobilizer.extensions import db
from mobilizer.model import Attachment, Branch, Member, Operation, ServiceRecord
from mobilizer.model.types import Instant
from mobilizer.terms import BranchKind

PAGE = 100
_ZERO = literal_column("0", Integer)


class Away(NamedTuple):
    """A member in one branch. Attached [starts_at, ends_at), the first time to the last; `starts_at` None: served there
    without being attached; `ends_at` None: still there. Minutes are those of the ledger."""

    member_id: int
    name: str
    standing: str
    branch_id: int
    branch: str
    kind: str
    operation: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    person_times: int
    minutes: int


class Total(NamedTuple):
    people: int
    person_times: int
    minutes: int


def of_home(
    home_id: int, operation_id: int | None, *, limit: int | None = None, offset: int = 0
) -> list[Away]:
    """By name and branch."""
    there = _there(home_id).subquery("there")
    open_ended = func.sum(there.c.still)
    rows = db.session.execute(
        select(
            Member.id,
            Member.name,
            Member.standing,
            Branch.id,
            Branch.name,
            Branch.kind,
            Operation.name,
            type_coerce(func.min(there.c.starts_at), Instant()),
            type_coerce(case((open_ended > 0, null()), else_=func.max(there.c.ends_at)), Instant()),
            func.sum(there.c.person_times),
            func.sum(there.c.minutes),
        )
        .select_from(there)
        .join(Member, Member.id == there.c.member_id)
        .join(Branch, Branch.id == there.c.branch_id)
        .outerjoin(Operation, Operation.id == Branch.operation_id)
        .where(*_away(operation_id))
        .group_by(Member.id, Branch.id, Operation.id)
        .having((func.count(there.c.starts_at) > 0) | (func.sum(there.c.person_times) != 0))
        .order_by(Member.sort_name, Member.id, Branch.name, Branch.id)
        .limit(limit)
        .offset(offset or None)
    )
    return [Away._make((*row[:9], int(row[9]), int(row[10]))) for row in rows]


def total(home_id: int, operation_id: int | None) -> Total:
    """Of all rows, whatever page is shown. Each person once."""
    there = _there(home_id).subquery("there")
    pairs = (
        select(
            there.c.member_id,
            func.sum(there.c.person_times).label("person_times"),
            func.sum(there.c.minutes).label("minutes"),
        )
        .select_from(there)
        .join(Branch, Branch.id == there.c.branch_id)
        .where(*_away(operation_id))
        .group_by(there.c.member_id, there.c.branch_id)
        .having((func.count(there.c.starts_at) > 0) | (func.sum(there.c.person_times) != 0))
        .subquery("pairs")
    )
    row = db.session.execute(
        select(
            func.count(pairs.c.member_id.distinct()),
            func.coalesce(func.sum(pairs.c.person_times), 0),
            func.coalesce(func.sum(pairs.c.minutes), 0),
        )
    ).one()
    return Total(int(row[0]), int(row[1]), int(row[2]))


def operations(home_id: int) -> list[tuple[int, str]]:
    """Those for which anybody of the home branch was away, latest first."""
    there = _there(home_id).subquery("there")
    rows = db.session.execute(
        select(Operation.id, Operation.name)
        .where(
            Operation.id.in_(
                select(Branch.operation_id).join(there, there.c.branch_id == Branch.id).where(*_away(None))
            )
        )
        .order_by(Operation.started_at.desc(), Operation.id.desc())
        .limit(PAGE)
    )
    return [(row.id, row.name) for row in rows]


def _away(operation_id: int | None) -> list[Any]:
    conditions = [Branch.kind != BranchKind.STANDING]
    return [*conditions, Branch.operation_id == operation_id] if operation_id is not None else conditions


def _there(home_id: int) -> CompoundSelect[Any]:
    """Attachments of who has their home here now, and the entries (and reversals) of who had it then."""
    attached: Select[Any] = (
        select(
            Attachment.member_id,
            Attachment.branch_id,
            Attachment.starts_at,
            Attachment.ends_at,
            case((Attachment.ends_at.is_(None), 1), else_=0).label("still"),
            _ZERO.label("person_times"),
            _ZERO.label("minutes"),
        )
        .join(Member, Member.id == Attachment.member_id)
        .join(Branch, Branch.id == Attachment.branch_id)
        .where(Member.home_branch_id == home_id, Branch.activated_at.is_not(None))
    )
    none = cast(null(), Instant)
    served: Select[*tuple[Any, ...]] = select(
        ServiceRecord.member_id,
        ServiceRecord.branch_id,
        none,
        none,
        _ZERO,
        ServiceRecord.person_times,
        ServiceRecord.minutes,
    ).where(ServiceRecord.home_branch_id == home_id)
    return union_all(attached, served)
