"""What somebody who downloads a table was promised: real figures, their own words, and no formula."""

import csv
import datetime as dt
import io
import tracemalloc
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilizer.sheets import (
    Column,
    Formula,
    Line,
    Notes,
    Page,
    Summary,
    Table,
    csv_chunks,
    guarded,
    half_up,
    unguarded,
    workbook,
    write_book,
    xlsx,
)

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
COLUMNS = [
    Column("unit", "单位"),
    Column("times", "人次", "integer"),
    Column("hours", "时长", "hours"),
    Column("day", "日期", "date"),
    Column("taken_at", "统计时刻", "moment"),
]
MOMENT = dt.datetime(2026, 11, 24, 4, 30, tzinfo=SHANGHAI)
TABLE = Table(
    "参与统计",
    COLUMNS,
    [["元和街道", 3, Fraction(1, 20), dt.date(2026, 11, 24), MOMENT], ["太平街道", 4, 24, None, None]],
    notes=[("人次", "一人一班计一次"), ("=1+1", "-2")],
    total=["合计", 7, Fraction(481, 20), None, None],
)


def records(table: Table) -> list[list[str]]:
    content = b"".join(csv_chunks(table))
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def opened(table: Table) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx(table)))


def test_a_csv_opens_in_excel_as_it_is() -> None:
    content = b"".join(csv_chunks(TABLE))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 7
    assert records(TABLE) == [
        ["单位", "人次", "时长", "日期", "统计时刻"],
        ["元和街道", "3", "0.1", "2026-11-24", "2026-11-24 04:30"],
        ["太平街道", "4", "24.0", "", ""],
        ["合计", "7", "24.1", "", ""],
        [],
        ["人次", "一人一班计一次"],
        ["'=1+1", "'-2"],
    ]


def test_an_empty_table_is_its_heading() -> None:
    assert records(Table("x", COLUMNS, [])) == [["单位", "人次", "时长", "日期", "统计时刻"]]
    assert opened(Table("x", COLUMNS, [])).active.max_row == 1


def test_a_csv_flows_while_the_rows_still_come() -> None:
    columns = [Column("a", "a"), Column("b", "b")]
    rows = (["x" * 50, "y" * 50] for _ in range(100_000))
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in csv_chunks(Table("x", columns, rows)))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert size > 10_000_000


def test_a_row_that_does_not_fit_its_columns_is_never_written_askew() -> None:
    for write in (lambda table: b"".join(csv_chunks(table)), xlsx):
        with pytest.raises(ValueError):
            write(Table("x", COLUMNS, [["short"]]))


@pytest.mark.parametrize(
    "dangerous",
    [
        "=1+1",
        "+1+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\tx",
        "\rx",
        " =1",
        "\n=1",
        "\x00=1",
        "\u3000=1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "'=1",
        "+86 199 cmd|' /C calc'!A0",
    ],
)
def test_no_cell_is_a_formula_to_what_opens_it(dangerous: str) -> None:
    table = Table("x", [Column("a", dangerous)], [[dangerous]], [(dangerous, dangerous)], [dangerous])
    for record in records(table):
        assert all(cell.startswith("'") for cell in record)
    for sheet in opened(table):
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} == {"s"}


@pytest.mark.parametrize(
    "harmless", ["", "方英", "1-2", "a=b", "19900000000", "+8619900000000", "+86 199 0000 0000"]
)
def test_words_and_phone_numbers_stay_as_they_are(harmless: str) -> None:
    assert guarded(harmless) == harmless


@given(st.text(st.sampled_from("'=+-@ \t\r\n＝a1\ufeff") | st.characters()))
def test_the_guard_can_be_taken_off_again(value: str) -> None:
    assert unguarded(guarded(value)) == value


