"""Branches: one with its people, leaders and checkpoints; those of a reader; operations. Rows, never objects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.members.queries import in_scope
from mobilizer.members.rules import Scope, covering
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    BranchCheckpoint,
    Checkpoint,
    Member,
    Operation,
    Unit,
    with_all_above,
    within,
)
from mobilizer.policy import Reader
from mobilizer.terms import ORGANISATION_TYPE_CODE, BranchKind, BranchStatus, Role, Standing

PAGE = 50
PEOPLE_PAGE = 100
CURRENT = (BranchStatus.PROPOSED, BranchStatus.ACTIVE)
LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)


# --- one branch -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch. `unit_code` and `branch_id` are the place that permissions are asked for."""

    id: int
    kind: str
    joint: bool
    name: str
    unit_code: str
    unit_name: str
    operation_id: int | None
    operation_name: str | None
    mission: str
    status: str
    decision_note: str
    added_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    approver: str | None
    approving_unit: str | None

    @property
    def branch_id(self) -> int:
        return self.id

    @property
    def current(self) -> bool:
        return self.status in CURRENT

    @property
    def type_code(self) -> str | None:
        """The organisation type code in use for party branches; an action branch has none."""
        return ORGANISATION_TYPE_CODE.get((BranchKind(self.kind), self.joint))


def branch(branch_id: int) -> BranchRow | None:
    approver, above = aliased(Member), aliased(Unit)
    row: Any = db.session.execute(
        select(
            Branch.id,
            Branch.kind,
            Branch.joint,
            Branch.name,
            Branch.unit_code,
            Unit.name,
            Branch.operation_id,
            Operation.name,
            Branch.mission,
            Branch.status,
            Branch.decision_note,
            Branch.added_at,
            Branch.activated_at,
            Branch.ended_at,
            approver.name,
            above.name,
        )
        .join(Unit, Unit.code == Branch.unit_code)
        .outerjoin(Operation, Operation.id == Branch.operation_id)
        .outerjoin(Appointment, Appointment.id == Branch.approving_appointment_id)
        .outerjoin(approver, approver.id == Appointment.member_id)
        .outerjoin(above, above.code == Appointment.unit_code)
        .where(Branch.id == branch_id)
    ).first()
    return BranchRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a branch: attached to it, or at home in it (then without an attachment)."""

    member_id: int
    name: str
    phone: str
    standing: str
    home_branch: str | None
    attachment_id: int | None


def people(of: BranchRow, *, page: int = 1) -> list[Person]:
    """Those attached now, of a standing branch its members, by name; at most PEOPLE_PAGE a page."""
    home = aliased(Branch)
    statement = (
        select(Member.id, Member.name, Member.phone, Member.standing, home.name, Attachment.id)
        .select_from(Member)
        .outerjoin(home, home.id == Member.home_branch_id)
        .outerjoin(
            Attachment,
            and_(
                Attachment.member_id == Member.id,
                Attachment.branch_id == of.id,
                Attachment.ends_at.is_(None),
            ),
        )
        .where(
            Member.home_branch_id == of.id if of.kind == BranchKind.STANDING else Attachment.id.is_not(None)
        )
        .order_by(Member.sort_name, Member.id)
        .limit(PEOPLE_PAGE)
        .offset((page - 1) * PEOPLE_PAGE)
    )
    return [Person(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Strength:
    people: int
    full_members: int


def strength(of: BranchRow) -> Strength:
    """How many people it has now, and how many of them are full members."""
    full = func.count().filter(Member.standing == Standing.FULL)
    statement = select(func.count(), full).select_from(Member)
    if of.kind == BranchKind.STANDING:
        statement = statement.where(Member.home_branch_id == of.id)
    else:
        statement = statement.join(Attachment, Attachment.member_id == Member.id).where(
            Attachment.branch_id == of.id, Attachment.ends_at.is_(None)
        )
    return Strength(*db.session.execute(statement).one())


@dataclass(frozen=True, slots=True)
class Leader:
    member_id: int
    name: str
    phone: str
    role: str


def leaders(branch_id: int) -> list[Leader]:
    """Secretary, deputies, committee, as they are appointed in the branch now."""
    rank = case({str(role): place for place, role in enumerate(LEADING)}, value=Appointment.role, else_=9)
    rows = db.session.execute(
        select(Member.id, Member.name, Member.phone, Appointment.role)
        .join(Member, Member.id == Appointment.member_id)
        .where(Appointment.branch_id == branch_id, Appointment.ends_at.is_(None))
        .order_by(rank, Member.sort_name)
    )
    return [Leader(*row) for row in rows]


def full_members(branch_id: int) -> list[tuple[int, str, str | None]]:
    """(member id, name, home branch) of those attached who may lead it."""
    home = aliased(Branch)
    rows = db.session.execute(
        select(Member.id, Member.name, home.name)
        .join(Attachment, Attachment.member_id == Member.id)
        .outerjoin(home, home.id == Member.home_branch_id)
        .where(
            Attachment.branch_id == branch_id,
            Attachment.ends_at.is_(None),
            Member.standing == Standing.FULL,
        )
        .order_by(Member.sort_name, Member.id)
    )
    return [(member_id, name, branch_name) for member_id, name, branch_name in rows]


def attached(branch_id: int) -> Select[Any]:
    """The ids of those attached now, for a search to leave out."""
    return select(Attachment.member_id).where(Attachment.branch_id == branch_id, Attachment.ends_at.is_(None))


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attachment, and the branch's place, which permissions are asked for."""

    id: int
    branch_id: int
    unit_code: str
    name: str


