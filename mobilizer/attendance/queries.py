"""The roster of a shift as rows, and who may walk in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from mobilizer.attendance import rules
from mobilizer.extensions import db
from mobilizer.model import Attendance, Branch, Member, SignUp
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.terms import ShiftStatus, SignUpSource, SignUpStatus

FOUND = 12


class Person(NamedTuple):
    """Somebody on the roster and what is said of them; `absent` None: nothing yet. `cannot_come_at`: they said so. `took_over_from`:
    whose seat it was until then, inside the shift."""

    sign_up_id: int
    member_id: int
    name: str
    home_branch: str | None
    phone: str
    source: str
    absent: bool | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    cannot_come_at: datetime | None
    cannot_come_why: str
    unverified: bool
    in_way: str | None = None
    in_clock: str | None = None
    in_received_at: datetime | None = None
    out_clock: str | None = None
    out_received_at: datetime | None = None
    distance_m: int | None = None
    break_minutes: int = 0
    took_over_from: str | None = None

    @property
    def state(self) -> str:
        """missing, absent, here or left."""
        if self.absent is None:
            return "missing"
        if self.absent:
            return "absent"
        return "here" if self.checked_out_at is None else "left"

    @property
    def walked_in(self) -> bool:
        return self.source == SignUpSource.WALK_IN


@dataclass(frozen=True, slots=True)
class Board:
    """A shift's roster at one moment: everything that its page says."""

    shift: ShiftRow
    people: list[Person]
    now: datetime

    def those(self, state: str) -> list[Person]:
        return [person for person in self.people if person.state == state]

    @property
    def came(self) -> list[Person]:
        return [person for person in self.people if person.checked_in_at is not None]

    @property
    def open(self) -> bool:
        """Whether it takes a word now."""
        return self.shift.status == ShiftStatus.OPEN and self.now >= self.opens_at

    @property
    def opens_at(self) -> datetime:
        return self.shift.starts_at - rules.OPENS

    @property
    def begun(self) -> bool:
        return self.now >= self.shift.starts_at

    @property
    def over(self) -> bool:
        return self.now >= self.shift.ends_at

    @property
    def full(self) -> bool:
        return self.shift.taken >= self.shift.capacity

    @property
    def roll_call(self) -> datetime:
        return rules.roll_call(self.shift.starts_at, self.now)

    @property
    def default_departure(self) -> datetime:
        return rules.default_departure(self.shift.ends_at, self.now)

    def proposed_departure(self, person: Person) -> datetime:
        """When somebody here left, as far as the roster can tell."""
        return rules.proposed_departure(
            person.checked_in_at or self.shift.starts_at, self.shift.ends_at, self.now
        )

    @property
    def whole_dates(self) -> bool:
        """Whether a time of day alone could mean two moments on this shift."""
        return self.shift.ends_at - self.shift.starts_at > timedelta(days=1) - 2 * rules.MARGIN

    def late(self, person: Person) -> int:
        """Minutes between the shift's start and a later arrival."""
        if person.checked_in_at is None:
            return 0
        return max((person.checked_in_at - self.shift.starts_at) // timedelta(minutes=1), 0)

    def can_check_out_now(self, person: Person) -> bool:
        return person.state == "here" and self.now <= self.shift.ends_at + rules.MARGIN


def board(shift: ShiftRow, now: datetime) -> Board:
    """The roster of the shift in the order of names, in one query."""
    rows = db.session.execute(_people().where(SignUp.shift_id == shift.id))
    return Board(shift, [Person._make(row) for row in rows], now)


def board_of(shift_id: int, now: datetime) -> Board | None:
    """The same from the number, with the shift as it is now."""
    shift = shifts.shift(shift_id)
    return board(shift, now) if shift else None


def people_on(shift_ids: Sequence[int]) -> dict[int, list[Person]]:
    """Who is on each of these shifts, in the order of names, in one query."""
    found: dict[int, list[Person]] = {}
    if shift_ids:
        rows = db.session.execute(
            _people().add_columns(SignUp.shift_id).where(SignUp.shift_id.in_(shift_ids))
        )
        for *person, shift_id in rows:
            found.setdefault(shift_id, []).append(Person._make(person))
    return found


def person(sign_up_id: int) -> Person | None:
    """One of the roster, or None when they are no longer on it."""
    row = db.session.execute(_people().where(SignUp.id == sign_up_id)).first()
    return Person._make(row) if row else None


def shift_with(shift_id: int, sign_up_id: int) -> ShiftRow | None:
    """The shift, if this sign-up is one of its own: another's number leads nowhere."""
    own = db.session.scalar(select(SignUp.id).where(SignUp.id == sign_up_id, SignUp.shift_id == shift_id))
    return shifts.shift(shift_id) if own else None


def _people() -> Select[*tuple[Any, ...]]:
    first, giver = aliased(SignUp), aliased(Member)
    return (
        select(
            SignUp.id,
            SignUp.member_id,
            Member.name,
            Branch.name,
            Member.phone,
            SignUp.source,
            Attendance.absent,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            SignUp.cannot_come_at,
            SignUp.cannot_come_why,
            SignUp.unverified,
            Attendance.in_way,
            Attendance.in_clock,
            Attendance.in_received_at,
            Attendance.out_clock,
            Attendance.out_received_at,
            Attendance.distance_m,
            func.coalesce(Attendance.break_minutes, 0),
            giver.name,
        )
        .join(Member, Member.id == SignUp.member_id)
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .outerjoin(first, and_(first.id == SignUp.in_place_of_id, first.status == SignUpStatus.CONFIRMED))
        .outerjoin(giver, giver.id == first.member_id)
        .where(SignUp.status == SignUpStatus.CONFIRMED)
        .order_by(Member.sort_name, Member.id)
    )
