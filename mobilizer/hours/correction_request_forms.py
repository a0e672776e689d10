"""What a member says is wrong, and the answer."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from mobilizer.inputs import LongTextField, needed


class AskForm(FlaskForm):
    """`record` and `certificate` are the numbers of what it is about; both empty: what the roster says."""

    words = LongTextField(_l("What is wrong, and what would be right?"), needed(1000))
    record = HiddenField()
    certificate = HiddenField()


class AnswerForm(FlaskForm):
    answer = LongTextField(_l("Your answer"), needed(500))
