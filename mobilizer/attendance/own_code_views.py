"""What a leader sees who has scanned a member's own code, or types its digits; and what anybody else sees."""

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.attendance import codes, own_codes
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow

blueprint = Blueprint("own_codes", __name__)


@blueprint.get("/check-in/<token>")
@web.requires(Permission.HOME_READ)
def scanned(token: str) -> Any:
    """It leads nobody anywhere but a leader of the shift; the member themselves reads whom to show it to."""
    mine = own_codes.read(token[:60], current_app.config["SECRET_KEY"])
    if mine is None:
        return render_template("attendance/own_code_said.html", mine=None), 404
    if not web.can(Permission.SHIFT_RUN, mine):
        own = mine if mine.member_id == web.the_reader().member_id else None
        return render_template("attendance/own_code_said.html", mine=own), 200 if own else 403
    now = clock.now()
    return render_template(
        "attendance/own_code.html", mine=mine, token=token, standing=mine.standing(now), now=now
    )


@blueprint.get("/shifts/<int(max=2147483647):shift_id>/own-code")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def typed(shift: ShiftRow) -> Any:
    """The digits of a code that could not be scanned lead to where scanning leads."""
    key = current_app.config["SECRET_KEY"]
    sign_up_id = own_codes.by_digits(shift.id, request.args.get("digits", "")[:30], key)
    if sign_up_id is None:
        flash(
            _("Nobody on this shift has this code. Please look again, or tick them on the roster."), "refused"
        )
        return web.go(url_for("attendance.roster", shift_id=shift.id))
    return web.go(url_for("own_codes.scanned", token=codes.own_token(key, sign_up_id, shift.ends_at)))
