"""Several shifts ticked and taken at once, each answered for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.signups.actions import sign_up
from mobilizer.signups.facts import Turn, before

MOST = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them: taken, or refused for this reason."""

    turn: Turn
    refusal: Refused | None = None


def take_several(shift_ids: Sequence[int], member_id: int, *, by: Actor, now: datetime) -> list[Outcome]:
    """The member takes each of them that can be taken, in the order in which they are given: of two that overlap, the
    first. What is refused leaves nothing behind and hinders no other. Refuses none, and more than MOST."""
    wanted = list(dict.fromkeys(shift_ids))
    if not wanted:
        raise Refused("none-ticked", N_("Tick the shifts that you want first."), status=422)
    if len(wanted) > MOST:
        raise Refused("too-many-ticked", N_("At most %(most)s at once, please."), status=422, most=MOST)
    seats.lock_members([member_id])
    for shift_id in sorted(wanted):
        seats.lock(shift_id)
    return [_take(shift_id, member_id, by, now) for shift_id in wanted]


def _take(shift_id: int, member_id: int, by: Actor, now: datetime) -> Outcome:
    try:
        with db.session.begin_nested():
            return Outcome(sign_up(shift_id, member_id, by=by, now=now))
    except Refused as refusal:
        return Outcome(before(shift_id, member_id, now).turn, refusal)
