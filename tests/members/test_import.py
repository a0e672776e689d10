"""A roster goes in row by row: created, updated, unchanged, or refused in words."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer.errors import Refused
from mobilizer.model import Branch, JournalEntry, Member, MemberSkill, Skill
from tests import factories
from tests.imports.files import (
    DATA,
    DISTRICT,
    counts,
    csv_of,
    reasons,
    take_roster,
    take_units,
    warnings,
)
from tests.workbooks import xlsx

HEAD = ["姓名", "所在村(社区)", "所在党支部", "人员类别", "入党日期", "联系电话", "特长"]
WANG = ["王芳", "古巷社区居委会", "古巷社区第一党支部", "正式党员", "2007-03-01", "19900000001", "驾驶、医护"]
CHEN = ["陈强", "鹤泾村", "鹤泾村党支部", "预备党员", "2024年5月6日", "19900000002", ""]


def with_cell(row: list[str], heading: str, value: str) -> list[str]:
    return [value if head == heading else cell for head, cell in zip(HEAD, row, strict=True)]


def only_member() -> Member:
    return factories.scalar(select(Member))


@pytest.mark.slow
def test_the_rosters_of_two_subdistricts_import_with_exactly_their_faulty_rows(app: Flask) -> None:
    take_units(DISTRICT.read_bytes())
    yuanhe = (DATA / "yuanhe_roster.xlsx").read_bytes()
    report = take_roster(yuanhe)
    assert counts(report) == (1201, 0, 1, 5)
    assert [(row, column) for row, column, _ in reasons(report)] == [
        (1204, "姓名"),
        (1205, "联系电话"),
        (1206, "联系电话"),
        (1207, "联系电话"),
        (1208, "所在村(社区)"),
    ]
    assert [(row, column) for row, column, _ in warnings(report)] == [(1209, "入党日期")]
    huangdai = (DATA / "huangdai_roster_gb18030.csv").read_bytes()
    assert counts(take_roster(huangdai)) == (400, 0, 0, 0)
    assert counts(take_roster(yuanhe)) == (0, 0, 1202, 5)
    assert counts(take_roster(yuanhe, "320507001")) == (0, 0, 1202, 5)
    assert counts(take_roster(huangdai, "320507102")) == (0, 0, 400, 0)
    assert factories.count_of(Member) == 1601
    assert "普通话/方言" in {row[0] for row in factories.rows(select(Skill.name))}


def test_everything_a_row_says_is_kept(app: Flask) -> None:
    take_units()
    report = take_roster([HEAD, WANG])
    assert counts(report) == (1, 0, 0, 0)
    assert "created under their units: 1" in str(report.notes[0].message % report.notes[0].values)
    kept = only_member()
    home = factories.scalar(select(Branch))
    assert (kept.name, kept.phone, kept.standing, kept.joined_on) == (
        "王芳",
        "+8619900000001",
        "full",
        date(2007, 3, 1),
    )
    assert (home.name, home.unit_code, home.kind, home.status) == (
        "古巷社区第一党支部",
        "320507001003",
        "standing",
        "active",
    )
    assert kept.home_branch_id == home.id
    assert {row[0] for row in factories.rows(select(Skill.name))} == {"驾驶", "医护"}
    held = factories.rows(select(MemberSkill.confirmed_at))
    assert len(held) == 2
    assert all(row.confirmed_at for row in held), "whoever keeps the roster answers for it"
    [entry] = factories.rows(select(JournalEntry).where(JournalEntry.subject == "roster"))
    assert "1990" not in str(entry[0].details)


def test_what_is_said_anew_updates_and_blank_cells_say_nothing(app: Flask) -> None:
    take_units()
    take_roster([HEAD, WANG])
    blank = ["王芳", "古巷社区", "古巷社区第一党支部", "", "", "199 0000 0001", ""]
    assert counts(take_roster([HEAD, blank])) == (0, 0, 1, 0)
    moved = ["王芳", "鹤泾村", "鹤泾村党支部", "中共预备党员", "", "19900000001", "会计"]
    report = take_roster([HEAD, moved])
    assert counts(report) == (0, 1, 0, 0)
    assert {change.field for change in report.lines[0].changes} == {"branch", "standing", "skills"}
    kept = only_member()
    assert (kept.standing, kept.joined_on) == ("probationary", date(2007, 3, 1))
    assert factories.scalar(select(func.count()).select_from(MemberSkill)) == 1
    assert counts(take_roster([HEAD, moved])) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (with_cell(CHEN, "姓名", ""), "姓名", "The name is missing."),
        (with_cell(CHEN, "姓名", "强" * 10_000), "姓名", "at most 50 characters"),
        (with_cell(CHEN, "姓名", "陈强1"), "姓名", "digits"),
        (with_cell(CHEN, "联系电话", ""), "联系电话", "missing"),
        (with_cell(CHEN, "联系电话", "1990009"), "联系电话", "no complete phone number"),
        (with_cell(CHEN, "联系电话", "051265751234"), "联系电话", "no mobile number"),
        (with_cell(CHEN, "联系电话", "19900000001"), "联系电话", "Row 2 has this number already"),
        (with_cell(CHEN, "所在村(社区)", "花果山社区"), "所在村(社区)", "There is no unit"),
        (with_cell(CHEN, "所在村(社区)", "新巷村"), "所在村(社区)", "fits 2 units"),
        (with_cell(CHEN, "所在村(社区)", ""), "所在村(社区)", "The unit is missing."),
        (with_cell(CHEN, "所在党支部", ""), "所在党支部", "The home branch is missing."),
        (with_cell(CHEN, "所在党支部", "支" * 101), "所在党支部", "at most 100 characters"),
        (with_cell(CHEN, "人员类别", "宇航员"), "人员类别", "no standing known here"),
        (with_cell(WANG, "特长", "会计"), "姓名", "Row 2 has this person already, with other details."),
    ],
)
def test_a_row_at_fault_is_refused_in_words_and_the_others_go_in(
    app: Flask, row: list[str], column: str, words: str
) -> None:
    take_units()
    report = take_roster([HEAD, WANG, row])
    assert counts(report) == (1, 0, 0, 1)
    [(number, at, told)] = reasons(report)
    assert (number, at) == (3, column)
    assert words in told


def test_a_phone_of_somebody_else_is_refused_without_saying_whose(app: Flask) -> None:
    take_units()
    take_roster([HEAD, WANG])
    report = take_roster([HEAD, with_cell(CHEN, "联系电话", "19900000001")])
    assert counts(report) == (0, 0, 0, 1)
    assert "王芳" not in str(reasons(report))
    assert only_member().name == "王芳"


def test_an_exact_repeat_is_no_change_and_a_bad_date_is_left_out_with_a_warning(app: Flask) -> None:
    take_units()
    bad = with_cell(CHEN, "入党日期", "2021-02-30")
    report = take_roster([HEAD, WANG, WANG, bad, bad])
    assert counts(report) == (2, 0, 2, 0)
    assert [(row, column) for row, column, _ in warnings(report)] == [(4, "入党日期"), (5, "入党日期")]
    assert counts(take_roster([HEAD, bad])) == (0, 0, 1, 0)


def test_a_date_still_to_come_is_left_out_with_a_warning(app: Flask) -> None:
    take_units()
    late = with_cell(CHEN, "入党日期", "2099-01-01")
    report = take_roster([HEAD, late, late])
    assert counts(report) == (1, 0, 1, 0)
    assert "still to come" in warnings(report)[0][2]
    assert only_member().joined_on is None


def test_the_files_own_unit_settles_a_name_that_fits_several_and_keeps_others_out(app: Flask) -> None:
    take_units()
    rows = [HEAD, with_cell(CHEN, "所在村(社区)", "新巷村"), WANG]
    report = take_roster(rows, "320507102")
    assert counts(report) == (1, 0, 0, 1)
    assert reasons(report)[0][2] == "This unit lies outside the file's own, 黄埭镇."
    assert factories.scalar(select(Branch.unit_code)) == "320507102204"
    with pytest.raises(Refused) as refused:
        take_roster(rows, "320507999")
    assert refused.value.code == "unit-unknown"


@pytest.mark.parametrize(
    "title", ["填报单位:黄埭镇党委", "黄埭镇党员花名册", "单位（盖章）：黄埭镇", "2026年黄埭镇在册党员名册"]
)
def test_a_title_that_names_one_unit_says_whose_the_file_is(app: Flask, title: str) -> None:
    take_units()
    report = take_roster(xlsx([[title], HEAD, with_cell(CHEN, "所在村(社区)", "新巷村")]))
    assert counts(report) == (1, 0, 0, 0)
    assert report.notes[0].values["unit"] == "黄埭镇"


def test_other_headings_in_another_order_and_encoding(app: Flask) -> None:
    take_units()
    rows = [
        [
            "No.",
            "Mobile Phone",
            "Full Name",
            "Village / Community",
            "Party Branch",
            "Status",
            "Date joined",
            "Skills",
        ],
        [
            "1",
            "+86 199 0000 0001",
            "Wang Fang",
            "古巷社区",
            "Branch One",
            "Full member",
            "2007/3/1",
            "driving, first aid",
        ],
        ["2", "19900000002", "Chen Qiang", "鹤泾村", "Branch Two", "Volunteer", "", ""],
    ]
    assert counts(take_roster(csv_of(rows, "utf-16", "\t"))) == (2, 0, 0, 0)
    assert counts(take_roster(csv_of(rows, "gb18030", ";"))) == (0, 0, 2, 0)
    assert {row[0] for row in factories.rows(select(Skill.name))} == {"driving", "first aid"}


def test_a_header_of_two_levels_with_numbers_as_floats(app: Flask) -> None:
    take_units()
    book = xlsx(
        [
            ["古巷社区党员信息采集表"],
            ["序号", "基本信息", "", "组织信息", "", "联系方式"],
            ["", "姓名", "性别", "所在党支部", "入党时间", "手机号"],
            [1, "王芳", "女", "古巷社区第一党支部", date(2007, 3, 1), 19900000001.0],
            [2, "陈强", "男", "古巷社区第一党支部", 39142, 19900000002.0],
            ["合计", "2人"],
        ]
    )
    report = take_roster(book, "320507001003")
    assert counts(report) == (2, 0, 0, 0)
    assert {row[0] for row in factories.rows(select(Member.joined_on))} == {date(2007, 3, 1)}
    assert factories.scalar(select(Branch.unit_code)) == "320507001003"


def test_no_unit_column_the_branch_is_under_the_files_own_unit_or_where_its_name_says(app: Flask) -> None:
    take_units()
    rows = [["姓名", "电话", "支部"], ["王芳", "19900000001", "鹤泾村第一党支部"]]
    nowhere = [*rows, ["陈强", "19900000002", "流动党支部"]]
    report = take_roster(nowhere)
    assert counts(report) == (1, 0, 0, 1)
    assert "does not say which unit" in reasons(report)[0][2]
    assert factories.scalar(select(Branch.unit_code)) == "320507102203"
    assert counts(take_roster(nowhere, "320507102")) == (1, 0, 1, 0)
    assert factories.scalar(select(Branch.unit_code).where(Branch.name == "流动党支部")) == "320507102"


def test_unit_codes_count_and_a_sheet_without_branches_means_the_units_own(app: Flask) -> None:
    take_units()
    rows = [
        ["姓名", "手机", "区划代码"],
        ["王芳", "19900000001", "320507001003"],
        ["陈强", "19900000002", "320507001999"],
    ]
    report = take_roster(rows)
    assert counts(report) == (1, 0, 0, 1)
    assert reasons(report)[0][1] == "区划代码"
    assert factories.scalar(select(Branch.name)) == "古巷社区党支部"


def test_the_long_name_of_a_branch_is_the_same_branch(app: Flask) -> None:
    take_units()
    formal = with_cell(
        with_cell(CHEN, "所在村(社区)", "古巷社区"), "所在党支部", "中共古巷社区 第一党支部委员会"
    )
    assert counts(take_roster([HEAD, WANG, formal])) == (2, 0, 0, 0)
    assert factories.count_of(Branch) == 1


def test_an_action_branch_is_nobodys_home(app: Flask) -> None:
    take_units()
    factories.branch("320507001003", "古巷社区第一党支部", kind="action")
    report = take_roster([HEAD, WANG])
    assert counts(report) == (0, 0, 0, 1)
    assert "nobody's home" in reasons(report)[0][2]


def test_columns_mapped_by_hand(app: Flask) -> None:
    take_units()
    rows = [["甲", "乙", "丙", "丁"], ["王芳", "19900000001", "古巷社区", "第一党支部"]]
    with pytest.raises(Refused) as refused:
        take_roster(rows)
    assert refused.value.code == "columns-unknown"
    assert factories.count_of(Member) == 0
    assert counts(take_roster(rows, name="甲", phone="B", unit="3", branch="丁")) == (1, 0, 0, 0)


def test_several_numbers_in_one_cell(app: Flask) -> None:
    take_units()
    rows = [
        HEAD,
        with_cell(WANG, "联系电话", "0512-65751234/19900000001"),
        with_cell(CHEN, "联系电话", "19900000002、19900000003"),
    ]
    report = take_roster(rows)
    assert counts(report) == (2, 0, 0, 0)
    assert [row for row, *_ in warnings(report)] == [3]
