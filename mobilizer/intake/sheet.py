"""What a sheet is once it has been read, before anybody knows what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass

from mobilizer.intake.cells import Cell


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is the one the person sees beside it, from 1; an empty cell is ''."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that are not blank, in order. `others` are the further sheets of the same workbook.

    `how` says how it was read, for the person: "XLSX", "CSV, GB18030".
    """

    name: str
    rows: list[Row]
    how: str
    others: tuple[Sheet, ...] = ()


def column_letter(index: int) -> str:
    """A for 0, Z for 25, AA for 26: as a spreadsheet names its columns."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The reverse of `column_letter`; small letters and full-width ones were folded by the caller."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
