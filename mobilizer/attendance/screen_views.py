"""The leader's screen: the code of a shift that changes every 30 seconds."""

from typing import Any

from flask import Blueprint, current_app, render_template

from mobilizer import clock, web
from mobilizer.attendance import codes, rules, screen
from mobilizer.branches import ways
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.terms import ShiftStatus

blueprint = Blueprint("screen_code", __name__)


@blueprint.get("/shifts/<int(max=2147483647):shift_id>/code")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def show(shift: ShiftRow) -> Any:
    now = clock.now()
    taken = ways.ways_of(shift.branch_id)
    opens_at = shift.starts_at - rules.OPENS
    shown, link = None, f"{web.public_url('check_in.show', shift_id=shift.id)}?code="
    if shift.status == ShiftStatus.OPEN and opens_at <= now < shift.ends_at:
        shown = screen.screen(current_app.config["SECRET_KEY"], shift.id, link, now, shift.ends_at)
    return render_template(
        "attendance/screen.html",
        shift=shift,
        opens_at=opens_at,
        enough=taken is not None and taken.screen_code_enough,
        screen=shown,
        path=screen.path(screen.modules(link + shown.code), shown.size) if shown else "",
        milliseconds=int(now.timestamp() * 1000),
        step=codes.STEP.seconds,
        now=now,
    )
