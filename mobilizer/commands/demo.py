"""`mobilizer demo`: a district's campaign with made-up people, into an empty database."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy import exists, select

from mobilizer import clock
from mobilizer.accounts.passwords import hashed
from mobilizer.commands.transaction import one_transaction
from mobilizer.demo import full, pocket
from mobilizer.demo.cast import LogInLine, Played, log_in_lines
from mobilizer.demo.stage import Stage
from mobilizer.extensions import db
from mobilizer.model import Unit
from mobilizer.terms import LABELS, Role

SCALES: dict[str, Callable[[datetime, tzinfo, str], tuple[Played, list[Stage]]]] = {
    "pocket": pocket.stages,
    "full": full.stages,
}


def load_demo(scale: str) -> None:
    """Load it stage by stage with a progress bar, then print who can log in."""
    config = current_app.config
    password_hash = hashed(config["DEMO_PASSWORD"])
    played, stages = SCALES[scale](clock.now(), ZoneInfo(config["TIMEZONE"]), password_hash)
    with click.progressbar(length=sum(stage.weight for stage in stages), label=_("Loading the demo")) as bar:
        for stage in stages:
            with one_transaction():
                stage.act()
            bar.update(stage.weight)
    for line in log_in_lines(played.parts):
        click.echo(f"  {line.phone}  {line.name}  {_role(line)}  {line.place}".rstrip())
    click.echo(_("Demo members log in with: %(password)s", password=config["DEMO_PASSWORD"]))


def _role(line: LogInLine) -> str:
    return str(_(LABELS[Role(line.role)]) if line.role else _("Member"))


@click.command()
@click.option("--scale", type=click.Choice(sorted(SCALES)), default="pocket", show_default=True)
@with_appcontext
def demo(scale: str) -> None:
    """Load the demo: one town around the present hour, or the full campaign of a district."""
    if db.session.scalar(select(exists().where(Unit.code.is_not(None)))):
        raise click.ClickException(_("This database is not empty. The demo goes into an empty one only."))
    load_demo(scale)
