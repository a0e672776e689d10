"""What is typed to enter a call by its link: two fields."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TelField
from wtforms.validators import InputRequired, Length

from mobilizer.inputs import LineField, clean_line, needed
from mobilizer.members.rules import LONGEST_NAME


class JoinForm(FlaskForm):
    name = LineField(
        _l("Your name"),
        needed(LONGEST_NAME),
        render_kw={"autocomplete": "name", "maxlength": LONGEST_NAME},
    )
    phone = TelField(
        _l("Phone number"),
        [InputRequired(_l("Please enter your phone number.")), Length(max=40)],
        filters=[clean_line],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    shift = HiddenField()
