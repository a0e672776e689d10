"""What somebody who sends a sheet was promised: it is read as they see it, or they are told why not."""

import contextlib
import datetime as dt
import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mobilizer.errors import Refused
from mobilizer.intake import Columns, Field, Sheet, date, digits, guess, read, recognise, returned, text
from mobilizer.sheets import Column, Table, csv_chunks
from tests import workbooks

NAME = Field("name", "Name", ("姓名", "党员姓名", "Full name"), required=True)
PHONE = Field("phone", "Phone", ("手机号码", "手机", "联系电话", "电话"), required=True)
UNIT = Field("unit", "Unit", ("所在村(社区)", "村社区"))
JOINED = Field("joined", "Joined", ("入党日期", "入党时间"))
# What a workbook holds knows no time zone.
NAIVE = dt.datetime(2007, 3, 1)  # noqa: DTZ001
FIELDS = (NAME, PHONE, UNIT, JOINED)

HEADER = ["序号", "姓名", "所在村(社区)", "联系电话"]
PEOPLE = [[1, "潘秀桂", "华元社区", "19900000000"], [2, "马芳晓", "富元社区", 19900000001.0]]


def refusal(content: bytes, **limits: int) -> Refused:
    with pytest.raises(Refused) as caught:
        read(content, **limits)
    assert str(caught.value)
    return caught.value


def csv_of(*lines: str, encoding: str = "utf-8") -> Sheet:
    return read("\r\n".join(lines).encode(encoding))


def names(columns: Columns) -> list[str]:
    return [text(columns.cell(row, "name")) for row in columns.body]


# What is read


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_a_csv_is_read_in_the_encoding_it_was_saved_in(encoding: str, told: str) -> None:
    sheet = csv_of("姓名,手机号码", "㛃㭎𠮷,19900000000", "方英,19900000001", encoding=encoding)
    assert sheet.how == f"CSV, {told}"
    assert names(recognise(sheet, FIELDS)) == ["㛃㭎𠮷", "方英"]


@pytest.mark.parametrize("sign", [",", "\t", ";", "，"])
def test_the_sign_between_the_columns_is_found(sign: str) -> None:
    sheet = csv_of(
        "黄埭镇名册", sign.join(["姓名", "电话", "地址"]), sign.join(["方英", "199", '"东街,1；2"'])
    )
    columns = recognise(sheet, FIELDS)
    assert [text(cell) for cell in columns.body[0].cells] == ["方英", "199", "东街,1；2"]


def test_commas_in_chinese_sentences_are_not_mistaken_for_columns() -> None:
    sheet = csv_of("姓名,电话,备注", "方英,1,能来，晚上也行，周末也行", "苏英,2,能来，晚上也行，周末也行")
    assert len(recognise(sheet, FIELDS).body[0].cells) == 3


def test_the_separator_that_excel_itself_wrote_down_is_believed() -> None:
    sheet = csv_of("sep=|", "姓名|电话", "方英|1")
    assert [row.number for row in sheet.rows] == [2, 3]
    assert names(recognise(sheet, FIELDS)) == ["方英"]


@pytest.mark.parametrize("sign", ['"', "\r", "a", "1"])
def test_a_separator_that_can_be_none_is_not_believed(sign: str) -> None:
    sheet = csv_of(f"sep={sign}", "姓名,电话", "方英,1")
    assert names(recognise(sheet, FIELDS)) == ["方英"]


def test_row_numbers_are_those_beside_the_rows_blank_ones_counted() -> None:
    sheet = csv_of("姓名,电话", "", "方英,1", ",,", '"苏英",2')
    assert [row.number for row in sheet.rows] == [1, 3, 5]
    rows = [[], ["", "姓名", "电话"], [], ["", "方英", "1"]]
    cells = [(at, column, value) for at, row in enumerate(rows) for column, value in enumerate(row) if value]
    for content in (workbooks.xlsx(rows), workbooks.xls(cells)):
        book = read(content)
        assert [row.number for row in book.rows] == [2, 4]
        assert recognise(book, FIELDS).index == {"name": 1, "phone": 2}


