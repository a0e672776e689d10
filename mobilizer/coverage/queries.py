"""Coverage as rows: the place asked for with a mark of how it stands, its slots, its shifts and who is on them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from mobilizer.coverage.rules import AHEAD, Slot, Window
from mobilizer.extensions import run
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Member, Shift, SignUp, Unit, within
from mobilizer.policy import Reader
from mobilizer.terms import Role, ShiftStatus, SignUpStatus
from mobilizer.units.rules import parent_of

EARLY = timedelta(hours=2)
"""Nobody is checked in earlier than this before the start (attendance.rules.OPENS)."""

MOST_ROWS = 400
MOST_PEOPLE = 300
MOST_SHIFTS = 200


class By(StrEnum):
    """What a row of the board is."""

    TOWN = "town"
    VILLAGE = "village"
    CHECKPOINT = "checkpoint"
    POST = "post"


CODE_LENGTH = {By.TOWN: 9, By.VILLAGE: 12}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the board is of: a unit with all below it, a branch, a call, or one checkpoint (of those of a branch or a
    call, where one is named too). `unit_code` and `branch_id` are the place that permissions are asked for.

    `above` is the name of what it belongs to; `stands` changes whenever a figure of the board may have.
    """

    kind: str
    id: str | int
    name: str
    above: str
    unit_code: str
    level: str | None
    branch_id: int | None
    checkpoint_id: int | None
    checkpoint_name: str | None
    stands: tuple[int, ...]


class Place(NamedTuple):
    """The address of a scope."""

    kind: str
    id: str | int
    checkpoint_id: int | None


# --- which shifts ----------------------------------------------------------------------------------------


