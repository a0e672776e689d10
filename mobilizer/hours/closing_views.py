"""Close a shift: when those left who never checked out is asked, the rest is one press."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.attendance import queries as attendance
from mobilizer.attendance import times
from mobilizer.errors import N_, Refused
from mobilizer.hours import actions
from mobilizer.hours.counting import CountedAlready
from mobilizer.hours.forms import PeopleServedForm
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow

blueprint = Blueprint("closing", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"
LEFT = "left-"


class Typed(NamedTuple):
    """What was typed into a closing form that is shown again, by the fields' names, and what is wrong with one of them."""

    values: dict[str, str]
    field: str | None
    message: str


@blueprint.post(f"{SHIFT}/roster/close")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def close(shift: ShiftRow) -> Any:
    by, now, form = web.actor(), clock.now(), PeopleServedForm()
    if not form.validate():
        return _roster(shift.id, now, "people_served", " ".join(map(str, form.people_served.errors))), 422

    def act() -> int:
        served = form.people_served.data
        return actions.close_shift(shift.id, left=_departures(shift), people_served=served, by=by, now=now)

    def page() -> str:
        refusal: Refused = g.refusal
        if isinstance(refusal, CountedAlready):
            return _counted_already(shift, refusal)
        return _roster(shift.id, now, refusal.field, web.say(refusal))

    def done(count: int) -> web.Done:
        return web.Done(
            N_("The shift is closed. Service records written: %(count)s."),
            url_for("attendance.roster", shift_id=shift.id),
            {"count": count},
        )

    return web.command(act, done=done, page=page)


def _counted_already(shift: ShiftRow, refusal: CountedAlready) -> str:
    """Who is counted elsewhere for time of this shift, and what can be done about each."""
    zone = local_zone()
    people = [
        (each, each.rest and [times.write(at, zone, whole_date=True) for at in each.rest])
        for each in refusal.conflicts
    ]
    return render_template("hours/counted_already.html", shift=shift, people=people)


def _departures(shift: ShiftRow) -> dict[int, datetime]:
    """When each left who had not checked out, by sign-up, as the form says."""
    zone, found = local_zone(), {}
    for name, typed in request.form.items():
        number = name.removeprefix(LEFT)
        if number == name or not (number.isascii() and number.isdigit()) or len(number) > 10:
            continue
        at = times.read(typed[:40], shift.starts_at, zone, name)
        if at is None:
            raise Refused("departure-missing", N_("Please say when they left."), status=422, field=name)
        found[int(number)] = at
    return found


def _roster(shift_id: int, now: datetime, field: str | None, message: str) -> str:
    return render_template(
        "attendance/roster.html",
        board=attendance.board_of(shift_id, now),
        asked="",
        found=[],
        typed=None,
        closing=Typed({name: value[:40] for name, value in request.form.items()}, field, message),
    )