def test_stray_zero_bytes_in_a_csv_do_no_harm() -> None:
    assert names(recognise(read("姓名,电话\n方\0英,1\n".encode() + b"x" * 200), FIELDS))[0] == "方英"


def test_xlsx_xls_and_ods_say_the_same() -> None:
    rows = [["姓名", "联系电话"], ["方英", "19900000000"], ["㛃㭎𠮷", "19900000001"]]
    cells = [(at, column, value) for at, row in enumerate(rows) for column, value in enumerate(row)]
    for how, content in (
        ("XLSX", workbooks.xlsx(rows)),
        ("ODS", workbooks.ods(rows)),
        ("XLS", workbooks.xls(cells)),
    ):
        sheet = read(content, "花名册")
        assert sheet.how == how
        assert [list(row.cells) for row in sheet.rows] == rows


def test_the_sheet_with_the_columns_is_taken_wherever_it_stands_in_the_workbook() -> None:
    people = [HEADER, *PEOPLE]
    sheet = read(workbooks.xlsx([["填表说明"], ["请如实填写"]], [], people, hidden=[2]))
    assert sheet.name == "Sheet1"
    columns = recognise(sheet, FIELDS)
    assert columns.sheet == "Sheet3"
    assert names(columns) == ["潘秀桂", "马芳晓"]
    assert guess(sheet, FIELDS).sheet == "Sheet3"


# What is refused


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b" \r\n\t\r\n", "file-empty"),
        (b"\xef\xbb\xbf\r\n", "file-empty"),
        (b",,,\r\n,,,\r\n", "file-empty"),
        (workbooks.xlsx([]), "file-empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not-a-sheet"),
        (b"%PDF-1.7\n", "not-a-sheet"),
        (b"<html><table><tr><td>\xe5</td></tr></table></html>", "not-a-sheet"),
        (b"\n  <!DOCTYPE html>\n<html></html>", "not-a-sheet"),
        (b'<?xml version="1.0"?><Workbook/>', "not-a-sheet"),
        (bytes(range(1, 32)) * 40, "not-a-sheet"),
        (b"\0" * 100 + b"a" * 100, "encoding-unknown"),
        (b"PK\x03\x04" + bytes(300), "sheet-corrupt"),
        (workbooks.xlsx([["x"]])[:-40], "sheet-corrupt"),
        (workbooks.xlsx([["x"]])[:1000], "sheet-corrupt"),
        (
            workbooks.with_part(workbooks.xlsx([["x"]]), "xl/worksheets/sheet1.xml", lambda _: b""),
            "sheet-corrupt",
        ),
        (workbooks.ole({"WordDocument": b"x"}), "not-a-sheet"),
        (workbooks.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "sheet-encrypted"),
        (workbooks.xls([(0, 0, "x")])[:-512], "sheet-corrupt"),
        ("姓名,电话\n方英,1\n".encode("utf-16")[:-1], "text-unreadable"),
        ("姓名,电话\n方英,1\n苏英燕".encode()[:-1], "text-unreadable"),
        (b"a,b\n\x80\xff\xff,1\n", "text-unreadable"),
        (b'a,b\n"c,1\nd,2\n', "csv-quotes"),
    ],
)
def test_what_is_no_readable_sheet_is_refused_in_words(content: bytes, code: str) -> None:
    refused = refusal(content)
    assert refused.code == code
    assert refused.status == 422


def zipped(name: str, data: bytes = b"x") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, data)
    return target.getvalue()


def test_a_zip_of_something_else_is_no_sheet() -> None:
    assert refusal(zipped("photo.jpg")).code == "not-a-sheet"
    assert "Word" in str(refusal(zipped("word/document.xml")))


def test_a_zip_locked_with_a_password_is_named_as_such() -> None:
    content = bytearray(workbooks.xlsx([["x"]]))
    for at in (content.find(b"PK\x01\x02") + 8, content.find(b"PK\x03\x04") + 6):
        content[at] |= 1
    assert refusal(bytes(content)).code == "sheet-encrypted"


