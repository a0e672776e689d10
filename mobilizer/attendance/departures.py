"""When those left who never checked out: proposed from the shift's end, confirmed by the person who closes the shift."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, update

from mobilizer.attendance import rules
from mobilizer.attendance.clocks import TYPED
from mobilizer.attendance.way_rules import ROSTER
from mobilizer.errors import N_, Refused
from mobilizer.extensions import run, table_of
from mobilizer.model import Attendance
from mobilizer.model.types import Instant

PROPOSED = "proposed"
_ATTENDANCE = table_of(Attendance)
_LEFT = (
    update(_ATTENDANCE)
    .where(_ATTENDANCE.c.sign_up_id == bindparam("of"))
    .values(
        checked_out_at=bindparam("left", type_=Instant),
        out_way=ROSTER,
        out_clock=bindparam("clock"),
        out_received_at=bindparam("heard", type_=Instant),
        noted_at=bindparam("heard", type_=Instant),
    )
)


def confirm(
    arrivals: Mapping[int, datetime],
    said: Mapping[int, datetime] | None,
    *,
    ends_at: datetime,
    now: datetime,
) -> dict[int, datetime]:
    """Note when each of `arrivals` (sign-up: since when) left, as `said`, or all as it is proposed (None); answers when.

    Refuses while nothing is said of somebody, who has come since the page was shown, and what rules.departure refuses
    (field `left-` and the sign-up). The shift's row is locked by whoever closes it.
    """
    settled = {each: _settled(each, arrived, said, ends_at, now) for each, arrived in arrivals.items()}
    rows = [
        {
            "of": each,
            "left": left,
            "clock": PROPOSED if left == rules.proposed_departure(arrivals[each], ends_at, now) else TYPED,
            "heard": now,
        }
        for each, left in settled.items()
    ]
    if rows:
        run(_LEFT, rows)
    return settled


def _settled(
    sign_up_id: int, arrived: datetime, said: Mapping[int, datetime] | None, ends_at: datetime, now: datetime
) -> datetime:
    proposed = rules.proposed_departure(arrived, ends_at, now)
    left = proposed if said is None else said.get(sign_up_id)
    if left is None:
        raise Refused(
            "departure-unconfirmed",
            N_("Somebody has come meanwhile. Please look at the times of leaving again, then close."),
        )
    if left == proposed:
        return left
    try:
        return rules.departure(left, arrived, ends_at, now)
    except Refused as refusal:
        raise Refused(
            refusal.code,
            refusal.message,
            status=refusal.status,
            field=f"left-{sign_up_id}",
            **refusal.values,
        ) from None
