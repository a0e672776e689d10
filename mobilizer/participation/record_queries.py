"""The ledger's rows behind a slice, as they come from a cursor on the server: memory does not grow with them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.orm import aliased

from mobilizer.extensions import db, run
from mobilizer.model import Branch, Checkpoint, Member, Operation, ServiceRecord, Unit
from mobilizer.participation.queries import REVERSED, records
from mobilizer.participation.rules import Slice

BATCH = 2000
DISTRICT = 6
_member = aliased(Member)


class Record(NamedTuple):
    """One row as it is kept: numbers and codes, whose words are in `Names` and terms.LABELS. `day`, `starts_at` and `ends_at` (UTC)
    are what the database has for them, text or not; see `mobilizer.participation.record_naming`. `phone` and what stands beside
    it are None unless they were asked for."""

    district_code: str
    position: int
    kind: str
    is_reversed: bool
    day: Any
    starts_at: Any
    ends_at: Any
    break_minutes: int
    minutes: int
    person_times: int
    unit_code: str
    branch_id: int
    operation_id: int | None
    checkpoint_id: int | None
    category: str
    standing: str
    source: str
    name: str | None = None
    phone: str | None = None
    home_branch_id: int | None = None


PERSONAL = ("name", "phone", "home_branch_id")
_PLAIN = [
    ServiceRecord.district_code,
    ServiceRecord.position,
    ServiceRecord.kind,
    REVERSED,
    type_coerce(ServiceRecord.day, String),
    type_coerce(ServiceRecord.starts_at, String),
    type_coerce(ServiceRecord.ends_at, String),
    ServiceRecord.break_minutes,
    ServiceRecord.minutes,
    ServiceRecord.person_times,
    ServiceRecord.unit_code,
    ServiceRecord.branch_id,
    ServiceRecord.operation_id,
    ServiceRecord.checkpoint_id,
    ServiceRecord.category,
    ServiceRecord.standing,
    ServiceRecord.source,
]


def count(cut: Slice) -> int:
    return int(run(records(cut).add_columns(func.count())).scalar_one())


def rows(
    cut: Slice,
    *,
    personal: bool = False,
    limit: int | None = None,
    offset: int = 0,
    latest_first: bool = False,
) -> Iterator[Sequence[Any]]:
    """The rows in the order of district and position in its chain, each with the values of `Record` in their order; those of
    PERSONAL only where they are asked for, which is for the caller to allow and to journal."""
    order: list[Any] = [ServiceRecord.district_code, ServiceRecord.position]
    if latest_first:
        order = [each.desc() for each in order]
    statement = _selected(cut, personal).order_by(*order).limit(limit).offset(offset or None)
    for batch in as_kept(statement, BATCH):
        yield from batch


def as_kept(statement: Select[Any], size: int) -> Iterator[Sequence[Any]]:
    """The rows as they come from the cursor, so many at a time. On SQLite as the driver gives them: what SQLAlchemy would make of
    each costs as much again as reading it."""
    if db.engine.dialect.name != "sqlite":
        yield from run(statement.execution_options(yield_per=size)).partitions()
        return
    result = run(statement)
    try:
        while batch := result.cursor.fetchmany(size):
            yield batch
    finally:
        result.close()


def in_order(cut: Slice) -> Select[Any]:
    """The records of the slice; of a whole district so that its chain is read as it stands, without sorting."""
    found = records(cut)
    whole = Slice(cut.unit_code, by=cut.by, across=cut.across)
    if cut.unit_code is None or len(cut.unit_code) != DISTRICT or cut != whole:
        return found
    return found.where(ServiceRecord.district_code == cut.unit_code)


def _selected(cut: Slice, personal: bool) -> Select[Any]:
    plain = in_order(cut).add_columns(*_PLAIN)
    if not personal:
        return plain
    return plain.add_columns(_member.name, _member.phone, ServiceRecord.home_branch_id).join(
        _member, _member.id == ServiceRecord.member_id
    )


class Names(NamedTuple):
    """How what a record points to is called: units by code, the rest by number; a branch with its kind."""

    units: dict[str, str]
    branches: dict[int, tuple[str, str]]
    checkpoints: dict[int, str]
    operations: dict[int, str]


def names() -> Names:
    """Four statements, whatever is asked about: there are few of these beside the ledger's rows."""
    return Names(
        _pairs(select(Unit.code, Unit.name)),
        {key: (name, kind) for key, name, kind in run(select(Branch.id, Branch.name, Branch.kind))},
        _pairs(select(Checkpoint.id, Checkpoint.name)),
        _pairs(select(Operation.id, Operation.name)),
    )


def _pairs(statement: Select[Any, str]) -> dict[Any, str]:
    return dict(run(statement).all())
