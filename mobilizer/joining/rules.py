"""Who may enter a call by its link, what counts as the same name, and for how long a pass is good. Pure."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from mobilizer.errors import N_, Refused

_DOTS = "·•‧∙・●．."

LONGEST = timedelta(days=30)
"""A pass is good until the call's last shift is over, and never longer than this."""

WRONG_OF_CALL, WRONG_OF_PHONE_HERE, WRONG_OF_PHONE = 60, 5, 30
"""So many pairs that match nothing are taken in a quarter of an hour: for a call from one address, for a phone number from
one address, for a phone number from anywhere. A village may stand behind one address."""

MOST_PENDING = 200
"""So many may wait for a branch's yes in one call."""

MOST_NAMES = 3
"""Under so many names one phone number may wait in one call; more are answered alike and not kept."""

MOST_PASSES, PASSES_WITHIN = 5, timedelta(minutes=15)
"""So many passes of one person are started within this time: each is told to them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call to whoever has its link."""

    published: bool
    quick_join: bool
    opens_at: datetime
    closes_at: datetime
    last_ends_at: datetime | None


def may_enter(facts: Facts, now: datetime) -> None:
    """Raises Refused where the call lets nobody in by the link now. Whoever has a shift may enter again after sign-up has
    closed, until the last shift is over."""
    if not facts.published:
        raise Refused("call-unknown", N_("This call is not open any more. Others may be."), status=404)
    if not facts.quick_join:
        raise Refused(
            "no-quick-join",
            N_("This call lets nobody in by name and phone number. Please log in, or speak with the branch."),
            status=403,
        )
    if now < facts.opens_at:
        raise Refused("call-not-yet-open", N_("Sign-up for this call has not opened yet."))
    if facts.last_ends_at is None or facts.last_ends_at <= now:
        raise Refused("call-over", N_("The shifts of this call are over. Thank you for having come."))


def lasts(last_ends_at: datetime, now: datetime) -> timedelta:
    return min(last_ends_at - now, LONGEST)


def same_name(typed: str, known: str) -> bool:
    """However wide its letters are, however it is spaced and capitalised, and whichever dot it has."""
    return _plain(typed) == _plain(known)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in _DOTS)
