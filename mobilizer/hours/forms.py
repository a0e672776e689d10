"""What is typed to correct a service record."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import Length

from mobilizer.inputs import LineField, needed


class CorrectionForm(FlaskForm):
    """`instead_of` is the record that the person correcting has seen, empty for none."""

    came = RadioField(
        _l("Did they come?"),
        choices=[SelectChoice("yes", _l("Came, with these times")), SelectChoice("no", _l("Did not come"))],
    )
    arrived = StringField(_l("Arrived"), [Length(max=40)])
    left = StringField(_l("Left"), [Length(max=40)])
    reason = LineField(_l("Why is it corrected?"), needed(500))
    instead_of = HiddenField()

    @property
    def instead_of_id(self) -> int | None:
        text = str(self.instead_of.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
