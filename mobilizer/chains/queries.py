"""What a chain is matched with: the call's shifts, the people it is addressed to, and what was entered before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.chains.matching import Person, Seat
from mobilizer.extensions import db
from mobilizer.members import finding
from mobilizer.members.queries import batches
from mobilizer.model import (
    Attachment,
    Branch,
    Chain,
    ChainLine,
    Checkpoint,
    Member,
    Shift,
    SignUp,
    within,
)
from mobilizer.terms import ShiftStatus, SignUpStatus

MOST_FOUND = 20
MOST_KEPT = 20
"""Earlier versions of a chain that a new one is compared with."""
ACTIVE = (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITLISTED)


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted chain with its call; its place, and so who may, is the call's."""

    id: int
    call: CallRow
    text: str
    day: date
    pasted_at: datetime

    @property
    def unit_code(self) -> str:
        return self.call.unit_code

    @property
    def branch_id(self) -> int:
        return self.call.branch_id

    @property
    def published(self) -> bool:
        return self.call.published

    @property
    def audience_unit_code(self) -> str | None:
        return self.call.audience_unit_code

    @property
    def audience_branch_id(self) -> int | None:
        return self.call.audience_branch_id


def pasted(call_id: int, chain_id: int) -> Pasted | None:
    row = db.session.execute(
        select(Chain.id, Chain.text, Chain.day, Chain.pasted_at).where(
            Chain.id == chain_id, Chain.call_id == call_id
        )
    ).first()
    call = calls.call(call_id) if row else None
    return Pasted(row.id, call, row.text, row.day, row.pasted_at) if row and call else None


def kept_texts(call_id: int, until_id: int) -> list[tuple[int, str, date, datetime]]:
    """(id, text, day, when it was pasted) of the call's chains up to this one, oldest first, as far as they are kept."""
    rows = db.session.execute(
        select(Chain.id, Chain.text, Chain.day, Chain.pasted_at)
        .where(Chain.call_id == call_id, Chain.id <= until_id)
        .order_by(Chain.id.desc())
        .limit(MOST_KEPT)
    )
    return [(row[0], row[1], row[2], row[3]) for row in reversed(rows.all())]


# --- shifts ----------------------------------------------------------------------------------------------


class CallSeat(NamedTuple):
    """A shift of the call as the chain's page shows it; `free` counts seats that nobody has and no offer holds."""

    id: int
    checkpoint: str
    post: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    free: int
    status: str


def seats(call_id: int) -> list[CallSeat]:
    """Every shift of the call that is not cancelled, soonest first."""
    rows = db.session.execute(
        select(
            Shift.id,
            Checkpoint.name,
            Shift.post,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.capacity,
            Shift.taken,
            Shift.capacity - Shift.taken - Shift.held,
            Shift.status,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(Shift.call_id == call_id, Shift.status != ShiftStatus.CANCELLED)
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id)
    )
    return [CallSeat._make(row) for row in rows]


def as_seat(each: CallSeat, zone: ZoneInfo, now: datetime) -> Seat:
    """For matching: on the wall clock of the place."""
    starts, ends = each.starts_at.astimezone(zone), each.ends_at.astimezone(zone)
    length = (ends.date() - starts.date()).days * 24 * 60 + _of_day(ends) - _of_day(starts)
    is_open = each.status == ShiftStatus.OPEN and each.ends_at > now
    return Seat(
        each.id, each.checkpoint, each.post, starts.date(), _of_day(starts), _of_day(starts) + length, is_open
    )


def _of_day(local: datetime) -> int:
    return local.hour * 60 + local.minute


# --- people ----------------------------------------------------------------------------------------------


def addressed(call: Any, now: datetime) -> ColumnElement[bool]:
    """Of a select of Member: those to whom the call is addressed, by home branch or attachment (policy.in_audience)."""
    if call.audience_branch_id is not None:
        branches: ColumnElement[bool] = Branch.id == call.audience_branch_id
    else:
        branches = within(Branch.unit_code, call.audience_unit_code)
    current = or_(Attachment.ends_at.is_(None), Attachment.ends_at > now)
    return or_(
        exists().where(Branch.id == Member.home_branch_id, branches),
        exists().where(
            Attachment.member_id == Member.id, Attachment.branch_id == Branch.id, branches, current
        ),
    )


