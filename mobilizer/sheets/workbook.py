"""XLSX. XlsxWriter makes the workbook, all but the rows of its tables; those are poured into the finished file.

So formats, formulas, names and whatever else a workbook is made of are the library's, through its public interface, and the
rows, which are nearly all of a long table, cost a fraction of what its cell-by-cell writing does, in memory that does not grow
with them (docs/performance.md).
"""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import IO

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from mobilizer.sheets.fitting import free_name, widths_of
from mobilizer.sheets.pouring import poured
from mobilizer.sheets.skeleton import Sheet, skeleton
from mobilizer.sheets.table import Notes, Page, Table

CHUNK = 1 << 16
LONGEST_SHEET = 500_000
"""Rows on one sheet; further ones follow on another. Excel takes twice as many, but few people's Excel does."""
MEASURED_ROWS = 500
PACKED = 3
"""How hard the file is packed: 6, the usual, takes three times as long for a tenth less."""
_SAMPLE = re.compile(r'<row r="2"[^>]*>(.*?)</row>')
_STYLE = re.compile(r' s="(\d+)"')
_DIMENSION = re.compile(r"<dimension [^>]*>")


def xlsx(table: Table) -> bytes:
    """A workbook: the table (frozen bold heading, filter, bold total), and the notes on a second sheet.

    Numbers, days and moments are real ones; a moment stands as the wall clock of its own zone.
    """
    target = io.BytesIO()
    pages: dict[str, Page] = {"table": table}
    if table.notes:
        pages["notes"] = Notes(table.notes_title, table.notes)
    write_book(target, pages)
    return target.getvalue()


def book_chunks(pages: dict[str, Page]) -> Iterator[bytes]:
    """The pages as one workbook in pieces, made in a temporary file, as memory is not to grow."""
    with tempfile.TemporaryFile() as file:
        write_book(file, pages)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def write_book(target: IO[bytes], pages: dict[str, Page]) -> None:
    """The pages as one workbook into a file that can be sought in. The rows of each table are read once, in the order of the
    pages; more than LONGEST_SHEET go on on a further sheet."""
    sheets = _laid_out(pages)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKED) as out:
        written, at = set(), 0
        while at < len(sheets):
            page, name = sheets[at].page, f"xl/worksheets/sheet{at + 1}.xml"
            if isinstance(page, Table) and page.columns:
                with out.open(name, "w") as part:
                    _pour(part, sheets, at, page)
                written.add(name)
            at += 1
        with skeleton(sheets) as made:
            for name in made.namelist():
                if name not in written:
                    out.writestr(name, made.read(name))


def _pour(part: IO[bytes], sheets: list[Sheet], at: int, table: Table) -> None:
    """One table's sheet: what comes before its rows, the rows, and what comes behind, which knows how many they were."""
    sheet = sheets[at]
    before, sample, _behind = _split(sheets, at)
    part.write(_DIMENSION.sub("", before).encode())
    letters = [xl_col_to_name(column) for column in range(len(table.columns))]
    kinds = [column.kind for column in table.columns]
    these = islice(sheet.rows, LONGEST_SHEET)
    for count, xml in poured(these, letters, _STYLE.findall(sample), kinds, first=2):
        part.write(xml)
        sheet.count += count
    _go_on(sheets, at, table)
    part.write(_split(sheets, at)[2].encode())


def _go_on(sheets: list[Sheet], at: int, table: Table) -> None:
    """Where a sheet is full and there are further rows, the next one takes them, and the total."""
    sheet = sheets[at]
    if sheet.count < LONGEST_SHEET or (following := next(sheet.rows, None)) is None:
        return
    name = free_name(table.title, (each.name for each in sheets))
    sheets.insert(at + 1, replace(sheet, name=name, rows=chain((following,), sheet.rows), count=0))
    sheet.page = replace(table, total=None)


def _split(sheets: list[Sheet], at: int) -> tuple[str, str, str]:
    """A sheet's XML around the sample row that stands for all rows, and the sample."""
    with skeleton(sheets) as made:
        xml = made.read(f"xl/worksheets/sheet{at + 1}.xml").decode()
    sample = _SAMPLE.search(xml)
    if sample is None:
        raise RuntimeError("XlsxWriter has written a row otherwise than it used to")
    return xml[: sample.start()], sample[1], xml[sample.end() :]


def _laid_out(pages: dict[str, Page]) -> list[Sheet]:
    sheets: list[Sheet] = []
    for key, page in pages.items():
        name = free_name(page.title, (each.name for each in sheets))
        rows = iter(page.rows) if isinstance(page, Table) else iter(())
        first = list(islice(rows, MEASURED_ROWS))
        widths = widths_of(page, first) if isinstance(page, Table) else []
        sheets.append(Sheet(key, name, page, chain(first, rows), widths))
    return sheets
