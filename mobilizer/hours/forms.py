"""What is typed when a shift is closed, and to correct its service records."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import Length, NumberRange, Optional

from mobilizer.inputs import LineField, WholeNumber, needed

MOST_SERVED = 100_000


class CorrectionForm(FlaskForm):
    """`instead_of` is the record that the person correcting has seen, empty for none."""

    came = RadioField(
        _l("Did they come?"),
        choices=[SelectChoice("yes", _l("Came, with these times")), SelectChoice("no", _l("Did not come"))],
    )
    arrived = StringField(_l("Arrived"), [Length(max=40)])
    left = StringField(_l("Left"), [Length(max=40)])
    break_minutes = WholeNumber(
        _l("Breaks"),
        [Optional(), NumberRange(0, 24 * 60, _l("Between %(min)s and %(max)s, please."))],
        render_kw={"inputmode": "numeric", "type": "text", "autocomplete": "off"},
    )
    reason = LineField(_l("Why is it corrected?"), needed(500))
    instead_of = HiddenField()

    @property
    def instead_of_id(self) -> int | None:
        text = str(self.instead_of.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class PeopleServedForm(FlaskForm):
    """How many residents a shift served; left empty where nobody counted."""

    people_served = WholeNumber(
        _l("Residents served"),
        [Optional(), NumberRange(0, MOST_SERVED, _l("Between %(min)s and %(max)s, please."))],
        render_kw={"inputmode": "numeric", "type": "text", "autocomplete": "off"},
    )
