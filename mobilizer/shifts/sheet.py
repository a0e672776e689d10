"""What a sheet of shifts would lay out: pure, from its rows and what the call has."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from mobilizer.errors import N_, Refused
from mobilizer.intake import Columns, Row, digits, text
from mobilizer.intake.outcomes import Line, Note, NotTaken, Outcome, Report
from mobilizer.shifts import rules
from mobilizer.shifts.row_times import RowTimes
from mobilizer.shifts.rules import DAY, Planned, Slot, Spot

Key = tuple[int, datetime, datetime, str]
"""What a call has once at most: (checkpoint, start, end, post)."""

_PEOPLE = re.compile(r"(\d{1,6})(?:\.0)?(?:人|名|个|位|people|persons?)?")
_NOTHING = {"", "-", "–", "—", "/", "无", "否", "不限", "none", "no", "any"}


def key_of(planned: Planned) -> Key:
    return (planned.checkpoint_id, planned.starts_at, planned.ends_at, planned.post)


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet is read against: the checkpoints that the branch serves and the skills on the rosters, by name; the
    seats of the shifts that the call has; the wall clock of the place."""

    spots: Sequence[tuple[str, Spot]]
    skills: Sequence[tuple[int, str]]
    seats: Mapping[Key, int]
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """The report, and the shifts of its new rows."""

    report: Report
    planned: list[Planned]


def plan(columns: Columns, known: Known, now: datetime) -> SheetPlan:
    """Each row is a new shift, one that is there already, or refused at the column that is at fault."""
    reading = _Reading(columns, known, now)
    lines: list[Line] = []
    first: dict[Key, tuple[int, Planned]] = {}
    planned: list[Planned] = []
    for row in columns.body:
        about = _about(columns, row)
        try:
            shift = reading.shift(row)
            about = f"{reading.when(shift)} · {about}" if about else reading.when(shift)
            before, same = first.setdefault(key_of(shift), (row.number, shift))
            if before != row.number and same != shift:
                raise NotTaken("", N_("Row %(row)s has this shift already, with other numbers."), row=before)
        except NotTaken as fault:
            lines.append(Line(row, Outcome.REFUSED, about, fault.note))
            continue
        there = known.seats.get(key_of(shift))
        if there is None and before == row.number:
            planned.append(shift)
            lines.append(Line(row, Outcome.CREATED, about))
        else:
            lines.append(
                Line(row, Outcome.UNCHANGED, about, warnings=reading.other_seats(there, shift.capacity))
            )
    return SheetPlan(Report(columns, lines), planned)


def _about(columns: Columns, row: Row) -> str:
    cells = [text(columns.cell(row, name)) for name in ("checkpoint", "post")]
    return " · ".join(cell for cell in cells if cell)[:80]


class _Reading:
    """One sheet, row by row."""

    def __init__(self, columns: Columns, known: Known, now: datetime) -> None:
        self.columns = columns
        self.known = known
        self.now = now
        self.today: date = now.astimezone(known.zone).date()
        self.times = RowTimes(columns, self.today)
        self._fault, self._heading = self.times.fault, self.times.heading
        self.spots: dict[str, list[Spot]] = {}
        for name, spot in known.spots:
            self.spots.setdefault(_squeezed(name), []).append(spot)
        self.skills = {_squeezed(name): key for key, name in known.skills}

    def shift(self, row: Row) -> Planned:
        day, slot = self._times(row)
        starts_at, ends_at = rules.moments(day, slot, self.known.zone)
        if starts_at >= ends_at:
            raise self._fault("start", N_("The clock leaps over this time on that day."))
        if ends_at <= self.now:
            raise self._fault("day", N_("This shift would be over already."))
        if (day - self.today).days > rules.MOST_DAYS_AHEAD:
            raise self._fault("day", N_("That is more than a year ahead."))
        spot = self._spot(row)
        seats = self._people(row, "seats")
        if seats is None:
            raise self._fault("seats", N_("How many people it needs is missing."))
        self._held("seats", rules.check_capacity, seats)
        least = self._people(row, "least")
        least = 1 if least is None else least
        self._held("least", rules.check_least, least, seats)
        post = text(self.columns.cell(row, "post"))
        self._held("post", rules.check_post, post)
        return Planned(spot.id, spot.unit_code, day, starts_at, ends_at, seats, self._skill(row), post, least)

    def when(self, shift: Planned) -> str:
        """The day and the times that were understood, as everybody reads them."""
        start, end = shift.starts_at.astimezone(self.known.zone), shift.ends_at.astimezone(self.known.zone)
        slot = Slot(start.hour * 60 + start.minute, end.hour * 60 + end.minute or DAY)
        return f"{shift.day.isoformat()} {slot}"

    def other_seats(self, there: int | None, told: int) -> tuple[Note, ...]:
        if there is None or there == told:
            return ()
        words = N_("It stays as it is, with %(there)s seats: a sheet changes no shift that is there.")
        return (Note(self._heading("seats"), words, {"there": there}),)

    def _held(self, field: str, check: Callable[..., None], *values: object) -> None:
        """One of the rules' checks, its refusal said at the column."""
        try:
            check(*values)
        except Refused as refusal:
            raise self._fault(field, refusal.message, **refusal.values) from refusal

    # --- when -----------------------------------------------------------------------------------------

    def _times(self, row: Row) -> tuple[date, Slot]:
        if (range_ := self.times.range(row)) is not None:
            return self.times.day_beside(row, None), range_
        start, end = self.times.time(row, "start"), self.times.time(row, "end")
        if start is None:
            raise self._fault("start", N_("When it starts is missing."))
        day = self.times.day_beside(row, start)
        if end is None:
            raise self._fault("end", N_("When it ends is missing."))
        return day, self.times.slot(day, start, end)

    # --- where, how many, who --------------------------------------------------------------------------

    def _spot(self, row: Row) -> Spot:
        """By its name; without one the only checkpoint that there is."""
        name = text(self.columns.cell(row, "checkpoint"))
        found = self.spots.get(_squeezed(name), ()) if name else [spot for _, spot in self.known.spots]
        if len(found) == 1:
            return found[0]
        if not name:
            raise self._fault("checkpoint", N_("The checkpoint is missing."))
        if found:
            raise self._fault(
                "checkpoint", N_("The branch serves several checkpoints of this name: rename one.")
            )
        raise self._fault(
            "checkpoint",
            N_("The branch serves no checkpoint “%(name)s”. It serves: %(names)s."),
            name=name[:40],
            names=", ".join(known for known, _ in self.known.spots[:8]) or "–",
        )

    def _people(self, row: Row, field: str) -> int | None:
        """A whole number of people, None if the cell is blank."""
        written = digits(self.columns.cell(row, field))
        if not written:
            return None
        found = _PEOPLE.fullmatch(written.lower().replace(" ", ""))
        if not found:
            raise self._fault(field, N_("“%(text)s” is no number of people."), text=written[:40])
        return int(found[1])

    def _skill(self, row: Row) -> int | None:
        name = text(self.columns.cell(row, "skill"))
        if name.casefold() in _NOTHING:
            return None
        key = self.skills.get(_squeezed(name))
        if key is None:
            raise self._fault(
                "skill",
                N_("Nobody on the rosters has the skill “%(name)s”. Known are: %(names)s."),
                name=name[:40],
                names=", ".join(known for _, known in self.known.skills[:8]) or "–",
            )
        return key


def _squeezed(name: str) -> str:
    return "".join(digits(name).casefold().split())