def _people(call: Any, now: datetime) -> Select[*tuple[Any, ...]]:
    home = select(Branch.name).where(Branch.id == Member.home_branch_id).scalar_subquery()
    return (
        select(Member.id, Member.name, Member.phone, func.coalesce(home, ""))
        .where(addressed(call, now))
        .order_by(Member.sort_name, Member.id)
    )


def people(call: Any, names: Collection[str], phones: Collection[str], now: datetime) -> list[Person]:
    """Those in the call's audience who have one of the names, or one of the phones (E.164)."""
    found: dict[int, Person] = {}
    for column, values in ((Member.name, names), (Member.phone, phones)):
        for some in batches(sorted(values)):
            rows = db.session.execute(_people(call, now).where(column.in_(some)))
            found |= {row[0]: Person(*row) for row in rows}
    return list(found.values())


def near(call: Any, readings: Collection[str], given: Collection[str], now: datetime) -> list[Person]:
    """Those in the audience whose name reads so in pinyin, or whose given name it is; at most a few hundred."""
    found: dict[int, Person] = {}
    for some in batches(sorted(readings)):
        rows = db.session.execute(
            _people(call, now)
            .where(or_(Member.sort_name.in_(some), func.replace(Member.sort_name, " ", "").in_(some)))
            .limit(500)
        )
        found |= {row[0]: Person(*row) for row in rows}
    for some in batches(sorted(given)):
        rows = db.session.execute(_people(call, now).where(func.substr(Member.name, 2).in_(some)).limit(500))
        found |= {row[0]: Person(*row) for row in rows}
    return list(found.values())


def look(call: Any, text: str, now: datetime) -> list[Person]:
    """The first in the audience whose name, pinyin, initials or phone has every word of the text in it."""
    words = finding.words(text)
    if not words:
        return []
    rows = db.session.execute(
        _people(call, now).where(*(finding.says(word) for word in words)).limit(MOST_FOUND)
    )
    return [Person(*row) for row in rows]


def ids_addressed(call: Any, member_ids: Collection[int], now: datetime) -> set[int]:
    """Those of the members to whom the call is addressed."""
    found: set[int] = set()
    for some in batches(sorted(member_ids)):
        found |= set(db.session.scalars(select(Member.id).where(Member.id.in_(some), addressed(call, now))))
    return found


# --- what was entered, and who is on -----------------------------------------------------------------------


class Entered(NamedTuple):
    """What became of one wish of a line."""

    outcome: str
    reason: dict[str, Any] | None
    member_id: int
    name: str
    shift_id: int


Key = tuple[date, str, int]


def entered(call_id: int) -> dict[Key, Entered]:
    """(day, fingerprint, part) -> what became of it."""
    rows = db.session.execute(
        select(
            ChainLine.day,
            ChainLine.fingerprint,
            ChainLine.part,
            ChainLine.outcome,
            ChainLine.reason,
            ChainLine.member_id,
            Member.name,
            ChainLine.shift_id,
        )
        .join(Member, Member.id == ChainLine.member_id)
        .where(ChainLine.call_id == call_id)
    )
    return {(row[0], row[1], row[2]): Entered(*row[3:]) for row in rows}


class OnSeat(NamedTuple):
    shift_id: int
    member_id: int
    name: str
    status: str


def on_seats(call_id: int) -> list[OnSeat]:
    """Everybody who is signed up, asked or waiting on a shift of the call, in the order of their sign-up."""
    rows = db.session.execute(
        select(SignUp.shift_id, SignUp.member_id, Member.name, SignUp.status)
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call_id, SignUp.status.in_(ACTIVE))
        .order_by(SignUp.id)
    )
    return [OnSeat._make(row) for row in rows]


def call_of(shift_ids: Collection[int], call_id: int) -> set[int]:
    """Those of the shifts that are the call's."""
    found: set[int] = set()
    for some in batches(sorted(shift_ids)):
        found |= set(db.session.scalars(select(Shift.id).where(Shift.id.in_(some), Shift.call_id == call_id)))
    return found
