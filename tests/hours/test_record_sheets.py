"""Earlier service from a sheet: each row is answered, nothing is counted twice, and all of it is entered or nothing."""

import datetime as dt
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock, intake
from mobilizer.hours import actions, sheet, sheet_actions, sheet_cells, sheet_queries
from mobilizer.intake.outcomes import Report
from mobilizer.model import Attendance, Branch, ImportFile, JournalEntry, Member, ServiceRecord
from mobilizer.terms import Role, ServiceCategory
from tests import factories, workbooks
from tests.attendance.leaders import committed
from tests.factories import LOCAL, moment
from tests.imports.files import csv_of
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
HEAD = ["姓名", "手机号", "日期", "开始", "结束", "服务时长", "服务类别", "地点", "支部", "备注"]
DAY = dt.date(2026, 2, 3)


@pytest.fixture
def branch(app: Flask) -> Branch:
    made = factories.branch(name="香城花园行动支部", kind="action")
    factories.checkpoint(made, "东门卡口")
    return made


@pytest.fixture
def li(branch: Branch) -> Member:
    return factories.member(branch, name="李娜")


def entered() -> list[Any]:
    return factories.rows(select(ServiceRecord.__table__).order_by(ServiceRecord.id))


def taken(
    rows: Sequence[Sequence[object]], branch: Branch, name: str = "旧账.csv", head: Any = HEAD
) -> Report:
    """These rows under a heading, entered for the branch and committed."""
    content = csv_of([head, *[[*row, *[""] * (len(head) - len(row))] for row in rows]])
    now, at = clock.now(), sheet_queries.place(branch_id=branch.id)
    assert at is not None
    columns = sheet.recognised(intake.read(content, name, max_rows=10**6, max_bytes=10**8))
    told = sheet.read(columns, LOCAL, now)
    stem = sheet_queries.stem(name, content)
    report: Report = committed(
        sheet_actions.enter_sheet, columns, told, stem=stem, at=at, zone=LOCAL, now=now
    )
    return report


def outcomes(report: Report) -> list[str]:
    return [str(line.outcome) for line in report.lines]


def why(report: Report) -> list[str]:
    return [line.reason.message if line.reason else "" for line in report.lines]


# --- a row becomes an entry --------------------------------------------------------------------------------------


def test_a_row_becomes_an_entry_with_every_column(branch: Branch, li: Member) -> None:
    row = ["李娜", li.phone, "2026-02-03", "08:00", "17:00", "8", "值守", "东门卡口", "", "雨天"]
    report = taken([row], branch)
    assert outcomes(report) == ["created"]
    [made] = entered()
    assert (made.kind, made.source, made.turn, made.person_times) == ("entry", "sheet", 0, 1)
    assert made.reference.startswith("旧账.csv ")
    assert made.reference.endswith(" · 2")
    assert (made.starts_at, made.ends_at) == (moment(DAY, 8), moment(DAY, 17))
    assert (made.break_minutes, made.minutes, made.hour, made.day) == (60, 480, 8, DAY)
    assert (made.member_id, made.standing, made.home_branch_id) == (li.id, "full", branch.id)
    assert (made.branch_id, made.operation_id) == (branch.id, branch.operation_id)
    assert made.checkpoint_id is not None
    assert (made.category, made.reason) == ("checkpoint-duty", "雨天")
    assert [row.kind for row in factories.rows(select(JournalEntry.kind))] == ["service-record.from-sheet"]


def test_nobody_enters_their_own_service(visit: Visit, branch: Branch, li: Member) -> None:
    """As by hand, where it needs a second person's yes."""
    other = factories.member(branch, name="王芳")
    factories.appointment(li, Role.SECRETARY, branch=branch)
    visitor = visit(li.phone).open(f"/branches/{branch.id}/records/sheet")
    rows = [[who.name, who.phone, "2026-02-03", "08:00", "17:00"] for who in (li, other)]
    content = csv_of([HEAD, *[[*row, *[""] * (len(HEAD) - len(row))] for row in rows]])
    visitor.submit(f"/branches/{branch.id}/records/sheet", file=(BytesIO(content), "mine.csv"))
    assert "your own service" in visitor.text
    token = factories.scalar(select(ImportFile.token))
    visitor.submit(f"/branches/{branch.id}/records/sheet/{token}/confirm")
    assert [row.member_id for row in entered()] == [other.id]


