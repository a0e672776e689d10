"""How shifts are changed, and one shift more."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from mobilizer.inputs import DayField, LineField, needed, optional
from mobilizer.shifts.rules import MOST_DAYS_AHEAD, MOST_POST_SIGNS

_FILL_IN = _l("Please fill this in.")
_DAYS = _l("From a year earlier to a year later.")


class MoveForm(FlaskForm):
    """Sent by GET to look and by POST to move; the view sets the checkpoints."""

    days = IntegerField(
        _l("Days later"),
        [InputRequired(_FILL_IN), NumberRange(-MOST_DAYS_AHEAD, MOST_DAYS_AHEAD, _DAYS)],
    )
    starts = LineField(_l("Begins at"), optional(20))
    ends = LineField(_l("Ends at"), optional(20))
    checkpoint = SelectField(_l("Checkpoint"), coerce=int)


class SeatsForm(FlaskForm):
    """Sent by GET to look and by POST to change."""

    capacity = IntegerField(_l("Seats"), [InputRequired(_FILL_IN)])
    least = IntegerField(_l("Covered from"), [InputRequired(_FILL_IN)])


class AddForm(FlaskForm):
    """One shift; the view sets the checkpoints and the skills."""

    day = DayField(_l("Day"), [InputRequired(_FILL_IN)])
    starts = LineField(_l("Begins at"), needed(20))
    ends = LineField(_l("Ends at"), needed(20))
    checkpoint = SelectField(_l("Checkpoint"), coerce=int)
    capacity = IntegerField(_l("Seats"), [InputRequired(_FILL_IN)])
    least = IntegerField(_l("Covered from"), [InputRequired(_FILL_IN)])
    post = LineField(_l("Post"), optional(MOST_POST_SIGNS))
    skill = SelectField(_l("Skill needed"), coerce=int)


def sent(form: FlaskForm) -> dict[str, Any]:
    """What the confirming form sends again, by name."""
    return {name: field.raw_data or [] for name, field in form._fields.items() if name != "csrf_token"}
