"""A counted slice as it leaves the house: CSV, XLSX and JSON, each with what its figures mean, what was asked, when, and a checksum
of the ledger's rows behind it.

Words are in the reader's language (Flask-Babel), so this needs an application context.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from mobilizer.participation import file_notes, record_naming
from mobilizer.participation.naming import key_cells, key_columns
from mobilizer.participation.queries import ABOUT
from mobilizer.participation.reports import Report
from mobilizer.participation.rules import BY_LABELS, FIGURES, By, Figure, Figures, Slice
from mobilizer.sheets import (
    Column,
    Formula,
    Line,
    Notes,
    Page,
    Summary,
    Table,
    Value,
    book_chunks,
    csv_chunks,
    half_up,
)

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "records.csv": "text/csv",
}
CHUNK = 1 << 16
SAID = (By.CATEGORY, By.PART, By.BRANCH_KIND, By.STANDING, By.SOURCE)
"""Whose key is a word of a closed list, which JSON says in words beside."""


# --- CSV ------------------------------------------------------------------------------------------------


def as_csv(report: Report) -> Iterator[bytes]:
    """UTF-8 with BOM, in chunks."""
    return csv_chunks(table(report))


def records_as_csv(report: Report) -> Iterator[bytes]:
    """The ledger's rows behind the figures."""
    return csv_chunks(records(report))


# --- XLSX -----------------------------------------------------------------------------------------------


def as_xlsx(report: Report) -> Iterator[bytes]:
    """Summary, table, the ledger's rows behind them, definitions; made in a temporary file, as memory is not to grow."""
    return book_chunks(pages(report))


def pages(report: Report) -> dict[str, Page]:
    return {
        "summary": Summary(_("Summary"), list(_summary(report))),
        "table": table(report),
        "records": records(report),
        "definitions": Notes(_("Definitions"), file_notes.meanings(report.cut.by)),
    }


def _summary(report: Report) -> Iterator[Line]:
    for each, value in zip(FIGURES, _totals(report.total, "records"), strict=True):
        yield Line(_head(each), value, each.kind, _(each.definition))
    for what, said in (file_notes.stood(report), *file_notes.question(report), *file_notes.proof(report)):
        yield Line(what, said)


def table(report: Report) -> Table:
    """A row for each group; of a question across, for each group and each thing across, one below the other."""
    by, across = report.cut.by, report.cut.across
    keys = (*key_columns(by), *(_told_apart(column) for column in (key_columns(across) if across else ())))
    return Table(
        title=_("Participation"),
        columns=(*keys, *(Column(each.name, _head(each), each.kind) for each in FIGURES)),
        rows=_crossed_rows(report, by, across) if across else _rows(report, by),
        total=(_("Total"), *(None,) * (len(keys) - 1), *_totals(report.total, "table")),
        notes=tuple(file_notes.all_of(report)),
        notes_title=_("Definitions"),
    )


def _rows(report: Report, by: By) -> Iterator[tuple[Value, ...]]:
    for group in report.groups:
        yield (*key_cells(by, group.key, group.about), *_plain(group.figures))


def _crossed_rows(report: Report, by: By, across: By) -> Iterator[tuple[Value, ...]]:
    for cell, row, column in report.crossed:
        yield (*key_cells(by, cell.row, row), *key_cells(across, cell.column, column), *_plain(cell.figures))


def _told_apart(column: Column) -> Column:
    """Two groupings may have columns of one name: formulas know these by another."""
    return replace(column, name=f"across_{column.name}")


def records(report: Report) -> Table:
    columns = record_naming.columns(personal=report.personal)
    sums = {"minutes": report.total.minutes, "person_times": report.total.person_times}
    total = [
        _sum_of("records", each.name, sums[each.name]) if each.name in sums else None for each in columns
    ]
    return Table(
        title=_("Records"),
        columns=columns,
        rows=record_naming.cells(report.records, report.pointed_to, report.zone),
        total=(_("Total"), *total[1:]),
        notes=(*file_notes.question(report), *file_notes.proof(report)),
    )


def _head(figure: Figure) -> str:
    return str(_("%(figure)s (%(unit)s)", figure=_(figure.label), unit=_(figure.unit)))


def _plain(figures: Figures) -> tuple[int | float, ...]:
    """In the order of FIGURES. Each quotient of two whole numbers is the float nearest to it."""
    on_post, minutes, days = figures.on_post, figures.minutes, figures.days
    return (
        figures.signed_up,
        on_post,
        figures.person_times,
        minutes,
        minutes / 60,
        minutes / (60 * on_post) if on_post else 0.0,
        figures.person_times / days if days else 0.0,
    )


