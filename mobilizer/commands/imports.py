"""mobilizer import units|roster|records FILE"""

from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import get_timezone
from flask_babel import gettext as _

from mobilizer import clock, intake
from mobilizer.commands.transaction import in_words, one_transaction
from mobilizer.errors import N_, Refused
from mobilizer.hours import sheet as record_sheet
from mobilizer.hours import sheet_actions as record_actions
from mobilizer.hours import sheet_columns as record_columns
from mobilizer.hours import sheet_queries as record_queries
from mobilizer.imports import wording
from mobilizer.inputs import local_zone
from mobilizer.intake import Sheet
from mobilizer.intake.outcomes import Report
from mobilizer.members import actions as members
from mobilizer.members import columns as roster_columns
from mobilizer.members import queries as member_queries
from mobilizer.members import roster
from mobilizer.policy import COMMAND_LINE
from mobilizer.sheets import csv_chunks
from mobilizer.units import actions as units
from mobilizer.units import columns as unit_columns
from mobilizer.units import planning, rules
from mobilizer.units import queries as unit_queries

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))


def _shared(fields: tuple[intake.Field, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    names = ", ".join(field.name for field in fields)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in (
            click.option(
                "--refused",
                metavar="OUT.csv",
                type=click.Path(dir_okay=False, path_type=Path),
                help="Write the refused rows here, under the file's own headings with the reason behind: "
                "mend them and import this file.",
            ),
            click.option(
                "--dry-run", is_flag=True, help="Say what would happen, row by row, and change nothing."
            ),
            click.option(
                "--map",
                "mapped",
                metavar="FIELD=COLUMN",
                multiple=True,
                callback=_mapping,
                help="Which column is which, where the headings do not say so: by heading, letter or number from 1; "
                f"may be given several times. FIELD is one of: {names}.",
            ),
            FILE,
        ):
            command = option(command)
        return command

    return decorate


def _mapping(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in given:
        field, sign, column = pair.partition("=")
        if not sign:
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN")
        mapping[field.strip()] = column.strip()
    return mapping


@click.group("import")
def import_() -> None:
    """Bring in units, then rosters, then earlier service: XLSX, XLS, ODS or CSV in any usual encoding.

    Columns are recognised by their usual Chinese and English headings; title rows, totals and notes are seen
    through. Every row is created, updated, left unchanged, or refused with its row, column and reason; the last
    line gives the four counts. The exit status is 0 when the file was read, also with refused rows, and 1 when
    the file itself is at fault: then nothing of it has been taken. The same file twice changes nothing.
    """


@import_.command("units")
@_shared(unit_columns.FIELDS)
@with_appcontext
def import_units(file: Path, mapped: dict[str, str], dry_run: bool, refused: Path | None) -> None:
    """Bring in units from FILE: code and name, and if you like level and parent_code.

    Codes are statistical division codes: 12 digits, or the part that counts (6 a district, 9 a town or
    subdistrict, 12 a village or community); a grid is its village's code, a dash and its own number.
    """
    with in_words():
        rows = planning.read_rows(_sheet(file), mapped)
    if dry_run:
        with in_words():
            report = unit_queries.planned_import(rows).report
    else:
        with one_transaction():
            report = units.import_units(rows, by=COMMAND_LINE, now=clock.now())
    _tell(report, refused)


@import_.command("roster")
@_shared(roster_columns.FIELDS)
@click.option(
    "--unit", metavar="CODE", help="The file's own unit. Rows whose unit lies outside it are refused."
)
@with_appcontext
def import_roster(
    file: Path, mapped: dict[str, str], dry_run: bool, refused: Path | None, unit: str | None
) -> None:
    """Bring in members from FILE: name and phone, unit and home branch, and if you like standing, date, skills.

    A home branch not known yet is created under its unit. A unit's name that fits several units is refused
    unless --unit says which unit the file is of. Phones are the identity: a known phone with the same name is
    the same person, with another name it is refused. Blank cells change nothing.
    """
    with in_words():
        rows = roster.read_rows(_sheet(file), mapped)
        unit_code = rules.code(unit) if unit else None
    now = clock.now()
    today = now.astimezone(get_timezone()).date()
    if dry_run:
        with in_words():
            report = member_queries.planned_import(rows, unit_code, today).report
    else:
        with one_transaction():
            report = members.import_roster(rows, unit_code=unit_code, today=today, by=COMMAND_LINE, now=now)
    _tell(report, refused)


@import_.command("records")
@_shared(record_columns.FIELDS)
@click.option(
    "--branch",
    "branch_id",
    type=click.IntRange(1, 2**31 - 1),
    metavar="ID",
    help="All of it is for this branch.",
)
@click.option(
    "--unit", metavar="CODE", help="Each row is for the branch that it names, of this unit or one below."
)
@with_appcontext
def import_records(
    file: Path,
    mapped: dict[str, str],
    dry_run: bool,
    refused: Path | None,
    branch_id: int | None,
    unit: str | None,
) -> None:
    """Enter earlier service from FILE into the ledger: name or phone, day, times or how long; and if you like category,
    checkpoint, note.

    Give --branch or --unit. A name alone must be of one person of the branch; for others give the phone number
    too. What overlaps what is counted already, or another row, is refused; what is counted already is left
    unchanged, and so is every row of the same file again.
    """
    if (branch_id is None) == (unit is None):
        raise click.UsageError("Give --branch or --unit.")
    content, now, zone = _content(file), clock.now(), local_zone()
    with in_words():
        columns = record_sheet.recognised(_read(content, file.name), mapped)
        rows = record_sheet.read(columns, zone, now)
        at = record_queries.place(branch_id=branch_id, unit_code=rules.code(unit) if unit else None)
        if at is None:
            raise Refused("place-unknown", N_("There is no such branch or unit."))
    stem = record_queries.stem(file.name, content)
    if dry_run:
        with in_words():
            report = record_queries.planned(columns, rows, stem, at, zone).report
    else:
        with one_transaction():
            report = record_actions.enter_sheet(
                columns, rows, stem=stem, at=at, zone=zone, by=COMMAND_LINE, now=now
            )
    _tell(report, refused)


def _sheet(file: Path) -> Sheet:
    return _read(_content(file), file.name)


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(current_app.config["MAX_UPLOAD_BYTES"] + 1)


def _read(content: bytes, name: str) -> Sheet:
    config = current_app.config
    return intake.read(
        content, name, max_rows=config["MAX_IMPORT_ROWS"], max_bytes=config["MAX_UPLOAD_BYTES"]
    )


def _tell(report: Report, refused: Path | None) -> None:
    for note in report.notes:
        click.echo(wording.said(note))
    for line in report.lines:
        if line.reason:
            words = wording.said_at_column(line.reason)
            click.echo(
                _(
                    "Row %(row)s, %(name)s: refused. %(words)s",
                    row=line.row.number,
                    name=line.about or "–",
                    words=words,
                )
            )
        for warning in line.warnings:
            words = wording.said_at_column(warning)
            click.echo(
                _(
                    "Row %(row)s, %(name)s: warning. %(words)s",
                    row=line.row.number,
                    name=line.about or "–",
                    words=words,
                )
            )
    if refused:
        with refused.open("wb") as out:
            out.writelines(csv_chunks(wording.to_mend(report)))
    click.echo(", ".join(f"{outcome} {count}" for outcome, count in report.counts().items()))
