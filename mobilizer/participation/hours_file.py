"""The hours file itself: the ledger's rows that count, in the columns that the configuration asks for (Flask-Babel)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from mobilizer.errors import N_, Refused
from mobilizer.filters import masked_phone
from mobilizer.participation import hours_file_rules, record_naming
from mobilizer.participation.hours_file_rules import FileColumn, HoursFile
from mobilizer.participation.record_queries import Names
from mobilizer.policy import Permission
from mobilizer.sheets import Column, Table, Value, book_chunks, csv_chunks
from mobilizer.terms import RecordKind

SHIPPED = Path(__file__).parent / "data" / "hours_file.toml"
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Row = dict[str, Any]
_COLUMNS = [column.name for column in record_naming.columns(personal=True)]


def load(path: str | None) -> HoursFile:
    """The configuration in this file, or the one that comes with the product. Refused: what is wrong with it, in words."""
    try:
        text = Path(path or SHIPPED).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            "hours-file-missing",
            N_("MOBILIZER_HOURS_FILE names %(file)s, which cannot be read."),
            status=500,
            file=path,
        ) from error
    return hours_file_rules.read(text)


def needed(layout: HoursFile) -> list[Permission]:
    """What somebody must be allowed on the unit: whose hours they are is personal, and a phone number in full is for those who call."""
    needed = [Permission.PARTICIPATION_READ, Permission.MEMBER_READ]
    return [*needed, Permission.MEMBER_CALL] if layout.phones_in_full else needed


def name_of(layout: HoursFile, unit_name: str | None) -> str:
    return " ".join(filter(None, (layout.title or _("Hours file"), unit_name))) + f".{layout.format}"


def chunks(layout: HoursFile, rows: Iterable[Sequence[Any]], names: Names, zone: tzinfo) -> Iterator[bytes]:
    """`rows` are those of `record_queries.rows` with what is personal; reversals and what they reverse are left out."""
    columns = [Column(str(at), each.heading, _kind(each)) for at, each in enumerate(layout.columns)]
    table = Table(layout.title or _("Hours file"), columns, _rows(layout, rows, names, zone))
    if layout.format == "xlsx":
        return book_chunks({"hours": table})
    return csv_chunks(table, encoding=layout.encoding, delimiter=layout.delimiter)


def _kind(column: FileColumn) -> Any:
    if column.shown in ("hours", "minutes") and column.places < 2:
        return "hours" if column.shown == "hours" and column.places else "integer"
    return "text"


def _rows(
    layout: HoursFile, rows: Iterable[Sequence[Any]], names: Names, zone: tzinfo
) -> Iterator[tuple[Value, ...]]:
    cells = [_cell(column) for column in layout.columns]
    word = record_naming.worded(names, zone)
    for row in rows:
        if row[2] == RecordKind.ENTRY and not row[3]:
            said = dict(zip(_COLUMNS, word(row), strict=True)) | _kept(row)
            yield tuple(cell(said) for cell in cells)


def _kept(row: Sequence[Any]) -> Row:
    """What the words have lost: the codes, the whole number, and which entry it is."""
    return {
        "category_code": row[14],
        "standing_code": row[15],
        "number": row[18],
        "entry": f"{row[0]}-{row[1]}",
    }


def _cell(column: FileColumn) -> Callable[[Row], Value]:
    if not column.field:
        return lambda _row: column.value
    if column.field == "phone":
        return lambda row: _phone(row["number"], column.shown)
    if column.words:
        return lambda row: column.words.get(row[f"{column.field}_code"], row[column.field])
    if column.pattern:
        return lambda row: row[column.field].strftime(column.pattern)
    if column.shown == "hours":
        return lambda row: _hours(row[column.field], column.places)
    return lambda row: row[column.field]


def _phone(number: str | None, shown: str) -> str:
    if not number or shown == "international":
        return number or ""
    return masked_phone(number) if shown == "masked" else number.removeprefix("+86")


def _hours(minutes: int, places: int) -> Value:
    """Rounded half up. With more than one decimal as text, since sheets would show one."""
    scale = 10**places
    rounded = Decimal((2 * minutes * scale + 60) // 120).scaleb(-places)
    return rounded if places < 2 else str(rounded)
