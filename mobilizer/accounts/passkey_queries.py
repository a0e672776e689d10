"""A member's passkeys, and what the device in hand has shown."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mobilizer.accounts.strength_rules import Shown
from mobilizer.extensions import db
from mobilizer.model import LogIn, Passkey


@dataclass(frozen=True, slots=True)
class PasskeyLine:
    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


def passkeys(member_id: int) -> list[PasskeyLine]:
    """Oldest first."""
    rows = db.session.execute(
        select(Passkey.id, Passkey.name, Passkey.added_at, Passkey.used_at)
        .where(Passkey.member_id == member_id)
        .order_by(Passkey.id)
    )
    return [PasskeyLine(*row) for row in rows]


def shown(log_in_id: int | None) -> Shown | None:
    """What the device of this log-in has shown so far."""
    row = db.session.execute(
        select(LogIn.started_at, LogIn.strong_at, LogIn.kept).where(LogIn.id == log_in_id)
    ).first()
    return Shown(*row) if row else None
