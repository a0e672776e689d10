"""A program, not a module: standard input is certificates to draw, standard output their PDFs.

Run by mobilizer/certificates/pdf.py with the font and the time limit as arguments. It imports nothing of Mobilizer, and what it
needs (a font of 19 MB, read whole) is gone when it ends. In: a line of JSON with all `signs` that will be written, then a line
for each paper (mobilizer.certificates.wording.Paper). Out, for each: a line of JSON, `size` and `missing`, and so many bytes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import segno
from fontTools import subset
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.prefs import ViewerPreferences

SIMPLIFIED_CHINESE = 2
"""Which of the faces of the Noto CJK collection."""
MEMORY = 1_500_000_000
FONT = "noto"
LEFT, WIDTH, FOOT = 20.0, 170.0, 275.0
"""Millimetres: the margin, the width between the margins, and how far down one writes."""
LABEL, ROW, QR = 50.0, 6.2, 30.0
INK, THIN = 0.35, 0.15
CUT = "…"


def limit(seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MEMORY),
    ):
        # Not every system holds to every limit, and one set from outside may be lower.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def font_of(collection: str, signs: str, folder: str) -> tuple[Path, frozenset[int]]:
    """A font file with these signs alone, and which of them there are. Small: each PDF embeds its part of it."""
    font = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE, lazy=True, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = []
    options.drop_tables = [*options.drop_tables, "GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=signs + CUT)
    subsetter.subset(font)
    path = Path(folder) / "signs.otf"
    font.save(path)
    return path, frozenset(font.getBestCmap())


class Sheet(FPDF):
    """One certificate on A4."""

    def __init__(self, font: Path, paper: dict[str, Any]) -> None:
        super().__init__(format="A4")
        self.paper = paper
        self.add_font(FONT, "", font)
        self.set_margins(LEFT, 20, LEFT)
        self.set_auto_page_break(True, 297 - FOOT)
        self.set_lang(paper["language"])
        self.set_title(f"{paper['title']} {paper['number']}")
        self.set_author(paper["signing"][0][1])
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.wrap = WrapMode.CHAR if paper["language"].startswith("zh") else WrapMode.WORD
        self.add_page()

    def draw(self) -> bytes:
        paper = self.paper
        self.write_line(paper["title"], 22, 12, align="C")
        self.write_line(paper["number"], 10, 6, align="C")
        self.gap(3)
        self.rule(INK)
        self.gap(4)
        self.write_line(paper["words"], 11, 6)
        self.gap(2)
        self.pairs(paper["facts"], 12, 7.4)
        self.gap(3)
        self.ruled(paper["content"], (WIDTH - 70, 35, 35), total=True)
        if paper["services"]:
            self.gap(4)
            self.ruled(paper["services"], (38, 45, WIDTH - 108, 25))
        self.gap(5)
        self.signing()
        self.verifying()
        return bytes(self.output())

    # --- pieces ------------------------------------------------------------------------------------

    def gap(self, millimetres: float) -> None:
        self.set_y(self.get_y() + millimetres)

    def rule(self, thickness: float, left: float = LEFT, right: float = LEFT + WIDTH) -> None:
        self.set_line_width(thickness)
        self.line(left, self.get_y(), right, self.get_y())

    def write_line(
        self, text: str, size: float, height: float, *, width: float = WIDTH, align: str = "L", link: str = ""
    ) -> None:
        """One paragraph at the place where the pen is; the pen goes below it."""
        self.set_font(FONT, size=size)
        self.multi_cell(
            width,
            height,
            text,
            align=align,
            link=link,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=self.wrap,
        )

    def pairs(self, rows: list[list[str]], size: float, height: float, width: float = WIDTH) -> None:
        """What it is, and what it is here; an empty one is a line to write on."""
        for label, value in rows:
            top = self.get_y()
            self.write_line(label, size - 1.5, height, width=LABEL - 2)
            below = self.get_y()
            self.set_xy(LEFT + LABEL, top)
            self.write_line(value or " ", size, height, width=width - LABEL)
            if not value:
                self.rule(THIN, LEFT + LABEL, LEFT + min(width, LABEL + 80))
            self.set_y(max(below, self.get_y()))

    def ruled(self, rows: list[list[str]], widths: tuple[float, ...], *, total: bool = False) -> None:
        """The head between two lines, and with `total` the last row as well. The last column is of figures; with three
        columns the second too."""
        self.rule(INK)
        for number, row in enumerate(rows):
            if total and number == len(rows) - 1:
                self.rule(THIN)
            self.row(row, widths, 9.5 if number == 0 else 10.5)
            if number == 0:
                self.rule(THIN)
        self.rule(INK)

    def row(self, cells: list[str], widths: tuple[float, ...], size: float) -> None:
        figures = {len(cells) - 1} | ({1} if len(cells) == 3 else set())
        self.set_font(FONT, size=size)
        if self.get_y() + ROW > FOOT:
            self.add_page()
        for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
            self.cell(width, ROW, self.fitted(text, width - 3), align="R" if place in figures else "L")
        self.set_xy(LEFT, self.get_y() + ROW)

    def fitted(self, text: str, width: float) -> str:
        """So much of it as one line holds."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + CUT) > width:
            text = text[:-1]
        return text + CUT

    def signing(self) -> None:
        """Who stands behind it, with room for the seal beside."""
        if self.get_y() + 42 + QR + 4 > FOOT:
            self.add_page()
        top = self.get_y()
        self.pairs(self.paper["signing"], 11, 6.6, width=WIDTH - 50)
        below = max(self.get_y(), top + 40)
        self.set_xy(LEFT + WIDTH - 45, top + 16)
        self.set_text_color(120)
        self.write_line(self.paper["seal"], 9, 5, width=45, align="C")
        self.set_text_color(0)
        self.set_y(below)

    def verifying(self) -> None:
        """At the foot of the sheet: the code, what it is for, and what is to be known of the figures."""
        top = max(self.get_y() + 2, FOOT - QR - 2)
        self.set_y(top)
        self.rule(THIN)
        self.code(LEFT, top + 2)
        self.set_xy(LEFT + QR + 4, top + 3)
        left, self.l_margin = self.l_margin, LEFT + QR + 4
        for text, size, link in [
            (self.paper["verify"], 9, ""),
            (self.paper["link"], 9, self.paper["link"]),
            *((note, 8, "") for note in self.paper["notes"]),
        ]:
            self.set_x(self.l_margin)
            self.write_line(text, size, 4.3, width=WIDTH - QR - 4, link=link)
        self.l_margin = left

    def code(self, left: float, top: float) -> None:
        """The QR code in plain black, a rectangle for each run of modules."""
        modules = [bytes(line) for line in segno.make(self.paper["link"], error="m", micro=False).matrix]
        side = QR / len(modules)
        self.set_fill_color(0)
        for y, line in enumerate(modules):
            x = 0
            while x < len(line):
                run = 1
                while x + run < len(line) and line[x + run] == line[x]:
                    run += 1
                if line[x]:
                    self.rect(left + x * side, top + y * side, run * side, side, style="F")
                x += run


def answer(head: dict[str, Any], body: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(head | {"size": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def texts(value: Any) -> str:
    return value if isinstance(value, str) else "".join(texts(each) for each in value)


def main(collection: str, seconds: int) -> None:
    limit(seconds)
    logging.disable(logging.ERROR)
    asked = sys.stdin.buffer
    with TemporaryDirectory() as folder:
        font, there = font_of(collection, json.loads(asked.readline())["signs"], folder)
        for line in asked:
            paper = json.loads(line)
            missing = sorted({sign for sign in texts(list(paper.values())) if ord(sign) not in there})
            if missing:
                answer({"missing": "".join(missing)})
            else:
                answer({"missing": ""}, Sheet(font, paper).draw())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