def _conditions(place: Place | Scope, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Shifts of the place that touch the time. A draft's are nobody's yet, but on the draft's own board."""
    found: list[ColumnElement[bool]] = [
        Shift.status != ShiftStatus.CANCELLED,
        Shift.day.between(since.date() - timedelta(days=2), until.date() + timedelta(days=1)),
        Shift.starts_at < until,
        Shift.ends_at > since,
    ]
    if place.checkpoint_id is not None:
        found.append(Shift.checkpoint_id == place.checkpoint_id)
    if place.kind == "call":
        return [*found, Shift.call_id == place.id]
    if place.kind == "branch":
        calls = select(Call.id).where(Call.branch_id == place.id, Call.published_at.is_not(None))
        return [*found, Shift.call_id.in_(calls)]
    if place.kind == "unit":
        found.append(within(Shift.unit_code, str(place.id)))
    return [*found, Shift.call_id.not_in(select(Call.id).where(Call.published_at.is_(None)))]


# --- the place -------------------------------------------------------------------------------------------


def scope(place: Place, window: Window, now: datetime) -> Scope | None:
    """The place and how it stands in these hours, in one statement; None when there is no such place."""
    checkpoint = (
        select(Checkpoint.name).where(Checkpoint.id == place.checkpoint_id).scalar_subquery()
        if place.checkpoint_id is not None
        else literal(None)
    )
    stands = _stands(_conditions(place, window.starts_at, window.ends_at), now)
    statement = _named(place).add_columns(checkpoint, *stands.c).join(stands, true())
    row = run(statement).first()
    if row is None or (place.checkpoint_id is not None and row[5] is None):
        return None
    name, above, unit_code, level, branch_id, checkpoint_name, *marks = row
    return Scope(
        place.kind,
        place.id,
        name,
        above or "",
        unit_code,
        level,
        branch_id,
        place.checkpoint_id,
        checkpoint_name,
        tuple(int(mark or 0) for mark in marks),
    )


def _named(place: Place) -> Select[*tuple[Any, ...]]:
    none: ColumnElement[None] = literal(None)
    if place.kind == "unit":
        above = select(Unit.name).where(Unit.code == parent_of(str(place.id)))
        return select(Unit.name, above.scalar_subquery(), Unit.code, Unit.level, none).where(
            Unit.code == place.id
        )
    if place.kind == "branch":
        return (
            select(Branch.name, Unit.name, Branch.unit_code, none, Branch.id)
            .join(Unit, Unit.code == Branch.unit_code)
            .where(Branch.id == place.id)
        )
    if place.kind == "call":
        return (
            select(Call.title, Branch.name, Call.unit_code, none, Call.branch_id)
            .join(Branch, Branch.id == Call.branch_id)
            .where(Call.id == place.id)
        )
    return (
        select(Checkpoint.name, Unit.name, Checkpoint.unit_code, none, none)
        .join(Unit, Unit.code == Checkpoint.unit_code)
        .where(Checkpoint.id == place.id)
    )


def _stands(conditions: list[ColumnElement[bool]], now: datetime) -> Subquery:
    """One row of sums that differ when a seat, a number, a time or an attendance does.

    Each shift weighs differently (by its id, spread over 20 bits so that no sum leaves 63), so that a seat that moves
    from one to another shows. Renamed places do not.
    """
    weight = cast(Shift.id, BigInteger) * 48271 % 1048573
    times = (extract("epoch", Shift.starts_at) + 3 * extract("epoch", Shift.ends_at)) / 60 % 65521
    begun = case((Shift.ends_at <= now, 2), (Shift.starts_at <= now, 1), else_=0)
    word = case((Attendance.absent, 1), (Attendance.checked_out_at.is_(None), 2), else_=3)
    attended = (
        select(func.sum(cast(Attendance.id, BigInteger) * 48271 % 1048573 * word))
        .join(SignUp, SignUp.id == Attendance.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(*conditions, Shift.starts_at < now + EARLY, SignUp.status == SignUpStatus.CONFIRMED)
        .scalar_subquery()
    )
    return (
        select(
            func.count(Shift.id).label("shifts"),
            func.sum(weight * Shift.taken).label("taken"),
            func.sum(weight * (Shift.capacity + 509 * Shift.least)).label("seats"),
            func.sum(weight * cast(times, BigInteger)).label("times"),
            func.sum(weight * begun).label("begun"),
            attended.label("attended"),
        )
        .where(*conditions)
        .subquery("stands")
    )


# --- the board -------------------------------------------------------------------------------------------


def slots(of: Scope, by: By, window: Window, now: datetime) -> tuple[list[Slot], list[str]]:
    """The board's rows in order, each slot by its start; and the names of the places below a unit that have no shift
    in these hours. In one statement."""
    conditions = _conditions(of, window.starts_at, window.ends_at)
    word = (
        select(
            SignUp.shift_id,
            func.sum(case((Attendance.absent, 0), (Attendance.checked_out_at.is_(None), 1), else_=0)).label(
                "here"
            ),
            func.sum(case((Attendance.absent, 0), else_=1)).label("came"),
            func.sum(case((Attendance.absent, 1), else_=0)).label("absent"),
        )
        .join(Attendance, Attendance.sign_up_id == SignUp.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(*conditions, Shift.starts_at < now + EARLY, SignUp.status == SignUpStatus.CONFIRMED)
        .group_by(SignUp.shift_id)
        .subquery("word")
    )
    key = _key(by)
    summed = (
        select(
            key.label("key"),
            func.min(Shift.unit_code).label("unit_code"),
            Shift.starts_at,
            Shift.ends_at,
            func.sum(Shift.least).label("needed"),
            func.sum(case((Shift.taken < Shift.least, Shift.taken), else_=Shift.least)).label("filled"),
            func.sum(Shift.taken).label("signed"),
            func.sum(Shift.capacity).label("capacity"),
            func.sum(case((and_(Shift.taken == 0, Shift.least > 0), 1), else_=0)).label("empty"),
            func.coalesce(func.sum(word.c.here), 0).label("here"),
            func.coalesce(func.sum(word.c.came), 0).label("came"),
            func.coalesce(func.sum(word.c.absent), 0).label("absent"),
            func.min(case((Shift.taken < Shift.least, Shift.id))).label("short_id"),
            func.min(case((Shift.taken > Shift.least, Shift.id))).label("spare_id"),
        )
        .select_from(Shift)
        .outerjoin(word, word.c.shift_id == Shift.id)
        .where(*conditions)
        .group_by(key, Shift.starts_at, Shift.ends_at)
        .subquery("summed")
    )
    if by not in CODE_LENGTH:
        return [Slot._make(row) for row in run(_named_rows(by, summed))], []
    found = [tuple(row) for row in run(_rows_and_units(of, by, summed))]
    names = {key: name for key, name, *_figures in found if name is not None}
    rows = sorted((row for row in found if row[1] is None), key=itemgetter(0, 3, 4))
    planned = [Slot(row[0], names.get(row[0], ""), *row[2:]) for row in rows]
    seen = {slot.key for slot in planned}
    unplanned = [names[key] for key in sorted(names) if key not in seen and len(key) == CODE_LENGTH[by]]
    return planned, unplanned


def _key(by: By) -> Any:
    if by in CODE_LENGTH:
        return func.substr(Shift.unit_code, 1, CODE_LENGTH[by])
    return Shift.checkpoint_id if by == By.CHECKPOINT else Shift.post


def _named_rows(by: By, summed: Subquery) -> Select[*tuple[Any, ...]]:
    """The sums under the names of their rows, in order."""
    figures = [column for column in summed.c if column.name not in ("key", "unit_code")]
    if by == By.POST:
        return select(summed.c.key, summed.c.key, summed.c.unit_code, *figures).order_by(
            summed.c.key, summed.c.starts_at, summed.c.ends_at
        )
    return (
        select(summed.c.key, Checkpoint.name, summed.c.unit_code, *figures)
        .join(Checkpoint, Checkpoint.id == summed.c.key)
        .order_by(summed.c.unit_code, Checkpoint.name, Checkpoint.id, summed.c.starts_at, summed.c.ends_at)
    )


def _rows_and_units(of: Scope, by: By, summed: Subquery) -> CompoundSelect[*tuple[Any, ...]]:
    """The sums without their names, and every unit down to the level with no sums: joined, they would cost a search of
    all sums for each unit."""
    figures = [column for column in summed.c if column.name not in ("key", "unit_code")]
    nameless = cast(null(), String).label("name")
    return union_all(
        select(summed.c.key, nameless, summed.c.unit_code, *figures),
        select(Unit.code, Unit.name, Unit.code, *(cast(null(), column.type) for column in figures)).where(
            within(Unit.code, of.unit_code), func.length(Unit.code) <= CODE_LENGTH[by]
        ),
    )


# --- behind a cell, and now -------------------------------------------------------------------------------


class OnShift(NamedTuple):
    """A shift, and somebody who is signed up for it (nobody: the names are None). `branch_id` is the call's."""

    shift_id: int
    checkpoint: str
    post: str
    title: str
    unit_code: str
    branch_id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    needed: int
    taken: int
    capacity: int
    waiting: int
    asked: int
    sign_up_id: int | None
    name: str | None
    absent: bool | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None


def _people() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            Checkpoint.name,
            Shift.post,
            Call.title,
            Shift.unit_code,
            Call.branch_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.status,
            Shift.least,
            Shift.taken,
            Shift.capacity,
            Shift.waiting,
            Shift.held,
            SignUp.id,
            Member.name,
            Attendance.absent,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
        )
        .select_from(Shift)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Call, Call.id == Shift.call_id)
        .outerjoin(SignUp, and_(SignUp.shift_id == Shift.id, SignUp.status == SignUpStatus.CONFIRMED))
        .outerjoin(Member, Member.id == SignUp.member_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
    )


def shifts(of: Scope, since: datetime, until: datetime) -> list[OnShift]:
    """The shifts of the place in these hours with everybody on them, in one statement; MOST_SHIFTS people at most."""
    rows = run(
        _people()
        .where(*_conditions(of, since, until))
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id, Member.sort_name, Member.id)
        .limit(MOST_SHIFTS)
    )
    return [OnShift._make(row) for row in rows]


