"""At a hand-over one leaves when the other has come, and a post that nobody relieves raises its hand, once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions
from mobilizer.commands.settling import settle_due
from mobilizer.model import Notice
from tests import factories
from tests.attendance.leaders import START, at, later, word
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def hand_over(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A is on from 08:00 to 16:00, B from 16:00; A is here, and it is 16:01."""
    branch = factories.branch(kind="action")
    call, gate = factories.call(branch), factories.checkpoint(branch, name="East Gate")
    first = factories.shift(call, gate, starts_at=START)
    second = factories.shift(call, gate, starts_at=at(16))
    leader = factories.secretary()
    home = factories.branch()
    who, other = factories.member(home), factories.member(home)
    mine, theirs = factories.sign_up(first, who), factories.sign_up(second, other)
    later(actions.check_in, mine.id, now=at(8))()

    def stand_at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    stand_at(at(16, 1))
    return first, second, who, mine, theirs, leader, stand_at


def told(leader: Any) -> int:
    return len(
        factories.rows(select(Notice.id).where(Notice.kind == "relief", Notice.member_id == leader.id))
    )


def test_whoever_is_relieved_may_leave(visit: Visit, hand_over: Any) -> None:
    first, _second, who, mine, theirs, leader, _stand_at = hand_over
    later(actions.check_in, theirs.id, now=at(15, 55))()
    page = visit(who.phone).open(f"/shifts/{first.id}/check-in")
    assert "Your relief has come: you may leave." in page.text
    page.submit(f"/shifts/{first.id}/check-out")
    assert word(mine) == (False, at(8), at(16, 1))
    assert told(leader) == 0


def test_whoever_is_not_relieved_is_asked_and_the_post_raises_its_hand_once(
    visit: Visit, hand_over: Any
) -> None:
    first, second, who, mine, _theirs, leader, stand_at = hand_over
    page = visit(who.phone).open(f"/shifts/{first.id}/check-in").submit(f"/shifts/{first.id}/check-out")
    assert page.status == 409
    assert "Nobody has relieved you yet" in page.text
    assert word(mine) == (False, at(8), None)
    today = visit(leader.phone).open("/")
    assert "Waiting for relief" in today.text
    page.submit(f"/shifts/{first.id}/check-out")
    assert word(mine) == (False, at(8), at(16, 1))
    assert told(leader) == 1
    assert "Stands empty now" in today.open("/").text
    assert today.page.find("a", href=f"/shifts/{second.id}/roster")
    stand_at(at(16, 30))
    settle_due(at(16, 30))
    assert told(leader) == 1


def test_the_timer_tells_it_after_a_quarter_of_an_hour_and_not_when_somebody_came(
    visit: Visit, hand_over: Any
) -> None:
    _first, _second, _who, _mine, theirs, leader, _stand_at = hand_over
    settle_due(at(16, 10))
    assert told(leader) == 0
    settle_due(at(16, 15))
    settle_due(at(16, 16))
    assert told(leader) == 1
    later(actions.check_in, theirs.id, now=at(16, 20))()
    assert "Waiting for relief" not in visit(leader.phone).open("/").text
