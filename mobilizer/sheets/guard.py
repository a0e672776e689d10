"""A cell that begins with = + - or @ is a formula to whatever opens a CSV, and a formula can fetch, send and start things. In
CSV such a text gets an apostrophe before it, which spreadsheets take as "this is text" and `unguarded` takes away again; in
XLSX a text is always written as a text.
"""

import re

# Behind apostrophes as well: what looks guarded is guarded once more, so that it is read back as it was.
_TRIGGER = re.compile(r"['\s\x00-\x1f\ufeff\u200b]*[=+\-@＝＋－＠]|'*[\t\r]")
_GUARDED = re.compile(rf"'(?={_TRIGGER.pattern})")
# A phone number: nothing but digits behind the plus, so as a formula it is that number and no more.
_PHONE = re.compile(r"\+[0-9][0-9 ]{5,18}")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def guarded(value: str) -> str:
    """A text as it may stand in a CSV: with an apostrophe before it if it would be taken for a formula."""
    return "'" + value if _TRIGGER.match(value) and not _PHONE.fullmatch(value) else value


def unguarded(value: str) -> str:
    """The text that `guarded` was given."""
    return value[1:] if _GUARDED.match(value) else value


def legal(value: str) -> str:
    """Without the signs that no sheet can carry."""
    return _ILLEGAL.sub("", value)
