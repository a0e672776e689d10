"""How a pivot is shown: totals first, every figure leading to the rows behind it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from mobilizer.participation import ways
from mobilizer.participation.pivot_rules import MEASURE_LABELS, Line, Measure, Pivot, measured, share
from mobilizer.participation.queries import Cell
from mobilizer.participation.rules import BY_LABELS, By, Figures, Slice
from mobilizer.participation.shown import label_of, named, one_decimal, written
from mobilizer.participation.ways import Address


class Crossed:
    """The heads, the row of totals and the rows of a pivot for macros/tables.html. `shares`: percent in the cells."""

    def __init__(
        self, cut: Slice, pivot: Pivot, measure: Measure, address: Address, now: datetime, *, shares: bool
    ) -> None:
        self.cut, self.pivot, self.measure, self.shares = cut, pivot, measure, shares
        self.address, self.now = address, now
        self.across = cut.across or cut.by

    @property
    def caption(self) -> str:
        rows, columns = _(BY_LABELS[self.cut.by]), _(BY_LABELS[self.across])
        figure = _(MEASURE_LABELS[self.measure])
        said = _("%(figure)s by: %(rows)s, across by: %(columns)s", figure=figure, rows=rows, columns=columns)
        return str(said)

    @property
    def heads(self) -> list[tuple[str, str | None, str]]:
        return [
            (_(BY_LABELS[self.cut.by]), None, "text"),
            (_("Total"), None, "figure"),
            (_("Share of all"), "%", "figure"),
            *((self._label(self.across, line), None, "figure") for line in self.pivot.columns),
        ]

    @property
    def total_row(self) -> tuple[Any, ...]:
        return (
            _("Total"),
            self._figure(self.pivot.total, {}),
            self._share(self.pivot.total),
            *(self._cell(line.figures, self._parts(self.across, line.key)) for line in self.pivot.columns),
        )

    @property
    def share_row(self) -> tuple[Any, ...]:
        """The shares of the columns."""
        return (
            _("Share of all, in percent"),
            "",
            "",
            *(self._share(line.figures) for line in self.pivot.columns),
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        for line in self.pivot.rows:
            mine = self._parts(self.cut.by, line.key)
            yield (
                named(self.cut, self.cut.by, line.key, line.about, self.address, self.now),
                self._figure(line.figures, mine),
                self._share(line.figures),
                *self._cells(line, mine),
            )

    def _cells(self, line: Line, mine: dict[str, Any]) -> Iterator[Any]:
        for column in self.pivot.columns:
            found = self.pivot.cells.get((line.key, column.key))
            if found is None:
                yield written(measured(Figures(), self.measure)) if not self.shares else one_decimal(0)
            else:
                yield self._cell(found, both(mine, self._parts(self.across, column.key)))

    def _cell(self, figures: Figures, parts: dict[str, Any]) -> Any:
        return self._linked(self._share(figures), parts) if self.shares else self._figure(figures, parts)

    def _figure(self, figures: Figures, parts: dict[str, Any]) -> Any:
        return self._linked(written(measured(figures, self.measure)), parts)

    def _linked(self, text: str, parts: dict[str, Any]) -> Any:
        return text, ways.behind(self.address, parts)[self.measure == Measure.SIGNED_UP]

    def _share(self, figures: Figures) -> str:
        return one_decimal(share(measured(figures, self.measure), measured(self.pivot.total, self.measure)))

    def _parts(self, by: By, key: Any) -> dict[str, Any]:
        return ways.narrowed(self.cut, by, key)

    def _label(self, by: By, line: Line) -> str:
        return label_of(self.cut, by, line.key, line.about, self.now)


def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The parts of a cell: those of its row and of its column; of days the ones that are in both."""
    parts = one | other
    if "from" in one and "from" in other:
        parts |= {"from": max(one["from"], other["from"]), "to": min(one["to"], other["to"])}
    return parts


def long_heads(cut: Slice) -> list[tuple[str, str | None, str]]:
    """Two columns of keys, then the figures that add up."""
    return [
        (_(BY_LABELS[cut.by]), None, "text"),
        (_(BY_LABELS[cut.across or cut.by]), None, "text"),
        (_("Signed up"), _("people"), "figure"),
        (_("On post"), _("people"), "figure"),
        (_("Person-times"), _("times"), "figure"),
        (_("Hours"), _("hours"), "figure"),
        (_("Share of all"), "%", "figure"),
    ]


def long_row(
    cut: Slice,
    cell: Cell,
    about_row: tuple[Any, ...],
    about_column: tuple[Any, ...],
    total: Figures,
    address: Address,
    now: datetime,
) -> tuple[Any, ...]:
    across = cut.across or cut.by
    parts = both(ways.narrowed(cut, cut.by, cell.row), ways.narrowed(cut, across, cell.column))
    return (
        label_of(cut, cut.by, cell.row, about_row, now),
        label_of(cut, across, cell.column, about_column, now),
        *_long_figures(cell.figures, ways.behind(address, parts), total),
    )


def long_total(total: Figures, address: Address) -> tuple[Any, ...]:
    return (_("Total"), "", *_long_figures(total, ways.behind(address, {}), total))


def _long_figures(figures: Figures, behind: tuple[str, str], total: Figures) -> Iterator[Any]:
    records, sign_ups = behind
    for value, link in (
        (figures.signed_up, sign_ups),
        (figures.on_post, records),
        (figures.person_times, records),
        (figures.hours, records),
    ):
        yield (written(value), link) if value else written(value)
    yield one_decimal(share(figures.person_times, total.person_times))
