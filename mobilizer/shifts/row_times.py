"""The day and the times in a row of a sheet, with what is wrong with them said at the column: for shifts, and for records
of service."""

from datetime import date

from mobilizer.errors import N_, Refused
from mobilizer.intake import Columns, Row, text
from mobilizer.intake.outcomes import NotTaken
from mobilizer.shifts import clock_cells, rules
from mobilizer.shifts.clock_cells import Time
from mobilizer.shifts.rules import DAY, Slot


class RowTimes:
    """Reads the columns `day`, `start` and `end` of one sheet. `today` is for days without a year."""

    def __init__(self, columns: Columns, today: date) -> None:
        self.columns = columns
        self.today = today

    def fault(self, field: str, message: str, **values: object) -> NotTaken:
        """The row's refusal, at the field's column; at none if the sheet has no such column."""
        return NotTaken(self.heading(field), message, **values)

    def heading(self, field: str) -> str:
        return self.columns.heading(field) if field in self.columns.index else ""

    def day(self, row: Row) -> date | None:
        """None if the cell is blank."""
        try:
            return clock_cells.day_of(self.columns.cell(row, "day"), self.today)
        except ValueError:
            raise self.fault("day", N_("There is no such day. Write it such as 2026-11-24.")) from None

    def day_beside(self, row: Row, start: Time | None) -> date:
        """The row's day, which may also stand with the time it starts. Refused: none, and two that differ."""
        day = self.day(row)
        if day is not None and start is not None and start.day is not None and start.day != day:
            raise self.fault("start", N_("This is not the day of the other column."))
        day = day or (start.day if start else None)
        if day is None:
            raise self.fault("day", N_("The day is missing."))
        return day

    def time(self, row: Row, field: str) -> Time | None:
        """None if the cell is blank."""
        cell = self.columns.cell(row, field)
        try:
            return clock_cells.time_of(cell, self.today)
        except Refused as refusal:
            raise self.fault(field, refusal.message, **refusal.values) from refusal
        except ValueError:
            raise self.fault(
                field,
                N_("“%(text)s” cannot be read as a time. Write it such as 08:00."),
                text=text(cell)[:40],
            ) from None

    def range(self, row: Row) -> Slot | None:
        """Both times in the one column, 08:00-16:00, where nothing stands in the other."""
        if text(self.columns.cell(row, "end")):
            return None
        cell = self.columns.cell(row, "start")
        try:
            found = rules.slots(cell) if isinstance(cell, str) else ()
        except Refused:
            return None
        return found[0] if len(found) == 1 else None

    def slot(self, day: date, start: Time, end: Time) -> Slot:
        """Without a day of its own, an end that is not after the start is on the next day."""
        if start.minute >= DAY or start.next_day:
            raise self.fault(
                "start", N_("It begins between 00:00 and 23:59 of its day; 24:00 is 00:00 of the next.")
            )
        minute = end.minute
        if end.day is not None:
            minute += (end.day - day).days * DAY
        elif end.next_day or minute <= start.minute:
            minute += DAY
        if minute <= start.minute:
            raise self.fault("end", N_("It ends after it begins."))
        if minute - start.minute > DAY:
            raise self.fault("end", N_("It lasts 24 hours at most."))
        return Slot(start.minute, minute)
