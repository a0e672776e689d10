"""The ledger of hours: closing a shift writes it; a correction reverses an entry and writes it again.

Nothing in it is ever changed or removed; the database refuses both.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased

from mobilizer import journal
from mobilizer.attendance import actions as attendance
from mobilizer.attendance import departures
from mobilizer.attendance import rules as attendance_rules
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, run, table_of
from mobilizer.hours import counting, ledger, rules
from mobilizer.hours.ledger import Entry
from mobilizer.hours.tallies import Served
from mobilizer.inputs import local_zone
from mobilizer.model import Attendance, Branch, Call, Member, ServiceRecord, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.terms import RecordKind, RecordSource, ShiftStatus, SignUpStatus

_COPIED = (
    "source",
    "sign_up_id",
    "claim_id",
    "reference",
    "turn",
    "shift_id",
    "member_id",
    "standing",
    "home_branch_id",
    "branch_id",
    "operation_id",
    "checkpoint_id",
    "unit_code",
    "category",
    "day",
    "hour",
    "starts_at",
    "ends_at",
    "break_minutes",
)


class _Closing(NamedTuple):
    """A shift, with what an entry takes from its call and branch."""

    id: int
    status: str
    closed_at: datetime | None
    unit_code: str
    checkpoint_id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    branch_id: int
    category: str
    operation_id: int | None


class _Person(NamedTuple):
    """Somebody signed up, and what is said of them; `absent` None: nothing."""

    sign_up_id: int
    member_id: int
    standing: str
    home_branch_id: int | None
    absent: bool | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    break_minutes: int | None


def close_shift(
    shift_id: int,
    *,
    left: Mapping[int, datetime] | None = None,
    people_served: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Close the shift and write one entry for each person who came; answers how many were written.

    `left`: when each left who has no check-out (by sign-up), as whoever closes it confirms; None: all as proposed, at
    the shift's end, or now if it is closed before. `people_served`: how many residents, if anybody counted. Closing
    again changes nothing and answers as the first time. Refuses a shift that was cancelled or has not begun, while
    nothing is said of somebody who is signed up, what departures.confirm refuses, and to count anybody's time twice
    (counting.CountedAlready).
    """
    seats.lock_members(_members_on(shift_id))
    shift = _locked(shift_id)
    if shift.status == ShiftStatus.CLOSED:
        return _written_at(shift_id, shift.closed_at)
    people = _on_roster(shift_id)
    seats.lock_members(
        person.member_id for person in people
    )  # whoever came while the shift was not locked yet
    rules.may_close(shift.status, shift.starts_at, sum(p.absent is None for p in people), now)
    closed = db.session.scalar(
        update(Shift)
        .where(Shift.id == shift_id, Shift.status == ShiftStatus.OPEN)
        .values(status=ShiftStatus.CLOSED, closed_at=now, people_served=people_served)
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise RuntimeError("a shift that was closed while its row was locked")
    here = _with_departures(people, left, shift.ends_at, now)
    entries = [_entry(shift, person, by, now) for person in here]
    counting.refuse_twice(entries)
    ledger.enter(entries, [_signed_up(shift, person) for person in people])
    journal.write(
        "shift.closed",
        shift_id,
        by=by,
        now=now,
        unit_code=shift.unit_code,
        branch_id=shift.branch_id,
        records=len(here),
        absent=len(people) - len(here),
        **({} if people_served is None else {"people_served": people_served}),
    )
    return len(here)


def set_people_served(shift_id: int, count: int | None, *, by: Actor, now: datetime) -> None:
    """How many residents a closed shift served, said later or put right; None: nobody counted. The same again: nothing."""
    shift = _locked(shift_id)
    if shift.status != ShiftStatus.CLOSED:
        raise Refused(
            "shift-not-closed", N_("This shift is not closed yet. Its roster can still be changed.")
        )
    before = db.session.scalar(select(Shift.people_served).where(Shift.id == shift_id))
    if before == count:
        return
    run(update(table_of(Shift)).where(table_of(Shift).c.id == shift_id).values(people_served=count))
    journal.write(
        "shift.people-served",
        shift_id,
        by=by,
        now=now,
        unit_code=shift.unit_code,
        branch_id=shift.branch_id,
        before=before,
        count=count,
    )


def reverse(record_id: int, *, reason: str, by: Actor, now: datetime) -> int:
    """Write the reversal of an entry: the same, with minutes and person-time negative; answers its id.

    Refuses an unknown record, one that is a reversal itself, and one that is reversed already. Two at once: the
    unique `reverses_id` lets one through.
    """
    record = db.session.execute(select(ServiceRecord.__table__).where(ServiceRecord.id == record_id)).first()
    if record is None or record.kind != RecordKind.ENTRY:
        raise Refused("record-unknown", N_("There is no such service record."), status=404)
    if db.session.scalar(select(ServiceRecord.id).where(ServiceRecord.reverses_id == record_id)) is not None:
        raise Refused("record-reversed", N_("This service record has been reversed already."))
    taken_back = {
        "kind": RecordKind.REVERSAL,
        "reverses_id": record_id,
        "minutes": -record.minutes,
        "person_times": -1,
    }
    (reversal,) = ledger.enter(
        [{name: getattr(record, name) for name in _COPIED} | taken_back | _signed(reason, by, now)]
    )
    journal.write(
        "service-record.reversed",
        record_id,
        by=by,
        now=now,
        unit_code=record.unit_code,
        branch_id=record.branch_id,
        member=record.member_id,
        reason=reason,
    )
    return reversal


def write_again(
    sign_up_id: int,
    *,
    arrived: datetime,
    left: datetime,
    break_minutes: int | None = None,
    reason: str,
    by: Actor,
    now: datetime,
) -> int:
    """The next entry of one person on a closed shift, after a reversal or where there was none; answers its id.

    The database refuses a second entry of the same turn; `correct` sees to it that no other entry stands.
    """
    shift, person = _of_closed(sign_up_id)
    arrived = attendance_rules.arrival(arrived, shift.starts_at, shift.ends_at, now)
    left = attendance_rules.departure(left, arrived, shift.ends_at, now)
    before = db.session.execute(
        select(ServiceRecord.turn, ServiceRecord.home_branch_id, ServiceRecord.standing)
        .where(ServiceRecord.sign_up_id == sign_up_id, ServiceRecord.kind == RecordKind.ENTRY)
        .order_by(ServiceRecord.turn.desc())
        .limit(1)
    ).first()
    pause = person.break_minutes or 0
    if break_minutes is not None:
        pause = attendance_rules.pause(break_minutes, arrived, left)
    attendance.rewrite(sign_up_id, arrived=arrived, left=left, break_minutes=pause, now=now)
    person = person._replace(checked_in_at=arrived, checked_out_at=left, break_minutes=pause)
    entry = _entry(shift, person, by, now) | _signed(reason, by, now)
    if before is not None:
        entry |= {
            "turn": before.turn + 1,
            "home_branch_id": before.home_branch_id,
            "standing": before.standing,
        }
    counting.refuse_twice([entry])
    (record_id,) = ledger.enter([entry])
    journal.write(
        "service-record.written-again",
        record_id,
        by=by,
        now=now,
        unit_code=shift.unit_code,
        branch_id=shift.branch_id,
        member=person.member_id,
        reason=reason,
    )
    return record_id


def correct(
    sign_up_id: int,
    *,
    instead_of: int | None,
    arrived: datetime | None,
    left: datetime | None,
    break_minutes: int | None = None,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """Put right what the ledger says of one person on a closed shift: reverse, and write again with these times.

    `instead_of` is the standing entry that the person correcting has seen, None if there was none; `arrived` None
    means that the person did not come; `break_minutes` None: as many as before. Refuses when somebody else has corrected it
    meanwhile, and to count any of their time twice.
    """
    if not reason.strip():
        raise Refused("reason-missing", N_("Please say why."), status=422, field="reason")
    seats.lock_members(db.session.scalars(select(SignUp.member_id).where(SignUp.id == sign_up_id)))
    _of_closed(sign_up_id)
    standing = _standing(sign_up_id)
    if standing != instead_of:
        raise Refused(
            "record-corrected", N_("This record has just been corrected by somebody else. Please look again.")
        )
    if arrived is None and standing is None:
        raise Refused(
            "nothing-to-correct", N_("Nothing is counted for this person, and so it stays."), status=422
        )
    if arrived is not None and left is None:
        raise Refused("departure-missing", N_("Please say when they left."), status=422, field="left")
    if standing is not None:
        reverse(standing, reason=reason, by=by, now=now)
    if arrived is not None and left is not None:
        write_again(
            sign_up_id,
            arrived=arrived,
            left=left,
            break_minutes=break_minutes,
            reason=reason,
            by=by,
            now=now,
        )
    else:
        attendance.rewrite(sign_up_id, arrived=None, left=None, now=now)


# --- what they read and write ----------------------------------------------------------------------------


def _locked(shift_id: int) -> _Closing:
    """The shift with what an entry takes from its call, both locked until commit: all who write on it take turns, and the
    call keeps its category."""
    row = db.session.execute(
        select(
            Shift.id,
            Shift.status,
            Shift.closed_at,
            Shift.unit_code,
            Shift.checkpoint_id,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Call.branch_id,
            Call.category,
            Branch.operation_id,
        )
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .where(Shift.id == shift_id)
        .with_for_update(key_share=True, of=(Shift, Call))
    ).first()
    if row is None:
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    return _Closing._make(row)


def _members_on(shift_id: int) -> Sequence[int]:
    return db.session.scalars(
        select(SignUp.member_id).where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CONFIRMED)
    ).all()


def _on_roster(shift_id: int) -> list[_Person]:
    rows = db.session.execute(
        select(
            SignUp.id,
            SignUp.member_id,
            Member.standing,
            Member.home_branch_id,
            Attendance.absent,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            Attendance.break_minutes,
        )
        .join(Member, Member.id == SignUp.member_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CONFIRMED)
        .order_by(SignUp.id)
    )
    return [_Person._make(row) for row in rows]


def _of_closed(sign_up_id: int) -> tuple[_Closing, _Person]:
    """The locked shift and the person, or Refused: only what is closed is corrected."""
    shift_id = db.session.scalar(select(SignUp.shift_id).where(SignUp.id == sign_up_id))
    if shift_id is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    shift = _locked(shift_id)
    if shift.status != ShiftStatus.CLOSED:
        raise Refused(
            "shift-not-closed", N_("This shift is not closed yet. Its roster can still be changed.")
        )
    person = next((each for each in _on_roster(shift_id) if each.sign_up_id == sign_up_id), None)
    if person is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    return shift, person


def _with_departures(
    people: list[_Person], left: Mapping[int, datetime] | None, ends_at: datetime, now: datetime
) -> list[_Person]:
    """Those who came, each with when they left."""
    arrivals = {
        person.sign_up_id: person.checked_in_at
        for person in people
        if person.checked_in_at is not None and person.checked_out_at is None
    }
    settled = departures.confirm(arrivals, left, ends_at=ends_at, now=now)
    return [
        person._replace(checked_out_at=settled.get(person.sign_up_id, person.checked_out_at))
        for person in people
        if person.checked_in_at is not None
    ]


def _entry(shift: _Closing, person: _Person, by: Actor, now: datetime) -> Entry:
    """The columns of a first entry of one who came and has left."""
    served = rules.served(
        person.checked_in_at or shift.starts_at,
        person.checked_out_at or shift.ends_at,
        shift.starts_at,
        shift.ends_at,
        person.break_minutes or 0,
    )
    return {
        "kind": RecordKind.ENTRY,
        "reverses_id": None,
        "source": RecordSource.SHIFT,
        "sign_up_id": person.sign_up_id,
        "claim_id": None,
        "reference": None,
        "turn": 0,
        "shift_id": shift.id,
        "member_id": person.member_id,
        "standing": person.standing,
        "home_branch_id": person.home_branch_id,
        "branch_id": shift.branch_id,
        "operation_id": shift.operation_id,
        "checkpoint_id": shift.checkpoint_id,
        "unit_code": shift.unit_code,
        "category": shift.category,
        "day": shift.day,
        "hour": served.starts_at.astimezone(local_zone()).hour,
        "starts_at": served.starts_at,
        "ends_at": served.ends_at,
        "break_minutes": served.break_minutes,
        "minutes": served.minutes,
        "person_times": 1,
        **_signed("", by, now),
    }


def _signed_up(shift: _Closing, person: _Person) -> Served:
    return Served(
        unit_code=shift.unit_code,
        operation_id=shift.operation_id,
        category=shift.category,
        checkpoint_id=shift.checkpoint_id,
        branch_id=shift.branch_id,
        day=shift.day,
        member_id=person.member_id,
        sign_ups=1,
    )


def _signed(reason: str, by: Actor, now: datetime) -> Entry:
    return {
        "reason": reason,
        "recorded_at": now,
        "recorded_by_id": by.member_id,
        "appointment_id": by.appointment_id,
    }


def _standing(sign_up_id: int) -> int | None:
    """The entry of this sign-up that no reversal has taken back: at most one."""
    reversal = aliased(ServiceRecord)
    return db.session.scalar(
        select(ServiceRecord.id).where(
            ServiceRecord.sign_up_id == sign_up_id,
            ServiceRecord.kind == RecordKind.ENTRY,
            ~exists().where(reversal.reverses_id == ServiceRecord.id),
        )
    )


def _written_at(shift_id: int, closed_at: datetime | None) -> int:
    """How many entries the closing wrote, whatever was corrected since."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(ServiceRecord)
            .where(
                ServiceRecord.shift_id == shift_id,
                ServiceRecord.kind == RecordKind.ENTRY,
                ServiceRecord.recorded_at == closed_at,
            )
        )
        or 0
    )
