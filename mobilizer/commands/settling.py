"""`mobilizer settle`, and the timer inside `serve`: what time does to offers and waiting lists, while nobody looks."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_babel import ngettext
from sqlalchemy.exc import SQLAlchemyError

from mobilizer import clock
from mobilizer.attendance import relief, relief_queries
from mobilizer.commands.retention import clear_if_due
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.signups import waiting

EVERY = 10
"""Seconds from one pass to the next."""

log = logging.getLogger(__name__)


def settle_due(now: datetime) -> int:
    """One pass: offers lapse, the next in line are asked, and leaders are told of posts that nobody relieves; answers on
    how many shifts. Once an hour what is kept of people no longer goes.

    Each shift in a transaction of its own, and what cannot be settled now (somebody else has its row) is left to the
    next pass: so several may run at once, and one shift never stops the others.
    """
    done = 0
    due: list[tuple[Callable[[int, datetime], object], int]] = [
        (waiting.settle, each) for each in waiting.due(now)
    ]
    due += [(relief.raise_hand, each) for each in relief_queries.to_tell(now)]
    for act, shift_id in due:
        try:
            begin_write()
            act(shift_id, now)
            db.session.commit()
            done += 1
        except (SQLAlchemyError, Refused) as fault:
            db.session.rollback()
            log.warning("shift %s was not settled: %s", shift_id, type(fault).__name__)
    db.session.rollback()
    clear_if_due(now)
    return done


@contextmanager
def settling(app: Flask) -> Iterator[None]:
    """Settle what is due every few seconds, in a thread of this process, until the block is left.

    For the process that watches over the workers: there is one of it, and it lives as long as the server, whatever
    becomes of a worker.
    """
    stop = Event()

    def keep_settling() -> None:
        while True:
            try:
                with app.app_context():
                    settle_due(clock.now())
            except Exception:
                log.exception("what is due was not settled")
            if stop.wait(EVERY):
                return

    timer = Thread(target=keep_settling, name="settling", daemon=True)
    timer.start()
    try:
        yield
    finally:
        stop.set()
        timer.join(EVERY)


@click.command()
@with_appcontext
def settle() -> None:
    """Let offers lapse and ask the next in line, wherever time has come: one pass of what serve does by itself."""
    done = settle_due(clock.now())
    click.echo(ngettext("%(num)s shift settled", "%(num)s shifts settled", done))
