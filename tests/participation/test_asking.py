"""A coordinator asks crosswise, beside another period, and opens what is behind a figure."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from bs4 import Tag
from sqlalchemy import select

from mobilizer.model import Member
from mobilizer.participation.rules import FILTERS, By
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.participation.test_page import TOWN, VILLAGE, Town, figures, table, town
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
__all__ = ["town"]


def asked(visitor: Visitor, **parts: object) -> Visitor:
    return visitor.open("/participation?" + urlencode(parts))


@pytest.fixture
def crossed(visit: Visit, town: Town) -> Visitor:
    return asked(visit(town.coordinator.phone), by="unit", across="category")


# --- crosswise ----------------------------------------------------------------------------------------


def test_a_pivot_has_the_totals_of_rows_columns_and_all_with_shares(crossed: Visitor) -> None:
    heads = [th.get_text(" ", strip=True) for th in crossed.page.select("#rows thead th")]
    assert heads == ["Unit", "Total", "Share of all %", "Checkpoint duty", "Care for residents"]
    assert table(crossed) == [
        ["Total", "4", "100.0", "3", "1"],
        ["Share of all, in percent", "", "", "75.0", "25.0"],
        ["East Lake", "3", "75.0", "3", "0"],
        ["West Lake", "1", "25.0", "0", "1"],
    ]


@pytest.mark.parametrize(
    ("parts", "row"),
    [
        ({"figure": "hours"}, ["East Lake", "25.0", "96.2", "25.0", "0.0"]),
        ({"figure": "on-post"}, ["East Lake", "2", "100.0", "2", "0"]),
        ({"figure": "signed-up"}, ["East Lake", "0", "0.0", "0", "0"]),
        ({"cells": "share"}, ["East Lake", "3", "75.0", "75.0", "0.0"]),
    ],
)
def test_the_figure_in_the_cells_is_chosen(crossed: Visitor, parts: dict[str, str], row: list[str]) -> None:
    asked(crossed, by="unit", across="category", **parts)
    assert row in table(crossed)
    assert ("they do not add up" in crossed.text) == (parts.get("figure") in ("on-post", "signed-up"))
    assert crossed.page.select_one("details[open] [name=figure]"), "what was chosen is seen"


def test_more_columns_than_can_be_read_stand_one_below_the_other(
    crossed: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobilizer.participation.pivot_queries.MOST_COLUMNS", 1)
    asked(crossed, by="unit", across="category")
    assert "one below the other" in crossed.text
    assert table(crossed) == [
        ["Total", "", "0", "2", "4", "26.0", "100.0"],
        ["East Lake", "Checkpoint duty", "0", "2", "3", "25.0", "75.0"],
        ["West Lake", "Care for residents", "0", "1", "1", "1.0", "25.0"],
    ]


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("cells", ["", "list"])
def test_whatever_is_crossed_adds_up(crossed: Visitor, by: By, cells: str) -> None:
    across = By.CATEGORY if by == By.MONTH else By.MONTH
    asked(crossed, by=by, across=across, cells=cells)
    assert crossed.status == 200
    total, *rows = [row for row in table(crossed) if row[0] != "Share of all, in percent"]
    at = 4 if cells else 1
    assert sum(int(row[at]) for row in rows) == int(total[at]) == 4


def test_long_pivots_are_paged(crossed: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilizer.participation.views.ROWS", 1)
    for cells in ("", "list"):
        asked(crossed, by="unit", across="category", cells=cells)
        assert table(crossed)[-1][0] == "East Lake"
        crossed.open(str(crossed.page.select_one("a[rel=next]")["href"]))
        assert table(crossed)[-1][0] == "West Lake"
        assert not crossed.page.select("a[rel=next]")


# --- beside another period ----------------------------------------------------------------------------


def test_a_period_stands_beside_the_one_before(visit: Visit, town: Town) -> None:
    home = factories.branch(VILLAGE, "Another home")
    far = factories.checkpoint(unit_code="320507001009", name="New gate")
    ledger.entry(factories.member(home), town.branch, far, day=date(2026, 11, 23), minutes=90)
    visitor = asked(
        visit(town.coordinator.phone), **{"from": "2026-11-24", "to": "2026-11-24", "vs": "before"}
    )
    assert "“Then” is Mon 23 Nov." in visitor.text
    notes = [each.get_text() for each in visitor.page.select(".tile-note")]
    assert notes[1:4] == ["then 1 (+1)", "then 1 (+3)", "then 1.5 (+24.5)"]
    total, east, _west, gone = table(visitor)
    assert total == ["Total", "2", "1", "+1", "4", "1", "+3", "26.0", "1.5", "+24.5"]
    assert east[:4] == ["East Lake", "2", "0", "+2"]
    assert gone[:7] == ["village 320507001009", "0", "1", "−1", "0", "1", "−1"]
    opened = [str(a["href"]) for a in visitor.page.select("tbody tr:last-child td a")]
    assert len(opened) == 3
    assert all("from=2026-11-23&to=2026-11-23" in each for each in opened)


def test_days_are_compared_by_their_totals_alone(visit: Visit, town: Town) -> None:
    visitor = asked(
        visit(town.coordinator.phone),
        **{"by": "day", "from": "2026-11-24", "to": "2026-11-24", "vs": "year-ago"},
    )
    assert "the totals alone are compared" in visitor.text
    assert visitor.page.select(".tile-note")
    assert len(table(visitor)[0]) == 9


def test_any_days_can_be_compared_with(visit: Visit, town: Town) -> None:
    chosen = {"vs": "chosen", "vs-from": "2026-11-24", "vs-to": "2026-11-24", "from": "2026-11-25"}
    visitor = asked(visit(town.coordinator.phone), **chosen)
    assert table(visitor)[0][:7] == ["Total", "0", "2", "−2", "0", "4", "−4"]


# --- what is behind a figure --------------------------------------------------------------------------


def linked(visitor: Visitor) -> Iterator[tuple[str, str, str]]:
    """(figure, its column, address) of every figure of the table that leads to the rows behind it."""
    heads = [str(th.contents[0]).strip() for th in visitor.page.select("#rows thead th")]
    for row in visitor.page.select("#rows tbody tr"):
        for head, cell in zip(heads, row.find_all(["th", "td"]), strict=True):
            link = cell.find("a")
            if isinstance(link, Tag) and cell.name == "td":
                yield link.get_text(), head, str(link["href"])


@pytest.fixture
def signed(visit: Visit, town: Town) -> Visitor:
    """The town, in which three of two people have signed up for two shifts of tomorrow."""
    call = factories.call(town.branch, title="Night watch")
    gate = factories.checkpoint(unit_code=VILLAGE, name="North gate")
    skill = factories.skill("nurse")
    first = factories.shift(call, gate, starts_at=factories.tomorrow(8), skill_id=skill.id)
    second = factories.shift(call, gate, starts_at=factories.tomorrow(22))
    one, two = factories.member(name="Qian Duo"), factories.member(standing="volunteer")
    for shift, who in ((first, one), (second, one), (second, two)):
        factories.sign_up(shift, who)
    ledger.entry(two, town.branch, shift=second, hour=23)
    return visit(town.coordinator.phone)


@pytest.mark.parametrize("by", list(By))
def test_every_figure_opens_the_rows_behind_it_and_they_add_up_to_it(signed: Visitor, by: By) -> None:
    asked(signed, by=by)
    found = list(linked(signed))
    assert len(found) >= 8
    for figure, column, link in {(head, each): (text, head, each) for text, head, each in found}.values():
        signed.open(link)
        assert signed.status == 200, link
        tile = "Minutes" if column in ("Minutes", "Hours") else column
        shown = {t.dt.get_text(): t for t in signed.page.select(".tile")}[tile]
        said = shown.select_one(".tile-note").get_text() if column == "Hours" else shown.b.get_text()
        assert said.split()[0] == figure, (column, link)
        if tile == "Minutes":
            cells = signed.page.select('tbody td[data-label="Minutes"]')
            added = sum(int(cell.get_text().replace(",", "")) for cell in cells)
            assert f"{added:,}" == shown.b.get_text()


def test_a_cell_opens_what_its_row_and_its_column_have_in_common(signed: Visitor) -> None:
    for by, across in (("day", "week"), ("part-of-day", "unit"), ("skill", "call"), ("standing", "source")):
        asked(signed, by=by, across=across)
        for figure, _column, link in linked(signed):
            signed.open(link)
            assert signed.page.select_one(".tile b").get_text() == figure, (by, across, link)


def test_an_entry_that_was_taken_back_stands_with_what_takes_it_back(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open(
        "/participation/records?category=checkpoint-duty&unit=320507001003"
    )
    assert "Entries in the ledger: 1, of which taken back: 1." in visitor.text
    texts = [row.get_text(" ", strip=True) for row in visitor.page.select("tbody tr")]
    assert len(texts) == 2
    assert "Takes back no." in texts[0]
    assert "−480" in texts[0] or "-480" in texts[0]
    assert "Taken back by no." in texts[1]
    assert visitor.page.select_one(".tile b").get_text() == "0"


def test_the_rows_name_people_only_to_those_who_may_see_the_roster(signed: Visitor, visit: Visit) -> None:
    for path in ("/participation/records", "/participation/sign-ups"):
        assert "Wang Li" in signed.open(path).text or "Qian Duo" in signed.text
    committee = factories.member()
    factories.appointment(committee, Role.COMMITTEE_MEMBER, unit_code=TOWN)
    visitor = visit(committee.phone)
    for path in ("/participation/records", "/participation/sign-ups"):
        visitor.open(path)
        assert visitor.status == 200
        assert visitor.page.select("tbody tr")
        for name in ("Wang Li", "Qian Duo", "@SUM(1)"):
            assert name not in visitor.text
    for part in ("by=member", "by=unit&across=member"):
        assert visitor.open(f"/participation?{part}").status == 422
        assert "see the roster" in visitor.text
        assert visitor.open(f"/participation.csv?{part}").status == 422


def test_nobody_is_found_out_about_by_number_without_the_roster(signed: Visitor, visit: Visit) -> None:
    who = factories.scalar(select(Member.id).where(Member.name == "Wang Li"))
    committee = factories.member()
    factories.appointment(committee, Role.COMMITTEE_MEMBER, unit_code=TOWN)
    visitor = visit(committee.phone)
    for path in (
        "/participation",
        "/participation.csv",
        "/participation/records",
        "/participation/sign-ups",
        "/participation/files",
        "/participation/public",
    ):
        said = []
        for number in (who, 10**6):
            visitor.open(f"{path}?member={number}")
            assert visitor.status == 422, path
            assert "Wang Li" not in visitor.text, path
            said.append(visitor.text)
        assert said[0] == said[1], path
        assert "see the roster" in said[0] or path.endswith("public"), path
    assert signed.open(f"/participation?member={who}").status == 200


def test_long_lists_are_paged_and_still_add_up(signed: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilizer.participation.record_views.PAGE", 2)
    monkeypatch.setattr("mobilizer.participation.listing_queries.PAGE", 2)
    signed.open("/participation/records?category=checkpoint-duty")
    seen = []
    while True:
        seen += [str(row["id"]) for row in signed.page.select("tbody tr")]
        following = signed.page.select_one("a[rel=next]")
        if following is None:
            break
        signed.open(str(following["href"]))
    assert len(seen) == len(set(seen)) == 6
    assert signed.page.select_one("a[rel=prev]")
    signed.open("/participation/sign-ups")
    assert "Rows 1 to 2." in signed.text


@pytest.mark.parametrize("path", ["/participation/records", "/participation/sign-ups"])
def test_the_rows_are_asked_for_as_the_page_is(visit: Visit, town: Town, path: str) -> None:
    visitor = visit(town.secretary.phone)
    assert visitor.open(f"{path}?unit={TOWN}").status == 404
    assert visitor.open(f"{path}?part=noon").status == 422
    assert visitor.open(f"{path}?page=9999&from=2026-11-01").status == 200


def test_a_thing_of_elsewhere_is_named_only_where_it_served(visit: Visit, town: Town) -> None:
    """A branch of another town whose people served here opens from its figure; one that did not says nothing."""
    other = factories.branch("320507002001", "Far branch")
    path = f"/participation/records?unit={VILLAGE}&branch={other.id}"
    visitor = visit(town.coordinator.phone)
    assert visitor.open(path).status == 422
    assert "Far branch" not in visitor.text
    ledger.entry(factories.member(), other, factories.checkpoint(unit_code=VILLAGE))
    assert "Far branch" in visitor.open(path).text


def test_the_page_costs_the_same_number_of_statements_whatever_it_shows(
    visit: Visit, town: Town, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    visitor = visit(town.coordinator.phone)
    gate = factories.checkpoint(unit_code=VILLAGE)

    def counted(path: str) -> int:
        return count_queries(lambda: visitor.open(path))

    paths = [
        "/participation?by=category",
        "/participation?by=member&across=unit",
        "/participation?by=member&across=unit&cells=list",
        "/participation?by=call&vs=before&from=2026-11-24&to=2026-11-24",
        "/participation/records",
        "/participation/sign-ups",
    ]
    before = [counted(path) for path in paths]
    for at in range(5):
        ledger.entry(factories.member(), town.branch, gate, day=date(2026, 11, 24) + timedelta(days=at))
    assert [counted(path) for path in paths] == before


def test_every_filter_has_a_part_of_the_address() -> None:
    assert len(FILTERS) == 11


def test_the_six_most_used_fields_come_first_and_the_rest_waits(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open("/participation")
    form = visitor.form("/participation")
    named = [each["name"] for each in form.find_all(["input", "select"])]
    assert named[:6] == ["from", "to", "unit", "by", "across", "category"]
    assert not form.select_one("details[open]")
    assert figures(visitor)
