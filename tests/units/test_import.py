"""A list of units goes in row by row, whatever its order and its headings."""

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer.errors import Refused
from mobilizer.model import JournalEntry, Unit
from mobilizer.units import queries
from mobilizer.units.rules import UnitNames
from tests import factories
from tests.imports.files import DISTRICT, UNITS, counts, csv_of, reasons, take_units


def test_the_real_district_goes_in_and_a_second_time_changes_nothing(app: Flask) -> None:
    assert counts(take_units(DISTRICT.read_bytes())) == (157, 0, 0, 0)
    assert counts(take_units(DISTRICT.read_bytes())) == (0, 0, 157, 0)
    assert factories.count_of(JournalEntry) == 1, "what changed nothing is not in the journal"
    assert [unit.name for unit in queries.path("320507001003")] == ["相城区", "元和街道", "古巷社区居委会"]
    assert len(queries.children("320507")) == 13
    assert UnitNames(queries.all_names()).matching("古巷社区居民委员会") == ["320507001003"]


def test_full_codes_other_headings_and_units_above_that_come_later(app: Flask) -> None:
    rows = [
        ["统计用区划代码", "名称", "级别"],
        ["320507001002", "香城花园社区居委会", "社区"],
        ["320507001000", "元和街道", "街道"],
        ["320507000000", "相城区", "区"],
        ["320507001002-1", "第一网格", "网格"],
    ]
    assert counts(take_units(rows)) == (4, 0, 0, 0)
    assert [
        tuple(row)
        for row in factories.rows(select(Unit.code, Unit.level, Unit.parent_code).order_by(Unit.code))
    ] == [
        ("320507", "district", None),
        ("320507001", "town", "320507"),
        ("320507001002", "village", "320507001"),
        ("320507001002-1", "grid", "320507001002"),
    ]


def test_a_new_name_updates(app: Flask) -> None:
    take_units()
    report = take_units([["code", "name"], ["320507001003", "古巷社区居民委员会"]])
    assert counts(report) == (0, 1, 0, 0)
    assert [(c.before, c.after) for c in report.lines[0].changes] == [
        ("古巷社区居委会", "古巷社区居民委员会")
    ]
    assert queries.all_names()["320507001003"] == "古巷社区居民委员会"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["", "无名", "", ""], "The code is missing."),
        (["320507003", "", "", ""], "The unit has no name."),
        (["320507003", "桥" * 10_000, "", ""], "at most 100 characters"),
        (["320507003", "黄桥街道", "village", ""], "The code says"),
        (["320507003", "黄桥街道", "省", ""], "no level known here"),
        (["320507003", "黄桥街道", "town", "320507102"], "lies below 320507, not below 320507102"),
        (["320507003", "黄桥街道", "town", "320507003"], "cannot lie below itself"),
        (
            ["320507003", "黄桥街道", "town", "320507003001"],
            "cannot lie below itself or below a unit of its own",
        ),
        (["320508003001", "别处社区", "", ""], "The unit above, 320508003, is not known"),
        (["320507001", "另一街道", "", ""], None),
        (["32050", "短", "", ""], "this one has 5"),
        (["=1+1", "式", "", ""], "is no code of a unit"),
    ],
)
def test_a_row_at_fault_is_refused_in_words_and_the_others_go_in(
    app: Flask, row: list[str], words: str | None
) -> None:
    report = take_units([*UNITS, row])
    if words is None:
        words = "Row 3 has this code already, under another name."
    assert counts(report) == (8, 0, 0, 1)
    [(number, _column, told)] = reasons(report)
    assert number == 10
    assert words in told


def test_two_units_each_below_the_other_are_refused_row_by_row(app: Flask) -> None:
    report = take_units(
        [
            ["code", "name", "parent_code"],
            ["320507", "相城区", "320507001"],
            ["320507001", "元和街道", "320507001002"],
            ["320507001002", "香城花园社区", "320507001"],
        ]
    )
    assert counts(report) == (0, 0, 0, 3)
    assert factories.count_of(Unit) == 0


def test_control_characters_are_dropped_and_an_exact_repeat_is_no_change(app: Flask) -> None:
    report = take_units([["code", "name"], ["320507", "相\x07城区"], ["320507000000", "相城区"]])
    assert counts(report) == (1, 0, 1, 0)
    assert factories.scalar(select(Unit.name)) == "相城区"


def test_a_file_without_the_columns_is_refused_whole(app: Flask) -> None:
    with pytest.raises(Refused) as refused:
        take_units([["甲", "乙"], ["320507", "相城区"]])
    assert refused.value.code == "columns-unknown"
    assert counts(take_units(csv_of([["甲", "乙"], ["320507", "相城区"]]), code="A", name="乙")) == (
        1,
        0,
        0,
        0,
    )
