"""Every format, read back by another library: the figures, their meaning, the question, the moment, and the rows behind them."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import pytest
import python_calamine
from flask import Flask
from sqlalchemy import select

from mobilizer.commands.working import work_due
from mobilizer.errors import Refused
from mobilizer.jobs import shelf
from mobilizer.model import JournalEntry, Member
from mobilizer.participation import (
    checksum_queries,
    dataset,
    exporting,
    hours_file,
    hours_file_rules,
    queries,
)
from mobilizer.participation.question_rules import read, written
from mobilizer.participation.rules import FIGURES, By, Slice
from mobilizer.policy import Permission
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE, TOWN = "320507001002", "320507001"
NAMES = [each.name for each in FIGURES]


@pytest.fixture
def coordinator(app: Flask) -> Member:
    """Whose town has five entries of two people, one of them reversed."""
    home = factories.branch(VILLAGE, "Home of few")
    branch = factories.branch(VILLAGE, "Action", kind="action")
    gate = factories.checkpoint(branch, name="East gate")
    one, two = factories.member(home, "Zhang San"), factories.member(home, "Li Si")
    ledger.entry(one, branch, gate, minutes=95, category="care")
    ledger.entry(two, branch, gate, minutes=33, day=date(2026, 11, 25))
    ledger.entry(two, branch, factories.checkpoint(unit_code=TOWN), minutes=61, hour=22)
    ledger.reversed_entry(two, branch, gate, minutes=90)
    who = factories.member(name="Coordinator")
    factories.appointment(who, "coordinator", unit_code=TOWN)
    shelf.remove(
        app.config["INSTANCE_PATH"],
        [path.name for path in shelf.folder(app.config["INSTANCE_PATH"]).iterdir()],
    )
    return who


def taken(visitor: Visitor, path: str, question: str = "") -> bytes:
    answer = visitor.send("GET", f"/{path}?unit={TOWN}&{question}", headers=visitor.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data()


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- the workbook ------------------------------------------------------------------------------------------


def sums(book: Any, formula: str) -> float:
    """What a formula of ours comes to: SUM(range, ...), divided by whole numbers."""
    found = re.fullmatch(r"=SUM\((.+)\)((?:/\d+)*)", formula)
    assert found, formula
    value = 0.0
    for sheet, cells in re.findall(r"'([^']+)'!(\$[A-Z]+\$\d+:\$[A-Z]+\$\d+)", found[1]):
        value += sum(cell.value or 0 for row in book[sheet][cells.replace("$", "")] for cell in row)
    for divisor in found[2].split("/")[1:]:
        value /= int(divisor)
    return value


@pytest.mark.parametrize(
    "question", ["by=unit", "by=member", "by=day&category=care", "by=unit&across=day", "from=2027-01-01"]
)
def test_every_formula_agrees_with_its_stored_value(visit: Visit, coordinator: Member, question: str) -> None:
    content = taken(visit(coordinator.phone), "participation.xlsx", question)
    live, stored = (openpyxl.load_workbook(io.BytesIO(content), data_only=kept) for kept in (False, True))
    assert live.sheetnames == ["Summary", "Participation", "Records", "Definitions"]
    formulas = [
        (sheet.title, cell.coordinate, cell.value)
        for sheet in live
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) >= (10 if "2027" not in question else 0)
    for sheet, at, formula in formulas:
        assert stored[sheet][at].value == pytest.approx(sums(live, formula)), (sheet, at)


@pytest.mark.parametrize("by", [By.UNIT, By.MEMBER, By.STANDING])
def test_every_format_says_the_same(visit: Visit, coordinator: Member, by: By) -> None:
    visitor = visit(coordinator.phone)
    said = json.loads(taken(visitor, "participation.json", f"by={by}"))
    rows = [[row[name] for name in NAMES] for row in [*said["rows"], said["total"]]]
    content = taken(visitor, "participation.xlsx", f"by={by}")
    sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name("Participation").to_python()
    lines = table(taken(visitor, "participation.csv", f"by={by}"))
    for at, row in enumerate(rows, 1):
        assert [float(cell) for cell in lines[at][-7:]] == row
        assert [round(float(cell) + 1e-9, 1) for cell in sheet[at][-7:]] == row
    shown = visitor.open(f"/participation?unit={TOWN}&by={by}").page.select_one("tr.total")
    assert shown is not None
    assert str(said["total"]["minutes"]) in shown.get_text(" ")


def test_two_groupings_stand_one_below_the_other(visit: Visit, coordinator: Member) -> None:
    visitor = visit(coordinator.phone)
    said = json.loads(taken(visitor, "participation.json", "by=category&across=day"))
    assert [(row["category"], row["across"]["day"], row["minutes"]) for row in said["rows"]] == [
        ("care", "2026-11-24", 95),
        ("checkpoint-duty", "2026-11-24", 61),
        ("checkpoint-duty", "2026-11-25", 33),
    ]
    lines = table(taken(visitor, "participation.csv", "by=category&across=day"))
    assert lines[0][:2] == ["Service category", "Day"]
    assert lines[3][:2] == ["Checkpoint duty", "2026-11-25"]


def test_the_records_add_up_and_name_nobody(visit: Visit, coordinator: Member) -> None:
    visitor = visit(coordinator.phone)
    content = taken(visitor, "participation/records.csv")
    lines = table(content)
    at = {heading: number for number, heading in enumerate(lines[0])}
    body = lines[1:6]
    assert [line[at["State"]] for line in body] == ["counts"] * 3 + ["was reversed", "reverses another"]
    for heading in ("Minutes", "Person-times"):
        assert sum(int(line[at[heading]]) for line in body) == int(lines[6][at[heading]])
    for text in (content.decode(), str(taken(visitor, "participation.json", "by=unit"))):
        assert "Zhang" not in text
        assert "Home of few" not in text


def test_names_are_for_who_may_see_them_and_journalled(visit: Visit, coordinator: Member) -> None:
    visitor = visit(coordinator.phone)
    text = taken(visitor, "participation/records.csv", "names=1").decode()
    assert "Zhang San" in text
    assert "****" in text
    assert "+86" not in text
    [details] = [
        row.details
        for row in factories.rows(
            select(JournalEntry.details).where(JournalEntry.kind == "participation.exported")
        )
    ]
    assert details["personal"] is True
    officer = factories.member()
    factories.appointment(officer, "committee-member", unit_code=TOWN)
    other = visit(officer.phone)
    assert taken(other, "participation/records.csv")
    url = f"/participation/records.csv?unit={TOWN}&names=1"
    assert other.send("GET", url, headers=other.headers).status_code in (403, 404)


@pytest.mark.parametrize("question", ["by=member", "by=unit&across=member", "by=unit&member=1"])
def test_a_file_of_people_one_by_one_is_fetched_only_by_who_may_see_them(app: Flask, question: str) -> None:
    asked = dict(parse_qsl(f"unit={TOWN}&{question}"))
    arguments = {"question": asked, "form": "xlsx", "personal": False}
    needed = [permission for permission, _place in exporting.kind(None).needs(arguments)]
    assert Permission.MEMBER_READ in needed


# --- the checksum ---------------------------------------------------------------------------------------------


def test_every_file_carries_the_checksum_of_its_rows(visit: Visit, app: Flask, coordinator: Member) -> None:
    behind = checksum_queries.behind(Slice(TOWN))
    queries.begin_snapshot()
    visitor = visit(coordinator.phone)
    said = json.loads(taken(visitor, "participation.json"))
    assert (said["checksum"]["sha256"], said["checksum"]["rows"]) == (behind.checksum, 5)
    assert said["checksum"]["districts"] == {"320507": {"rows": 5, "last": 5}}
    for path in ("participation.csv", "participation/records.csv"):
        assert behind.checksum in taken(visitor, path).decode()
    summary = openpyxl.load_workbook(io.BytesIO(taken(visitor, "participation.xlsx")))["Summary"]
    assert behind.checksum in [row[1] for row in summary.values]


def test_a_file_leads_to_whether_it_still_holds(visit: Visit, coordinator: Member) -> None:
    visitor = visit(coordinator.phone)
    lead = json.loads(taken(visitor, "participation.json"))["checksum"]["compare"].partition("localhost")[2]
    assert "are those that the ledger has now" in visitor.open(lead).text
    ledger.entry(factories.member(), factories.branch(VILLAGE))
    assert "1 row has been written since" in visitor.open(lead).text
    assert "made from other rows" in visitor.open(lead.replace("by=unit", "by=unit&category=care")).text
    assert "ledger has" not in visitor.open(f"/participation/files?unit={TOWN}&was=nonsense&at=1:2").text


# --- what takes long ---------------------------------------------------------------------------------------------


def test_a_long_file_is_made_beside_the_pages(
    visit: Visit, coordinator: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LONG", 2)
    visitor = visit(coordinator.phone).open(f"/participation.xlsx?unit={TOWN}&by=day&names=1")
    assert visitor.status == 409
    visitor.submit("/participation/files/ask")
    assert "Waiting for its turn" in visitor.text
    assert work_due() == 1
    lead = visitor.open(visitor.response.request.path).page.select_one(".actions a")
    assert lead is not None
    answer = visitor.send("GET", str(lead["href"]), headers=visitor.headers)
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()), read_only=True)
    assert "Zhang San" in [row[18] for row in book["Records"].values]
    assert table(taken(visitor, "participation.csv")), "what has no rows of the ledger in it comes at once"


def test_a_question_is_written_and_read_back() -> None:
    cut = Slice(
        TOWN,
        date(2026, 11, 1),
        None,
        By.DAY,
        branch_id=3,
        category="care",
        across=By.UNIT,
        unit_alone=True,
        part="night",
    )
    assert read(written(cut)) == cut
    assert read(written(Slice())) == Slice()


# --- the hours file -------------------------------------------------------------------------------------------------


def test_the_hours_file_has_what_counts_in_the_columns_of_the_system(
    visit: Visit, app: Flask, coordinator: Member
) -> None:
    secretary = factories.secretary(TOWN)
    lines = table(taken(visit(secretary.phone), "participation/hours-file"))
    assert lines[0][:3] == ["姓名", "手机号码", "服务项目"]
    named = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert [(row["姓名"], row["服务时长（小时）"]) for row in named] == [
        ("Zhang San", "1.6"),
        ("Li Si", "0.6"),
        ("Li Si", "1.0"),
    ]
    assert named[0]["开始时间"] == "2026-11-24 08:00"
    assert re.fullmatch("1[0-9]{10}", named[0]["手机号码"])
    other = visit(coordinator.phone)
    url = f"/participation/hours-file?unit={TOWN}"
    assert other.send("GET", url, headers=other.headers).status_code == 403, "who counts need not call"
    assert "/participation/hours-file" not in str(other.open(f"/participation/files?unit={TOWN}").page)


def test_the_columns_are_configuration(app: Flask, coordinator: Member, tmp_path: Path) -> None:
    layout = tmp_path / "hours.toml"
    layout.write_text(
        """
        format = "csv"
        encoding = "gb18030"
        delimiter = ";"
        [[column]]
        heading = "项目编号"
        value = "SZ-2026-17"
        [[column]]
        heading = "分钟"
        field = "minutes"
        as = "minutes"
        [[column]]
        heading = "类别"
        field = "category"
        words = { care = "01" }
        [[column]]
        heading = "日期"
        field = "day"
        pattern = "%Y/%m/%d"
        """,
        encoding="utf-8",
    )
    app.config["HOURS_FILE"] = str(layout)
    done = app.test_cli_runner().invoke(
        args=["export", "hours-file", "--unit", TOWN, "-o", str(tmp_path / "out.csv")]
    )
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "out.csv").read_bytes().decode("gb18030").split("\r\n")
    assert lines[:2] == ["项目编号;分钟;类别;日期", "SZ-2026-17;95;01;2026/11/24"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[column", "It is no TOML"),
        ("format = 'csv'", r"It has no \[\[column\]\]"),
        ("format = 'doc'\n[[column]]\nheading='a'\nvalue='b'", "format is one of 'csv', 'xlsx'"),
        ("colour = 1\n[[column]]\nheading='a'\nvalue='b'", "“colour” means nothing here"),
        ("[[column]]\nfield='day'", "Column 1 has no heading"),
        ("[[column]]\nheading='a'", "Column “a” needs a field or a value"),
        ("[[column]]\nheading='a'\nfield='identity'", "Column “a”: field is one of 'member'"),
        (
            "[[column]]\nheading='a'\nfield='minutes'\nas='days'",
            "Column “a”: as is one of 'hours', 'minutes'",
        ),
        ("[[column]]\nheading='a'\nfield='unit'\nas='x'", "Column “a”: “as” means nothing here"),
        ("[[column]]\nheading='a'\nfield='day'\nplaces=9", "places are 0 to 4"),
        ("[[column]]\nheading='a'\nfield='unit'\nwords={a='b'}", "Column “a”: “words” means nothing here"),
        (
            "[[column]]\nheading='a'\nvalue='1'\n[[column]]\nheading='a'\nvalue='2'",
            "Two columns are called “a”",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        hours_file_rules.read(text)


def test_a_configuration_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        hours_file.load(str(tmp_path / "nowhere.toml"))


def test_the_one_that_comes_with_the_product_is_right() -> None:
    assert len(hours_file.load(None).columns) > 8


# --- the dataset --------------------------------------------------------------------------------------------------


def test_the_dataset_says_what_an_entry_rests_on_and_nobodys_name(
    app: Flask, coordinator: Member, tmp_path: Path
) -> None:
    target = tmp_path / "data.sqlite"
    done = app.test_cli_runner().invoke(args=["export", "dataset", str(target)])
    assert done.exit_code == 0, done.output
    with closing(sqlite3.connect(target)) as database:
        rows = database.execute(
            "SELECT source, standing, hour, break_minutes FROM service_records ORDER BY id"
        ).fetchall()
        everything = "\n".join(database.iterdump())
    assert rows[2] == ("sheet", "full", 22, 0)
    assert "Zhang San" not in everything
    assert {"source", "standing", "break_minutes"} <= set(dataset.COLUMNS["service_records"])
