"""What a worker says while it works, beside the work's own transaction: that it lives, and how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event, Thread

from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError

from mobilizer.extensions import AT_ONCE, WRITER, table_of
from mobilizer.jobs.actions import Claim, held
from mobilizer.jobs.rules import BEAT
from mobilizer.model import Job

WRITTEN_EVERY = 1.0
"""Seconds from one written progress to the next."""


class Stopped(Exception):
    """Nobody wants the file any more, another worker has the job, or the server stops."""


class Progress:
    """`now` is the clock; `stop` is set when the worker is to go."""

    def __init__(self, engine: Engine, claim: Claim, now: Callable[[], datetime], stop: Event) -> None:
        self._engine = engine.execution_options(**{WRITER: AT_ONCE})
        self._claim, self._now, self._stop = claim, now, stop
        self._written = 0.0

    def tell(self, done: int, total: int) -> None:
        """Raises Stopped."""
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() - self._written >= WRITTEN_EVERY:
            self._write(done=done, total=total)
            self._written = time.monotonic()

    def beat(self) -> None:
        self._write()

    def _write(self, **values: int) -> None:
        """Never waits: where another is writing just now, the next word says it."""
        said = update(table_of(Job)).where(held(self._claim)).values(seen_at=self._now(), **values)
        try:
            with self._engine.begin() as connection:
                wanted = connection.execute(said).rowcount
        except (BlockingIOError, OperationalError):
            return
        if not wanted:
            raise Stopped


@contextmanager
def beating(progress: Progress) -> Iterator[None]:
    """Say every few seconds that the worker lives, also while the work itself has nothing to tell."""
    over = Event()

    def keep_beating() -> None:
        with suppress(Stopped):
            while not over.wait(BEAT):
                progress.beat()

    heart = Thread(target=keep_beating, name="heart", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()
