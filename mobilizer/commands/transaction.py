"""One transaction of the command line, and refusals in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask_babel import gettext

from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db


@contextmanager
def one_transaction() -> Iterator[None]:
    """Commit all of it or nothing. A refusal ends the command with its words and exit status 1."""
    begin_write()
    try:
        yield
        db.session.commit()
    except Refused as refusal:
        raise click.ClickException(gettext(refusal.message, **refusal.values)) from refusal
    finally:
        db.session.rollback()
