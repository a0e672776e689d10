"""Form fields that clean what is typed: one line or several, without control characters, in normal form C."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}


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
    kept = (sign for sign in value if unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn"))
    return unicodedata.normalize("NFC", "".join(sign for sign in kept if sign not in _INVISIBLE))


def needed(longest: int) -> list[Any]:
    """Validators of a text that must be given, with at most `longest` signs."""
    return [
        InputRequired(_l("Please fill this in.")),
        Length(min=1, message=_l("Please fill this in.")),
        Length(max=longest, message=_l("At most %(max)d signs.")),
    ]


def optional(longest: int) -> list[Any]:
    """Validators of a text that may be left out."""
    return [Length(max=longest, message=_l("At most %(max)d signs."))]


class LineField(StringField):
    """One line of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[clean_line], **kwargs)


class LongTextField(TextAreaField):
    """Several lines of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[clean_text], **kwargs)
