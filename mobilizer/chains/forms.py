"""The text that is pasted, and the day that lines without one mean."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from mobilizer.chains.reading import LONGEST_TEXT
from mobilizer.inputs import LongTextField, needed


class PasteForm(FlaskForm):
    """The view sets the days to choose from: those on which the call has shifts."""

    text = LongTextField(_l("The chain's text"), needed(LONGEST_TEXT))
    day = SelectField(_l("Lines that name no day mean"))
