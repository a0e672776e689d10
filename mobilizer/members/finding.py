"""The one way of looking for people: by the signs of a name, its pinyin with or without spaces, initials, or a part of the
phone number. Every word that is typed must be found."""

import unicodedata

from sqlalchemy import ColumnElement, func

from mobilizer.model import Member

MOST_WORDS = 8


def words(text: str) -> list[str]:
    """What is looked for: in lower case, full-width letters and digits as plain ones, at most eight words."""
    return unicodedata.normalize("NFKC", text).lower().split()[:MOST_WORDS]


def says(word: str, *, by_phone: bool = True) -> ColumnElement[bool]:
    """Whether a member's name, pinyin, initials or phone hold this word. Without `by_phone` the number is not looked at,
    so that nobody finds it out digit by digit who may not see it."""
    searched = Member.search if by_phone else func.replace(Member.search, Member.phone, "")
    found: ColumnElement[bool] = searched.contains(word, autoescape=True)
    return found
