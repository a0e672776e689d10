"""From shifts to a board of hours: pure arithmetic on values and `now`.

Hours are those of the local wall clock, counted as moments: a day on which the clock changes has 23 or 25 of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
AHEAD = timedelta(hours=12)
"""How far ahead bare hours are warned of."""

MOST_MOVES = 4
MOST_WEIGHED = 40
"""For so many of the nearest shortages a surplus is looked for."""

ROLLING_HOURS = 24


class State(StrEnum):
    """How an hour stands. Bare: somewhere in it a shift has nobody. Short: fewer than the least somewhere. Covered: the
    least everywhere. Full: every seat taken. Unneeded: nobody has to be there."""

    BARE = "bare"
    SHORT = "short"
    COVERED = "covered"
    FULL = "full"
    UNNEEDED = "unneeded"


class Slot(NamedTuple):
    """The shifts of one row of the board that begin and end together, their figures summed.

    `needed` sums the least numbers; `filled` as many of them as are signed up, shift by shift, so that one too many
    here never hides one too few there. `empty` counts the shifts that need somebody and have nobody. `here` are checked
    in now, `came` were at any time, `absent` are marked so. `short_id` and `spare_id`: a shift of these that has fewer,
    or more, than the least. Moments are UTC. `unit_code` says where the row lies.
    """

    key: str | int
    name: str
    unit_code: str
    starts_at: datetime
    ends_at: datetime
    needed: int
    filled: int
    signed: int
    capacity: int
    empty: int
    here: int
    came: int
    absent: int
    short_id: int | None
    spare_id: int | None

    @property
    def missing(self) -> int:
        return self.needed - self.filled

    @property
    def spare(self) -> int:
        """How many are signed up beyond the least of their shifts."""
        return self.signed - self.filled

    @property
    def state(self) -> State:
        return state(self.needed, self.filled, self.signed, self.capacity, self.empty)


def state(needed: int, filled: int, signed: int, capacity: int, empty: int) -> State:
    if empty:
        return State.BARE
    if filled < needed:
        return State.SHORT
    if needed == 0:
        return State.UNNEEDED
    return State.FULL if signed >= capacity else State.COVERED


# --- the hours across ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """`hours` hours from a moment on; the last may be cut short by `ends_at`."""

    starts_at: datetime
    ends_at: datetime

    @property
    def hours(self) -> int:
        return -((self.starts_at - self.ends_at) // HOUR)

    @property
    def columns(self) -> list[datetime]:
        """The moment at which each hour begins."""
        return [self.starts_at + n * HOUR for n in range(self.hours)]

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


def days(first: date, count: int, zone: tzinfo) -> Window:
    """From midnight to midnight of the place."""
    begins, ends = (
        datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        for day in (first, first + timedelta(days=count))
    )
    return Window(begins, ends)


def rolling(now: datetime, zone: tzinfo, hours: int = ROLLING_HOURS) -> Window:
    """From the hour that runs now."""
    local = now.astimezone(zone)
    begins = now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return Window(begins, begins + hours * HOUR)


# --- the cells -------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """Hours of a row between two comings or goings: `hours` many, from `first`, the number of the column. Without `state`
    nothing is planned in them. `on_site` None: too early to say."""

    first: int
    hours: int
    state: State | None
    on_site: int | None = None
    signed: int = 0
    needed: int = 0


def on_site(slot: Slot, now: datetime) -> int | None:
    """Who is there, on shifts that run; who was, on those that are over; before the start only who is early."""
    if slot.ends_at <= now:
        return slot.came
    return slot.here if slot.starts_at <= now or slot.here else None


def cells(slots: Iterable[Slot], window: Window, now: datetime) -> list[Cell]:
    """One row: each hour that a shift touches counts the shift whole; hours with the same shifts are one cell."""
    begins, most = window.starts_at, window.hours
    changes: dict[int, list[tuple[int, Slot]]] = {}
    for slot in slots:
        first = max((slot.starts_at - begins) // HOUR, 0)
        after = min(-((begins - slot.ends_at) // HOUR), most)
        if first < after:
            changes.setdefault(first, []).append((1, slot))
            changes.setdefault(after, []).append((-1, slot))
    made: list[Cell] = []
    planned = known = there = signed = needed = capacity = filled = empty = since = 0
    for at in [*sorted(changes), most]:
        if at > since and planned:
            how = state(needed, filled, signed, capacity, empty)
            made.append(Cell(since, at - since, how, there if known else None, signed, needed))
        elif at > since:
            made.append(Cell(since, at - since, None))
        for sign, slot in changes.get(at, ()):
            present = on_site(slot, now)
            if present is not None:
                known += sign
                there += sign * present
            planned += sign
            signed += sign * slot.signed
            needed += sign * slot.needed
            capacity += sign * slot.capacity
            filled += sign * slot.filled
            empty += sign * slot.empty
        since = at
    return made


# --- above the board -------------------------------------------------------------------------------------


class Totals(NamedTuple):
    """Minutes of people: one person for one minute. `bare` are those of shifts that need somebody and have nobody, at
    least one each. `here`, `late` and `expected` are people on the shifts that run now."""

    needed: int
    covered: int
    here: int
    late: int
    expected: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that only what is covered whole says 100. None where nobody is needed."""
        return self.covered * 100 // self.needed if self.needed else None


