"""What a branch may set so that nobody is worn out: rest, hours a day and a week, nights in a row. Pure.

Unlike an overlap, a limit is a person's judgement: a secretary may waive it, with a reason that the journal keeps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from mobilizer.errors import N_, Refused

NIGHT_FROM, NIGHT_UNTIL = time(22), time(6)
NIGHT_SERVICE = timedelta(hours=3)
"""Three hours between 22:00 and 06:00 make a night, which belongs to the day on which it began."""

LONGEST_ROW = 14
"""Nights in a row are looked for this far on either side."""


class Span(NamedTuple):
    """A shift as the limits see it: two moments, and the local day on which it begins."""

    starts_at: datetime
    ends_at: datetime
    day: date

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Limits:
    """A branch's limits; None where there is none."""

    rest: timedelta
    day: timedelta
    week: timedelta | None = None
    nights: int | None = None


def of_branch(rest_hours: int, day_hours: int, week_hours: int | None, nights_in_row: int | None) -> Limits:
    """The limits as a branch keeps them, in hours."""
    return Limits(
        timedelta(hours=rest_hours),
        timedelta(hours=day_hours),
        timedelta(hours=week_hours) if week_hours else None,
        nights_in_row,
    )


def broken(limits: Limits, shift: Span, others: Sequence[Span], zone: tzinfo) -> Refused | None:
    """The first limit that the shift would break beside the others that the member holds, in words; None: none.

    Rest is asked for before and after. A day's hours are those of the shifts that begin on it; one shift alone may
    be longer (a branch that lays out 24 hours wants them served). A week runs from Monday.
    """
    if not others:
        return None
    return (
        _rest(limits, shift, others)
        or _hours_a_day(limits, shift, others)
        or _hours_a_week(limits, shift, others)
        or _nights(limits, shift, others, zone)
    )


def _rest(limits: Limits, shift: Span, others: Iterable[Span]) -> Refused | None:
    for other in others:
        if shift.starts_at < other.ends_at + limits.rest and other.starts_at < shift.ends_at + limits.rest:
            return Refused(
                "rest-short",
                N_("You need %(hours)s hours of rest between two shifts. Please choose one further apart."),
                hours=_hours(limits.rest),
            )
    return None


def _hours_a_day(limits: Limits, shift: Span, others: Iterable[Span]) -> Refused | None:
    same_day = [other.length for other in others if other.day == shift.day]
    if same_day and sum(same_day, shift.length) > limits.day:
        return Refused(
            "day-hours",
            N_("That would be more than %(hours)s hours on one day. Please choose another day."),
            hours=_hours(limits.day),
        )
    return None


def _hours_a_week(limits: Limits, shift: Span, others: Iterable[Span]) -> Refused | None:
    if limits.week is None:
        return None
    week = shift.day.isocalendar()[:2]
    same_week = (other.length for other in others if other.day.isocalendar()[:2] == week)
    if sum(same_week, shift.length) > limits.week:
        return Refused(
            "week-hours",
            N_("That would be more than %(hours)s hours in one week. Please leave some for the others."),
            hours=_hours(limits.week),
        )
    return None


def _nights(limits: Limits, shift: Span, others: Iterable[Span], zone: tzinfo) -> Refused | None:
    if limits.nights is None or not (new := nights_of(shift, zone)):
        return None
    nights = new.union(*(nights_of(other, zone) for other in others))
    for night in new:
        first = last = night
        while first - timedelta(days=1) in nights:
            first -= timedelta(days=1)
        while last + timedelta(days=1) in nights:
            last += timedelta(days=1)
        if (last - first).days + 1 > limits.nights:
            return Refused(
                "nights-in-row",
                N_("That would be more than %(nights)s nights in a row. Please sleep one in between."),
                nights=limits.nights,
            )
    return None


def nights_of(span: Span, zone: tzinfo) -> frozenset[date]:
    """The nights in which the span has its three hours, each by the local day on which the night begins."""
    found = set()
    night = span.starts_at.astimezone(zone).date() - timedelta(days=1)
    while night <= span.ends_at.astimezone(zone).date():
        begins = datetime.combine(night, NIGHT_FROM, tzinfo=zone)
        ends = datetime.combine(night + timedelta(days=1), NIGHT_UNTIL, tzinfo=zone)
        if min(ends, span.ends_at) - max(begins, span.starts_at) >= NIGHT_SERVICE:
            found.add(night)
        night += timedelta(days=1)
    return frozenset(found)


def _hours(length: timedelta) -> int:
    return int(length.total_seconds()) // 3600
