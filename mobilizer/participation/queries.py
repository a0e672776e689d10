"""The figures, from the ledger by SQL: one statement for the total, one for the rows, whatever their number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    distinct,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mobilizer.extensions import Base, db
from mobilizer.model import (
    Branch,
    Call,
    Checkpoint,
    Member,
    Operation,
    ServiceRecord,
    Shift,
    SignUp,
    Skill,
    Unit,
    with_all_above,
    within,
)
from mobilizer.participation import rolled_queries
from mobilizer.participation.axis_queries import (
    RECORD_NEEDS,
    SIGN_UP_NEEDS,
    among,
    record_key,
    sign_up_key,
)
from mobilizer.participation.rules import BranchesStood, By, Figures, Part, Slice, code_length_below, days_of
from mobilizer.terms import BranchKind, RecordKind, ShiftStatus, SignUpStatus

STREAMED = 1000
NAMED = 62
"""Days of a short period."""
_ZERO: ColumnElement[int] = literal_column("0", Integer)
reversal = aliased(ServiceRecord)
REVERSED: ColumnElement[bool] = reversal.id.is_not(None)
"""Of a row of `records`: whether it is an entry that was reversed."""
_stands = and_(ServiceRecord.kind == RecordKind.ENTRY, reversal.id.is_(None))
_on_post = case((_stands, ServiceRecord.member_id))
_served_on = case((_stands, ServiceRecord.day))
_SIGNED_UP: list[ColumnElement[Any]] = [func.count(distinct(SignUp.member_id)), _ZERO, _ZERO, _ZERO]
_SERVED: list[ColumnElement[Any]] = [
    _ZERO,
    func.count(distinct(_on_post)),
    func.sum(ServiceRecord.person_times),
    func.sum(ServiceRecord.minutes),
]


class Group(NamedTuple):
    """One row. `about` tells what the key is, in the order of ABOUT; `beside` are the figures of the other period, if one
    was asked for."""

    key: Any
    about: tuple[Any, ...]
    figures: Figures
    beside: Figures | None = None


class Cell(NamedTuple):
    """Where a row (a key of `by`) and a column (a key of `across`) meet."""

    row: Any
    column: Any
    figures: Figures


ABOUT: dict[By, tuple[str, ...]] = dict.fromkeys(By, ()) | {
    By.UNIT: ("name", "level"),
    By.BRANCH: ("name", "kind", "unit_code", "unit"),
    By.CHECKPOINT: ("name", "unit_code", "unit"),
    By.MEMBER: ("name", "home_branch"),
    By.OPERATION: ("name",),
    By.CALL: ("name", "branch"),
    By.SKILL: ("name",),
}
_OF_A_BRANCH = {By.BRANCH, By.BRANCH_KIND, By.OPERATION, By.CATEGORY}
"""With other filters than these, branches without service are not listed: the question is about something else."""
IN_ORDER = (By.UNIT, By.DAY, By.WEEK, By.MONTH)
"""Whose rows go by their keys; the others' by person-times, most first."""


