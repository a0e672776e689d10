"""What is typed to write a call."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from mobilizer.calls.rules import LONGEST_TEXT, LONGEST_TITLE
from mobilizer.inputs import LineField, LongTextField, MomentField, needed, optional
from mobilizer.terms import LABELS, ServiceCategory


class CallForm(FlaskForm):
    """`audience` is "branch" or "unit:CODE"; its choices are the reader's and are set by the view."""

    title = LineField(_l("Title"), needed(LONGEST_TITLE))
    content = LongTextField(_l("What there is to do"), optional(LONGEST_TEXT))
    risks = LongTextField(_l("Risks"), optional(LONGEST_TEXT))
    kit = LongTextField(_l("What to bring, what is handed out"), optional(LONGEST_TEXT))
    category = SelectField(
        _l("Service"), choices=[SelectChoice(each.value, _l(LABELS[each])) for each in ServiceCategory]
    )
    audience = SelectField(_l("Addressed to"))
    opens_at = MomentField(_l("Sign-up opens"), [InputRequired(_l("Please fill this in."))])
    closes_at = MomentField(_l("Sign-up closes"), [InputRequired(_l("Please fill this in."))])
    quick_join = BooleanField(_l("Whoever has the link may join with name and phone number"))
    dangerous = BooleanField(_l("The work is dangerous"))
    insured = BooleanField(_l("Insurance is taken out for everyone who comes"))
