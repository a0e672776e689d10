"""A roster, read row by row before anything is looked up: pure, and done before the transaction begins."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mobilizer.errors import N_, Refused
from mobilizer.intake import Columns, Row, Sheet, digits, recognise, text
from mobilizer.intake import date as read_date
from mobilizer.intake.outcomes import Note, NotTaken
from mobilizer.members import rules
from mobilizer.members.columns import FIELDS
from mobilizer.members.names import search_text, sort_name
from mobilizer.terms import Standing


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the row says: None, '' and () are what it does not say. Unit and branch are as written."""

    name: str
    phone: str
    unit: str
    unit_code: str
    branch: str
    standing: Standing | None
    joined_on: date | None
    skills: str
    sort_name: str
    search: str
    warnings: tuple[Note, ...]

    def says(self) -> tuple[object, ...]:
        """All that the row says, to compare with another row about the same person."""
        return (
            self.unit,
            self.unit_code,
            self.branch,
            self.standing,
            self.joined_on,
            self.skills,
        )


@dataclass(frozen=True, slots=True)
class Roster:
    """`separators` are those of the skills column, `owners` what the title lines may name as the file's own unit."""

    columns: Columns
    rows: list[tuple[Row, Entry | NotTaken]]
    separators: list[re.Pattern[str]]
    owners: tuple[str, ...]


def read_rows(sheet: Sheet, mapping: Mapping[str, str] | None = None) -> Roster:
    """Refused when the columns cannot be told; else every row, read or with the reason it cannot be."""
    columns = recognise(sheet, FIELDS, mapping)
    rows = [(row, _read(columns, row)) for row in columns.body]
    separators = rules.skill_separators(
        entry.skills for _, entry in rows if isinstance(entry, Entry) and entry.skills
    )
    return Roster(columns, rows, separators, _owners(columns.title_lines))


def _read(columns: Columns, row: Row) -> Entry | NotTaken:
    warnings: list[Note] = []
    try:
        name = _checked(columns, "name", rules.name, text(columns.cell(row, "name")))
        phone = _phone(columns, row, warnings)
        branch = text(columns.cell(row, "branch"))
        if len(branch) > rules.LONGEST_BRANCH_NAME:
            raise NotTaken(
                columns.heading("branch"),
                N_("A name has at most %(max)s characters."),
                max=rules.LONGEST_BRANCH_NAME,
            )
        standing = _standing(columns, row)
    except NotTaken as fault:
        return fault
    return Entry(
        name,
        phone,
        text(columns.cell(row, "unit")),
        digits(columns.cell(row, "unit_code")),
        branch,
        standing,
        _joined_on(columns, row, warnings),
        _lines(columns, row),
        sort_name(name),
        search_text(name, phone),
        tuple(warnings),
    )


def _checked(columns: Columns, field: str, rule: Callable[[str], str], written: str) -> str:
    try:
        return rule(written)
    except Refused as refusal:
        raise NotTaken(columns.heading(field), refusal.message, **refusal.values) from refusal


def _phone(columns: Columns, row: Row, warnings: list[Note]) -> str:
    written = digits(columns.cell(row, "phone"))
    try:
        return rules.phone(written)
    except Refused as refusal:
        heading = columns.heading("phone")
        several = rules.phones_in(written)
        if not several:
            raise NotTaken(heading, refusal.message, **refusal.values) from refusal
        if len(several) > 1:
            warnings.append(Note(heading, N_("There are several numbers in the cell. The first was taken.")))
        return several[0]


def _standing(columns: Columns, row: Row) -> Standing | None:
    written = text(columns.cell(row, "standing"))
    if not written:
        return None
    found = rules.standing(written)
    if found is None:
        raise NotTaken(
            columns.heading("standing"), N_("“%(word)s” is no standing known here."), word=written[:40]
        )
    return found


def _joined_on(columns: Columns, row: Row, warnings: list[Note]) -> date | None:
    cell = columns.cell(row, "joined_on")
    try:
        return read_date(cell)
    except ValueError:
        warnings.append(
            Note(
                columns.heading("joined_on"),
                N_("“%(date)s” is no date that can be read. The row is taken without it."),
                {"date": text(cell)[:40]},
            )
        )
        return None


def _lines(columns: Columns, row: Row) -> str:
    """The skills cell; line breaks in it separate, and are not folded into spaces."""
    cell = columns.cell(row, "skills")
    if not isinstance(cell, str):
        return text(cell)
    return "\n".join(line for part in cell.splitlines() if (line := text(part)))


_LABEL = re.compile(
    r"^(?:填报|报送|上报|填表|所属|报表)?(?:单位|党组织|党委|党工委)(?:名称)?(?:\(.*?\)|（.*?）)?\s*[:：]\s*(.+)$"
)
_TITLE = re.compile(
    r"^(?:\d{4}年(?:度|\d{1,2}月)?)?(.+?)(?:在册|在职|全体)?(?:党员|人员|志愿者)?(?:信息|基本信息)?(?:花名册|名册|名单|登记表|信息表|汇总表|台账|统计表|一览表)$"
)


def _owners(title_lines: tuple[str, ...]) -> tuple[str, ...]:
    """What the lines above the header name: 填报单位:元和街道党工委, 元和街道党员花名册."""
    found = []
    for line in title_lines:
        plain = text(line)
        for pattern in (_LABEL, _TITLE):
            if match := pattern.match(plain):
                found.append(match[1].strip())
                break
    return tuple(dict.fromkeys(found))
