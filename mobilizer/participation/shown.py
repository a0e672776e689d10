"""How a counted slice is shown on the page: texts and addresses for the template, no query and no request."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from mobilizer import filters
from mobilizer.participation import naming, ways
from mobilizer.participation.pivot_rules import Measure, measured, share
from mobilizer.participation.queries import Group
from mobilizer.participation.rules import FIGURES, By, Figures, Slice
from mobilizer.participation.ways import Address
from mobilizer.sheets import half_up

BARS = 20
DAYS_DRAWN = 120
_NAMED = {By.UNIT: slice(1, 2)}
"""Of the columns before the figures, those that the page shows: a unit's name without code and level."""
_LINKED = {"signed_up": 1, "on_post": 0, "person_times": 0, "minutes": 0, "hours": 0}
"""The figures that are sums or counts of rows, and which of the two lists behind them has the rows."""
COMPARED = (Measure.ON_POST, Measure.PERSON_TIMES, Measure.HOURS)
"""The figures that stand beside those of the other period."""


def one_decimal(value: int | Fraction) -> str:
    """Rounded half up, here where it is shown: 1,234.0."""
    return format_decimal(half_up(value), format="#,##0.0", locale=get_locale())


def written(value: int | Fraction) -> str:
    """Thousands apart, one decimal where it is no count."""
    return filters.number(value) if isinstance(value, int) else one_decimal(value)


def difference(now: int | Fraction, before: int | Fraction) -> str:
    """With its sign: +12, −3, 0; of what is rounded where it is shown, the difference of the exact ones."""
    apart: int | Fraction = now - before
    sign = "+" if apart > 0 else "\u2212" if apart < 0 else ""
    return sign + written(apart if apart > 0 else -apart)


def beside(now: int | Fraction, then: int | Fraction) -> str:
    """What stood in the other period, and how far from it this one is."""
    if now == then:
        return str(_("then %(figure)s, the same", figure=written(then)))
    apart = difference(now, then)
    return str(_("then %(figure)s (%(difference)s)", figure=written(then), difference=apart))


def figure_cells(figures: Figures, behind: tuple[str, str] | None = None) -> tuple[Any, ...]:
    """As they are shown on the page; with the addresses of what is behind them, what is a sum leads there."""
    texts = [written(value) for value in figures.values()]
    if behind is None:
        return tuple(texts)
    return tuple(
        (text, behind[_LINKED[each.name]]) if each.name in _LINKED and value else text
        for each, text, value in zip(FIGURES, texts, figures.values(), strict=True)
    )


def tiles(total: Figures, other: Figures | None = None) -> list[tuple[str, str, str, str | None]]:
    """The six figures: minutes are the ledger's own, and stand in the table only. With another period's below them."""
    values = total.values()
    before = values if other is None else other.values()
    return [
        (
            _(each.label),
            written(value),
            _(each.unit),
            None if other is None else beside(value, then),
        )
        for each, value, then in zip(FIGURES, values, before, strict=True)
        if each.name != "minutes"
    ]


def heads(by: By) -> list[tuple[str, str | None, str]]:
    """The row's name, the figures, and what else there is to say of the row: on a phone the figures come first."""
    name, *more = naming.key_columns(by)[_NAMED.get(by, slice(None))]
    return [
        (name.heading, None, "text"),
        *((_(each.label), _(each.unit), "figure") for each in FIGURES),
        (_("Share of all"), "%", "figure"),
        *((column.heading, None, "text") for column in more),
    ]


def total_row(by: By, total: Figures, address: Address) -> tuple[Any, ...]:
    padding = [""] * (len(heads(by)) - len(FIGURES) - 2)
    whole = one_decimal(share(total.person_times, total.person_times))
    return (_("Total"), *figure_cells(total, ways.behind(address, {})), whole, *padding)