def begin_snapshot() -> None:
    """Read everything that follows from one moment, so that the rows add up to the total on a busy day too.

    SQLite's read transactions are that already; PostgreSQL is asked for it.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def total(cut: Slice) -> Figures:
    """The figures of the whole slice. The days are those of `rules.days_of`."""
    if rolled_queries.answers_total(cut):
        return rolled_queries.total(cut)
    people = sign_ups(cut).add_columns(func.count(distinct(SignUp.member_id))).scalar_subquery()
    row = db.session.execute(
        records(cut).add_columns(
            people,
            func.count(distinct(_on_post)),
            func.coalesce(func.sum(ServiceRecord.person_times), 0),
            func.coalesce(func.sum(ServiceRecord.minutes), 0),
            func.min(_served_on),
            func.max(_served_on),
        )
    ).one()
    signed_up, on_post, person_times, minutes, first, last = row
    return Figures(signed_up, on_post, int(person_times), int(minutes), days_of(cut, first, last))


def groups(
    cut: Slice,
    zone: tzinfo,
    days: int,
    *,
    limit: int | None = None,
    offset: int = 0,
    code_length: int | None = None,
    beside: tuple[Slice, int] | None = None,
) -> Iterator[Group]:
    """The rows of the slice by `cut.by`, as they come from the cursor. `days` is the total's, so that rows add up.

    Units by code and days by date; the rest by person-times, most first. `zone` is the local time zone. `beside`: the same
    question of another period and its days; rows that only one of the two periods has are 0 in the other.
    """
    length = code_length or code_length_below(cut.unit_code)
    if beside is None and rolled_queries.answers(cut, length):
        parts = rolled_queries.parts(cut)
    else:
        parts = _counts(cut, [cut.by], length, before=0, after=4 if beside else 0)
    if beside:
        parts += _counts(beside[0], [cut.by], length, before=4, after=0)
    width = 8 if beside else 4
    parts = [part.add_columns(_ZERO.label("listed")) for part in parts]
    if cut.by == By.BRANCH and cut.filters.keys() <= _OF_A_BRANCH:
        parts.append(_listed(width).where(_stood(cut, zone)))
    either = union_all(*parts).subquery("either")
    sums = [func.sum(either.c[f"count_{at}"]) for at in range(width)]
    counted = (
        select(either.c.key_0.label("key"), *(each.label(f"sum_{at}") for at, each in enumerate(sums)))
        .group_by(either.c.key_0)
        .having(or_(*(each != 0 for each in sums), func.sum(either.c.listed) > 0))
        .subquery("counted")
    )
    statement = _labelled(cut.by, counted).limit(limit).offset(offset or None)
    for key, *values in db.session.execute(statement, execution_options={"yield_per": STREAMED}):
        figures = _figures(values[:4], days)
        other = _figures(values[4:8], beside[1]) if beside else None
        yield Group(key, tuple(values[width:]), figures, other)


def cells(
    cut: Slice,
    days: int,
    *,
    rows: list[Any] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[Cell]:
    """Where the rows by `cut.by` and the columns by `cut.across` meet, as far as there is anything; in the order of the
    keys, whatever has none last. `rows`: only these keys of `cut.by`."""
    if cut.across is None:
        raise ValueError("cells of a slice without columns")
    length = code_length_below(cut.unit_code)
    axes = [cut.by, cut.across]
    either = union_all(*_counts(cut, axes, length, before=0, after=0, rows=rows)).subquery("either")
    sums = [func.sum(either.c[f"count_{at}"]) for at in range(4)]
    keys = [either.c.key_0, either.c.key_1]
    statement = (
        select(*keys, *sums)
        .group_by(*keys)
        .having(or_(*(each != 0 for each in sums)))
        .order_by(keys[0].is_(None), keys[0], keys[1].is_(None), keys[1])
        .limit(limit)
        .offset(offset or None)
    )
    for row, column, *values in db.session.execute(statement, execution_options={"yield_per": STREAMED}):
        yield Cell(row, column, _figures(values, days))


def _listed(width: int) -> Select[Any]:
    columns: list[Any] = [Branch.id, *[_ZERO] * width, literal_column("1", Integer)]
    return select(*columns)


def _figures(counts: list[Any], days: int) -> Figures:
    signed_up, on_post, person_times, minutes = map(int, counts)
    return Figures(signed_up, on_post, person_times, minutes, days)


def branches_stood(cut: Slice, zone: tzinfo) -> BranchesStood:
    """How many action and temporary branches of the unit stood at any time of the period."""
    row = db.session.execute(
        select(
            func.count().filter(Branch.kind == BranchKind.ACTION),
            func.count().filter(Branch.kind == BranchKind.TEMPORARY),
        )
        .select_from(Branch)
        .where(_stood(cut, zone))
    ).one()
    return BranchesStood(*row)


def records(cut: Slice, *axes: By) -> Select[Any]:
    """The ledger's rows in the slice, each beside its reversal if it has one, and what the keys of `axes` are found in."""
    length = code_length_below(cut.unit_code)
    needed = {RECORD_NEEDS[by] for by in (*cut.filters, *axes) if by in RECORD_NEEDS}
    found = (
        select()
        .select_from(ServiceRecord)
        .outerjoin(reversal, reversal.reverses_id == ServiceRecord.id)
        .where(*_days(ServiceRecord.day, cut), *_place(ServiceRecord.unit_code, cut))
        .where(*(among(record_key(by, length), [value]) for by, value in cut.filters.items()))
    )
    found = found.outerjoin(Shift, Shift.id == ServiceRecord.shift_id) if Shift in needed else found
    return found.join(Branch, Branch.id == ServiceRecord.branch_id) if Branch in needed else found