def test_a_night_belongs_to_the_day_it_began(branch: Branch, li: Member) -> None:
    taken([["李娜", "", "2月3日", "20:00", "次日8:00"], ["李娜", "", "2026/2/5", "22点-次日2点"]], branch)
    assert [(row.day, row.minutes) for row in entered()] == [(DAY, 720), (dt.date(2026, 2, 5), 240)]


def test_with_its_length_alone_it_is_put_from_eight_on_and_said_so(branch: Branch, li: Member) -> None:
    report = taken(
        [
            ["李娜", "", "2026-02-03", "", "", "4小时", "宣传"],
            ["李娜", "", "2026-02-03", "", "", "2.5", "关爱"],
        ],
        branch,
    )
    assert outcomes(report) == ["created", "created"]
    assert all(line.warnings for line in report.lines)
    assert [(row.starts_at, row.minutes) for row in entered()] == [
        (moment(DAY, 8), 240),
        (moment(DAY, 12), 150),
    ]


def test_what_is_no_category_or_place_known_is_kept_in_words(branch: Branch, li: Member) -> None:
    report = taken([["李娜", "", "2026-02-03", "8:00", "9:00", "", "包粽子", "老街", "", "端午"]], branch)
    assert len(report.lines[0].warnings) == 2
    [made] = entered()
    assert (made.category, made.checkpoint_id, made.reason) == ("other", None, "老街 · 包粽子 · 端午")


@pytest.mark.parametrize("how", ["xlsx", "gb18030", "utf-16", "xls"])
def test_a_sheet_is_read_whatever_it_is(branch: Branch, li: Member, how: str) -> None:
    rows: list[list[object]] = [["香城花园服务登记表"], ["姓名", "日期", "时长"], ["李娜", "2026-02-03", 8]]
    if how == "xlsx":
        content = workbooks.xlsx([["姓名", "日期", "时长"], ["李娜", DAY, 8]])
    elif how == "xls":
        content = workbooks.xls(
            [(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)]  # type: ignore[misc]
        )
    else:
        content = csv_of(rows, how)
    columns = sheet.recognised(intake.read(content, f"a.{how}", max_rows=100, max_bytes=10**7))
    [(_row, _about, told)] = sheet.read(columns, LOCAL, clock.now())
    assert isinstance(told, sheet.Told)
    assert (told.name, told.day, told.minutes) == ("李娜", DAY, 480)


def test_moments_need_no_day_beside_them(branch: Branch, li: Member) -> None:
    report = taken(
        [["李娜", "2026-02-03 20:00", "2026-02-04 06:00"]], branch, head=["姓名", "签到时间", "签退时间"]
    )
    assert outcomes(report) == ["created"]
    assert entered()[0].minutes == 600


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "", "2026-02-03", "8:00", "9:00"], "Who served is missing"),
        (["王五", "", "2026-02-03", "8:00", "9:00"], "Nobody of"),
        (["李娜", "+8619999999999", "2026-02-03", "8:00", "9:00"], "Nobody with this number"),
        (["李娜", "12", "2026-02-03", "8:00", "9:00"], "is no complete phone number"),
        (["李娜", "", "", "8:00", "9:00"], "The day is missing"),
        (["李娜", "", "2026-02-30", "8:00", "9:00"], "There is no such day"),
        (["李娜", "", "2026-02-03"], "From when until when, or how long"),
        (["李娜", "", "2026-02-03", "8:00"], "When it ends is missing"),
        (["李娜", "", "2026-02-03", "", "9:00"], "When it starts is missing"),
        (["李娜", "", "2026-02-03", "early", "9:00"], "cannot be read as a time"),
        (["李娜", "", "2026-02-03", "8:00", "12:00", "5"], "longer than from its start"),
        (["李娜", "", "2026-02-03", "", "", "30"], "cannot be read as a length"),
        (["李娜", "", "2026-02-03", "", "", "long"], "cannot be read as a length"),
        (["李娜", "", "2099-02-03", "8:00", "9:00"], "still lies ahead"),
        (["李娜", "", "1960-02-03", "8:00", "9:00"], "very long ago"),
    ],
)
def test_what_is_missing_or_wrong_is_said(branch: Branch, li: Member, row: list[str], words: str) -> None:
    report = taken([row], branch)
    assert outcomes(report) == ["refused"]
    assert words in why(report)[0]
    assert entered() == []


