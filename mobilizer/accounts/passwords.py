"""Passwords: argon2id at 19 MiB, two passes, one lane (OWASP's figures). Never hash inside a transaction.

What may not be one: what zxcvbn counts as guessed within a million tries. It carries its own lists (30,000 passwords out
of leaks, names and words; MIT licence) and knows runs of keys and digits, years, repetitions and the usual disguises.
"""

from collections.abc import Iterable
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from mobilizer.errors import N_, Refused

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST = 8
LONGEST = 200
GUESSED = 1_000_000
"""Guesses: online, at the throttle's pace, that many take years; half of the common passwords take a thousand."""
_LOOKED_AT = 72
_COMMON_HERE = (
    *("woaini", "aini", "woai", "zhongguo", "dangyuan", "zhiyuan", "mima", "suzhou", "xiangcheng"),
    *("5201314", "1314", "520", "521", "mobilizer"),
)
"""What the lists, made abroad, do not have: I love you, for ever, China, member, volunteer, password, this place."""
_one_at_a_time = Lock()  # zxcvbn keeps the words of whoever asks in a dictionary that all threads share


def check_new(password: str, own_words: Iterable[str]) -> None:
    """Refuses a password shorter than 8 or longer than 200 signs, one of the common ones, and one made of the member's
    own name, pinyin or phone number (`own_words`)."""
    _check_length(password)
    words = [word for word in (*_COMMON_HERE, *own_words) if len(word) > 1]
    with _one_at_a_time:
        found = zxcvbn(password[:_LOOKED_AT], user_inputs=words)
        zxcvbn("x", user_inputs=[])  # and forgets them again
    if found["guesses"] < GUESSED or any(len(word) > SHORTEST and word in password for word in own_words):
        raise Refused(
            "password-common",
            N_(
                "This password is guessed too easily: it is a common one, or made of your own name or number. "
                "A few words that do not belong together make a good one."
            ),
            status=422,
            field="password",
        )


def hashed(password: str) -> str:
    """The hash to keep. Refuses a password shorter than 8 or longer than 200 signs."""
    _check_length(password)
    return _hasher.hash(password)


def _check_length(password: str) -> None:
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


def _nobodys_hash() -> str:
    """A hash that no password has and that takes as long to compare. Written, not made: making one would take the first
    who asks for an unknown number twice as long."""
    figures = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${figures}${'A' * 22}${'A' * 43}"


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the kept one. Takes as long when there is none, so that no one learns which exist."""
    try:
        _hasher.verify(kept or _nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
