"""A question that was answered: what every format of it is written from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any

from mobilizer.participation import checksum_queries, choice_queries, queries, record_queries
from mobilizer.participation.checksum_queries import Behind
from mobilizer.participation.queries import Cell, Group
from mobilizer.participation.record_queries import Names
from mobilizer.participation.rules import BranchesStood, By, Figures, Slice

TOLD_EVERY = 1000
AT_ONCE = 2000
Crossing = tuple[Cell, tuple[Any, ...], tuple[Any, ...]]
"""Where a row and a column meet, and what there is to say of either."""


@dataclass(frozen=True, slots=True)
class Report:
    """A counted slice, all of one moment. `groups`, `crossed` and `records` come from the cursor and may be read once; `taken_at` is in local
    time. `names`: of the things that the slice is narrowed to; `personal`: whether the records say whose they are; `site`: the
    address that the file leads back to, "" where it is not known."""

    cut: Slice
    total: Figures
    branches: BranchesStood
    groups: Iterable[Group]
    crossed: Iterable[Crossing]
    taken_at: datetime
    zone: tzinfo
    behind: Behind
    records: Iterable[Sequence[Any]]
    pointed_to: Names
    unit_name: str | None = None
    names: Mapping[By, str] | None = None
    personal: bool = False
    site: str = ""


def counted(
    cut: Slice,
    *,
    zone: tzinfo,
    now: datetime,
    personal: bool = False,
    tell: Callable[[int, int], None] | None = None,
    **about: Any,
) -> Report:
    """Count it, after `queries.begin_snapshot()`. `tell(done, total)` is told how many records were written; `about`: the further
    fields of the report."""
    total, behind = queries.total(cut), checksum_queries.behind(cut)
    rows: Iterable[Sequence[Any]] = record_queries.rows(cut, personal=personal)
    if tell is not None:
        rows = told(rows, behind.count, tell)
    return Report(
        cut=cut,
        total=total,
        branches=queries.branches_stood(cut, zone),
        groups=queries.groups(cut, zone, total.days),
        crossed=crossings(cut, total.days) if cut.across else (),
        taken_at=now.astimezone(zone),
        zone=zone,
        behind=behind,
        records=rows,
        pointed_to=record_queries.names(),
        personal=personal,
        **about,
    )


def told(
    rows: Iterable[Sequence[Any]], total: int, tell: Callable[[int, int], None]
) -> Iterable[Sequence[Any]]:
    """The rows as they are, telling how many of the total have gone by."""
    tell(0, total)
    for number, row in enumerate(rows, 1):
        if not number % TOLD_EVERY:
            tell(number, total)
        yield row


def crossings(cut: Slice, days: int) -> Iterator[Crossing]:
    """What meets, by the rows' keys and then the columns', as it comes from the cursor."""
    cells = queries.cells(cut, days)
    while batch := list(islice(cells, AT_ONCE)):
        rows = choice_queries.abouts(cut.by, {each.row for each in batch})
        columns = choice_queries.abouts(cut.across or cut.by, {each.column for each in batch})
        for each in batch:
            yield each, rows.get(each.row, rows[None]), columns.get(each.column, columns[None])
