"""The records of a closed shift, their correction, and my own service."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.attendance import queries as attendance
from mobilizer.attendance import times
from mobilizer.errors import N_, Refused
from mobilizer.hours import actions, queries
from mobilizer.hours.forms import CorrectionForm, PeopleServedForm
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.terms import ShiftStatus

blueprint = Blueprint("hours", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"


@blueprint.get(f"{SHIFT}/records")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def records(shift: ShiftRow) -> Any:
    served = queries.people_served(shift.id)
    return _records_page(shift, PeopleServedForm(formdata=None, people_served=served))


def _records_page(shift: ShiftRow, form: PeopleServedForm) -> str:
    people = queries.of_shift(shift, clock.now())
    total = sum(each.standing.minutes for each in people if each.standing)
    return render_template("hours/records.html", shift=shift, people=people, total=total, form=form)


@blueprint.post(f"{SHIFT}/records/people-served")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def people_served(shift: ShiftRow) -> Any:
    by, now, form = web.actor(), clock.now(), PeopleServedForm()
    if not form.validate():
        return _records_page(shift, form), 422
    count = form.people_served.data
    return web.command(
        lambda: actions.set_people_served(shift.id, count, by=by, now=now),
        done=lambda _none: web.Done(
            N_("The residents served are noted."), url_for("hours.records", shift_id=shift.id)
        ),
        page=lambda: _records_page(shift, form),
    )


CORRECTION = f"{SHIFT}/records/<int(max=2147483647):sign_up_id>"


@blueprint.get(CORRECTION)
@web.requires(Permission.SHIFT_RUN, of=attendance.shift_with)
def correction(shift: ShiftRow) -> Any:
    one = _one(shift)
    board = attendance.Board(shift, [], clock.now())
    zone = local_zone()
    arrived, left = one.person.checked_in_at or shift.starts_at, one.person.checked_out_at or shift.ends_at
    form = CorrectionForm(
        formdata=None,
        data={
            "came": "yes",
            "arrived": times.write(arrived, zone, whole_date=board.whole_dates),
            "left": times.write(left, zone, whole_date=board.whole_dates),
            "break_minutes": one.person.break_minutes,
            "instead_of": str(one.standing.id) if one.standing else "",
        },
    )
    return _correction_page(shift, one, form)


@blueprint.post(CORRECTION, endpoint="correct")
@web.requires(Permission.SHIFT_RUN, of=attendance.shift_with)
def correct(shift: ShiftRow) -> Any:
    form, by, now = CorrectionForm(), web.actor(), clock.now()
    one = _one(shift)
    if not form.validate():
        return _correction_page(shift, one, form), 422
    zone = local_zone()

    def act() -> None:
        came = form.came.data == "yes"
        arrived = times.read(form.arrived.data or "", shift.starts_at, zone, "arrived") if came else None
        left = times.read(form.left.data or "", shift.starts_at, zone, "left") if came else None
        if came and arrived is None:
            raise Refused("arrival-missing", N_("Please say when they arrived."), status=422, field="arrived")
        actions.correct(
            one.person.sign_up_id,
            instead_of=form.instead_of_id,
            arrived=arrived,
            left=left,
            break_minutes=form.break_minutes.data or 0,
            reason=form.reason.data,
            by=by,
            now=now,
        )

    def page() -> str:
        refusal: Refused = g.refusal
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [web.say(refusal)]
        return _correction_page(shift, _one(shift), form)

    def done(_nothing: None) -> web.Done:
        return web.Done(
            N_("Corrected: %(name)s. The ledger keeps what stood before, and why."),
            url_for("hours.records", shift_id=shift.id),
            {"name": one.person.name},
        )

    return web.command(act, done=done, page=page)


def _one(shift: ShiftRow) -> queries.PersonRecords:
    found = queries.of_person(int((request.view_args or {})["sign_up_id"]))
    if found is None or shift.status != ShiftStatus.CLOSED:
        raise Refused(
            "shift-not-closed", N_("This shift is not closed yet. Its roster can still be changed.")
        )
    return found


def _correction_page(shift: ShiftRow, one: queries.PersonRecords, form: CorrectionForm) -> str:
    board = attendance.Board(shift, [], clock.now())
    return render_template(
        "hours/correction.html", shift=shift, one=one, form=form, whole_dates=board.whole_dates
    )


@blueprint.get("/my/service")
@web.requires(Permission.MY_SERVICE_READ)
def my_service() -> Any:
    member_id = web.the_reader().member_id
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = queries.service_of(member_id, page=page)
    more, lines = len(lines) > queries.PAGE, lines[: queries.PAGE]
    return render_template(
        "hours/my_service.html",
        total=queries.total_of(member_id),
        lines=lines,
        previous=url_for("hours.my_service", page=page - 1) if page > 1 else None,
        next=url_for("hours.my_service", page=page + 1) if more else None,
    )
