"""Passwords: argon2id at 19 MiB, two passes, one lane (OWASP's figures). Never hash inside a transaction."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mobilizer.errors import N_, Refused

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST = 8
LONGEST = 200


def hashed(password: str) -> str:
    """The hash to keep. Refuses a password shorter than 8 or longer than 200 signs."""
    if len(password) < SHORTEST:
        raise Refused(
            "password-short",
            N_("A password has at least %(n)s characters."),
            status=422,
            field="password",
            n=SHORTEST,
        )
    if len(password) > LONGEST:
        raise Refused(
            "password-long",
            N_("A password has at most %(n)s characters."),
            status=422,
            field="password",
            n=LONGEST,
        )
    return _hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the kept one. Takes as long when there is none, so that no one learns which exist."""
    try:
        _hasher.verify(kept or _nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
