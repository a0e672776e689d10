"""Services told without a shift as rows: those of a branch, of a member, and where somebody waits for a leader's yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import (
    Attachment,
    Branch,
    Call,
    Checkpoint,
    Member,
    ServiceClaim,
    ServiceRecord,
    Shift,
    SignUp,
    within,
)
from mobilizer.policy import Reader
from mobilizer.terms import BranchStatus, RecordKind, RecordSource, Role, SignUpStatus

PAGE = 50
LATELY = timedelta(days=60)
"""How long ago a shift may be for its branch to be offered to whoever served on it."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A service as it was told, what was decided, and what of it is counted (`record_id` None: nothing). `branch_id` and
    `unit_code` are the branch's: the place that permissions are asked for."""

    id: int
    source: str
    status: str
    needs_second: bool
    member_id: int
    name: str
    home_branch: str | None
    branch_id: int
    branch: str
    unit_code: str
    checkpoint: str | None
    category: str
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    why: str
    made_by_id: int | None
    maker: str | None
    made_at: datetime
    decider: str | None
    decided_at: datetime | None
    decision: str
    record_id: int | None
    counted_from: datetime | None
    counted_to: datetime | None
    counted_minutes: int | None
    counted_break: int | None

    @property
    def minutes(self) -> int:
        """As it was told."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1) - self.break_minutes


def claim(branch_id: int, claim_id: int) -> ClaimRow | None:
    """One of the branch's: another's number leads nowhere."""
    return _one(_claims().where(ServiceClaim.id == claim_id, ServiceClaim.branch_id == branch_id))


def claim_of_member(claim_id: int) -> ClaimRow | None:
    """One that is the member's own to look at: a claim, not what a leader entered."""
    return _one(_claims().where(ServiceClaim.id == claim_id, ServiceClaim.source == RecordSource.CLAIM))


def waiting_in(branch_id: int, *, limit: int = PAGE) -> list[ClaimRow]:
    """Those that wait for a yes, the longest first."""
    return _rows(
        _claims()
        .where(ServiceClaim.branch_id == branch_id, ServiceClaim.status == "waiting")
        .order_by(ServiceClaim.id)
        .limit(limit)
    )


def settled_in(branch_id: int, *, page: int = 1, limit: int = PAGE) -> list[ClaimRow]:
    """Those that wait no more, latest first. One row more than `limit` says that there is a next page."""
    return _rows(
        _claims()
        .where(ServiceClaim.branch_id == branch_id, ServiceClaim.status != "waiting")
        .order_by(ServiceClaim.decided_at.desc(), ServiceClaim.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )


def of_member(member_id: int, *, page: int = 1, limit: int = PAGE) -> list[ClaimRow]:
    """What the member has claimed, latest first. One row more than `limit` says that there is a next page."""
    return _rows(
        _claims()
        .where(ServiceClaim.member_id == member_id, ServiceClaim.source == RecordSource.CLAIM)
        .order_by(ServiceClaim.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )


def on_one_word(member_id: int, day: date, *, but_claim: int | None = None) -> int:
    """Minutes of the local day that count for the member on one leader's word alone: entered on it, or corrected since
    somebody else's yes. `but_claim`: the claim that is to be written anew."""
    others = [ServiceClaim.id != but_claim] if but_claim is not None else []
    return (
        db.session.scalar(
            select(func.sum(ServiceRecord.minutes))
            .join(ServiceClaim, ServiceClaim.id == ServiceRecord.claim_id)
            .where(
                ServiceRecord.member_id == member_id,
                ServiceRecord.day == day,
                or_(ServiceClaim.needs_second.is_(False), ServiceRecord.turn > 0),
                *others,
            )
        )
        or 0
    )


class Waiting(NamedTuple):
    branch_id: int
    branch: str
    claims: int


def waiting_for(reader: Reader, *, limit: int = 20) -> list[Waiting]:
    """Branches in which somebody waits for a yes that the reader may give, with how many; their own services and what they
    entered themselves left out."""
    rows = db.session.execute(
        select(Branch.id, Branch.name, func.count())
        .join(ServiceClaim, ServiceClaim.branch_id == Branch.id)
        .where(
            _decided_by(reader),
            ServiceClaim.status == "waiting",
            ServiceClaim.member_id != reader.member_id,
            or_(ServiceClaim.made_by_id.is_(None), ServiceClaim.made_by_id != reader.member_id),
        )
        .group_by(Branch.id, Branch.name)
        .order_by(func.min(ServiceClaim.made_at))
        .limit(limit)
    )
    return [Waiting._make(row) for row in rows]


def _decided_by(reader: Reader) -> Any:
    """Branches in which the reader may say yes, as policy.watches has it."""
    over = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COORDINATOR)
    inside = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)
    places = [
        within(Branch.unit_code, grant.unit_code) if grant.unit_code else Branch.id == grant.branch_id
        for grant in reader.grants
        if (grant.unit_code and grant.role in over) or (grant.branch_id and grant.role in inside)
    ]
    return or_(false(), *places)


