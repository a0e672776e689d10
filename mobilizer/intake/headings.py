"""Which row is the header, which column is which field, and which rows below are data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from mobilizer.errors import N_, Refused
from mobilizer.intake.cells import Cell, digits, text
from mobilizer.intake.footers import is_footer
from mobilizer.intake.matching import Field, keys, loosely, matches
from mobilizer.intake.sheet import Row, Sheet, column_index, column_letter

HEADER_WITHIN = 20
# One stray cell far to the right makes no header of sixty thousand columns.
WIDEST = 500
# A message names no more of a sheet than somebody would read.
MANY_HEADINGS, LONG_HEADING = 40, 40

__all__ = ["Columns", "Field", "Guess", "Names", "guess", "recognise"]


class Names(tuple[object, ...]):
    """Several names within one message: shown with commas, each of them may be translated first."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(str(name) for name in self)


@dataclass(frozen=True, slots=True)
class Columns:
    """A sheet whose columns are known.

    `header_row` is the number of the row with the headings (0: there is none), `index` the column of
    each field found, from 0; `headings` names every column by its letter, in order; `title_lines` are
    the texts above the header; `body` are the rows that are data, each at least as wide as the header;
    `skipped` the rows below the header that are not: repeated headers, totals, notes.
    """

    sheet: str
    header_row: int
    index: dict[str, int]
    headings: dict[str, str]
    title_lines: tuple[str, ...]
    body: list[Row]
    skipped: tuple[Row, ...]

    def cell(self, row: Row, field: str) -> Cell:
        """The field's cell in a row; '' if the sheet has no such column."""
        at = self.index.get(field)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def heading(self, field: str) -> str:
        """The field's heading as the person wrote it, its column's letter if it has none."""
        letter = column_letter(self.index[field])
        return self.headings.get(letter) or letter


@dataclass(frozen=True, slots=True)
class Guess:
    """What a page for mapping by hand starts from: `mapping` is field -> column letter."""

    sheet: str
    header_row: int
    headings: dict[str, str]
    mapping: dict[str, str]
    title_lines: tuple[str, ...]
    sample: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    """Rows `first` to `last` of a sheet read as its header; last < 0 is a sheet without one."""

    first: int
    last: int
    headings: tuple[str, ...]
    index: dict[str, int]
    told: int  # how many columns were known by their heading, not by a letter
    unknown: tuple[str, ...]  # columns in the mapping that are not here


def recognise(sheet: Sheet, fields: Sequence[Field], mapping: Mapping[str, str] | None = None) -> Columns:
    """The columns of the first sheet in the workbook that has all required fields.

    `mapping` is field -> heading, column letter or number from 1, and wins over the synonyms; an empty
    one says that the sheet does not have the field. Refused, 422: field-unknown, column-unknown (the
    mapping names what is not there) and columns-unknown (a required field was not found).
    """
    mapping = mapping or {}
    if wrong := [name for name in mapping if name not in {field.name for field in fields}]:
        raise Refused(
            "field-unknown",
            N_("There is no field %(missing)s. The fields are: %(found)s."),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            missing=Names(wrong),
            found=Names(field.name for field in fields),
        )
    required = {field.name for field in fields if field.required}
    tried = [(each, _header(each, fields, mapping)) for each in (sheet, *sheet.others)]
    for each, header in tried:
        if required <= header.index.keys() and not header.unknown:
            return _columns(each, header, required)
    _, nearest = max(tried, key=lambda pair: len(pair[1].index))
    found = Names([heading[:LONG_HEADING] for heading in nearest.headings if heading][:MANY_HEADINGS])
    if nearest.unknown:
        raise Refused(
            "column-unknown",
            N_("There is no column %(missing)s in the sheet. Its columns are: %(found)s."),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            missing=Names(column[:LONG_HEADING] for column in nearest.unknown),
            found=found,
        )
    missing = (field for field in fields if field.required and field.name not in nearest.index)
    raise Refused(
        "columns-unknown",
        N_("No column was found for: %(missing)s. The headings in the sheet are: %(found)s."),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        missing=Names(field.heading for field in missing),
        found=found,
    )


def guess(sheet: Sheet, fields: Sequence[Field]) -> Guess:
    """The likeliest header and mapping, by resemblance too; never refuses: a person looks it over."""
    tried = [(each, _header(each, fields, {})) for each in (sheet, *sheet.others)]
    each, header = max(tried, key=lambda pair: len(pair[1].index))
    index = header.index | loosely(header.headings, fields, header.index)
    return Guess(
        each.name,
        each.rows[header.last].number if header.last >= 0 else 0,
        _by_letter(header.headings),
        {name: column_letter(at) for name, at in index.items()},
        _title_lines(each, header),
        tuple(each.rows[header.last + 1 : header.last + 6]),
    )


def _header(sheet: Sheet, fields: Sequence[Field], mapping: Mapping[str, str]) -> _Header:
    """The best of the first rows, and of each two of them together, as a header for these fields."""
    top = [tuple(text(cell) for cell in row.cells) for row in sheet.rows[:HEADER_WITHIN]]
    width = min(max((len(row.cells) for row in sheet.rows[:100]), default=0), WIDEST)
    top = [row[:width] + ("",) * (width - len(row)) for row in top]
    found = [_resolved(at, at, row, row, fields=fields, mapping=mapping) for at, row in enumerate(top)]
    required = {field.name for field in fields if field.required}
    best = max(found, key=lambda each: (required <= each.index.keys(), each.told, len(each.index)))
    for at in range(1, len(top)):
        both = _two_levels(top[at - 1], top[at], found[at - 1])
        if both is None:
            continue
        joined = _resolved(at - 1, at, *both, fields=fields, mapping=mapping)
        if joined.told > max(best.told, found[at - 1].told):
            best = joined
    if best.told == 0:
        likely = _likely_header(top)
        if likely is None:
            return _resolved(0, -1, ("",) * width, ("",) * width, fields=fields, mapping=mapping)
        return found[likely]
    return _with_subheadings(best, top)


