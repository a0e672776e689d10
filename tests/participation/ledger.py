"""Makers of ledger entries, as a closed shift and its correction write them."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.model import Branch, Checkpoint, Member, ServiceRecord
from tests import factories

DAY = date(2026, 11, 24)


def values(
    who: Member | int,
    branch: Branch,
    checkpoint: Checkpoint | None = None,
    *,
    day: date = DAY,
    minutes: int = 480,
    category: str = "checkpoint-duty",
    unit_code: str | None = None,
    hour: int = 8,
) -> dict[str, Any]:
    """One entry of the ledger, as a row."""
    begins: datetime = factories.moment(day, hour)
    return {
        "kind": "entry",
        "turn": 0,
        "member_id": who if isinstance(who, int) else who.id,
        "branch_id": branch.id,
        "operation_id": branch.operation_id,
        "checkpoint_id": checkpoint.id if checkpoint else None,
        "unit_code": unit_code or (checkpoint.unit_code if checkpoint else branch.unit_code),
        "category": category,
        "day": day,
        "starts_at": begins,
        "ends_at": begins + timedelta(minutes=minutes),
        "minutes": minutes,
        "person_times": 1,
        "reason": "",
        "recorded_at": clock.now(),
    }


def write(row: dict[str, Any]) -> int:
    """Into the ledger, within the transaction that is open."""
    return db.session.execute(insert(ServiceRecord).values(**row).returning(ServiceRecord.id)).scalar_one()


def reverse(record_id: int, row: dict[str, Any]) -> int:
    """The reversal of what `row` was written as."""
    turned = {"kind": "reversal", "reverses_id": record_id, "minutes": -row["minutes"], "person_times": -1}
    return write(row | turned)


def entry(who: Member, branch: Branch, checkpoint: Checkpoint | None = None, **given: Any) -> int:
    """One entry, committed."""
    db.session.rollback()
    begin_write()
    made = write(values(who, branch, checkpoint, **given))
    db.session.commit()
    return made


def reversed_entry(who: Member, branch: Branch, checkpoint: Checkpoint | None = None, **given: Any) -> None:
    """One entry and its reversal, committed."""
    db.session.rollback()
    begin_write()
    row = values(who, branch, checkpoint, **given)
    reverse(write(row), row)
    db.session.commit()
