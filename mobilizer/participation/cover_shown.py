"""The pictures as their page shows them: texts, and where each mark stands in percent or em."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from flask_babel import gettext as _

from mobilizer import filters
from mobilizer.participation.cover_queries import Gate, Served
from mobilizer.participation.cover_rules import Heat, Standing
from mobilizer.participation.map_rules import Point, Sheet, sheet_of
from mobilizer.participation.queries import Group
from mobilizer.participation.shown import one_decimal
from mobilizer.signups.feedback_rules import LEAST, SCORES
from mobilizer.terms import LABELS, BranchKind

ROW = 1.15
"""Height of an hour in em."""
NUMBERED, LISTED = 12, 60
Rows = list[tuple[Any, ...]]
Head = tuple[str, str | None, str]


class Cell(NamedTuple):
    """An hour of a day: a bar that fills its place as far as it was busy."""

    x: float
    y: float
    width: float
    height: float


def cells(heat: Heat, days: list[date]) -> list[Cell]:
    """In percent across and em down."""
    step, most = 100 / len(days), heat.most
    found = []
    for (day, hour), minutes in sorted(heat.cells.items()):
        if minutes > 0:
            tall = max(minutes / most, 0.08) * (ROW - 0.15)
            x = (day - days[0]).days * step + step * 0.08
            found.append(
                Cell(round(x, 2), round((hour + 1) * ROW - tall, 3), round(step * 0.84, 2), round(tall, 3))
            )
    return found


def hours_of(minutes: int) -> str:
    return one_decimal(Fraction(minutes, 60))


def by_hour(heat: Heat) -> Rows:
    """(hour, hours served, share) of each hour of the day."""
    everything = sum(heat.cells.values())
    rows = []
    for hour in range(24):
        minutes = heat.of_hour(hour)
        share = Fraction(100 * minutes, everything) if everything else Fraction(0)
        rows.append((f"{hour:02}:00–{hour + 1:02}:00", hours_of(minutes), one_decimal(share)))
    return rows


def by_hour_heads() -> list[Head]:
    return [
        (_("Hour of the day"), None, "text"),
        (_("Hours served"), _("hours"), "figure"),
        (_("Share"), "%", "figure"),
    ]


def matrix(heat: Heat, days: list[date], now: datetime) -> tuple[list[Head], Rows]:
    """Every hour of every day, in hours."""
    heads: list[Head] = [(_("Day"), None, "text")]
    heads += [(f"{hour:02}", None, "figure") for hour in range(24)]
    heads.append((_("Total"), _("hours"), "figure"))
    rows = []
    for day in days:
        served = [heat.cells.get((day, hour), 0) for hour in range(24)]
        rows.append(
            (
                filters.day(day, now),
                *(hours_of(each) if each else "–" for each in served),
                hours_of(sum(served)),
            )
        )
    return heads, rows


def categories(groups: list[Group]) -> tuple[list[tuple[str, int, str]], list[Head], Rows]:
    """Bars and table by category, most first."""
    bars, rows = [], []
    for group in groups:
        name, figures = str(_(LABELS[group.key])), group.figures
        if figures.person_times:
            bars.append((name, figures.person_times, filters.number(figures.person_times)))
        rows.append((name, figures.person_times, one_decimal(figures.hours), figures.on_post))
    heads: list[Head] = [
        (_("Service category"), None, "text"),
        (_("Person-times"), _("times"), "figure"),
        (_("Hours"), _("hours"), "figure"),
        (_("On post"), _("people"), "figure"),
    ]
    return bars, heads, rows


def people(served: list[Served], now: datetime) -> dict[str, Any]:
    said, closed = sum(each.said for each in served), sum(each.closed for each in served)
    return {
        "bars": [(each.day, each.people) for each in served],
        "total": sum(each.people for each in served),
        "said": said,
        "closed": closed,
        "heads": [
            (_("Day"), None, "text"),
            (_("People served"), _("people"), "figure"),
            (_("Shifts that say so"), None, "figure"),
            (_("Closed shifts"), None, "figure"),
        ],
        "rows": [(filters.day(each.day, now), each.people, each.said, each.closed) for each in served],
    }


def quality(answers: dict[int, int]) -> dict[str, Any]:
    """The counts and their mean; without answers that can be told, that there are too few."""
    count = sum(answers.values())
    if not count:
        return {"count": count, "least": LEAST, "bars": [], "mean": None}
    mean = Fraction(sum(score * number for score, number in answers.items()), count)
    bars = [
        (str(_(word)), answers.get(score, 0), filters.number(answers.get(score, 0)))
        for score, word in SCORES.items()
    ]
    return {"count": count, "least": LEAST, "bars": bars, "mean": one_decimal(mean)}


# --- the map ------------------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """The sheet, the number that a spot bears, and the tables: of what is on it, and of what cannot be."""

    sheet: Sheet | None
    numbers: dict[int, int]
    heads: list[Head]
    rows: Rows
    unknown: list[Gate]
    scale: str


def map_of(found: list[Gate], address: Callable[..., str]) -> Drawn:
    points = [
        Point(gate.id, gate.latitude, gate.longitude, max(gate.person_times, 0), gate.village)
        for gate in found
        if gate.latitude is not None and gate.longitude is not None
    ]
    sheet = sheet_of(points)
    on_map = {point.key for point in points}
    numbers = {point.key: at for at, point in enumerate(points[:NUMBERED], 1) if point.weight}
    rows: Rows = [
        (
            (gate.name, address(gate.id)),
            _mark(gate, numbers) if gate.id in on_map else "–",
            gate.person_times,
            hours_of(gate.minutes),
            gate.village,
        )
        for gate in found[:LISTED]
    ]
    heads: list[Head] = [
        (_("Checkpoint"), None, "text"),
        (_("On the map"), None, "text"),
        (_("Person-times"), _("times"), "figure"),
        (_("Hours"), _("hours"), "figure"),
        (_("Village or community"), None, "text"),
    ]
    metres = sheet.metres if sheet else 0
    scale = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    return Drawn(
        sheet, numbers, heads, rows, [gate for gate in found if gate.id not in on_map][:LISTED], scale
    )


def _mark(gate: Gate, numbers: dict[int, int]) -> str:
    """The number in its circle, the cross of what had nothing, and a plain circle for all others."""
    if gate.id in numbers:
        return str(numbers[gate.id])
    return "○" if gate.person_times else "×"


# --- branches -----------------------------------------------------------------------------------------


class Bar(NamedTuple):
    """A branch on the line of time, in percent of it."""

    label: str
    x: float
    width: float
    kind: str


def bars(branches: list[Standing], days: list[date]) -> list[Bar]:
    return [_bar(each, days) for each in branches]


def _bar(branch: Standing, days: list[date]) -> Bar:
    step = 100 / len(days)
    first, last = max(branch.first, days[0]), min(branch.last or days[-1], days[-1])
    x, width = (first - days[0]).days * step, ((last - first).days + 1) * step
    return Bar(branch.name, round(x, 2), round(width, 2), branch.kind)


def branch_rows(branches: list[Standing], now: datetime) -> tuple[list[Head], Rows]:
    heads: list[Head] = [
        (_("Branch"), None, "text"),
        (_("Stood up on"), None, "text"),
        (_("Ended on"), None, "text"),
        (_("Kind"), None, "text"),
        (_("Unit"), None, "text"),
    ]
    rows: Rows = [
        (
            each.name,
            filters.day(each.first, now),
            filters.day(each.last, now) if each.last else _("stands"),
            str(_(LABELS[BranchKind(each.kind)])),
            each.unit,
        )
        for each in branches
    ]
    return heads, rows


def standing_rows(counted: list[Counter[str]], days: list[date], now: datetime) -> tuple[list[Head], Rows]:
    heads: list[Head] = [
        (_("Day"), None, "text"),
        (_("Action branches"), None, "figure"),
        (_("Temporary branches"), None, "figure"),
    ]
    kinds = (BranchKind.ACTION, BranchKind.TEMPORARY)
    return heads, [
        (filters.day(day, now), *(each[kind] for kind in kinds))
        for day, each in zip(days, counted, strict=True)
    ]


def standing_series(counted: list[Counter[str]], days: list[date]) -> list[list[tuple[date, int]]]:
    """(day, how many) of the action branches, and of the temporary ones."""
    kinds = (BranchKind.ACTION, BranchKind.TEMPORARY)
    return [[(day, each[kind]) for day, each in zip(days, counted, strict=True)] for kind in kinds]
