"""How a counted slice is shown on the page: texts and addresses for the template, no query and no request."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from mobilizer import filters
from mobilizer.participation import naming
from mobilizer.participation.queries import Group
from mobilizer.participation.rules import FIGURES, By, Figures, Slice
from mobilizer.sheets import half_up

BARS = 20
DAYS_DRAWN = 120
_NAMED = {By.UNIT: slice(1, 2)}
"""Of the columns before the figures, those that the page shows: a unit's name without code and level."""
Address = Callable[..., str]
"""The address of the asked slice with some parts of it changed; None takes a part away."""


def one_decimal(value: int | Fraction) -> str:
    """Rounded half up, here where it is shown: 1,234.0."""
    return format_decimal(half_up(value), format="#,##0.0", locale=get_locale())


def figure_cells(figures: Figures) -> tuple[str, ...]:
    """As they are shown on the page: thousands apart, one decimal where it is no count."""
    return tuple(
        filters.number(value) if isinstance(value, int) else one_decimal(value) for value in figures.values()
    )


def tiles(total: Figures) -> list[tuple[str, str, str, str | None]]:
    """The six figures: minutes are the ledger's own, and stand in the table only."""
    return [
        (_(each.label), cell, _(each.unit), None)
        for each, cell in zip(FIGURES, figure_cells(total), strict=True)
        if each.name != "minutes"
    ]


def heads(by: By) -> list[tuple[str, str | None, str]]:
    """The row's name, the figures, and what else there is to say of the row: on a phone the figures come first."""
    name, *more = naming.key_columns(by)[_NAMED.get(by, slice(None))]
    return [
        (name.heading, None, "text"),
        *((_(each.label), _(each.unit), "figure") for each in FIGURES),
        *((column.heading, None, "text") for column in more),
    ]


def total_row(by: By, total: Figures) -> tuple[str, ...]:
    padding = [""] * (len(heads(by)) - len(FIGURES) - 1)
    return (_("Total"), *figure_cells(total), *padding)


def table_row(cut: Slice, group: Group, address: Address, now: datetime) -> tuple[Any, ...]:
    """The row's name leads further down where there is something below it."""
    name, *more = naming.key_cells(cut.by, group.key, group.about)[_NAMED.get(cut.by, slice(None))]
    label = filters.day(group.key, now) if cut.by == By.DAY else naming.row_label(cut, group.key, group.about)
    link = _way_down(cut, group, address)
    return (
        (label, link) if link else label or name,
        *figure_cells(group.figures),
        *(cell or "" for cell in more),
    )


def _way_down(cut: Slice, group: Group, address: Address) -> str | None:
    if cut.by == By.UNIT and group.key != cut.unit_code and len(group.key) <= 12:
        return address(unit=group.key, page=None)
    if cut.by == By.BRANCH and cut.unit_code and _related(group.about[2], cut.unit_code):
        return address(branch=group.key, by=str(By.DAY), page=None)
    if cut.by == By.DAY:
        return address(**{"from": group.key, "to": group.key}, by=str(By.UNIT), page=None)
    return None


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def quick_links(cut: Slice, today: date, address: Address) -> list[tuple[str, str, bool]]:
    """(label, address, is current) of the periods that are asked for every morning."""
    yesterday = today - timedelta(days=1)
    periods = (
        (_("Today"), today, today),
        (_("Yesterday"), yesterday, yesterday),
        (_("Last 7 days"), today - timedelta(days=6), today),
        (_("All"), None, None),
    )
    return [
        (
            label,
            address(**{"from": first, "to": last}, page=None),
            (cut.from_day, cut.to_day) == (first, last),
        )
        for label, first, last in periods
    ]


def bars(cut: Slice, groups: list[Group]) -> list[tuple[str, int, str]]:
    """The rows with the most person-times; units keep their order."""
    drawn = groups if cut.by == By.UNIT else groups[:BARS]
    return [
        (
            naming.row_label(cut, group.key, group.about),
            group.figures.person_times,
            filters.number(group.figures.person_times),
        )
        for group in drawn
        if group.figures.person_times
    ][: 2 * BARS]


def timeline(groups: list[Group]) -> list[tuple[date, int]]:
    """(day, person-times) of every day from the first to the last, the latest DAYS_DRAWN of them."""
    served = {group.key: group.figures.person_times for group in groups if group.figures.person_times}
    if not served:
        return []
    last = max(served)
    first = max(min(served), last - timedelta(days=DAYS_DRAWN - 1))
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    return [(day, served.get(day, 0)) for day in days]
