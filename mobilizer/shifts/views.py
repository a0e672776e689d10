"""Laying out the shifts of a call: choose, look, confirm. Changing one shift, cancelling it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import actions, queries, rules
from mobilizer.shifts.forms import LayOutForm, SeatsForm
from mobilizer.shifts.queries import ShiftRow

blueprint = Blueprint("shifts", __name__)
MOST_ID = 2**31 - 1
DEFAULT_DAYS = 7
DEFAULT_SEATS = 2


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What a filled form comes to. `planned` are still to come; `existing` is what the call has of them already."""

    planned: list[rules.Planned]
    over: int
    existing: set[tuple[int, datetime, datetime, str]]
    changes: list[rules.ClockChange]
    slots: tuple[rules.Slot, ...]

    @property
    def fresh(self) -> list[rules.Planned]:
        return [each for each in self.planned if not self.there(each)]

    def there(self, each: rules.Planned) -> bool:
        return (each.checkpoint_id, each.starts_at, each.ends_at, each.post) in self.existing


def _form(call: CallRow, places: list[queries.Place], *, sent: bool) -> LayOutForm:
    tomorrow = clock.now().astimezone(local_zone()).date() + timedelta(days=1)
    skills = queries.skills()
    defaults = {
        "checkpoints": [each.id for each in places],
        "first": tomorrow,
        "last": tomorrow + timedelta(days=DEFAULT_DAYS - 1),
        "weekdays": list(range(7)),
        "pattern": "3x8",
        "capacity": DEFAULT_SEATS,
        "skill": 0,
    }
    form = LayOutForm(
        (request.form or request.args) if sent else None,
        data=defaults,
        meta={"csrf": request.method == "POST"},
    )
    form.checkpoints.choices = [SelectChoice(each.id, each.name) for each in places]
    form.skill.choices = [SelectChoice(0, _("none")), *(SelectChoice(*each) for each in skills)]
    if not skills:
        del form.skill
    return form


def _laid_out(call: CallRow, form: LayOutForm, places: list[queries.Place], now: datetime) -> LaidOut:
    """Raises Refused where the numbers or the times do not hold."""
    zone = local_zone()
    ticked = set(form.checkpoints.data)
    spots = [rules.Spot(each.id, each.unit_code) for each in places if each.id in ticked]
    today = now.astimezone(zone).date()
    days = rules.days(form.first.data, form.last.data, form.weekdays.data, today)
    own = form.pattern.data == "own"
    slots = rules.slots((form.times.data or "") if own else form.pattern.data)
    every = rules.lay_out(
        spots,
        days,
        slots,
        zone,
        [rules.Post("", form.capacity.data, 1, (form.skill.data or None) if "skill" in form else None)],
    )
    planned = [each for each in every if each.ends_at > now]
    if not planned:
        raise Refused(
            "shifts-over", N_("All of these shifts would be over already."), status=422, field="first"
        )
    return LaidOut(
        planned,
        len(every) - len(planned),
        queries.laid_out(call.id, days),
        rules.clock_changes(days, slots, zone),
        slots,
    )


def _at_its_field(form: Any, refusal: Refused) -> None:
    if refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/shifts/new")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def lay_out(call: CallRow) -> Any:
    """The form; once it is filled, every shift that it comes to, to look at before it is confirmed."""
    places = queries.checkpoints(call.branch_id)
    filled = "pattern" in request.args
    form = _form(call, places, sent=filled)
    if not filled or "change" in request.args:
        return _form_page(call, form, places)
    if not form.validate():
        return _form_page(call, form, places), 422
    try:
        laid_out = _laid_out(call, form, places, clock.now())
    except Refused as refusal:
        _at_its_field(form, refusal)
        return _form_page(call, form, places), refusal.status
    return _preview(call, form, places, laid_out)


def _form_page(call: CallRow, form: LayOutForm, places: list[queries.Place]) -> str:
    return render_template("shifts/lay_out.html", call=call, form=form, places=places)


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """A day of the preview: for each checkpoint its cells, one for each slot: (planned or none, whether it is there)."""

    day: date
    rows: list[tuple[str, list[tuple[rules.Planned | None, bool]]]]