def sign_ups(cut: Slice, *axes: By) -> Select[Any]:
    """The confirmed sign-ups on the slice's shifts that were not cancelled, with what the keys of `axes` are found in."""
    length = code_length_below(cut.unit_code)
    needed: set[type[Base]] = {SIGN_UP_NEEDS[by] for by in (*cut.filters, *axes) if by in SIGN_UP_NEEDS}
    found = (
        select()
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .where(SignUp.status == SignUpStatus.CONFIRMED, Shift.status != ShiftStatus.CANCELLED)
        .where(*_days(Shift.day, cut), *_place(Shift.unit_code, cut))
        .where(*(among(sign_up_key(by, length), [value]) for by, value in cut.filters.items()))
    )
    found = found.join(Branch, Branch.id == Call.branch_id) if Branch in needed else found
    return found.join(Member, Member.id == SignUp.member_id) if Member in needed else found


def _counts(
    cut: Slice, axes: list[By], length: int, *, before: int, after: int, rows: list[Any] | None = None
) -> list[Select[Any]]:
    """Of the sign-ups and of the ledger, by these axes: key_0, ... and count_0, ..., in which `before` and `after` zeros
    leave room for another slice's counts."""
    sides = ((sign_ups, sign_up_key, _SIGNED_UP), (records, record_key, _SERVED))
    found = []
    for side, key_of, counts in sides:
        keys = [key_of(by, length) for by in axes]
        wide = [*[_ZERO] * before, *counts, *[_ZERO] * after]
        part = (
            side(cut, *axes)
            .add_columns(*(key.label(f"key_{at}") for at, key in enumerate(keys)))
            .add_columns(*(each.label(f"count_{at}") for at, each in enumerate(wide)))
            .group_by(*(literal_column(str(at + 1)) for at in range(len(keys))))
        )
        found.append(part if rows is None else part.where(among(keys[0], rows)))
    return found


def _place(column: Any, cut: Slice) -> list[ColumnElement[bool]]:
    if cut.unit_code is None:
        return []
    return [column == cut.unit_code if cut.unit_alone else within(column, cut.unit_code)]


def _days(column: Any, cut: Slice) -> list[ColumnElement[bool]]:
    """A short period is named day by day: of the index by unit and the one by day SQLite then takes the latter, which does
    not grow with the years."""
    if cut.from_day and cut.to_day and (days := (cut.to_day - cut.from_day).days + 1) <= NAMED:
        return [column.in_([cut.from_day + timedelta(days=at) for at in range(days)])]
    conditions = []
    if cut.from_day is not None:
        conditions.append(column >= cut.from_day)
    if cut.to_day is not None:
        conditions.append(column <= cut.to_day)
    return conditions


def _stood(cut: Slice, zone: tzinfo) -> ColumnElement[bool]:
    """Action and temporary branches of the unit that stood at any time of the period's local days."""
    conditions: list[ColumnElement[bool]] = [
        Branch.kind.in_((BranchKind.ACTION, BranchKind.TEMPORARY)),
        Branch.activated_at.is_not(None),
    ]
    if cut.from_day is not None:
        begins = _midnight(cut.from_day, zone)
        conditions.append(or_(Branch.ended_at.is_(None), Branch.ended_at >= begins))
    if cut.to_day is not None:
        conditions.append(Branch.activated_at < _midnight(cut.to_day + timedelta(days=1), zone))
    if cut.unit_code is not None:
        conditions.append(within(Branch.unit_code, cut.unit_code))
    if cut.branch_id is not None:
        conditions.append(Branch.id == cut.branch_id)
    if cut.branch_kind is not None:
        conditions.append(Branch.kind == cut.branch_kind)
    if cut.operation_id is not None:
        conditions.append(among(Branch.operation_id, [cut.operation_id]))
    return and_(*conditions)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _labelled(by: By, counted: Any) -> Select[Any]:
    """The counted rows with what there is to say of their keys (ABOUT), in order."""
    return _ordered(by, counted, _named(by, counted.c.key, select(*counted.c).select_from(counted)))


