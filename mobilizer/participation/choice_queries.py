"""What a slice can be narrowed to: the names behind the numbers of its filters."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, literal_column, or_, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import (
    Branch,
    Call,
    Checkpoint,
    Member,
    Operation,
    Skill,
    Unit,
    with_all_above,
    within,
)
from mobilizer.participation import queries
from mobilizer.participation.rules import FILTERS, By, Slice

_NAMES: dict[By, tuple[Any, Any, Any]] = {
    By.BRANCH: (Branch.id, Branch.name, Branch.unit_code),
    By.OPERATION: (Operation.id, Operation.name, Operation.unit_code),
    By.CALL: (Call.id, Call.title, Call.unit_code),
    By.CHECKPOINT: (Checkpoint.id, Checkpoint.name, Checkpoint.unit_code),
    By.MEMBER: (Member.id, Member.name, None),
}
"""Of what is a thing of its own: its number, its name and the unit that it belongs to."""


def name_of(by: By, number: int, unit_code: str) -> str | None:
    """How a branch, operation, call, checkpoint or member is called that has to do with the unit: it lies in, below or above
    it, or was met there in service or sign-ups. None for any other, of whose existence nobody learns here."""
    key, name, unit = _NAMES[by]
    cut = Slice(unit_code, **{FILTERS[by]: number})  # type: ignore[arg-type]
    met = [_any(queries.records(cut)), _any(queries.sign_ups(cut))]
    near = [] if unit is None else [within(unit, unit_code), unit.in_(with_all_above([unit_code]))]
    found: str | None = db.session.scalar(select(name).where(key == number, or_(*near, *met)))
    return found


def _any(found: Select[Any]) -> ColumnElement[bool]:
    """Whether there is a row; correlated with nothing outside."""
    return found.add_columns(literal_column("1", Integer)).correlate(None).exists()


def skills() -> list[tuple[int, str]]:
    """(id, name) of every skill that seats can ask for, by name."""
    rows = db.session.execute(select(Skill.id, Skill.name).order_by(Skill.name))
    return [(row.id, row.name) for row in rows]


def abouts(by: By, keys: Iterable[Any]) -> dict[Any, tuple[Any, ...]]:
    """What there is to say of each of these keys, in the order of queries.ABOUT."""
    some = [key for key in keys if key is not None]
    found = {None: (None,) * len(queries.ABOUT[by])}
    statement = _about(by, some)
    if statement is not None and some:
        found |= {key: tuple(about) for key, *about in db.session.execute(statement)}
    return found | {key: () for key in some if not queries.ABOUT[by]}


def _about(by: By, keys: list[Any]) -> Select[Any] | None:
    home = aliased(Branch)
    statements: dict[By, Any] = {
        By.UNIT: select(Unit.code, Unit.name, Unit.level).where(Unit.code.in_(keys)),
        By.BRANCH: select(Branch.id, Branch.name, Branch.kind, Unit.code, Unit.name)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(Branch.id.in_(keys)),
        By.CHECKPOINT: select(Checkpoint.id, Checkpoint.name, Unit.code, Unit.name)
        .join(Unit, Unit.code == Checkpoint.unit_code)
        .where(Checkpoint.id.in_(keys)),
        By.MEMBER: select(Member.id, Member.name, home.name)
        .outerjoin(home, home.id == Member.home_branch_id)
        .where(Member.id.in_(keys)),
        By.OPERATION: select(Operation.id, Operation.name).where(Operation.id.in_(keys)),
        By.CALL: select(Call.id, Call.title, Branch.name)
        .join(Branch, Branch.id == Call.branch_id)
        .where(Call.id.in_(keys)),
        By.SKILL: select(Skill.id, Skill.name).where(Skill.id.in_(keys)),
    }
    found: Select[Any] | None = statements.get(by)
    return found