def people(of: Scope, now: datetime) -> list[OnShift]:
    """Who is signed up for what runs now or begins within AHEAD, soonest first; one more than MOST_PEOPLE says so."""
    rows = run(
        _people()
        .where(*_conditions(of, now, now + AHEAD), SignUp.id.is_not(None))
        .order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id, Member.sort_name, Member.id)
        .limit(MOST_PEOPLE + 1)
    )
    return [OnShift._make(row) for row in rows]


# --- for whoever leads -------------------------------------------------------------------------------------


class Gap(NamedTuple):
    """A shift that wants people soon. `branch_id` is the call's."""

    id: int
    checkpoint: str
    unit_code: str
    branch_id: int
    starts_at: datetime
    ends_at: datetime
    taken: int
    needed: int


def gaps_watched_by(reader: Reader, now: datetime, *, most: int = 5) -> list[Gap]:
    """Shifts below their least number that run or begin within AHEAD, where the reader leads or watches: soonest first."""
    officers = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)
    over = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COORDINATOR)
    places = [
        within(Shift.unit_code, grant.unit_code) if grant.unit_code else Call.branch_id == grant.branch_id
        for grant in reader.grants
        if (grant.role in over and grant.unit_code) or (grant.role in officers and grant.branch_id)
    ]
    if not places:
        return []
    rows = run(
        select(
            Shift.id,
            Checkpoint.name,
            Shift.unit_code,
            Call.branch_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.taken,
            Shift.least,
        )
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(
            or_(*places),
            Shift.status == ShiftStatus.OPEN,
            Call.published_at.is_not(None),
            Shift.day.between(now.date() - timedelta(days=2), now.date() + timedelta(days=2)),
            Shift.starts_at < now + AHEAD,
            Shift.ends_at > now,
            Shift.taken < Shift.least,
        )
        .order_by(Shift.starts_at, Checkpoint.name, Shift.id)
        .limit(most)
    )
    return [Gap._make(row) for row in rows]