def _totals(total: Figures, page: str) -> tuple[Formula | int | float, ...]:
    """The same of the total, live wherever it is a sum of that page's rows. People are no sum: each counts once."""
    signed_up, on_post, person_times, minutes, hours, a_head, a_day = _plain(total)
    minutes_sum = _sum_of(page, "minutes", minutes)
    times_sum = _sum_of(page, "person_times", person_times)
    return (
        signed_up,
        on_post,
        times_sum,
        minutes_sum,
        Formula(f"{minutes_sum.text}/60", hours),
        Formula(f"{minutes_sum.text}/60/{on_post}", a_head) if on_post else a_head,
        Formula(f"{times_sum.text}/{total.days}", a_day) if total.days else a_day,
    )


def _sum_of(page: str, column: str, value: int | float) -> Formula:
    return Formula(f"SUM({{{page}[{column}]}})", value)


# --- JSON -----------------------------------------------------------------------------------------------


def as_json(report: Report) -> Iterator[bytes]:
    """{"definitions", "filter", "taken_at", "checksum", "branches", "rows", "total"}, in chunks of some rows."""
    head = {
        "definitions": file_notes.definitions(report.cut.by),
        "filter": filtered(report),
        "taken_at": report.taken_at.isoformat(timespec="seconds"),
        "checksum": file_notes.proof_of(report.behind)
        | {"compare": file_notes.comparing(report.cut, report.behind, report.site)},
        "branches": {"action": report.branches.action, "temporary": report.branches.temporary},
    }
    yield (json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "rows": [').encode()
    between, buffer, size = "\n  ", [], 0
    for row in _json_rows(report):
        line = between + json.dumps(row, ensure_ascii=False)
        between = ",\n  "
        buffer.append(line)
        size += len(line)
        if size > CHUNK:
            yield "".join(buffer).encode()
            buffer, size = [], 0
    ending = '\n ],\n "total": ' + json.dumps(json_figures(report.total)) + "\n}\n"
    yield ("".join(buffer) + ending).encode()


def _json_rows(report: Report) -> Iterator[dict[str, Any]]:
    """{the grouping's own name: its key, what there is to say of it, the figures}; of a question across, the same with what is
    across as an object of its own."""
    by, across = report.cut.by, report.cut.across
    if across is None:
        for group in report.groups:
            yield _json_key(by, group.key, group.about) | json_figures(group.figures)
        return
    for cell, row, column in report.crossed:
        meets = {"across": _json_key(across, cell.column, column)}
        yield _json_key(by, cell.row, row) | meets | json_figures(cell.figures)


def _json_key(by: By, key: Any, about: tuple[Any, ...]) -> dict[str, Any]:
    said = dict(zip(ABOUT[by], about, strict=True))
    if by in SAID:
        said["name"] = str(key_cells(by, key, about)[0])
    return {str(by): key.isoformat() if isinstance(key, date) else key} | said


def json_figures(figures: Figures) -> dict[str, int | float]:
    """By name. What is shown to one decimal elsewhere is so here too; `minutes` is exact."""
    return {
        each.name: float(half_up(value)) if isinstance(value, Fraction) else value
        for each, value in zip(FIGURES, figures.values(), strict=True)
    }


def filtered(report: Report) -> dict[str, Any]:
    """The slice, for programs. None: not filtered."""
    cut = report.cut
    further = {str(by): value for by, value in cut.filters.items()}
    return {
        "from": cut.from_day and cut.from_day.isoformat(),
        "to": cut.to_day and cut.to_day.isoformat(),
        "unit": cut.unit_code,
        "unit_name": report.unit_name,
        "by": str(cut.by),
        **({"across": str(cut.across)} if cut.across else {}),
        "branch": None,
        "category": None,
        "operation": None,
        **further,
        "days": report.total.days,
    }


# --- all of them ----------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[Report], Iterator[bytes]]] = {"csv": as_csv, "xlsx": as_xlsx, "json": as_json}
"""The formats of the figures."""
ALL_WRITERS = WRITERS | {"records.csv": records_as_csv}
WITH_RECORDS = ("xlsx", "records.csv")
"""The formats that have the ledger's rows in them, and so may take long."""


def file_name(cut: Slice, unit_name: str | None, form: str) -> str:
    """In the reader's language, of letters, digits, spaces and dashes only."""
    what = _("Records") if form == "records.csv" else _(BY_LABELS[cut.by])
    period = [day.isoformat() for day in (cut.from_day, cut.to_day) if day]
    parts = [_("Participation"), unit_name or "", what, *period]
    name = " ".join(re.sub(r"[^\w .-]", " ", " ".join(parts)).split())
    return f"{name}.{form.rpartition('.')[2]}"
