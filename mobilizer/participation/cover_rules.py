"""What the pictures of a period are made of: hours really served, and branches that stood."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from mobilizer.errors import N_, Refused

LONGEST, USUAL = 62, 28
"""Days of a picture at most, and unless others are asked for."""


def period_of(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that are drawn, both counted: the last four weeks unless said otherwise. Refuses more than LONGEST."""
    if last is None:
        last = today if first is None else min(first + timedelta(days=USUAL - 1), max(first, today))
    if first is None:
        first = last - timedelta(days=USUAL - 1)
    if (last - first).days >= LONGEST:
        raise Refused(
            "period-too-long",
            N_("Please choose at most %(days)s days: more cannot be drawn."),
            status=422,
            field="to",
            days=LONGEST,
        )
    return first, last


# --- time ---------------------------------------------------------------------------------------------


class Stretch(NamedTuple):
    """So many minutes of service between two moments; negative of those that were taken back."""

    starts_at: datetime
    ends_at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Heat:
    """Minutes of service by local calendar day and hour (0 to 23); whole minutes that add up to the ledger's."""

    cells: dict[tuple[date, int], int]

    @property
    def most(self) -> int:
        return max(self.cells.values(), default=0)

    def days(self, first: date, last: date) -> list[date]:
        """Those of the period, and of nights that go on after it."""
        last = max([last, *(day for day, _hour in self.cells)])
        first = min([first, *(day for day, _hour in self.cells)])
        return [first + timedelta(days=at) for at in range((last - first).days + 1)]

    def of_hour(self, hour: int) -> int:
        return sum(minutes for (_day, at), minutes in self.cells.items() if at == hour)

    def of_day(self, day: date) -> int:
        return sum(minutes for (at, _hour), minutes in self.cells.items() if at == day)


def spread(stretches: Iterable[Stretch], zone: tzinfo) -> Heat:
    """The minutes of each stretch over the hours on the wall that it lies in, breaks evenly over all of it."""
    cells: Counter[tuple[date, int]] = Counter()
    for starts_at, ends_at, minutes in stretches:
        span = ends_at - starts_at
        at, given = starts_at, 0
        while True:
            local = at.astimezone(zone)
            hour_ends = at + timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second)
            until = min(hour_ends - timedelta(microseconds=local.microsecond), ends_at)
            so_far = int(minutes * ((until - starts_at) / span)) if until < ends_at else minutes
            cells[local.date(), local.hour] += so_far - given
            if until >= ends_at:
                break
            at, given = until, so_far
    return Heat({key: value for key, value in cells.items() if value})


# --- branches -----------------------------------------------------------------------------------------


class Standing(NamedTuple):
    """A branch from the local day on which it stood up until that on which it ended (None: it stands)."""

    branch_id: int
    name: str
    kind: str
    unit: str
    first: date
    last: date | None


def stood_on(branches: Iterable[Standing], days: list[date]) -> list[Counter[str]]:
    """For each of these days, in order and without a gap, how many branches of each kind stood."""
    changes: dict[date, Counter[str]] = {day: Counter() for day in days}
    for branch in branches:
        begins = max(branch.first, days[0])
        ends = (branch.last or days[-1]) + timedelta(days=1)
        if begins in changes:
            changes[begins][branch.kind] += 1
            if ends in changes:
                changes[ends][branch.kind] -= 1
    now: Counter[str] = Counter()
    found = []
    for day in days:
        now.update(changes[day])
        found.append(Counter(now))
    return found