def test_the_line_that_cannot_be_read_is_named() -> None:
    broken = "姓名,电话\n方英,1\n苏".encode() + b"\xff" + "英,2\n马晓,3\n".encode()
    assert refusal(broken).values["line"] == 3
    assert refusal('姓名,电话\n方英,1\n"苏英,2\n马晓,3\n'.encode()).values["line"] == 3


def test_damaged_utf_8_is_not_read_as_other_peoples_names_in_gb18030() -> None:
    whole = "姓名,电话\n" + "方英,1\n" * 50
    assert refusal(whole.encode() + b"\xb7\xbd\n").code == "text-unreadable"


def test_files_beyond_the_limits_are_refused() -> None:
    assert refusal(b"a,b\n" * 100, max_bytes=399).status == 413
    assert refusal(b"a,b\n" * 11, max_rows=10).code == "sheet-too-long"
    assert len(read(b"a,b\n" * 10 + b"\n,,\n" * 10, max_rows=10).rows) == 10
    rows = [[f"name {number}"] for number in range(11)]
    assert refusal(workbooks.xlsx(rows), max_rows=10).code == "sheet-too-long"
    assert refusal(workbooks.xls((n, 0, "x") for n in range(11)), max_rows=10).code == "sheet-too-long"
    assert refusal(workbooks.ods([["x"]], row_repeated=11), max_rows=10).code == "sheet-too-long"
    assert len(read(workbooks.xlsx(rows[:10]), max_rows=10).rows) == 10


def test_a_sheet_formatted_down_to_the_last_row_is_no_long_sheet() -> None:
    blank = b"".join(b'<row r="%d" ht="20"><c r="A%d" s="1"/></row>' % (at, at) for at in range(2, 5000))
    sheet = read(workbooks.with_sheet_xml(b'<row r="1"><c r="A1"><v>1</v></c></row>' + blank), max_rows=10)
    assert len(sheet.rows) == 1


def test_a_zip_bomb_is_refused_before_it_goes_off() -> None:
    bomb = workbooks.with_part(workbooks.xlsx([["x"]]), "xl/media/a.png", lambda _: bytes(3_000_000))
    assert len(bomb) < 20_000
    assert refusal(bomb, max_bytes=100_000).code == "sheet-too-heavy"
    assert read(bomb).rows


def test_a_bomb_that_lies_about_its_size_and_checksum_is_refused_all_the_same() -> None:
    name = b"xl/media/a.png"
    bomb = bytearray(workbooks.with_part(workbooks.xlsx([["x"]]), name.decode(), lambda _: bytes(3_000_000)))
    for magic, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        begin = bomb.rfind(magic, 0, bomb.find(name) if magic.endswith(b"\4") else bomb.rfind(name))
        struct.pack_into("<I", bomb, begin + at, zlib.crc32(bytes(100)))
        struct.pack_into("<I", bomb, begin + at + 8, 100)
    assert refusal(bytes(bomb), max_bytes=100_000).code == "sheet-too-heavy"
    assert refusal(bytes(bomb)).code == "sheet-corrupt"


@pytest.mark.parametrize(
    "content",
    [
        workbooks.with_sheet_xml(
            b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        workbooks.xls([(0, 0, "x"), (65535, 65535, "x")]),
        workbooks.ods([["x"]], row_repeated=90_000, cell_repeated=16_000),
    ],
    ids=["xlsx", "xls", "ods"],
)
def test_a_small_file_that_asks_for_all_the_memory_gets_none(content: bytes) -> None:
    assert refusal(content).code in {"sheet-too-heavy", "sheet-corrupt"}


@given(
    content=st.binary(max_size=400), begin=st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"])
)
def test_any_bytes_are_read_or_refused(content: bytes, begin: bytes) -> None:
    try:
        sheet = read(begin + content)
    except Refused:
        return
    assert sheet.rows


WHOLE = {
    "xlsx": workbooks.xlsx([HEADER, *PEOPLE], merged=["A6:B7"]),
    "ods": workbooks.ods([["姓名", "电话"], ["方英", "1"]]),
    "xls": workbooks.xls([(0, 0, "姓名"), (1, 0, "方英"), (1, 1, 19900000000.0)]),
}


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_a_damaged_workbook_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[kind])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    with contextlib.suppress(Refused):
        read(bytes(content))