def test_negative_figures_are_figures() -> None:
    table = Table("x", [Column("a", "a", "integer"), Column("b", "b", "hours")], [[-3, Decimal("-1.5")]])
    assert records(table)[1] == ["-3", "-1.5"]
    assert [cell.value for cell in opened(table).active[2]] == [-3, -1.5]


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (Fraction(3, 60), "0.1"),
        (Fraction(9, 60), "0.2"),
        (0.15, "0.2"),
        (0.25, "0.3"),
        (2.649999, "2.6"),
        (Decimal("0.05"), "0.1"),
        (Decimal("0.0499"), "0.0"),
        (0, "0.0"),
        (104000, "104000.0"),
    ],
)
def test_hours_are_rounded_half_up_to_one_decimal(hours: float | Decimal | Fraction, shown: str) -> None:
    assert str(half_up(hours)) == shown


def test_a_workbook_has_real_figures_days_and_moments() -> None:
    sheet = opened(TABLE).worksheets[0]
    assert sheet.title == "参与统计"
    unit, times, hours, day, moment = sheet[2]
    assert (unit.value, unit.data_type) == ("元和街道", "s")
    assert (times.value, times.number_format) == (3, "0")
    assert (hours.value, hours.number_format) == (0.05, "0.0")
    assert (day.value, day.is_date) == (dt.datetime.combine(MOMENT.date(), dt.time()), True)
    assert (moment.value, moment.number_format) == (MOMENT.replace(tzinfo=None), "yyyy-mm-dd hh:mm")
    assert [cell.value for cell in sheet[3]][2:] == [24, None, None]


def test_a_workbook_is_ready_to_be_read() -> None:
    book = opened(TABLE)
    sheet, notes = book.worksheets
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E3", "the total is not filtered away among the rows"
    assert [cell.font.bold for cell in (sheet["A1"], sheet["A2"], sheet["A4"])] == [True, False, True]
    assert sheet["B4"].value == 7
    assert notes.title == "Notes"
    assert [[cell.value for cell in row] for row in notes.iter_rows()] == [
        ["人次", "一人一班计一次"],
        ["=1+1", "-2"],
    ]


def test_columns_are_as_wide_as_their_words_a_chinese_one_counting_two() -> None:
    columns = [Column("a", "甲"), Column("b", "乙"), Column("c", "丙", width=33), Column("d", "丁")]
    sheet = opened(Table("x", columns, [["元和街道御窑社区", "abc", "", "长" * 500]])).active
    width = {letter: sheet.column_dimensions[letter].width for letter in "ABCD"}
    assert 17 <= width["A"] <= 20
    assert 6 <= width["B"] < 8
    assert 33 <= width["C"] < 34
    assert width["D"] < 62


@pytest.mark.parametrize(
    "title", ["", "a/b:c*d?e[f]g\\h", "长" * 50, "𠮷" * 50, "'x'", "History", "Notes", "\x00"]
)
def test_any_title_makes_a_sheet_that_excel_opens(title: str) -> None:
    sheets = opened(Table(title, [Column("a", "a")], [["x"]], [("a", "b")])).sheetnames
    assert len(sheets) == 2
    assert all(0 < len(name.encode("utf-16-le")) <= 62 for name in sheets)


def test_a_text_too_long_for_a_cell_is_cut_not_lost() -> None:
    value = opened(Table("x", [Column("a", "a")], [["长" * 40_000]])).active["A2"].value
    assert len(value) == 32_767
    assert value.endswith("…")


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
VALUES = st.one_of(TEXTS.filter(lambda value: value != ""), st.integers(-(10**15), 10**15), st.none())


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=6))
def test_what_was_written_is_read_back(rows: Sequence[tuple[str | int | None, str | int | None]]) -> None:
    table = Table("x", [Column("a", "a"), Column("b", "b", "integer")], rows)
    sheet = opened(table).worksheets[0]
    assert [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2, max_col=2)] == rows
    shown = [["" if value is None else str(value) for value in row] for row in rows]
    plain = [[cell if isinstance(value, int) else unguarded(cell) for cell, value in zip(cells, row, strict=True)]
             for cells, row in zip(records(table)[1:], rows, strict=True)]  # fmt: skip
    assert plain == shown