def test_a_name_that_two_have_needs_the_number_and_a_number_its_own_name(branch: Branch, li: Member) -> None:
    other = factories.member(branch, name="李娜")
    rows = [
        ["李娜", "", "2026-02-03", "8:00", "9:00"],
        ["李娜", other.phone, "2026-02-03", "8:00", "9:00"],
        ["王芳", other.phone, "2026-02-04", "8:00", "9:00"],
    ]
    report = taken(rows, branch)
    assert outcomes(report) == ["refused", "created", "refused"]
    assert "Several people of the branch" in why(report)[0]
    assert "not of somebody with this name" in why(report)[2]
    assert entered()[0].member_id == other.id


def test_a_number_alone_finds_nobody_of_elsewhere(branch: Branch) -> None:
    stranger = factories.member(name="赵六")
    report = taken(
        [
            ["", stranger.phone, "2026-02-03", "8:00", "9:00"],
            ["赵六", stranger.phone, "2026-02-03", "8:00", "9:00"],
        ],
        branch,
    )
    assert outcomes(report) == ["refused", "created"], "a list of numbers tells nobody whose they are"


# --- counted once ------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_also_where_an_entry_was_taken_back(
    branch: Branch, li: Member
) -> None:
    rows = [["李娜", "", "2026-02-03", "8:00", "12:00"], ["李娜", "", "2026-02-04", "8:00", "12:00"]]
    taken(rows, branch)
    committed(actions.reverse, entered()[0].id, reason="Another person.", now=clock.now())
    again = taken(rows, branch)
    assert outcomes(again) == ["unchanged", "unchanged"]
    assert [len(line.warnings) for line in again.lines] == [1, 0]
    assert len(entered()) == 3


def test_a_mended_file_of_the_same_name_enters_what_is_new(branch: Branch, li: Member) -> None:
    first = ["李娜", "", "2026-02-03", "8:00", "12:00"]
    taken([first, ["李娜", "", "2026-02-04", "8:00"]], branch)
    report = taken([first, ["李娜", "", "2026-02-04", "8:00", "12:00"]], branch)
    assert outcomes(report) == ["unchanged", "created"]
    untimed = ["李娜", "", "2026-02-05", "", "", "8"]
    assert outcomes(taken([untimed], branch, "a.csv")) == ["created"]
    assert outcomes(taken([untimed], branch, "b.csv")) == ["unchanged"]


def test_what_overlaps_is_said_and_not_entered(branch: Branch, li: Member) -> None:
    taken([["李娜", "", "2026-02-03", "8:00", "12:00", "", "", "东门卡口"]], branch, "first.csv")
    rows = [
        ["李娜", "", "2026-02-03", "11:00", "13:00"],
        ["李娜", "", "2026-02-03", "12:00", "13:00"],
        ["李娜", "", "2026-02-03", "12:30", "14:00"],
        ["李娜", "", "2026-02-03", "12:00", "13:00"],
        ["李娜", "", "2026-02-03", "", "", "8"],
    ]
    report = taken(rows, branch)
    assert outcomes(report) == ["refused", "created", "refused", "unchanged", "refused"]
    assert report.lines[0].reason is not None
    assert report.lines[0].reason.values["where"] == "东门卡口"
    assert "counts part of this time" in why(report)[2]
    assert sum(row.minutes for row in entered()) == 5 * 60


