"""Which entries are looked at, and what is asked of one."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from mobilizer.inputs import DayField, LongTextField, needed


class PeriodForm(FlaskForm):
    class Meta:
        csrf = False  # it only reads

    from_day = DayField(_l("From"), name="from")
    to_day = DayField(_l("To"), name="to")
    unit = SelectField(_l("Unit, with all below it"), validate_choice=False)


class QuestionForm(FlaskForm):
    note = LongTextField(_l("What do you ask about it?"), needed(500))
    back = HiddenField()
