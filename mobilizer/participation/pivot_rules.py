"""A pivot: rows by columns of one figure, with the totals of both and of all, and shares of the total. Exact throughout."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from mobilizer.errors import N_
from mobilizer.participation.rules import Figures

MOST_COLUMNS = 60
"""More nobody can read across; the long form has two columns of keys instead."""


class Measure(StrEnum):
    """The figure that stands in the cells."""

    PERSON_TIMES = "person-times"
    HOURS = "hours"
    ON_POST = "on-post"
    SIGNED_UP = "signed-up"


MEASURE_LABELS: dict[Measure, str] = {
    Measure.PERSON_TIMES: N_("Person-times"),
    Measure.HOURS: N_("Hours"),
    Measure.ON_POST: N_("People on post"),
    Measure.SIGNED_UP: N_("People signed up"),
}
OF_PEOPLE = (Measure.ON_POST, Measure.SIGNED_UP)
"""What does not add up over rows or columns: whoever is in two of them is counted in both, and once in the total."""

SHARES = N_(
    "Shares are of the total of all, in percent, of the person-times where no other figure was chosen. Each is rounded half "
    "up to one decimal by itself, so they may add up to a little more or less than 100; those of people to more, as "
    "whoever is in several rows counts in each."
)
PEOPLE_DO_NOT_ADD_UP = N_(
    "These are people, each counted once in every cell, row, column and in the total: they do not add up."
)


def measured(figures: Figures, measure: Measure) -> int | Fraction:
    """Hours are exact fractions, the rest whole numbers."""
    values: dict[Measure, int | Fraction] = {
        Measure.PERSON_TIMES: figures.person_times,
        Measure.HOURS: figures.hours,
        Measure.ON_POST: figures.on_post,
        Measure.SIGNED_UP: figures.signed_up,
    }
    return values[measure]


def share(part: int | Fraction, whole: int | Fraction) -> Fraction:
    """In percent, exact; 0 of nothing."""
    return Fraction(part * 100) / Fraction(whole) if whole else Fraction(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column: its key, what there is to say of it, and its total."""

    key: Any
    about: tuple[Any, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Pivot:
    """`cells` has what is not nothing, by (key of the row, key of the column)."""

    rows: list[Line]
    columns: list[Line]
    cells: dict[tuple[Any, Any], Figures]
    total: Figures

    def cell(self, row: Any, column: Any) -> Figures:
        return self.cells.get((row, column)) or Figures(days=self.total.days)
