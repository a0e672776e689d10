"""A branch's limits and times, as they are typed. The bounds are the database's."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, NumberRange, Optional

from mobilizer.branches.limits import Limits
from mobilizer.inputs import WholeNumber


def _between(low: int, high: int) -> NumberRange:
    return NumberRange(low, high, _l("From %(min)s to %(max)s."))


_FILL_IN = InputRequired(_l("Please fill this in."))


class LimitsForm(FlaskForm):
    rest_hours = WholeNumber(_l("Rest between two shifts"), [_FILL_IN, _between(0, 48)])
    day_hours = WholeNumber(_l("At most a day"), [_FILL_IN, _between(1, 24)])
    week_hours = WholeNumber(_l("At most a week"), [Optional(), _between(1, 168)])
    nights_in_row = WholeNumber(_l("Nights in a row, at most"), [Optional(), _between(1, 31)])
    cut_off_minutes = WholeNumber(_l("Give back until"), [_FILL_IN, _between(0, 10080)])
    offer_minutes = WholeNumber(_l("A seat is held for whoever is asked"), [_FILL_IN, _between(1, 10080)])
    answer_minutes = WholeNumber(_l("Whoever moves up from the waiting list"), [_FILL_IN, _between(1, 1440)])
    late_answer_minutes = WholeNumber(
        _l("In the last two hours before the shift"), [_FILL_IN, _between(1, 1440)]
    )

    @property
    def limits(self) -> Limits:
        return Limits(**{name: self[name].data for name in Limits._fields})