def attachment(branch_id: int, attachment_id: int) -> AttachmentRow | None:
    """None also where the attachment is another branch's."""
    row = db.session.execute(
        select(Attachment.id, Branch.id, Branch.unit_code, Member.name)
        .join(Branch, Branch.id == Attachment.branch_id)
        .join(Member, Member.id == Attachment.member_id)
        .where(Attachment.id == attachment_id, Branch.id == branch_id)
    ).first()
    return AttachmentRow(*row) if row else None


# --- checkpoints ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    id: int
    name: str
    address: str
    contact: str
    latitude: float | None
    longitude: float | None
    unit_name: str


_CHECKPOINT = (
    Checkpoint.id,
    Checkpoint.name,
    Checkpoint.address,
    Checkpoint.contact,
    Checkpoint.latitude,
    Checkpoint.longitude,
    Unit.name,
)


def checkpoints(branch_id: int) -> list[CheckpointRow]:
    """Those that the branch serves."""
    rows = db.session.execute(
        select(*_CHECKPOINT)
        .join(Unit, Unit.code == Checkpoint.unit_code)
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(BranchCheckpoint.branch_id == branch_id)
        .order_by(Checkpoint.unit_code, Checkpoint.name)
    )
    return [CheckpointRow(*row) for row in rows]


def checkpoints_of(branch_ids: Collection[int]) -> list[tuple[int, str]]:
    """(id, name) of those that any of these branches serves."""
    served = select(BranchCheckpoint.checkpoint_id).where(BranchCheckpoint.branch_id.in_(branch_ids))
    rows = db.session.execute(
        select(Checkpoint.id, Checkpoint.name).where(Checkpoint.id.in_(served)).order_by(Checkpoint.name)
    )
    return [(checkpoint_id, name) for checkpoint_id, name in rows]


def checkpoints_to_choose(
    unit_code: str, *, not_of: int | None = None, limit: int = 100
) -> list[CheckpointRow]:
    """Those of the unit and of all below it, the unit's own first; without those that branch `not_of` serves."""
    statement = (
        select(*_CHECKPOINT)
        .join(Unit, Unit.code == Checkpoint.unit_code)
        .where(within(Checkpoint.unit_code, unit_code))
        .order_by(Checkpoint.unit_code, Checkpoint.name)
        .limit(limit)
    )
    if not_of is not None:
        served = select(BranchCheckpoint.checkpoint_id).where(BranchCheckpoint.branch_id == not_of)
        statement = statement.where(Checkpoint.id.not_in(served))
    return [CheckpointRow(*row) for row in db.session.execute(statement)]


# --- people to choose -------------------------------------------------------------------------------


def choosable(
    member_ids: Collection[int], scope: Scope, *, or_self: int | None = None
) -> list[tuple[int, str, str | None]]:
    """(member id, name, home branch) of those of `member_ids` whom the scope covers, and of oneself."""
    if not member_ids:
        return []
    rows = db.session.execute(
        select(Member.id, Member.name, Branch.name)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(Member.id.in_(set(member_ids)), or_(in_scope(scope), Member.id == or_self))
        .order_by(Member.sort_name, Member.id)
    )
    return [(member_id, name, branch_name) for member_id, name, branch_name in rows]


# --- the reader's branches --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the reader's branches is asked for; None: all. `status` "current" is proposed or active."""

    kind: str | None = None
    status: str = "current"
    operation_id: int | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class BranchLine:
    id: int
    name: str
    kind: str
    status: str
    unit_name: str
    operation_name: str | None
    secretary: str | None
    people: int
    checkpoints: int


