"""What is typed of a service that no closed shift tells of."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mobilizer.inputs import DayField, LineField, WholeNumber, needed
from mobilizer.terms import LABELS, ServiceCategory

_FILL_IN = InputRequired(_l("Please fill this in."))
_DIGITS = {"inputmode": "numeric", "type": "text", "autocomplete": "off"}


def _number_or_none(value: Any) -> int | None:
    """The value of an option, which may be the empty one."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None


class TimesForm(FlaskForm):
    """A local day, from when until when on it (an `until` that is no later is on the next), and the breaks. `rest`: the
    time that is to be counted where part of it is counted already, as the question had it."""

    day = DayField(_l("Day"), [_FILL_IN])
    begins = StringField(_l("Begins at"), [_FILL_IN, Length(max=5)])
    until = StringField(_l("Ends at"), [_FILL_IN, Length(max=5)])
    break_minutes = WholeNumber(
        _l("Breaks"),
        [Optional(), NumberRange(0, 1440, _l("Between %(min)s and %(max)s, please."))],
        render_kw=_DIGITS,
    )
    rest = HiddenField()


class ServiceForm(TimesForm):
    branch_id = SelectField(_l("Branch"), coerce=_number_or_none, validators=[_FILL_IN])
    checkpoint_id = SelectField(_l("Checkpoint"), coerce=_number_or_none, validators=[Optional()])
    category = SelectField(_l("Service"), validators=[_FILL_IN])
    why = LineField(_l("How it came about"), needed(500))

    def offer(self, branches: list[tuple[int, str]], checkpoints: list[tuple[int, str]]) -> None:
        """What there is to choose from."""
        self.branch_id.choices = list(branches)
        self.checkpoint_id.choices = [("", _("none")), *checkpoints]
        self.category.choices = [(str(each), _(LABELS[each])) for each in ServiceCategory]


class ClaimCorrectionForm(TimesForm):
    """`instead_of` is the record that the person correcting has seen, empty for none."""

    counts = RadioField(
        _l("Does it count?"),
        choices=[
            SelectChoice("yes", _l("Yes, with these times")),
            SelectChoice("no", _l("No, take it back")),
        ],
    )
    reason = LineField(_l("Why is it corrected?"), needed(500))
    instead_of = HiddenField()

    @property
    def instead_of_id(self) -> int | None:
        return _number_or_none(self.instead_of.data)


class DeclineForm(FlaskForm):
    words = LineField(_l("Why not"), needed(500))
