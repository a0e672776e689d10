"""An upload, and whose roster it is."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

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


def own_unit(units: Choices, unit: str) -> SelectField:
    """The roster's own unit as it stands, beside the choice of its columns."""
    return SelectField(
        _l("The roster's own unit"),
        choices=[SelectChoice("", _("As the file says")), *units],
        default=unit,
    )
