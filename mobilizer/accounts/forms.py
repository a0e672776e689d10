"""What is typed to log in, and to change a password."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField, TelField
from wtforms.validators import EqualTo, InputRequired, Length

from mobilizer.inputs import clean_line

LONGEST_CREDENTIAL = 20_000


class LogInForm(FlaskForm):
    phone = TelField(
        _l("Phone number"),
        [InputRequired(_l("Please enter your phone number.")), Length(max=40)],
        filters=[clean_line],
        render_kw={"autocomplete": "username", "inputmode": "tel"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Please enter your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    kept = BooleanField(_l("Stay logged in on this device"), id="stay")
    next = HiddenField()


class PasswordForm(FlaskForm):
    current = PasswordField(
        _l("Current password"),
        [InputRequired(_l("Please enter your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("New password, 8 characters or more"),
        [InputRequired(_l("Please enter a new password.")), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password, once more"),
        [EqualTo("password", _l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class PasskeyForm(FlaskForm):
    """`credential` is what the authenticator answered, as JSON; a script fills it in."""

    name = StringField(
        _l("Name of the passkey, such as “my phone”"),
        [Length(max=80)],
        filters=[clean_line],
        render_kw={"autocomplete": "off"},
    )
    credential = HiddenField(validators=[Length(max=LONGEST_CREDENTIAL)])
    next = HiddenField()
