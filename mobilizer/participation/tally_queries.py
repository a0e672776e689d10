"""Whether the tallies equal the ledger: everything is counted again beside them, and compared row by row."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, except_, select

from mobilizer.extensions import db
from mobilizer.model.tally_filling import COUNTED, KEPT, PART, Tables, fill

_AGAIN = Tables("counted_again", temporary=True)
_FIGURES = ("signed_up", "on_post", "person_times", "minutes")


class Difference(NamedTuple):
    """`of` names the table. `key`: its unit, whether with all below it, operation, category, checkpoint, branch, and the day
    or the member. None: there is no such row."""

    of: str
    key: tuple[Any, ...]
    kept: tuple[int, ...] | None
    counted: tuple[int, ...] | None


def differences() -> Iterator[Difference]:
    """Where what is kept is not what is counted again. Reads one snapshot (`queries.begin_snapshot`); takes the time of
    some fifty readings of the ledger."""
    connection = db.session.connection()
    _AGAIN.metadata.create_all(connection, checkfirst=False)
    try:
        fill(connection, _AGAIN)
        for name, one, other in zip(_NAMES, _rows(KEPT), _rows(_AGAIN), strict=True):
            yield from _compared(name, one, other)
    finally:
        _AGAIN.metadata.drop_all(connection, checkfirst=False)


_NAMES = ("tally", "tally_day", "tally_person")
_KEY = len(PART) + 1
"""How many columns name a row: the part, and what else there is."""


def _rows(tables: Tables) -> list[Select[Any]]:
    """Of each table its rows, without the numbers that tallies have here."""
    part = [tables.parts.c[each] for each in PART]

    def of(table: Table, key: str, figures: tuple[str, ...]) -> Select[Any]:
        columns = [table.c[each] for each in (key, *figures)]
        return select(*part, *columns).join_from(table, tables.parts, tables.parts.c.id == table.c.tally_id)

    themselves = [tables.parts.c[each] for each in ("listed_under", *_FIGURES)]
    return [
        select(*part, *themselves),
        of(tables.days, "day", _FIGURES),
        of(tables.people, "member_id", COUNTED),
    ]


def _compared(name: str, kept: Select[Any], again: Select[Any]) -> Iterator[Difference]:
    found: dict[tuple[Any, ...], list[tuple[int, ...] | None]] = {}
    for at, (one, other) in enumerate(((kept, again), (again, kept))):
        for row in db.session.execute(except_(one, other)):
            found.setdefault(tuple(row[:_KEY]), [None, None])[at] = tuple(row[_KEY:])
    for key in sorted(found, key=str):
        yield Difference(name, key, *found[key])
