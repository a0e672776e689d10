"""Makers of ledger entries, as a closed shift and its correction write them."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.hours import ledger
from mobilizer.model import Branch, Checkpoint, Member, Shift
from tests import factories

DAY = date(2026, 11, 24)
_rows = count(1)


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
    shift: Shift | None = None,
    standing: str = "full",
) -> dict[str, Any]:
    """One entry of the ledger, as a row; of the standing of the member, if it is not only a number."""
    begins: datetime = factories.moment(day, hour)
    return {
        "kind": "entry",
        "reverses_id": None,
        "source": "sheet",
        "sign_up_id": None,
        "claim_id": None,
        "reference": f"ledger of 2025, row {next(_rows)}",
        "turn": 0,
        "shift_id": shift.id if shift else None,
        "member_id": who if isinstance(who, int) else who.id,
        "standing": standing if isinstance(who, int) else who.standing,
        "home_branch_id": None if isinstance(who, int) else who.home_branch_id,
        "branch_id": branch.id,
        "operation_id": branch.operation_id,
        "checkpoint_id": checkpoint.id if checkpoint else None,
        "unit_code": unit_code or (checkpoint.unit_code if checkpoint else branch.unit_code),
        "category": category,
        "day": day,
        "hour": hour,
        "starts_at": begins,
        "ends_at": begins + timedelta(minutes=minutes),
        "break_minutes": 0,
        "minutes": minutes,
        "person_times": 1,
        "reason": "",
        "recorded_at": clock.now(),
        "recorded_by_id": None,
        "appointment_id": None,
    }


def write(row: dict[str, Any]) -> int:
    """Into the ledger, within the transaction that is open."""
    (made,) = ledger.enter([row])
    return made


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