def test_a_shift_that_is_not_closed_yet_counts_by_itself(branch: Branch, li: Member) -> None:
    start = clock.now() - dt.timedelta(days=2)
    shift = factories.shift(factories.call(branch), starts_at=start)
    made = factories.sign_up(shift, li)
    factories.kept(Attendance(sign_up_id=made.id, checked_in_at=start, noted_at=start, in_way="roster"))
    local = start.astimezone(LOCAL)
    end = (local + dt.timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    report = taken([["李娜", "", local.date().isoformat(), local.strftime("%H:%M"), end]], branch)
    assert "counted when the shift is closed" in why(report)[0]


def test_it_asks_the_same_for_one_row_as_for_many(
    branch: Branch, li: Member, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    def rows(days: range) -> list[list[str]]:
        return [["李娜", "", f"2026-03-{day:02d}", "8:00", "12:00"] for day in days]

    taken(rows(range(1, 2)), branch, "first.csv")  # which is the first of its district
    one = count_queries(lambda: taken(rows(range(2, 3)), branch, "one.csv"))
    assert count_queries(lambda: taken(rows(range(3, 29)), branch, "many.csv")) == one
    assert len(entered()) == 28


# --- cells -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "heading", "minutes"),
    [
        (8, "时长", 480),
        (7.5, "服务时长(小时)", 450),
        ("8", "", 480),
        ("８小时", "", 480),
        ("1小时30分", "", 90),
        ("1个半小时", "", None),
        ("2小时半", "", 150),
        ("90分钟", "", 90),
        (90, "时长（分钟）", 90),
        ("1:30", "", 90),
        (dt.time(8, 0), "", 480),
        (dt.timedelta(hours=8), "", 480),
        ("2.5h", "", 150),
        ("", "", 0),
        (0, "", None),
        (25, "", None),
        ("x", "", None),
        (dt.date(2026, 1, 1), "", None),
    ],
)
def test_a_length_is_read_as_people_write_it(cell: Any, heading: str, minutes: int | None) -> None:
    if minutes is None:
        with pytest.raises(ValueError, match="no duration"):
            sheet_cells.duration(cell, heading)
    else:
        assert (sheet_cells.duration(cell, heading) or 0) == minutes


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("卡口值守", ServiceCategory.CHECKPOINT_DUTY),
        ("东门卡口夜间值守", ServiceCategory.CHECKPOINT_DUTY),
        ("screening", ServiceCategory.SCREENING),
        ("Checkpoint duty", ServiceCategory.CHECKPOINT_DUTY),
        ("", ServiceCategory.OTHER),
        ("核酸和巡逻", None),
        ("包粽子", None),
    ],
)
def test_a_category_is_known_by_its_words(words: str, category: ServiceCategory | None) -> None:
    assert sheet_cells.category(words) == category


# --- on the pages, and on the command line -------------------------------------------------------------------------


def uploaded(
    visitor: Visitor, address: str, rows: Sequence[Sequence[object]], name: str = "旧账.csv"
) -> Visitor:
    visitor.open(address)
    return visitor.submit(address, file=(BytesIO(csv_of([HEAD, *rows])), name))


def confirming(visitor: Visitor) -> str:
    [to] = {str(f["action"]) for f in visitor.page.find_all("form") if str(f["action"]).endswith("/confirm")}
    return to


