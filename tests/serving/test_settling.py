"""Time itself: offers lapse and the next are asked while nobody looks, and though the workers are killed."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.commands import settling
from mobilizer.extensions import begin_write, db
from mobilizer.model import Shift, SignUp
from tests import factories
from tests.storm.servers import started

pytestmark = pytest.mark.slow


def lapsed() -> tuple[SignUp, SignUp]:
    """An offer whose time is over, and whoever waits behind it."""
    shift = factories.shift(capacity=1)
    late = factories.sign_up(
        shift, factories.member(), status="offered", answer_by=clock.now() - timedelta(minutes=1)
    )
    return late, factories.sign_up(shift, factories.member(), status="waitlisted")


def status(of: SignUp) -> str:
    return str(factories.scalar(select(SignUp.status).where(SignUp.id == of.id)))


def within(seconds: float, of: SignUp, becomes: str) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and status(of) != becomes:
        time.sleep(0.2)
    return status(of) == becomes


def workers_of(server: int) -> list[int]:
    """The processes that the server has started and that answer requests."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [int(each) for each in children if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()]


def test_one_pass_settles_what_is_due_and_says_how_much(app: Flask) -> None:
    late, next_in_line = lapsed()
    lapsed()
    answer = app.test_cli_runner().invoke(args=["settle"])
    assert answer.output == "2 shifts settled\n"
    assert (status(late), status(next_in_line)) == ("expired", "offered")
    assert app.test_cli_runner().invoke(args=["settle"]).output == "0 shifts settled\n"


def test_a_shift_that_cannot_be_settled_stops_no_other(app: Flask) -> None:
    bad, good = lapsed()[0], lapsed()[0]
    begin_write()
    db.session.get_one(Shift, bad.shift_id).held = 0  # counted wrongly: its seat cannot be freed
    db.session.commit()
    assert settling.settle_due(clock.now()) == 1
    assert (status(bad), status(good)) == ("offered", "expired")


@pytest.mark.slow
def test_a_server_settles_by_itself_and_goes_on_when_its_workers_are_killed(
    app: Flask, environ: dict[str, str]
) -> None:
    late, next_in_line = lapsed()
    with started(environ, 2) as (server, _port):
        assert within(20, next_in_line, "offered")
        assert status(late) == "expired"
        workers = workers_of(server)
        assert len(workers) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        late, next_in_line = lapsed()
        assert within(30, next_in_line, "offered")
        assert status(late) == "expired"
