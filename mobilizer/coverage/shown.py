"""The board as its page, its wall and its sheet say it: words for figures, no query and no request."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any, NamedTuple

from flask_babel import format_date
from flask_babel import gettext as _

from mobilizer import filters
from mobilizer.coverage.queries import By
from mobilizer.coverage.rules import HOUR, Cell, Slot, State, Totals, Window, cells, totals
from mobilizer.errors import N_
from mobilizer.sheets import Column, Table

WORDS: dict[State, str] = {
    State.BARE: N_("Bare"),
    State.SHORT: N_("Short"),
    State.COVERED: N_("Covered"),
    State.FULL: N_("Full"),
    State.UNNEEDED: N_("Nobody needed"),
}
MARKS = {
    State.BARE: "bare",
    State.SHORT: "soon",
    State.COVERED: "covered",
    State.FULL: "full",
    State.UNNEEDED: "plain",
}
"""The sign of each state, in macros/state.html."""

ROWS: dict[By, str] = {
    By.TOWN: N_("Town or subdistrict"),
    By.VILLAGE: N_("Village or community"),
    By.CHECKPOINT: N_("Checkpoint"),
    By.POST: N_("Post"),
}


class Row(NamedTuple):
    key: str | int
    name: str
    cells: list[Cell]
    totals: Totals

    @property
    def worst(self) -> int:
        """0 with bare hours, 1 with short ones, 2 else: what a wall shows first."""
        states = {cell.state for cell in self.cells}
        return 0 if State.BARE in states else 1 if State.SHORT in states else 2


class Day(NamedTuple):
    """A day over the hours of the head: its text, and how many columns are its own."""

    text: str
    hours: int


def rows(slots: Iterable[Slot], window: Window, now: datetime) -> list[Row]:
    made = []
    for key, group in groupby(slots, key=lambda slot: slot.key):
        own = list(group)
        made.append(
            Row(key, own[0].name or _("All posts"), cells(own, window, now), totals(own, window, now))
        )
    return [row for row in made if any(cell.state for cell in row.cells)]


def days(window: Window, zone: tzinfo, now: datetime) -> list[Day]:
    local = (at.astimezone(zone).date() for at in window.columns)
    return [Day(filters.day(day, now), len(list(hours))) for day, hours in groupby(local)]


def hour_labels(window: Window, zone: tzinfo) -> list[str]:
    """What the clock says at the beginning of each column; a minute only where the zone has one."""
    labels = []
    for at in window.columns:
        local = at.astimezone(zone)
        labels.append(f"{local.hour:02}" if not local.minute else f"{local.hour:02}:{local.minute:02}")
    return labels


def spans(window: Window, zone: tzinfo) -> tuple[list[str], list[str]]:
    """For each column how it is said as a beginning and, for the one after it, as an end; with the day where there
    are several."""
    labels = hour_labels(window, zone)
    ends = [label if int(label[:2]) or ":" in label else "24" for label in labels]
    after = window.ends_at.astimezone(zone)
    ends.append(f"{after.hour:02}" if after.hour else "24")
    if window.hours > 25:
        named = [str(format_date(at.astimezone(zone).date(), "EEE d")) for at in window.columns]
        labels = [f"{day} {label}" for day, label in zip(named, labels, strict=True)]
    return labels, ends[1:]


def said_hours(window: Window, now: datetime) -> Callable[[int, int], str]:
    """For a first column and how many there are, the hours as they are read aloud: Today 08:00–16:00."""
    columns = window.columns

    def said(first: int, hours: int) -> str:
        begins = columns[first]
        ends = min(begins + hours * HOUR, window.ends_at)
        return f"{filters.relative_day(begins, now)} {filters.time_range(begins, ends)}"

    return said


def table(slots: Iterable[Slot], window: Window, by: By, title: str, zone: tzinfo, now: datetime) -> Table:
    """One line for each row and hour in which something is planned, to be filtered and summed in a spreadsheet."""
    columns = (
        Column("place", _(ROWS[by])),
        Column("begins", _("Begins"), "moment"),
        Column("ends", _("Ends"), "moment"),
        Column("state", _("State")),
        Column("on_site", _("On site"), "integer"),
        Column("signed_up", _("Signed up"), "integer"),
        Column("needed", _("Needed"), "integer"),
    )
    notes = (
        (_("On site"), _("Checked in: now, for hours that run; at any time, for hours that are over. Empty: not begun.")),
        (_("Signed up"), _("Confirmed sign-ups on the shifts that touch the hour.")),
        (_("Needed"), _("The least numbers of these shifts together.")),
        (_("Bare"), _("At least one shift in the hour needs somebody and has nobody.")),
        (_("As of"), now.astimezone(zone).strftime("%Y-%m-%d %H:%M")),
    )  # fmt: skip
    return Table(title, columns, _lines(slots, window, zone, now), notes, None, _("What it means"))


def _lines(slots: Iterable[Slot], window: Window, zone: tzinfo, now: datetime) -> Iterator[tuple[Any, ...]]:
    edges = [at.astimezone(zone) for at in [*window.columns, window.starts_at + window.hours * HOUR]]
    said = {state: _(word) for state, word in WORDS.items()}
    for row in rows(slots, window, now):
        for cell in row.cells:
            if cell.state is None:
                continue
            for at in range(cell.first, cell.first + cell.hours):
                yield (
                    row.name,
                    edges[at],
                    edges[at + 1],
                    said[cell.state],
                    cell.on_site,
                    cell.signed,
                    cell.needed,
                )
