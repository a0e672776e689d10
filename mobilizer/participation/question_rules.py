"""A question about the ledger as an address writes it, and back: so that a file, a job or a person can ask it again."""

from collections.abc import Mapping
from datetime import date

from mobilizer.participation.rules import By, Slice

TEXTS = {
    "unit": "unit_code",
    "category": "category",
    "kind": "branch_kind",
    "standing": "standing",
    "part": "part",
    "source": "source",
}
NUMBERS = {
    "branch": "branch_id",
    "operation": "operation_id",
    "call": "call_id",
    "checkpoint": "checkpoint_id",
    "member": "member_id",
    "skill": "skill_id",
}
DAYS = {"from": "from_day", "to": "to_day"}


def written(cut: Slice) -> dict[str, str]:
    """The parts of the page's address; what is not asked about is left out."""
    parts = {
        name: getattr(cut, field) for name, field in ({"unit": "unit_code"} | DAYS | TEXTS | NUMBERS).items()
    }
    parts |= {"by": cut.by, "across": cut.across, "alone": "1" if cut.unit_alone else None}
    return {name: str(value) for name, value in parts.items() if value is not None}


def read(parts: Mapping[str, str]) -> Slice:
    """What `written` gave."""
    values = {field: parts[name] for name, field in TEXTS.items() if name in parts}
    numbers = {field: int(parts[name]) for name, field in NUMBERS.items() if name in parts}
    days = {field: date.fromisoformat(parts[name]) for name, field in DAYS.items() if name in parts}
    return Slice(
        **values,  # type: ignore[arg-type]
        **numbers,  # type: ignore[arg-type]
        **days,  # type: ignore[arg-type]
        by=By(parts.get("by", By.UNIT)),
        across=By(parts["across"]) if "across" in parts else None,
        unit_alone="alone" in parts,
    )
