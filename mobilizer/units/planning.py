"""What a list of units would change: pure, from the rows of the file and the units there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from mobilizer.errors import N_, Refused
from mobilizer.intake import Columns, Row, Sheet, digits, recognise, text
from mobilizer.intake.outcomes import Change, Line, NotTaken, Outcome, Report
from mobilizer.policy import covers
from mobilizer.terms import Level
from mobilizer.units import rules
from mobilizer.units.columns import FIELDS


@dataclass(frozen=True, slots=True)
class UnitEntry:
    code: str
    name: str
    level: Level
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class UnitRows:
    """A list of units, read row by row; what could not be read carries why."""

    columns: Columns
    rows: list[tuple[Row, UnitEntry | NotTaken]]


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The report, the units to insert (those above first) and the new names of units there are."""

    report: Report
    inserts: list[UnitEntry]
    renames: dict[str, str]


def read_rows(sheet: Sheet, mapping: Mapping[str, str] | None = None) -> UnitRows:
    """Refused when the columns cannot be told; else every row, read or with the reason it cannot be."""
    columns = recognise(sheet, FIELDS, mapping)
    return UnitRows(columns, [(row, _read(columns, row)) for row in columns.body])


def _read(columns: Columns, row: Row) -> UnitEntry | NotTaken:
    try:
        code = _code(columns, row, "code")
        if not code:
            raise NotTaken(columns.heading("code"), N_("The code is missing."))
        name = _name(columns, row)
        _check_level(columns, row, code)
        _check_parent(columns, row, code)
    except NotTaken as fault:
        return fault
    return UnitEntry(code, name, rules.level_of(code), rules.parent_of(code))


def _code(columns: Columns, row: Row, field: str) -> str:
    written = digits(columns.cell(row, field))
    if not written:
        return ""
    try:
        return rules.code(written)
    except Refused as refusal:
        raise NotTaken(columns.heading(field), refusal.message, **refusal.values) from refusal


def _name(columns: Columns, row: Row) -> str:
    name = text(columns.cell(row, "name"))
    if not name:
        raise NotTaken(columns.heading("name"), N_("The unit has no name."))
    if len(name) > rules.LONGEST_NAME:
        raise NotTaken(
            columns.heading("name"), N_("A name has at most %(max)s characters."), max=rules.LONGEST_NAME
        )
    return name


def _check_level(columns: Columns, row: Row, code: str) -> None:
    written = text(columns.cell(row, "level"))
    if not written:
        return
    told = rules.LEVEL_WORDS.get(digits(written).casefold().replace("（", "(").replace("）", ")"))
    if told is None:
        raise NotTaken(
            columns.heading("level"),
            N_("“%(level)s” is no level known here: district, town, village or grid."),
            level=written[:40],
        )
    meant = rules.level_of(code)
    if told != meant:
        raise NotTaken(
            columns.heading("level"),
            N_("The code says “%(meant)s”, the column says “%(told)s”."),
            meant=meant,
            told=told,
        )


def _check_parent(columns: Columns, row: Row, code: str) -> None:
    written = digits(columns.cell(row, "parent_code"))
    meant = rules.parent_of(code)
    if not written or (meant is None and _is_city_of(written, code)):
        return
    told = _code(columns, row, "parent_code")
    if covers(code, told):
        raise NotTaken(
            columns.heading("parent_code"),
            N_("A unit cannot lie below itself or below a unit of its own (%(told)s)."),
            told=told,
        )
    if told != meant:
        raise NotTaken(
            columns.heading("parent_code"),
            N_("By its code this unit lies below %(meant)s, not below %(told)s."),
            meant=meant or "–",
            told=told,
        )


def _is_city_of(written: str, code: str) -> bool:
    """Whether a district's parent is its city or province, which this house does not keep."""
    significant = written.rstrip("0")
    return (
        written.isdigit()
        and 2 <= len(written) <= 12
        and len(significant) <= 4
        and code.startswith(significant)
    )


def plan(units: UnitRows, existing: Mapping[str, str]) -> UnitPlan:
    """`existing` is code -> name of every unit there is. A unit above may come later in the same file."""
    accepted = _with_known_parents(units, existing)
    lines: list[Line] = []
    first: dict[str, tuple[Row, UnitEntry]] = {}
    for row, entry in units.rows:
        if isinstance(entry, NotTaken):
            about = text(units.columns.cell(row, "name"))[:50]
            lines.append(Line(row, Outcome.REFUSED, about, entry.note))
            continue
        try:
            lines.append(_line(units.columns, row, entry, existing, first, accepted))
        except NotTaken as fault:
            lines.append(Line(row, Outcome.REFUSED, entry.name, fault.note))
    inserts = [entry for _, entry in first.values() if entry.code not in existing]
    renames = {
        entry.code: entry.name
        for _, entry in first.values()
        if existing.get(entry.code, entry.name) != entry.name
    }
    return UnitPlan(
        Report(units.columns, lines),
        sorted(inserts, key=lambda entry: (len(entry.code), entry.code)),
        renames,
    )


def _with_known_parents(units: UnitRows, existing: Mapping[str, str]) -> set[str]:
    """The codes in the file all of whose units above are known, or in the file and accepted themselves."""
    codes = {entry.code for _, entry in units.rows if isinstance(entry, UnitEntry)}
    accepted: set[str] = set()
    for code in sorted(codes, key=len):
        above = rules.parent_of(code)
        if above is None or above in existing or above in accepted:
            accepted.add(code)
    return accepted


def _line(
    columns: Columns,
    row: Row,
    entry: UnitEntry,
    existing: Mapping[str, str],
    first: dict[str, tuple[Row, UnitEntry]],
    accepted: set[str],
) -> Line:
    if entry.code in first:
        before, same = first[entry.code]
        if same.name != entry.name:
            raise NotTaken(
                columns.heading("code"),
                N_("Row %(row)s has this code already, under another name."),
                row=before.number,
            )
        return Line(row, Outcome.UNCHANGED, entry.name)
    if entry.code not in accepted:
        raise NotTaken(
            columns.heading("parent_code" if "parent_code" in columns.index else "code"),
            N_("The unit above, %(parent)s, is not known and not in the file."),
            parent=entry.parent_code,
        )
    first[entry.code] = (row, entry)
    if entry.code not in existing:
        return Line(row, Outcome.CREATED, entry.name)
    before_name = existing[entry.code]
    if before_name == entry.name:
        return Line(row, Outcome.UNCHANGED, entry.name)
    change = Change("name", before_name, entry.name)
    return Line(row, Outcome.UPDATED, entry.name, changes=(change,))
