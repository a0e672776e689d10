"""Whether a member may take a shift, or give it back: pure decisions on values, each saying what is possible instead."""

from dataclasses import dataclass
from datetime import datetime

from mobilizer.errors import N_, Refused


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a shift and of one member in front of it, at one moment."""

    shift_open: bool
    call_open: bool
    opens_at: datetime
    closes_at: datetime
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    skill: str | None
    holds_skill: bool
    overlaps: bool


SHIFT_FULL = (
    "shift-full",
    N_("This shift has just become full. Others still need people: have a look at the list."),
)


def may_take(facts: Facts, now: datetime) -> None:
    """Raises Refused with the first reason against taking the shift now. A running shift may still be joined."""
    if not facts.shift_open:
        raise Refused(
            "shift-not-open", N_("This shift was cancelled or is closed. Please choose another one.")
        )
    if not facts.call_open or now >= facts.closes_at:
        raise Refused("call-closed", N_("This call is closed. Other calls may still be open."))
    if now < facts.opens_at:
        raise Refused("call-not-yet-open", N_("Sign-up for this call has not opened yet."))
    if now >= facts.ends_at:
        raise Refused("shift-over", N_("This shift is over. Please choose one that is still to come."))
    if facts.skill is not None and not facts.holds_skill:
        raise Refused(
            "skill-missing",
            N_("This shift needs somebody with the skill “%(skill)s”. If you have it, tell your branch."),
            skill=facts.skill,
        )
    if facts.overlaps:
        raise Refused(
            "shifts-overlap",
            N_("You already hold a shift at that time. Give that one back first, or choose another."),
        )
    if facts.taken >= facts.capacity:
        raise Refused(*SHIFT_FULL)


def may_give_back(starts_at: datetime, attended: bool, now: datetime) -> None:
    """Who cannot come says so in time (Regulations on Volunteer Service, 2017, Art. 22): until the shift begins."""
    if attended:
        raise Refused(
            "attended", N_("Your attendance is on the roster already. Please speak with the branch.")
        )
    if now >= starts_at:
        raise Refused(
            "shift-begun", N_("The shift has begun. Please call the branch, so that nobody waits for you.")
        )
