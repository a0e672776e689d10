"""Today: where must I be, when, who is there; for a leader also what needs them now."""

from typing import Any

from flask import Blueprint, render_template, url_for

from mobilizer import clock, web
from mobilizer.attendance import mine_queries as being_there
from mobilizer.attendance import relief_queries
from mobilizer.calls import queries as calls
from mobilizer.coverage import queries as coverage
from mobilizer.home import queries
from mobilizer.hours import claim_queries
from mobilizer.joining import queries as joining
from mobilizer.policy import Permission, Reader
from mobilizer.signups import feedback_queries as feedback
from mobilizer.signups import line_queries as lines
from mobilizer.signups import queries as signups

blueprint = Blueprint("home", __name__)
OFFERED = 5


@blueprint.get("/")
@web.open_to_all
def today() -> Any:
    reader = web.reader()
    if reader is None:
        return render_template("home/welcome.html")
    return _today(reader) if reader.pass_call_id is None else _with_a_pass(reader.pass_call_id)


def _with_a_pass(call_id: int) -> Any:
    """A pass leads to its call; or where it says what it was good for."""
    call = calls.call(call_id)
    if call is not None and web.can(Permission.SHIFT_TAKE, call):
        return web.go(url_for("taking.call", call_id=call_id))
    return web.go(url_for("joining.mine"))


def _today(reader: Reader) -> str:
    now = clock.now()
    mine = lines.coming(reader.member_id, now)
    asked = [line for line in mine if line.standing == "asked"]
    held = [line for line in mine if line.mine]
    first = held[0] if held else None
    spot = calls.spot_of(first.id) if first else None
    there = being_there.mine(first.id, reader.member_id) if first and first.checks_in(now) else None
    others = signups.companions([first.id], reader.member_id)[first.id] if first else []
    open_now = [] if held else lines.open_shifts(reader, now, limit=4 * OFFERED)
    coming = [
        line for line in mine if line is not first and line.standing in ("yours", "bound", "undo", "waiting")
    ]
    return render_template(
        "home/today.html",
        asked=asked,
        first=first,
        spot=spot,
        there=there.standing(now) if there else None,
        arrived=there.checked_in_at if there else None,
        others=others,
        coming=coming[:3],
        went=[each for each in feedback.asked_of(reader.member_id, now) if each.score is None][:2],
        takeable=[line for line in open_now if line.takeable][:OFFERED],
        unrelieved=relief_queries.unrelieved(queries.led_by(reader), now) if reader.grants else [],
        to_run=queries.shifts_to_run(reader, now) if reader.grants else [],
        gaps=coverage.gaps_watched_by(reader, now) if reader.grants else [],
        newcomers=joining.waiting_for(reader, now) if reader.grants else [],
        claims=claim_queries.waiting_for(reader) if reader.grants else [],
        proposals=queries.proposals(reader) if reader.grants else [],
        may_stand_up=any(web.can(Permission.BRANCH_STAND_UP, grant) for grant in reader.grants),
        now=now,
    )
