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

from mobilizer.extensions import db
from mobilizer.model import (
    Branch,
    Call,
    Checkpoint,
    Member,
    Operation,
    ServiceRecord,
    Shift,
    SignUp,
    Unit,
    with_all_above,
    within,
)
from mobilizer.participation.rules import BranchesStood, By, Figures, Slice, code_length_below, days_of
from mobilizer.terms import BranchKind, RecordKind, ShiftStatus, SignUpStatus

STREAMED = 1000
_ZERO: ColumnElement[int] = literal_column("0", Integer)
_reversal = aliased(ServiceRecord)
_on_post = case(
    (and_(ServiceRecord.kind == RecordKind.ENTRY, _reversal.id.is_(None)), ServiceRecord.member_id)
)
_served_on = case((and_(ServiceRecord.kind == RecordKind.ENTRY, _reversal.id.is_(None)), ServiceRecord.day))


class Group(NamedTuple):
    """One row. `about` tells what the key is, in the order of ABOUT."""

    key: Any
    about: tuple[Any, ...]
    figures: Figures


ABOUT: dict[By, tuple[str, ...]] = {
    By.UNIT: ("name", "level"),
    By.BRANCH: ("name", "kind", "unit_code", "unit"),
    By.CHECKPOINT: ("name", "unit_code", "unit"),
    By.CATEGORY: (),
    By.MEMBER: ("name", "home_branch"),
    By.DAY: (),
}


def begin_snapshot() -> None:
    """Read everything that follows from one moment, so that the rows add up to the total on a busy day too.

    SQLite's read transactions are that already; PostgreSQL is asked for it.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def total(cut: Slice) -> Figures:
    """The figures of the whole slice. The days are those of `rules.days_of`."""
    people = _sign_ups(cut).add_columns(func.count(distinct(SignUp.member_id))).scalar_subquery()
    row = db.session.execute(
        _records(cut).add_columns(
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
) -> Iterator[Group]:
    """The rows of the slice, as they come from the cursor. `days` is the total's, so that rows add up.

    Units by code and days by date; the rest by person-times, most first. `zone` is the local time zone.
    """
    length = code_length or code_length_below(cut.unit_code)
    parts = [
        _sign_ups(cut)
        .add_columns(
            _sign_up_key(cut.by, length).label("key"),
            func.count(distinct(SignUp.member_id)).label("signed_up"),
            _ZERO.label("on_post"),
            _ZERO.label("person_times"),
            _ZERO.label("minutes"),
            _ZERO.label("listed"),
        )
        .group_by(literal_column("1")),
        _records(cut)
        .add_columns(
            _record_key(cut.by, length),
            _ZERO,
            func.count(distinct(_on_post)),
            func.sum(ServiceRecord.person_times),
            func.sum(ServiceRecord.minutes),
            _ZERO,
        )
        .group_by(literal_column("1")),
    ]
    if cut.by == By.BRANCH:
        parts.append(
            select(Branch.id, _ZERO, _ZERO, _ZERO, _ZERO, literal_column("1")).where(_stood(cut, zone))
        )
    either = union_all(*parts).subquery("either")
    sums = [func.sum(either.c[name]) for name in ("signed_up", "on_post", "person_times", "minutes")]
    counted = (
        select(either.c.key, *(each.label(f"sum_{at}") for at, each in enumerate(sums)))
        .group_by(either.c.key)
        .having(or_(*(each != 0 for each in sums), func.sum(either.c.listed) > 0))
        .subquery("counted")
    )
    statement = _labelled(cut.by, counted).limit(limit).offset(offset or None)
    found = db.session.execute(statement, execution_options={"yield_per": STREAMED})
    for key, a, b, c, d, *about in found:
        yield Group(key, tuple(about), Figures(int(a), int(b), int(c), int(d), days))


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


def _records(cut: Slice) -> Select[Any]:
    """The ledger's rows in the slice, each beside its reversal if it has one."""
    conditions = [*_days(ServiceRecord.day, cut)]
    if cut.unit_code is not None:
        conditions.append(within(ServiceRecord.unit_code, cut.unit_code))
    if cut.branch_id is not None:
        conditions.append(ServiceRecord.branch_id == cut.branch_id)
    if cut.category is not None:
        conditions.append(ServiceRecord.category == cut.category)
    if cut.operation_id is not None:
        conditions.append(ServiceRecord.operation_id == cut.operation_id)
    return (
        select()
        .select_from(ServiceRecord)
        .outerjoin(_reversal, _reversal.reverses_id == ServiceRecord.id)
        .where(*conditions)
    )