# Which column is what


@pytest.mark.parametrize(
    "heading",
    [
        "手机号码（必填）",
        "*手机号码",
        "手机 号码",
        "手机号码：",
        "联系电话\n(手机)",
        "【手机】",
        "手机/电话",
        "电话 Phone",
        "\ufeff手机号码",
        "ＰＨＯＮＥ",
    ],
)
def test_a_heading_is_seen_through_what_forms_put_around_it(heading: str) -> None:
    columns = recognise(read(workbooks.xlsx([["姓 名", heading], ["方英", "1"]])), FIELDS)
    assert columns.index == {"name": 0, "phone": 1}
    assert columns.headings["B"] == text(heading)


@pytest.mark.parametrize("heading", ["紧急联系人电话", "母亲姓名", "电话费"])
def test_a_heading_that_only_contains_a_synonym_is_not_taken_for_it(heading: str) -> None:
    columns = recognise(csv_of(f"{heading},姓名,电话", "甲,方英,1"), FIELDS)
    assert columns.index == {"name": 1, "phone": 2}


def test_of_two_columns_that_fit_the_better_synonym_wins() -> None:
    assert recognise(csv_of("电话,备注(手机号码),手机,姓名", "1,2,3,方英"), FIELDS).index["phone"] == 2


def test_title_rows_a_merged_title_and_the_rows_own_numbers_are_seen_through() -> None:
    rows = [["元和街道党员花名册"], ["填报单位:元和街道", "", "填报日期:2026年11月"], HEADER, *PEOPLE]
    columns = recognise(read(workbooks.xlsx(rows, merged=["A1:D1"])), FIELDS)
    assert columns.header_row == 3
    assert columns.title_lines == ("元和街道党员花名册", "填报单位:元和街道", "填报日期:2026年11月")
    assert columns.headings == {"A": "序号", "B": "姓名", "C": "所在村(社区)", "D": "联系电话"}
    assert [row.number for row in columns.body] == [4, 5]
    assert [text(columns.cell(row, "phone")) for row in columns.body] == ["19900000000", "19900000001"]
    assert columns.cell(columns.body[0], "joined") == ""
    assert columns.heading("unit") == "所在村(社区)"


TWO_LEVELS = [
    ["花名册"],
    ["序号", "姓名", "联系方式", "", "党内情况", ""],
    ["", "", "手机", "住址", "入党时间", "职务"],
    ["1", "方英", "19900000000", "东街", "2007-03-01", "无"],
]


@pytest.mark.parametrize("merged", [(), ("A2:A3", "B2:B3", "C2:D2", "E2:F2")])
def test_a_header_of_two_levels_is_read_as_one(merged: tuple[str, ...]) -> None:
    columns = recognise(read(workbooks.xlsx(TWO_LEVELS, merged=merged)), FIELDS)
    assert columns.index == {"name": 1, "phone": 2, "joined": 4}
    assert list(columns.headings.values()) == ["序号", "姓名", "手机", "住址", "入党时间", "职务"]
    assert (columns.header_row, names(columns)) == (3, ["方英"])


def test_a_second_level_that_nobody_asked_for_is_no_data() -> None:
    columns = recognise(csv_of("姓名,电话,籍贯,", ",,省,市", "方英,1,江苏,苏州"), FIELDS)
    assert names(columns) == ["方英"]
    assert list(columns.headings.values()) == ["姓名", "电话", "省", "市"]


def test_a_first_row_of_data_is_never_swallowed_as_a_second_level() -> None:
    columns = recognise(csv_of("姓名,电话,备注", "手机,,", "方英,1,"), FIELDS)
    assert names(columns) == ["手机", "方英"]


