"""XLSX, XLS and ODS by way of python-calamine, which is fast but trusts what it is given.

So the zip is first unpacked here to see that it is whole and no bomb, and calamine then runs in a
process of its own with little memory and time (mobilizer/intake/isolated.py): a crafted workbook
that makes it panic, abort or ask for a hundred gigabytes takes nobody else down.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from pathlib import Path

from mobilizer.errors import N_, Refused
from mobilizer.intake.sheet import Row, Sheet

ISOLATED = Path(__file__).with_name("isolated.py")
SECONDS = 60
MEMORY = 1_500_000_000
CHUNK = 1 << 20
PIECE = 1 << 16
WIDEST_ROW = 8 << 20
MANY_PARTS = 5_000
# How many times its size a workbook may unpack to: real rosters are at about 5 to 20.
UNPACKED = 15

_ROW = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:table-)?row[\s/>]")
_VALUE = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:v|is|f|p)[\s/>]")


def corrupt() -> Refused:
    return Refused(
        "sheet-corrupt",
        N_("The file is damaged and cannot be read. Open it in Excel or WPS, save it anew and send that."),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def encrypted() -> Refused:
    return Refused(
        "sheet-encrypted",
        N_("The file is locked with a password. Save it without one and send it again."),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


def too_long(max_rows: int) -> Refused:
    return Refused(
        "sheet-too-long",
        N_("The sheet has more than %(limit)s rows. Split it and send the parts one after the other."),
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        limit=f"{max_rows:,}",
    )


def too_heavy() -> Refused:
    return Refused(
        "sheet-too-heavy",
        N_(
            "The file is far larger inside than a list of rows. Copy the rows into a new sheet and send that."
        ),
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )


def not_a_sheet(kind: str | None = None) -> Refused:
    """`kind` is what the file is instead, if that has a name everybody knows: PDF, Word."""
    if kind is None:
        return Refused(
            "not-a-sheet",
            N_("This is not a sheet that can be read. Send XLSX, XLS, ODS or CSV."),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    return Refused(
        "not-a-sheet",
        N_("This is not a sheet but %(kind)s. Send XLSX, XLS, ODS or CSV: Excel and WPS can save as these."),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        kind=kind,
    )


def read_zip(content: bytes, *, max_rows: int, max_bytes: int) -> Sheet:
    """The sheets of an XLSX, XLSB or ODS. Refused if it is another kind of zip, a bomb, or broken."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise corrupt() from error
    names = {part.filename.replace("\\", "/").lower() for part in parts}
    how = _kind(names)
    if len(parts) > MANY_PARTS:
        raise too_heavy()
    left = max_bytes * UNPACKED
    for part in parts:
        if part.flag_bits & 0x1:
            raise encrypted()
        counting = _RowCount(max_rows) if _holds_rows(part.filename) else None
        for chunk in _unpacked(content, part):
            left -= len(chunk)
            if left < 0:
                raise too_heavy()
            if counting:
                counting.see(chunk)
    return _read_apart(content, how, max_rows)


def read_ole(content: bytes, *, max_rows: int) -> Sheet:
    """The sheets of an XLS. The names of its streams tell an old Word document or a locked XLSX."""

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds("EncryptedPackage"):
        raise encrypted()
    if not holds("Workbook") and not holds("Book"):
        raise not_a_sheet("Word" if holds("WordDocument") else None)
    return _read_apart(content, "XLS", max_rows)


def _kind(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "XLSB"
    if any(name.startswith("xl/") for name in names):
        return "XLSX"
    if "content.xml" in names:
        return "ODS"
    raise not_a_sheet("Word" if "word/document.xml" in names else "ZIP")


def _holds_rows(part: str) -> bool:
    part = part.replace("\\", "/").lower()
    return part == "content.xml" or (part.startswith("xl/worksheets/") and part.endswith(".xml"))


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The real bytes of a part, a megabyte at a time, whatever sizes the archive claims for it.

    zipfile itself stops at the declared size, behind which calamine would go on unpacking.
    """
    head = content[part.header_offset : part.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise corrupt()
    begin = (
        part.header_offset
        + 30
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )
    checksum = 0
    if part.compress_type == zipfile.ZIP_STORED:
        stored = content[begin : begin + part.compress_size]
        checksum = zlib.crc32(stored)
        yield stored
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        for chunk in _inflated(memoryview(content)[begin:]):
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
    else:
        raise corrupt()
    if checksum != part.CRC:
        raise corrupt()


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for begin in range(0, len(packed), PIECE):
            rest: bytes | memoryview = packed[begin : begin + PIECE]
            while len(rest) and not inflate.eof:
                yield inflate.decompress(rest, CHUNK)
                rest = inflate.unconsumed_tail
            if inflate.eof:
                return
        yield inflate.flush()
    except zlib.error as error:
        raise corrupt() from error
    if not inflate.eof:
        raise corrupt()


class _RowCount:
    """Counts rows that hold something while they pass by; blank formatted ones are no burden."""

    def __init__(self, max_rows: int) -> None:
        self.max_rows = max_rows
        self.rows = 0
        self.tail = b""

    def see(self, chunk: bytes) -> None:
        *whole, self.tail = _ROW.split(self.tail + chunk)
        self.rows += sum(1 for row in whole if _VALUE.search(row))
        if self.rows > self.max_rows:
            raise too_long(self.max_rows)
        if len(self.tail) > WIDEST_ROW:
            raise too_heavy()


def _read_apart(content: bytes, how: str, max_rows: int) -> Sheet:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and the file goes to its standard input
            [sys.executable, "-P", str(ISOLATED), str(max_rows), str(MEMORY), str(SECONDS)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise too_heavy() from error
    if done.returncode != 0:
        # Aborted or killed: a Rust allocation beyond the limit does not unwind.
        raise corrupt() if b"panicked" in done.stderr else too_heavy()
    try:
        verdict, found = pickle.loads(done.stdout)  # noqa: S301 - written by our own program
    except (EOFError, pickle.UnpicklingError) as error:
        raise corrupt() from error
    if verdict == "rows":
        raise too_long(max_rows)
    if verdict == "memory":
        raise too_heavy()
    if verdict == "password":
        raise encrypted()
    if verdict != "read":
        raise corrupt()
    sheets = [Sheet(name, [Row(number, cells) for number, cells in rows], how) for name, rows in found]
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise nothing_in_it()
    first, *others = filled
    return Sheet(first.name, first.rows, first.how, tuple(others))


def nothing_in_it() -> Refused:
    return Refused("file-empty", N_("There is nothing in this file."), status=HTTPStatus.UNPROCESSABLE_ENTITY)
