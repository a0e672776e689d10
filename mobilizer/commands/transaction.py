"""One transaction of the command line, and refusals in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError

from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.web import BUSY, lost_race


@contextmanager
def in_words() -> Iterator[None]:
    """A refusal ends the command with its words and exit status 1."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(gettext(refusal.message, **refusal.values)) from refusal
    finally:
        db.session.rollback()


@contextmanager
def one_transaction() -> Iterator[None]:
    """Commit all of it or nothing. A refusal ends the command with its words and exit status 1, and so does somebody
    else's change that came in between: the command can be given again."""
    with in_words():
        begin_write()
        try:
            yield
            db.session.commit()
        except DBAPIError as error:
            if not lost_race(error):
                raise
            raise Refused(*BUSY) from error
