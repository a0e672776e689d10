"""What moving shifts would come to: where they come to lie, and whom it no longer suits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mobilizer.changes import queries
from mobilizer.changes.rules import Held, Move, Wish, in_order, moves, unsuited
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone


@dataclass(frozen=True, slots=True)
class Moving:
    """The moves in the order in which they are made; who is asked, and why, by sign-up."""

    moves: list[Move]
    where: queries.Where
    asked: Mapping[int, Refused]


def moving(call_id: int, shifts: Sequence[Held], wish: Wish, now: datetime) -> Moving:
    """Refuses what rules.moves and rules.in_order refuse, a call that is closed, a checkpoint that the branch does not
    serve, and a shift that has begun or on whose roster attendance is noted."""
    where = queries.where(call_id)
    if where is None or not where.open:
        raise Refused("call-not-open", N_("This call is closed: its shifts can no longer be moved."))
    if wish.checkpoint_id is not None and wish.checkpoint_id not in where.places:
        raise Refused("checkpoint-unknown", N_("The branch does not serve this checkpoint."), status=422)
    if any(each.starts_at <= now or each.attended for each in shifts):
        raise Refused("shift-begun", N_("A shift that has begun can no longer be moved."))
    zone = local_zone()
    found = moves(shifts, wish, zone, now)
    found = in_order(found, queries.places_besides(call_id, [each.shift.id for each in found]))
    return Moving(found, where, unsuited(found, queries.holders(found, now), where.limits, zone))
