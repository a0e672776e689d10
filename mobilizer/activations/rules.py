"""What a one-time link is made of, how long it is good, and for whom one may be made.

A link opens the account of whoever it is for. So nobody makes one for somebody with more power than they could give.
"""

import hmac
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mobilizer.policy import Grant, Reader
from mobilizer.terms import Role

LASTS = timedelta(hours=72)
MOST = 1000
"""People of one branch whose links are made or printed at once."""
GUESS = "activation"
"""What the throttle calls a link that is not there."""
AGAIN = timedelta(minutes=10)
"""So long after a link was used, whoever sends the same password again is answered as the first time."""
_BYTES = 15
_SIGNS = 24
_READ = str.maketrans("oil", "011")
_WRITTEN = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghjkmnpqrstvwxyz")

_RANK = {Role.SECRETARY: 3, Role.DEPUTY_SECRETARY: 2, Role.COMMITTEE_MEMBER: 1}


class State(StrEnum):
    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


def token_of(secret_key: str, nonce: str) -> str:
    """The secret part of the link, from the secret key and the nonce, so that the table alone opens nothing."""
    return spelled(secret_key, f"activation {nonce}")


def spelled(secret_key: str, what: str) -> str:
    """120 bits that follow from the secret key and `what` they are for: 24 digits and small letters that are not mistaken
    for each other on paper (no i, l, o, u)."""
    made = hmac.digest(secret_key.encode(), what.encode(), "sha256")[:_BYTES]
    return b32encode(made).decode().lower().translate(_WRITTEN)


def read(token: str) -> str:
    """The token however it was typed off the paper."""
    return token.strip().lower().translate(_READ)[: _SIGNS + 1]


def state(
    expires_at: datetime, used_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> State:
    if used_at:
        return State.USED
    if revoked_at:
        return State.REVOKED
    return State.OPEN if now < expires_at else State.EXPIRED


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment that somebody has or is going to have. `place`: its unit, or the unit of its branch."""

    role: str
    unit_code: str | None
    branch_id: int | None
    place: str | None


def may_open(reader: Reader, member_id: int, held: Iterable[Held]) -> bool:
    """Whether the reader may make, see or end a link to the account of who holds these appointments.

    An administrator may. A secretary may if each of them lies below one of their own: under a unit above its unit, in a
    branch of their unit, or beside them at a lower rank. Coordinators and administrators are the administrator's.
    """
    if any(grant.role == Role.ADMINISTRATOR for grant in reader.grants):
        return True
    return reader.member_id != member_id and all(
        any(_above(grant, each) for grant in reader.grants) for each in held
    )


def _above(grant: Grant, held: Held) -> bool:
    if grant.role not in (Role.SECRETARY, Role.DEPUTY_SECRETARY) or held.role not in _RANK:
        return False
    outranks = _RANK[Role(grant.role)] > _RANK[Role(held.role)]
    if grant.covers_unit(held.place):
        return held.branch_id is not None or grant.unit_code != held.unit_code or outranks
    return grant.branch_id is not None and grant.branch_id == held.branch_id and outranks