def test_a_stray_cell_far_to_the_right_harms_nothing() -> None:
    people = "\n".join(f"人{number},{number}" for number in range(30))
    columns = recognise(csv_of("姓名,电话", people, "," * 60_000 + "x"), FIELDS)
    assert columns.index == {"name": 0, "phone": 1}
    assert len(columns.headings) <= 500
    assert columns.body[-1].cells[60_000] == "x"


def test_a_cell_merged_over_several_people_belongs_to_each_of_them() -> None:
    rows = [
        ["姓名", "电话", "村社区"],
        ["方英", "1", "华元社区"],
        ["苏英", "2", ""],
        ["马晓", "3", "富元社区"],
    ]
    columns = recognise(read(workbooks.xlsx(rows, merged=["C2:C3"])), FIELDS)
    assert [columns.cell(row, "unit") for row in columns.body] == ["华元社区", "华元社区", "富元社区"]


@pytest.mark.parametrize("column", ["本人号", "本 人 号", "C", "c", "3", "３"])
def test_a_mapping_by_hand_wins_by_heading_letter_or_number(column: str) -> None:
    sheet = csv_of("姓名,电话,本人号", "方英,1,2")
    assert recognise(sheet, FIELDS, {"phone": column}).index == {"name": 0, "phone": 2}


def test_a_mapping_to_nothing_leaves_the_field_out() -> None:
    sheet = csv_of("姓名,电话,村社区", "方英,1,华元")
    assert "unit" not in recognise(sheet, FIELDS, {"unit": ""}).index
    with pytest.raises(Refused, match="Phone"):
        recognise(sheet, FIELDS, {"phone": ""})


def test_a_sheet_without_any_header_can_be_mapped_by_letters() -> None:
    columns = recognise(csv_of("方英,19900000000", "苏英,19900000001"), FIELDS, {"name": "A", "phone": "B"})
    assert (columns.header_row, names(columns)) == (0, ["方英", "苏英"])


def test_a_strange_header_mapped_by_letters_is_not_data() -> None:
    sheet = csv_of("名册", "志愿者,号,村", "方英,19900000000,华元", "苏英,19900000001,华元")
    columns = recognise(sheet, FIELDS, {"name": "A", "phone": "B"})
    assert (columns.header_row, names(columns)) == (2, ["方英", "苏英"])


def test_a_mapping_that_names_what_is_not_there_is_told_what_there_is() -> None:
    sheet = csv_of("姓名,电话,本人号", "方英,1,2")
    with pytest.raises(Refused, match=r"没有.*姓名, 电话, 本人号") as caught:
        recognise(sheet, FIELDS, {"phone": "没有"})
    assert (caught.value.code, caught.value.status) == ("column-unknown", 422)
    with pytest.raises(Refused) as caught:
        recognise(sheet, FIELDS, {"phone": "Z"})
    assert caught.value.code == "column-unknown"
    with pytest.raises(Refused) as caught:
        recognise(sheet, FIELDS, {"telephone": "A"})
    assert caught.value.code == "field-unknown"


def test_columns_that_are_missing_are_named_beside_those_that_were_found() -> None:
    with pytest.raises(Refused, match=r"Name, Phone.*志愿者, 本人号") as caught:
        recognise(csv_of("志愿者,本人号", "方英,1"), FIELDS)
    assert (caught.value.code, caught.value.status) == ("columns-unknown", 422)
    assert caught.value.values["missing"] == ("Name", "Phone")


def test_a_guess_is_offered_for_mapping_by_hand() -> None:
    sheet = csv_of("花名册", "志愿者姓名,本人联系电话,村社区", "方英,19900000000,华元")
    offered = guess(sheet, FIELDS)
    assert offered.header_row == 2
    assert offered.headings == {"A": "志愿者姓名", "B": "本人联系电话", "C": "村社区"}
    assert offered.mapping == {"name": "A", "phone": "B", "unit": "C"}
    assert [row.number for row in offered.sample] == [3]
    assert recognise(sheet, FIELDS, offered.mapping).header_row == 2


def test_a_guess_is_made_of_anything() -> None:
    assert guess(csv_of("1"), FIELDS).mapping == {}
    assert guess(csv_of("方英,19900000000"), FIELDS).header_row == 0


# Which rows are data


