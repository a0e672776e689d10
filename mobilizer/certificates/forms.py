"""What is typed to issue, print and revoke a certificate."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from mobilizer.certificates.rules import DOCUMENTS, Document, Order, is_identity_number
from mobilizer.inputs import DayField, LineField, needed, optional
from mobilizer.languages import LANGUAGES


class PeriodForm(FlaskForm):
    """Which service is looked at, before anything is issued."""

    class Meta:
        csrf = False  # it only reads

    from_day = DayField(_l("From (leave empty for the first service)"), name="from")
    to_day = DayField(_l("Until and including"), [InputRequired(_l("Please fill this in."))], name="until")


def _kept(_form: FlaskForm, field: Field) -> None:
    """A validator of what is kept: no resident's number, which a hand may well put where another number is asked for."""
    if is_identity_number(field.data or ""):
        raise ValidationError(
            _(
                "This is an identity card's number. It is typed when the certificate is printed, and kept nowhere."
            )
        )


class IssueAllForm(FlaskForm):
    """The period as it was looked at, who stands behind the certificates, and in which language they are."""

    from_day = DayField(widget=HiddenInput())
    to_day = DayField(validators=[InputRequired()], widget=HiddenInput())
    language = RadioField(
        _l("Language of the certificate"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )
    person_in_charge = LineField(_l("Person in charge"), [*needed(50), _kept])
    handler = LineField(_l("Handled by"), [*needed(50), _kept])
    contact = LineField(_l("Contact (a phone number that answers)"), [*needed(80), _kept])

    @property
    def order(self) -> Order:
        """What a valid form asks for."""
        return Order(
            self.from_day.data,
            self.to_day.data,
            self.language.data,
            self.person_in_charge.data or "",
            self.handler.data or "",
            self.contact.data or "",
        )


class IssueForm(IssueAllForm):
    """One member's. `seen`: the checksum of what was counted when it was looked at."""

    seen = HiddenField(validators=[Length(max=64)])
    volunteer_number = LineField(_l("Volunteer number"), [*optional(40), _kept])


class PaperForm(FlaskForm):
    """The identity document: printed, and kept nowhere."""

    document = SelectField(
        _l("Identity document"), choices=[SelectChoice(each.value, _l(DOCUMENTS[each])) for each in Document]
    )
    document_number = LineField(_l("Its number (leave empty to write it by hand)"), optional(40))


class RevokeForm(FlaskForm):
    reason = LineField(_l("Why is it revoked?"), needed(500))
