"""`mobilizer export ...`: participation as a table, and the dataset for Datasette."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobilizer import clock
from mobilizer.commands.transaction import one_transaction
from mobilizer.extensions import db
from mobilizer.participation import actions, dataset, exporting, exports, hours_file, queries
from mobilizer.participation.rules import By, Slice, check_period
from mobilizer.policy import COMMAND_LINE


def local_day(value: str | date) -> date:
    """A click type: a day as 2026-11-24."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            _("%(day)s is no day. Please write it as 2026-11-24.", day=repr(value))
        ) from None


@click.group("export", help="Take counts and the anonymised ledger out of the house.")
def export() -> None: ...


@export.command("participation")
@click.option("--from", "from_day", type=local_day, metavar="DAY", help="First local day, as 2026-11-24.")
@click.option("--to", "to_day", type=local_day, metavar="DAY", help="Last local day.")
@click.option("--unit", "unit_code", help="Code of a unit; all below it is counted too.")
@click.option("--by", type=click.Choice([str(by) for by in By]), default=str(By.UNIT), show_default=True)
@click.option(
    "--format", "form", type=click.Choice(list(exports.ALL_WRITERS)), default="csv", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output."
)
@with_appcontext
def export_participation(
    from_day: date | None, to_day: date | None, unit_code: str | None, by: str, form: str, output: Path | None
) -> None:
    """The six figures of a period and a unit, grouped."""
    _not_to_a_terminal(output, form)
    now = clock.now()
    with one_transaction():
        check_period(from_day, to_day)
        place = _place(unit_code)
        cut = Slice(place.unit_code if place else None, from_day, to_day, By(by))
        actions.note_export(cut, form, by=COMMAND_LINE, now=now)
    what = exporting.asked(
        cut, form, unit_name=place.name if place else None, site=current_app.config["PUBLIC_ADDRESS"]
    )
    _put(what, now, output)


def _put(what: dict[str, Any], now: datetime, output: Path | None) -> None:
    layout = hours_file.load(current_app.config["HOURS_FILE"])
    with _opened(output) as target:
        target.writelines(exporting.chunks(what, layout, now=now))
    db.session.rollback()


@export.command("hours-file")
@click.option("--from", "from_day", type=local_day, metavar="DAY", help="First local day, as 2026-11-24.")
@click.option("--to", "to_day", type=local_day, metavar="DAY", help="Last local day.")
@click.option("--unit", "unit_code", help="Code of a unit, with all below it.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output."
)
@with_appcontext
def export_hours_file(
    from_day: date | None, to_day: date | None, unit_code: str | None, output: Path | None
) -> None:
    """Services with names, in the columns that a volunteer system takes as upload (MOBILIZER_HOURS_FILE)."""
    now = clock.now()
    with one_transaction():
        layout = hours_file.load(current_app.config["HOURS_FILE"])
        _not_to_a_terminal(output, layout.format)
        check_period(from_day, to_day)
        place = _place(unit_code)
        cut = Slice(place.unit_code if place else None, from_day, to_day)
        actions.note_export(cut, exporting.HOURS, personal=True, by=COMMAND_LINE, now=now)
    _put(exporting.asked(cut, exporting.HOURS, unit_name=place.name if place else None), now, output)


def _place(unit_code: str | None) -> queries.Place | None:
    """The unit of this code, or the only one at the top; None is everything."""
    place = queries.place(unit_code) if unit_code is not None else queries.only_top_unit()
    if place is None and unit_code is not None:
        raise click.ClickException(_("There is no unit %(code)s.", code=unit_code))
    return place


def _not_to_a_terminal(output: Path | None, form: str) -> None:
    if output is None and form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError(_("A workbook cannot be shown in a terminal. Please name a file with -o."))


@export.command("dataset")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@with_appcontext
def export_dataset(file: Path, force: bool) -> None:
    """Counts and the anonymised ledger, described, as a SQLite file for Datasette."""
    if file.exists() and not force:
        raise click.ClickException(
            _("%(file)s is there already. With --force it is replaced.", file=str(file))
        )
    now = clock.now()
    with one_transaction():
        actions.note_export(Slice(), "dataset", by=COMMAND_LINE, now=now)
    with _replacing(file) as made:
        counts = dataset.write(made, zone=ZoneInfo(current_app.config["TIMEZONE"]), now=now)
    db.session.rollback()
    for table, count in counts.items():
        click.echo(f"{table} {count}")


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    if output is None:
        yield sys.stdout.buffer
        return
    with _replacing(output) as made, made.open("wb") as target:
        yield target


@contextlib.contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """A new file beside `file` that takes its place when all has gone well, and is gone otherwise. Mode 0600."""
    try:
        with tempfile.NamedTemporaryFile(
            dir=file.absolute().parent, prefix=f".{file.name}.", suffix=".part", delete=False
        ) as opened:
            made = Path(opened.name)
    except OSError as error:
        raise click.ClickException(
            _("Cannot write %(file)s: %(why)s", file=str(file), why=error.strerror or str(error))
        ) from error
    try:
        yield made
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
