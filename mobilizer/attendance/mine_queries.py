"""A shift that a member holds, with all that checking in there asks for: one row, read alike by page and action."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select, true

from mobilizer.attendance import rules
from mobilizer.extensions import db
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Member, Shift, SignUp
from mobilizer.policy import Reader
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus

SOON = timedelta(hours=12)
"""So far ahead somebody who stands before a poster is shown shifts to join."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A confirmed sign-up, its shift, its checkpoint, and what the branch says is enough. `distance_m` and `in_way`:
    of the check-in. `unverified`: taken with a pass of which nobody knows yet that it is theirs."""

    shift_id: int
    sign_up_id: int
    member_id: int
    name: str
    call_id: int
    branch_id: int
    unit_code: str
    checkpoint_id: int
    checkpoint: str
    address: str
    contact: str
    post: str
    latitude: float | None
    longitude: float | None
    poster_code: str | None
    starts_at: datetime
    ends_at: datetime
    status: str
    absent: bool | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    in_way: str | None
    distance_m: int | None
    poster_enough: bool
    screen_code_enough: bool
    own_code_enough: bool
    radius_m: int | None
    unverified: bool
    signed_up_at: datetime

    def standing(self, now: datetime) -> str:
        """As rules.standing says it."""
        return rules.standing(
            self.status, self.starts_at, self.ends_at, self.checked_in_at, self.checked_out_at, now
        )

    @property
    def opens_at(self) -> datetime:
        return self.starts_at - rules.OPENS

    @property
    def late(self) -> int:
        """Minutes that they came after the shift's start."""
        return rules.late(self.checked_in_at, self.starts_at) if self.checked_in_at else 0

    @property
    def asks_place(self) -> bool:
        """Whether the poster here needs the phone to say where it is."""
        return self.poster_enough and self.radius_m is not None and self.latitude is not None


def _mine() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            SignUp.id,
            Member.id,
            Member.name,
            Call.id,
            Call.branch_id,
            Shift.unit_code,
            Checkpoint.id,
            Checkpoint.name,
            Checkpoint.address,
            Checkpoint.contact,
            Shift.post,
            Checkpoint.latitude,
            Checkpoint.longitude,
            Checkpoint.poster_code,
            Shift.starts_at,
            Shift.ends_at,
            Shift.status,
            Attendance.absent,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            Attendance.in_way,
            Attendance.distance_m,
            Branch.poster_enough,
            Branch.screen_code_enough,
            Branch.own_code_enough,
            Branch.poster_radius_m,
            SignUp.unverified,
            SignUp.signed_up_at,
        )
        .select_from(SignUp)
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.status == SignUpStatus.CONFIRMED)
    )


def mine(shift_id: int, member_id: int) -> Mine | None:
    """The shift, if the member holds it."""
    row = db.session.execute(_mine().where(Shift.id == shift_id, SignUp.member_id == member_id)).first()
    return Mine(*row) if row else None


def of_sign_up(sign_up_id: int) -> Mine | None:
    """The same from the number of the sign-up."""
    row = db.session.execute(_mine().where(SignUp.id == sign_up_id)).first()
    return Mine(*row) if row else None


def around(reader: Reader, now: datetime) -> list[Mine]:
    """Those of the reader at which something can be said now: check-in from two hours before until the end, check-out
    until four hours after it. Soonest first; with a pass, those of its call."""
    rows = db.session.execute(
        _mine()
        .where(
            SignUp.member_id == reader.member_id,
            Call.id == reader.pass_call_id if reader.pass_call_id is not None else true(),
            SignUp.starts_at <= now + rules.OPENS,
            SignUp.ends_at >= now - rules.MARGIN,
            Shift.status == ShiftStatus.OPEN,
        )
        .order_by(SignUp.starts_at, SignUp.id)
    )
    return [Mine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PosterPlace:
    """The checkpoint that a poster hangs at."""

    id: int
    name: str


def by_poster(code: str) -> PosterPlace | None:
    row = db.session.execute(
        select(Checkpoint.id, Checkpoint.name).where(Checkpoint.poster_code == code)
    ).first()
    return PosterPlace(*row) if row else None


class Joinable(NamedTuple):
    """A shift here that whoever has its call's link may join with name and phone number. `code` is the link's."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime
    post: str
    title: str
    code: str


def joinable(checkpoint_id: int, now: datetime, *, limit: int = 6) -> list[Joinable]:
    """Those that run now or begin soon, soonest first, with a free seat."""
    rows = db.session.execute(
        select(Shift.id, Shift.starts_at, Shift.ends_at, Shift.post, Call.title, Call.code)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .where(
            and_(Shift.checkpoint_id == checkpoint_id, Shift.status == ShiftStatus.OPEN),
            and_(Shift.ends_at > now, Shift.starts_at <= now + SOON),
            Shift.taken + Shift.held < Shift.capacity,
            and_(Call.quick_join, Call.status == CallStatus.PUBLISHED),
            and_(Call.opens_at <= now, Call.closes_at > now),
            Branch.status == BranchStatus.ACTIVE,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    )
    return [Joinable._make(row) for row in rows]


def beside(shift_id: int, checkpoint_id: int, at: datetime, *, limit: int = 20) -> list[int]:
    """Other shifts at this checkpoint at whose screens somebody could stand at that moment."""
    return list(
        db.session.scalars(
            select(Shift.id)
            .where(
                and_(Shift.checkpoint_id == checkpoint_id, Shift.id != shift_id),
                Shift.status == ShiftStatus.OPEN,
                Shift.starts_at <= at + rules.OPENS,
                Shift.ends_at > at,
            )
            .order_by(Shift.id)
            .limit(limit)
        )
    )


def sign_ups(shift_id: int) -> list[tuple[int, datetime]]:
    """The confirmed sign-ups of a shift, each with its end."""
    rows = db.session.execute(
        select(SignUp.id, SignUp.ends_at).where(
            SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CONFIRMED
        )
    )
    return [(row[0], row[1]) for row in rows]
