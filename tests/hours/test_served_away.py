"""When an operation ends, each home branch is told of its people who were away, and reads where and how long they served."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.branches import actions as branches
from mobilizer.hours import actions as hours
from mobilizer.hours import away_queries as queries
from mobilizer.model import Branch, JournalEntry, Member, Notice, ServiceRecord
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import at, committed
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(34))


def serve(branch: Branch, who: Member, until: int, since: int = 8) -> int:
    shift = factories.shift(factories.call(branch), starts_at=at(since))
    sign_up = factories.sign_up(shift, who)
    committed(attendance.set_times, sign_up.id, arrived=at(since), left=at(until), now=at(24))
    committed(hours.close_shift, shift.id, now=at(25))
    return sign_up.id


def away(home: Branch, operation_id: int | None = None) -> list[tuple[str, int, int, bool]]:
    rows = queries.of_home(home.id, operation_id)
    return [(each.name, each.person_times, each.minutes, each.starts_at is not None) for each in rows]


def test_the_report_has_attachments_and_the_ledgers_hours_of_each(app: Flask) -> None:
    home = factories.branch(name="Lake Branch")
    action = factories.branch(kind="action")
    li, wang, zhao = (factories.member(home, name=name) for name in ("Li", "Wang", "Zhao"))
    factories.member(home, name="Stayed")
    for _twice in range(2):
        attachment = factories.attachment(action, li)
        committed(branches.detach, attachment.id, now=at(30))
    factories.attachment(action, wang)
    factories.attachment(action, factories.member(name="Another's"))
    serve(action, li, 12)
    sign_up = serve(action, zhao, 10)
    served = factories.branch(kind="standing")
    serve(served, li, 20, since=16)
    assert away(home) == [("Li", 1, 240, True), ("Wang", 0, 0, True), ("Zhao", 1, 120, False)]
    assert queries.total(home.id, None) == (3, 2, 360)
    first, still, _other = queries.of_home(home.id, None)
    assert first.ends_at is not None
    assert still.ends_at is None
    entry = factories.scalar(select(ServiceRecord.id).where(ServiceRecord.sign_up_id == sign_up))
    committed(hours.reverse, entry, reason="Was not there", now=at(32))
    assert away(home) == [("Li", 1, 240, True), ("Wang", 0, 0, True)]
    assert queries.total(home.id, None) == (2, 1, 240)


def test_each_operation_can_be_asked_for_alone(app: Flask) -> None:
    home = factories.branch()
    one, other = factories.branch(kind="action"), factories.branch(kind="action")
    who = factories.member(home, name="Li")
    factories.attachment(one, who)
    serve(one, who, 12)
    factories.attachment(other, who)
    assert away(home, one.operation_id) == [("Li", 1, 240, True)]
    assert away(home, other.operation_id) == [("Li", 0, 0, True)]
    assert away(home, 10**6) == []
    assert {key for key, _name in queries.operations(home.id)} == {one.operation_id, other.operation_id}


def told() -> list[tuple[int, dict[str, Any]]]:
    kept = select(Notice.member_id, Notice.details).where(Notice.kind == "served-away")
    return [tuple(row) for row in factories.rows(kept.order_by(Notice.id))]


def test_the_end_of_an_operation_tells_the_leaders_of_each_home_once(app: Flask) -> None:
    led, unled, untouched = (factories.branch(name=name) for name in ("Led", "Unled", "Untouched"))
    leader, over = factories.member(led), factories.secretary()
    factories.appointment(leader, Role.DEPUTY_SECRETARY, branch=led)
    factories.appointment(factories.member(untouched), Role.SECRETARY, branch=untouched)
    operation = factories.operation(name="Flood")
    action = factories.branch(kind="action", operation_id=operation.id)
    for home in (led, led, unled):
        factories.attachment(action, factories.member(home))
    committed(branches.end_operation, operation.id, now=at(30))
    expected = {"what": "Flood", "operation": operation.id}
    assert told() == [
        (leader.id, expected | {"branch": "Led", "home": led.id, "people": 2}),
        (over.id, expected | {"branch": "Unled", "home": unled.id, "people": 1}),
    ]
    kept = select(JournalEntry.branch_id).where(JournalEntry.kind == "branch.people-came-home")
    assert [row.branch_id for row in factories.rows(kept.order_by(JournalEntry.id))] == [led.id, unled.id]


def test_a_branch_that_ends_alone_tells_too_and_a_proposal_that_is_withdrawn_does_not(app: Flask) -> None:
    home = factories.branch()
    leader = factories.member(home)
    factories.appointment(leader, Role.SECRETARY, branch=home)
    stood = factories.branch(kind="action", name="Gate crew")
    proposed = factories.branch(kind="temporary", status="proposed", activated_at=None)
    for branch in (stood, proposed):
        factories.attachment(branch, factories.member(home))
        committed(branches.end, branch.id, now=at(30))
    assert [details["what"] for _who, details in told()] == ["Gate crew"]


def test_the_message_leads_to_the_report_and_the_report_to_a_sheet(
    visit: Visit, app: Flask, later: None
) -> None:
    home = factories.branch(name="Lake Branch")
    leader, li = factories.member(home), factories.member(home, name="=Li")
    factories.appointment(leader, Role.SECRETARY, branch=home)
    operation = factories.operation(name="Flood")
    action = factories.branch(kind="action", operation_id=operation.id, name="Gate crew")
    factories.attachment(action, li)
    serve(action, li, 12)
    committed(branches.end_operation, operation.id, now=at(35))
    page = visit(leader.phone).open("/my/notices")
    assert "“Flood” has ended" in page.text
    address = f"/branches/{home.id}/served-away?operation={operation.id}"
    assert page.page.find("a", href=address)
    page.open(address)
    assert "Gate crew" in page.text
    assert "240 min in the ledger" in page.text
    assert page.open(f"/branches/{home.id}").page.find("a", href=address.split("?", maxsplit=1)[0])
    sheet = page.send("GET", address.replace("served-away?", "served-away.csv?"), headers=page.headers)
    rows = list(csv.reader(StringIO(sheet.get_data(as_text=True).lstrip("\ufeff"))))
    assert any("'=Li" in row and "Gate crew" in row and "240" in row for row in rows)
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("branch.people-exported") == 1


def test_the_report_is_for_the_homes_leaders_and_those_above(visit: Visit, app: Flask) -> None:
    home = factories.branch()
    address = f"/branches/{home.id}/served-away"
    coordinator = factories.member(factories.branch("320507001"))
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507001")
    assert "Nobody was away" in visit(coordinator.phone).open(address).text
    for other in (factories.member(home), factories.secretary("320507002")):
        page = visit(other.phone)
        assert page.open(address).status == 404
        assert page.open(f"{address}.csv").status == 404


def test_the_report_costs_as_many_queries_for_many_as_for_one(
    visit: Visit, app: Flask, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    home, action = factories.branch(), factories.branch(kind="action")
    leader = factories.secretary()
    factories.attachment(action, factories.member(home))
    page, address = visit(leader.phone), f"/branches/{home.id}/served-away"
    one = count_queries(lambda: page.open(address))
    for _ in range(6):
        factories.attachment(action, factories.member(home))
    assert count_queries(lambda: page.open(address)) == one
