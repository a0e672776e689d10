"""What was made of a value is made once: a long table says the same few things over and over."""

from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")

MOST = 10_000
"""How many are remembered; then it begins anew, so that memory does not grow with the rows."""


class Remembered(dict[Any, Made]):
    """A dictionary that makes what it lacks: `remembered[value]` is `make(value)`."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Made:
        if len(self) >= MOST:
            self.clear()
        made = self[value] = self._make(value)
        return made
