"""CSV, column by column for some rows at a time: what a value is written as is mostly known from the row before."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from mobilizer.sheets.guard import guarded, legal
from mobilizer.sheets.remembering import Remembered
from mobilizer.sheets.table import Cell, Formula, Kind, Table, half_up

CHUNK = 1 << 16
BATCH = 500
_PLAIN = {int, type(None)}
_TEXT = {str, type(None)}


def csv_chunks(table: Table, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Iterator[bytes]:
    """UTF-8 with BOM and CRLF, some 64 kB at a time, reading the rows as they come. In another encoding, a sign that it does not
    have is a question mark.

    Heading row, rows, total, and after a blank line the notes in two columns.
    """
    buffer = io.StringIO(newline="")
    if encoding == "utf-8-sig":
        encoding = "utf-8"
        buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([_text(column.heading) for column in table.columns])
    for batch in _written(table.rows, [column.kind for column in table.columns]):
        writer.writerows(batch)
        if buffer.tell() >= CHUNK:
            yield _taken(buffer, encoding)
    if table.total is not None:
        kinds = [column.kind for column in table.columns]
        writer.writerow([text_of(value, kind) for value, kind in zip(table.total, kinds, strict=True)])
    if table.notes:
        buffer.write("\r\n")
    for what, explanation in table.notes:
        writer.writerow([_text(what), _text(explanation)])
    yield _taken(buffer, encoding)


def text_of(value: Cell, kind: Kind) -> str:
    """A cell as it is written, guarded."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Formula):
        return text_of(value.value, kind)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if kind == "date" else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if kind == "hours":
        return str(half_up(value))
    return str(value)


def _written(rows: Iterable[Sequence[Any]], kinds: list[Kind]) -> Iterator[Iterable[tuple[Any, ...]]]:
    columns = [_column(kind) for kind in kinds]
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield zip(
            *(write(values) for write, values in zip(columns, zip(*batch, strict=True), strict=True)),
            strict=True,
        )


def _column(kind: Kind) -> Callable[[Sequence[Any]], Iterable[Any]]:
    """What is written of a column's values. Numbers are remembered apart from texts: 1 and 1.0 are one key of a dictionary."""
    texts = Remembered(lambda value: text_of(value, kind))
    floats = Remembered(lambda value: text_of(value, kind))

    def write(values: Sequence[Any]) -> Iterable[Any]:
        kinds = set(map(type, values))
        if kinds <= _TEXT:
            return map(texts.__getitem__, values)
        if kind == "integer" and kinds <= _PLAIN:
            return values
        if kinds == {float}:
            return map(floats.__getitem__, values)
        if kinds in ({dt.date}, {dt.datetime}):
            return map(texts.__getitem__, values)
        return [text_of(value, kind) for value in values]

    return write


def _taken(buffer: io.StringIO, encoding: str) -> bytes:
    chunk = buffer.getvalue().encode(encoding, "replace")
    buffer.seek(0)
    buffer.truncate()
    return chunk


def _text(value: str) -> str:
    return value if value.isalnum() else guarded(legal(value))  # letters and digits alone are neither
