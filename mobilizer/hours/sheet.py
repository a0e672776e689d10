"""Earlier service as a sheet tells it, row by row: who, on which day, from when until when. Nothing is looked up here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from mobilizer import intake
from mobilizer.errors import N_, Refused
from mobilizer.hours import sheet_cells
from mobilizer.hours.overlap_rules import Span
from mobilizer.hours.sheet_columns import needing
from mobilizer.intake import Columns, Row, Sheet, digits, text
from mobilizer.intake.outcomes import Note, NotTaken
from mobilizer.members import rules as members
from mobilizer.shifts import rules as shifts
from mobilizer.shifts.row_times import RowTimes
from mobilizer.shifts.rules import DAY, Slot
from mobilizer.terms import ServiceCategory

FROM_MINUTE = 8 * 60
"""Where a service is put of which only the day and its length are known."""

EARLIEST_YEAR = 2000
HALF_A_YEAR = timedelta(days=182)
"""A day without a year is the one nearest to this before today: the latest that is past."""

LONGEST_REASON = 500


@dataclass(slots=True)
class Told:
    """One row. `phone` is E.164, `name` as written, one of them there at least; `branch`, `checkpoint` as written.

    `span` is the service with its breaks, in UTC; with `timed` False only its length was said, and it stands at the
    beginning of the day. `note` is what of the row fits in no other column.
    """

    name: str
    phone: str
    day: date
    span: Span
    timed: bool
    break_minutes: int
    category: ServiceCategory
    checkpoint: str
    branch: str
    note: str
    warnings: list[Note] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return self.span.minutes - self.break_minutes


Read = tuple[Row, str, Told | Note]
"""A row, whom and when it names, and what it tells or why it is refused."""


def recognised(sheet: Sheet, mapping: Mapping[str, str] | None = None) -> Columns:
    """The columns of a sheet that has a name or a phone number, and a day or moments. Refused as intake.recognise does."""
    first: Refused | None = None
    for who, when in (("name", "day"), ("phone", "day"), ("name", "start"), ("phone", "start")):
        try:
            return intake.recognise(sheet, needing(who, when), mapping)
        except Refused as refusal:
            first = first or refusal
    raise first or RuntimeError("a sheet that was never read")


def read(columns: Columns, zone: tzinfo, now: datetime) -> list[Read]:
    """Every row of the sheet's body, in order."""
    reading = _Reading(columns, zone, now)
    found: list[Read] = []
    for row in columns.body:
        who = text(columns.cell(row, "name")) or text(columns.cell(row, "phone"))
        try:
            told = reading.told(row)
        except NotTaken as fault:
            found.append((row, who[:50], fault.note))
        else:
            found.append((row, f"{who[:50]} · {reading.when(told)}", told))
    return found


