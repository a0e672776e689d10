"""That the report on a home branch's people left the house is kept in its journal."""

from datetime import datetime

from mobilizer import journal
from mobilizer.policy import Actor


def note_export(
    home_id: int, unit_code: str, *, rows: int, operation: str | None, by: Actor, now: datetime
) -> None:
    journal.write(
        "branch.people-exported",
        home_id,
        by=by,
        now=now,
        unit_code=unit_code,
        branch_id=home_id,
        rows=rows,
        operation=operation,
    )
