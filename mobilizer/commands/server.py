"""`mobilizer serve` and `mobilizer start`: the production server, and the first start of a new machine."""

import ipaddress

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError

from mobilizer import serving
from mobilizer.accounts.queries import demo_password_in_force
from mobilizer.commands.demo import load_demo
from mobilizer.commands.settling import settling
from mobilizer.commands.transaction import in_words
from mobilizer.commands.working import working
from mobilizer.extensions import db
from mobilizer.health import pending_migrations
from mobilizer.model import Unit
from mobilizer.participation import hours_file

port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to answer on."
)
workers_option = click.option(
    "--workers",
    default=serving.default_workers,
    show_default="by the machine's processors",
    type=click.IntRange(1, 64),
    help="Server processes.",
)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_ready(host: str) -> None:
    """Refuse, in words, to start what could not serve or would stand open."""
    with in_words():
        hours_file.load(current_app.config["HOURS_FILE"])
    try:
        if pending_migrations():
            raise click.ClickException(_("The database is not at this version. Run: mobilizer db upgrade"))
        if not is_loopback(host) and demo_password_in_force():
            raise click.ClickException(
                _(
                    "Demo members with the shared demo password are in this database. It is not served on %(host)s: "
                    "use a new database, or serve on 127.0.0.1.",
                    host=host,
                )
            )
    except SQLAlchemyError as error:
        raise click.ClickException(
            _("The database does not answer: %(reason)s", reason=str(error.__cause__ or error).strip())
        ) from None


def _serve(host: str, port: int, workers: int) -> None:
    _check_ready(host)
    db.session.remove()
    db.engine.dispose()  # no connection of this process may live on in the workers
    address = _("Mobilizer answers on http://%(host)s:%(port)s (stop with Ctrl+C)", host=host, port=port)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        with settling(app), working(app):
            serving.serve(host, port, workers, listening=lambda: click.echo(address))
    except serving.CannotListen as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@port_option
@workers_option
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Serve, in several processes."""
    _serve(host, port, workers)


@click.command()
@port_option
@workers_option
@with_appcontext
def start(port: int, workers: int) -> None:
    """Start on this machine: upgrade the database, load the pocket demo into an empty one, serve on 127.0.0.1."""
    upgrade()
    if not db.session.scalar(select(exists().where(Unit.code.is_not(None)))):
        load_demo("pocket")
    elif demo_password_in_force():
        click.echo(_("Demo members log in with: %(password)s", password=current_app.config["DEMO_PASSWORD"]))
    _serve("127.0.0.1", port, workers)
