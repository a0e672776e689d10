"""`mobilizer work`, and the worker inside `serve`: does the jobs that people wait for, one after the other."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale, ngettext
from sqlalchemy.exc import DBAPIError

from mobilizer import clock, web
from mobilizer.accounts.queries import reader_of_member
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.jobs import actions, queries, shelf
from mobilizer.jobs.actions import Claim
from mobilizer.jobs.kinds import KINDS, Task, may
from mobilizer.jobs.progress import Progress, Stopped, beating
from mobilizer.jobs.rules import KEPT

T = TypeVar("T")
EVERY = 2
"""Seconds from one look for work to the next."""
LEFT_ALONE = 5
"""Seconds that a stopping server waits for its worker to lay down its work; what it does not is taken up again later."""
NOT_THEIRS = N_("Your appointments do not include this any more.")
FAULT = N_("Something went wrong here. The fault is ours, and it is noted.")

log = logging.getLogger(__name__)


def work_due(stop: Event | None = None) -> int:
    """Do all that is waiting, and what dead workers left, until there is nothing more; answers how many jobs were taken."""
    stop, taken = stop or Event(), 0
    _forget()
    while not stop.is_set() and (claim := _next()):
        _do(claim, stop)
        taken += 1
    return taken


def _next() -> Claim | None:
    now = clock.now()
    there_is = queries.any_free(now)
    db.session.rollback()
    if not there_is:
        return None

    def take() -> Claim | None:
        actions.give_up(now)
        return actions.claim(now)

    return _say(take)


def _do(claim: Claim, stop: Event) -> None:
    """Whatever becomes of the work, the job says so: done, failed in words, or back to those that wait."""
    path, kept = shelf.new(current_app.config["INSTANCE_PATH"]), False
    try:
        _work(claim, path, stop)
        size = path.stat().st_size
        kept = _say(lambda: actions.finish(claim, path.name, size, now=clock.now()))
    except Stopped:
        _say(lambda: actions.release(claim))
    except Refused as refusal:
        _fail(claim, refusal)
    except DBAPIError:
        # The database may be back in a while: left as it is, it is taken again as a dead worker's would be.
        log.exception("job %s did not get to its end", claim.id)
        db.session.rollback()
    except Exception:
        log.exception("job %s failed", claim.id)
        _fail(claim, Refused("fault", FAULT))
    finally:
        if not kept:
            path.unlink(missing_ok=True)


def _work(claim: Claim, path: Path, stop: Event) -> None:
    now, progress = clock.now(), Progress(db.engine, claim, clock.now, stop)
    kind, reader = KINDS.get(claim.kind), reader_of_member(claim.member_id, now)
    if kind is None or reader is None or not may(reader, kind, claim.arguments):
        raise Refused("not-theirs", NOT_THEIRS)
    with beating(progress), force_locale(claim.language):
        kind.work(Task(claim.arguments, reader, now, path, progress.tell))


def _fail(claim: Claim, refusal: Refused) -> None:
    with force_locale(claim.language):
        words = web.say(refusal)
    _say(lambda: actions.fail(claim, words, now=clock.now()))


def _say(act: Callable[[], T]) -> T:
    begin_write()
    done = act()
    db.session.commit()
    return done


def _forget() -> None:
    """Files whose day is over, and what dead workers left behind."""
    now, instance = clock.now(), current_app.config["INSTANCE_PATH"]
    if queries.any_to_forget(now):
        shelf.remove(instance, _say(lambda: actions.forget(now)))
    shelf.remove(instance, shelf.strays(instance, queries.stored(), now - KEPT))
    db.session.rollback()


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Look for work every few seconds, in a thread of this process, until the block is left. Of several servers, and of
    `mobilizer work` beside them, one gets each job."""
    stop = Event()

    def keep_working() -> None:
        while True:
            try:
                with app.app_context():
                    work_due(stop)
            except Exception:
                log.exception("the worker stumbled, and goes on")
            if stop.wait(EVERY):
                return

    worker = Thread(target=keep_working, name="working", daemon=True)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(LEFT_ALONE)


@click.command()
@with_appcontext
def work() -> None:
    """Do the jobs that are waiting, once: what serve does by itself, for a machine that only works."""
    done = work_due()
    click.echo(ngettext("%(num)s job done", "%(num)s jobs done", done))
