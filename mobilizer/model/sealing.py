"""How an entry of the ledger is sealed: its hash covers what it says and the hash of the entry before it in its district.

Beneath the steps, as the migrations seal what was there before them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

START = "0" * 64
"""What stands in place of the hash before a district's first entry."""

SEALED = (
    "district_code",
    "position",
    "kind",
    "reverses_id",
    "source",
    "sign_up_id",
    "claim_id",
    "reference",
    "turn",
    "shift_id",
    "member_id",
    "standing",
    "home_branch_id",
    "branch_id",
    "operation_id",
    "checkpoint_id",
    "unit_code",
    "category",
    "day",
    "hour",
    "starts_at",
    "ends_at",
    "break_minutes",
    "minutes",
    "person_times",
    "reason",
    "recorded_at",
    "recorded_by_id",
    "appointment_id",
)
"""Every column of service_record but its id and the hash itself, in the order in which they are sealed."""


def district_of(unit_code: str) -> str:
    """The district in whose chain an entry stands: a code's first six digits."""
    return unit_code[:6]


def sealed(previous: str, values: Mapping[str, Any]) -> str:
    """The hash (SHA-256, 64 hex digits) of an entry with these values that follows one with the hash `previous`."""
    said = json.dumps([_plain(values[name]) for name in SEALED], ensure_ascii=False, separators=(",", ":"))
    return sha256(f"{previous}\n{said}".encode()).hexdigest()


def _plain(value: Any) -> str | int | None:
    """The same on every database and in every time zone: moments in UTC to the microsecond, days as 2026-11-24."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else int(value) if isinstance(value, int) else str(value)
