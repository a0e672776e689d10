"""How a call travels: a few lines to paste into a chat group."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from mobilizer.calls.queries import CallRow, CallShift
from mobilizer.filters import day
from mobilizer.terms import LABELS, ServiceCategory

MOST_PLACES = 4


def chat_lines(call: CallRow, coming: Sequence[CallShift], link: str, now: datetime) -> str:
    """Title, when, where, what is needed and the link, in the reader's language. `coming` are the shifts not over."""
    lines = [_("[%(branch)s calls for volunteers] %(title)s", branch=call.branch_name, title=call.title)]
    if coming:
        first, last = coming[0].day, max(each.day for each in coming)
        when = day(first, now) if first == last else f"{day(first, now)} – {day(last, now)}"
        lines.append(_("When: %(when)s", when=when))
        lines.append(_("Where: %(where)s", where=places(coming)))
    lines.append(
        _(
            "Needed: %(what)s; seats still free: %(seats)s",
            what=_(LABELS[ServiceCategory(call.category)]),
            seats=sum(each.free for each in coming),
        )
    )
    lines.append(_("Sign up here: %(link)s", link=link))
    return "\n".join(lines)


def places(shifts: Sequence[CallShift]) -> str:
    """The checkpoints by name, the first four of them and how many more."""
    names = list(dict.fromkeys(each.checkpoint for each in shifts))
    text = str(_(", ")).join(names[:MOST_PLACES])
    if len(names) > MOST_PLACES:
        text += ngettext(" and %(num)s more place", " and %(num)s more places", len(names) - MOST_PLACES)
    return text
