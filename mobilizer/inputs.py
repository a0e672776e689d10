"""Form fields that clean what is typed: one line or several, without control characters, in normal form C;
boxes to tick; days and moments on the wall clock of the place."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, DateInput, DateTimeLocalInput, ListWidget

MOST_TICKED = 2000

# Control signs, halves of signs, and what is not seen: zero-width signs, and those that turn the direction of writing,
# with which a title could be made to read as another.
_UNSEEN = ("Cc", "Cs", "Cf")


def clean_line(value: str | None) -> str | None:
    """One line: no control or invisible characters, white space folded, NFC."""
    if value is None:
        return None
    return " ".join(_without_controls(value.replace("\n", " ").replace("\r", " ").replace("\t", " ")).split())


def clean_text(value: str | None) -> str | None:
    """Several lines: line ends as \\n, no other control characters, NFC, nothing around it."""
    if value is None:
        return None
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_without_controls(line.replace("\t", " ")).rstrip() for line in lines).strip()


def _without_controls(value: str) -> str:
    kept = (sign for sign in value if unicodedata.category(sign) not in _UNSEEN)
    return unicodedata.normalize("NFC", "".join(kept))


def needed(longest: int) -> list[Any]:
    """Validators of a text that must be given, with at most `longest` signs."""
    return [
        InputRequired(_l("Please fill this in.")),
        Length(min=1, message=_l("Please fill this in.")),
        Length(max=longest, message=_l("At most %(max)d characters.")),
    ]


def optional(longest: int) -> list[Any]:
    """Validators of a text that may be left out."""
    return [Length(max=longest, message=_l("At most %(max)d characters."))]


class LineField(StringField):
    """One line of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[clean_line], **kwargs)


class LongTextField(TextAreaField):
    """Several lines of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[clean_text], **kwargs)


class WholeNumber(IntegerField):
    """An IntegerField that says in the reader's words what is wrong with what is no number."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Please write a whole number.")) from None


class TickField(SelectMultipleField):
    """Boxes to tick, several at once; more than MOST_TICKED are refused before anybody looks them up."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: Any

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        said = kwargs.pop("invalid_choice_message", lambda _count: _("Please choose one of the list."))
        super().__init__(label, validators, invalid_choice_message=said, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = []
        if len(valuelist) > MOST_TICKED:
            raise ValueError(_("At most %(most)s at once. Please do it in several steps.", most=MOST_TICKED))
        super().process_formdata(valuelist)


def local_zone() -> ZoneInfo:
    """The wall clock of the place (the setting TIMEZONE)."""
    return ZoneInfo(current_app.config["TIMEZONE"])


class DayField(Field):
    """A day: a date, or an error in words where there is no such day."""

    widget = DateInput()
    data: Any

    def _value(self) -> str:
        typed = self.raw_data[0] if self.raw_data else None
        return str(typed) if typed is not None else self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = date.fromisoformat(unicodedata.normalize("NFKC", valuelist[0]).strip())
            except ValueError:
                raise ValueError(_("There is no such day. Write it such as 2026-11-24.")) from None


class MomentField(Field):
    """A moment typed as local time and kept as UTC, or an error in words where there is no such time."""

    widget = DateTimeLocalInput()
    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        local: datetime = self.data.astimezone(local_zone())
        return local.strftime("%Y-%m-%dT%H:%M")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                typed = datetime.fromisoformat(unicodedata.normalize("NFKC", valuelist[0]).strip())
                if typed.tzinfo is not None or not 2000 <= typed.year < 2200:
                    raise ValueError
                self.data = typed.replace(tzinfo=local_zone()).astimezone(UTC)
            except ValueError:
                raise ValueError(_("There is no such time. Write it such as 2026-11-24 08:00.")) from None
