"""What becomes of every row of a file: exactly one of created, updated, unchanged or refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mobilizer.intake.headings import Columns
from mobilizer.intake.sheet import Row


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about a cell: `column` is its heading in the file, '' for the whole row or file.

    `message` is a msgid whose %(name)s places are filled from `values`; a value that is one of the
    closed lists (mobilizer.terms) is shown as its label.
    """

    column: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


class NotTaken(Exception):
    """Raised while one row is read: that row is refused, the others are not."""

    def __init__(self, column: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.note = Note(column, message, values)


@dataclass(frozen=True, slots=True)
class Change:
    """What an updated row changes: the field's name, and its value before and after (of a closed list, its StrEnum)."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row's outcome. `about` is whom or what it names; `reason` is there for a refused row and no other."""

    row: Row
    outcome: Outcome
    about: str
    reason: Note | None = None
    warnings: tuple[Note, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole file: a line for each row of its body, in order, and what is to be told about all of it."""

    columns: Columns
    lines: list[Line]
    notes: tuple[Note, ...] = ()

    def counts(self) -> dict[Outcome, int]:
        """How many rows had each outcome, in the order of the outcomes."""
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def changes_anything(self) -> bool:
        return any(line.outcome in (Outcome.CREATED, Outcome.UPDATED) for line in self.lines)