def _named(by: By, key: Any, found: Select[Any]) -> Select[Any]:
    """`found`, and beside it what there is to say of its `key`."""
    if by == By.UNIT:
        return found.add_columns(Unit.name, Unit.level).outerjoin(Unit, Unit.code == key)
    if by == By.BRANCH:
        return (
            found.add_columns(Branch.name, Branch.kind, Unit.code, Unit.name)
            .join(Branch, Branch.id == key)
            .join(Unit, Unit.code == Branch.unit_code)
        )
    if by == By.CHECKPOINT:
        return (
            found.add_columns(Checkpoint.name, Unit.code, Unit.name)
            .outerjoin(Checkpoint, Checkpoint.id == key)
            .outerjoin(Unit, Unit.code == Checkpoint.unit_code)
        )
    if by == By.MEMBER:
        return (
            found.add_columns(Member.name, Branch.name)
            .join(Member, Member.id == key)
            .outerjoin(Branch, Branch.id == Member.home_branch_id)
        )
    if by == By.CALL:
        return (
            found.add_columns(Call.title, Branch.name)
            .outerjoin(Call, Call.id == key)
            .outerjoin(Branch, Branch.id == Call.branch_id)
        )
    if by == By.OPERATION:
        return found.add_columns(Operation.name).outerjoin(Operation, Operation.id == key)
    if by == By.SKILL:
        return found.add_columns(Skill.name).outerjoin(Skill, Skill.id == key)
    return found


def _ordered(by: By, counted: Any, found: Select[Any]) -> Select[Any]:
    if by in IN_ORDER:
        return found.order_by(counted.c.key)
    if by == By.PART:
        return found.order_by(case({part: at for at, part in enumerate(Part)}, value=counted.c.key))
    further: dict[By, tuple[Any, ...]] = {
        By.BRANCH: (Branch.unit_code, Branch.name),
        By.CHECKPOINT: (Checkpoint.unit_code, Checkpoint.name),
        By.MEMBER: (Member.sort_name,),
    }
    return found.order_by(counted.c.sum_2.desc(), *further.get(by, ()), counted.c.key)


# --- what the slice is chosen from --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that participation is asked for: what the permission reads, and how the page calls it."""

    unit_code: str
    name: str
    level: str


def place(unit_code: str) -> Place | None:
    row = db.session.execute(select(Unit.code, Unit.name, Unit.level).where(Unit.code == unit_code)).first()
    return Place(*row) if row else None


def only_top_unit() -> Place | None:
    """The unit that all others lie below, if there is exactly one."""
    rows = db.session.execute(
        select(Unit.code, Unit.name, Unit.level).where(Unit.parent_code.is_(None)).limit(2)
    ).all()
    return Place(*rows[0]) if len(rows) == 1 else None


def places_around(unit_code: str, roots: Iterable[str]) -> list[Place]:
    """Where one can go from a unit: those above it and directly below it, and `roots`, by code."""
    named = with_all_above([unit_code]) | {unit_code} | set(roots)
    rows = db.session.execute(
        select(Unit.code, Unit.name, Unit.level)
        .where(or_(Unit.code.in_(named), Unit.parent_code == unit_code))
        .order_by(Unit.code)
    )
    return [Place(*row) for row in rows]


def operations(unit_code: str) -> list[tuple[int, str]]:
    """(id, name) of the operations in this unit, below it or above it, latest first."""
    rows = db.session.execute(
        select(Operation.id, Operation.name)
        .where(
            or_(within(Operation.unit_code, unit_code), Operation.unit_code.in_(with_all_above([unit_code])))
        )
        .order_by(Operation.started_at.desc(), Operation.id.desc())
    )
    return [(row.id, row.name) for row in rows]