# --- a book of several pages ----------------------------------------------------------------------------------


def book(rows: int) -> dict[str, Page]:
    records = Table(
        "Records",
        [Column("who", "Who"), Column("minutes", "Minutes", "integer")],
        ([f"<{at}>", at] for at in range(rows)),
        total=["Total", Formula("SUM({records[minutes]})", sum(range(rows)))],
    )
    hours = Formula("SUM({records[minutes]})/60", sum(range(rows)) / 60)
    return {
        "summary": Summary(
            "Summary",
            [Line("Hours", hours, "hours", "What they are"), Line("Day", dt.date(2026, 11, 24), "date")],
        ),
        "records": records,
        "definitions": Notes("Definitions", [("Hours", "Minutes divided by 60")]),
    }


def bytes_of(pages: dict[str, Page]) -> bytes:
    target = io.BytesIO()
    write_book(target, pages)
    return target.getvalue()


def test_a_total_is_a_live_formula_that_agrees_with_its_value() -> None:
    made = bytes_of(book(7))
    live, valued = (openpyxl.load_workbook(io.BytesIO(made), data_only=stored) for stored in (False, True))
    assert live.sheetnames == ["Summary", "Records", "Definitions"]
    assert live["Records"]["B9"].value == "=SUM('Records'!$B$2:$B$8)"
    assert valued["Records"]["B9"].value == 21
    assert live["Summary"]["B1"].value == "=SUM('Records'!$B$2:$B$8)/60"
    assert valued["Summary"]["B1"].value == 21 / 60
    assert valued["Summary"]["B2"].value == dt.datetime(2026, 11, 24)  # noqa: DTZ001
    assert valued["Records"].auto_filter.ref == "A1:B8"
    assert python_calamine.load_workbook(io.BytesIO(made)).get_sheet_by_name("Records").to_python()[1] == [
        "<0>",
        0.0,
    ]


def test_without_rows_there_is_the_value_and_no_formula() -> None:
    made = openpyxl.load_workbook(io.BytesIO(bytes_of(book(0))))
    assert made["Summary"]["B1"].value == 0


def test_what_is_too_long_for_one_sheet_goes_on_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LONGEST_SHEET", 3)
    made = bytes_of(book(7))
    live = openpyxl.load_workbook(io.BytesIO(made))
    assert live.sheetnames == ["Summary", "Records", "Records 2", "Records 3", "Definitions"]
    assert [[cell.value for cell in row] for row in live["Records 3"].iter_rows()] == [
        ["Who", "Minutes"],
        ["<6>", 6],
        ["Total", "=SUM('Records'!$B$2:$B$4,'Records 2'!$B$2:$B$4,'Records 3'!$B$2:$B$2)"],
    ]
    assert live["Records"].max_row == 4
    assert [
        len(python_calamine.load_workbook(io.BytesIO(made)).get_sheet_by_index(at).to_python())
        for at in (1, 2, 3)
    ] == [4, 4, 3]


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(-(10**14), 10**14)), max_size=30))
@settings(max_examples=60)
def test_two_other_libraries_read_what_was_written(rows: list[tuple[str, int]]) -> None:
    made = bytes_of({"t": Table("T", [Column("a", "A"), Column("b", "B", "integer")], rows)})
    expected = [(plain(text) or None, number) for text, number in rows]
    sheet = openpyxl.load_workbook(io.BytesIO(made))["T"]
    read = [(row[0] or None, row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert read == expected
    read = python_calamine.load_workbook(io.BytesIO(made)).get_sheet_by_index(0).to_python()[1:]
    assert [(text or None, number) for text, number in read] == expected


def plain(text: str) -> str:
    """As XML keeps it: without what no sheet can carry, line ends as line feeds."""
    return (
        "".join(
            c
            for c in text
            if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
        )
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
