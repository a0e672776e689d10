"""What a sheet of earlier service is read against: people, branches, checkpoints, and what is counted already."""

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.hours import overlap_queries
from mobilizer.hours.overlap_queries import Counted
from mobilizer.hours.sheet import Read, Told
from mobilizer.hours.sheet_planning import (
    Known,
    Organiser,
    Person,
    SheetPlan,
    Spot,
    Time,
    bounds,
    plan,
    reference,
)
from mobilizer.intake import Columns
from mobilizer.members.queries import batches
from mobilizer.members.rules import Scope
from mobilizer.model import (
    Attachment,
    Branch,
    BranchCheckpoint,
    Checkpoint,
    Member,
    ServiceRecord,
    Unit,
    within,
)
from mobilizer.terms import BranchStatus, Level, RecordKind, RecordSource

LARGEST_ID = 2**31 - 1
_HAS_STOOD = (BranchStatus.ACTIVE, BranchStatus.ENDED)


class Place(NamedTuple):
    """For whom a sheet is entered: one branch, or the branches of a unit with all below it, which the rows name."""

    name: str
    unit_code: str
    branch_id: int | None


def place(*, branch_id: int | None = None, unit_code: str | None = None) -> Place | None:
    """The branch, if it stands or once stood; or the unit."""
    if branch_id is None:
        name = db.session.scalar(select(Unit.name).where(Unit.code == unit_code))
        return Place(name, unit_code, None) if name is not None and unit_code is not None else None
    row = db.session.execute(
        select(Branch.name, Branch.unit_code, Branch.id).where(
            Branch.id == min(branch_id, LARGEST_ID), Branch.status.in_(_HAS_STOOD)
        )
    ).first()
    return Place._make(row) if row else None


def places(scope: Scope) -> list[Place]:
    """Where a reader with these appointments may enter sheets: their units, and their branches; an administrator districts
    and towns. At most 200."""
    units = select(Unit.name, Unit.code).order_by(Unit.code).limit(100)
    if scope.everything:
        found = db.session.execute(units.where(Unit.level.in_([Level.DISTRICT, Level.TOWN])))
        return [Place(name, code, None) for name, code in found]
    led = db.session.execute(units.where(Unit.code.in_(scope.unit_codes)))
    branches = db.session.execute(
        select(Branch.name, Branch.unit_code, Branch.id)
        .where(Branch.id.in_(scope.branch_ids), Branch.status.in_(_HAS_STOOD))
        .order_by(Branch.name)
        .limit(100)
    )
    return [Place(name, code, None) for name, code in led] + [Place(*row) for row in branches]


def stem(name: str, content: bytes) -> str:
    """What the references of a file's rows begin with: its name, and a mark of what is in it, as two files may have one
    name. At most 100 signs."""
    return f"{name[:90]} {sha256(content).hexdigest()[:8]}"


def planned(
    columns: Columns, rows: Sequence[Read], stem: str, at: Place, zone: tzinfo, own_id: int | None = None
) -> SheetPlan:
    """What entering these rows would do now; `own_id`: whoever would enter them, whose own service is refused."""
    return plan(columns, rows, stem, known_for(rows, stem, at, zone, own_id))


def members_of(rows: Sequence[Read]) -> list[int]:
    """The ids of all who are named, by number or name, wherever they are."""
    return [person.id for person in _people(_told(rows))]


def known_for(rows: Sequence[Read], stem: str, at: Place, zone: tzinfo, own_id: int | None = None) -> Known:
    """In a number of statements that grows with the batches of the file's people, not with its rows."""
    people = _people(_told(rows))
    return Known(
        people,
        _branches(at),
        at.branch_id,
        _spots(at),
        _times([person.id for person in people], bounds(rows)),
        _entered(reference(stem, row.number) for row, _about, _told in rows),
        zone,
        own_id,
    )


def _told(rows: Sequence[Read]) -> list[Told]:
    return [told for _row, _about, told in rows if isinstance(told, Told)]


def _people(told: Sequence[Told]) -> list[Person]:
    phones = {each.phone for each in told if each.phone}
    names = {each.name for each in told if not each.phone}
    found: dict[int, Any] = {}
    for column, wanted in ((Member.phone, phones), (Member.name, names)):
        for some in batches(wanted):
            for row in db.session.execute(
                select(Member.id, Member.name, Member.phone, Member.standing, Member.home_branch_id).where(
                    column.in_(some)
                )
            ):
                found[row.id] = row
    attached = _attached(found)
    return [
        Person._make((*row, attached.get(row.id, frozenset()) | ({row.home_branch_id} - {None})))
        for row in found.values()
    ]


def _attached(member_ids: Collection[int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for some in batches(member_ids):
        for member_id, branch_id in db.session.execute(
            select(Attachment.member_id, Attachment.branch_id).where(Attachment.member_id.in_(some))
        ):
            found[member_id] = found.get(member_id, frozenset()) | {branch_id}
    return found


def _of(at: Place) -> ColumnElement[bool]:
    mine = Branch.id == at.branch_id if at.branch_id is not None else within(Branch.unit_code, at.unit_code)
    return mine & Branch.status.in_(_HAS_STOOD)


def _branches(at: Place) -> list[Organiser]:
    rows = db.session.execute(
        select(Branch.id, Branch.name, Branch.unit_code, Branch.operation_id).where(_of(at))
    )
    return [Organiser._make(row) for row in rows]


def _spots(at: Place) -> list[Spot]:
    rows = db.session.execute(
        select(Branch.id, Checkpoint.id, Checkpoint.name, Checkpoint.unit_code)
        .join(BranchCheckpoint, BranchCheckpoint.branch_id == Branch.id)
        .join(Checkpoint, Checkpoint.id == BranchCheckpoint.checkpoint_id)
        .where(_of(at))
    )
    return [Spot._make(row) for row in rows]


def _times(member_ids: Collection[int], among: tuple[datetime, datetime] | None) -> dict[int, list[Time]]:
    found: dict[int, list[Time]] = {}
    for some in batches(member_ids) if among else ():
        counted: list[Counted] = overlap_queries.standing(some, *among)  # type: ignore[misc]
        counted += overlap_queries.signed_up(some, *among)  # type: ignore[misc]
        for each in counted:
            time = Time(each.span, each.where, each.source == RecordSource.SHEET, each.record_id is not None)
            found.setdefault(each.member_id, []).append(time)
    return found


def _entered(references: Any) -> dict[str, bool]:
    """Whether an entry that was made from these rows before still stands."""
    reversal = aliased(ServiceRecord)
    stands = ~exists().where(reversal.reverses_id == ServiceRecord.id)
    found: dict[str, bool] = {}
    for some in batches(list(references)):
        rows = db.session.execute(
            select(ServiceRecord.reference, stands).where(
                ServiceRecord.reference.in_(some), ServiceRecord.kind == RecordKind.ENTRY
            )
        )
        for key, standing in rows:
            found[str(key)] = found.get(str(key), False) or standing
    return found
