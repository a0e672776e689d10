"""Laying out the shifts of a call: choose, look at every shift, untick or change some, confirm."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
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
from mobilizer.shifts import actions, choosing, queries, rules
from mobilizer.shifts.choosing import Line
from mobilizer.shifts.forms import MORE_POSTS, LayOutForm

blueprint = Blueprint("shifts", __name__)
MOST_ID = 2**31 - 1
DEFAULT_DAYS = 7
DEFAULT_SEATS = 2
DEFAULT_LEAST = 1
THE_REST_AT = time(8)
"""Suggested for tomorrow, when seats open in stages."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """What a filled form comes to: every shift that is not over, `over` and `at_once` (their seats cannot open later,
    as they begin before) only counted."""

    lines: list[Line]
    over: int
    at_once: int
    held_back_until: datetime | None
    changes: list[rules.ClockChange]

    @property
    def there(self) -> int:
        return sum(each.there for each in self.lines)

    @property
    def days(self) -> list[choosing.Day]:
        return choosing.by_day(self.lines)

    def planned(self) -> list[rules.Planned]:
        """What is to be laid out. Raises Refused for numbers that do not hold, and where nothing is ticked."""
        chosen = choosing.chosen(self.lines)
        return rules.in_stages(chosen, self.held_back_until) if self.held_back_until else chosen


def _form(places: list[queries.Place], *, sent: bool) -> LayOutForm:
    zone = local_zone()
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    skills = queries.skills()
    defaults = {
        "checkpoints": [each.id for each in places],
        "first": tomorrow,
        "last": tomorrow + timedelta(days=DEFAULT_DAYS - 1),
        "weekdays": list(range(7)),
        "pattern": "3x8",
        "capacity": DEFAULT_SEATS,
        "least": DEFAULT_LEAST,
        "skill": 0,
        "overlap": 0,
        "held_back_until": datetime.combine(tomorrow, THE_REST_AT, tzinfo=zone).astimezone(UTC),
    }
    form = LayOutForm(
        (request.form or request.args) if sent else None,
        data=defaults,
        meta={"csrf": request.method == "POST"},
    )
    form.checkpoints.choices = [SelectChoice(each.id, each.name) for each in places]
    for name in ("skill", *(f"skill_{place}" for place in MORE_POSTS)):
        if skills:
            form[name].choices = [SelectChoice(0, _("none")), *(SelectChoice(*each) for each in skills)]
        else:
            del form[name]
    return form


def _posts(form: LayOutForm) -> list[rules.Post]:
    """The first post, and each further row in which something is written; what it leaves out is as with the first."""
    first = rules.Post(form.post.data or "", form.capacity.data, form.least.data, _skill(form, "skill"))
    found = [first]
    for place in MORE_POSTS:
        name, capacity, least = (form[f"{part}_{place}"].data for part in ("post", "capacity", "least"))
        if name or capacity is not None or least is not None:
            seats = first.capacity if capacity is None else capacity
            at_least = min(first.least, seats) if least is None else least
            found.append(rules.Post(name or "", seats, at_least, _skill(form, f"skill_{place}")))
    return found


def _skill(form: LayOutForm, name: str) -> int | None:
    return (form[name].data or None) if name in form else None


def _laid_out(call: CallRow, form: LayOutForm, places: list[queries.Place], now: datetime) -> LaidOut:
    """Raises Refused where the numbers or the times of the form do not hold. What was sent for single shifts counts."""
    zone = local_zone()
    ticked = set(form.checkpoints.data)
    spots = [rules.Spot(each.id, each.unit_code) for each in places if each.id in ticked]
    days = rules.days(form.first.data, form.last.data, form.weekdays.data, now.astimezone(zone).date())
    pattern = (form.times.data or "") if form.pattern.data == "own" else form.pattern.data
    slots = rules.overlapping(rules.slots(pattern), form.overlap.data)
    posts = _posts(form)
    until = _later(form, now)
    every = rules.lay_out(spots, days, slots, zone, posts)
    planned = [each for each in every if each.ends_at > now]
    if not planned:
        raise Refused(
            "shifts-over", N_("All of these shifts would be over already."), status=422, field="first"
        )
    posted = request.method == "POST"
    return LaidOut(
        choosing.lines(
            planned,
            posts,
            {each.id: each.name for each in places},
            queries.laid_out(call.id, days),
            request.form if posted else None,
            set(request.form.getlist("keep")),
        ),
        len(every) - len(planned),
        sum(each.starts_at <= until for each in planned) if until else 0,
        until,
        rules.clock_changes(days, slots, zone),
    )


def _later(form: LayOutForm, now: datetime) -> datetime | None:
    """When the second half of the seats opens; None where all open at once."""
    if not form.staged.data:
        return None
    until: datetime | None = form.held_back_until.data
    if until is None or until <= now:
        raise Refused(
            "held-back-until",
            N_("Please say from when on the rest of the seats is open: a moment to come."),
            status=422,
            field="held_back_until",
        )
    return until


def _at_its_field(form: Any, refusal: Refused) -> None:
    if refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/shifts/new")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def lay_out(call: CallRow) -> Any:
    """The form; once it is filled, every shift that it comes to, to look at before it is confirmed."""
    places = queries.checkpoints(call.branch_id)
    filled = "pattern" in request.args
    form = _form(places, sent=filled)
    if not filled or "change" in request.args:
        return _form_page(call, form, places)
    if not form.validate():
        return _form_page(call, form, places), 422
    try:
        laid_out = _laid_out(call, form, places, clock.now())
    except Refused as refusal:
        _at_its_field(form, refusal)
        return _form_page(call, form, places), refusal.status
    return _preview(call, form, laid_out)


def _form_page(call: CallRow, form: LayOutForm, places: list[queries.Place]) -> str:
    return render_template(
        "shifts/lay_out.html",
        call=call,
        form=form,
        places=places,
        MORE_POSTS=MORE_POSTS,
        MOST_SHIFTS=rules.MOST_SHIFTS,
        MOST_DAYS=rules.MOST_DAYS,
        MOST_OVERLAP=rules.MOST_OVERLAP,
    )


def _preview(call: CallRow, form: LayOutForm, laid_out: LaidOut) -> str:
    return render_template(
        "shifts/preview.html", call=call, form=form, laid_out=laid_out, days=laid_out.days, say=web.say
    )


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/shifts/new", endpoint="confirm")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def confirm(call: CallRow) -> Any:
    """One lay-out of the shifts that are ticked; a number that does not hold is said beside it."""
    places = queries.checkpoints(call.branch_id)
    form = _form(places, sent=True)
    if not form.validate():
        return _form_page(call, form, places), 422
    by, now = web.actor(), clock.now()

    def act() -> tuple[actions.Laid, int]:
        laid_out = _laid_out(call, form, places, now)
        planned = laid_out.planned() if laid_out.there < len(laid_out.lines) else []
        laid = actions.lay_out(call.id, planned, by=by, now=now) if planned else actions.Laid(None, 0)
        return laid, laid_out.there + len(planned) - laid.shifts

    def done(made: tuple[actions.Laid, int]) -> web.Done:
        laid, skipped = made
        told = (
            N_("Shifts laid out: %(created)s. There already and left as they were: %(skipped)s.")
            if skipped
            else N_("Shifts laid out: %(created)s.")
        )
        return web.Done(
            told,
            url_for("calls.call", call_id=call.id, laid_out=laid.id),
            {"created": laid.shifts, "skipped": skipped},
        )

    def page() -> Any:
        if g.refusal.status != 422:
            return _form_page(call, form, places)
        try:
            return _preview(call, form, _laid_out(call, form, places, now))
        except Refused as refusal:
            _at_its_field(form, refusal)
            return _form_page(call, form, places)

    return web.command(act, done=done, page=page)
