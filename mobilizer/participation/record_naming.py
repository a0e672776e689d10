"""A row of the ledger in words: what somebody reads who opens the rows behind a figure (Flask-Babel)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from flask_babel import gettext as _

from mobilizer.filters import masked_phone
from mobilizer.participation.record_queries import Names
from mobilizer.sheets import Column, Remembered, Value
from mobilizer.terms import LABELS, RecordKind


def columns(*, personal: bool) -> tuple[Column, ...]:
    """District and position name the entry; `minutes` and `person_times` are what every total is a plain sum of."""
    plain = (
        Column("district", _("District")),
        Column("position", _("Position in the ledger"), "integer"),
        Column("day", _("Day"), "date"),
        Column("from", _("Begins at"), "moment"),
        Column("to", _("Ends at"), "moment"),
        Column("unit_code", _("Unit code")),
        Column("unit", _("Unit")),
        Column("branch", _("Branch")),
        Column("branch_kind", _("Kind of branch")),
        Column("operation", _("Operation")),
        Column("checkpoint", _("Checkpoint")),
        Column("category", _("Service category")),
        Column("standing", _("Standing of the member")),
        Column("source", _("What the record rests on")),
        Column("state", _("State")),
        Column("break_minutes", _("Breaks (minutes)"), "integer"),
        Column("minutes", _("Minutes"), "integer"),
        Column("person_times", _("Person-times"), "integer"),
    )
    if not personal:
        return plain
    who = (
        Column("member", _("Member")),
        Column("phone", _("Phone number, masked")),
        Column("home_branch", _("Home branch")),
    )
    return plain + who


def cells(rows: Iterable[Sequence[Any]], names: Names, zone: tzinfo) -> Iterator[tuple[Value, ...]]:
    """The rows of `record_queries.rows` in the order of `columns`, moments on the wall clock of `zone`."""
    return map(worded(names, zone), rows)


def worded(names: Names, zone: tzinfo) -> Callable[[Sequence[Any]], tuple[Value, ...]]:
    """One row after another in words; what was said before is not looked up again."""
    local, day, label, state = Remembered(_local(zone)), Remembered(_day), Remembered(_label), _states()
    units, branches, checkpoints, operations = names
    nowhere = (None, None)

    def word(row: Sequence[Any]) -> tuple[Value, ...]:
        branch, kind = branches.get(row[11], nowhere)
        plain: tuple[Value, ...] = (
            row[0],
            row[1],
            day[row[4]],
            local[row[5]],
            local[row[6]],
            row[10],
            units.get(row[10]),
            branch,
            label[kind],
            operations.get(row[12]),
            checkpoints.get(row[13]),
            label[row[14]],
            label[row[15]],
            label[row[16]],
            state[row[2], bool(row[3])],
            row[7],
            row[8],
            row[9],
        )
        if len(row) == len(plain) - 1:
            return plain
        return (*plain, row[17], masked_phone(row[18]), branches.get(row[19], nowhere)[0])

    return word


def _label(term: Any) -> str | None:
    return _(LABELS.get(term, term)) if term else None


def _states() -> dict[tuple[str, bool], str]:
    """Whether the row stands, by its kind and whether it was reversed."""
    return {
        (RecordKind.ENTRY, False): _("counts"),
        (RecordKind.ENTRY, True): _("was reversed"),
        (RecordKind.REVERSAL, False): _("reverses another"),
    }


def _day(kept: Any) -> date:
    return date.fromisoformat(kept) if isinstance(kept, str) else kept


def _local(zone: tzinfo) -> Callable[[Any], datetime]:
    """From what the database has for a moment (text without a zone is UTC) to the wall clock of the place."""

    def local(kept: Any) -> datetime:
        moment = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(zone).replace(tzinfo=None)

    return local
