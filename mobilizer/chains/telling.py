"""The state of a call as the text of a chain to paste back: when and where, who is on, what is open, the link. In the
sender's language; mobilizer.chains.reading reads it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from flask_babel import gettext as _

from mobilizer.chains.queries import CallSeat, OnSeat
from mobilizer.filters import clock_time
from mobilizer.filters import day as day_text
from mobilizer.terms import ShiftStatus, SignUpStatus

MOST_SHIFTS = 150


def chain_text(
    title: str,
    seats: Sequence[CallSeat],
    on: Mapping[int, Sequence[OnSeat]],
    link: str,
    now: datetime,
    *,
    names: bool,
) -> str:
    """`seats`: the call's shifts; those not over are told, the first MOST_SHIFTS of them. Without `names` only figures."""
    lines = ["#接龙", title]
    coming = [each for each in seats if each.status == ShiftStatus.OPEN and each.ends_at > now]
    number = 0
    for day, of_day in groupby(coming[:MOST_SHIFTS], key=lambda each: each.day):
        lines += ["", day_text(day, now)]
        for seat in of_day:
            lines.append(_head(seat))
            for each in on.get(seat.id, ()) if names else ():
                if each.status == SignUpStatus.CONFIRMED:
                    number += 1
                    lines.append(f"{number}. {each.name}")
    if len(coming) > MOST_SHIFTS:
        lines.append(_("More shifts under the link: %(count)s", count=len(coming) - MOST_SHIFTS))
    lines += ["", _("Sign up here: %(link)s", link=link)]
    return "\n".join(lines)


def _head(seat: CallSeat) -> str:
    """【20:00–08:00 East Gate】2 more needed. The day that a night ends on is left out: a chain names days in its headings."""
    where = f"{seat.checkpoint} {seat.post}".strip()
    until = clock_time(seat.ends_at)
    when = f"{clock_time(seat.starts_at)}–{'24:00' if until == '00:00' else until}"
    state = _("%(count)s more needed", count=seat.free) if seat.free > 0 else _("Full")
    return f"【{when} {where}】{state}"
