"""What is read before a decision about one member and one shift: one statement, and the rules' facts made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, exists, select
from sqlalchemy.orm import aliased

from mobilizer.errors import N_, Refused
from mobilizer.extensions import run
from mobilizer.model import Branch, Call, Checkpoint, MemberSkill, Shift, SignUp, Skill
from mobilizer.model.types import Instant
from mobilizer.signups.limit_rules import LONGEST_ROW, Span, of_branch
from mobilizer.signups.rules import Facts
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus

ACTIVE = (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITLISTED)
REACH = timedelta(days=LONGEST_ROW + 2)
"""Shifts that ended longer ago than this bear on no limit."""

_SHIFT: BindParameter[int] = bindparam("shift_id")
_MEMBER: BindParameter[int] = bindparam("member_id")
_mine = aliased(SignUp)
_other = aliased(SignUp)
_other_shift = aliased(Shift)

_BEFORE = (
    select(
        Shift.status,
        Shift.unit_code,
        Shift.day,
        Shift.starts_at,
        Shift.ends_at,
        Shift.capacity,
        Shift.taken,
        Shift.held,
        Shift.waiting,
        Shift.held_back,
        Shift.held_back_until,
        Shift.post,
        Call.branch_id,
        Call.status.label("call_status"),
        Call.opens_at,
        Call.closes_at,
        Branch.status.label("branch_status"),
        Branch.rest_hours,
        Branch.day_hours,
        Branch.week_hours,
        Branch.nights_in_row,
        Branch.answer_minutes,
        Branch.late_answer_minutes,
        Branch.offer_minutes,
        Checkpoint.name.label("checkpoint"),
        Skill.name.label("skill"),
        exists()
        .where(
            MemberSkill.member_id == _MEMBER,
            MemberSkill.skill_id == Shift.skill_id,
            MemberSkill.confirmed_at.is_not(None),
        )
        .label("holds_skill"),
        _mine.id.label("mine_id"),
        _mine.status.label("mine_status"),
        _mine.unverified.label("mine_unverified"),
        _other.starts_at.label("other_starts_at"),
        _other.ends_at.label("other_ends_at"),
        _other_shift.day.label("other_day"),
    )
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
    .outerjoin(Skill, Skill.id == Shift.skill_id)
    .outerjoin(_mine, and_(_mine.shift_id == Shift.id, _mine.member_id == _MEMBER, _mine.status.in_(ACTIVE)))
    .outerjoin(
        _other,
        and_(
            _other.member_id == _MEMBER,
            _other.status == SignUpStatus.CONFIRMED,
            _other.shift_id != Shift.id,
            _other.starts_at > bindparam("since", type_=Instant),
        ),
    )
    .outerjoin(_other_shift, _other_shift.id == _other.shift_id)
    .where(Shift.id == _SHIFT)
)


@dataclass(frozen=True, slots=True)
class Turn:
    """Which shift an action was about: when and where."""

    shift_id: int
    checkpoint: str
    post: str
    starts_at: datetime
    ends_at: datetime

    def told(self) -> dict[str, Any]:
        """What a notice keeps of it."""
        return {
            "checkpoint": self.checkpoint,
            "post": self.post,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
        }


@dataclass(frozen=True, slots=True)
class Before:
    """A shift and a member before something is decided. `mine_id` and `mine_status`: their active sign-up on it."""

    turn: Turn
    facts: Facts
    unit_code: str
    branch_id: int
    held: int
    mine_id: int | None
    mine_status: str | None
    mine_unverified: bool
    answer: timedelta
    late_answer: timedelta
    offer: timedelta

    @property
    def where(self) -> dict[str, Any]:
        """Where the journal files what is done about it."""
        return {"unit_code": self.unit_code, "branch_id": self.branch_id}


def before(shift_id: int, member_id: int, now: datetime) -> Before:
    """Raises Refused (404) where there is no such shift."""
    rows = run(
        _BEFORE, {"shift_id": shift_id, "member_id": member_id, "since": now - REACH, "now": now}
    ).all()
    if not rows:
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    row = rows[0]
    held_back = row.held_back if row.held_back_until is not None and now < row.held_back_until else 0
    facts = Facts(
        shift_open=row.status == ShiftStatus.OPEN,
        call_open=row.call_status == CallStatus.PUBLISHED and row.branch_status == BranchStatus.ACTIVE,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        span=Span(row.starts_at, row.ends_at, row.day),
        free=row.capacity - row.taken - row.held - held_back,
        waiting=row.waiting,
        held_back_until=row.held_back_until,
        skill=row.skill,
        holds_skill=row.holds_skill,
        limits=of_branch(row.rest_hours, row.day_hours, row.week_hours, row.nights_in_row),
        others=_others(rows),
    )
    return Before(
        turn=Turn(shift_id, row.checkpoint, row.post, row.starts_at, row.ends_at),
        facts=facts,
        unit_code=row.unit_code,
        branch_id=row.branch_id,
        held=row.held,
        mine_id=row.mine_id,
        mine_status=row.mine_status,
        mine_unverified=bool(row.mine_unverified),
        answer=timedelta(minutes=row.answer_minutes),
        late_answer=timedelta(minutes=row.late_answer_minutes),
        offer=timedelta(minutes=row.offer_minutes),
    )


def _others(rows: Sequence[Any]) -> list[Span]:
    return [
        Span(row.other_starts_at, row.other_ends_at, row.other_day)
        for row in rows
        if row.other_starts_at is not None
    ]