def table_row(cut: Slice, group: Group, total: Figures, address: Address, now: datetime) -> tuple[Any, ...]:
    """The row's name leads further down where there is something below it, its figures to what is behind them."""
    _name, *more = naming.key_cells(cut.by, group.key, group.about)[_NAMED.get(cut.by, slice(None))]
    return (
        named(cut, cut.by, group.key, group.about, address, now),
        *figure_cells(group.figures, ways.behind(address, ways.narrowed(cut, cut.by, group.key))),
        one_decimal(share(group.figures.person_times, total.person_times)),
        *(cell or "" for cell in more),
    )


def named(
    cut: Slice, by: By, key: Any, about: tuple[Any, ...], address: Address, now: datetime
) -> str | tuple[str, str]:
    """What a row is called, and where it leads, if anywhere."""
    label = label_of(cut, by, key, about, now)
    link = ways.further_down(cut, by, key, about, address)
    return (label, link) if link else label


def label_of(cut: Slice, by: By, key: Any, about: tuple[Any, ...], now: datetime) -> str:
    """In one cell: a day as a day, the unit that was asked for as itself."""
    if by == By.DAY:
        return filters.day(key, now)
    if by == By.WEEK:
        return str(_("Week from %(day)s", day=filters.day(key, now)))
    return naming.row_label(cut, by, key, about)


# --- beside another period ----------------------------------------------------------------------------


def compared_heads(by: By) -> list[tuple[str, str | None, str]]:
    """Of each figure that is compared: now, then, and the difference."""
    labels = {each.name.replace("_", "-"): each for each in FIGURES}
    found: list[tuple[str, str | None, str]] = [
        (naming.key_columns(by)[_NAMED.get(by, slice(None))][0].heading, None, "text")
    ]
    for measure in COMPARED:
        label, unit = _(labels[measure].label), _(labels[measure].unit)
        found += [(label, unit, "figure"), (_("then"), unit, "figure"), (_("difference"), unit, "figure")]
    return found


def compared_cells(
    figures: Figures, other: Figures, behind: tuple[str, str], behind_other: tuple[str, str]
) -> Iterable[Any]:
    for measure in COMPARED:
        now, then = measured(figures, measure), measured(other, measure)
        yield (written(now), behind[0]) if now else written(now)
        yield (written(then), behind_other[0]) if then else written(then)
        yield difference(now, then)


def compared_row(cut: Slice, group: Group, beside: Slice, address: Address, now: datetime) -> tuple[Any, ...]:
    parts = ways.narrowed(cut, cut.by, group.key)
    return (
        named(cut, cut.by, group.key, group.about, address, now),
        *compared_cells(
            group.figures,
            group.beside or Figures(),
            ways.behind(address, parts),
            ways.behind(address, parts | _days_of(beside)),
        ),
    )


def compared_total(total: Figures, other: Figures, beside: Slice, address: Address) -> tuple[Any, ...]:
    behind_other = ways.behind(address, _days_of(beside))
    return (_("Total"), *compared_cells(total, other, ways.behind(address, {}), behind_other))


def _days_of(beside: Slice) -> dict[str, Any]:
    return {"from": beside.from_day, "to": beside.to_day}


def period(cut: Slice, now: datetime) -> str:
    """The days of a slice in words."""
    if cut.from_day and cut.from_day == cut.to_day:
        return filters.day(cut.from_day, now)
    if not cut.from_day and not cut.to_day:
        return str(_("All days so far"))
    first = filters.day(cut.from_day, now) if cut.from_day else _("the first day of service")
    last = filters.day(cut.to_day, now) if cut.to_day else _("the last day of service")
    return str(_("%(first)s to %(last)s", first=first, last=last))


def facts(unit: str, cut: Slice, names: Mapping[By, str], now: datetime) -> list[tuple[str, str]]:
    """Which question it is: (what, which) of unit, days and filters."""
    return [(_("Unit"), unit), (_("Which days"), period(cut, now)), *naming.filters_said(cut, names)]


# --- around the table ---------------------------------------------------------------------------------


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
            naming.row_label(cut, cut.by, group.key, group.about),
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
