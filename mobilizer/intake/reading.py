"""Bytes of an uploaded file to a sheet, or a refusal that says what the file is instead."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import PurePath

from mobilizer.errors import N_, Refused
from mobilizer.intake import workbook
from mobilizer.intake.sheet import Row, Sheet
from mobilizer.sheets import unguarded

MAX_ROWS = 100_000
MAX_BYTES = 20_000_000

_OTHERWISE = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*"
    rb"(?:<!doctype\s+html|<html|<head|<body|<table|<meta|<div|<\?xml|MIME-Version:)",
    re.IGNORECASE,
)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_DELIMITERS = {",": "CSV", "\t": "TSV", ";": "CSV", "，": "CSV"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read(
    content: bytes, filename: str = "", *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES
) -> Sheet:
    """The first sheet with anything in it, the others behind it. What it is, its content says, not its name.

    Refused, 413: more than `max_bytes`, more than `max_rows` rows that are not blank, a zip bomb.
    Refused, 422: empty, no sheet, locked, damaged, or text whose encoding or quotes cannot be told.
    """
    if len(content) > max_bytes:
        raise Refused(
            "file-too-large",
            N_("The file is larger than %(limit)s MB. Split it and send the parts one after the other."),
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            limit=max(1, max_bytes // 1_000_000),
        )
    if not content.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise workbook.nothing_in_it()
    for magic, kind in _OTHERWISE:
        if content.startswith(magic):
            raise workbook.not_a_sheet(kind)
    if _MARKUP.match(content[:1000].replace(b"\x00", b"")):
        raise workbook.not_a_sheet("HTML/XML")
    if content.startswith(b"PK\x03\x04"):
        return workbook.read_zip(content, max_rows=max_rows, max_bytes=max_bytes)
    if content.startswith(_OLE):
        return workbook.read_ole(content, max_rows=max_rows)
    return _read_text(content, PurePath(filename).stem, max_rows)


def _read_text(content: bytes, name: str, max_rows: int) -> Sheet:
    decoded, encoding = _decoded(content)
    sample = decoded[:100_000]
    if len(_CONTROLS.findall(sample)) > max(20, len(sample) // 20):
        raise workbook.not_a_sheet()
    decoded = decoded.replace("\x00", "")
    skipped = 0
    if declared := re.match(r"sep=([^\w\r\n\"])\r?\n", decoded):
        delimiter, skipped = declared[1], 1
        decoded = decoded[declared.end() :]
    else:
        delimiter = _delimiter(decoded)
    rows = [Row(number + skipped, cells) for number, cells in _records(decoded, delimiter, max_rows, skipped)]
    if not rows:
        raise workbook.nothing_in_it()
    return Sheet(name, rows, f"{_DELIMITERS.get(delimiter, 'CSV')}, {encoding}")


def _records(
    decoded: str, delimiter: str, max_rows: int, skipped: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(number from 1 as a spreadsheet shows it, cells) of each record that is not blank."""
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True)
    number = found = begin = 0
    while True:
        begin = reader.line_num + 1 + skipped
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(
                "csv-quotes",
                N_(
                    "The quotation marks do not pair up from line %(line)s on. Mend them, or send it as XLSX."
                ),
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
                line=begin,
            ) from error
        number += 1
        if any(cell and not cell.isspace() for cell in record):
            found += 1
            if found > max_rows:
                raise workbook.too_long(max_rows)
            yield number, tuple(unguarded(cell) for cell in record)


def _delimiter(decoded: str) -> str:
    """The sign that stands equally often in the most lines, counted outside quotation marks."""
    sample = re.sub(r'"[^"]*"', "", decoded[:100_000]).splitlines()[:100]
    best, best_score = ",", (0, 0)
    for sign in _DELIMITERS:
        counts = Counter(count for line in sample if (count := line.count(sign)))
        if counts:
            count, lines = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
            best, best_score = max((best, best_score), (sign, (lines, count)), key=lambda pair: pair[1])
    return best


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by BOM, as unmistakable UTF-16, as strict UTF-8, as GB18030."""
    for bom, codec, name in _BOMS:
        if content.startswith(bom):
            return _strictly(content, codec), name
    if utf16 := _utf16_without_bom(content):
        return _strictly(content, utf16), "UTF-16"
    try:
        return content.decode(), "UTF-8"
    except UnicodeDecodeError as error:
        if _is_broken_utf8(content):
            raise _unreadable(content, error) from error
    return _strictly(content, "gb18030"), "GB18030"


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise _unreadable(content, error) from error


def _unreadable(content: bytes, error: UnicodeDecodeError) -> Refused:
    return Refused(
        "text-unreadable",
        N_(
            "The characters in line %(line)s cannot be read. Save the file as “CSV UTF-8” or XLSX and send that."
        ),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        line=content.count(b"\n", 0, error.start) + 1,
    )


def _is_broken_utf8(content: bytes) -> bool:
    """UTF-8 with a few bad bytes: as GB18030 it might decode, into other people's names."""
    kept = content.decode(errors="replace")
    bad = kept.count("\ufffd")
    good = sum(1 for c in kept if c > "\x7f") - bad
    return good > 4 * bad


def _utf16_without_bom(content: bytes) -> str | None:
    """Line ends, digits and commas have a zero byte in UTF-16, always on the same side.

    None if there are hardly any zero bytes: they are then dropped as dirt.
    """
    zeros = content.count(0)
    if zeros * 50 < len(content):
        return None
    high, low = content[0::2].count(0), content[1::2].count(0)
    if len(content) % 2 == 0 and min(high, low) * 20 <= max(high, low):
        codec = "utf-16-le" if low > high else "utf-16-be"
        try:
            decoded = content.decode(codec)
        except UnicodeDecodeError:
            decoded = ""
        if "\n" in decoded or "\r" in decoded:
            return codec
    if zeros * 5 < len(content):
        return None
    raise Refused(
        "encoding-unknown",
        N_("The encoding of this file cannot be told. Save it as “CSV UTF-8” or XLSX and send that."),
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )
