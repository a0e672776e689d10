"""What was served is added to the tallies in the transaction that writes it (mobilizer.model.tallies).

Additions are made in the order of their keys, so that two that meet wait for each other and never both. The tally itself is
added to first: whoever has its row alone may say who is new in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mobilizer.extensions import Base, db, run, table_of
from mobilizer.model import Tally, TallyDay, TallyPerson
from mobilizer.model.tally_filling import source
from mobilizer.model.tallying import Part, listed_under, parts_of

AT_ONCE = 500


class Served(NamedTuple):
    """An entry, a reversal, or a confirmed sign-up on a shift that is being closed."""

    unit_code: str
    operation_id: int | None
    category: str
    checkpoint_id: int | None
    branch_id: int
    day: date
    member_id: int
    sign_ups: int = 0
    person_times: int = 0
    minutes: int = 0

    @property
    def where(self) -> "Where":
        """What decides in which parts it counts."""
        return self[:5]


Where = tuple[str, int | None, str, int | None, int]
"""Unit, operation, category, checkpoint and branch: the arguments of parts_of."""

There = frozenset[tuple[Where, int, int]]
"""Of one person on one day: where, with how many sign-ups and person-times."""

Counts = Counter[str]
"""By the names of the columns that are counted."""

K = TypeVar("K")


def add(rows: Iterable[Served]) -> None:
    """Add what has just been written. The ledger and the shifts must have it already: who was there on that day before is
    read from them."""
    for some in _chunks(rows):
        _add(some)


def _chunks(rows: Iterable[Served]) -> Iterator[list[Served]]:
    """A person's rows stay together: whether somebody is new depends on all of them."""
    some: list[Served] = []
    for _member, theirs in groupby(sorted(rows, key=attrgetter("member_id")), key=attrgetter("member_id")):
        some += theirs
        if len(some) >= AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _add(rows: list[Served]) -> None:
    parts = _by_part((row.where, None, row) for row in rows)
    people = _by_part((row.where, row.member_id, row) for row in rows)
    days = _by_part((row.where, row.day, row) for row in rows)
    ids = _add_to_parts({part: counts for (part, _nobody), counts in parts.items()})
    new = _add_to_people(people, ids)
    _add_to_days(days, ids, _new_on_days(rows))
    _say_who_is_new(new)


def _by_part(rows: Iterable[tuple[Where, K, Served]]) -> dict[tuple[Part, K], Counts]:
    """What the rows come to by part and person, or day. Rows of one place, as a sheet has them by the hundred, are added up
    before they are added to each of its parts."""
    there: dict[tuple[Where, K], list[int]] = {}
    for where, key, row in rows:
        sums = there.setdefault((where, key), [0, 0, 0])
        sums[0] += row.sign_ups
        sums[1] += row.person_times
        sums[2] += row.minutes
    found: dict[tuple[Part, K], Counts] = {}
    for (where, key), sums in there.items():
        for part in parts_of(*where):
            found.setdefault((part, key), Counter()).update(dict(zip(_EACH, sums, strict=True)))
    return found


def _add_to_parts(parts: dict[Part, Counts]) -> dict[Part, int]:
    """Their ids; their rows stay locked until commit."""
    values = [
        part._asdict()
        | {"listed_under": listed_under(part.unit_code, part.whole), "signed_up": 0, "on_post": 0}
        | {"person_times": counts["person_times"], "minutes": counts["minutes"]}
        for part, counts in sorted(parts.items())
    ]
    found = run(_statements()["parts"], values)
    return {Part(*key): tally_id for tally_id, *key in found}


def _add_to_people(people: dict[tuple[Part, int], Counts], ids: dict[Part, int]) -> dict[int, Counts]:
    """By the tally's id, how many people came to it and left it."""
    by_key = {(ids[part], member_id): counts for (part, member_id), counts in people.items()}
    values = [
        {"tally_id": tally_id, "member_id": member_id, **{name: counts[name] for name in _EACH}}
        for (tally_id, member_id), counts in sorted(by_key.items(), key=lambda each: each[0])
    ]
    found = run(_statements()["people"], values)
    new: dict[int, Counts] = {}
    for tally_id, member_id, *now in found:
        came = _came(dict(zip(_EACH, now, strict=True)), by_key[tally_id, member_id])
        new.setdefault(tally_id, Counter()).update(came)
    return new


_EACH = ("sign_ups", "person_times", "minutes")
_PEOPLE = {"signed_up": "sign_ups", "on_post": "person_times"}


def _came(now: Any, added: Counts) -> dict[str, int]:
    """1 for whoever is there now and was not before what was added, -1 the other way round."""
    return {
        people: (now[counted] > 0) - (now[counted] - added[counted] > 0)
        for people, counted in _PEOPLE.items()
    }


