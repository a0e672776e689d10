"""A coordinator reads the six figures of any slice of their own units, and takes the same table home."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer.model import Branch, JournalEntry, Member
from mobilizer.participation.rules import By
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
TOWN, VILLAGE, NEIGHBOUR, ELSEWHERE = "320507001", "320507001002", "320507001003", "320507002001"
FIGURES = [
    "signed_up",
    "on_post",
    "person_times",
    "minutes",
    "hours",
    "hours_per_head",
    "person_times_per_day",
]


@dataclass
class Town:
    coordinator: Member
    secretary: Member
    branch: Branch


@pytest.fixture
def town(app: Flask) -> Town:
    """Two people, three services of 500 minutes in the village, one of 60 next door, one in another town."""
    factories.unit(TOWN, "Yuanhe")
    factories.unit(VILLAGE, "East Lake")
    factories.unit(NEIGHBOUR, "West Lake")
    home = factories.branch(VILLAGE, "Home")
    branch = factories.branch(VILLAGE, "East Lake action", kind="action")
    gate = factories.checkpoint(unit_code=VILLAGE, name="=HYPERLINK(0)")
    west = factories.checkpoint(unit_code=NEIGHBOUR, name="West gate")
    far = factories.checkpoint(unit_code=ELSEWHERE, name="Far gate")
    one, two = factories.member(home, "@SUM(1)"), factories.member(home, "Wang Li")
    ledger.entry(one, branch, gate, minutes=500)
    ledger.entry(two, branch, gate, minutes=500)
    ledger.entry(one, branch, gate, minutes=500, hour=20)
    ledger.entry(two, branch, west, minutes=60, hour=20, category="care")
    ledger.reversed_entry(two, branch, west, hour=21)
    ledger.entry(two, branch, far, minutes=900)
    coordinator = factories.member(home, "Shen Jing")
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=TOWN)
    return Town(coordinator, factories.secretary(NEIGHBOUR), branch)


def figures(visitor: Visitor) -> list[str]:
    return [b.get_text() for b in visitor.page.select(".tile b")]


def table(visitor: Visitor) -> list[list[str]]:
    return [
        [c.get_text(" ", strip=True) for c in tr.find_all(["th", "td"])]
        for tr in visitor.page.select("tbody tr")
    ]


def test_the_six_figures_come_first_and_are_those_of_the_whole_unit(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open("/participation")
    assert figures(visitor) == ["0", "2", "4", "26.0", "13.0", "4.0"]
    assert table(visitor) == [
        ["Total", "0", "2", "4", "1,560", "26.0", "13.0", "4.0", "100.0"],
        ["East Lake", "0", "2", "3", "1,500", "25.0", "12.5", "3.0", "75.0"],
        ["West Lake", "0", "1", "1", "60", "1.0", "1.0", "1.0", "25.0"],
    ]
    assert "action branches: 1, temporary branches: 0" in visitor.text
    assert "上岗人数" in visit(town.coordinator.phone, "zh_CN").open("/participation").text


def test_the_slice_is_changed_in_a_form(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open("/participation")
    asked = visitor.filled(visitor.form("/participation")) | {
        "unit": VILLAGE,
        "by": "category",
        "from": "2026-11-24",
    }
    query = {name: value[0] if isinstance(value, list) else value for name, value in asked.items()}
    headers = {"HX-Request": "true"} if visitor.htmx else {}
    visitor._took(
        visitor.send("GET", "/participation", query_string=query, headers=visitor.headers | headers)
    )
    assert table(visitor)[1][:2] == ["Checkpoint duty", "0"]
    assert bool(visitor.page.find("html")) is not visitor.htmx
    assert visitor.page.select_one("#participation")


@pytest.mark.parametrize("by", list(By))
def test_every_grouping_adds_up_to_its_total(visit: Visit, town: Town, by: By) -> None:
    visitor = visit(town.coordinator.phone).open(f"/participation?by={by}")
    total, *rows = table(visitor)
    assert total[2:5] == ["2", "4", "1,560"]
    assert sum(int(row[3]) for row in rows) == 4
    assert sum(int(row[4].replace(",", "")) for row in rows) == 1560
    assert visitor.page.select("figure.chart svg title")


def test_the_rows_lead_further_down(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open("/participation")
    visitor.open(str(visitor.page.select_one("tbody th a")["href"]))
    assert figures(visitor)[2] == "3"
    visitor.open("/participation?by=branch")
    visitor.open(str(visitor.page.select_one("tbody th a")["href"]))
    assert "Only this: Branch, East Lake action." in visitor.text
    assert table(visitor)[1][0] == "Tue 24 Nov"


def test_without_records_the_page_says_what_will_be_here(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone).open("/participation?to=2020-01-01")
    assert "Nothing counted here yet" in visitor.text
    assert not visitor.page.select("table")


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("from=2026-02-30", "from", "no such day"),
        ("from=1000000-01-01", "from", "no such day"),
        ("to=9999-12-31", "to", "between 2000-01-01 and 2199-12-31"),
        ("to=tomorrow", "to", "no such day"),
        ("from=2026-11-24&to=2026-11-23", "to", "lies before the first"),
        ("by=phone", "by", "choose one"),
        ("by=unit;DROP TABLE unit", "by", "choose one"),
        ("category=secret", "category", "choose one"),
        ("operation=99999999999999999999", "operation", "choose one"),
        ("operation=7", "operation", "choose one"),
        ("branch=x", "branch", "choose one"),
        ("branch=7777", "branch", "nothing to do with the unit"),
        ("by=unit&across=unit", "across", "what the rows are already"),
        ("across=phone", "across", "choose one"),
        ("kind=secret", "kind", "choose one"),
        ("standing=king", "standing", "choose one"),
        ("part=noon", "part", "choose one"),
        ("source=rumour", "source", "choose one"),
        ("skill=7777", "skill", "choose one"),
        ("skill=x", "skill", "choose one"),
        ("call=7777", "call", "choose one"),
        ("checkpoint=7777", "checkpoint", "choose one"),
        ("member=7777", "member", "choose one"),
        ("figure=money", "figure", "choose one"),
        ("cells=colour", "cells", "choose one"),
        ("vs=other", "vs", "choose one"),
        ("vs=before", "vs", "say the first and the last day"),
        ("vs=before&from=2026-11-24", "vs", "say the first and the last day"),
        ("vs=chosen&vs-from=2026-11-24", "vs-from", "say the days to compare with"),
        ("vs=chosen&vs-from=2026-11-24&vs-to=2026-11-23", "vs-to", "lies before the first"),
        ("vs=before&from=2000-01-01&to=2000-01-02", "vs-from", "between 2000-01-01"),
    ],
)
def test_a_wrong_slice_is_refused_at_its_field_and_stays_as_typed(
    visit: Visit, town: Town, query: str, field: str, words: str
) -> None:
    visitor = visit(town.coordinator.phone).open(f"/participation?{query}")
    assert visitor.status == 422
    assert words in visitor.text
    if field in ("from", "to"):
        typed = dict(part.split("=", 1) for part in query.split("&"))[field]
        assert visitor.page.find("input", {"name": field})["value"] == typed
    assert not visitor.page.select("table")
    for form in ("csv", "xlsx", "json"):
        assert visitor.open(f"/participation.{form}?{query}").status == 422
    assert not factories.rows(select(JournalEntry.id).where(JournalEntry.kind == "participation.exported"))


@pytest.mark.parametrize(
    "path", ["/participation", "/participation.csv", "/participation.xlsx", "/participation.json"]
)
def test_what_lies_outside_the_appointment_is_not_there(visit: Visit, town: Town, path: str) -> None:
    visitor = visit(town.secretary.phone)
    assert visitor.open(f"{path}?unit={NEIGHBOUR}").status == 200
    for code in (VILLAGE, TOWN, "320507", ELSEWHERE, "nowhere", "3" * 50):
        assert visitor.open(f"{path}?unit={code}").status == 404, code
    member = factories.member()
    assert visit(member.phone).open(path).status == 404
    assert visit().open(path).page.find("input", {"name": "password"})


def test_another_branch_shows_nothing_through_the_filter(visit: Visit, town: Town) -> None:
    other = factories.branch(VILLAGE, "Secret branch", kind="action")
    visitor = visit(town.secretary.phone).open(f"/participation?branch={other.id}")
    assert visitor.status == 422
    assert "Secret" not in visitor.text


def test_addresses_on_the_page_carry_only_the_slice(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    visitor.open("/participation?by=unit&_external=1&_scheme=javascript&_anchor=x&endpoint=y&page=0&page=-1")
    assert visitor.status == 200
    for link in visitor.page.select("main a[href]"):
        assert str(link["href"]).startswith(("/", "#")), link
        assert "scheme" not in str(link["href"])


def download(visitor: Visitor, form: str, query: str = "") -> Any:
    visitor.open(f"/participation.{form}?{query}")
    assert visitor.status == 200
    assert visitor.response.headers["Cache-Control"] == "no-store"
    return visitor.response.get_data()


def test_json_has_the_shape_that_programs_build_on(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    got = json.loads(download(visitor, "json", "by=branch&from=2026-11-01&to=2026-11-30"))
    assert list(got) == ["definitions", "filter", "taken_at", "checksum", "branches", "rows", "total"]
    assert datetime.fromisoformat(got["taken_at"]).utcoffset() is not None
    assert got["filter"] == {
        "from": "2026-11-01",
        "to": "2026-11-30",
        "unit": TOWN,
        "unit_name": "Yuanhe",
        "by": "branch",
        "branch": None,
        "category": None,
        "operation": None,
        "days": 30,
    }
    assert set(FIGURES) <= set(got["definitions"])
    assert got["branches"] == {"action": 1, "temporary": 0}
    assert got["total"] == dict(zip(FIGURES, [0, 2, 4, 1560, 26.0, 13.0, 0.1], strict=True))
    assert got["rows"] == [
        {"branch": town.branch.id, "name": "East Lake action", "kind": "action", "unit_code": VILLAGE}
        | {"unit": "East Lake"}
        | got["total"]
    ]


@pytest.mark.parametrize("by", list(By))
def test_every_format_says_the_same_as_the_page(visit: Visit, town: Town, by: By) -> None:
    visitor = visit(town.coordinator.phone)
    rows = json.loads(download(visitor, "json", f"by={by}"))["rows"]
    read = list(csv.reader(io.StringIO(download(visitor, "csv", f"by={by}").decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(download(visitor, "xlsx", f"by={by}")))
    sheet = list(book.worksheets[1].values)
    for at, row in enumerate(rows, 1):
        expected = [row[name] for name in FIGURES]
        assert [float(cell) for cell in read[at][-7:]] == expected
        assert [round(cell, 1) for cell in sheet[at][-7:]] == expected
    assert read[len(rows) + 1][0] == sheet[len(rows) + 1][0] == "Total"
    assert book.worksheets[1].freeze_panes == "A2"


def test_names_that_would_be_formulas_come_out_harmless(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    for by, name in (("checkpoint", "=HYPERLINK(0)"), ("member", "@SUM(1)")):
        read = csv.reader(io.StringIO(download(visitor, "csv", f"by={by}").decode("utf-8-sig")))
        assert f"'{name}" in [row[0] for row in read if row]
        sheet = openpyxl.load_workbook(io.BytesIO(download(visitor, "xlsx", f"by={by}"))).worksheets[1]
        cell = next(row[0] for row in sheet.iter_rows() if row[0].value == name)
        assert cell.data_type == "s"


def test_members_are_named_with_their_branch_and_without_phone(visit: Visit, town: Town) -> None:
    visitor = visit(town.coordinator.phone)
    text = download(visitor, "csv", "by=member").decode()
    assert "Wang Li,Home," in text
    assert "+86" not in text
    assert "197" not in text


def test_a_download_is_named_and_worded_in_the_readers_language_and_journalled(
    visit: Visit, town: Town
) -> None:
    visitor = visit(town.coordinator.phone, "zh_CN")
    raw = download(visitor, "csv", "from=2026-11-24")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert "上岗人数（人）" in raw.decode()
    assert "未冲销" in raw.decode()
    named = unquote(visitor.response.headers["Content-Disposition"])
    assert "filename*=UTF-8''参与统计 Yuanhe 单位 2026-11-24.csv" in named
    written = factories.rows(
        select(JournalEntry.actor_id, JournalEntry.unit_code, JournalEntry.details).where(
            JournalEntry.kind == "participation.exported"
        )
    )
    assert [(row.actor_id, row.unit_code) for row in written] == [(town.coordinator.id, TOWN)]
    assert written[0].details == {
        "form": "csv",
        "grouped_by": "unit",
        "from_day": "2026-11-24",
        "to_day": None,
    }


def test_long_tables_are_paged_and_downloads_have_all_rows(
    visit: Visit, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobilizer.participation.views.ROWS", 1)
    visitor = visit(town.coordinator.phone).open("/participation?by=member")
    assert len(table(visitor)) == 2
    visitor.open(str(visitor.page.select_one("a[rel=next]")["href"]))
    assert table(visitor)[1][0] in ("@SUM(1)", "Wang Li")
    assert not visitor.page.select("a[rel=next]")
    assert len(json.loads(download(visitor, "json", "by=member"))["rows"]) == 2
