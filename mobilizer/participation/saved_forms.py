"""A name for a question, and whether its days stay or move."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField
from wtforms.validators import AnyOf

from mobilizer.inputs import LineField, needed
from mobilizer.participation.period_rules import MOVING_LABELS, Moving

LONGEST_NAME = 80


class NameForm(FlaskForm):
    name = LineField(_l("Name of the report"), needed(LONGEST_NAME))


class SaveForm(NameForm):
    days = SelectField(
        _l("Which days"),
        [AnyOf(["", *Moving], _l("Please choose one of the list."))],
        default="",
        validate_choice=False,
    )

    def offer(self) -> None:
        """The days as they were asked for, or days that move with the calendar."""
        moving = [SelectChoice(str(each), _(label)) for each, label in MOVING_LABELS.items()]
        self.days.choices = [SelectChoice("", _("always the days above")), *moving]

    @property
    def moving(self) -> Moving | None:
        return Moving(self.days.data) if self.days.data else None
