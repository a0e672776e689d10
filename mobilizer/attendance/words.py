"""What stands about one person on a roster, and writing it: the shift locked, the word read, the new one put in its place.

Times are kept to the minute; beside each stands what it rests on, whose clock it is from, and when it was heard of.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from mobilizer import journal
from mobilizer.attendance import clocks, rules
from mobilizer.attendance.clocks import When
from mobilizer.attendance.way_rules import OWN_CODE, ROSTER, Nearness
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.filters import clock_time
from mobilizer.joining import actions as joining
from mobilizer.model import Attendance, Call, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.signups.offers import name_of
from mobilizer.terms import SignUpStatus

SEEN = (ROSTER, OWN_CODE)
"""Ways in which a leader has the person before them: whoever came with a pass alone is known to be them from then on."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The shift, locked until commit, and what is said of one sign-up on it so far."""

    shift_id: int
    status: str
    starts_at: datetime
    ends_at: datetime
    unit_code: str
    branch_id: int
    capacity: int
    taken: int
    held: int
    skill_id: int | None


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of one sign-up so far; `absent` None: nothing."""

    sign_up_id: int
    member_id: int
    source: str
    absent: bool | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    noted_at: datetime | None
    in_device_at: datetime | None
    out_device_at: datetime | None
    break_minutes: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A word about one person: since when and until when, what it rests on, and whose clock it is from.

    `break_minutes` None: as many as before.
    """

    arrived: datetime | None
    left: datetime | None
    way: str
    when: When
    nearness: Nearness | None = None
    break_minutes: int | None = None


def shift_of(sign_up_id: int) -> int:
    shift_id = db.session.scalar(select(SignUp.shift_id).where(SignUp.id == sign_up_id))
    if shift_id is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    return shift_id


def turn_of(shift_id: int) -> Turn:
    """Lock the shift and read it. FOR NO KEY UPDATE: who only refers to the shift does not wait."""
    row = db.session.execute(
        select(
            Shift.id,
            Shift.status,
            Shift.starts_at,
            Shift.ends_at,
            Shift.unit_code,
            Call.branch_id,
            Shift.capacity,
            Shift.taken,
            Shift.held,
            Shift.skill_id,
        )
        .join(Call, Call.id == Shift.call_id)
        .where(Shift.id == shift_id)
        .with_for_update(key_share=True, of=Shift)
    ).first()
    if row is None:
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    return Turn(*tuple(row))


def word_of(sign_up_id: int) -> Word | None:
    row = db.session.execute(
        select(
            SignUp.id,
            SignUp.member_id,
            SignUp.source,
            Attendance.absent,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            Attendance.noted_at,
            Attendance.in_device_at,
            Attendance.out_device_at,
            Attendance.break_minutes,
        )
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.id == sign_up_id, SignUp.status == SignUpStatus.CONFIRMED)
    ).first()
    return Word(*tuple(row)) if row else None


def locked(sign_up_id: int, at: datetime) -> tuple[Turn, Word]:
    """The locked shift, if it takes a word about that moment, and what is said so far."""
    turn = turn_of(shift_of(sign_up_id))
    rules.may_note(turn.status, turn.starts_at, at)
    word = word_of(sign_up_id)
    if word is None:
        raise Refused("sign-up-unknown", N_("This person is no longer on the roster."), status=404)
    return turn, word


def say_if_it_differs(word: Word, known: datetime | None, when: When) -> None:
    """What comes late from a phone and is not what stands is told, with what stands; the same again is not."""
    if when.clock != clocks.DEVICE or known == when.device_at or word.checked_in_at is None:
        return
    name, since = name_of(word.member_id), clock_time(word.checked_in_at)
    if word.checked_out_at is not None:
        raise Refused(
            "left-already",
            N_("%(name)s: here from %(arrived)s to %(left)s, as was noted meanwhile. So it stays."),
            name=name,
            arrived=since,
            left=clock_time(word.checked_out_at),
        )
    raise Refused(
        "here-already",
        N_("%(name)s is here since %(arrived)s, as was noted meanwhile. So it stays."),
        name=name,
        arrived=since,
    )


def note(turn: Turn, word: Word, said: Said, *, now: datetime, by: Actor, kind: str) -> None:
    stands = (said.arrived is None, said.arrived, said.left)
    same_breaks = said.break_minutes in (None, word.break_minutes)
    if (word.absent, word.checked_in_at, word.checked_out_at) == stands and same_breaks:
        return
    put(word, said, now)
    if said.arrived is not None and said.way in SEEN:
        joining.seen_there(turn.shift_id, [word.member_id], by=by, now=now)
    details: dict[str, Any] = {
        name: at.isoformat()
        for name, at in (("arrived", said.arrived), ("left", said.left))
        if at is not None
    }
    if said.way != ROSTER:
        details["way"] = said.way
    if said.break_minutes:
        details["break_minutes"] = said.break_minutes
    if said.when.clock == clocks.DEVICE:
        details["clock"] = said.when.clock
    write(kind, turn, by, now, member=word.member_id, **details)


def put(word: Word, said: Said, now: datetime) -> None:
    values = {"absent": said.arrived is None, "noted_at": now} | columns(said, word)
    if word.absent is None:
        db.session.execute(insert(Attendance).values(sign_up_id=word.sign_up_id, **values))
    else:
        db.session.execute(
            update(Attendance)
            .where(Attendance.sign_up_id == word.sign_up_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def columns(said: Said, word: Word | None) -> dict[str, Any]:
    """Both times, and of each that is new what it rests on. A time that stays keeps what was known of it."""
    values: dict[str, Any] = {"checked_in_at": said.arrived, "checked_out_at": said.left}
    for part, at, before in (
        ("in", said.arrived, word.checked_in_at if word else None),
        ("out", said.left, word.checked_out_at if word else None),
    ):
        if at is None:
            values |= {f"{part}_{name}": None for name in ("way", "clock", "device_at", "received_at")}
        elif at != before:
            values |= {
                f"{part}_way": said.way,
                f"{part}_clock": said.when.clock,
                f"{part}_device_at": said.when.device_at,
                f"{part}_received_at": said.when.received_at,
            }
            if part == "in":
                values["near"], values["distance_m"] = said.nearness or (None, None)
    if said.arrived is None:
        values |= {"near": None, "distance_m": None, "break_minutes": 0}
    elif said.break_minutes is not None:
        values["break_minutes"] = said.break_minutes
    return values


def write(kind: str, turn: Turn, by: Actor, now: datetime, **details: Any) -> None:
    journal.write(
        kind, turn.shift_id, by=by, now=now, unit_code=turn.unit_code, branch_id=turn.branch_id, **details
    )
