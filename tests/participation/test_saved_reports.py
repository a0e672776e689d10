"""A coordinator keeps a question under a name; whoever opens its link counts anew, by their own right."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from mobilizer import clock
from mobilizer.model import JournalEntry, SavedReport
from mobilizer.participation import saved_actions
from mobilizer.participation.period_rules import Beside, Moving, days_meant, other_period
from mobilizer.participation.rules import Slice
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.participation.test_page import TOWN, VILLAGE, Town, figures, table, town
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
__all__ = ["town"]
QUESTION = f"by=category&across=unit&category=care&unit={TOWN}"


def save(visitor: Visitor, name: str = "Care by unit", question: str = QUESTION, **more: str) -> Visitor:
    visitor.open(f"/participation?{question}")
    link = next(a for a in visitor.page.select("a") if a.get_text() == "Save this question")
    visitor.open(str(link["href"]))
    return visitor.submit("/participation/saved/new", name=name, **more)


def kept() -> list[SavedReport]:
    return [row[0] for row in factories.rows(select(SavedReport))]


def test_a_question_is_saved_listed_and_counted_anew_when_it_is_opened(visit: Visit, town: Town) -> None:
    visitor = save(visit(town.coordinator.phone))
    assert "Saved: Care by unit. Whoever opens it counts anew." in visitor.text
    assert [(each.name, each.unit_code) for each in kept()] == [("Care by unit", TOWN)]
    link = str(visitor.page.select_one("#mine .item-title a")["href"])
    assert figures(visitor.open(link))[2] == "1"
    assert table(visitor)[0] == ["Total", "1", "100.0", "1"]
    ledger.entry(factories.member(), town.branch, factories.checkpoint(unit_code=VILLAGE), category="care")
    assert figures(visitor.open(link))[2] == "2"
    written = factories.rows(select(JournalEntry.kind, JournalEntry.unit_code, JournalEntry.details))
    assert ("report.saved", TOWN, {"name": "Care by unit"}) in [tuple(row) for row in written]


def test_days_can_move_with_the_calendar(visit: Visit, town: Town) -> None:
    visitor = save(visit(town.coordinator.phone), question=f"unit={TOWN}&from=2026-11-01", days="yesterday")
    yesterday = days_meant(Moving.YESTERDAY, clock.now().astimezone(factories.LOCAL).date())[0].isoformat()
    visitor.open(str(visitor.page.select_one("#mine .item-title a")["href"]))
    assert visitor.page.find("input", {"name": "from"})["value"] == yesterday
    assert visitor.page.find("input", {"name": "to"})["value"] == yesterday


def test_a_question_that_is_too_long_to_be_kept_is_said_so(visit: Visit, town: Town) -> None:
    visitor = save(visit(town.coordinator.phone), question=f"unit={TOWN}&from=2026-11-01{'%20' * 2100}")
    assert visitor.status == 422
    assert "too long to be kept" in visitor.text
    assert kept() == []


def test_a_name_is_given_and_given_once(visit: Visit, town: Town) -> None:
    visitor = save(visit(town.coordinator.phone), name=" ")
    assert visitor.status == 422
    save(visitor, name="x" * 81)
    assert visitor.status == 422
    assert "x" * 81 in str(visitor.page.find("input", {"name": "name"})["value"])
    save(save(visitor))
    assert visitor.status == 422
    assert "You have a report of this name already" in visitor.text
    assert len(kept()) == 1
    save(visit(town.secretary.phone), question="unit=320507001003")
    assert len(kept()) == 2, "another may give the same"


def test_a_wrong_question_is_not_kept(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    assert visitor.open("/participation/saved/new?part=noon").status == 422
    save(visitor)
    token = {"name": "x", "csrf_token": "", "days": ""}
    visitor.open(f"/participation/saved/new?{QUESTION}")
    form = visitor.filled(visitor.form("/participation/saved/new")) | token | {"days": "never"}
    form["csrf_token"] = visitor.page.find("input", {"name": "csrf_token"})["value"]
    for query, status in ((QUESTION, 422), ("part=noon", 422), ("unit=320507002", 404)):
        answer = visitor.send("POST", f"/participation/saved/new?{query}", data=form, headers=visitor.headers)
        assert answer.status_code == status, query
    assert len(kept()) == 1


def test_there_is_an_end_to_the_list(visit: Visit, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_actions, "MOST", 1)
    visitor = save(save(visit(town.coordinator.phone)), name="One more")
    assert visitor.status == 409
    assert "Please delete one that nobody needs" in visitor.text


def test_those_of_my_units_are_mine_to_open_and_not_to_change(visit: Visit, town: Town) -> None:
    report = factories.saved_report(town.secretary, "320507001003", name="West Lake by care")
    above = factories.saved_report(town.coordinator, TOWN, name="The town")
    visitor = visit(town.coordinator.phone).open("/participation/saved")
    others = visitor.page.select_one("#others")
    assert "West Lake by care" in others.get_text()
    assert not others.select(".item-action a")
    assert visitor.open(f"/participation/saved/{report.id}").status == 200
    assert table(visitor)[1][0] == "Care for residents"
    assert visitor.open(f"/participation/saved/{report.id}/edit").status == 403
    below = visit(town.secretary.phone)
    assert "The town" not in below.open("/participation/saved").text
    for path in ("", "/edit"):
        assert below.open(f"/participation/saved/{above.id}{path}").status == 404
    assert below.open("/participation/saved/7777").status == 404


def test_whoever_opens_it_sees_what_they_may_see(visit: Visit, town: Town) -> None:
    report = factories.saved_report(town.coordinator, TOWN, question=f"unit={TOWN}&by=member")
    committee = factories.member()
    factories.appointment(committee, Role.COMMITTEE_MEMBER, unit_code=TOWN)
    visitor = visit(committee.phone).open(f"/participation/saved/{report.id}")
    assert visitor.status == 422
    assert "see the roster" in visitor.text
    assert "Wang Li" not in visitor.text


def test_it_is_renamed_and_deleted(visit: Visit, town: Town) -> None:
    report = factories.saved_report(town.coordinator, TOWN, name="Old")
    factories.saved_report(town.coordinator, TOWN, name="Taken")
    of_another = factories.saved_report(factories.member(), "320507002", name="Of another")
    path = f"/participation/saved/{report.id}"
    visitor = visit(town.coordinator.phone).open(f"{path}/edit")
    assert visitor.submit(f"{path}/edit", name="Taken").status == 422
    assert visitor.submit(f"{path}/edit", name="").status == 422
    assert "Renamed: New." in visitor.submit(f"{path}/edit", name="New").text
    visitor.open(f"{path}/edit").submit(f"{path}/edit", name="New")
    visitor.open(f"{path}/edit").submit("/participation/saved/delete")
    assert "Deleted: New." in visitor.text
    form = {"csrf_token": visitor.page.find("input", {"name": "csrf_token"})["value"]}
    for which, status in ((str(report.id), 409), ("x", 404), (str(of_another.id), 404)):
        sent = form | {"report": which}
        again = visitor.send("POST", "/participation/saved/delete", data=sent, headers=visitor.headers)
        assert again.status_code == status, which
    assert [each.name for each in kept()] == ["Taken", "Of another"]
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds[-2:] == ["report.renamed", "report.deleted"]


def test_a_kept_question_leads_nowhere_but_to_the_page(visit: Visit, town: Town) -> None:
    report = factories.saved_report(
        town.coordinator, TOWN, question=f"unit={TOWN}&_external=1&_scheme=javascript&days=rumour&by=day"
    )
    visitor = visit(town.coordinator.phone)
    answer = visitor.send("GET", f"/participation/saved/{report.id}", headers=visitor.headers)
    assert answer.headers["Location"] == f"/participation?by=day&unit={TOWN}" or answer.headers[
        "Location"
    ] == (f"/participation?unit={TOWN}&by=day")


def test_without_any_the_list_says_how_one_is_made(visit: Visit, town: Town) -> None:
    assert "No saved report yet" in visit(town.coordinator.phone).open("/participation/saved").text


def test_long_lists_of_others_are_paged(visit: Visit, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A", "B", "C"):
        factories.saved_report(town.secretary, "320507001003", name=name)
    for module in ("saved_queries", "saved_views"):
        monkeypatch.setattr(f"mobilizer.participation.{module}.PAGE", 2)
    visitor = visit(town.coordinator.phone).open("/participation/saved")
    assert len(visitor.page.select("#others .item")) == 2
    visitor.open(str(visitor.page.select_one("a[rel=next]")["href"]))
    assert len(visitor.page.select("#others .item")) == 1


# --- periods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moving", "first", "last"),
    [
        (Moving.TODAY, "2026-03-01", "2026-03-01"),
        (Moving.YESTERDAY, "2026-02-28", "2026-02-28"),
        (Moving.LAST_7_DAYS, "2026-02-23", "2026-03-01"),
        (Moving.THIS_MONTH, "2026-03-01", "2026-03-01"),
        (Moving.LAST_MONTH, "2026-02-01", "2026-02-28"),
    ],
)
def test_moving_days_are_those_of_today(moving: Moving, first: str, last: str) -> None:
    days = days_meant(moving, date(2026, 3, 1))
    assert [each.isoformat() for each in days] == [first, last]


def test_the_period_before_has_as_many_days_and_ends_where_this_begins() -> None:
    cut = Slice(from_day=date(2026, 3, 1), to_day=date(2026, 3, 7))
    before = other_period(cut, Beside.BEFORE)
    assert (before.from_day, before.to_day) == (date(2026, 2, 22), date(2026, 2, 28))
    leap = Slice(from_day=date(2024, 2, 29), to_day=date(2024, 2, 29))
    assert other_period(leap, Beside.YEAR_AGO).from_day == date(2023, 2, 28)
