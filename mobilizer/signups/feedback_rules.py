"""How a shift went for whoever served on it: one tap, for three days after it was closed. Pure functions of values."""

from datetime import datetime, timedelta

from mobilizer.errors import N_, Refused

OPEN_FOR = timedelta(days=3)
"""So long after a shift was closed whoever served on it may say how it went, and say otherwise."""
LEAST = 3
"""People, from whom on their answers are shown to the branch: of fewer it would be known whose they are."""
SCORES: dict[int, str] = {3: N_("Well"), 2: N_("So-so"), 1: N_("Badly")}


def asked(came: bool, closed_at: datetime | None, now: datetime) -> bool:
    return came and closed_at is not None and closed_at <= now < closed_at + OPEN_FOR


def may_say(score: int, came: bool, closed_at: datetime | None, now: datetime) -> None:
    """Raises Refused for whoever did not serve, before the shift is closed, later than OPEN_FOR, and for no score at all."""
    if score not in SCORES:
        raise Refused("feedback-unclear", N_("Please tap one of the three."), status=422)
    if not came or closed_at is None:
        raise Refused(
            "feedback-not-asked", N_("Only who served on a shift that is closed is asked about it.")
        )
    if not asked(came, closed_at, now):
        raise Refused(
            "feedback-over",
            N_("This could be said for %(days)s days after the shift. Thank you all the same."),
            days=OPEN_FOR.days,
        )