@pytest.mark.parametrize(
    "row",
    [
        "合计,1206人,,",
        "合 计,,,1206",
        "总计：1206人,,,",
        ",,共计 1206 人,",
        "Total,1206,,",
        "制表人：张三,,审核人：李四,",
        "填表说明：一人一行,,,",
        "备注,,,",
        "注：请如实填写。,,,",
        "序号,姓名,所在村(社区),联系电话",
        "某镇名册,,,",
    ],
)
def test_footers_and_repeated_headers_are_skipped_and_can_be_shown(row: str) -> None:
    sheet = csv_of("某镇名册", "序号,姓名,所在村(社区),联系电话", "1,方英,华元,19900000000", row)
    columns = recognise(sheet, FIELDS)
    assert names(columns) == ["方英"]
    assert [row.number for row in columns.skipped] == [4]


@pytest.mark.parametrize(
    "row",
    [
        "1207,,,",
        "1207,,华元,19900000001",
        ",方英,,",
        "合计,张三,华元,19900000001",
        "备注,张三,,",
        "备注社区,张三,,",
        "总计划,,,",
        "注册志愿者,,,",
        "3,合计,,",
        "方英与苏英,,,",
        "合计,,,19900000001",
    ],
)
def test_a_row_that_may_be_somebody_always_reaches_the_caller(row: str) -> None:
    columns = recognise(csv_of("序号,姓名,所在村(社区),联系电话", "1,苏英,华元,1", row), FIELDS)
    assert [row.number for row in columns.body] == [2, 3]


def test_short_rows_are_as_wide_as_the_header() -> None:
    columns = recognise(csv_of("姓名,电话,村社区,入党时间", "方英"), FIELDS)
    assert columns.body[0].cells == ("方英", "", "", "")


def test_refused_rows_come_back_as_a_sheet_to_mend_and_send_again() -> None:
    sheet = read(workbooks.xlsx([["名册"], HEADER, *PEOPLE, [3, "", "华元", 19900000002.0]]))
    columns = recognise(sheet, FIELDS)
    table = returned(columns, [(columns.body[2], "没有姓名")], title="名册", number="行号", reason="原因")
    content = b"".join(csv_chunks(table))
    lines = content.decode("utf-8-sig").splitlines()
    assert lines == ["序号,姓名,所在村(社区),联系电话,行号,原因", "3,,华元,19900000002,5,没有姓名"]

    mended = recognise(read(content.replace(b"3,,", "3,方英,".encode())), FIELDS)
    assert names(mended) == ["方英"]
    again = returned(mended, [(mended.body[0], "号码重复")], title="名册", number="行号", reason="原因")
    assert [column.heading for column in again.columns] == [*HEADER, "行号", "原因"]


# What stands in a cell


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (19900000096.0, "19900000096"),
        (0.5, "0.5"),
        (7, "7"),
        (True, "TRUE"),
        ("  方　 英\n", "方 英"),
        ("方\u200b英\ufeff\x07", "方英"),
        ("e\u0301", "é"),
        ("㛃㭎𠮷", "㛃㭎𠮷"),
        ("古丽·买买提", "古丽·买买提"),
        ("a  b ", "a b"),
        ("", ""),
        (NAIVE, "2007-03-01"),
        (NAIVE.replace(hour=8, minute=30), "2007-03-01 08:30:00"),
        (dt.date(2007, 3, 1), "2007-03-01"),
        (dt.time(8, 30), "08:30:00"),
    ],
)
def test_text_is_what_a_person_reads(cell: object, expected: str) -> None:
    assert text(cell) == expected  # type: ignore[arg-type]


def test_digits_are_half_width() -> None:
    assert digits("１９９００20　０３９９") == "1990020 0399"
    assert digits("＋８６－１９９") == "+86-199"


