"""The shifts of a call day after day, those that need people apart from the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any


@dataclass(frozen=True, slots=True)
class DayOfShifts:
    """A day's shifts: those that a reader should know first, and the others. `missing`: seats still free."""

    day: date
    needing: list[Any]
    others: list[Any]

    @property
    def missing(self) -> int:
        return sum(max(0, each.free) for each in (*self.needing, *self.others))


def by_day(shifts: Sequence[Any], needs: Callable[[Any], bool]) -> list[DayOfShifts]:
    """The days on which there are shifts, in their order. `needs` says of which a reader should know first."""
    days = []
    for day, group in groupby(shifts, key=lambda each: each.day):
        of_day = list(group)
        needing = [each for each in of_day if needs(each)]
        days.append(DayOfShifts(day, needing, [each for each in of_day if not needs(each)]))
    return days
