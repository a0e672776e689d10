"""What a report says, in the reader's language: for the page, the command line and the sheet that goes home."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from mobilizer import intake
from mobilizer.errors import N_
from mobilizer.intake.outcomes import Change, Line, Note, Outcome, Report
from mobilizer.sheets import Table
from mobilizer.terms import LABELS

OUTCOMES: dict[Outcome, str] = {
    Outcome.CREATED: N_("Created"),
    Outcome.UPDATED: N_("Updated"),
    Outcome.UNCHANGED: N_("Unchanged"),
    Outcome.REFUSED: N_("Refused"),
}
PLANNED: dict[Outcome, str] = {
    Outcome.CREATED: N_("To create"),
    Outcome.UPDATED: N_("To update"),
    Outcome.UNCHANGED: N_("Unchanged"),
    Outcome.REFUSED: N_("Refused"),
}


def said(note: Note) -> str:
    """The note's words alone."""
    return str(_(note.message, **{name: shown(value) for name, value in note.values.items()}))


def shown(value: Any) -> Any:
    """A value of one of the closed lists as its label, everything else as it is."""
    return _(LABELS[value]) if isinstance(value, StrEnum) else value


def said_at_column(note: Note) -> str:
    """The note with its column before it."""
    if not note.column:
        return said(note)
    return str(_("%(column)s: %(words)s", column=note.column, words=said(note)))


def change_said(change: Change, labels: Mapping[str, str]) -> str:
    """What an update changes: the field, before and after."""
    label, before, after = labels.get(change.field, change.field), shown(change.before), shown(change.after)
    if not before:
        return str(_("%(field)s: now %(after)s", field=label, after=after))
    return str(_("%(field)s: %(before)s → %(after)s", field=label, before=before, after=after))


def refused(report: Report) -> list[Line]:
    return [line for line in report.lines if line.outcome == Outcome.REFUSED]


def to_mend(report: Report) -> Table:
    """The refused rows under the file's own headings, with number and reason behind: to mend and import again."""
    rows = ((line.row, said_at_column(line.reason)) for line in refused(report) if line.reason)
    return returned(report.columns, rows)


def kept(report: Report) -> dict[str, Any]:
    """What is kept of a confirmed file: counts, notes, and the refused rows in the words they were refused with."""
    return {
        "counts": {str(outcome): count for outcome, count in report.counts().items()},
        "notes": [said(note) for note in report.notes],
        "headings": report.columns.headings,
        "refused": [
            [line.row.number, [intake.text(cell) for cell in line.row.cells], said_at_column(line.reason)]
            for line in report.lines
            if line.reason
        ],
    }


def kept_to_mend(report: Mapping[str, Any]) -> Table:
    """The refused rows of what was `kept`, as `to_mend` has them."""
    columns = intake.Columns("", 0, {}, report["headings"], (), [], ())
    rows = ((intake.Row(number, tuple(cells)), why) for number, cells, why in report["refused"])
    return returned(columns, rows)


def returned(columns: intake.Columns, rows: Iterable[tuple[intake.Row, str]]) -> Table:
    """(row, why) of the refused rows, as a sheet to mend."""
    return intake.returned(
        columns, rows, title=_("Refused rows"), number=_("Row in the file"), reason=_("Why refused")
    )


def field_labels(fields: Iterable[intake.Field]) -> dict[str, str]:
    """Name -> what it is called, of a noun's fields."""
    return {field.name: str(field.heading) for field in fields}
