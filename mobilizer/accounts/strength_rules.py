"""For how long, and after showing what, appointments count on a device. A log-in as such lasts as a member's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FRESH = timedelta(minutes=15)
"""How long after a log-in the password counts as just shown."""


class Wanting(StrEnum):
    """What a device still has to show before its member's appointments count on it."""

    NOTHING = ""
    PASSKEY = "passkey"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Terms:
    """As the settings have it: how long appointments count after a log-in (or after a passkey was shown), how long on a
    phone whose member said "stay on this phone", and whether a passkey has to be shown at all."""

    lasts: timedelta
    lasts_kept: timedelta
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a log-in has shown: when it began, when a passkey was shown on it, and whether it stays on this phone."""

    started_at: datetime
    strong_at: datetime | None
    kept: bool

    def fresh(self, now: datetime) -> bool:
        return now < self.started_at + FRESH

    def strong(self, terms: Terms, now: datetime) -> bool:
        """Whether a passkey was shown on this device, and not too long ago."""
        return self.strong_at is not None and now < self.strong_at + _lasts(self, terms)


def wanting(shown: Shown, terms: Terms, now: datetime) -> Wanting:
    """What is missing before appointments count on this device. Reckoned anew at each request, so that whoever is
    appointed today is not in for a month with yesterday's log-in."""
    if now >= max(shown.started_at, shown.strong_at or shown.started_at) + _lasts(shown, terms):
        return Wanting.AGAIN
    if terms.second_factor and shown.strong_at is None:
        return Wanting.PASSKEY
    return Wanting.NOTHING


def may_change_passkeys(shown: Shown, terms: Terms, now: datetime, *, has_some: bool) -> bool:
    """Whether this device may add or remove a passkey: after showing one; or just after a log-in, if there is none yet or
    none is asked for. Else a stolen password could make itself the second factor."""
    if shown.strong(terms, now):
        return True
    return shown.fresh(now) and not (has_some and terms.second_factor)


def _lasts(shown: Shown, terms: Terms) -> timedelta:
    return terms.lasts_kept if shown.kept else terms.lasts
