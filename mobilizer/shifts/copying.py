"""A day, a week or all the shifts of a call, once more on other days. Pure functions on the wall clock of a place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.shifts import rules
from mobilizer.shifts.rules import DAY, Planned, Slot

WEEK = 7


@dataclass(frozen=True, slots=True)
class Original:
    """A shift to be copied. `day` is the local day on which it begins; moments are UTC."""

    id: int
    checkpoint_id: int
    checkpoint: str
    unit_code: str
    day: date
    starts_at: datetime
    ends_at: datetime
    post: str
    capacity: int
    least: int
    skill_id: int | None = None
    held_back: int = 0
    held_back_until: datetime | None = None


class Period(NamedTuple):
    """The shifts to be copied, and the `days` from `first` on that they fill."""

    first: date
    days: int
    shifts: list[Original]


class Copied(NamedTuple):
    """One shift of the copy, and by how many days it lies behind its original."""

    original: Original
    by: int
    planned: Planned

    @property
    def key(self) -> str:
        """Says which of the copies this is, for whoever unticks it."""
        return f"{self.original.id}.{self.by}"


@dataclass(frozen=True, slots=True)
class Copies:
    """What a copy comes to, and how many are left out: `over` already, `leapt` over by the clock, and those at
    checkpoints that are not served, by name. `at_once`: their seats would have opened later, but that is past."""

    shifts: list[Copied]
    over: int
    leapt: int
    unserved: list[str]
    at_once: int


def period(shifts: Sequence[Original], what: str, day: date | None) -> Period:
    """The shifts of one day, of the seven days from `day` on, or of the call as a whole ("day", "week", "call").

    Refuses where there are none, and a day that is not said.
    """
    if not shifts:
        raise _refused("copy-empty", N_("This call has no shifts to copy."), "source")
    begin, end = min(each.day for each in shifts), max(each.day for each in shifts)
    if what == "call":
        return Period(begin, (end - begin).days + 1, list(shifts))
    if day is None:
        raise _refused("copy-day", N_("Please say which day is to be copied."), "day")
    length = 1 if what == "day" else WEEK
    found = [each for each in shifts if 0 <= (each.day - day).days < length]
    if not found:
        raise Refused(
            "copy-none",
            N_("There is no shift to copy then. The shifts of the call lie between %(first)s and %(last)s."),
            status=422,
            field="day",
            first=begin.isoformat(),
            last=end.isoformat(),
        )
    return Period(day, length, found)


def copies(
    source: Period,
    first: date,
    last: date | None,
    served: Collection[int],
    zone: tzinfo,
    now: datetime,
) -> Copies:
    """The period's shifts from `first` on, again and again until `last`; without it once. By day and start.

    Times stay what they are on the wall clock; the moment at which seats open moves with the shift. `served` are the
    checkpoints of the call they are copied into. Refuses days in the past or more than a year ahead, an end before
    the start, and more than 2,000 shifts at once.
    """
    if last is None:
        last = first + min(timedelta(days=source.days - 1), date.max - first)
    _check_days(source, first, last, now.astimezone(zone).date())
    found: list[Copied] = []
    over = leapt = at_once = 0
    unserved: set[str] = set()
    for by in range((first - source.first).days, (last - source.first).days + 1, source.days):
        for each in source.shifts:
            if each.day + timedelta(days=by) > last:
                continue
            if each.checkpoint_id not in served:
                unserved.add(each.checkpoint)
                continue
            planned = _moved(each, by, zone)
            if planned is None:
                leapt += 1
            elif planned.ends_at <= now:
                over += 1
            else:
                opened = _open(planned, now)
                at_once += opened != planned
                found.append(Copied(each, by, opened))
    return Copies(found, over, leapt, sorted(unserved), at_once)


def _check_days(source: Period, first: date, last: date, today: date) -> None:
    if last < first:
        raise _refused("days-order", N_("The last day comes before the first."), "last")
    if first < today:
        raise _refused("day-past", N_("The first day is in the past."), "first")
    if (last - today).days > rules.MOST_DAYS_AHEAD:
        raise _refused("day-far", N_("That is more than a year ahead."), "last")
    times, rest = divmod((last - first).days + 1, source.days)
    count = times * len(source.shifts)
    count += sum(1 for each in source.shifts if (each.day - source.first).days < rest)
    if count > rules.MOST_SHIFTS:
        raise Refused(
            "shifts-many",
            N_("That would be %(count)s shifts. At most %(n)s are laid out at once: choose fewer days."),
            status=422,
            field="last",
            count=count,
            n=rules.MOST_SHIFTS,
        )


def _refused(code: str, message: str, field: str) -> Refused:
    return Refused(code, message, status=422, field=field)


def _moved(each: Original, by: int, zone: tzinfo) -> Planned | None:
    """The same on the wall clock, `by` days later; None if the clock leaps over all of it."""
    start = _minute(each.starts_at, each.day, zone)
    end = _minute(each.ends_at, each.day, zone)
    day = each.day + timedelta(days=by)
    starts_at, ends_at = rules.moments(day, Slot(start, end), zone)
    if starts_at >= ends_at:
        return None
    until = each.held_back_until
    if until is not None:
        opens = _minute(until, each.day, zone)
        until = rules.moments(day, Slot(opens, opens), zone)[0]
    return Planned(
        each.checkpoint_id,
        each.unit_code,
        day,
        starts_at,
        ends_at,
        each.capacity,
        each.skill_id,
        each.post,
        min(each.least, each.capacity),
        min(each.held_back, each.capacity),
        until,
    )


def _minute(moment: datetime, day: date, zone: tzinfo) -> int:
    """What the wall clock shows at that moment, in minutes from the beginning of `day`; less than 0 before it."""
    wall = moment.astimezone(zone)
    return (wall.date() - day).days * DAY + wall.hour * 60 + wall.minute


def _open(planned: Planned, now: datetime) -> Planned:
    """With all seats open at once if the moment at which some were to open is past, or not before the shift."""
    until = planned.held_back_until
    if until is None or now < until < planned.starts_at:
        return planned
    return replace(planned, held_back=0, held_back_until=None)
