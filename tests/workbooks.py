"""Small workbooks for the tests of intake, in the three formats and in bad shape."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(
    *sheets: Sequence[Sequence[object]], merged: Iterable[str] = (), hidden: Iterable[int] = ()
) -> bytes:
    """Sheets of rows; `merged` are ranges of the first one, whose top left cell keeps its value."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet()
            if at in hidden:
                sheet.hide()
            for area in merged if at == 0 else ():
                sheet.merge_range(area, "")
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if hasattr(value, "year"):
                        sheet.write_datetime(number, column, value, days)
                    elif value not in ("", None):
                        sheet.write(number, column, value)
    return target.getvalue()


def with_part(workbook: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of its zip replaced, or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, change(old.read(name) if name in old.namelist() else b""))
    return target.getvalue()


def with_sheet_xml(rows: bytes) -> bytes:
    """An XLSX whose only sheet has these rows, as XML."""
    xml = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>'.encode() + rows + b"</sheetData></worksheet>"
    return with_part(xlsx([["x"]]), "xl/worksheets/sheet1.xml", lambda _: xml)


def ods(rows: Sequence[Sequence[str]], *, row_repeated: int = 1, cell_repeated: int = 1) -> bytes:
    """One sheet of texts; the last row, and each cell, may claim to be repeated."""
    cells = [
        "".join(
            f'<table:table-cell table:number-columns-repeated="{cell_repeated}" office:value-type="string">'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        for row in rows
    ]
    lines = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells[:-1])
    lines += f'<table:table-row table:number-rows-repeated="{row_repeated}">{cells[-1]}</table:table-row>'
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="名册">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        archive.writestr("content.xml", content)
    return target.getvalue()


def xls(cells: Iterable[tuple[int, int, str | float]]) -> bytes:
    """BIFF8 with one sheet, (row, column, value) each from 0, in an OLE container of 512-byte sectors."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def unicode(value: str, length: str) -> bytes:
        return struct.pack(f"<{length}B", len(value.encode("utf-16-le")) // 2, 1) + value.encode("utf-16-le")

    def start(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 0))

    end = record(0x000A, b"")
    name = unicode("Sheet1", "B")
    about = 4 + 4 + 2 + len(name)
    begin = len(start(5)) + about + len(end)
    body = start(5) + record(0x0085, struct.pack("<IBB", begin, 0, 0) + name) + end + start(0x10)
    for row, column, value in cells:
        at = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            body += record(0x0204, at + unicode(value, "H"))
        else:
            body += record(0x0203, at + struct.pack("<d", value))
    return ole({"Workbook": body + end})


def ole(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file; each stream is padded to the 4,096 bytes below which others rules hold."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def laid(data: bytes) -> int:
        first = len(sectors)
        parts = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        sectors.extend(parts)
        fat.extend([*range(first + 1, first + len(parts)), 0xFFFFFFFE])
        return first

    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    entries = [(name, 2, laid(data), len(data)) for name, data in padded.items()]
    entries.insert(0, ("Root Entry", 5, 0xFFFFFFFE, 0))
    directory = b""
    for at, (name, kind, first, size) in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        child = 1 if kind == 5 else 0xFFFFFFFF
        right = at + 1 if 0 < at < len(entries) - 1 else 0xFFFFFFFF
        directory += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
        directory += (
            struct.pack("<III", 0xFFFFFFFF, right, child) + b"\0" * 36 + struct.pack("<IQ", first, size)
        )
    directory_at = laid(directory)
    fat_at = len(sectors)
    fat.append(0xFFFFFFFD)
    table = b"".join(struct.pack("<I", entry) for entry in fat).ljust(512, b"\xff")
    assert len(table) == 512, "one sector of FAT is all that these files need"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", fat_at) + b"\xff" * 4 * 108
    return head + b"".join(sectors) + table