class _Reading:
    """One sheet, row by row."""

    def __init__(self, columns: Columns, zone: tzinfo, now: datetime) -> None:
        self.columns = columns
        self.zone = zone
        self.now = now
        self.times = RowTimes(columns, now.astimezone(zone).date() - HALF_A_YEAR)

    def told(self, row: Row) -> Told:
        name, phone = self._name(row), self._phone(row)
        if not name and not phone:
            raise self.times.fault("name", N_("Who served is missing: a name or a phone number."))
        day, slot, timed, break_minutes = self._when(row)
        span = self._span(day, slot)
        kind = sheet_cells.category(self.columns.cell(row, "category"))
        told = Told(
            name,
            phone,
            day,
            span,
            timed,
            break_minutes,
            kind or ServiceCategory.OTHER,
            text(self.columns.cell(row, "checkpoint"))[:100],
            text(self.columns.cell(row, "branch"))[:100],
            text(self.columns.cell(row, "note"))[:LONGEST_REASON],
        )
        if kind is None:
            self._unknown_category(row, told)
        if break_minutes:
            self._warn(told, "duration", N_("%(count)s minutes of break are taken off."), count=break_minutes)
        return told

    def when(self, told: Told) -> str:
        if not told.timed:
            return f"{told.day.isoformat()} {told.minutes // 60}:{told.minutes % 60:02d} h"
        start, end = told.span.starts_at.astimezone(self.zone), told.span.ends_at.astimezone(self.zone)
        return f"{told.day.isoformat()} {start:%H:%M}–{end:%H:%M}"

    def _warn(self, told: Told, column: str, message: str, **values: object) -> None:
        told.warnings.append(Note(self.times.heading(column), message, values))

    def _unknown_category(self, row: Row, told: Told) -> None:
        said = text(self.columns.cell(row, "category"))
        told.note = " · ".join(filter(None, (said, told.note)))[:LONGEST_REASON]
        words = N_(
            "“%(text)s” is no one category known here: it counts as other service, and the words are kept."
        )
        self._warn(told, "category", words, text=said[:40])

    # --- who -------------------------------------------------------------------------------------------

    def _name(self, row: Row) -> str:
        written = text(self.columns.cell(row, "name"))
        try:
            return members.name(written) if written else ""
        except Refused as refusal:
            raise self.times.fault("name", refusal.message, **refusal.values) from refusal

    def _phone(self, row: Row) -> str:
        written = digits(self.columns.cell(row, "phone"))
        if not written:
            return ""
        try:
            return members.phone(written)
        except Refused as refusal:
            several = members.phones_in(written)
            if len(several) == 1:
                return several[0]
            raise self.times.fault("phone", refusal.message, **refusal.values) from refusal

    # --- when ------------------------------------------------------------------------------------------

    def _when(self, row: Row) -> tuple[date, Slot, bool, int]:
        """(day, from and until, whether those were said, minutes of break)."""
        slot, duration = self.times.range(row), self._duration(row)
        start = end = None
        if slot is None:
            start, end = self.times.time(row, "start"), self.times.time(row, "end")
        day = self.times.day_beside(row, start)
        if start is not None and end is not None:
            slot = self.times.slot(day, start, end)
        if slot is not None:
            return day, slot, True, self._break(slot, duration)
        if duration is None:
            missing = (
                ("end", N_("When it ends is missing."))
                if start
                else ("start", N_("When it starts is missing."))
            )
            if not start and not end:
                missing = ("duration", N_("From when until when, or how long it took, is missing."))
            raise self.times.fault(*missing)
        if start is not None and start.minute < DAY and not start.next_day:
            return day, Slot(start.minute, start.minute + duration), True, 0
        if start is None and end is not None and end.minute >= duration:
            return day, Slot(end.minute - duration, end.minute), True, 0
        if start is not None or end is not None:
            raise self.times.fault("start", N_("When it starts is missing."))
        return day, Slot(FROM_MINUTE, FROM_MINUTE + duration), False, 0

    def _duration(self, row: Row) -> int | None:
        cell = self.columns.cell(row, "duration")
        try:
            return sheet_cells.duration(cell, self.times.heading("duration"))
        except ValueError:
            raise self.times.fault(
                "duration",
                N_(
                    "“%(text)s” cannot be read as a length of up to 24 hours. Write it such as 8 or 7.5 or 90分钟."
                ),
                text=text(cell)[:40],
            ) from None

    def _break(self, slot: Slot, duration: int | None) -> int:
        """What lies between the length of the times and the length that is said: a break."""
        length = slot.end - slot.start
        if duration is not None and duration > length:
            raise self.times.fault("duration", N_("This is longer than from its start to its end."))
        return length - duration if duration is not None else 0

    def _span(self, day: date, slot: Slot) -> Span:
        if day.year < EARLIEST_YEAR:
            raise self.times.fault("day", N_("That is very long ago. Please look at the year."))
        span = Span(*shifts.moments(day, slot, self.zone))
        if span.ends_at > self.now:
            raise self.times.fault("day", N_("This still lies ahead. Only what has been served is entered."))
        if span.starts_at >= span.ends_at:
            raise self.times.fault("start", N_("The clock leaps over this time on that day."))
        return span
