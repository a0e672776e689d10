"""A workbook without the rows of its tables, as XlsxWriter makes it: small, and made again whenever more is known of them."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from mobilizer.sheets.pouring import number_of, sheet_text
from mobilizer.sheets.table import Cell, Formula, Notes, Page, Summary, Table

NARROWEST, WIDEST = 6, 60
_FORMATS: dict[str, str] = {
    "text": "@",
    "integer": "0",
    "hours": "0.0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass
class Sheet:
    """A page under way. `key` is what formulas call it; `count` rows were poured so far."""

    key: str
    name: str
    page: Page
    rows: Iterator[Sequence[Any]]
    widths: list[int]
    count: int = 0

    @property
    def total_at(self) -> int:
        """The row of the total, from 0: below the rows, or where they would be."""
        return max(self.count, 1) + 1


def skeleton(sheets: list[Sheet]) -> zipfile.ZipFile:
    target = io.BytesIO()
    ranges = _ranges(sheets)
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        styles = _Styles(book)
        for sheet in sheets:
            made = book.add_worksheet(sheet.name)
            if isinstance(sheet.page, Table):
                _write_frame(made, styles, sheet, sheet.page, ranges)
            elif isinstance(sheet.page, Summary):
                _write_summary(made, styles, sheet.page, ranges)
            else:
                _write_notes(made, styles, sheet.page)
    return zipfile.ZipFile(target)


class _Styles(dict[tuple[tuple[str, Any], ...], Any]):
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        super().__init__()
        self._book = book

    def of(self, **properties: Any) -> Any:
        key = tuple(properties.items())
        if key not in self:
            self[key] = self._book.add_format(properties)
        return self[key]


def _ranges(sheets: list[Sheet]) -> dict[str, dict[str, str]]:
    """Where the values of each table's columns stand: page -> column -> "'Records'!$Q$2:$Q$100"; "" without rows."""
    found: dict[str, dict[str, str]] = {}
    for sheet in sheets:
        if not isinstance(sheet.page, Table):
            continue
        columns = found.setdefault(sheet.key, {column.name: "" for column in sheet.page.columns})
        for at, column in enumerate(sheet.page.columns if sheet.count else ()):
            letter, quoted = xl_col_to_name(at, col_abs=True), sheet.name.replace("'", "''")
            here = f"'{quoted}'!{letter}$2:{letter}${sheet.count + 1}"
            columns[column.name] = ",".join(filter(None, (columns[column.name], here)))
    return found


def _write_frame(
    made: Worksheet, styles: _Styles, sheet: Sheet, table: Table, ranges: dict[str, dict[str, str]]
) -> None:
    """Heading, a sample row of empty cells in the columns' formats, the total, filter and widths."""
    made.freeze_panes(1, 0)
    for at, column in enumerate(table.columns):
        heading = styles.of(bold=True, text_wrap=True, valign="top", bottom=1)
        made.write_string(0, at, sheet_text(column.heading), heading)
        made.write_blank(1, at, None, styles.of(num_format=_FORMATS[column.kind]))
        made.set_column(at, at, column.width or min(max(sheet.widths[at], NARROWEST), WIDEST))
        if table.total is not None:
            bold = styles.of(num_format=_FORMATS[column.kind], bold=True, top=1)
            _write(made, sheet.total_at, at, table.total[at], bold, ranges)
    if table.columns:
        made.autofilter(0, 0, sheet.count, len(table.columns) - 1)


def _write(
    made: Worksheet, row: int, column: int, value: Cell, style: Any, ranges: dict[str, dict[str, str]]
) -> None:
    """One cell. A formula over columns without a row is its value alone."""
    if isinstance(value, Formula):
        text = value.text.format_map(ranges)
        if "()" not in text:
            made.write_formula(row, column, f"={text}", style, value.value)
            return
        value = value.value
    if value is None:
        made.write_blank(row, column, None, style)
    elif isinstance(value, str):
        made.write_string(row, column, sheet_text(value), style)
    else:
        made.write_number(row, column, float(number_of(value)), style)


def _write_summary(
    made: Worksheet, styles: _Styles, page: Summary, ranges: dict[str, dict[str, str]]
) -> None:
    bold = styles.of(bold=True, valign="top", text_wrap=True)
    wrapped = styles.of(text_wrap=True, valign="top")
    for column, width in enumerate((28, 30, 80)):
        made.set_column(column, column, width)
    for row, line in enumerate(page.lines):
        made.write_string(row, 0, sheet_text(line.label), bold)
        style = styles.of(num_format=_FORMATS[line.kind], align="left", valign="top", text_wrap=True)
        _write(made, row, 1, line.value, style, ranges)
        made.write_string(row, 2, sheet_text(line.note), wrapped)


def _write_notes(made: Worksheet, styles: _Styles, page: Notes) -> None:
    bold = styles.of(bold=True, valign="top", text_wrap=True)
    wrapped = styles.of(text_wrap=True, valign="top")
    made.set_column(0, 0, 24)
    made.set_column(1, 1, 80)
    for row, (what, explanation) in enumerate(page.lines):
        made.write_string(row, 0, sheet_text(what), bold)
        made.write_string(row, 1, sheet_text(explanation), wrapped)