def _sign_ups(cut: Slice) -> Select[Any]:
    """The confirmed sign-ups on the slice's shifts that were not cancelled."""
    conditions = [
        SignUp.status == SignUpStatus.CONFIRMED,
        Shift.status != ShiftStatus.CANCELLED,
        *_days(Shift.day, cut),
    ]
    if cut.unit_code is not None:
        conditions.append(within(Shift.unit_code, cut.unit_code))
    if cut.branch_id is not None:
        conditions.append(Call.branch_id == cut.branch_id)
    if cut.category is not None:
        conditions.append(Call.category == cut.category)
    if cut.operation_id is not None:
        serving = select(Branch.id).where(Branch.operation_id == cut.operation_id)
        conditions.append(Call.branch_id.in_(serving))
    return (
        select()
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .where(*conditions)
    )


def _days(column: Any, cut: Slice) -> list[ColumnElement[bool]]:
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
    if cut.operation_id is not None:
        conditions.append(Branch.operation_id == cut.operation_id)
    return and_(*conditions)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _record_key(by: By, length: int) -> ColumnElement[Any]:
    keys: dict[By, Any] = {
        By.UNIT: func.substr(ServiceRecord.unit_code, 1, literal_column(str(length))),
        By.BRANCH: ServiceRecord.branch_id,
        By.CHECKPOINT: ServiceRecord.checkpoint_id,
        By.CATEGORY: ServiceRecord.category,
        By.MEMBER: ServiceRecord.member_id,
        By.DAY: ServiceRecord.day,
    }
    return keys[by]  # type: ignore[no-any-return]


def _sign_up_key(by: By, length: int) -> ColumnElement[Any]:
    keys: dict[By, Any] = {
        By.UNIT: func.substr(Shift.unit_code, 1, literal_column(str(length))),
        By.BRANCH: Call.branch_id,
        By.CHECKPOINT: Shift.checkpoint_id,
        By.CATEGORY: Call.category,
        By.MEMBER: SignUp.member_id,
        By.DAY: Shift.day,
    }
    return keys[by]  # type: ignore[no-any-return]


def _labelled(by: By, counted: Any) -> Select[Any]:
    """The counted rows with what there is to say of their keys, in order."""
    plain = select(*counted.c)
    key, most_first = counted.c.key, counted.c.sum_2.desc()
    if by == By.UNIT:
        return (
            plain.add_columns(Unit.name, Unit.level)
            .outerjoin_from(counted, Unit, Unit.code == key)
            .order_by(key)
        )
    if by == By.BRANCH:
        return (
            plain.add_columns(Branch.name, Branch.kind, Unit.code, Unit.name)
            .join_from(counted, Branch, Branch.id == key)
            .join(Unit, Unit.code == Branch.unit_code)
            .order_by(most_first, Branch.unit_code, Branch.name, key)
        )
    if by == By.CHECKPOINT:
        return (
            plain.add_columns(Checkpoint.name, Unit.code, Unit.name)
            .outerjoin_from(counted, Checkpoint, Checkpoint.id == key)
            .outerjoin(Unit, Unit.code == Checkpoint.unit_code)
            .order_by(most_first, Checkpoint.unit_code, Checkpoint.name, key)
        )
    if by == By.MEMBER:
        return (
            plain.add_columns(Member.name, Branch.name)
            .join_from(counted, Member, Member.id == key)
            .outerjoin(Branch, Branch.id == Member.home_branch_id)
            .order_by(most_first, Member.sort_name, key)
        )
    return plain.order_by(key) if by == By.DAY else plain.order_by(most_first, key)


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


def branch_name(branch_id: int, unit_code: str) -> str | None:
    """The name of a branch in this unit, below it or above it; None for any other."""
    return db.session.scalar(
        select(Branch.name).where(
            Branch.id == branch_id,
            or_(within(Branch.unit_code, unit_code), Branch.unit_code.in_(with_all_above([unit_code]))),
        )
    )
