"""Which column of an uploaded sheet is which: a form over the sheet's headings, and back to a mapping."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField

from mobilizer import intake
from mobilizer.errors import Refused
from mobilizer.intake import Field, Sheet


def columns_form(
    fields: Sequence[Field], headings: Mapping[str, str], mapped: Mapping[str, str], **more: Any
) -> Any:
    """A select for each field over the sheet's columns (letter -> heading), and behind them the fields of `more`.

    `mapped` is field -> letter as it stands.
    """
    columns = [
        SelectChoice(
            letter,
            _("%(letter)s: %(heading)s", letter=letter, heading=heading[:40]) if heading else letter,
        )
        for letter, heading in headings.items()
    ]
    parts: dict[str, Any] = {
        field.name: SelectField(
            field.heading,
            choices=[SelectChoice("", _("not in the sheet")), *columns],
            default=mapped.get(field.name, ""),
        )
        for field in fields
    }
    return type("ColumnsForm", (FlaskForm,), parts | more)()


def headings_of(sheet: Sheet, fields: Sequence[Field], mapping: Mapping[str, str]) -> dict[str, str]:
    """Letter -> heading as the mapping has it; where it has none that can be read, as they are likeliest."""
    try:
        return intake.recognise(sheet, fields, mapping).headings
    except Refused:
        return intake.guess(sheet, fields).headings


def chosen(form: Any, fields: Sequence[Field], headings: Mapping[str, str]) -> dict[str, str]:
    """Field -> column as the form says it: by its heading, so that the header is found again; by its letter where
    that says too little."""
    written = list(headings.values())

    def column(letter: str) -> str:
        heading = headings.get(letter, "")
        return heading if heading and written.count(heading) == 1 else letter

    return {field.name: column(form[field.name].data) for field in fields}