def together(parts: Iterable[Totals]) -> Totals:
    return Totals(*(sum(figures) for figures in zip(Totals(0, 0, 0, 0, 0), *parts, strict=True)))


def overlap(slot: Slot, since: datetime, until: datetime) -> int:
    """Whole minutes of the slot between the two moments."""
    return max((min(slot.ends_at, until) - max(slot.starts_at, since)) // MINUTE, 0)


def totals(slots: Iterable[Slot], window: Window, now: datetime) -> Totals:
    needed = covered = here = late = expected = 0
    for slot in slots:
        minutes = overlap(slot, window.starts_at, window.ends_at)
        needed += minutes * slot.needed
        covered += minutes * slot.filled
        if slot.starts_at <= now < slot.ends_at:
            here += slot.here
            expected += slot.signed
            late += max(slot.signed - slot.came - slot.absent, 0)
    return Totals(needed, covered, here, late, expected)


class Gaps(NamedTuple):
    """Slots that want people, soonest first and bare before short; and the minutes of shifts with nobody at all."""

    slots: list[Slot]
    bare_minutes: int


def gaps(slots: Iterable[Slot], since: datetime, until: datetime) -> Gaps:
    found, bare = [], 0
    for slot in slots:
        if slot.filled < slot.needed and slot.starts_at < until and slot.ends_at > since:
            found.append(slot)
            bare += overlap(slot, since, until) * slot.empty
    found.sort(key=lambda slot: (max(slot.starts_at, since), not slot.empty, -slot.missing))
    return Gaps(found, bare)


class Move(NamedTuple):
    """More than needed in one place while another is short, in the same hours: `people` who could be asked."""

    spare: Slot
    short: Slot
    people: int


def moves(missing: Sequence[Slot], slots: Sequence[Slot], most: int = MOST_MOVES) -> list[Move]:
    """For the first of the slots that miss somebody the surplus with most time in common, then the nearest; each
    surplus is spent once."""
    first = missing[:MOST_WEIGHED]
    since = min((slot.starts_at for slot in first), default=None)
    if since is None:
        return []
    until = max(slot.ends_at for slot in first)
    rich = [
        slot
        for slot in slots
        if slot.signed > slot.filled and slot.starts_at < until and slot.ends_at > since
    ]
    left = {slot: slot.spare for slot in rich}
    found: list[Move] = []
    for short in first:
        near = [
            slot
            for slot in rich
            if slot.starts_at < short.ends_at and short.starts_at < slot.ends_at and left[slot]
        ]
        if not near:
            continue
        best = max(near, key=lambda slot: _fitness(slot, short))
        people = min(left[best], short.missing)
        left[best] -= people
        found.append(Move(best, short, people))
        if len(found) == most:
            break
    return found


def _fitness(spare: Slot, short: Slot) -> tuple[int, int, int]:
    """How well the two go together: minutes in common, then how much of the unit's code is the same, then how many."""
    return (
        overlap(spare, short.starts_at, short.ends_at),
        _alike(spare.unit_code, short.unit_code) + (spare.key == short.key),
        spare.spare,
    )


def _alike(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
