"""Whose calendar an address is, and the shifts that stand in it."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import aliased

from mobilizer.calendars.rules import KEPT, MOST
from mobilizer.extensions import db, run
from mobilizer.model import CalendarFeed, Call, Checkpoint, JournalEntry, Shift, SignUp, Unit
from mobilizer.terms import SignUpStatus

CHANGES = ("shift.moved", "shift.cancelled")


class Entry(NamedTuple):
    """A shift as it stands in the calendar of whoever signed up for it; nothing of anybody else. Moments are UTC, the
    coordinates WGS 84. `earlier`: how many sign-ups of theirs it had before this one. `moved`: how often it was moved.
    `changed_at`: when anything of this was last changed."""

    shift_id: int
    member_id: int
    starts_at: datetime
    ends_at: datetime
    shift_status: str
    sign_up_status: str
    post: str
    checkpoint: str
    address: str
    unit_name: str
    latitude: float | None
    longitude: float | None
    title: str
    kit: str
    earlier: int
    moved: int
    changed_at: datetime


def made_at(member_id: int) -> datetime | None:
    """When the member's present address was made, or None if they have none."""
    return db.session.scalar(select(CalendarFeed.made_at).where(CalendarFeed.member_id == member_id))


def nonce(member_id: int) -> str | None:
    """What the member's present address is derived from."""
    return db.session.scalar(select(CalendarFeed.nonce).where(CalendarFeed.member_id == member_id))


def owner(token_hash: str) -> int | None:
    """The member whose address this is the hash of."""
    return db.session.scalar(select(CalendarFeed.member_id).where(CalendarFeed.token_hash == token_hash))


def _entries(member_id: int) -> Select[*tuple[Any, ...]]:
    """The latest sign-up of the member on each shift: ids only grow."""
    last = aliased(SignUp)
    latest = (
        select(func.max(last.id).label("id"), (func.count() - 1).label("earlier"))
        .where(last.member_id == member_id)
        .group_by(last.shift_id)
        .subquery()
    )
    changes = (
        select(
            JournalEntry.subject.label("subject"),
            func.count().filter(JournalEntry.kind == "shift.moved").label("moved"),
            func.max(JournalEntry.at).label("at"),
        )
        .where(JournalEntry.kind.in_(CHANGES))
        .where(
            JournalEntry.subject.in_(
                select(cast(last.shift_id, String(40))).where(last.member_id == member_id)
            )
        )
        .group_by(JournalEntry.subject)
        .subquery()
    )
    return (
        select(
            Shift.id,
            SignUp.member_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.status,
            SignUp.status,
            Shift.post,
            Checkpoint.name,
            Checkpoint.address,
            Unit.name,
            Checkpoint.latitude,
            Checkpoint.longitude,
            Call.title,
            Call.kit,
            latest.c.earlier,
            func.coalesce(changes.c.moved, 0),
            SignUp.signed_up_at,
            SignUp.given_up_at,
            changes.c.at,
        )
        .select_from(SignUp)
        .join(latest, latest.c.id == SignUp.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Unit, Unit.code == Shift.unit_code)
        .outerjoin(changes, changes.c.subject == cast(Shift.id, String(40)))
    )


def _entry(row: Any) -> Entry:
    *parts, signed_up_at, given_up_at, changed_at = row
    changed = max(each for each in (signed_up_at, given_up_at, changed_at) if each)
    return Entry._make([*parts, changed])


def entries(member_id: int, now: datetime) -> list[Entry]:
    """The member's shifts, those ahead and those of the last 60 days, by start; the latest 500."""
    rows = run(
        _entries(member_id)
        .where(
            Shift.ends_at > now - KEPT,
            SignUp.status.not_in((SignUpStatus.WAITLISTED, SignUpStatus.EXPIRED)),
        )
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
        .limit(MOST)
    )
    return [_entry(row) for row in rows][::-1]


def entry(shift_id: int, member_id: int) -> Entry | None:
    """One shift of the member, or None if they never signed up for it."""
    row = run(_entries(member_id).where(Shift.id == shift_id)).first()
    return _entry(row) if row else None
