"""What a branch says is enough to be checked in, beside the leader's tick, which always is: reading and setting it."""

from datetime import datetime
from typing import NamedTuple

from mobilizer.branches import settings
from mobilizer.errors import N_, Refused
from mobilizer.policy import Actor


class Ways(NamedTuple):
    """As model.Branch keeps them. `poster_radius_m`: metres around the checkpoint; None: from anywhere."""

    poster_enough: bool
    screen_code_enough: bool
    own_code_enough: bool
    poster_radius_m: int | None


def ways_of(branch_id: int) -> Ways | None:
    row = settings.read(branch_id, Ways._fields)
    return Ways(*row) if row else None


def set_ways(branch_id: int, ways: Ways, *, by: Actor, now: datetime) -> None:
    """They hold from now on; whoever is checked in stays so. Refuses a branch that has ended."""
    settings.change(
        branch_id,
        ways._asdict(),
        kind="branch.ways-set",
        ended=Refused(
            "branch-ended-ways", N_("This branch has ended; nobody is checked in for it any more.")
        ),
        by=by,
        now=now,
    )