def _new_on_days(rows: list[Served]) -> dict[tuple[Part, date], Counts]:
    """By part and day, how many people came to it and left it: what is said of them on these days, with and without `rows`."""
    found = run(
        _statements()["there"],
        {
            "member_ids": sorted({row.member_id for row in rows}),
            "days": sorted({row.day for row in rows}),
        },
    )
    now, added = _by_person_and_day(map(Served._make, found)), _by_person_and_day(rows)
    alike = Counter((day, now[who, day], there) for (who, day), there in added.items())
    new: dict[tuple[Part, date], Counts] = {}
    came: dict[tuple[There, There], dict[Part, dict[str, int]]] = {}
    for (day, there_now, there_added), many in alike.items():
        known = (there_now, there_added)
        if known not in came:
            came[known] = _came_to_parts(there_now, there_added)
        for part, people in came[known].items():
            counts = new.setdefault((part, day), Counter())
            counts.update({name: many * each for name, each in people.items()})
    return new


def _by_person_and_day(rows: Iterable[Served]) -> dict[tuple[int, date], There]:
    there: dict[tuple[int, date], dict[Where, list[int]]] = {}
    for row in rows:
        sums = there.setdefault((row.member_id, row.day), {}).setdefault(row.where, [0, 0])
        sums[0] += row.sign_ups
        sums[1] += row.person_times
    return {
        key: frozenset((where, sums[0], sums[1]) for where, sums in places.items())
        for key, places in there.items()
    }


def _came_to_parts(now: There, added: There) -> dict[Part, dict[str, int]]:
    """Of one person on one day: to which parts they came by what was added, and which they left."""
    counted: tuple[dict[Part, Counts], ...] = ({}, {})
    for counts, there in zip(counted, (now, added), strict=True):
        for where, sign_ups, person_times in there:
            for part in parts_of(*where):
                sums = {"sign_ups": sign_ups, "person_times": person_times}
                counts.setdefault(part, Counter()).update(sums)
    return {part: _came(counted[0][part], counts) for part, counts in counted[1].items()}


def _add_to_days(
    days: dict[tuple[Part, date], Counts],
    ids: dict[Part, int],
    new: dict[tuple[Part, date], Counts],
) -> None:
    sums = ("person_times", "minutes")
    values = [
        {"tally_id": ids[part], "day": day, **new[part, day], **{name: counts[name] for name in sums}}
        for (part, day), counts in days.items()
    ]
    run(_statements()["days"], sorted(values, key=lambda each: (each["tally_id"], each["day"])))


def _say_who_is_new(new: dict[int, Counts]) -> None:
    values = [
        {"tally": tally_id, **{f"add_{name}": counts[name] for name in _PEOPLE}}
        for tally_id, counts in sorted(new.items())
        if any(counts.values())
    ]
    if values:
        run(_statements()["new"], values)


def _statements() -> dict[str, Any]:
    return _built(db.engine.dialect.name)


@cache
def _built(dialect: str) -> dict[str, Any]:
    """Built once, they cost a third of being built each time."""
    part, person = table_of(Tally), table_of(TallyPerson)
    sums = ("person_times", "minutes")
    rows = source()
    told, counted = (rows.c[name] for name in Served._fields[:7]), (func.sum(rows.c[name]) for name in _EACH)
    return {
        "parts": _adding(dialect, Tally, Part._fields, sums).returning(
            part.c.id, *(part.c[name] for name in Part._fields)
        ),
        "people": _adding(dialect, TallyPerson, ("tally_id", "member_id"), _EACH).returning(
            person.c.tally_id, person.c.member_id, *(person.c[name] for name in _EACH)
        ),
        "days": _adding(dialect, TallyDay, ("tally_id", "day"), (*_PEOPLE, *sums)),
        "there": select(*told, *counted)
        .where(
            rows.c.member_id.in_(bindparam("member_ids", expanding=True)),
            rows.c.day.in_(bindparam("days", expanding=True)),
        )
        .group_by(*(rows.c[name] for name in Served._fields[:7])),
        "new": update(part)
        .where(part.c.id == bindparam("tally"))
        .values({name: part.c[name] + bindparam(f"add_{name}") for name in _PEOPLE}),
    }


def _adding(dialect: str, entity: type[Base], key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    """Insert, or add to what is there."""
    table: Table = table_of(entity)
    made = {"sqlite": sqlite, "postgresql": postgresql}[dialect].insert(table)
    return made.on_conflict_do_update(
        index_elements=list(key), set_={name: table.c[name] + made.excluded[name] for name in names}
    )
