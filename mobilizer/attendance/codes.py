"""Codes that prove presence without being kept: all are made from the secret key when they are needed.

The leader's screen shows six digits that are new every 30 seconds, made of the shift and the time. A member's own code
is made of their sign-up and its shift's end, and leads only a leader of that shift anywhere.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta

from mobilizer.attendance.way_rules import LENGTH, SIGNS

STEP = timedelta(seconds=30)
DIGITS = 6
EITHER_SIDE = 2
"""So many steps before and after are taken too: clocks differ, and typing takes a while."""

REMEMBERED = 120
"""So many steps back a code is known as one that has changed: an hour."""


def step_of(at: datetime) -> int:
    """The number of the 30 seconds in which this moment lies, counted from 1970."""
    return int(at.timestamp() // STEP.total_seconds())


def screen_code(key: str, shift_id: int, step: int) -> str:
    return _digits(key, f"screen {shift_id} {step}")


def is_screen_code(key: str, shift_id: int, code: str, at: datetime) -> bool:
    """Whether it was on the screen at that moment, or up to EITHER_SIDE steps from it."""
    now = step_of(at)
    shown = [screen_code(key, shift_id, now + off) for off in range(-EITHER_SIDE, EITHER_SIDE + 1)]
    return any(hmac.compare_digest(each, code) for each in shown)


def was_screen_code(key: str, shift_id: int, code: str, at: datetime) -> bool:
    """Whether it was on the screen within the last hour, so that it can be said that it has changed."""
    now = step_of(at)
    return any(
        hmac.compare_digest(screen_code(key, shift_id, now - back), code) for back in range(REMEMBERED + 1)
    )


def own_token(key: str, sign_up_id: int, ends_at: datetime) -> str:
    """What the QR code of a member's own code carries: the sign-up's number, and a seal good until the shift's end."""
    return f"{sign_up_id}-{_seal(key, sign_up_id, ends_at)}"


def sign_up_of(token: str) -> int | None:
    """The number that a token names; nothing is proved yet."""
    number, dash, _seal_of_it = token.partition("-")
    if not dash or not (number.isascii() and number.isdigit()) or len(number) > 10:
        return None
    return int(number) if int(number) < 2**31 else None


def is_own_token(key: str, token: str, sign_up_id: int, ends_at: datetime) -> bool:
    return hmac.compare_digest(token.encode(), own_token(key, sign_up_id, ends_at).encode())


def own_digits(key: str, sign_up_id: int, ends_at: datetime) -> str:
    """The same to be read aloud: among the people of one shift it says who."""
    return _digits(key, f"own {sign_up_id} {ends_at.timestamp():.0f}")


def new_poster_code() -> str:
    """Eight signs at random: a hundred thousand million possible ones."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def _seal(key: str, sign_up_id: int, ends_at: datetime) -> str:
    made = _mac(key, f"own token {sign_up_id} {ends_at.timestamp():.0f}")[:15]
    return base64.urlsafe_b64encode(made).decode()


def _digits(key: str, text: str) -> str:
    return f"{int.from_bytes(_mac(key, text)[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def _mac(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), f"check-in {text}".encode(), "sha256").digest()
