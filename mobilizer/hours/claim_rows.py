"""Claims as their actions read and write them: locked with their member, and with what an entry takes from both."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from mobilizer.errors import N_, Refused
from mobilizer.extensions import run, table_of
from mobilizer.hours.overlap_rules import Span
from mobilizer.model import Branch, BranchCheckpoint, Checkpoint, Member, ServiceClaim, ServiceRecord
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.terms import BranchStatus, RecordKind, RecordSource

_CLAIM, _RECORD = table_of(ServiceClaim), table_of(ServiceRecord)


class Service(NamedTuple):
    """What is told: whose service, for which branch, where, what and when; `agreed`: the rest that is to be counted where
    part of it is counted already."""

    member_id: int
    branch_id: int
    checkpoint_id: int | None
    category: str
    span: Span
    break_minutes: int
    why: str
    agreed: Span | None = None


class Claim(NamedTuple):
    """A claim with what an entry takes from its branch and member."""

    id: int
    source: str
    member_id: int
    branch_id: int
    branch: str
    branch_unit_code: str
    operation_id: int | None
    checkpoint_id: int | None
    checkpoint: str | None
    unit_code: str
    category: str
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    why: str
    status: str
    made_by_id: int | None
    maker: str | None
    standing: str
    home_branch_id: int | None

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def place(self) -> dict[str, Any]:
        return {"unit_code": self.branch_unit_code, "branch_id": self.branch_id}

    @property
    def parties(self) -> tuple[int | None, int]:
        return self.made_by_id, self.member_id


def keep(told: Service, source: RecordSource, second: bool, by: Actor, now: datetime) -> Claim:
    values = {
        "source": source,
        "member_id": told.member_id,
        "branch_id": told.branch_id,
        "checkpoint_id": told.checkpoint_id,
        "unit_code": _place(told.branch_id, told.checkpoint_id),
        "category": told.category,
        "starts_at": told.span.starts_at,
        "ends_at": told.span.ends_at,
        "break_minutes": told.break_minutes,
        "why": told.why,
        "needs_second": second,
        "status": "waiting",
        "made_by_id": by.member_id,
        "made_appointment_id": by.appointment_id,
        "made_at": now,
        "decision": "",
    }
    return read(run(insert(_CLAIM).values(values).returning(_CLAIM.c.id)).scalar_one())


def _place(branch_id: int, checkpoint_id: int | None) -> str:
    """The unit to which the service counts. Refuses a branch that does not stand, and a checkpoint that is not its own."""
    branch = run(select(Branch.unit_code, Branch.status).where(Branch.id == branch_id)).first()
    if branch is None or branch.status != BranchStatus.ACTIVE:
        raise Refused("branch-not-active", N_("The branch stands no more."))
    if checkpoint_id is None:
        return str(branch.unit_code)
    unit_code = run(
        select(Checkpoint.unit_code)
        .join(BranchCheckpoint, BranchCheckpoint.checkpoint_id == Checkpoint.id)
        .where(Checkpoint.id == checkpoint_id, BranchCheckpoint.branch_id == branch_id)
    ).scalar()
    if unit_code is None:
        raise Refused(
            "checkpoint-unknown",
            N_("The branch serves no such checkpoint."),
            status=422,
            field="checkpoint_id",
        )
    return unit_code


def locked(claim_id: int) -> Claim:
    """The claim, its member and then itself locked until commit."""
    member_id = run(select(ServiceClaim.member_id).where(ServiceClaim.id == claim_id)).scalar()
    if member_id is None:
        raise Refused("claim-unknown", N_("There is no such service."), status=404)
    seats.lock_members([member_id])
    run(select(_CLAIM.c.id).where(_CLAIM.c.id == claim_id).with_for_update())
    return read(claim_id)


def read(claim_id: int) -> Claim:
    maker = table_of(Member).alias("maker")
    row = run(
        select(
            ServiceClaim.id,
            ServiceClaim.source,
            ServiceClaim.member_id,
            ServiceClaim.branch_id,
            Branch.name,
            Branch.unit_code,
            Branch.operation_id,
            ServiceClaim.checkpoint_id,
            Checkpoint.name,
            ServiceClaim.unit_code,
            ServiceClaim.category,
            ServiceClaim.starts_at,
            ServiceClaim.ends_at,
            ServiceClaim.break_minutes,
            ServiceClaim.why,
            ServiceClaim.status,
            ServiceClaim.made_by_id,
            maker.c.name,
            Member.standing,
            Member.home_branch_id,
        )
        .join(Branch, Branch.id == ServiceClaim.branch_id)
        .join(Member, Member.id == ServiceClaim.member_id)
        .outerjoin(maker, maker.c.id == ServiceClaim.made_by_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceClaim.checkpoint_id)
        .where(ServiceClaim.id == claim_id)
    ).one()
    return Claim._make(row)


def waiting(claim: Claim) -> None:
    if claim.status != "waiting":
        raise Refused("claim-decided", N_("This was decided meanwhile. Please look again."))


def settle(claim: Claim, status: str, words: str, by: Actor, now: datetime) -> None:
    run(
        update(_CLAIM)
        .where(_CLAIM.c.id == claim.id, _CLAIM.c.status == "waiting")
        .values(
            status=status,
            decision=words,
            decided_by_id=by.member_id,
            decided_appointment_id=by.appointment_id,
            decided_at=now,
        )
    )


class Last(NamedTuple):
    """A claim's latest entry, and whether it still stands."""

    id: int
    turn: int
    day: date
    minutes: int
    standing: str
    home_branch_id: int | None
    stands: bool


def last_entry(claim_id: int) -> Last:
    back = _RECORD.alias("back")
    row = run(
        select(
            _RECORD.c.id,
            _RECORD.c.turn,
            _RECORD.c.day,
            _RECORD.c.minutes,
            _RECORD.c.standing,
            _RECORD.c.home_branch_id,
            back.c.id.is_(None).label("stands"),
        )
        .outerjoin(back, back.c.reverses_id == _RECORD.c.id)
        .where(_RECORD.c.claim_id == claim_id, _RECORD.c.kind == RecordKind.ENTRY)
        .order_by(_RECORD.c.turn.desc())
        .limit(1)
    ).one()
    return Last._make(row)
