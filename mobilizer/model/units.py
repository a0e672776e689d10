"""Units: the four-level tree. The code carries the tree: whatever lies below a unit begins with its code."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, and_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import unit_code_type

if TYPE_CHECKING:
    UnitCodeColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | ColumnElement[Any]


class Unit(Base):
    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(unit_code_type(), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)

    __table_args__ = (
        CheckConstraint("level IN ('district', 'town', 'village', 'grid')", name="level"),
        CheckConstraint("parent_code IS NULL OR parent_code < code", name="parent_before_child"),
    )


def within(column: "UnitCodeColumn", unit_code: str) -> ColumnElement[bool]:
    """The unit itself and all below it, as a range that an index on `column` answers.

    Every sign in a code (digits and '-') sorts before '~'. Below a grid lies nothing: grid -1 is not above grid -10.
    """
    if "-" in unit_code:
        return column == unit_code
    return and_(column >= unit_code, column < unit_code + "~")


def with_all_above(unit_codes: Iterable[str]) -> set[str]:
    """The codes of the units themselves and of every unit above them: whose calls they can be reached by."""
    return {part for code in unit_codes for part in (code, code[:12], code[:9], code[:6])}
