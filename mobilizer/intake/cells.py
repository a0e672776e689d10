"""What stands in one cell, read as text, as digits or as a day."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta

EARLIEST, LATEST = 1900, 2100
# Excel counts days from here, once its 29 February 1900 that never was is passed.
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Separators inside a word are left to NFC; only what nobody can see goes.
_UNSEEN = {"Cc", "Cf", "Cs"}


def text(cell: Cell) -> str:
    """The cell as a person reads it: NFC, one space for any white space, nothing invisible.

    19900000096.0 is "19900000096"; a midnight is its day; rare characters stay as they are.
    """
    if isinstance(cell, str):
        return _tidy(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        # Beyond 2**53 a double no longer says which whole number was meant.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return str(cell)


def _tidy(value: str) -> str:
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip(" ")
    value = "".join(c for c in value if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFC", " ".join(value.split()))


def digits(cell: Cell) -> str:
    """`text` with full-width digits and signs (１９９－００) as half-width ones."""
    return text(cell).translate(_FULL_WIDTH)


def date(cell: Cell) -> dt.date | None:
    """The day in a cell, None if it is blank; a month alone is its first day.

    Reads real dates, Excel's serial numbers, 2007-03-01 with any usual separator, 20070301,
    2007年3月1日, 2007年3月, 1994.02, 二〇〇七年三月一日, full-width digits, a time of day behind it.
    ValueError for everything else: no such day, a year alone, before 1900 or after 2100, the day
    before the year, and 1994.1, which a spreadsheet also makes of 1994.10.
    """
    if isinstance(cell, dt.datetime):
        return _bounded(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.date):
        return _bounded(cell.year, cell.month, cell.day)
    if isinstance(cell, bool | dt.time | dt.timedelta):
        raise ValueError(f"no day: {cell!r}")
    if isinstance(cell, str):
        value = _joined(digits(cell))
        return _from_text(value) if value else None
    return _from_number(cell)


def _bounded(year: int, month: int, day: int) -> dt.date:
    if not EARLIEST <= year <= LATEST:
        raise ValueError(f"absurd year: {year}")
    return dt.date(year, month, day)


def _from_number(value: int | float) -> dt.date:
    """Whole numbers are 20070301, 200703 or a serial; 1994.02 is a month that was typed with a point."""
    if not 0 < value < 10**9:  # NaN is not, either
        raise ValueError(f"no day: {value}")
    if EARLIEST <= value < LATEST + 1:
        # A year alone, or a month with a point: as a serial these would all be days of 1905.
        return _from_text(repr(float(value)).removesuffix(".0"))
    if value >= 10**5:
        return _from_text(str(int(value)) if float(value).is_integer() else repr(value))
    return _serial(int(value))


def _serial(days: int) -> dt.date:
    if days <= LATEST + 1:
        raise ValueError(f"no day: {days}")
    found = EXCEL_DAY_ZERO + dt.timedelta(days=days)
    return _bounded(found.year, found.month, found.day)


_SEPARATOR = r"[-/.\\,、年]"
_TIME = r"(?:(?:[ T]|(?<=日))\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
_DAY = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}})[-/.\\,、月](\d{{1,2}})[日号]?{_TIME}", re.ASCII)
_MONTH = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}})(月)?份?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
_SERIAL = re.compile(r"\d{5}", re.ASCII)
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_DIGIT = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
_DASHES = str.maketrans("‐‑‒–—−。·", "------..")


def _joined(value: str) -> str:
    """One kind of dash, and no space around what separates year, month and day."""
    return re.sub(r"\s*([-/.\\,、年月日])\s*", r"\1", value.translate(_DASHES))


def _from_text(value: str) -> dt.date:
    if found := _DAY.fullmatch(value):
        return _bounded(int(found[1]), int(found[2]), int(found[3]))
    if found := _MONTH.fullmatch(value):
        if found[2] == "1" and not found[3] and value[4] in ".,":
            raise ValueError(f"January or October: {value}")
        return _bounded(int(found[1]), int(found[2]), 1)
    if found := _COMPACT.fullmatch(value):
        return _bounded(int(found[1]), int(found[2]), int(found[3] or 1))
    if _SERIAL.fullmatch(value):
        return _serial(int(value))
    if found := _CHINESE.fullmatch(value):
        year = int("".join(str(_DIGIT[c]) for c in found[1]))
        return _bounded(year, _below_hundred(found[2]), _below_hundred(found[3]))
    raise ValueError(f"no day: {value[:40]}")


def _below_hundred(value: str) -> int:
    """十二 is 12, 二十 is 20, 三十一 is 31; ValueError for what nobody writes, such as 一二."""
    tens, ten, ones = value.rpartition("十")
    if not ten:
        tens = "〇"
    if len(tens) > 1 or len(ones) > 1:
        raise ValueError(f"no number: {value}")
    return (_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0)
