"""What is asked to find members, and to appoint one."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, SearchField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from mobilizer.inputs import clean_line
from mobilizer.terms import LABELS, Role


class SearchForm(Form):
    """Sent by GET: without a token."""

    q = SearchField(_l("Name, pinyin, initials, phone, branch or skill"), filters=[clean_line])
    unit = SelectField(_l("Unit"), validate_choice=False)
    standing = SelectField(_l("Standing"), validate_choice=False)


class AppointForm(FlaskForm):
    role = SelectField(
        _l("Role"),
        [InputRequired(_l("Please choose one."))],
        choices=[SelectChoice(str(role), _l(LABELS[role])) for role in Role],
    )
    unit = SelectField(_l("Over the unit"))
    branch = SelectField(_l("Or in the branch"))
