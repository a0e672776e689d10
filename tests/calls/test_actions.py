"""A call is written, must state what it asks and risks, and is open only while it and its branch stand."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mobilizer import clock
from mobilizer.calls import actions
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Branch, Call, JournalEntry
from mobilizer.policy import COMMAND_LINE
from tests import factories

pytestmark = pytest.mark.usefixtures("app")


def written(**changes: Any) -> dict[str, Any]:
    now = clock.now()
    given = {
        "title": "East gate",
        "content": "Take temperatures.",
        "risks": "Cold nights.",
        "category": "checkpoint-duty",
        "dangerous": False,
        "insured": False,
        "audience_unit_code": "320507001002",
        "opens_at": now,
        "closes_at": now + timedelta(days=14),
    }
    return given | changes


def act(action: Any, *args: Any, **values: Any) -> Any:
    db.session.rollback()
    begin_write()
    try:
        result = action(*args, by=COMMAND_LINE, now=values.pop("now", clock.now()), **values)
        db.session.commit()
        return result
    finally:
        db.session.rollback()


def refusal(action: Any, *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(action, *args, **values)
    return refused.value.code


def drafted(branch: Branch | None = None, **changes: Any) -> int:
    """A draft with one shift."""
    branch = branch or factories.branch(kind="action")
    call_id = act(actions.draft, branch.id, **written(**changes))
    factories.shift(db.session.get_one(Call, call_id))
    return int(call_id)


def state(call_id: int) -> str:
    return str(factories.scalar(select(Call.status).where(Call.id == call_id)))


def test_a_call_is_drafted_published_and_closed_and_each_step_is_journalled_once() -> None:
    call_id = drafted()
    assert state(call_id) == "draft"
    act(actions.publish, call_id)
    act(actions.publish, call_id)
    assert state(call_id) == "published"
    act(actions.close, call_id)
    act(actions.close, call_id)
    assert state(call_id) == "closed"
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds == ["call.drafted", "call.published", "call.closed"]
    assert refusal(actions.publish, call_id) == "call-closed"
    assert refusal(actions.edit, call_id, **written()) == "call-closed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"content": ""}, "call-content"),
        ({"risks": ""}, "call-risks"),
        ({"dangerous": True}, "call-uninsured"),
    ],
)
def test_a_call_that_leaves_something_unsaid_is_drafted_but_not_published(changes: Any, code: str) -> None:
    call_id = drafted(**changes)
    assert refusal(actions.publish, call_id) == code
    assert state(call_id) == "draft"


def test_a_call_without_shifts_or_that_would_have_closed_already_is_not_published() -> None:
    branch = factories.branch(kind="action")
    bare = act(actions.draft, branch.id, **written())
    assert refusal(actions.publish, bare) == "call-without-shifts"
    call = db.session.get_one(Call, bare)
    factories.shift(call, status="cancelled")
    assert refusal(actions.publish, bare) == "call-without-shifts"
    assert refusal(actions.publish, drafted(), now=clock.now() + timedelta(days=15)) == "call-over"


def test_dangerous_work_is_published_with_its_insurance_marked() -> None:
    call_id = drafted(dangerous=True, insured=True)
    act(actions.publish, call_id)
    assert state(call_id) == "published"
    assert refusal(actions.edit, call_id, **written(dangerous=True, insured=False)) == "call-uninsured"


def test_a_published_call_may_change_but_keeps_its_conditions() -> None:
    call_id = drafted()
    act(actions.publish, call_id)
    for changes, code in (
        ({"content": ""}, "call-content"),
        ({"risks": ""}, "call-risks"),
        (
            {"closes_at": clock.now() - timedelta(minutes=1), "opens_at": clock.now() - timedelta(days=1)},
            "call-over",
        ),
    ):
        assert refusal(actions.edit, call_id, **written(**changes)) == code
    act(actions.edit, call_id, **written(title="West gate"))
    assert factories.scalar(select(Call.title)) == "West gate"


def test_only_a_branch_that_stands_calls() -> None:
    proposed = factories.branch(kind="temporary", status="proposed", activated_at=None)
    assert refusal(actions.draft, proposed.id, **written()) == "branch-not-active"
    assert refusal(actions.draft, 10**6, **written()) == "branch-unknown"
    branch = factories.branch(kind="action")
    call_id = drafted(branch)
    db.session.get_one(Branch, branch.id)
    ended = db.session.merge(branch)
    ended.status, ended.ended_at = "ended", clock.now()
    db.session.commit()
    assert refusal(actions.publish, call_id) == "branch-not-active"


def test_an_audience_is_one_unit_or_the_branch_itself() -> None:
    branch, other = factories.branch(kind="action"), factories.branch(kind="action")
    for audience in (
        {"audience_unit_code": None},
        {"audience_branch_id": branch.id},
        {"audience_unit_code": None, "audience_branch_id": other.id},
        {"audience_unit_code": "999999"},
    ):
        assert refusal(actions.draft, branch.id, **written(**audience)) == "audience"
    assert act(actions.draft, branch.id, **written(audience_unit_code=None, audience_branch_id=branch.id))


def test_sign_up_closes_after_it_opens_and_a_category_is_a_known_one() -> None:
    branch, now = factories.branch(kind="action"), clock.now()
    assert refusal(actions.draft, branch.id, **written(closes_at=now, opens_at=now)) == "call-order"
    assert refusal(actions.draft, branch.id, **written(category="anything")) == "category-unknown"


def test_short_links_are_short_and_hard_to_guess() -> None:
    codes = {actions.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 7 and set(code) <= set(actions.ALPHABET) for code in codes)
    assert not set("ilo01") & set(actions.ALPHABET)


def test_a_code_that_is_taken_is_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = factories.call(code="abcdefg")
    offered = iter(["abcdefg", "hjkmnpq"])
    monkeypatch.setattr(actions, "new_code", lambda: next(offered))
    call_id = act(actions.draft, first.branch_id, **written())
    assert factories.scalar(select(Call.code).where(Call.id == call_id)) == "hjkmnpq"


def test_the_category_of_a_call_stays_once_a_shift_has_been_counted_in_it() -> None:
    call_id = drafted()
    act(actions.edit, call_id, **written(category="care"))
    call = db.session.get_one(Call, call_id)
    factories.shift(call, starts_at=factories.tomorrow(20), status="closed", closed_at=clock.now())
    act(actions.edit, call_id, **written(category="care", title="West gate"))
    assert refusal(actions.edit, call_id, **written(category="screening")) == "category-counted"
