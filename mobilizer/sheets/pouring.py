"""Rows of a worksheet as its XML, column by column for some rows at a time.

A row is `n.join(pieces)`: every piece but the first two ends where the next cell's address needs the row's number, so that all
pieces but the number are known from rows before.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import count, islice, repeat
from typing import Any

from mobilizer.sheets.guard import legal
from mobilizer.sheets.remembering import Remembered
from mobilizer.sheets.table import Kind

BATCH = 500
LONGEST_TEXT = 32_767
_EPOCH = dt.date(1899, 12, 30)
_ESCAPES = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def poured(
    rows: Iterable[Sequence[Any]],
    letters: Sequence[str],
    styles: Sequence[str],
    kinds: Sequence[Kind],
    first: int,
) -> Iterator[tuple[int, bytes]]:
    """(how many rows, their XML) from row number `first` on. `letters` are the columns' names, `styles` the numbers of their
    formats in the workbook."""
    ends = [f'<c r="{letter}' for letter in letters[1:]] + ["</row>"]
    columns = [_column(style, kind, end) for style, kind, end in zip(styles, kinds, ends, strict=True)]
    opening, numbers = ('<row r="', f'"><c r="{letters[0]}'), count(first)
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        cells = [write(values) for write, values in zip(columns, zip(*batch, strict=True), strict=True)]
        lines = zip(repeat(opening[0]), repeat(opening[1]), *cells, strict=False)
        xml = "".join([str(number).join(line) for line, number in zip(lines, numbers, strict=False)])
        yield len(batch), xml.encode()


def _column(style: str, kind: Kind, end: str) -> Callable[[Sequence[Any]], Iterable[str]]:
    """The pieces of a column's cells; values of each type are remembered apart."""
    by_type: dict[type, Remembered[str]] = {}

    def piece(value: Any) -> str:
        return _cell(value, style, kind) + end

    def write(values: Sequence[Any]) -> Iterable[str]:
        kinds = set(map(type, values))
        if len(kinds) == 1 and (only := kinds.pop()) is not Fraction:
            return map(by_type.setdefault(only, Remembered(piece)).__getitem__, values)
        return [by_type.setdefault(type(value), Remembered(piece))[value] for value in values]

    return write


def _cell(value: Any, style: str, kind: Kind) -> str:
    """From behind the address to the cell's end."""
    if value is None:
        return f'" s="{style}"/>'
    if isinstance(value, str):
        return f'" s="{style}" t="inlineStr"><is>{_text(value)}</is></c>'
    return f'" s="{style}"><v>{number_of(value)}</v></c>'


def _text(value: str) -> str:
    kept = _ESCAPES.sub("_x005F_", sheet_text(value)).translate(_MARKUP)
    return f'<t xml:space="preserve">{kept}</t>' if kept != kept.strip() else f"<t>{kept}</t>"


def sheet_text(value: str) -> str:
    """Excel refuses the whole file for a longer text, and XlsxWriter would leave the cell out in silence."""
    value = legal(value)
    return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"


def number_of(value: int | float | Decimal | Fraction | dt.date) -> str:
    """As a sheet counts: days since 1899-12-30, on the wall clock of the moment's own zone."""
    if isinstance(value, dt.datetime):
        midnight = value.replace(hour=0, minute=0, second=0, microsecond=0)
        return repr(round((value.date() - _EPOCH).days + (value - midnight) / dt.timedelta(days=1), 10))
    if isinstance(value, dt.date):
        return str((value - _EPOCH).days)
    return repr(float(value)) if isinstance(value, Fraction) else str(value)