@pytest.mark.parametrize(
    "cell",
    [
        "2007-03-01",
        "2007/3/1",
        "2007.03.01",
        "2007．3．1",
        "20070301",
        20070301.0,
        "2007年3月1日",
        "2007 年 3 月 1 日",
        "２００７年０３月０１日",
        "二〇〇七年三月一日",
        "2007—3—1",
        "2007-03-01 00:00:00",
        "2007-03-01T00:00:00",
        "2007/3/1 8:30",
        " 2007-03-01\n",
        39142,
        39142.75,
        "39142",
        NAIVE.replace(hour=12),
        dt.date(2007, 3, 1),
        "2007年3月",
        "2007年03月份",
        "2007.03月",
        "2007.03",
        2007.03,
        "2007-03",
        "200703",
    ],
)
def test_the_first_of_march_2007_however_it_is_written(cell: object) -> None:
    assert date(cell) == dt.date(2007, 3, 1)  # type: ignore[arg-type]


def test_months_and_days_of_two_figures() -> None:
    assert date("2023年12月") == dt.date(2023, 12, 1)
    assert date("1994.02月") == dt.date(1994, 2, 1)
    assert date("1994.1月") == dt.date(1994, 1, 1)
    assert date("二〇二一年十二月三十一日") == dt.date(2021, 12, 31)
    assert date("二〇二一年十月二十日") == dt.date(2021, 10, 20)


@pytest.mark.parametrize("cell", ["", "  ", "\u3000", "\u200b"])
def test_a_blank_date_is_none(cell: str) -> None:
    assert date(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "2007-02-30",
        "2007-13-01",
        "2007.13",
        "1899-12-31",
        "2101-01-01",
        "二〇〇一年",
        "二〇〇一年一二月三日",
        "2007",
        2007,
        2007.0,
        "2007年",
        "1994.1",
        1994.1,
        "01/02/2007",
        "07-03-01",
        "明天",
        "200713",
        "2007-3-110:00",
        12,
        0,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        True,
        dt.time(8),
        dt.timedelta(1),
        NAIVE.replace(year=1899),
        dt.date(2101, 1, 1),
    ],
)
def test_a_date_that_cannot_be_told_for_sure_is_unreadable(cell: object) -> None:
    with pytest.raises(ValueError):
        date(cell)  # type: ignore[arg-type]


CELLS = st.one_of(
    st.text(),
    st.text("0123456789年月日-/. 〇一十:T"),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


@given(CELLS)
def test_a_cell_is_a_day_of_our_time_or_none_or_a_value_error(cell: object) -> None:
    try:
        found = date(cell)  # type: ignore[arg-type]
    except ValueError:
        return
    assert found is None or 1900 <= found.year <= 2100


@given(CELLS)
def test_text_is_always_clean_and_stays_so(cell: object) -> None:
    once = text(cell)  # type: ignore[arg-type]
    assert once == text(once)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in once)


@given(st.dates(dt.date(1906, 1, 1), dt.date(2100, 12, 31)))
def test_every_day_is_read_back_from_every_usual_writing(day: dt.date) -> None:
    writings: list[Callable[[], object]] = [
        day.isoformat,
        lambda: f"{day.year}/{day.month}/{day.day}",
        lambda: f"{day.year}年{day.month}月{day.day}日",
        lambda: int(day.strftime("%Y%m%d")),
        lambda: float((day - dt.date(1899, 12, 30)).days),
    ]
    assert {date(write()) for write in writings} == {day}  # type: ignore[arg-type]


TEXTS = st.text(
    st.sampled_from("'=+-@ \t\r\n＝,;\"a1方\ufeff") | st.characters(exclude_categories=["Cc", "Cs"])
)


@given(st.lists(st.tuples(TEXTS.filter(bool), TEXTS), min_size=1, max_size=5))
@example([("0", "'\r")])
def test_what_was_written_as_csv_is_read_back(rows: list[tuple[str, str]]) -> None:
    table = Table("x", [Column("a", "姓名"), Column("b", "电话")], rows)
    sheet = read(b"".join(csv_chunks(table)))
    found = {row.number: tuple(text(cell) for cell in row.cells) for row in sheet.rows}
    expected = {at: (text(a), text(b)) for at, (a, b) in enumerate(rows, 2)}
    blank = ("", "")
    assert {at: found.get(at, blank) for at in expected} == expected
