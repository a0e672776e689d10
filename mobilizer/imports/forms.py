"""An upload, and which of its columns is which."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from mobilizer.intake import Field

Choices = Sequence[SelectChoice]


class UploadForm(FlaskForm):
    noun = RadioField(
        _l("What is in the file?"),
        [InputRequired(_l("Please choose one."))],
        choices=[
            SelectChoice("roster", _l("A roster of members")),
            SelectChoice("units", _l("Units: districts, towns, villages, grids")),
        ],
        default="roster",
    )
    file = FileField(
        _l("The file"),
        [FileRequired(_l("Please choose a file."))],
        render_kw={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt"},
    )
    unit = SelectField(_l("The roster's own unit"), validate_choice=False)

    def offer(self, units: Choices) -> "UploadForm":
        self.unit.choices = [SelectChoice("", _("As the file says")), *units]
        return self


def columns_form(
    fields: Sequence[Field],
    headings: Mapping[str, str],
    mapped: Mapping[str, str],
    units: Choices | None,
    unit: str,
) -> Any:
    """A select for each field over the sheet's columns (letter -> heading), and the file's own unit if asked for.

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
    if units is not None:
        parts["own_unit"] = SelectField(
            _l("The roster's own unit"),
            choices=[SelectChoice("", _("As the file says")), *units],
            default=unit,
        )
    return type("ColumnsForm", (FlaskForm,), parts)()
