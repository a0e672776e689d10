"""A program, not a module: standard input is a workbook, standard output its rows, pickled.

Run by mobilizer/intake/workbook.py with the row, memory and time limits as arguments. It imports
nothing of Mobilizer, so that it starts in some 20 ms.
"""

from __future__ import annotations

import contextlib
import pickle
import resource
import sys
from io import BytesIO
from typing import Any

import python_calamine as calamine

MANY_CELLS = 5_000_000
# Filled or not: one stray cell in the last row of Excel makes nine million places of nine columns.
MANY_PLACES = 10_000_000

Rows = list[tuple[int, tuple[Any, ...]]]


class TooManyRowsError(Exception):
    pass


def limit(memory: int, seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
    ):
        # Not every system holds to every limit, and one set from outside may be lower.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def sheets(content: bytes, max_rows: int) -> list[tuple[str, Rows]]:
    """(name, rows) of each sheet, the visible ones first; a row is (number from 1, cells from column A)."""
    with calamine.CalamineWorkbook.from_filelike(BytesIO(content)) as book:
        order = [
            index
            for hidden in (False, True)
            for index, about in enumerate(book.sheets_metadata)
            if about.typ is calamine.SheetTypeEnum.WorkSheet
            and (about.visible is not calamine.SheetVisibleEnum.Visible) is hidden
        ]
        return [(book.sheet_names[index], rows(book.get_sheet_by_index(index), max_rows)) for index in order]


def rows(sheet: calamine.CalamineSheet, max_rows: int) -> Rows:
    if sheet.start is None:
        return []
    if sheet.height * sheet.width > MANY_PLACES:
        raise MemoryError
    top, left = sheet.start
    pad = ("",) * left
    found: Rows = []
    cells_left = MANY_CELLS
    # iter_rows() pads the rows above the first cell, but not the columns before it; this pads neither.
    for number, values in enumerate(sheet.to_python(skip_empty_area=True), top + 1):
        while values and values[-1] == "":
            values.pop()
        if all(isinstance(value, str) and not value.strip() for value in values):
            continue
        cells_left -= len(pad) + len(values)
        if len(found) >= max_rows:
            raise TooManyRowsError
        if cells_left < 0:
            raise MemoryError
        found.append((number, (*pad, *values)))
    return filled_down(found, sheet.merged_cell_ranges or [])


def filled_down(found: Rows, merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> Rows:
    """A cell merged over several rows belongs to each of them: headings of two levels, one branch for ten people."""
    tall = [(first, last) for first, last in merged if last[0] > first[0]]
    if not tall:
        return found
    at = {number: place for place, (number, _) in enumerate(found)}
    cells_left = MANY_CELLS
    for (top, column), (bottom, _) in tall:
        begin = at.get(top + 1)
        if begin is None or column >= len(found[begin][1]):
            continue
        value = found[begin][1][column]
        for place in range(begin + 1, len(found)):
            number, values = found[place]
            if number > bottom + 1:
                break
            cells_left -= 1 + max(len(values), column)
            if cells_left < 0:
                raise MemoryError
            wide = list(values) + [""] * (column + 1 - len(values))
            if wide[column] == "":
                wide[column] = value
            found[place] = (number, tuple(wide))
    return found


def verdict(content: bytes, max_rows: int) -> tuple[str, list[tuple[str, Rows]]]:
    try:
        return "read", sheets(content, max_rows)
    except TooManyRowsError:
        return "rows", []
    except MemoryError:
        return "memory", []
    except calamine.PasswordError:
        return "password", []
    except BaseException as error:  # noqa: BLE001 - a Rust panic derives from BaseException
        # calamine names a locked XLS and a locked ODS only in its words.
        return "password" if "password" in str(error).lower() else "corrupt", []


if __name__ == "__main__":
    limit(int(sys.argv[2]), int(sys.argv[3]))
    pickle.dump(
        verdict(sys.stdin.buffer.read(), int(sys.argv[1])), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL
    )
