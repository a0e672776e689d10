"""How long somebody served, when a shift may be closed, and what stars hours are worth. Pure functions of values."""

from datetime import datetime, timedelta
from typing import NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.terms import ShiftStatus

STARS = (100, 300, 600, 1000, 1500)
"""Accumulated hours for one to five stars, as the national scheme of volunteer service has them."""


class Served(NamedTuple):
    """[starts_at, ends_at) of the service, its whole minutes, and those of breaks, which are not among them."""

    starts_at: datetime
    ends_at: datetime
    minutes: int
    break_minutes: int = 0


def served(
    arrived: datetime, left: datetime, starts_at: datetime, ends_at: datetime, break_minutes: int = 0
) -> Served:
    """The time actually served in the shift [starts_at, ends_at), without the way there and back.

    From the later of arrival and shift start to the earlier of departure and shift end, in whole minutes rounded
    down: who comes early or stays on does not gain by it alone, who comes late counts from the arrival. Who came
    and yet served no whole minute of the shift (left before it began) has an entry of 0 minutes: one person-time,
    no hours. Whoever should not count at all is marked absent. Breaks are taken off, as far as there was service.
    """
    begun = min(max(arrived, starts_at), ends_at)
    ended = max(min(left, ends_at), begun)
    there = (ended - begun) // timedelta(minutes=1)
    paused = min(break_minutes, there)
    return Served(begun, ended, there - paused, paused)


def may_close(status: str, starts_at: datetime, silent: int, now: datetime) -> None:
    """Raises Refused when an open shift cannot be closed now. `silent`: of how many signed up nothing is said."""
    if status == ShiftStatus.CANCELLED:
        raise Refused("shift-cancelled", N_("This shift was cancelled. There is nothing to close."))
    if now < starts_at:
        raise Refused("shift-not-begun", N_("The shift has not begun. It can be closed once it has."))
    if silent:
        raise Refused(
            "roster-unsettled",
            N_(
                "Nothing is said yet of everyone on the roster (missing: %(count)s). Check them in, or mark the rest absent, then close."
            ),
            count=silent,
        )


def stars(minutes: int) -> int:
    """0 to 5 stars for the accumulated minutes."""
    return sum(minutes >= hours * 60 for hours in STARS)


def next_star(minutes: int) -> int | None:
    """How many minutes are missing for the next star, or None with all five."""
    return next((hours * 60 - minutes for hours in STARS if minutes < hours * 60), None)
