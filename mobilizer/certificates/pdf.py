"""Certificates as PDFs. They are drawn by a process of its own (mobilizer/certificates/drawing.py): the font is 19 MB, and no
worker should hold it, nor stand still while it is read."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from noto_cjk_sans_otc import FONT_PATH

from mobilizer.certificates.wording import Paper
from mobilizer.errors import N_, Refused

DRAWING = Path(__file__).with_name("drawing.py")
SECONDS = 60
A_SHEET = 2
"""Processor seconds: for the font, and for each sheet at the most."""


def drawn(papers: Sequence[Paper]) -> Iterator[bytes | str]:
    """The PDF of each, one after the other; where the font lacks signs that one needs, those signs."""
    command = [sys.executable, "-I", str(DRAWING), str(FONT_PATH), str(SECONDS + A_SHEET * len(papers))]
    signs = frozenset[str]().union(*(paper.signs() for paper in papers))
    with subprocess.Popen(  # noqa: S603 - our own program, and nothing that anybody typed is among the words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as drawing:
        if drawing.stdin is None or drawing.stdout is None:
            raise RuntimeError("pipes that were asked for")
        try:
            _say(drawing.stdin, {"signs": "".join(sorted(signs))})
            for paper in papers:
                _say(drawing.stdin, asdict(paper))
                yield _answer(drawing.stdout)
        except BrokenPipeError:
            raise _failed() from None
        finally:
            drawing.kill()


def of_one(paper: Paper) -> bytes:
    """Refused where the font lacks signs, in words: a browser prints the page with what fonts it has."""
    (found,) = drawn([paper])
    if isinstance(found, str):
        raise Refused(
            "signs-missing",
            N_(
                "The PDF's font has no sign for %(signs)s. Please print the page instead: your browser may have one."
            ),
            signs=found,
        )
    return found


def _say(to: IO[bytes], value: object) -> None:
    to.write(json.dumps(value).encode() + b"\n")
    to.flush()


def _answer(of: IO[bytes]) -> bytes | str:
    head = of.readline()
    if not head:
        raise _failed()
    said = json.loads(head)
    return str(said["missing"]) or of.read(said["size"])


def _failed() -> Refused:
    return Refused("pdf-failed", N_("The PDF could not be made. Please print the page instead."), status=503)
