"""The addresses behind figures: from a row or a cell to the rows of the ledger, and further down in the units.

No request here: an address is made by the function that is handed in.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mobilizer.participation.rules import WITHOUT, By, Slice

Address = Callable[..., str]
"""The address of the asked question with some parts of it changed; None takes a part away."""

PART_OF: dict[By, str] = {
    By.BRANCH: "branch",
    By.BRANCH_KIND: "kind",
    By.OPERATION: "operation",
    By.CALL: "call",
    By.CHECKPOINT: "checkpoint",
    By.CATEGORY: "category",
    By.MEMBER: "member",
    By.STANDING: "standing",
    By.SKILL: "skill",
    By.PART: "part",
    By.SOURCE: "source",
}
"""The part of an address that narrows to one value; units and days have their own."""


def narrowed(cut: Slice, by: By, key: Any) -> dict[str, Any]:
    """The parts of an address that make the question that of one row."""
    if by == By.UNIT:
        return {"unit": key, "alone": "1" if key == cut.unit_code else None}
    if by in PART_OF:
        return {PART_OF[by]: WITHOUT if key is None else key}
    first, last = key, _last_of(by, key)
    return {
        "from": max(first, cut.from_day) if cut.from_day else first,
        "to": min(last, cut.to_day) if cut.to_day else last,
    }


def _last_of(by: By, first: Any) -> Any:
    if by == By.WEEK:
        return first + timedelta(days=6)
    if by == By.MONTH:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first


def behind(address: Address, parts: dict[str, Any]) -> tuple[str, str]:
    """Where the records stand that make the figures, and where the sign-ups."""
    plain = {"page": None, **parts}
    return (
        address("participation_records.records", **plain),
        address("participation_records.sign_ups", **plain),
    )


def further_down(cut: Slice, by: By, key: Any, about: tuple[Any, ...], address: Address) -> str | None:
    """From a row to what it is made of, where there is something below it."""
    if by == By.UNIT and key != cut.unit_code and len(key) <= 12:
        return address(unit=key, page=None)
    if by == By.BRANCH and cut.unit_code and _related(about[2], cut.unit_code):
        return address(branch=key, by=str(By.DAY), across=None, page=None)
    if by == By.DAY:
        return address(**{"from": key, "to": key}, by=str(By.UNIT), across=None, page=None)
    if by in (By.WEEK, By.MONTH):
        return address(**narrowed(cut, by, key), by=str(By.DAY), across=None, page=None)
    if by in (By.CALL, By.CHECKPOINT, By.OPERATION):
        return address(**narrowed(cut, by, key), by=str(By.DAY), across=None, page=None)
    return None


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
