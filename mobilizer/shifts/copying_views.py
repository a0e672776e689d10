"""Copying shifts within a call or from another: choose, look at every shift, untick, confirm."""

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
from mobilizer.shifts import actions, call_queries, copying, queries
from mobilizer.shifts.copying import Copied, Copies
from mobilizer.shifts.copying_forms import CopyForm
from mobilizer.shifts.sheet import key_of

blueprint = Blueprint("shift_copies", __name__)
ADDRESS = f"/calls/<int(max={2**31 - 1}):call_id>/shifts/copy"
MOST_CALLS = 100


@dataclass(frozen=True, slots=True)
class Offered:
    """What a filled form comes to: `fresh` are new to the call, `there` is how many it has already."""

    copies: Copies
    fresh: list[Copied]
    there: int

    @property
    def days(self) -> list[tuple[date, list[Copied]]]:
        by_day = sorted(self.fresh, key=lambda each: (each.planned.day, each.planned.starts_at))
        return [(day, list(group)) for day, group in groupby(by_day, key=lambda each: each.planned.day)]


def _form(call: CallRow, now: datetime, *, sent: bool) -> CopyForm:
    """As it stands, the last day that has shifts is copied to the day behind it; an empty call is filled from
    another."""
    own = [each.day for each in call_queries.originals(call.id)]
    tomorrow = now.astimezone(local_zone()).date() + timedelta(days=1)
    others = [each for each in calls.watched(web.the_reader(), now, limit=MOST_CALLS) if each.id != call.id]
    form = CopyForm(
        (request.form or request.args) if sent else None,
        data={
            "source": call.id if own or not others else others[0].id,
            "what": "day" if own else "call",
            "day": max(own, default=None),
            "first": max([tomorrow, *(day + timedelta(days=1) for day in own)]),
        },
        meta={"csrf": request.method == "POST"},
    )
    form.source.choices = [
        SelectChoice(call.id, _("this call")),
        *(
            SelectChoice(
                each.id, _("%(call)s · %(branch)s", call=each.title[:40], branch=each.branch_name[:40])
            )
            for each in others
        ),
    ]
    form.source.validate_choice = False
    return form


def _offered(call: CallRow, form: CopyForm, now: datetime) -> Offered:
    """Raises Refused where there is nothing to copy, or the days do not hold."""
    source = call if form.source.data == call.id else _readable(form.source.data)
    copies = copying.copies(
        copying.period(call_queries.originals(source.id), form.what.data, form.day.data),
        form.first.data,
        form.last.data,
        {each.id for each in queries.checkpoints(call.branch_id)},
        local_zone(),
        now,
    )
    present = {
        (each.checkpoint_id, each.starts_at, each.ends_at, each.post)
        for each in call_queries.originals(call.id)
    }
    fresh = [each for each in copies.shifts if key_of(each.planned) not in present]
    return Offered(copies, fresh, len(copies.shifts) - len(fresh))


def _readable(call_id: int) -> CallRow:
    """The call to copy from. Whoever may not see it is told what is told of one that there is not."""
    found = calls.call(call_id) if 0 < call_id < 2**31 else None
    if found is None or not web.can(Permission.CALL_READ, found):
        raise Refused("call-unknown", N_("There is no such call."), status=422, field="source")
    return found


@blueprint.get(ADDRESS)
@web.requires(Permission.CALL_EDIT, of=calls.call)
def copy(call: CallRow) -> Any:
    """The form; once it is filled, every shift that it comes to, ticked, to look at before it is confirmed."""
    filled, now = "what" in request.args, clock.now()
    form = _form(call, now, sent=filled)
    if not filled or "change" in request.args:
        return _form_page(call, form)
    if not form.validate():
        return _form_page(call, form), 422
    try:
        offered = _offered(call, form, now)
    except Refused as refusal:
        return _form_page(call, form, refusal), refusal.status
    return _preview(call, form, offered)


def _form_page(call: CallRow, form: CopyForm, refusal: Refused | None = None) -> str:
    if refusal and refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]
    return render_template("shifts/copy.html", call=call, form=form)


def _preview(call: CallRow, form: CopyForm, offered: Offered) -> str:
    return render_template("shifts/copy_preview.html", call=call, form=form, offered=offered)


@blueprint.post(ADDRESS, endpoint="confirm")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def confirm(call: CallRow) -> Any:
    """One lay-out of the shifts that are ticked."""
    by, now = web.actor(), clock.now()
    form = _form(call, now, sent=True)
    if not form.validate():
        return _form_page(call, form), 422
    ticked = set(request.form.getlist("keep"))

    def act() -> actions.Laid:
        kept = [each.planned for each in _offered(call, form, now).fresh if each.key in ticked]
        if not kept:
            raise Refused("copy-unticked", N_("Please tick at least one shift."), status=422)
        return actions.lay_out(call.id, kept, by=by, now=now)

    def page() -> Any:
        return _form_page(call, form, g.refusal)

    return web.command(
        act,
        done=lambda laid: web.Done(
            N_("Shifts laid out: %(created)s."),
            url_for("calls.call", call_id=call.id, laid_out=laid.id),
            {"created": laid.shifts},
        ),
        page=page,
    )
