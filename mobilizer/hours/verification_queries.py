"""Entries to be verified: what looks odd about each is decided by the database, in one statement for all of them."""

from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import Subquery

from mobilizer.attendance.departures import PROPOSED
from mobilizer.attendance.way_rules import ROSTER
from mobilizer.extensions import db
from mobilizer.hours.verification_rules import EVERYBODY, LONG, Cut, Look
from mobilizer.model import (
    Attendance,
    Branch,
    Checkpoint,
    Member,
    ServiceRecord,
    Shift,
    SignUp,
    Unit,
    Verification,
    within,
)
from mobilizer.terms import RecordKind, SignUpStatus, Standing

PAGE = 50
REASONS = ("long", "twice", "far", "same", "crowd", "first", "corrected")


class Line(NamedTuple):
    """An entry that stands, whose it is, and what is odd about it. `people`: how many entries its shift has; `distance_m`:
    how far away they checked in; `note`: what was asked of it, and by whom; `by_roster`: how many of its shift a leader
    ticked in."""

    id: int
    member_id: int
    name: str
    home_branch: str | None
    branch_id: int
    branch: str
    unit_code: str
    unit: str
    checkpoint: str | None
    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    break_minutes: int
    source: str
    reason: str
    sign_up_id: int | None
    shift_id: int | None
    shift_starts_at: datetime | None
    shift_ends_at: datetime | None
    capacity: int | None
    people: int
    distance_m: int | None
    look: str
    long: bool
    twice: bool
    far: bool
    same: bool
    crowd: bool
    first: bool
    corrected: bool
    note: str | None
    asked_by: str | None
    verified_at: datetime | None
    by_roster: int


def counts(cut: Cut) -> dict[str, int]:
    """How many entries stand as each Look says, in one statement."""
    looked = _looked(_standing(cut)).subquery("looked")
    rows = db.session.execute(select(looked.c.look, func.count()).group_by(looked.c.look))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {look: found.get(look, 0) for look in Look}


def lines(cut: Cut, look: Look, *, page: int = 1, limit: int = PAGE) -> list[Line]:
    """Those of one Look, by day and shift. One row more than `limit` says that there is a next page."""
    return _lines(_standing(cut), look, limit + 1, (page - 1) * limit)


def line(record_id: int) -> Line | None:
    """One entry that stands, or None. What its shift has in all is counted as well."""
    row = db.session.execute(
        select(ServiceRecord.unit_code, ServiceRecord.day, ServiceRecord.shift_id).where(
            ServiceRecord.id == record_id
        )
    ).first()
    if row is None:
        return None
    beside = ServiceRecord.shift_id == row.shift_id if row.shift_id else ServiceRecord.id == record_id
    found = _lines(_entries().where(beside).subquery("standing"), None, None, 0)
    return next((each for each in found if each.id == record_id), None)


def last_record() -> int:
    """The ledger's latest entry: what comes after it was not on the page that is shown now."""
    return int(db.session.scalar(select(func.coalesce(func.max(ServiceRecord.id), 0))) or 0)


def of_look(cut: Cut, look: Look, through: int) -> Select[Any]:
    """The ids of those entries, none after `through`, for an action to write from."""
    looked = _looked(_standing(cut)).subquery("looked")
    return select(looked.c.id).where(looked.c.look == look, looked.c.id <= through)


def by_shift(found: list[Line]) -> list[list[Line]]:
    """Lines of one shift together, as they come; an entry without a shift stands alone."""
    return [list(group) for _key, group in groupby(found, key=lambda each: each.shift_id or -each.id)]


# --- how it is decided ----------------------------------------------------------------------------------


def _entries() -> Select[Any]:
    """Entries that stand, with their attendance, and beside each what its whole shift looks like."""
    reversal, first = aliased(ServiceRecord), aliased(SignUp)
    shift = ServiceRecord.shift_id
    return (
        select(
            ServiceRecord.__table__,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            Attendance.near,
            Attendance.distance_m,
            Attendance.out_clock,
            Branch.poster_radius_m,
            Shift.capacity,
            Shift.starts_at.label("shift_starts_at"),
            Shift.ends_at.label("shift_ends_at"),
            func.count().over(partition_by=shift).label("people"),
            func.count(first.id).over(partition_by=shift).label("relieved"),
            func.min(Attendance.checked_in_at).over(partition_by=shift).label("first_in"),
            func.max(Attendance.checked_in_at).over(partition_by=shift).label("last_in"),
            func.min(Attendance.in_received_at).over(partition_by=shift).label("first_heard"),
            func.sum(case((Attendance.in_way == ROSTER, 1), else_=0))
            .over(partition_by=shift)
            .label("by_roster"),
        )
        .outerjoin(reversal, reversal.reverses_id == ServiceRecord.id)
        .outerjoin(Attendance, Attendance.sign_up_id == ServiceRecord.sign_up_id)
        .outerjoin(SignUp, SignUp.id == ServiceRecord.sign_up_id)
        .outerjoin(first, and_(first.id == SignUp.in_place_of_id, first.status == SignUpStatus.CONFIRMED))
        .outerjoin(Shift, Shift.id == ServiceRecord.shift_id)
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .where(ServiceRecord.kind == RecordKind.ENTRY, reversal.id.is_(None))
    )


