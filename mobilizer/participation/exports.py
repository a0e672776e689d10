"""The table of a slice as it leaves the house: what CSV, XLSX and JSON have in common, and the JSON itself.

Words are in the reader's language (Flask-Babel), so this needs an application context.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from mobilizer.participation.naming import key_cells, key_columns
from mobilizer.participation.queries import ABOUT, Group
from mobilizer.participation.rules import (
    ADDS_UP,
    BY_LABELS,
    FIGURES,
    ROUNDED,
    ROWS_MEAN,
    BranchesStood,
    By,
    Figures,
    Slice,
)
from mobilizer.sheets import Column, Table, csv_chunks, half_up, xlsx
from mobilizer.terms import LABELS

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A counted slice. `groups` may be read once; `taken_at` is in local time. The names say what the filters mean."""

    cut: Slice
    total: Figures
    branches: BranchesStood
    groups: Iterable[Group]
    taken_at: datetime
    unit_name: str | None = None
    branch_name: str | None = None
    operation_name: str | None = None


def as_csv(report: Report) -> Iterator[bytes]:
    """UTF-8 with BOM, in chunks."""
    return csv_chunks(table(report))


def as_xlsx(report: Report) -> Iterator[bytes]:
    yield xlsx(table(report))


def as_json(report: Report) -> Iterator[bytes]:
    """{"definitions", "filter", "taken_at", "branches", "rows", "total"}, in chunks of some rows."""
    head = {
        "definitions": definitions(report.cut.by),
        "filter": filtered(report),
        "taken_at": report.taken_at.isoformat(timespec="seconds"),
        "branches": {"action": report.branches.action, "temporary": report.branches.temporary},
    }
    yield (json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "rows": [').encode()
    between, buffer, size = "\n  ", [], 0
    for group in report.groups:
        line = between + json.dumps(json_row(report.cut.by, group), ensure_ascii=False)
        between = ",\n  "
        buffer.append(line)
        size += len(line)
        if size > 1 << 16:
            yield "".join(buffer).encode()
            buffer, size = [], 0
    ending = '\n ],\n "total": ' + json.dumps(json_figures(report.total)) + "\n}\n"
    yield ("".join(buffer) + ending).encode()


SAID = (By.CATEGORY, By.PART, By.BRANCH_KIND, By.STANDING, By.SOURCE)
"""Whose key is a word of a closed list, which JSON says in words beside."""
WRITERS: dict[str, Callable[[Report], Iterator[bytes]]] = {"csv": as_csv, "xlsx": as_xlsx, "json": as_json}


def table(report: Report) -> Table:
    by = report.cut.by
    keys = key_columns(by)
    return Table(
        title=_("Participation"),
        columns=(
            *keys,
            *(
                Column(
                    each.name, _("%(figure)s (%(unit)s)", figure=_(each.label), unit=_(each.unit)), each.kind
                )
                for each in FIGURES
            ),
        ),
        rows=((*key_cells(by, group.key, group.about), *group.figures.values()) for group in report.groups),
        total=(_("Total"), *(None,) * (len(keys) - 1), *report.total.values()),
        notes=tuple(notes(report)),
        notes_title=_("Definitions"),
    )


def json_row(by: By, group: Group) -> dict[str, Any]:
    """{the grouping's own name: its key, what there is to say of it, the figures}."""
    key = group.key.isoformat() if isinstance(group.key, date) else group.key
    about = dict(zip(ABOUT[by], group.about, strict=True))
    if by in SAID:
        about["name"] = str(key_cells(by, group.key, group.about)[0])
    return {str(by): key} | about | json_figures(group.figures)


def json_figures(figures: Figures) -> dict[str, int | float]:
    """By name. What is shown to one decimal elsewhere is so here too; `minutes` is exact."""
    return {
        each.name: float(half_up(value)) if isinstance(value, Fraction) else value
        for each, value in zip(FIGURES, figures.values(), strict=True)
    }


def definitions(by: By) -> dict[str, str]:
    """What each figure and each row means, by name."""
    return {each.name: _(each.definition) for each in FIGURES} | {
        "rows": _(ROWS_MEAN[by]),
        "adding_up": _(ADDS_UP),
        "rounding": _(ROUNDED),
        "branches": _("Action and temporary branches of the unit that stood at any time of the period."),
    }


def filtered(report: Report) -> dict[str, Any]:
    """The slice, for programs. None: not filtered."""
    cut = report.cut
    return {
        "from": cut.from_day and cut.from_day.isoformat(),
        "to": cut.to_day and cut.to_day.isoformat(),
        "unit": cut.unit_code,
        "unit_name": report.unit_name,
        "by": str(cut.by),
        "branch": cut.branch_id,
        "category": cut.category,
        "operation": cut.operation_id,
        "days": report.total.days,
    }


def notes(report: Report) -> Iterator[tuple[str, str]]:
    """(what, its explanation): definitions, filter and moment, in words."""
    for each in FIGURES:
        yield _(each.label), _(each.definition)
    yield _("Rows"), _(ROWS_MEAN[report.cut.by])
    yield _("Adding up"), _(ADDS_UP)
    yield _("Rounding"), _(ROUNDED)
    cut = report.cut
    yield _("Grouped by"), _(BY_LABELS[cut.by])
    yield _("From"), cut.from_day.isoformat() if cut.from_day else _("the first day of service")
    yield _("To"), cut.to_day.isoformat() if cut.to_day else _("the last day of service")
    yield _("Days"), str(report.total.days)
    unit = f"{report.unit_name or ''} {cut.unit_code}".strip() if cut.unit_code else ""
    yield _("Unit"), _("%(unit)s, with all below it", unit=unit) if unit else _("all")
    if cut.category:
        yield _("Service category"), _(LABELS.get(cut.category, cut.category))  # type: ignore[call-overload]
    if cut.branch_id:
        yield _("Branch"), report.branch_name or str(cut.branch_id)
    if cut.operation_id:
        yield _("Operation"), report.operation_name or str(cut.operation_id)
    yield (
        _("Branches that stood in the period"),
        _(
            "action branches: %(action)d, temporary branches: %(temporary)d",
            action=report.branches.action,
            temporary=report.branches.temporary,
        ),
    )
    yield _("Taken at"), report.taken_at.isoformat(timespec="seconds")


def file_name(report: Report, form: str) -> str:
    """In the reader's language, of letters, digits, spaces and dashes only."""
    cut = report.cut
    period = [day.isoformat() for day in (cut.from_day, cut.to_day) if day]
    parts = [_("Participation"), report.unit_name or "", _(BY_LABELS[cut.by]), *period]
    name = " ".join(re.sub(r"[^\w .-]", " ", " ".join(parts)).split())
    return f"{name}.{form}"
