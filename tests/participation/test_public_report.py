"""A report for publication names nobody, leads nowhere and hides small cells."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.participation import ledger
from tests.participation.test_page import VILLAGE, Town, figures, table, town
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
__all__ = ["town"]
PATH = "/participation/public"


@pytest.fixture
def many(visit: Visit, town: Town) -> Visitor:
    """Beside the two people of the town, five at another gate and seven at a third, who patrol."""
    home = factories.branch(VILLAGE, "Home of many")
    for code, people in (("320507001008", 5), ("320507001009", 7)):
        gate = factories.checkpoint(unit_code=code)
        for _ in range(people):
            ledger.entry(factories.member(home), town.branch, gate, category="patrol", minutes=60)
    return visit(town.coordinator.phone)


def test_rows_about_one_or_two_people_are_hidden_and_cannot_be_subtracted(many: Visitor) -> None:
    many.open(PATH)
    total, east, west, eight, nine = table(many)
    assert total[1:4] == ["0", "14", "16"]
    assert east[1:] == ["…", "<3", "…", "…", "…", "…", "…"]
    assert west[1:] == ["…", "<3", "…", "…", "…", "…", "…"]
    assert set(eight[1:]) == {"…"}, "the smallest beside them, so that their sum says nothing of either"
    assert nine[1:4] == ["0", "7", "7"]
    assert "Cells about fewer than 3 people are shown as <3" in many.text


def test_a_pivot_hides_the_same_in_rows_columns_and_totals(many: Visitor) -> None:
    many.open(f"{PATH}?by=unit&across=category")
    total, east, west, eight, nine = table(many)
    assert total[1:3] == ["16", "100.0"]
    assert "<3" in east
    assert "<3" in west
    assert many.page.select("#rows table")
    assert eight[0] != nine[0]


def test_it_leads_nowhere_and_names_nobody(many: Visitor) -> None:
    many.open(PATH)
    assert not many.page.select("#rows a")
    assert "Wang Li" not in many.text
    assert "For publication" in many.open("/participation").text
    assert "For publication" not in many.open("/participation?by=member").text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=member", "people one by one"),
        ("across=member", "people one by one"),
        ("vs=before&from=2026-11-24&to=2026-11-24", "one period alone"),
        ("part=noon", "choose one"),
    ],
)
def test_what_cannot_be_published_is_refused_in_words(many: Visitor, query: str, words: str) -> None:
    assert many.open(f"{PATH}?{query}").status == 422
    assert words in many.text


def test_it_stands_on_one_page_or_not_at_all(many: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilizer.participation.public_views.MOST_ROWS", 2)
    for query in ("", "?across=category"):
        assert many.open(PATH + query).status == 422
        assert "too many for one page" in many.text
    monkeypatch.setattr("mobilizer.participation.pivot_queries.MOST_COLUMNS", 1)
    assert many.open(f"{PATH}?across=category").status == 422
    assert "columns. Please choose another" in many.text


def test_a_total_about_two_people_is_hidden_too(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open(f"{PATH}?category=care")
    assert figures(visitor) == ["…", "<3", "…", "…", "…", "…"]
    assert set(table(visitor)[0][1:]) == {"…", "<3"}
    assert visitor.open(f"{PATH}?to=2020-01-01").status == 200
    assert "Nothing counted here yet" in visitor.text
