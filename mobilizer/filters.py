"""How a moment, a number or a phone is written for a person. The last step before the page.

Datetimes come in timezone-aware (UTC in the database) and are shown on the wall clock of the place (Flask-Babel's
time zone), in the reader's language. Nothing here knows what the moment or the number belongs to. The functions
read Flask-Babel and so need an application context; `now` is always handed in.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_timezone
from flask_babel import gettext as _
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from mobilizer import clock, languages

_DAY = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
_DAY_WITH_YEAR = {"zh": "y年M月d日 EEE", "en": "EEE d MMM y"}
_SHORT_DAY = {"zh": "M月d日", "en": "EEE d MMM"}
_MOST_DRAWN = 4096
_DRAWN: dict[tuple[object, ...], Markup] = {}


def day(value: date | datetime, now: datetime) -> str:
    """11月24日 周二 / Tue 24 Nov; the year is added where it is not the year of `now`. A plain date is local already."""
    which = _local_date(value)
    patterns = _DAY if which.year == _local_date(now).year else _DAY_WITH_YEAR
    return _formatted(which, patterns)


def relative_day(value: date | datetime, now: datetime) -> str:
    """Yesterday, today or tomorrow in a word, every other day as `day` writes it."""
    which = _local_date(value)
    distance = (which - _local_date(now)).days
    words = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    return words.get(distance) or day(which, now)


def clock_time(value: datetime) -> str:
    """08:00, on the 24-hour clock in both languages."""
    return _clock(_local(value))


def time_range(start: datetime, end: datetime) -> str:
    """08:00–16:00. Across midnight it says the day it ends: 20:00–次日 08:00（11月25日） / 20:00–08:00 (Wed 25 Nov).

    Midnight itself, as an end, is 24:00 of the day before.
    """
    first, last = _local(start), _local(end)
    closing, last_day = _clock(last), last.date()
    if closing == "00:00" and last > first:
        closing, last_day = "24:00", last_day - timedelta(days=1)
    opening, days = _clock(first), (last_day - first.date()).days
    if days == 0:
        return f"{opening}–{closing}"
    if _language() == "zh":
        next_day = "次日 " if days == 1 else ""
        return f"{opening}–{next_day}{closing}（{_formatted(last_day, _SHORT_DAY)}）"
    return f"{opening}–{closing} ({_formatted(last_day, _SHORT_DAY)})"


def moment(value: datetime, now: datetime) -> str:
    """Day and time: 11月24日 周二 08:00 / Tue 24 Nov, 08:00."""
    between = " " if _language() == "zh" else ", "
    return day(value, now) + between + clock_time(value)


def hours(minutes: int) -> str:
    """Minutes as hours to one decimal, rounded half up and only here, where they are shown: 8.0, 104,000.0."""
    rounded = (Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return format_decimal(rounded, format="#,##0.0", locale=_locale())


def number(value: int | float | Decimal) -> str:
    """A number with the thousands separators of the reader's language; its decimals are left as they are."""
    return format_decimal(value, locale=_locale(), decimal_quantization=False)


def file_size(value: int) -> str:
    """Bytes as people read them: 900 B, 14 kB, 3.2 MB."""
    if value < 1000:
        return f"{value} B"
    return f"{number(round(value / 1000))} kB" if value < 999_500 else f"{number(round(value / 1e6, 1))} MB"


def phone(value: str | None) -> str:
    """An E.164 number as it is read aloud: 199 0000 0001, 0512 6575 1234, +65 6521 8000. Nothing for none."""
    if not value:
        return ""
    if _is_chinese_mobile(value):
        digits = value[3:]
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    try:
        parsed = phonenumbers.parse(value, "CN")
    except phonenumbers.NumberParseException:
        return value
    styles = phonenumbers.PhoneNumberFormat
    style = styles.NATIONAL if parsed.country_code == 86 else styles.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def masked_phone(value: str | None) -> str:
    """199****0001: enough to recognise a number that one knows, too little to call one that one does not."""
    if not value:
        return ""
    digits = "".join(sign for sign in phone(value) if sign.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 8 else f"****{digits[-2:]}"


def phone_or_masked(value: str | None, may_call: object) -> Markup:
    """A number to tap for whoever may see it, else masked: the one way in which a phone number stands on a page."""
    if not value:
        return Markup()
    if not may_call:
        return escape(masked_phone(value))
    return Markup('<a class="phone" href="tel:{}">{}</a>').format(value, phone(value))


def with_phones(text: str | None, may_call: object) -> Markup:
    """A text that people wrote, each phone number in it to tap or masked, as `phone_or_masked` has it."""
    text, parts, end = text or "", [], 0
    for found in phonenumbers.PhoneNumberMatcher(text, "CN", phonenumbers.Leniency.VALID):
        number = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
        start = found.start + (found.raw_string[0] in "(（" and not set(")）") & set(found.raw_string))
        parts += [escape(text[end:start]), phone_or_masked(number, may_call)]
        end = found.end
    return Markup().join([*parts, escape(text[end:])])


def drawn_once(macro: Macro, *values: object) -> Markup:
    """What `macro` makes of `values`, remembered for each language: for macros that depend on nothing else.

    A list of a hundred rows repeats the same few times, states and figures; so a page of them stays cheap. The
    values must be hashable, the macro's name its own, and its template imported without context.
    """
    key = (macro.name, _language(), *values)
    drawn = _DRAWN.get(key)
    if drawn is None:
        if len(_DRAWN) >= _MOST_DRAWN:
            _DRAWN.clear()
        drawn = _DRAWN[key] = Markup(macro(*values))  # noqa: S704  (escaped already)
    return drawn


def once(draw: Callable[..., object]) -> Callable[..., object]:
    """`draw`, remembering within one page what it made of the same values: a long list repeats the same few."""
    drawn: dict[tuple[object, ...], object] = {}

    def remembered(*values: object) -> object:
        if values not in drawn:
            drawn[values] = draw(*values)
        return drawn[values]

    return remembered


def register(app: Flask, now: Callable[[], datetime] | None = None) -> None:
    """Make every function above a template filter of its own name, measured from `now`, else from the wall clock."""

    def present() -> datetime:
        return now() if now else clock.now()

    for plain in (
        clock_time,
        time_range,
        hours,
        number,
        file_size,
        phone,
        masked_phone,
        phone_or_masked,
        with_phones,
    ):
        app.add_template_filter(plain, plain.__name__)
    for function in (drawn_once, once, time_range):
        app.add_template_global(function, function.__name__)
    app.add_template_filter(lambda value: day(value, present()), "day")
    app.add_template_filter(lambda value: relative_day(value, present()), "relative_day")
    app.add_template_filter(lambda value: moment(value, present()), "moment")


def _locale() -> Locale:
    return languages.locale_of(languages.current())


def _language() -> str:
    return "en" if languages.current() == "en" else "zh"


def _formatted(which: date, patterns: dict[str, str]) -> str:
    return _written(which, patterns[_language()], languages.current())


@lru_cache(maxsize=1000)
def _written(which: date, pattern: str, code: str) -> str:
    """Pages name the same few days over and over."""
    return str(format_date(which, pattern, locale=languages.locale_of(code)))


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return value.astimezone(get_timezone())


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"  # thrice as fast as strftime, and lists are full of times


def _local_date(value: date | datetime) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def _is_chinese_mobile(value: str) -> bool:
    return len(value) == 14 and value.startswith("+861") and value[1:].isdigit()