def _standing(cut: Cut) -> Subquery:
    return (
        _entries()
        .where(
            ServiceRecord.day >= cut.from_day,
            ServiceRecord.day <= cut.to_day,
            within(ServiceRecord.unit_code, cut.unit_code),
        )
        .subquery("standing")
    )


def _looked(standing: Subquery) -> Select[Any]:
    """Each entry with a column for each of REASONS, and its Look. A verified one is not looked at again."""
    each = standing.c
    odd = {
        "long": each.minutes > LONG,
        "twice": or_(_counted_elsewhere(standing), _there_elsewhere(standing)),
        # Beyond the radius one is let in where the phone was unsure of itself.
        "far": or_(each.near.is_(False), each.distance_m > each.poster_radius_m),
        "same": and_(
            each.shift_id.is_not(None),
            each.people >= EVERYBODY,
            each.first_in == each.last_in,
            or_(each.by_roster == 0, each.first_heard >= each.shift_ends_at),
        ),
        "crowd": and_(each.shift_id.is_not(None), each.people - each.relieved > each.capacity),
        "first": and_(each.standing == Standing.VOLUNTEER, ~_served_before(standing)),
        "corrected": each.turn > 0,
    }
    verified = Verification.verdict == "verified"
    flags = {name: case((verified, false()), else_=func.coalesce(odd[name], False)) for name in REASONS}
    marked = (
        select(
            standing,
            *(flag.label(name) for name, flag in flags.items()),
            Verification.verdict,
            Verification.note,
            Verification.verified_by_id,
            Verification.verified_at,
        )
        .outerjoin(Verification, Verification.record_id == each.id)
        .subquery("marked")
    )
    look = case(
        (marked.c.verdict == "verified", literal(str(Look.VERIFIED))),
        (marked.c.verdict == "questioned", literal(str(Look.QUESTIONED))),
        (or_(*(marked.c[name] for name in REASONS)), literal(str(Look.ODD))),
        (marked.c.out_clock == PROPOSED, literal(str(Look.PROPOSED))),
        else_=literal(str(Look.PLAIN)),
    )
    return select(marked, look.label("look"))


def _counted_elsewhere(standing: Subquery) -> ColumnElement[bool]:
    """Another entry of theirs that stands, at the same time."""
    other, reversal = aliased(ServiceRecord), aliased(ServiceRecord)
    return exists().where(
        other.member_id == standing.c.member_id,
        other.id != standing.c.id,
        other.kind == RecordKind.ENTRY,
        other.starts_at < standing.c.ends_at,
        other.ends_at > standing.c.starts_at,
        ~exists().where(reversal.reverses_id == other.id),
    )


def _there_elsewhere(standing: Subquery) -> ColumnElement[bool]:
    """Checked in at another checkpoint while they are counted here."""
    sign_up, there, shift = aliased(SignUp), aliased(Attendance), aliased(Shift)
    return exists().where(
        sign_up.member_id == standing.c.member_id,
        sign_up.id != func.coalesce(standing.c.sign_up_id, 0),
        sign_up.status == SignUpStatus.CONFIRMED,
        there.sign_up_id == sign_up.id,
        there.checked_in_at < standing.c.ends_at,
        func.coalesce(there.checked_out_at, sign_up.ends_at) > standing.c.starts_at,
        shift.id == sign_up.shift_id,
        shift.checkpoint_id != func.coalesce(standing.c.checkpoint_id, 0),
    )


def _served_before(standing: Subquery) -> ColumnElement[bool]:
    earlier, reversal = aliased(ServiceRecord), aliased(ServiceRecord)
    return exists().where(
        earlier.member_id == standing.c.member_id,
        earlier.id != standing.c.id,
        earlier.kind == RecordKind.ENTRY,
        earlier.starts_at < standing.c.starts_at,
        ~exists().where(reversal.reverses_id == earlier.id),
    )


def _lines(standing: Subquery, look: Look | None, limit: int | None, offset: int) -> list[Line]:
    looked, home, asker = _looked(standing).subquery("looked"), aliased(Branch), aliased(Member)
    each = looked.c
    named: dict[str, Any] = {
        "name": Member.name,
        "home_branch": home.name,
        "branch": Branch.name,
        "unit": Unit.name,
        "checkpoint": Checkpoint.name,
        "asked_by": asker.name,
    }
    rows = db.session.execute(
        select(*(named[name] if name in named else each[name] for name in Line._fields))
        .select_from(looked)
        .join(Member, Member.id == each.member_id)
        .join(Branch, Branch.id == each.branch_id)
        .join(Unit, Unit.code == each.unit_code)
        .outerjoin(home, home.id == each.home_branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == each.checkpoint_id)
        .outerjoin(asker, asker.id == each.verified_by_id)
        .where(each.look == look if look else literal(True))
        .order_by(each.day, each.shift_starts_at, each.shift_id, Member.sort_name, each.id)
        .limit(limit)
        .offset(offset or None)
    )
    return [Line._make(row) for row in rows]
