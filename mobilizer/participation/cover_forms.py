"""Of what the pictures are: a unit and its days."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from mobilizer.inputs import DayField


class CoverForm(FlaskForm):
    class Meta:
        csrf = False  # it only reads

    from_day = DayField(_l("From"), name="from")
    to_day = DayField(_l("To"), name="to")
    unit = SelectField(_l("Unit, with all below it"), validate_choice=False)
