"""What is typed on the page that a link opens."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length


class ActivateForm(FlaskForm):
    password = PasswordField(
        _l("Choose a password, 8 characters or more"),
        [InputRequired(_l("Please enter a password.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )
    kept = BooleanField(_l("Stay logged in on this device"), id="stay")
    next = HiddenField()
