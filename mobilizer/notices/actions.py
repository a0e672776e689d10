"""Writing a notice, and marking those seen that a member has looked at."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from mobilizer.extensions import run, table_of
from mobilizer.model import Notice
from mobilizer.model.types import Instant
from mobilizer.notices.kinds import KINDS

_WRITE = insert(table_of(Notice))
_SEE = (
    update(table_of(Notice))
    .where(
        Notice.member_id == bindparam("reader_id"), Notice.seen_at.is_(None), Notice.id <= bindparam("last")
    )
    .values(seen_at=bindparam("seen", type_=Instant))
)


def write(
    kind: str, member_ids: Iterable[int], *, now: datetime, shift_id: int | None = None, **details: Any
) -> None:
    """One notice for each member, in the action's own transaction. `kind` must be declared in kinds.KINDS; `details`
    are plain JSON, where a moment (`starts_at`, `ends_at`, `answer_by`, ...) is a datetime and kept as UTC text."""
    write_each(kind, [(member_id, shift_id, details) for member_id in member_ids], now=now)


def write_each(kind: str, to: Iterable[tuple[int, int | None, Mapping[str, Any]]], *, now: datetime) -> None:
    """The same for many, each with a shift and details of their own, in one statement: (member, shift, details)."""
    if kind not in KINDS:
        raise ValueError(f"undeclared kind of notice: {kind}")
    rows = [
        {
            "member_id": member_id,
            "kind": kind,
            "shift_id": shift_id,
            "details": {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in details.items()
            },
            "written_at": now,
        }
        for member_id, shift_id, details in to
    ]
    if rows:
        run(_WRITE, rows)


def see(member_id: int, last: int, *, now: datetime) -> None:
    """All notices of the member up to the one with id `last` are seen. Again: nothing changes."""
    run(_SEE, {"reader_id": member_id, "last": last, "seen": now})
