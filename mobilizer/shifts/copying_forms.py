"""Which shifts are copied, and to which days."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from mobilizer.inputs import DayField

_FILL_IN = _l("Please fill this in.")


class CopyForm(FlaskForm):
    """Sent by GET to look and by POST to copy; the view sets the calls to choose from."""

    source = SelectField(_l("From which call"), coerce=int)
    what = RadioField(
        _l("What to copy"),
        [InputRequired(_FILL_IN)],
        choices=[
            SelectChoice("day", _l("one day")),
            SelectChoice("week", _l("seven days")),
            SelectChoice("call", _l("all shifts of the call")),
        ],
    )
    day = DayField(_l("The day, or the first of the seven"), [Optional()])
    first = DayField(_l("Copy to, from"), [InputRequired(_FILL_IN)])
    last = DayField(_l("Copy to, until"), [Optional()])

    def sent(self) -> dict[str, Any]:
        """What the confirming form sends again, as (name, values)."""
        return {name: field.raw_data or [] for name, field in self._fields.items() if name != "csrf_token"}
