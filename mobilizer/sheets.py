"""Tables that leave the house: CSV and XLSX. The guard against formulas stands here, once.

A cell that begins with = + - or @ is a formula to whatever opens a CSV, and a formula can fetch,
send and start things. In CSV such a text gets an apostrophe before it, which spreadsheets take as
"this is text" and `unguarded` takes away again; in XLSX a text is always written as a text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Kind = Literal["text", "integer", "hours", "date", "moment"]
# None is an empty cell. A text may stand in a column of any kind: "total", "-".
Value = str | int | float | Decimal | Fraction | dt.date | dt.datetime | None

CSV_CHUNK = 1 << 16
LONGEST_XLSX_TEXT = 32_767
LONGEST_SHEET_NAME = 31
NARROWEST, WIDEST = 6, 60
MEASURED_ROWS = 500

# Behind apostrophes as well: what looks guarded is guarded once more, so that it is read back as it was.
_TRIGGER = re.compile(r"['\s\x00-\x1f\ufeff\u200b]*[=+\-@＝＋－＠]|'*[\t\r]")
_GUARDED = re.compile(rf"'(?={_TRIGGER.pattern})")
# A phone number: nothing but digits behind the plus, so as a formula it is that number and no more.
_PHONE = re.compile(r"\+[0-9][0-9 ]{5,18}")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER_FORMATS: dict[str, str] = {
    "text": "@",
    "integer": "0",
    "hours": "0.0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`hours` holds hours, not minutes, shown to one decimal rounded half up; XLSX keeps the exact number.

    `moment` holds an aware datetime in the zone it is to be shown in. `width` is in characters,
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
    total: Sequence[Value] | None = None
    notes_title: str = "Notes"


def guarded(value: str) -> str:
    """A text as it may stand in a CSV: with an apostrophe before it if it would be taken for a formula."""
    return "'" + value if _TRIGGER.match(value) and not _PHONE.fullmatch(value) else value


def unguarded(value: str) -> str:
    """The text that `guarded` was given."""
    return value[1:] if _GUARDED.match(value) else value


def csv_chunks(table: Table) -> Iterator[bytes]:
    """UTF-8 with BOM and CRLF, some 64 kB at a time, reading the rows as they come.

    Heading row, rows, total, and after a blank line the notes in two columns.
    """
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    write = csv.writer(buffer, lineterminator="\r\n").writerow
    kinds = [column.kind for column in table.columns]
    write([_csv_text(column.heading) for column in table.columns])
    for row in table.rows:
        write([_csv_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
        if buffer.tell() >= CSV_CHUNK:
            yield _taken(buffer)
    if table.total is not None:
        write([_csv_cell(value, kind) for value, kind in zip(table.total, kinds, strict=True)])
    if table.notes:
        buffer.write("\r\n")
    for what, explanation in table.notes:
        write([_csv_text(what), _csv_text(explanation)])
    yield _taken(buffer)


def xlsx(table: Table) -> bytes:
    """A workbook: the table (frozen bold heading, filter, bold total), and the notes on a second sheet.

    Numbers, days and moments are real ones; a moment stands as the wall clock of its own zone.
    """
    target = io.BytesIO()
    # constant_memory keeps rows in a temporary file: 130,000 of them cost some 27 MB.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        name = _sheet_name(table.title, "Sheet")
        _write_table(book, book.add_worksheet(name), table)
        if table.notes:
            notes_name = _sheet_name(table.notes_title, "Notes")
            if notes_name.casefold() == name.casefold():
                notes_name = f"{notes_name[: LONGEST_SHEET_NAME - 2]} 2"
            _write_notes(book, book.add_worksheet(notes_name), table.notes)
    return target.getvalue()


def half_up(hours: int | float | Decimal | Fraction) -> Decimal:
    """Hours to one decimal, half up: 0.05 is 0.1. A float counts as what it prints as, not as its binary self."""
    exact = Fraction(str(hours)) if isinstance(hours, float) else hours
    over, under = exact.as_integer_ratio()  # plain integers: fractions make a long export five times as slow
    return Decimal((20 * over + under) // (2 * under)).scaleb(-1)


def _taken(buffer: io.StringIO) -> bytes:
    chunk = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return chunk


def _csv_text(value: str) -> str:
    return guarded(_ILLEGAL.sub("", value))


def _csv_cell(value: Value, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _csv_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if kind == "date" else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if kind == "hours":
        return str(half_up(value))
    return str(value)


def _write_table(book: Workbook, sheet: Worksheet, table: Table) -> None:
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = [book.add_format({"num_format": _NUMBER_FORMATS[column.kind]}) for column in table.columns]
    bold = [
        book.add_format({"num_format": _NUMBER_FORMATS[column.kind], "bold": True, "top": 1})
        for column in table.columns
    ]
    widths = [_displayed_width(column.heading) + 3 for column in table.columns]
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, _xlsx_text(column.heading), heading)
    number = 0
    for number, row in enumerate(table.rows, 1):
        _write_row(sheet, number, row, plain)
        if number <= MEASURED_ROWS:
            for at, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                widths[at] = max(widths[at], _displayed_width(_csv_cell(value, column.kind)) + 1)
    if table.total is not None:
        _write_row(sheet, number + 1, table.total, bold)
    if table.columns:
        sheet.autofilter(0, 0, number, len(table.columns) - 1)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width or min(max(widths[at], NARROWEST), WIDEST))


def _write_row(sheet: Worksheet, number: int, row: Sequence[Value], formats: Sequence[Format]) -> None:
    for at, (value, form) in enumerate(zip(row, formats, strict=True)):
        if value is None:
            sheet.write_blank(number, at, None, form)
        elif isinstance(value, str):
            sheet.write_string(number, at, _xlsx_text(value), form)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(number, at, value.replace(tzinfo=None), form)
        elif isinstance(value, dt.date):
            sheet.write_datetime(number, at, value, form)
        else:
            sheet.write_number(number, at, float(value) if isinstance(value, Fraction) else value, form)


def _write_notes(book: Workbook, sheet: Worksheet, notes: Sequence[tuple[str, str]]) -> None:
    bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, (what, explanation) in enumerate(notes):
        sheet.write_string(number, 0, _xlsx_text(what), bold)
        sheet.write_string(number, 1, _xlsx_text(explanation), wrapped)


def _xlsx_text(value: str) -> str:
    """Excel refuses the whole file for a longer text, and XlsxWriter would leave the cell out in silence."""
    value = _ILLEGAL.sub("", value)
    return value if len(value) <= LONGEST_XLSX_TEXT else value[: LONGEST_XLSX_TEXT - 1] + "…"


def _displayed_width(value: str) -> int:
    """The widest line of a text, a Chinese character counting two."""
    return max(
        (
            sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
            for line in value.splitlines()
        ),
        default=0,
    )


def _sheet_name(title: str, otherwise: str) -> str:
    """A name that Excel takes: no []:*?/\\, no apostrophe at an end, 31 UTF-16 units, not its own "History"."""
    name = re.sub(r"[\[\]:*?/\\]", " ", _ILLEGAL.sub("", title))
    name = " ".join(name.split())
    while len(name.encode("utf-16-le")) > 2 * LONGEST_SHEET_NAME:
        name = name[:-1]
    name = name.strip("' ")
    return otherwise if not name or name.casefold() == "history" else name
