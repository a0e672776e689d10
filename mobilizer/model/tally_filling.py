"""All tallies counted anew, from the ledger and the closed shifts.

Beneath the steps, as the migrations count what was there before them. The tables are named here once more, with what is
needed of them: a migration must find them as they were.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa

from mobilizer.model.tallying import NONE, Part
from mobilizer.model.types import unit_code_type

COUNTED = ("sign_ups", "person_times", "minutes")
PART = Part._fields
_NUMBER = sa.Integer()


class Tables:
    """The three tables of tallies, under a name of their own; temporary ones go with the connection."""

    def __init__(self, name: str = "tally", *, temporary: bool = False) -> None:
        self.metadata = sa.MetaData()
        prefixes = ["TEMPORARY"] if temporary else []

        def table(named: str, *columns: Any) -> sa.Table:
            return sa.Table(named, self.metadata, *columns, prefixes=prefixes)

        part: list[Any] = [sa.Column(each, unit_code_type()) for each in ("unit_code", "listed_under")]
        part += [sa.Column("whole", sa.Boolean), sa.Column("category", sa.String)]
        part += [_number(each) for each in ("operation_id", "checkpoint_id", "branch_id")]
        sums = ("person_times", "minutes")
        figures = ("signed_up", "on_post", *sums)
        unique = sa.UniqueConstraint(*PART)
        key, day = sa.Column("id", _NUMBER, primary_key=True), sa.Column("day", sa.Date, primary_key=True)
        self.parts = table(name, key, *part, *map(_number, figures), unique)
        self.days = table(f"{name}_day", _key("tally_id"), day, *map(_number, figures))
        self.people = table(f"{name}_person", _key("tally_id"), _key("member_id"), *map(_number, COUNTED))


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, _NUMBER)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, _NUMBER, primary_key=True, autoincrement=False)


KEPT = Tables()


def fill(connection: sa.Connection, into: Tables | None = None) -> None:
    """Count everything there is into empty tables."""
    tables, everything = into or KEPT, source()
    if connection.execute(sa.select(everything.c.day).limit(1)).first() is None:
        return
    drawn = _drawn_together(connection, everything)
    for projected in _projections(drawn):
        _fill_parts(connection, tables, projected)
    drawn.drop(connection)
    _count_people(connection, tables)


def _drawn_together(connection: sa.Connection, rows: sa.Subquery) -> sa.Table:
    """What is read fifty times, in a temporary table, a row for each person, day and place."""
    keys = [column for column in rows.columns if column.name not in COUNTED]
    names = [*(column.name for column in keys), *COUNTED]
    drawn = _table_of(tuple(names))
    drawn.create(connection, checkfirst=False)
    counted = [sa.func.sum(rows.c[name]) for name in COUNTED]
    connection.execute(sa.insert(drawn).from_select(names, sa.select(*keys, *counted).group_by(*keys)))
    return drawn


@cache
def _table_of(names: tuple[str, ...]) -> sa.Table:
    types: dict[str, Any] = {"unit_code": unit_code_type(), "category": sa.String(), "day": sa.Date()}
    columns: list[sa.Column[Any]] = [sa.Column(name, types.get(name, _NUMBER)) for name in names]
    return sa.Table("drawn_together", sa.MetaData(), *columns, prefixes=["TEMPORARY"])


@cache
def source() -> sa.Subquery:
    """Everything that is counted, a row each: entries and reversals of the ledger, confirmed sign-ups on closed shifts."""
    record = _table("service_record", "operation_id", "checkpoint_id", "branch_id", "person_times", "minutes")
    shift = _table("shift", "id", "call_id", "checkpoint_id", "status")
    call = sa.table("call", *map(sa.column, ("id", "branch_id", "category")))
    branch = sa.table("branch", sa.column("id"), sa.column("operation_id", _NUMBER))
    sign_up = sa.table("sign_up", *map(sa.column, ("shift_id", "member_id", "status", "starts_at")))
    none, one = sa.literal_column("0", _NUMBER), sa.literal_column("1", _NUMBER)
    same = ("unit_code", "operation_id", "category", "checkpoint_id", "branch_id", "day", "member_id")
    entries = sa.select(
        *(record.c[each] for each in same), none.label("sign_ups"), record.c.person_times, record.c.minutes
    )
    sign_ups = (
        sa.select(
            shift.c.unit_code,
            branch.c.operation_id,
            call.c.category,
            shift.c.checkpoint_id,
            call.c.branch_id,
            shift.c.day,
            sign_up.c.member_id,
            one,
            none,
            none,
        )
        .select_from(sign_up)
        .join(shift, shift.c.id == sign_up.c.shift_id)
        .join(call, call.c.id == shift.c.call_id)
        .join(branch, branch.c.id == call.c.branch_id)
        .where(sign_up.c.status == "confirmed", shift.c.status == "closed")
    )
    return sa.union_all(entries, sign_ups).subquery("source")


def _table(name: str, *more: str) -> sa.TableClause:
    known = sa.column("unit_code", unit_code_type()), sa.column("day", sa.Date())
    return sa.table(name, *known, *map(sa.column, ("category", "member_id", *more)))


def _projections(rows: sa.Table) -> Iterator[sa.Subquery]:
    """For each kind of part: the rows that count in one, with what names it. As `parts_of` has them."""
    nothing = sa.literal_column("''", sa.String())
    everything = dict.fromkeys(PART[2:], sa.literal_column("0", _NUMBER)) | {"category": nothing}
    for unit, listed, whole, there in _units(rows.c.unit_code):
        for name in (None, *PART[2:]):
            by = everything | ({name: _told_apart(rows, name)} if name else {})
            named = {"unit_code": unit, "listed_under": listed, "whole": whole, **by}
            keys = [expression.label(each) for each, expression in named.items()]
            counted = [rows.c[each] for each in ("day", "member_id", *COUNTED)]
            yield sa.select(*keys, *counted).where(*there).subquery("projected")


def _told_apart(rows: sa.Table, name: str) -> Any:
    return rows.c[name] if name == "category" else sa.func.coalesce(rows.c[name], NONE)


def _units(code: Any) -> Iterator[tuple[Any, Any, Any, list[Any]]]:
    """(the code, the one it is listed under, whole, which rows)."""
    long = sa.func.length(code)

    def begin(length: int) -> Any:
        return sa.func.substr(code, 1, sa.literal_column(str(length)), type_=unit_code_type())

    yield begin(6), sa.literal_column("''", unit_code_type()), sa.true(), []
    yield begin(9), begin(6), sa.true(), [long >= 9]
    yield begin(12), begin(9), sa.true(), [long >= 12]
    yield code, begin(12), sa.true(), [long > 12]
    yield code, code, sa.false(), [long <= 12]


def _fill_parts(connection: sa.Connection, tables: Tables, rows: sa.Subquery) -> None:
    """The tallies of one kind: themselves first, then what they have of each person and of each day."""
    sums = _sums(rows)
    part = [rows.c[each] for each in PART]
    none = sa.literal_column("0", _NUMBER)
    found = sa.select(*part, rows.c.listed_under, none, none, *sums[1:]).group_by(*part, rows.c.listed_under)
    names = [*PART, "listed_under", "signed_up", "on_post", "person_times", "minutes"]
    connection.execute(sa.insert(tables.parts).from_select(names, found))
    people = sa.select(*part, rows.c.member_id, *sums).group_by(*part, rows.c.member_id).subquery()
    _insert(connection, tables.parts, tables.people, people)
    each_day = sa.select(*part, rows.c.day, *sums).group_by(*part, rows.c.day, rows.c.member_id).subquery()
    part = [each_day.c[each] for each in PART]
    days = sa.select(
        *part,
        each_day.c.day,
        sa.func.count().filter(each_day.c.sign_ups > 0).label("signed_up"),
        sa.func.count().filter(each_day.c.person_times > 0).label("on_post"),
        *_sums(each_day)[1:],
    ).group_by(*part, each_day.c.day)
    _insert(connection, tables.parts, tables.days, days.subquery())


def _sums(rows: sa.Subquery) -> list[sa.Label[Any]]:
    return [sa.func.sum(rows.c[name]).label(name) for name in COUNTED]


def _insert(connection: sa.Connection, parts: sa.Table, into: sa.Table, rows: sa.Subquery) -> None:
    names = [column.name for column in into.columns if column.name != "tally_id"]
    found = sa.select(parts.c.id, *(rows.c[name] for name in names)).join_from(
        rows, parts, sa.and_(*(parts.c[each] == rows.c[each] for each in PART))
    )
    connection.execute(sa.insert(into).from_select(["tally_id", *names], found))


def _count_people(connection: sa.Connection, tables: Tables) -> None:
    people = tables.people

    def how_many(condition: Any) -> Any:
        return (
            sa.select(sa.func.count())
            .where(people.c.tally_id == tables.parts.c.id, condition)
            .scalar_subquery()
        )

    counted = {"signed_up": how_many(people.c.sign_ups > 0), "on_post": how_many(people.c.person_times > 0)}
    connection.execute(sa.update(tables.parts).values(counted))