def branches(reader: Reader, asked: Filter, *, page: int = 1) -> list[BranchLine]:
    """Those to be decided on first, then the newest; standing branches last. PAGE + 1 rows tell that there are more."""
    secretary = (
        select(func.min(Member.name))
        .join(Appointment, Appointment.member_id == Member.id)
        .where(
            Appointment.branch_id == Branch.id,
            Appointment.role == Role.SECRETARY,
            Appointment.ends_at.is_(None),
        )
        .scalar_subquery()
    )
    at_home = (
        select(func.count()).select_from(Member).where(Member.home_branch_id == Branch.id).scalar_subquery()
    )
    here = (
        select(func.count())
        .select_from(Attachment)
        .where(Attachment.branch_id == Branch.id, Attachment.ends_at.is_(None))
        .scalar_subquery()
    )
    places = (
        select(func.count())
        .select_from(BranchCheckpoint)
        .where(BranchCheckpoint.branch_id == Branch.id)
        .scalar_subquery()
    )
    standing = Branch.kind == BranchKind.STANDING
    rows = db.session.execute(
        select(
            Branch.id,
            Branch.name,
            Branch.kind,
            Branch.status,
            Unit.name,
            Operation.name,
            secretary,
            case((standing, at_home), else_=here),
            places,
        )
        .join(Unit, Unit.code == Branch.unit_code)
        .outerjoin(Operation, Operation.id == Branch.operation_id)
        .where(_of(reader), *_asked(asked))
        .order_by(
            case((Branch.status == BranchStatus.PROPOSED, 0), else_=1),
            case((standing, 1), else_=0),
            Branch.added_at.desc(),
            Branch.id.desc(),
        )
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    return [BranchLine(*row) for row in rows]


def counts(reader: Reader, asked: Filter) -> dict[tuple[str, str], int]:
    """(kind, status) -> how many, within the operation and unit asked for."""
    rows = db.session.execute(
        select(Branch.kind, Branch.status, func.count())
        .where(_of(reader), *_asked(Filter(None, "", asked.operation_id, asked.unit_code)))
        .group_by(Branch.kind, Branch.status)
    )
    return {(kind, status): count for kind, status, count in rows}


def _of(reader: Reader) -> ColumnElement[bool]:
    """What the reader leads or watches, and the branches they belong to themselves."""
    scope = covering(reader)
    if scope.everything:
        return true()
    own = Branch.id.in_(sorted(scope.branch_ids | reader.branch_ids))
    return or_(own, *(within(Branch.unit_code, code) for code in sorted(scope.unit_codes)))


def _asked(asked: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.kind:
        conditions.append(Branch.kind == asked.kind)
    if asked.status == "current":
        conditions.append(Branch.status.in_(CURRENT))
    elif asked.status:
        conditions.append(Branch.status == asked.status)
    if asked.operation_id is not None:
        conditions.append(Branch.operation_id == asked.operation_id)
    if asked.unit_code is not None:
        conditions.append(within(Branch.unit_code, asked.unit_code))
    return conditions


# --- operations -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OperationRow:
    """`unit_code` is the place that permissions are asked for; `branches` counts those that stand or wait."""

    id: int
    name: str
    kind: str
    unit_code: str
    unit_name: str
    started_at: datetime
    ended_at: datetime | None
    branches: int

    @property
    def branch_id(self) -> None:
        return None


def _operations() -> Select[Any]:
    serving = (
        select(func.count())
        .select_from(Branch)
        .where(Branch.operation_id == Operation.id, Branch.status.in_(CURRENT))
        .scalar_subquery()
    )
    return select(
        Operation.id,
        Operation.name,
        Operation.kind,
        Operation.unit_code,
        Unit.name,
        Operation.started_at,
        Operation.ended_at,
        serving,
    ).join(Unit, Unit.code == Operation.unit_code)


def operation(operation_id: int) -> OperationRow | None:
    row = db.session.execute(_operations().where(Operation.id == operation_id)).first()
    return OperationRow(*row) if row else None


def operations_for(unit_code: str) -> list[OperationRow]:
    """The current ones that cover the unit: its own and those of the units above, the newest first."""
    rows = db.session.execute(
        _operations()
        .where(Operation.unit_code.in_(with_all_above([unit_code])), Operation.ended_at.is_(None))
        .order_by(Operation.started_at.desc())
    )
    return [OperationRow(*row) for row in rows]


def operations(reader: Reader, *, limit: int = 100) -> list[OperationRow]:
    """Those that cover, or lie within, the units of the reader's appointments; current ones first."""
    scope = covering(reader)
    near = or_(
        Operation.unit_code.in_(with_all_above(scope.unit_codes)),
        *(within(Operation.unit_code, code) for code in sorted(scope.unit_codes)),
        Operation.id.in_(
            select(Branch.operation_id).where(Branch.id.in_(sorted(scope.branch_ids | reader.branch_ids)))
        ),
    )
    rows = db.session.execute(
        _operations()
        .where(true() if scope.everything else near)
        .order_by(Operation.ended_at.is_not(None), Operation.started_at.desc())
        .limit(limit)
    )
    return [OperationRow(*row) for row in rows]
