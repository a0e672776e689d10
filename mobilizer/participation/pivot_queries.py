"""A pivot: four statements (rows, columns, cells; the total is the caller's), whatever its size."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from mobilizer.participation import choice_queries, queries
from mobilizer.participation.pivot_rules import MOST_COLUMNS, Line, Pivot
from mobilizer.participation.queries import Cell
from mobilizer.participation.rules import Figures, Slice


def pivot(cut: Slice, total: Figures, zone: tzinfo, *, limit: int, offset: int = 0) -> Pivot | None:
    """Rows by `cut.by`, columns by `cut.across`, as far as there is anything in them; None if there are more than
    MOST_COLUMNS columns. `total` is that of the slice."""
    columns = _lines(_of_columns(cut), total, zone, limit=MOST_COLUMNS + 1)
    if len(columns) > MOST_COLUMNS:
        return None
    rows = _lines(replace(cut, across=None), total, zone, limit=limit, offset=offset)
    keys = [row.key for row in rows]
    cells = queries.cells(cut, total.days, rows=keys) if keys else ()
    return Pivot(rows, columns, {(each.row, each.column): each.figures for each in cells}, total)


def _of_columns(cut: Slice) -> Slice:
    if cut.across is None:
        raise ValueError("a pivot without columns")
    return replace(cut, by=cut.across, across=None)


def _lines(cut: Slice, total: Figures, zone: tzinfo, *, limit: int, offset: int = 0) -> list[Line]:
    found = queries.groups(cut, zone, total.days, limit=limit, offset=offset)
    return [Line(each.key, each.about, each.figures) for each in found if each.figures]


def long_form(
    cut: Slice, days: int, *, limit: int, offset: int = 0
) -> Iterator[tuple[Cell, tuple[Any, ...], tuple[Any, ...]]]:
    """The cells with what there is to say of both keys, one below the other: (cell, about the row, about the column)."""
    if cut.across is None:
        raise ValueError("a long form with one key")
    found = list(queries.cells(cut, days, limit=limit, offset=offset))
    rows = choice_queries.abouts(cut.by, {each.row for each in found})
    columns = choice_queries.abouts(cut.across, {each.column for each in found})
    for each in found:
        yield each, rows.get(each.row, rows[None]), columns.get(each.column, columns[None])
