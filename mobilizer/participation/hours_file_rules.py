"""The hours file that a provincial volunteer system takes as upload. Which columns it wants is configuration: a TOML file, read and
judged here."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import date
from typing import Any

from mobilizer.errors import N_, Refused

FIELDS: dict[str, tuple[str, ...]] = {
    "member": (),
    "phone": ("plain", "international", "masked"),
    "home_branch": (),
    "standing": (),
    "branch": (),
    "operation": (),
    "checkpoint": (),
    "unit": (),
    "unit_code": (),
    "category": (),
    "entry": (),
    "day": ("date",),
    "from": ("date", "time"),
    "to": ("date", "time"),
    "minutes": ("hours", "minutes"),
    "break_minutes": ("minutes", "hours"),
}
"""What a column may hold, and as what; the first is what it is unless it says otherwise. `entry`: district and position of the entry
in the ledger, as 320507-12, which no two of them share."""
PATTERNS = ("date", "time")
CODED = ("category", "standing")
"""Fields whose codes `words` may translate into those of the system."""
ENCODINGS = ("utf-8-sig", "utf-8", "gb18030")
_KEYS = {"format", "encoding", "delimiter", "title", "column"}
_COLUMN_KEYS = {"heading", "field", "value", "as", "pattern", "places", "words"}


@dataclass(frozen=True, slots=True)
class FileColumn:
    """Holds `field` as `shown` (`pattern` as strftime has it; `places` decimals of hours), or the same `value` in each row. `words`:
    what a code is called there."""

    heading: str
    field: str = ""
    value: str = ""
    shown: str = ""
    pattern: str = ""
    places: int = 1
    words: Mapping[str, str] = made_by(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HoursFile:
    columns: tuple[FileColumn, ...]
    format: str = "csv"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    title: str = ""

    @property
    def phones_in_full(self) -> bool:
        return any(column.field == "phone" and column.shown != "masked" for column in self.columns)


def read(text: str) -> HoursFile:
    """Raises Refused with what is wrong and where, for whoever keeps the file."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(N_("It is no TOML: %(what)s"), what=str(error)) from error
    _known(said, _KEYS, N_("“%(what)s” means nothing here."))
    columns = said.get("column")
    if not isinstance(columns, list) or not columns:
        raise _wrong(N_("It has no [[column]]."))
    made = HoursFile(
        columns=tuple(_column(number, each) for number, each in enumerate(columns, 1)),
        format=_one_of(said.get("format", "csv"), ("csv", "xlsx"), "format"),
        encoding=_one_of(said.get("encoding", "utf-8-sig"), ENCODINGS, "encoding"),
        delimiter=_one_of(said.get("delimiter", ","), (",", ";", "\t"), "delimiter"),
        title=str(said.get("title", "")),
    )
    headings = [column.heading for column in made.columns]
    if twice := next((each for each in headings if headings.count(each) > 1), None):
        raise _wrong(N_("Two columns are called “%(what)s”."), what=twice)
    return made


def _column(number: int, said: Any) -> FileColumn:
    if not isinstance(said, dict) or not isinstance(said.get("heading"), str) or not said["heading"].strip():
        raise _wrong(N_("Column %(number)s has no heading."), number=number)
    heading = said["heading"]
    _known(said, _COLUMN_KEYS, N_("Column “%(heading)s”: “%(what)s” means nothing here."), heading=heading)
    if ("field" in said) == ("value" in said):
        raise _wrong(N_("Column “%(heading)s” needs a field or a value, and not both."), heading=heading)
    if "value" in said:
        return FileColumn(heading, value=str(said["value"]))
    return _of_field(heading, said)


def _of_field(heading: str, said: dict[str, Any]) -> FileColumn:
    name = _one_of(said["field"], tuple(FIELDS), "field", heading)
    ways = FIELDS[name]
    shown = _one_of(said.get("as", ways[0]), ways, "as", heading) if ways else ""
    if not ways and "as" in said:
        raise _wrong(N_("Column “%(heading)s”: “%(what)s” means nothing here."), heading=heading, what="as")
    words = said.get("words", {})
    if not isinstance(words, dict) or (words and name not in CODED):
        raise _wrong(
            N_("Column “%(heading)s”: “%(what)s” means nothing here."), heading=heading, what="words"
        )
    places = said.get("places", 1)
    if not isinstance(places, int) or not 0 <= places <= 4:
        raise _wrong(N_("Column “%(heading)s”: places are 0 to 4."), heading=heading)
    default = "%H:%M" if shown == "time" else "%Y-%m-%d" if shown == "date" else ""
    return FileColumn(
        heading=heading,
        field=name,
        shown=shown,
        pattern=_pattern(str(said.get("pattern", default)), heading),
        places=places,
        words={str(code): str(word) for code, word in words.items()},
    )


def _pattern(pattern: str, heading: str) -> str:
    if pattern and not date(2026, 11, 24).strftime(pattern).isprintable():
        raise _wrong(N_("Column “%(heading)s”: the pattern writes no day."), heading=heading)
    return pattern


def _one_of(value: Any, allowed: Sequence[str], what: str, heading: str = "") -> str:
    if value not in allowed:
        listed = ", ".join(repr(each) for each in allowed)
        if heading:
            raise _wrong(
                N_("Column “%(heading)s”: %(what)s is one of %(listed)s."),
                heading=heading,
                what=what,
                listed=listed,
            )
        raise _wrong(N_("%(what)s is one of %(listed)s."), what=what, listed=listed)
    return str(value)


def _known(said: Mapping[str, Any], keys: set[str], message: str, **more: str) -> None:
    if unknown := sorted(set(said) - keys):
        raise _wrong(message, what=unknown[0], **more)


def _wrong(message: str, **values: Any) -> Refused:
    return Refused("hours-file-wrong", message, status=500, **values)
