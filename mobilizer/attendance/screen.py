"""What the leader's screen carries, so that it shows the right code for hours without a network: all digits until the
shift's end, and the QR codes of them all in the space of 25.

A QR code of fixed size and mask is linear: which modules turn when one bit of the text turns does not depend on the
other bits. So the code of any six digits is that of 000000, with one pattern laid over it (exclusive or) for each bit
that is set: four bits for each digit, as 0 to 9 differ in their last four bits alone.
"""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import segno

from mobilizer.attendance import codes

LONGEST = timedelta(hours=12)
"""So far ahead the screen carries codes: some 12 KB. A longer shift opens the page again."""

ZERO = "0" * codes.DIGITS


class Screen(NamedTuple):
    """`codes` stand one after another, six digits each, from `step` on; `patterns` are base64, the first that of
    000000, then for each digit the four that its bits turn; `size` modules on each side."""

    step: int
    codes: str
    size: int
    patterns: list[str]

    @property
    def code(self) -> str:
        return self.codes[: codes.DIGITS]


def screen(key: str, shift_id: int, link: str, now: datetime, ends_at: datetime) -> Screen:
    """`link` is the address that the QR code leads to with six digits after it."""
    first = codes.step_of(now)
    last = max(codes.step_of(min(ends_at, now + LONGEST)), first)
    shown = "".join(codes.screen_code(key, shift_id, step) for step in range(first, last + 1))
    base = modules(link + ZERO)
    turned = [
        [one ^ other for one, other in zip(base, modules(link + _with(place, 1 << bit)), strict=True)]
        for place in range(codes.DIGITS)
        for bit in range(4)
    ]
    return Screen(first, shown, round(len(base) ** 0.5), [_packed(each) for each in (base, *turned)])


def modules(text: str) -> list[int]:
    """The modules of a text's QR code, row after row, 1 dark; always the same size and mask for texts of one length."""
    code = segno.make(text, error="m", mode="byte", mask=0, micro=False, boost_error=False)
    return [module for row in code.matrix for module in row]


def path(dark: Iterable[int], size: int) -> str:
    """The dark modules as the path of an SVG."""
    return "".join(f"M{at % size} {at // size}h1v1h-1z" for at, module in enumerate(dark) if module)


def _with(place: int, digit: int) -> str:
    return ZERO[:place] + str(digit) + ZERO[place + 1 :]


def _packed(dark: list[int]) -> str:
    bits = "".join(map(str, dark)).ljust(-(-len(dark) // 8) * 8, "0")
    return base64.b64encode(int(bits, 2).to_bytes(len(bits) // 8, "big")).decode()
