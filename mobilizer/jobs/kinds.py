"""Which work there is. Declared from the right when the application is made; nothing here knows how it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mobilizer.policy import Permission, Reader, allows

Arguments = Mapping[str, Any]
Need = tuple[Permission, Any]
"""A permission and the thing it is asked on."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker hands to the work. `path` is an empty file to be filled; `reader` the asker with the appointments of `now`,
    when the work began. `tell(done, total)` may be called as often as one likes; it raises `Stopped` once nobody wants the file."""

    arguments: Arguments
    reader: Reader
    now: datetime
    path: Path
    tell: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` is a msgid. See the package for the rest."""

    name: str
    label: str
    needs: Callable[[Arguments], Sequence[Need]]
    work: Callable[[Task], None]


KINDS: dict[str, Kind] = {}


def declare(*kinds: Kind) -> None:
    """Make work known. Again: the same work."""
    KINDS.update({kind.name: kind for kind in kinds})


def may(reader: Reader, kind: Kind, arguments: Arguments) -> bool:
    """Whether the reader has all that the work needs, now."""
    return all(
        thing is not None and allows(reader, permission, thing) for permission, thing in kind.needs(arguments)
    )
