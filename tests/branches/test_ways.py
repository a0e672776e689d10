"""What a branch says is enough to be checked in: set on its page, kept in the journal, the same again changes nothing."""

from collections.abc import Callable

from sqlalchemy import select

from mobilizer.model import Branch, JournalEntry
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def test_a_secretary_says_what_is_enough_and_how_near(visit: Visit) -> None:
    branch, leader = factories.branch(kind="action"), factories.secretary()
    page = visit(leader.phone).open(f"/branches/{branch.id}")
    page.open(f"/branches/{branch.id}/check-in")
    assert "The leader’s tick on the roster is always enough" in page.text
    data = page.filled(page.form(f"/branches/{branch.id}/check-in"))
    assert data["poster_enough"] == data["screen_code_enough"] == data["own_code_enough"] == ["y"]
    for _ in range(2):
        page.open(f"/branches/{branch.id}/check-in")
        page.submit(f"/branches/{branch.id}/check-in", own_code_enough=[], poster_radius_m="200")
    row = factories.rows(
        select(Branch.poster_enough, Branch.own_code_enough, Branch.poster_radius_m).where(
            Branch.id == branch.id
        )
    )
    assert row == [(True, False, 200)]
    [details] = factories.rows(select(JournalEntry.details).where(JournalEntry.kind == "branch.ways-set"))
    assert details.details["now_is"] == {"own_code_enough": False, "poster_radius_m": 200}


def test_a_radius_that_cannot_be_is_said_at_its_field_and_stays_there(visit: Visit) -> None:
    branch, leader = factories.branch(kind="action"), factories.secretary()
    for typed, words in (("10", "From 50 to 50000."), ("near", "Please write a whole number.")):
        page = visit(leader.phone).open(f"/branches/{branch.id}/check-in")
        page.submit(f"/branches/{branch.id}/check-in", poster_radius_m=typed)
        assert page.status == 422
        assert words in page.text
        assert page.page.select("#poster_radius_m")[0]["value"] == typed


def test_who_does_not_run_the_branch_does_not_say_what_is_enough(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    assert visit(factories.member().phone).open(f"/branches/{branch.id}/check-in").status == 404
