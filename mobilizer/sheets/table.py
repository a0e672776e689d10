"""What a table is, whatever it is written as."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Kind = Literal["text", "integer", "hours", "date", "moment"]
# None is an empty cell. A text may stand in a column of any kind: "total", "-".
Value = str | int | float | Decimal | Fraction | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula and the value it has, which stands in the file too, and alone wherever formulas cannot. `text` names columns
    of the book's pages: "SUM({records[minutes]})"."""

    text: str
    value: int | float


Cell = Value | Formula


@dataclass(frozen=True, slots=True)
class Column:
    """`hours` holds hours, not minutes, shown to one decimal rounded half up; XLSX keeps the exact number.

    `moment` holds a datetime on the wall clock that it is to be shown by, with its zone or without. `width` is in characters,
    a Chinese one counting two; without it the width follows from the content.
    """

    name: str
    heading: str
    kind: Kind = "text"
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` and `total` have a value for each column. `notes` are (what, its explanation), below or behind."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    notes: Sequence[tuple[str, str]] = ()
    total: Sequence[Cell] | None = None
    notes_title: str = "Notes"


@dataclass(frozen=True, slots=True)
class Notes:
    """A page of (what, its explanation)."""

    title: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a summary, or one fact about it; `note` says what it means."""

    label: str
    value: Cell
    kind: Kind = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    title: str
    lines: Sequence[Line]


Page = Table | Notes | Summary


def half_up(hours: int | float | Decimal | Fraction) -> Decimal:
    """Hours to one decimal, half up: 0.05 is 0.1. A float counts as what it prints as, not as its binary self."""
    exact = Fraction(str(hours)) if isinstance(hours, float) else hours
    over, under = exact.as_integer_ratio()  # plain integers: fractions make a long export five times as slow
    return Decimal((20 * over + under) // (2 * under)).scaleb(-1)
