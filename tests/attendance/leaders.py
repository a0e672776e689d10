"""What tests of a roster share: a shift tomorrow at 08:00, and leaders who act alone or all at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Shift, SignUp
from mobilizer.policy import COMMAND_LINE
from mobilizer.web import lost_race
from tests import factories

START = factories.tomorrow(8)
BY = {"by": COMMAND_LINE}


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """This local time of the shift's day, whatever the wall clock says by now."""
    return START + timedelta(hours=hour - 8, minutes=minute, seconds=second)


def committed(act: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """One action in a transaction of its own, again when it has lost a race, as web.command does it."""
    for _ in range(6):
        try:
            db.session.rollback()
            begin_write()
            answer = act(*args, **BY, **named)
            db.session.commit()
            return answer
        except DBAPIError as error:
            db.session.rollback()
            if not lost_race(error):
                raise
        except Refused:
            db.session.rollback()
            raise
    raise AssertionError("lost every race")


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """All at the same moment, each in a thread and a session of its own; refusals are answers too."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait()
            try:
                return act()
            except Refused as refusal:
                return refusal.code
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


def later(act: Callable[..., Any], *args: Any, **named: Any) -> Callable[[], Any]:
    """The action to be run in a thread: its arguments are values by now, not rows of this thread's session."""
    return lambda: committed(act, *args, **named)


def people(shift: Shift, count: int) -> list[SignUp]:
    return [factories.sign_up(shift, factories.member(factories.branch())) for _ in range(count)]


def word(sign_up: SignUp) -> tuple[bool, datetime | None, datetime | None] | None:
    rows = factories.rows(
        select(Attendance.absent, Attendance.checked_in_at, Attendance.checked_out_at).where(
            Attendance.sign_up_id == sign_up.id
        )
    )
    return tuple(rows[0]) if rows else None


def refused(code: str, act: Callable[..., Any], *args: Any, **named: Any) -> None:
    with pytest.raises(Refused) as refusal:
        committed(act, *args, **named)
    assert refusal.value.code == code
