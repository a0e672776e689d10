"""Which times a roster takes: pure decisions on values, each saying what is possible instead.

Times are kept to the minute that is shown, so that whoever adds up what the page says gets what the ledger says.
"""

from datetime import datetime, timedelta

from mobilizer.errors import N_, Refused
from mobilizer.signups import rules as signups
from mobilizer.terms import ShiftStatus

OPENS, MARGIN = signups.OPENS, signups.MARGIN

AHEAD = timedelta(minutes=5)
"""How far clocks may differ: a time given may lie this far in the future."""

MOST_BREAK = 24 * 60
"""Minutes."""


def minute(at: datetime) -> datetime:
    """The minute itself, as a clock shows it."""
    return at.replace(second=0, microsecond=0)


def may_note(status: str, starts_at: datetime, now: datetime) -> None:
    """Raises Refused when the shift's roster takes no word now: closed, cancelled, or more than two hours ahead."""
    if status == ShiftStatus.CLOSED:
        raise Refused("shift-closed", N_("This shift is closed. Its service records can still be corrected."))
    if status != ShiftStatus.OPEN:
        raise Refused("shift-cancelled", N_("This shift was cancelled. Nobody is checked in for it."))
    if now < starts_at - OPENS:
        raise Refused(
            "roster-not-open",
            N_("The roster opens %(hours)s hours before the shift begins."),
            hours=OPENS // timedelta(hours=1),
        )


def arrival(at: datetime, starts_at: datetime, ends_at: datetime, now: datetime) -> datetime:
    """`at` to the minute, or Refused (422, field `arrived`): over 4 h early, in the future, or after the shift."""
    at = minute(at)
    if at < starts_at - MARGIN:
        raise Refused(
            "arrival-too-early",
            N_("Nobody arrives more than %(hours)s hours before the shift. Please look at the time again."),
            status=422,
            field="arrived",
            hours=MARGIN // timedelta(hours=1),
        )
    if at >= ends_at:
        raise Refused(
            "arrival-too-late",
            N_("The shift was over by then. Please give the time at which the person arrived."),
            status=422,
            field="arrived",
        )
    if at > now + AHEAD:
        raise Refused("arrival-ahead", N_("This time is still to come."), status=422, field="arrived")
    return at


def departure(at: datetime, arrived: datetime, ends_at: datetime, now: datetime) -> datetime:
    """`at` to the minute, or Refused (422, field `left`): before the arrival, in the future, over 4 h after the shift."""
    at = minute(at)
    if at < arrived:
        raise Refused(
            "departure-before-arrival",
            N_("That is before the person arrived. Please look at both times again."),
            status=422,
            field="left",
        )
    if at > ends_at + MARGIN:
        raise Refused(
            "departure-too-late",
            N_("Nobody leaves more than %(hours)s hours after the shift. Please look at the time again."),
            status=422,
            field="left",
            hours=MARGIN // timedelta(hours=1),
        )
    if at > now + AHEAD:
        raise Refused("departure-ahead", N_("This time is still to come."), status=422, field="left")
    return at


def taking_over(at: datetime, arrived: datetime, ends_at: datetime, now: datetime) -> datetime:
    """`at` to the minute, or Refused (422, field `at`): when somebody took over a seat inside the shift, from one who was
    there since `arrived`."""
    at = minute(at)
    if not arrived <= at < ends_at:
        raise Refused(
            "taken-over-outside",
            N_("Somebody takes over while the other is there, and before the shift ends."),
            status=422,
            field="at",
        )
    if at > now + AHEAD:
        raise Refused("taken-over-ahead", N_("This time is still to come."), status=422, field="at")
    return at


def roll_call(starts_at: datetime, now: datetime) -> datetime:
    """Since when everybody is here who is called present without a time: the shift's start, or now if that is earlier."""
    return min(minute(now), starts_at)


def default_departure(ends_at: datetime, now: datetime) -> datetime:
    """When whoever is still here at the closing left: at the shift's end, or now if it is closed before."""
    return min(minute(now), ends_at)


def proposed_departure(arrived: datetime, ends_at: datetime, now: datetime) -> datetime:
    """The same of one who came at `arrived`: never before that, as the clocks of two phones may differ."""
    return max(default_departure(ends_at, now), arrived)


def pause(minutes: int, arrived: datetime, left: datetime | None) -> int:
    """`minutes` of breaks, or Refused (422, field `break_minutes`): fewer than none, or more than they were there."""
    most = min((left - arrived) // timedelta(minutes=1), MOST_BREAK) if left else MOST_BREAK
    if not 0 <= minutes <= most:
        raise Refused(
            "break-too-long",
            N_("Breaks are whole minutes, and not more than the person was there (%(most)s)."),
            status=422,
            field="break_minutes",
            most=most,
        )
    return minutes


def late(at: datetime, starts_at: datetime) -> int:
    """Minutes between the shift's start and a later arrival."""
    return max((at - starts_at) // timedelta(minutes=1), 0)


def standing(
    status: str,
    starts_at: datetime,
    ends_at: datetime,
    arrived: datetime | None,
    left: datetime | None,
    now: datetime,
) -> str:
    """How a shift stands before whoever holds it: cancelled, closed, left, here, gone (not checked out, and too late
    for it), early, over, or open: they can check in."""
    if status != ShiftStatus.OPEN:
        return "closed" if status == ShiftStatus.CLOSED else "cancelled"
    if left is not None:
        return "left"
    if arrived is not None:
        return "here" if now <= ends_at + MARGIN else "gone"
    return "early" if now < starts_at - OPENS else "over" if now >= ends_at else "open"
