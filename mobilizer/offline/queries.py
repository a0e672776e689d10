"""What a phone keeps of today: the least with which a shift can be found, and run, without a network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from mobilizer.attendance import queries as attendance
from mobilizer.attendance.queries import Person
from mobilizer.attendance.rules import MARGIN, OPENS
from mobilizer.extensions import db
from mobilizer.home import queries as home
from mobilizer.home.queries import LedShift
from mobilizer.model import Checkpoint, Shift
from mobilizer.policy import Reader
from mobilizer.signups import line_queries as lines
from mobilizer.signups.line_queries import ShiftLine

AHEAD = timedelta(hours=24)
MINE = 10
LED = 12
PEOPLE = 200
"""So many shifts of one's own, led shifts and people on these are kept at most: it bounds what a phone holds."""


class Place(NamedTuple):
    address: str
    contact: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Roster:
    shift: LedShift
    people: list[Person]


@dataclass(frozen=True, slots=True)
class Pack:
    """What is kept: own shifts, the rosters of shifts to run, where each is; `left_out`: rosters that were too many."""

    mine: list[ShiftLine]
    rosters: list[Roster]
    places: dict[int, Place]
    left_out: int
    now: datetime

    def soon(self, line: ShiftLine) -> bool:
        """Whether its check-in or check-out may be wanted while this is kept."""
        return line.starts_at - OPENS <= self.now + AHEAD and self.now <= line.ends_at + MARGIN


def pack(reader: Reader, now: datetime) -> Pack:
    """Own shifts to come; for a leader the rosters of those within 24 hours, whoever is on post now first."""
    mine = [line for line in lines.coming(reader.member_id, now) if line.mine][:MINE]
    led = home.shifts_to_run(reader, now, ahead=AHEAD, limit=4 * LED) if reader.grants else []
    led.sort(
        key=lambda shift: (not shift.starts_at - OPENS <= now < shift.ends_at, abs(shift.starts_at - now))
    )
    people = attendance.people_on([shift.id for shift in led[:LED]])
    rosters, count = [], 0
    for shift in led[:LED]:
        on = people.get(shift.id, [])
        if count + len(on) > PEOPLE:
            continue
        count += len(on)
        rosters.append(Roster(shift, on))
    ids = {line.id for line in mine} | {roster.shift.id for roster in rosters}
    return Pack(mine, rosters, _places(ids), len(led) - len(rosters), now)


def _places(shift_ids: set[int]) -> dict[int, Place]:
    rows = db.session.execute(
        select(Shift.id, Checkpoint.address, Checkpoint.contact, Checkpoint.latitude, Checkpoint.longitude)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(Shift.id.in_(shift_ids))
    )
    return {row.id: Place(*row[1:]) for row in rows}
