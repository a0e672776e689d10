"""Where a shift lies, who is on it and who waits, and what became of those that are over: rows, in one query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, select

from mobilizer.extensions import db, run
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Member, Shift, SignUp
from mobilizer.terms import BranchStatus, CallStatus, SignUpStatus


class Past(NamedTuple):
    """What became of a shift that was held: `status` of the sign-up, and the attendance if there is one."""

    shift_id: int
    checkpoint: str
    title: str
    starts_at: datetime
    ends_at: datetime
    status: str
    absent: bool | None
    closed_at: datetime | None


def past(member_id: int, now: datetime, *, limit: int = 50) -> list[Past]:
    """The member's shifts that are over, latest first; what was given back is left out."""
    rows = db.session.execute(
        select(
            Shift.id,
            Checkpoint.name,
            Call.title,
            Shift.starts_at,
            Shift.ends_at,
            SignUp.status,
            Attendance.absent,
            Shift.closed_at,
        )
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.member_id == member_id, SignUp.status == SignUpStatus.CONFIRMED, Shift.ends_at <= now)
        .order_by(Shift.starts_at.desc())
        .limit(limit)
    )
    return [Past._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shift lies and whom its call is addressed to: what a permission is asked about."""

    id: int
    unit_code: str
    branch_id: int
    published: bool
    audience_unit_code: str | None
    audience_branch_id: int | None
    call_id: int
    member_ids: tuple[int, ...] = ()


_PLACE = (
    select(
        Shift.id,
        Shift.unit_code,
        Call.branch_id,
        and_(Call.status == CallStatus.PUBLISHED, Branch.status == BranchStatus.ACTIVE),
        Call.audience_unit_code,
        Call.audience_branch_id,
        Call.id,
        exists().where(SignUp.shift_id == Shift.id, SignUp.member_id == bindparam("member_id")),
    )
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .where(Shift.id.in_(bindparam("shift_ids", expanding=True)))
)


def place(shift_id: int, *, member_id: int = 0) -> Place | None:
    """The shift's place. With `member_id`, that member is among `member_ids` if they hold or held the shift."""
    return next(iter(places([shift_id], member_id)), None)


def places(shift_ids: Sequence[int], member_id: int) -> list[Place]:
    """The places of several shifts, in the order of the ids; what is not there is left out."""
    rows = run(_PLACE, {"shift_ids": list(shift_ids), "member_id": member_id})
    found = {row[0]: Place(*row[:7], (member_id,) if row[7] else ()) for row in rows}
    return [found[shift_id] for shift_id in dict.fromkeys(shift_ids) if shift_id in found]


@dataclass(frozen=True, slots=True)
class OnShift:
    member_id: int
    name: str
    home_branch: str | None


def on_shift(shift_id: int) -> list[OnShift]:
    """Who holds the shift, by name."""
    rows = db.session.execute(
        select(Member.id, Member.name, Branch.name)
        .join(SignUp, SignUp.member_id == Member.id)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CONFIRMED)
        .order_by(Member.sort_name, Member.id)
    )
    return [OnShift(*row) for row in rows]


def companions(shift_ids: Sequence[int], member_id: int) -> dict[int, list[str]]:
    """The names of the others on each of these shifts."""
    found: dict[int, list[str]] = {shift_id: [] for shift_id in shift_ids}
    for shift_id, name in db.session.execute(
        select(SignUp.shift_id, Member.name)
        .join(Member, Member.id == SignUp.member_id)
        .where(
            SignUp.shift_id.in_(shift_ids),
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.member_id != member_id,
        )
        .order_by(Member.sort_name)
    ):
        found[shift_id].append(name)
    return found
