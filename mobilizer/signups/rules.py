"""Whether a member may take a shift, wait for it or give it back, and until when an answer is waited for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from mobilizer.errors import N_, Refused
from mobilizer.signups.limit_rules import Limits, Span, broken

OPENS = timedelta(hours=2)
"""The roster takes its first word this long before the shift begins."""

MARGIN = timedelta(hours=4)
"""Nobody arrives earlier than this before the shift, or leaves later than this after it."""

UNDO = timedelta(seconds=10)
UNDO_GRACE = timedelta(seconds=5)
"""The way of the request on a poor network: who pressed within ten seconds is not told that it was too late."""

LATE = timedelta(hours=2)
"""From here to the start of a shift, who is asked up from the waiting list has less time to answer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a shift and of one member in front of it, at one moment.

    `others`: the member's other confirmed shifts round about. `free`: seats that nobody has, that no offer holds and
    that are not held back. `waiting`: how many wait for one.
    """

    shift_open: bool
    call_open: bool
    opens_at: datetime
    closes_at: datetime
    span: Span
    free: int
    waiting: int
    held_back_until: datetime | None
    skill: str | None
    holds_skill: bool
    limits: Limits
    others: Sequence[Span]


SHIFT_FULL = (
    "shift-full",
    N_("This shift has just become full. Others still need people: have a look at the list."),
)
NOT_WITH_THIS_PASS = (
    "not-with-this-pass",
    N_("This was not taken with a pass. Log in to change it, or let the branch confirm that it is you."),
)
OTHERS_WAIT = (
    "others-wait",
    N_("Others wait for a seat on this shift. You can join the waiting list, or choose another shift."),
)


def may_take(facts: Facts, zone: tzinfo, now: datetime, *, waived: bool = False) -> None:
    """Raises Refused with the first reason against taking the shift now. A running shift may still be joined.

    `waived` lets the branch's limits pass, and nothing else.
    """
    may_serve(facts, zone, now, waived=waived)
    if facts.free <= 0:
        if facts.held_back_until is not None and now < facts.held_back_until:
            raise Refused(
                "not-released",
                N_(
                    "The seats that are open so far are taken. More open later; you can join the waiting list."
                ),
            )
        raise Refused(*SHIFT_FULL)
    if facts.waiting:
        raise Refused(*OTHERS_WAIT)


def may_serve(facts: Facts, zone: tzinfo, now: datetime, *, waived: bool = False) -> None:
    """Raises Refused with the first reason why this member could not take the shift even if it had a free seat."""
    _must_be_open(facts)
    if not facts.call_open or now >= facts.closes_at:
        raise Refused("call-closed", N_("This call is closed. Other calls may still be open."))
    if now < facts.opens_at:
        raise Refused("call-not-yet-open", N_("Sign-up for this call has not opened yet."))
    may_be_on(facts, zone, now, waived=waived)


def may_be_on(facts: Facts, zone: tzinfo, now: datetime, *, waived: bool = False) -> None:
    """Raises Refused where a seat that is kept for this member cannot become theirs. Whether sign-up is still open does not
    matter: the seat was offered, or changes hands."""
    _must_be_open(facts)
    if now >= facts.span.ends_at:
        raise Refused("shift-over", N_("This shift is over. Please choose one that is still to come."))
    fits(facts, zone, waived=waived)


def _must_be_open(facts: Facts) -> None:
    if not facts.shift_open:
        raise Refused(
            "shift-not-open", N_("This shift was cancelled or is closed. Please choose another one.")
        )


def fits(facts: Facts, zone: tzinfo, *, waived: bool = False) -> None:
    """Raises Refused where the member lacks the skill, holds another shift at that time, or would break a limit."""
    if facts.skill is not None and not facts.holds_skill:
        raise Refused(
            "skill-missing",
            N_("This shift needs somebody with the skill “%(skill)s”. If you have it, tell your branch."),
            skill=facts.skill,
        )
    if reason := against(facts.span, facts.others, facts.limits, zone, waived=waived):
        raise reason


def against(
    span: Span, others: Sequence[Span], limits: Limits, zone: tzinfo, *, waived: bool = False
) -> Refused | None:
    """What speaks against a shift beside the others that the member holds: overlap, or the branch's limits."""
    if overlaps(span, others):
        return Refused(
            "shifts-overlap",
            N_("You already hold a shift at that time. Give that one back first, or choose another."),
        )
    return None if waived else broken(limits, span, others, zone)


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Whether one of the others is at the same time; what only touches is not."""
    return any(other.starts_at < span.ends_at and other.ends_at > span.starts_at for other in others)


def may_give_back(
    starts_at: datetime, attended: bool, signed_up_at: datetime, cut_off: timedelta, now: datetime
) -> None:
    """Who cannot come says so in time (Regulations on Volunteer Service, 2017, Art. 22): until `cut_off` before the
    start. A tap can be undone for ten seconds whatever the hour."""
    if attended:
        raise Refused(
            "attended", N_("Your attendance is on the roster already. Please speak with the branch.")
        )
    if now - signed_up_at <= UNDO + UNDO_GRACE:
        return
    if now >= starts_at:
        raise Refused(
            "shift-begun", N_("The shift has begun. Please call the branch, so that nobody waits for you.")
        )
    if now >= starts_at - cut_off:
        raise Refused(
            "cut-off-past",
            N_(
                "It begins too soon to be given back here. Please tell the branch, so that it can find somebody."
            ),
        )


def theirs_to_change(taken_unverified: bool, by_unverified: bool) -> None:
    """With a pass that proves nobody's person only that is given up which was taken with such a pass: who knows a
    comrade's name and phone number must not be able to give their shifts away."""
    if by_unverified and not taken_unverified:
        raise Refused(*NOT_WITH_THIS_PASS, status=403)


def answer_by(
    starts_at: datetime, ends_at: datetime, usual: timedelta, late: timedelta, now: datetime
) -> datetime:
    """Until when somebody who is asked may answer: `usual`, and `late` in the last two hours before the start.

    Never beyond the start by more than `late`, nor beyond the end.
    """
    if starts_at - now <= LATE:
        return min(now + late, max(ends_at, now))
    return min(now + usual, max(starts_at, now + late))
