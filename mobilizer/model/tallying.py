"""Of which parts a tally is kept (mobilizer.model.tallies), for what is written one by one."""

from functools import lru_cache
from typing import Any, NamedTuple

NONE = -1
"""As the number of a part's operation or checkpoint: what has none. (0: any.)"""


class Part(NamedTuple):
    """What names a tally, in the order in which tallies are locked."""

    unit_code: str
    whole: bool
    operation_id: int = 0
    category: str = ""
    checkpoint_id: int = 0
    branch_id: int = 0


@lru_cache(4096)
def parts_of(
    unit_code: str, operation_id: int | None, category: str, checkpoint_id: int | None, branch_id: int
) -> tuple[Part, ...]:
    """All the tallies that a service with these values counts in. Below a grid lies nothing, so it has no row of its own
    beside the whole."""
    units = [(code, True) for code in {unit_code[:6], unit_code[:9], unit_code[:12], unit_code}]
    units += [(unit_code, False)] if len(unit_code) <= 12 else []
    narrowed: list[dict[str, Any]] = [
        {},
        {"operation_id": operation_id or NONE},
        {"category": category},
        {"checkpoint_id": checkpoint_id or NONE},
        {"branch_id": branch_id},
    ]
    return tuple(Part(code, whole, **by) for code, whole in units for by in narrowed)


def listed_under(unit_code: str, whole: bool) -> str:
    """The unit in whose table it is a row; '' of a district."""
    if not whole:
        return unit_code
    return unit_code[: {6: 0, 9: 6, 12: 9}.get(len(unit_code), 12)]
