"""The ledger as rows: a shift's records with their corrections, and a member's own service."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from mobilizer.attendance import queries as attendance
from mobilizer.attendance.queries import Person
from mobilizer.extensions import db
from mobilizer.hours import rules
from mobilizer.model import Branch, Call, Checkpoint, Member, ServiceRecord, Shift
from mobilizer.shifts.queries import ShiftRow
from mobilizer.terms import RecordKind

PAGE = 100


class Record(NamedTuple):
    """An entry of the ledger; `reversed_because` says why it was taken back, None while it stands."""

    id: int
    sign_up_id: int | None
    starts_at: datetime
    ends_at: datetime
    minutes: int
    break_minutes: int
    reason: str
    recorded_at: datetime
    reversed_because: str | None
    reversed_by: str | None

    @property
    def stands(self) -> bool:
        return self.reversed_because is None


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """One person of a closed shift, with what is counted for them and what was taken back, oldest first."""

    person: Person
    standing: Record | None
    taken_back: list[Record]


def of_shift(shift: ShiftRow, now: datetime) -> list[PersonRecords]:
    """Everyone on the roster of the shift, by name, in two queries."""
    return _with_people(attendance.board(shift, now).people, _records(ServiceRecord.shift_id == shift.id))


def of_person(sign_up_id: int) -> PersonRecords | None:
    """The same of one, or None when they are no longer on a roster."""
    person = attendance.person(sign_up_id)
    if person is None:
        return None
    return _with_people([person], _records(ServiceRecord.sign_up_id == sign_up_id))[0]


def people_served(shift_id: int) -> int | None:
    """How many residents the shift served, as whoever closed it says; None: nobody has said."""
    served: int | None = db.session.scalar(select(Shift.people_served).where(Shift.id == shift_id))
    return served


def _with_people(people: list[Person], records: list[Record]) -> list[PersonRecords]:
    theirs: dict[int | None, list[Record]] = {}
    for record in records:
        theirs.setdefault(record.sign_up_id, []).append(record)
    return [
        PersonRecords(
            person,
            next((r for r in theirs.get(person.sign_up_id, ()) if r.stands), None),
            [r for r in theirs.get(person.sign_up_id, ()) if not r.stands],
        )
        for person in people
    ]


def _records(condition: ColumnElement[bool]) -> list[Record]:
    reversal, reverser = aliased(ServiceRecord), aliased(Member)
    rows = db.session.execute(
        select(
            ServiceRecord.id,
            ServiceRecord.sign_up_id,
            ServiceRecord.starts_at,
            ServiceRecord.ends_at,
            ServiceRecord.minutes,
            ServiceRecord.break_minutes,
            ServiceRecord.reason,
            ServiceRecord.recorded_at,
            reversal.reason,
            reverser.name,
        )
        .outerjoin(reversal, reversal.reverses_id == ServiceRecord.id)
        .outerjoin(reverser, reverser.id == reversal.recorded_by_id)
        .where(condition, ServiceRecord.kind == RecordKind.ENTRY)
        .order_by(ServiceRecord.id)
    )
    return [Record._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of a member's ledger rows, reversals among them."""

    person_times: int
    minutes: int

    @property
    def stars(self) -> int:
        return rules.stars(self.minutes)

    @property
    def next_star(self) -> int | None:
        """Minutes still missing for the next star."""
        return rules.next_star(self.minutes)


def total_of(member_id: int) -> Total:
    row = db.session.execute(
        select(
            func.coalesce(func.sum(ServiceRecord.person_times), 0),
            func.coalesce(func.sum(ServiceRecord.minutes), 0),
        ).where(ServiceRecord.member_id == member_id)
    ).one()
    return Total(int(row[0]), int(row[1]))


class Service(NamedTuple):
    """One entry of a member's service; taken back when `reversed_because` is not None."""

    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    category: str
    branch: str
    checkpoint: str | None
    title: str | None
    shift_id: int | None
    reversed_because: str | None


def service_of(member_id: int, *, page: int = 1, limit: int = PAGE) -> list[Service]:
    """A member's entries, latest first. One row more than `limit` says that there is a next page."""
    reversal = aliased(ServiceRecord)
    rows = db.session.execute(
        select(
            ServiceRecord.id,
            ServiceRecord.day,
            ServiceRecord.starts_at,
            ServiceRecord.ends_at,
            ServiceRecord.minutes,
            ServiceRecord.category,
            Branch.name,
            Checkpoint.name,
            Call.title,
            ServiceRecord.shift_id,
            reversal.reason,
        )
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
        .outerjoin(Shift, Shift.id == ServiceRecord.shift_id)
        .outerjoin(Call, Call.id == Shift.call_id)
        .outerjoin(reversal, reversal.reverses_id == ServiceRecord.id)
        .where(ServiceRecord.member_id == member_id, ServiceRecord.kind == RecordKind.ENTRY)
        .order_by(ServiceRecord.day.desc(), ServiceRecord.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )
    return [Service._make(row) for row in rows]
