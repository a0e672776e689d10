"""Days and times of day as they stand in the cells of a sheet: real ones, Excel's numbers, or typed as people type.

ValueError for what is none; nothing is taken for the likeliest. Days without a year are the nearest ones to today.
"""

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from mobilizer import intake
from mobilizer.errors import Refused
from mobilizer.intake import Cell
from mobilizer.shifts.rules import DAY, minute_of

# Excel's day 0, for times; python-calamine reads 24:00 as the day after it, 1 January 1900.
_NO_DAY = dt.date(1899, 12, 31)
_SERIALS = range(30_000, 80_000)

_WEEKDAY = re.compile(
    r"\(?(?:周|星期|礼拜)[一二三四五六日天]\)?|\(?\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\)?[.,]?"
)
_MONTH_DAY = re.compile(r"(\d{1,2})[月/.-](\d{1,2})[日号]?")
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ?([a-z]{3,9})\.?(?:,? ?(\d{4}))?")
_NAMED_DAY = re.compile(r"([a-z]{3,9})\.? ?(\d{1,2})(?:st|nd|rd|th)?(?:,? ?(\d{4}))?")
_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_WHOLE_DAY = re.compile(r"\d{5}|\d{8}|\d{4}\D+\d{1,2}\D+\d{1,2}\D?.*|[〇○零一二三四五六七八九]{4}年.+月.+")

_NEXT_DAY = re.compile(r"次日|翌日|第二天|隔天|next ?day|\(\+1\)|\+1(?: ?d(?:ay)?)?$")
_DAY_THEN_TIME = re.compile(
    r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|\d{1,2}月\d{1,2}[日号]|\d{1,2}/\d{1,2})[ t]*(\d.*)"
)
_SECONDS = re.compile(r"(\d{1,2}:\d{2}):\d{2}(?:\.\d+)?")
_HALF = re.compile(r"(上午|早上|清晨|早晨|凌晨|下午|傍晚|晚上|夜里|中午|am|a\.m\.|pm|p\.m\.)")
_AFTERNOON = ("下午", "傍晚", "晚上", "夜里", "pm", "p.m.")


def day_of(cell: Cell, today: dt.date) -> dt.date | None:
    """The day in a cell, None if it is blank: what intake.date reads but for months alone, and without a year too:
    11月24日, 11/24 (the month first), Tue 24 Nov."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if int(cell) in _SERIALS or (cell == int(cell) and int(cell) >= 10_000_000):
            return intake.date(cell)
        raise ValueError(f"no day: {cell}")
    if not isinstance(cell, str):
        return intake.date(cell)
    text = unicodedata.normalize("NFKC", intake.text(cell)).lower()
    text = " ".join(_WEEKDAY.sub(" ", text).split())
    if not text:
        if intake.text(cell):
            raise ValueError(f"a weekday alone: {cell[:40]}")
        return None
    if found := _MONTH_DAY.fullmatch(text.replace(" ", "")):
        return _nearest(int(found[1]), int(found[2]), today)
    if found := _DAY_NAMED.fullmatch(text):
        return _named(found[2], found[1], found[3], today)
    if found := _NAMED_DAY.fullmatch(text):
        return _named(found[1], found[2], found[3], today)
    if not _WHOLE_DAY.fullmatch(text):
        raise ValueError(f"no day: {text[:40]}")
    return intake.date(text)


def _named(month: str, day: str, year: str | None, today: dt.date) -> dt.date:
    number = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(month) or name[:4] == month), 0)
    if not number:
        raise ValueError(f"no month: {month}")
    return dt.date(int(year), number, int(day)) if year else _nearest(number, int(day), today)


def _nearest(month: int, day: int, today: dt.date) -> dt.date:
    """That day of last year, this year or the next, whichever is nearest: in December 1月3日 is in January to come."""
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            found.append(dt.date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise ValueError(f"no such day: {month}-{day}")
    return min(found, key=lambda each: abs(each - today))


class Time(NamedTuple):
    """`minute` counts from midnight, beyond 24 * 60 into the next day. `day` is there where the cell has one;
    `next_day` says that the cell has the words."""

    minute: int
    day: dt.date | None = None
    next_day: bool = False


def time_of(cell: Cell, today: dt.date) -> Time | None:
    """The time of day in a cell, None if it is blank: 8:00, 0.3333 as Excel has it, 24:00, 次日8点, 8:00 PM, a whole
    hour as a number, or a moment with its day. Refused, in words, where it goes beyond 24:00."""
    if isinstance(cell, bool):
        raise ValueError(f"no time: {cell}")
    if isinstance(cell, dt.datetime):
        return _at(cell.date(), _minutes(cell.time()))
    if isinstance(cell, dt.date):
        return _at(cell, 0)
    if isinstance(cell, dt.time):
        return Time(_minutes(cell))
    if isinstance(cell, dt.timedelta):
        return Time(_bounded(round(cell.total_seconds() / 60)))
    if isinstance(cell, int | float):
        return _from_number(cell)
    return _from_text(unicodedata.normalize("NFKC", intake.text(cell)).lower(), today)


def _at(day: dt.date, minute: int) -> Time:
    if day.year <= _NO_DAY.year + 1:
        return Time(_bounded((day - _NO_DAY).days * DAY + minute))
    return Time(minute, day)


def _minutes(value: dt.time) -> int:
    return round((value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 60)


def _bounded(minute: int) -> int:
    if not 0 <= minute <= 2 * DAY:
        raise ValueError(f"no time: {minute} minutes")
    return minute


def _from_number(value: int | float) -> Time:
    """Below 1 a part of the day; a whole number to 24 an hour; a serial number a moment."""
    if 0 < value < 1:
        return Time(round(value * DAY))
    if value == int(value) and 0 <= value <= 24:
        return Time(int(value) * 60)
    if int(value) in _SERIALS:
        return Time(round(value % 1 * DAY), intake.date(int(value)))
    raise ValueError(f"no time: {value}")


def _from_text(text: str, today: dt.date) -> Time | None:
    if not text:
        return None
    day = None
    if found := _DAY_THEN_TIME.fullmatch(text):
        day, text = day_of(found[1], today), found[2]
    rest = _NEXT_DAY.sub("", text)
    next_day = rest != text
    half = _HALF.search(rest)
    clock = _SECONDS.sub(r"\1", _HALF.sub("", rest).strip(" ()"))
    if re.fullmatch(r"0\.\d{3,}", clock):
        return Time(round(float(clock) * DAY), day, next_day)
    try:
        minute = minute_of(clock) if clock or half is None or half[1] != "中午" else 12 * 60
    except Refused as refusal:
        if refusal.code == "time-beyond":
            raise
        raise ValueError(f"no time: {text[:40]}") from refusal
    return Time(_halved(minute, half[1]) if half else minute, day, next_day)


def _halved(minute: int, half: str) -> int:
    """上午8点 as it stands, 下午2点 is 14:00, 12 a.m. is midnight, 晚上12点 the day's end; 中午 is around noon."""
    if half in ("晚上", "夜里") and 720 <= minute < 780:
        return minute + 720
    if half in _AFTERNOON or (half == "中午" and minute < 3 * 60):
        return minute + 720 if minute < 720 else minute
    if half in ("am", "a.m.", "凌晨") and 720 <= minute < 780:
        return minute - 720
    return minute
