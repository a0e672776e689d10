"""Somebody took over inside the shift: who, and since when."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.exceptions import NotFound

from mobilizer import clock, web
from mobilizer.attendance import queries, taking_over, times
from mobilizer.errors import N_, Refused
from mobilizer.inputs import clean_line, local_zone
from mobilizer.policy import Permission
from mobilizer.shifts.queries import ShiftRow
from mobilizer.signups import asking_queries, candidates
from mobilizer.signups.asking_rules import WAIVABLE

blueprint = Blueprint("taking_over", __name__)
PERSON = "/shifts/<int(max=2147483647):shift_id>/roster/<int(max=2147483647):sign_up_id>"


@blueprint.get(f"{PERSON}/take-over")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def choose(shift: ShiftRow) -> Any:
    return _page(shift)


@blueprint.post(f"{PERSON}/taken-over")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def take_over(shift: ShiftRow) -> Any:
    """Only whom the search finds for this leader can take over, whatever number the form carries."""
    by, now, reader = web.actor(), clock.now(), web.the_reader()
    first, member_id = _person(), request.form.get("member_id", 0, type=int)

    def act() -> str:
        known = 0 < member_id < 2**31 and candidates.candidates(shift, reader, _asked(), only=[member_id])
        if not known:
            raise Refused("member-unknown", N_("There is no such member."), status=404)
        at = times.read(request.form.get("at", "")[:40], shift.starts_at, local_zone(), "at")
        if at is None:
            raise Refused("time-missing", N_("Please say when they took over."), status=422, field="at")
        waive = (clean_line(request.form.get("waive")) or "")[:200]
        taking_over.take_over(first.sign_up_id, member_id, at=at, waive=waive, by=by, now=now)
        return known[0].name

    def done(name: str) -> web.Done:
        return web.Done(
            N_("%(second)s took over from %(first)s. Each is counted for their own time."),
            url_for("attendance.roster", shift_id=shift.id),
            {"first": first.name, "second": name},
        )

    return web.command(act, done=done, page=lambda: _page(shift))


def _person() -> queries.Person:
    found = queries.person(int((request.view_args or {})["sign_up_id"]))
    if found is None:
        raise NotFound
    return found


def _asked() -> str:
    return (clean_line(request.values.get("q", "")) or "")[:100]


def _page(shift: ShiftRow) -> str:
    board, person, asked = queries.Board(shift, [], clock.now()), _person(), _asked()
    found = candidates.candidates(shift, web.the_reader(), asked) if asked else []
    at = request.form.get("at", "")[:40]
    if not at:
        moment = person.checked_out_at or min(board.now, shift.ends_at)
        at = times.write(moment, local_zone(), whole_date=board.whole_dates)
    refusal = g.get("refusal")
    return render_template(
        "attendance/taking_over.html",
        board=board,
        person=person,
        asked=asked,
        found=[
            (each.who, web.say(each.against) if each.against and each.against.code in WAIVABLE else "")
            for each in asking_queries.who_could(shift.id, found, board.now)
        ],
        at=at,
        wrong=(request.form.get("member_id", 0, type=int), web.say(refusal))
        if refusal and refusal.field == "at"
        else (0, ""),
        waived=(request.form.get("member_id", 0, type=int), request.form.get("waive", "")[:200]),
    )