def _two_levels(
    above: Sequence[str], below: Sequence[str], alone: _Header
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """(what each column is called, the same with the group's heading before it), if `below` can be a second level.

    It cannot if it has anything else beneath a heading that already names a field: then it is data.
    """
    if any(below[at] and below[at] != above[at] for at in alone.index.values()):
        return None
    group, grouped = "", []
    for over, under in zip(above, below, strict=True):
        group = over or (group if under else "")
        grouped.append(group + under if under and under != over else group)
    plain = tuple(under or over for over, under in zip(above, below, strict=True))
    return plain, tuple(grouped)


def _resolved(
    first: int,
    last: int,
    headings: tuple[str, ...],
    grouped: tuple[str, ...],
    *,
    fields: Sequence[Field],
    mapping: Mapping[str, str],
) -> _Header:
    """These headings with the mapping applied first and the synonyms to what is left."""
    index: dict[str, int] = {}
    unknown: list[str] = []
    told = 0
    written = [(at, heading) for at, heading in enumerate(headings) if heading][::-1]
    names = {key: at for at, heading in written for key in reversed(keys(heading))} if mapping else {}
    names |= {_plain(heading): at for at, heading in written}
    for field, column in mapping.items():
        wanted = digits(column)
        if not wanted:
            continue
        at = names.get(_plain(wanted))
        if at is not None:
            told += 1
        else:
            at = _by_place(wanted, len(headings))
        if at is None:
            unknown.append(column)
        else:
            index[field] = at
    taken = set(index.values())
    free = [field for field in fields if field.name not in mapping]
    matched = matches(headings, grouped, free, taken)
    return _Header(first, last, headings, index | matched, told + len(matched), tuple(unknown))


def _plain(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


def _by_place(wanted: str, width: int) -> int | None:
    """A column letter or a number from 1, if there is such a column."""
    if re.fullmatch(r"[A-Za-z]{1,3}", wanted):
        at = column_index(wanted)
    elif re.fullmatch(r"[0-9]{1,5}", wanted):
        at = int(wanted) - 1
    else:
        return None
    return at if 0 <= at < width else None


def _likely_header(top: Sequence[Sequence[str]]) -> int | None:
    """The first row of several different words without a figure in them, most of the sheet wide."""
    widest = max((sum(map(bool, row)) for row in top), default=0)
    for at, row in enumerate(top):
        filled = [cell for cell in row if cell]
        if len(filled) < max(2, (widest + 1) // 2) or len(set(filled)) < len(filled):
            continue
        if not any(re.search(r"\d{3}|^\d+$", cell) or len(cell) > 30 for cell in filled):
            return at
    return None


def _with_subheadings(header: _Header, top: Sequence[Sequence[str]]) -> _Header:
    """A row of headings right below, only within groups whose fields nobody asked for, belongs to the header."""
    at = header.last + 1
    if at >= len(top):
        return header
    below = top[at]
    if any(below[column] for column in header.index.values()):
        return header
    parts = [column for column, cell in enumerate(below) if cell]
    starts = [column for column in parts if header.headings[column]]
    if not starts or len(starts) == len(parts) or any(re.search(r"\d", below[column]) for column in parts):
        return header
    headings = tuple(under or over for over, under in zip(header.headings, below, strict=True))
    return _Header(header.first, at, headings, header.index, header.told, header.unknown)


def _by_letter(headings: Sequence[str]) -> dict[str, str]:
    return {column_letter(at): heading for at, heading in enumerate(headings)}


def _title_lines(sheet: Sheet, header: _Header) -> tuple[str, ...]:
    above = sheet.rows[: header.first] if header.last >= 0 else []
    lines = (text(cell) for row in above for cell in row.cells)
    return tuple(dict.fromkeys(line for line in lines if line))


def _columns(sheet: Sheet, header: _Header, required: set[str]) -> Columns:
    width = len(header.headings)
    above = {texts[0]: texts for row in sheet.rows[: header.last + 1] if (texts := _texts(row))}
    at = list(header.index.values())
    needed = [header.index[name] for name in required] or at
    labels = [(column, _plain(header.headings[column])) for column in at if header.last >= 0]
    body, skipped = [], []
    for row in sheet.rows[header.last + 1 :]:
        cells = row.cells if len(row.cells) >= width else row.cells + ("",) * (width - len(row.cells))
        first = next((value for cell in cells if (value := text(cell))), "")
        if not first:
            continue
        repeated = labels and all(_plain(text(cells[column])) == label for column, label in labels)
        if repeated or _is_title(first, row, above) or is_footer(first, cells, needed):
            skipped.append(row)
        else:
            body.append(row if cells is row.cells else Row(row.number, cells))
    number = sheet.rows[header.last].number if header.last >= 0 else 0
    return Columns(
        sheet.name,
        number,
        dict(header.index),
        _by_letter(header.headings),
        _title_lines(sheet, header),
        body,
        tuple(skipped),
    )


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(value for cell in row.cells if (value := text(cell)))


def _is_title(first: str, row: Row, above: Mapping[str, tuple[str, ...]]) -> bool:
    """The title rows again, where somebody pasted printed pages one below the other."""
    return first in above and _texts(row) == above[first]