ROWS = [
    ["李娜", "", "2026-02-03", "8:00", "12:00", "", "", "", "", ""],
    ["王五", "", "2026-02-03", "8:00", "12:00", "", "", "", "", ""],
]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_secretary_enters_a_branchs_sheet(visit: Visit, branch: Branch, li: Member, language: str) -> None:
    leader = factories.member()
    factories.appointment(leader, Role.SECRETARY, branch=branch)
    page = visit(leader.phone, language).open(f"/branches/{branch.id}")
    address = f"/branches/{branch.id}/records/sheet"
    assert page.page.find("a", href=address)
    uploaded(page, address, ROWS)
    assert entered() == []
    to = confirming(page)
    refused = page.send("GET", to.replace("/confirm", "/refused.csv"), headers=page.headers)
    assert "王五" in refused.get_data(as_text=True)
    page.submit(to)
    assert [row.minutes for row in entered()] == [240]
    assert (entered()[0].recorded_by_id, entered()[0].appointment_id is not None) == (leader.id, True)
    kept = page.send("GET", to.replace("/confirm", "/refused.csv"), headers=page.headers)
    assert "王五" in kept.get_data(as_text=True)
    assert factories.scalar(select(ImportFile.content)) == b""
    uploaded(page, address, ROWS)
    assert not any(str(f["action"]).endswith("/confirm") for f in page.page.find_all("form")), (
        "nothing to enter"
    )


def test_whoever_leads_a_unit_enters_a_sheet_whose_rows_name_their_branches(
    visit: Visit, branch: Branch
) -> None:
    sister = factories.branch("320507001003", "古巷党支部")
    factories.member(sister, name="赵六")
    factories.member(branch, name="赵六")
    leader = factories.secretary("320507001")
    page = visit(leader.phone).open("/records/sheet")
    address = "/units/320507001/records/sheet"
    assert page.page.find("a", href=address)
    rows = [
        ["赵六", "", "2026-02-03", "8:00", "12:00", "", "", "", "古巷党支部", ""],
        ["赵六", "", "2026-02-03", "8:00", "12:00", "", "", "", "", ""],
        ["赵六", "", "2026-02-03", "8:00", "12:00", "", "", "", "无名党支部", ""],
    ]
    uploaded(page, address, rows)
    assert "The branch is missing" in page.text
    assert "There is no branch “无名党支部” here." in page.text
    page.submit(confirming(page))
    assert [row.branch_id for row in entered()] == [sister.id]


def test_who_may_not_is_told_nothing(visit: Visit, branch: Branch, li: Member) -> None:
    address = f"/branches/{branch.id}/records/sheet"
    assert visit(li.phone).open(address).status == 404
    assert visit(factories.secretary("320507001009").phone).open(address).status == 404
    assert visit(li.phone).open("/records/sheet").status == 404


def test_headings_that_are_not_known_are_asked_about(visit: Visit, branch: Branch, li: Member) -> None:
    leader = factories.secretary(branch.unit_code)
    address = f"/branches/{branch.id}/records/sheet"
    page = visit(leader.phone).open(address)
    page.submit(address, file=(BytesIO("甲,乙,丙\n李娜,2026-02-03,8\n".encode()), "a.csv"))
    [form] = [f for f in page.page.find_all("form") if str(f["action"]).endswith("/columns")]
    page.submit(str(form["action"]), name="A", day="B", duration="C")
    page.submit(confirming(page))
    assert [row.minutes for row in entered()] == [480]


def test_the_command_line_enters_the_same(app: Flask, branch: Branch, li: Member, tmp_path: Path) -> None:
    file, home = tmp_path / "旧账.csv", tmp_path / "refused.csv"
    file.write_bytes(csv_of([HEAD, *ROWS], "gb18030"))
    call = ["import", "records", str(file), "--branch", str(branch.id), "--refused", str(home)]
    cli = app.test_cli_runner()
    tried = cli.invoke(args=[*call, "--dry-run"])
    assert tried.output.splitlines()[-1] == "created 1, updated 0, unchanged 0, refused 1"
    assert entered() == []
    done = cli.invoke(args=call)
    assert done.output.splitlines()[-1] == "created 1, updated 0, unchanged 0, refused 1"
    assert "王五" in home.read_text("utf-8-sig")
    assert cli.invoke(args=call).output.splitlines()[-1] == "created 0, updated 0, unchanged 1, refused 1"
    assert len(entered()) == 1
    assert cli.invoke(args=["import", "records", str(file)]).exit_code == 2
    assert cli.invoke(args=["import", "records", str(file), "--branch", "999"]).exit_code == 1