def _preview(call: CallRow, form: LayOutForm, places: list[queries.Place], laid_out: LaidOut) -> str:
    zone = local_zone()
    days = []
    for day, group in groupby(laid_out.planned, key=lambda each: each.day):
        at = {(each.checkpoint_id, each.starts_at, each.ends_at): each for each in group}
        present = {key[0] for key in at}
        times = [rules.moments(day, slot, zone) for slot in laid_out.slots]
        rows = []
        for place in places:
            if place.id in present:
                cells = [at.get((place.id, *each)) for each in times]
                rows.append(
                    (place.name, [(each, each is not None and laid_out.there(each)) for each in cells])
                )
        days.append(PreviewDay(day, rows))
    return render_template("shifts/preview.html", call=call, form=form, laid_out=laid_out, days=days)


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/shifts/new", endpoint="confirm")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def confirm(call: CallRow) -> Any:
    places = queries.checkpoints(call.branch_id)
    form = _form(call, places, sent=True)
    if not form.validate():
        return _form_page(call, form, places), 422
    by, now = web.actor(), clock.now()

    def act() -> tuple[int, int]:
        planned = _laid_out(call, form, places, now).planned
        created = actions.lay_out(call.id, planned, by=by, now=now).shifts
        return created, len(planned) - created

    def done(made: tuple[int, int]) -> web.Done:
        created, skipped = made
        told = (
            N_("Shifts laid out: %(created)s. There already and left as they were: %(skipped)s.")
            if skipped
            else N_("Shifts laid out: %(created)s.")
        )
        return web.Done(
            told, url_for("calls.call", call_id=call.id), {"created": created, "skipped": skipped}
        )

    def page() -> Any:
        _at_its_field(form, g.refusal)
        return _form_page(call, form, places)

    return web.command(act, done=done, page=page)


# --- one shift ----------------------------------------------------------------------------------------


@blueprint.get(f"/shifts/<int(max={MOST_ID}):shift_id>/edit")
@web.requires(Permission.SHIFT_RUN, of=queries.shift)
def edit(shift: ShiftRow) -> Any:
    return _edit_page(shift, SeatsForm(data={"capacity": shift.capacity}))


def _edit_page(shift: ShiftRow, form: SeatsForm) -> str:
    return render_template("shifts/edit.html", shift=shift, form=form, now=clock.now())


@blueprint.post(f"/shifts/<int(max={MOST_ID}):shift_id>/capacity")
@web.requires(Permission.SHIFT_RUN, of=queries.shift)
def set_capacity(shift: ShiftRow) -> Any:
    form = SeatsForm()
    if not form.validate():
        return _edit_page(shift, form), 422
    by, seats = web.actor(), form.capacity.data

    def page() -> Any:
        _at_its_field(form, g.refusal)
        return _edit_page(shift, form)

    return web.command(
        lambda: actions.set_capacity(shift.id, seats, by=by, now=clock.now()),
        done=lambda _result: web.Done(
            N_("Seats on this shift now: %(seats)s."),
            url_for("signups.shift", shift_id=shift.id),
            {"seats": seats},
        ),
        page=page,
    )


@blueprint.post(f"/shifts/<int(max={MOST_ID}):shift_id>/cancel")
@web.requires(Permission.SHIFT_RUN, of=queries.shift)
def cancel(shift: ShiftRow) -> Any:
    by = web.actor()
    return web.command(
        lambda: actions.cancel(shift.id, by=by, now=clock.now()),
        done=lambda withdrawn: web.Done(
            N_("The shift is cancelled; sign-ups withdrawn with it: %(count)s."),
            url_for("calls.call", call_id=shift.call_id),
            {"count": withdrawn},
        ),
        page=lambda: _edit_page(shift, SeatsForm(None, data={"capacity": shift.capacity})),
    )
