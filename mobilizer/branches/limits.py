"""A branch's limits, so that nobody is worn out, and its times: reading and setting them."""

from datetime import datetime
from typing import NamedTuple

from mobilizer.branches import settings
from mobilizer.errors import N_, Refused
from mobilizer.policy import Actor


class Limits(NamedTuple):
    """As model.Branch keeps them: hours, nights and minutes; None where there is no limit."""

    rest_hours: int
    day_hours: int
    week_hours: int | None
    nights_in_row: int | None
    answer_minutes: int
    late_answer_minutes: int
    offer_minutes: int
    cut_off_minutes: int


def limits_of(branch_id: int) -> Limits | None:
    row = settings.read(branch_id, Limits._fields)
    return Limits(*row) if row else None


def set_limits(branch_id: int, limits: Limits, *, by: Actor, now: datetime) -> None:
    """They hold from now on; whoever is signed up stays so. Refuses a branch that has ended."""
    settings.change(
        branch_id,
        limits._asdict(),
        kind="branch.limits-set",
        ended=Refused("branch-ended", N_("This branch has ended; its limits stay as they were.")),
        by=by,
        now=now,
    )
