"""The rows that were refused, as a sheet to mend and send again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mobilizer.intake.cells import text
from mobilizer.intake.headings import Columns
from mobilizer.intake.sheet import Row
from mobilizer.sheets import Column, Table, Value


def returned(
    columns: Columns, refused: Iterable[tuple[Row, str]], *, title: str, number: str, reason: str
) -> Table:
    """A table of (row, why) under the file's own headings, with the row's number and the reason behind.

    `number` and `reason` are the headings of those two; a file that comes back twice has them once.
    """
    kept = [
        (at, heading)
        for at, heading in enumerate(columns.headings.values())
        if heading not in {number, reason}
    ]
    head = [Column(str(at), heading, "text") for at, heading in kept]
    head += [Column("number", number, "integer"), Column("reason", reason, "text", 40)]
    return Table(title, head, (_row(row, why, [at for at, _ in kept]) for row, why in refused))


def _row(row: Row, why: str, kept: Sequence[int]) -> list[Value]:
    cells = [text(row.cells[at]) if at < len(row.cells) else "" for at in kept]
    return [*cells, row.number, why]
