"""Questions put to an authenticator or an identity provider: each is good for one answer, for five minutes."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from mobilizer.accounts.queries import token_hash
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Challenge

LASTS = timedelta(minutes=5)


def ask(purpose: str, *, now: datetime, member_id: int | None = None, **details: Any) -> str:
    """A new question; answers its token, 32 random bytes as base64url, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    db.session.execute(
        insert(Challenge).values(
            token_hash=token_hash(token),
            purpose=purpose,
            member_id=member_id,
            details=details,
            expires_at=now + LASTS,
        )
    )
    return token


def answered(token: str, purpose: str, *, now: datetime, member_id: int | None = None) -> dict[str, Any]:
    """Take the question away, and its details; refused when it is not open, or was put to another or for something
    else. Of two answers at once one comes first."""
    details: dict[str, Any] | None = db.session.scalar(
        delete(Challenge)
        .where(
            Challenge.token_hash == token_hash(token),
            Challenge.purpose == purpose,
            Challenge.member_id.is_not_distinct_from(member_id),
            Challenge.expires_at > now,
        )
        .returning(Challenge.details)
        .execution_options(synchronize_session=False)
    )
    if details is None:
        raise Refused(
            "challenge-over", N_("This took too long, or it was answered already. Please try once more.")
        )
    return details
