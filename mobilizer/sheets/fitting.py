"""How wide columns are, and how a sheet may be called."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from mobilizer.sheets.comma import text_of
from mobilizer.sheets.pouring import sheet_text
from mobilizer.sheets.table import Table

LONGEST_NAME = 31


def widths_of(table: Table, rows: Iterable[Sequence[Any]]) -> list[int]:
    widths = [_displayed_width(column.heading) + 3 for column in table.columns]
    for row in rows:
        for at, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            widths[at] = max(widths[at], _displayed_width(text_of(value, column.kind)) + 1)
    return widths


def _displayed_width(value: str) -> int:
    """The widest line of a text, a Chinese character counting two."""
    if value.isascii() and "\n" not in value:
        return len(value)
    return max(
        (
            sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
            for line in value.splitlines()
        ),
        default=0,
    )


def free_name(title: str, taken: Iterable[str]) -> str:
    """The page's title as a sheet may be called; with a number behind it where there is one of that name."""
    lowered = {name.casefold() for name in taken}
    name, number = _sheet_name(title, "Sheet"), 2
    while name.casefold() in lowered:
        name = f"{_sheet_name(title, 'Sheet')[: LONGEST_NAME - 3]} {number}"
        number += 1
    return name


def _sheet_name(title: str, otherwise: str) -> str:
    """A name that Excel takes: no []:*?/\\, no apostrophe at an end, 31 UTF-16 units, not its own "History"."""
    name = re.sub(r"[\[\]:*?/\\]", " ", sheet_text(title))
    name = " ".join(name.split())
    while len(name.encode("utf-16-le")) > 2 * LONGEST_NAME:
        name = name[:-1]
    name = name.strip("' ")
    return otherwise if not name or name.casefold() == "history" else name
