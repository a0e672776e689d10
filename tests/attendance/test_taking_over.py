"""B took over from A inside the shift: one seat, and each counted for their own time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.attendance import actions, queries
from mobilizer.attendance.rules import taking_over as taking_over_rule
from mobilizer.attendance.taking_over import take_over
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions as hours
from mobilizer.model import Member, ServiceRecord, Shift, SignUp
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, refused, word
from tests.visitor import Visitor


@pytest.fixture
def on_post(app: Flask) -> tuple[Shift, SignUp, Member]:
    """A shift from 8 to 16 with one seat, whoever holds it, there since 8; and somebody who comes."""
    shift = factories.shift(starts_at=START, capacity=1)
    first = factories.sign_up(shift, factories.member(name="Li Na"))
    committed(actions.check_in, first.id, at=at(8), now=at(9))
    return shift, first, factories.member(name="Wang Fang")


def seats(shift: Shift) -> tuple[int, int, int]:
    row = factories.rows(select(Shift.capacity, Shift.taken, Shift.waiting).where(Shift.id == shift.id))[0]
    return row.capacity, row.taken, row.waiting


def counted() -> list[tuple[int, int]]:
    rows = factories.rows(
        select(ServiceRecord.minutes, ServiceRecord.person_times).order_by(ServiceRecord.starts_at)
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        (at(7, 59), "taken-over-outside"),
        (at(16), "taken-over-outside"),
        (at(13), "taken-over-ahead"),
        (at(8), None),
        (at(12, 4, 59), None),
    ],
)
def test_a_seat_is_taken_over_while_the_other_is_there_and_not_in_the_future(
    when: datetime, code: str | None
) -> None:
    if code is None:
        assert taking_over_rule(when, at(8), at(16), at(12)) == when.replace(second=0)
        return
    with pytest.raises(Refused) as refusal:
        taking_over_rule(when, at(8), at(16), at(12))
    assert refusal.value.code == code


def test_each_is_counted_for_their_own_time_on_the_one_seat(on_post: tuple[Shift, SignUp, Member]) -> None:
    shift, first, comes = on_post
    second = committed(take_over, first.id, comes.id, at=at(12), now=at(12))
    assert seats(shift) == (1, 1, 0)
    assert word(first) == (False, at(8), at(12))
    board = queries.board_of(shift.id, at(12))
    assert board is not None
    assert [(each.name, each.state, each.took_over_from) for each in board.people] == [
        ("Li Na", "left", None),
        ("Wang Fang", "here", "Li Na"),
    ]
    assert committed(take_over, first.id, comes.id, at=at(12), now=at(13)) == second
    assert committed(hours.close_shift, shift.id, now=at(16)) == 2
    assert counted() == [(240, 1), (240, 1)]


def test_who_left_before_keeps_that_time_and_a_third_takes_over_from_the_second(
    on_post: tuple[Shift, SignUp, Member],
) -> None:
    shift, first, comes = on_post
    committed(actions.check_out, first.id, at=at(11), now=at(12))
    second = committed(take_over, first.id, comes.id, at=at(12), now=at(12))
    third = factories.member()
    refused("taken-over", take_over, first.id, third.id, at=at(13), now=at(14))
    committed(take_over, second, third.id, at=at(14), now=at(14))
    assert seats(shift) == (1, 1, 0)
    committed(hours.close_shift, shift.id, now=at(16))
    assert counted() == [(180, 1), (120, 1), (120, 1)]


def test_what_was_done_in_error_is_undone_from_the_end(on_post: tuple[Shift, SignUp, Member]) -> None:
    shift, first, comes = on_post
    second = committed(take_over, first.id, comes.id, at=at(12), now=at(12))
    refused("taken-over", actions.clear, first.id, now=at(12))
    committed(actions.clear, second, now=at(12))
    assert seats(shift) == (1, 1, 0)
    assert factories.scalar(select(SignUp.status).where(SignUp.id == second)) == "withdrawn"
    assert word(first) == (False, at(8), at(12))
    committed(actions.set_times, first.id, arrived=at(8), left=None, now=at(12))
    committed(hours.close_shift, shift.id, now=at(16))
    assert counted() == [(480, 1)]


def test_whoever_waited_for_the_shift_takes_over_and_waits_no_more(
    on_post: tuple[Shift, SignUp, Member],
) -> None:
    shift, first, comes = on_post
    waiting = factories.sign_up(shift, comes, status="waitlisted")
    assert committed(take_over, first.id, comes.id, at=at(12), now=at(12)) == waiting.id
    assert seats(shift) == (1, 1, 0)
    assert factories.scalar(select(SignUp.source).where(SignUp.id == waiting.id)) == "hand-over"


def test_who_cannot_be_there_is_refused_and_nothing_is_written(on_post: tuple[Shift, SignUp, Member]) -> None:
    shift, first, comes = on_post
    here = factories.sign_up(factories.shift(starts_at=START), comes)
    refused("shifts-overlap", take_over, first.id, comes.id, at=at(12), now=at(12))
    assert here.id
    offered = factories.member()
    begin_write()
    db.session.get_one(Shift, shift.id).capacity = 2
    db.session.commit()
    factories.sign_up(shift, offered, status="offered")
    refused("has-offer", take_over, first.id, offered.id, at=at(12), now=at(12))
    missing = factories.sign_up(factories.shift(starts_at=START), factories.member())
    refused("not-here", take_over, missing.id, factories.member().id, at=at(12), now=at(12))
    refused("member-unknown", take_over, first.id, 10**6, at=at(12), now=at(12))
    refused("on-roster", take_over, first.id, first.member_id, at=at(12), now=at(12))
    assert word(first) == (False, at(8), None)


def test_a_closed_shift_is_corrected_in_the_ledger_and_not_taken_over(
    on_post: tuple[Shift, SignUp, Member],
) -> None:
    shift, first, comes = on_post
    committed(hours.close_shift, shift.id, now=at(16))
    refused("shift-closed", take_over, first.id, comes.id, at=at(12), now=at(16))


def test_two_who_take_over_at_once_are_one(app: Flask, on_post: tuple[Shift, SignUp, Member]) -> None:
    shift, first, comes = on_post
    other = factories.member().id
    answers = at_once(
        app,
        later(take_over, first.id, comes.id, at=at(12), now=at(12)),
        later(take_over, first.id, other, at=at(12), now=at(12)),
        later(take_over, first.id, comes.id, at=at(12), now=at(12)),
    )
    assert "taken-over" in answers
    confirmed = select(func.count()).select_from(SignUp).where(SignUp.status == "confirmed")
    assert factories.scalar(confirmed) == 2
    assert seats(shift) == (1, 1, 0)


def test_the_leader_says_who_took_over_and_when(
    visit: Callable[..., Visitor], on_post: tuple[Shift, SignUp, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, first, comes = on_post
    leader = factories.secretary()
    monkeypatch.setattr(clock, "now", lambda: at(12, 30))
    page = f"/shifts/{shift.id}/roster/{first.id}/take-over"
    sent = page.replace("take-over", "taken-over")
    visitor = visit(leader.phone).open(f"/shifts/{shift.id}/roster")
    assert visitor.page.find("a", href=page) is not None
    visitor.open(f"{page}?q=Wang+Fang")
    fields: dict[str, Any] = visitor.filled(visitor.form(sent))
    assert fields["at"] == "12:30"
    visitor.submit(sent, at="17:00")
    assert (visitor.status, "before the shift ends" in visitor.text) == (422, True)
    visitor.submit(sent, at="")
    assert (visitor.status, "Please say when they took over." in visitor.text) == (422, True)
    visitor.submit(sent, at="12:00")
    assert "Wang Fang took over from Li Na. Each is counted for their own time." in visitor.text
    assert "Took over from Li Na" in visitor.text
    assert word(first) == (False, at(8), at(12))
    assert comes.id
