"""A report for publication: the figures as texts without links, small cells hidden."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from mobilizer.participation import shown
from mobilizer.participation.pivot_rules import MEASURE_LABELS, Line, Measure, Pivot, measured, share
from mobilizer.participation.publishing_rules import FEWEST, TOTAL, hidden_in_list, hidden_in_pivot, small
from mobilizer.participation.queries import Group
from mobilizer.participation.rules import BY_LABELS, FIGURES, Figures, Slice

FEW, LEFT_OUT = f"<{FEWEST}", "…"
_PEOPLE = ("signed_up", "on_post")


def tiles(total: Figures) -> list[tuple[str, str, str, str | None]]:
    """The six figures, unless they tell of one or two people."""
    texts = figures(total, hidden=small(total))
    return [
        (_(each.label), text, _(each.unit), None)
        for each, text in zip(FIGURES, texts, strict=True)
        if each.name != "minutes"
    ]


def figures(values: Figures, *, hidden: bool) -> tuple[str, ...]:
    """In the order of FIGURES."""
    return tuple(
        (FEW if each.name in _PEOPLE and 0 < value < FEWEST else LEFT_OUT) if hidden else shown.written(value)
        for each, value in zip(FIGURES, values.values(), strict=True)
    )


class Listed:
    """Rows by one thing, with their total."""

    def __init__(self, cut: Slice, groups: Iterable[Group], total: Figures, now: datetime) -> None:
        self.cut, self.groups, self.total, self.now = cut, list(groups), total, now
        rows: Mapping[Any, Figures] = {each.key: each.figures for each in self.groups}
        self.hidden = hidden_in_list(rows)

    @property
    def caption(self) -> str:
        return str(_("Participation by: %(grouping)s", grouping=_(BY_LABELS[self.cut.by])))

    @property
    def heads(self) -> list[tuple[str, str | None, str]]:
        return [
            (_(BY_LABELS[self.cut.by]), None, "text"),
            *((_(each.label), _(each.unit), "figure") for each in FIGURES),
        ]

    @property
    def total_row(self) -> tuple[str, ...]:
        return (_("Total"), *figures(self.total, hidden=small(self.total)))

    def rows(self) -> Iterator[tuple[str, ...]]:
        for each in self.groups:
            label = shown.label_of(self.cut, self.cut.by, each.key, each.about, self.now)
            yield label, *figures(each.figures, hidden=each.key in self.hidden)


class Crossed:
    """A pivot of one figure."""

    def __init__(self, cut: Slice, pivot: Pivot, measure: Measure, now: datetime) -> None:
        self.cut, self.pivot, self.measure, self.now = cut, pivot, measure, now
        self.across = cut.across or cut.by
        cells = {(row.key, TOTAL): row.figures for row in pivot.rows}
        cells |= {(TOTAL, column.key): column.figures for column in pivot.columns}
        self.cells: dict[tuple[Any, Any], Figures] = {**pivot.cells, **cells, (TOTAL, TOTAL): pivot.total}
        self.hidden = hidden_in_pivot(self.cells)

    @property
    def caption(self) -> str:
        rows, columns = _(BY_LABELS[self.cut.by]), _(BY_LABELS[self.across])
        figure = _(MEASURE_LABELS[self.measure])
        said = _("%(figure)s by: %(rows)s, across by: %(columns)s", figure=figure, rows=rows, columns=columns)
        return str(said)

    @property
    def heads(self) -> list[tuple[str, str | None, str]]:
        columns = [(self._label(self.across, line), None, "figure") for line in self.pivot.columns]
        return [
            (_(BY_LABELS[self.cut.by]), None, "text"),
            (_("Total"), None, "figure"),
            (_("Share of all"), "%", "figure"),
            *columns,
        ]

    @property
    def total_row(self) -> tuple[str, ...]:
        return (_("Total"), *self._line(TOTAL))

    def rows(self) -> Iterator[tuple[str, ...]]:
        for line in self.pivot.rows:
            yield self._label(self.cut.by, line), *self._line(line.key)

    def _line(self, row: Any) -> Iterator[str]:
        yield self._cell(row, TOTAL)
        yield LEFT_OUT if (row, TOTAL) in self.hidden else self._share(self.cells[row, TOTAL])
        for column in self.pivot.columns:
            yield self._cell(row, column.key)

    def _cell(self, row: Any, column: Any) -> str:
        found = self.cells.get((row, column)) or Figures()
        if (row, column) in self.hidden:
            return FEW if small(found) else LEFT_OUT
        return shown.written(measured(found, self.measure))

    def _share(self, found: Figures) -> str:
        whole = measured(self.pivot.total, self.measure)
        return shown.one_decimal(share(measured(found, self.measure), whole))

    def _label(self, by: Any, line: Line) -> str:
        return shown.label_of(self.cut, by, line.key, line.about, self.now)
