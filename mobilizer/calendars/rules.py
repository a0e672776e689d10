"""What a calendar address is made of, and how a shift of mine stands in a calendar."""

import base64
import hmac
from datetime import datetime, timedelta

from mobilizer.terms import ShiftStatus, SignUpStatus

KEPT = timedelta(days=60)
"""So long after its end a shift stays in the calendar."""
MOST = 500
"""At most so many shifts are written, the latest of them."""


def token_of(secret_key: str, nonce: str) -> str:
    """The secret part of the address: 256 bits from the secret key and the nonce, so that the table alone opens
    nothing."""
    made = hmac.digest(secret_key.encode(), f"calendar {nonce}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def uid(secret_key: str, shift_id: int, member_id: int) -> str:
    """The same for a member's shift in the feed and in its single file, for ever; says neither number."""
    made = hmac.new(secret_key.encode(), f"calendar entry {shift_id} {member_id}".encode(), "sha256")
    return f"{made.hexdigest()[:32]}@mobilizer"


def status(sign_up: str, shift: str, ends_at: datetime, now: datetime) -> str | None:
    """The entry's STATUS (RFC 5545, 3.8.1.11), or None where there is none.

    What will not be is said as cancelled until it would have been over; a seat kept for an answer is tentative; a place
    in the waiting list is no shift of mine.
    """
    if sign_up == SignUpStatus.CONFIRMED and shift != ShiftStatus.CANCELLED:
        return "CONFIRMED"
    if sign_up == SignUpStatus.OFFERED:
        return "TENTATIVE" if ends_at > now else None
    if sign_up in (SignUpStatus.CONFIRMED, SignUpStatus.CANCELLED, SignUpStatus.WITHDRAWN):
        return "CANCELLED" if ends_at > now else None
    return None


def sequence(earlier: int, moved: int, status: str) -> int:
    """The entry's SEQUENCE: it only grows. `earlier`: sign-ups of mine on the shift before this one, each of which was
    made and ended; `moved`: how often the shift was moved."""
    return 2 * earlier + moved + (status == "CANCELLED")
