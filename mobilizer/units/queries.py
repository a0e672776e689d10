"""Units: one, its children, the way to it from the district, and all their names."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from mobilizer.extensions import db
from mobilizer.model import Unit, within
from mobilizer.units.planning import UnitPlan, UnitRows, plan
from mobilizer.units.rules import chain


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit. `unit_code` is its own code: the place that permissions are asked for."""

    code: str
    name: str
    level: str
    parent_code: str | None

    @property
    def unit_code(self) -> str:
        return self.code

    @property
    def branch_id(self) -> None:
        return None


_LINE = (Unit.code, Unit.name, Unit.level, Unit.parent_code)


def unit(code: str) -> UnitLine | None:
    row = db.session.execute(select(*_LINE).where(Unit.code == code)).first()
    return UnitLine(*row) if row else None


def children(code: str | None) -> list[UnitLine]:
    """The units right below, in the order of their codes; of None the districts."""
    rows = db.session.execute(
        select(*_LINE).where(Unit.parent_code.is_not_distinct_from(code)).order_by(Unit.code)
    )
    return [UnitLine(*row) for row in rows]


def path(code: str) -> list[UnitLine]:
    """The unit and all above it, the district first: a page's way back."""
    rows = db.session.execute(
        select(*_LINE).where(Unit.code.in_(chain(code))).order_by(func.length(Unit.code))
    )
    return [UnitLine(*row) for row in rows]


def all_names() -> dict[str, str]:
    """code -> name of every unit, in the order of the codes."""
    rows = db.session.execute(select(Unit.code, Unit.name).order_by(Unit.code))
    return dict(rows.all())


def choices(code: str | None = None, *, grids: bool = False) -> list[UnitLine]:
    """The unit and all below it (of None every unit), in the order of the tree, for a select; grids if asked for."""
    statement = select(*_LINE).order_by(Unit.code)
    if code is not None:
        statement = statement.where(within(Unit.code, code))
    if not grids:
        statement = statement.where(Unit.level != "grid")
    return [UnitLine(*row) for row in db.session.execute(statement)]


def within_any(codes: Collection[str] | None) -> list[UnitLine]:
    """These units and all below them but the grids, in the order of the tree; of None every unit."""
    if codes is None:
        return choices()
    if not codes:
        return []
    below = or_(*(within(Unit.code, code) for code in sorted(codes)))
    rows = db.session.execute(select(*_LINE).where(below, Unit.level != "grid").order_by(Unit.code))
    return [UnitLine(*row) for row in rows]


def indented(unit: UnitLine) -> str:
    """Its name set in by its level, for an option in a select: a district not at all, a town by one."""
    return "\u3000" * (len(chain(unit.code)) - 1) + unit.name


def planned_import(units: UnitRows) -> UnitPlan:
    """What importing these rows would do now. Writes nothing."""
    return plan(units, all_names())