def branches_of(member_id: int, now: datetime) -> list[tuple[int, str]]:
    """(id, name) of the branches to which the member can say that they served: their home branch, those they are attached
    to, and those on whose shifts they were lately."""
    attached = exists().where(
        Attachment.branch_id == Branch.id, Attachment.member_id == member_id, Attachment.ends_at.is_(None)
    )
    home = exists().where(Member.id == member_id, Member.home_branch_id == Branch.id)
    lately = (
        select(SignUp.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .where(
            Call.branch_id == Branch.id,
            SignUp.member_id == member_id,
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.starts_at > now - LATELY,
        )
        .exists()
    )
    rows = db.session.execute(
        select(Branch.id, Branch.name)
        .where(Branch.status == BranchStatus.ACTIVE, or_(attached, home, lately))
        .order_by(Branch.kind != "standing", Branch.name)
    )
    return [(branch_id, name) for branch_id, name in rows]


def _claims() -> Select[*tuple[Any, ...]]:
    home, maker, decider = aliased(Branch), aliased(Member), aliased(Member)
    back = aliased(ServiceRecord)
    stands = and_(
        ServiceRecord.claim_id == ServiceClaim.id,
        ServiceRecord.kind == RecordKind.ENTRY,
        ~exists().where(back.reverses_id == ServiceRecord.id),
    )
    return (
        select(
            ServiceClaim.id,
            ServiceClaim.source,
            ServiceClaim.status,
            ServiceClaim.needs_second,
            ServiceClaim.member_id,
            Member.name,
            home.name,
            ServiceClaim.branch_id,
            Branch.name,
            Branch.unit_code,
            Checkpoint.name,
            ServiceClaim.category,
            ServiceClaim.starts_at,
            ServiceClaim.ends_at,
            ServiceClaim.break_minutes,
            ServiceClaim.why,
            ServiceClaim.made_by_id,
            maker.name,
            ServiceClaim.made_at,
            decider.name,
            ServiceClaim.decided_at,
            ServiceClaim.decision,
            ServiceRecord.id,
            ServiceRecord.starts_at,
            ServiceRecord.ends_at,
            ServiceRecord.minutes,
            ServiceRecord.break_minutes,
        )
        .join(Member, Member.id == ServiceClaim.member_id)
        .join(Branch, Branch.id == ServiceClaim.branch_id)
        .outerjoin(home, home.id == Member.home_branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceClaim.checkpoint_id)
        .outerjoin(maker, maker.id == ServiceClaim.made_by_id)
        .outerjoin(decider, decider.id == ServiceClaim.decided_by_id)
        .outerjoin(ServiceRecord, stands)
    )


def _rows(statement: Select[*tuple[Any, ...]]) -> list[ClaimRow]:
    return [ClaimRow(*row) for row in db.session.execute(statement)]


def _one(statement: Select[*tuple[Any, ...]]) -> ClaimRow | None:
    found: Sequence[Any] | None = db.session.execute(statement).first()
    return ClaimRow(*found) if found else None
