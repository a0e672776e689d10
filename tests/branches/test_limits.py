"""Whoever runs a branch sets its limits and times, and they hold."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mobilizer.model import Branch, JournalEntry
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def kept(branch: Branch) -> tuple[int, ...]:
    [row] = factories.rows(
        select(Branch.rest_hours, Branch.day_hours, Branch.week_hours, Branch.nights_in_row).where(
            Branch.id == branch.id
        )
    )
    return tuple(row)


def journalled() -> list[dict[str, object]]:
    found = select(JournalEntry.details).where(JournalEntry.kind == "branch.limits-set")
    return [row.details for row in factories.rows(found)]


def test_a_secretary_sets_the_limits_and_the_journal_keeps_what_changed(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    page = visit(factories.secretary().phone).open(f"/branches/{branch.id}")
    assert page.page.find("a", href=f"/branches/{branch.id}/limits")
    page.open(f"/branches/{branch.id}/limits")
    for _ in range(2):
        page.submit(f"/branches/{branch.id}/limits", rest_hours="10", week_hours="40", nights_in_row="")
        page.open(f"/branches/{branch.id}/limits")
    assert kept(branch) == (10, 12, 40, None)
    assert journalled() == [
        {"was": {"rest_hours": 8, "week_hours": None}, "now_is": {"rest_hours": 10, "week_hours": 40}}
    ]


def test_members_read_the_limits_on_the_shift_and_are_held_to_them(visit: Visit) -> None:
    call = factories.call(factories.branch(kind="action", rest_hours=11, nights_in_row=3))
    first = factories.shift(call, starts_at=factories.tomorrow(8))
    second = factories.shift(
        call, starts_at=factories.tomorrow(8 + 18 - 24) + (first.ends_at - first.starts_at) * 3
    )
    who = factories.member(factories.branch())
    factories.sign_up(first, who)
    page = visit(who.phone).open(f"/shifts/{second.id}")
    assert "11 h of rest between two shifts · at most 12 h a day · 3 nights in a row" in page.text
    assert not page.offers(f"/shifts/{second.id}/sign-up")


@pytest.mark.parametrize(
    ("field", "value"),
    [("rest_hours", "49"), ("day_hours", "0"), ("week_hours", "x"), ("cut_off_minutes", "")],
)
def test_what_is_no_limit_is_said_at_the_field_and_nothing_typed_is_lost(
    visit: Visit, field: str, value: str
) -> None:
    branch = factories.branch(kind="action")
    page = visit(factories.secretary().phone).open(f"/branches/{branch.id}/limits")
    page.submit(f"/branches/{branch.id}/limits", **{"offer_minutes": "90", field: value})
    assert page.status == 422
    assert page.page.find("input", {"name": field, "aria-invalid": "true"})["value"] == value
    assert page.page.find("input", {"name": "offer_minutes"})["value"] == "90"
    assert kept(branch) == (8, 12, None, None)


def test_only_who_runs_the_branch_sets_its_limits(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    member = factories.member(factories.branch())
    factories.attachment(branch, member)
    assert visit(member.phone).open(f"/branches/{branch.id}/limits").status == 403
    other = factories.secretary("320507002001")
    assert visit(other.phone).open(f"/branches/{branch.id}/limits").status == 404
