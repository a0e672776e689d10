"""What is chosen to lay out shifts."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from mobilizer.inputs import DayField, LineField, MomentField, TickField, optional
from mobilizer.shifts.rules import MOST_POST_SIGNS

_FILL_IN = _l("Please fill this in.")
MORE_POSTS = (2, 3, 4, 5)
"""The rows for further posts, by their place among the posts."""


class LayOutForm(FlaskForm):
    """Checkpoints x days x pattern x seats. Sent by GET to look and by POST to lay out; the view sets the choices."""

    checkpoints = TickField(
        _l("Checkpoints"), [InputRequired(_l("Please tick at least one checkpoint."))], coerce=int
    )
    first = DayField(_l("From"), [InputRequired(_FILL_IN)])
    last = DayField(_l("To"), [InputRequired(_FILL_IN)])
    weekdays = TickField(
        _l("Weekdays"),
        [InputRequired(_l("Please tick at least one weekday."))],
        coerce=int,
        choices=[
            SelectChoice(0, _l("Mon")),
            SelectChoice(1, _l("Tue")),
            SelectChoice(2, _l("Wed")),
            SelectChoice(3, _l("Thu")),
            SelectChoice(4, _l("Fri")),
            SelectChoice(5, _l("Sat")),
            SelectChoice(6, _l("Sun")),
        ],
    )
    pattern = RadioField(
        _l("Shifts a day"),
        [InputRequired(_FILL_IN)],
        choices=[
            SelectChoice("3x8", _l("3 × 8 hours (0–8–16–24)")),
            SelectChoice("4x6", _l("4 × 6 hours (0–6–12–18–24)")),
            SelectChoice("2x12", _l("2 × 12 hours (8–20–8)")),
            SelectChoice("24x1", _l("24 × 1 hour")),
            SelectChoice("own", _l("own times")),
        ],
    )
    times = LineField(_l("Own times"), optional(500))
    capacity = IntegerField(_l("People a shift"), [InputRequired(_FILL_IN)])
    least = IntegerField(_l("Covered from"), [InputRequired(_FILL_IN)])
    skill = SelectField(_l("Skill needed"), coerce=int)
    overlap = IntegerField(_l("Hand-over"), [InputRequired(_FILL_IN)])
    staged = BooleanField(_l("Only half of the seats at once, the rest later"))
    held_back_until = MomentField(_l("The rest from"))
    post = LineField(_l("Post"), optional(MOST_POST_SIGNS))

    def sent(self) -> dict[str, Any]:
        """What the confirming form sends again, as (name, values)."""
        return {name: field.raw_data or [] for name, field in self._fields.items() if name != "csrf_token"}


for _place in MORE_POSTS:
    setattr(LayOutForm, f"post_{_place}", LineField(_l("Post"), optional(MOST_POST_SIGNS)))
    setattr(LayOutForm, f"capacity_{_place}", IntegerField(_l("People a shift"), [Optional()]))
    setattr(LayOutForm, f"least_{_place}", IntegerField(_l("Covered from"), [Optional()]))
    setattr(LayOutForm, f"skill_{_place}", SelectField(_l("Skill needed"), coerce=int))
