"""Changing shifts of a call: tick one or many, say what, look at who is touched and how, confirm. One shift more."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.changes import actions, queries
from mobilizer.changes.forms import AddForm, MoveForm, SeatsForm, sent
from mobilizer.changes.moving import moving
from mobilizer.changes.rules import MOST_AT_ONCE, Held, Move, Wish
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import actions as shifts
from mobilizer.shifts import rules
from mobilizer.shifts.queries import ShiftRow, Touched, checkpoints, shift, skills, touched
from mobilizer.shifts.rules import minute_of, numbers

blueprint = Blueprint("changes", __name__)
CALL = f"/calls/<int(max={2**31 - 1}):call_id>/shifts"
MOST_ID = 2**31 - 1
WHATS = ("move", "seats", "close", "cancel")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about before it is done. `people`: who is touched, each with why the change does not suit them, or
    "" where they are only told."""

    shifts: list[Held]
    people: list[tuple[Touched, str]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    places: dict[int, str] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        return ",".join(str(person.sign_up_id) for person, _why in self.people)

    @property
    def persons(self) -> int:
        return len({person.member_id for person, _why in self.people})

    @property
    def by_shift(self) -> list[tuple[Touched, list[tuple[Touched, str]]]]:
        found = []
        for _key, group in groupby(self.people, key=lambda each: each[0].key):
            of_shift = list(group)
            found.append((of_shift[0][0], of_shift))
        return found


def _ticked() -> list[int]:
    given = (request.form if request.method == "POST" else request.args).getlist("shift")
    return sorted(each for each in numbers(",".join(given)) if 0 < each <= MOST_ID)


def _what() -> str:
    what = request.values.get("what", "")
    return what if what in WHATS else ""


@blueprint.get(f"{CALL}/change")
@web.requires(Permission.SHIFT_RUN, of=calls.call)
def change(call: CallRow) -> Any:
    """Which shifts; then how; then who is touched and how. Each step is an address of its own."""
    what, ticked = _what(), _ticked()
    if not what:
        return _choose(call, ticked)
    try:
        found = _found(call, ticked)
    except Refused as refusal:
        return _choose(call, [], web.say(refusal)), refusal.status
    form = _form(call, what, found, filled="look" in request.args)
    if form is not None and "look" not in request.args:
        return _how(call, what, found, form)
    return _look(call, what, found, form)


@blueprint.get(f"/shifts/<int(max={MOST_ID}):shift_id>/edit")
@web.requires(Permission.SHIFT_RUN, of=shift)
def one(found: ShiftRow) -> Any:
    """From one shift to the page on which it is the one that is ticked."""
    return web.go(url_for("changes.change", call_id=found.call_id, shift=found.id))


def _found(call: CallRow, ticked: list[int]) -> list[Held]:
    if not ticked:
        raise Refused("shifts-unticked", N_("Please tick at least one shift."), status=422)
    if len(ticked) > MOST_AT_ONCE:
        raise Refused("changes-many", N_("At most %(n)s shifts at once."), status=422, n=MOST_AT_ONCE)
    found = queries.chosen(call.id, ticked)
    if len(found) < len(ticked):
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    return found


@dataclass(frozen=True, slots=True)
class Day:
    """A day's shifts that may be changed."""

    day: date
    shifts: list[Held]


def _choose(call: CallRow, ticked: list[int], refused: str = "") -> str:
    """All shifts to tick, or those that were chosen."""
    every = queries.changeable(call.id, clock.now())
    shown = [each for each in every if each.id in set(ticked)] if ticked else every
    by_place: dict[str, list[int]] = {}
    for each in every:
        by_place.setdefault(each.checkpoint, []).append(each.id)
    return render_template(
        "changes/choose.html",
        call=call,
        days=[Day(day, list(group)) for day, group in groupby(shown, key=lambda each: each.day)],
        ticked=bool(ticked),
        count=len(shown),
        by_place={} if ticked else by_place,
        refused=refused,
        MOST_AT_ONCE=MOST_AT_ONCE,
    )


# --- how ----------------------------------------------------------------------------------------------


def _form(call: CallRow, what: str, found: list[Held], *, filled: bool) -> FlaskForm | None:
    data = (request.form or request.args) if filled else None
    meta = {"csrf": request.method == "POST"}
    if what == "move":
        form: FlaskForm = MoveForm(data, data={"days": 0, "checkpoint": 0}, meta=meta)
        form.checkpoint.choices = [
            SelectChoice(0, _("as it is")),
            *(SelectChoice(each.id, each.name) for each in checkpoints(call.branch_id)),
        ]
        return form
    if what == "seats":
        now = {"capacity": found[0].shrink_to or found[0].capacity, "least": found[0].least}
        return SeatsForm(data, data=now, meta=meta)
    return None


def _how(call: CallRow, what: str, found: list[Held], form: FlaskForm) -> str:
    return render_template("changes/how.html", call=call, what=what, shifts=found, form=form)


def _time(form: FlaskForm, name: str) -> int | None:
    """Minutes from midnight; Refused at its own field where it cannot be read."""
    typed = form[name].data
    if not typed:
        return None
    try:
        return minute_of(typed)
    except Refused as refusal:
        refusal.field = name
        raise


def _wish(form: FlaskForm) -> Wish:
    return Wish(form.days.data, _time(form, "starts"), _time(form, "ends"), form.checkpoint.data or None)


def _asked(call: CallRow, what: str, found: list[Held], form: FlaskForm | None, now: datetime) -> Asked:
    """Raises Refused where the change is not possible, whoever it touches."""
    if what == "move" and form is not None:
        plan = moving(call.id, found, _wish(form), now)
        people = touched([each.shift.id for each in plan.moves])
        return Asked(
            [each.shift for each in plan.moves],
            [
                (each, web.say(plan.asked[each.sign_up_id]) if each.sign_up_id in plan.asked else "")
                for each in people
            ],
            sorted(plan.moves, key=lambda each: (each.starts_at, each.shift.id)),
            {key: place.name for key, place in plan.where.places.items()},
        )
    if what == "seats" and form is not None:
        rules.check_capacity(form.capacity.data)
        rules.check_least(form.least.data, form.capacity.data)
        fewer = [each.id for each in found if each.taken + each.held > form.capacity.data]
        return Asked(found, [(each, "") for each in touched(fewer)])
    return Asked(found, [(each, "") for each in touched([each.id for each in found])])


def _look(call: CallRow, what: str, found: list[Held], form: FlaskForm | None) -> Any:
    """The question; or, where it is not possible, why not."""
    if form is not None and not form.validate():
        return _how(call, what, found, form), 422
    try:
        asked = _asked(call, what, found, form, clock.now())
    except Refused as refusal:
        if form is None:
            return _choose(call, [each.id for each in found], web.say(refusal)), refusal.status
        _at_its_field(form, refusal)
        return _how(call, what, found, form), refusal.status
    return render_template(
        "changes/look.html", call=call, what=what, asked=asked, form=form, sent=sent(form) if form else {}
    )


def _at_its_field(form: FlaskForm, refusal: Refused) -> None:
    name = refusal.field if refusal.field and refusal.field in form else next(iter(form._fields))
    form[name].errors = [web.say(refusal)]


@blueprint.post(f"{CALL}/change", endpoint="confirm")
@web.requires(Permission.SHIFT_RUN, of=calls.call)
def confirm(call: CallRow) -> Any:
    """Whoever came in since the question was shown is shown first: then it asks again."""
    what, ticked, by = _what() or "cancel", _ticked(), web.actor()
    if not _what():
        return _choose(call, ticked, _("Please say what is to be done.")), 422
    try:
        found = _found(call, ticked)
    except Refused as refusal:
        return _choose(call, [], web.say(refusal)), refusal.status
    form = _form(call, what, found, filled=True)
    if form is not None and not form.validate():
        return _how(call, what, found, form), 422
    seen = numbers(request.form.get("seen", ""))

    def act() -> tuple[str, dict[str, int]]:
        now = clock.now()
        if what == "move" and form is not None:
            moved, asked = actions.move(call.id, ticked, _wish(form), seen=seen, by=by, now=now)
            told = (
                N_("Shifts moved: %(count)s. People asked whether it still suits them: %(asked)s.")
                if asked
                else N_("Shifts moved: %(count)s.")
            )
            return told, {"count": moved, "asked": asked}
        if what == "seats" and form is not None:
            given = form.capacity.data, form.least.data
            count = actions.resize(call.id, ticked, *given, seen=seen, by=by, now=now)
            return N_("Shifts with other seats: %(count)s."), {"count": count}
        if what == "close":
            count = actions.close(call.id, ticked, seen=seen, by=by, now=now)
            return N_("Shifts with no more sign-up: %(count)s."), {"count": count}
        count = actions.cancel(call.id, ticked, seen=seen, by=by, now=now)
        return N_("Shifts cancelled: %(count)s."), {"count": count}

    def page() -> Any:
        fresh = queries.chosen(call.id, ticked)
        if g.refusal.code != "people-touched" and form is None:
            return _choose(call, ticked, web.say(g.refusal))
        return _look(call, what, fresh, form)

    return web.command(
        act,
        done=lambda made: web.Done(made[0], url_for("calls.call", call_id=call.id), made[1]),
        page=page,
    )


# --- one shift more -----------------------------------------------------------------------------------


def _add_form(call: CallRow, *, filled: bool) -> AddForm:
    tomorrow = clock.now().astimezone(local_zone()).date() + timedelta(days=1)
    data = {"day": tomorrow, "starts": "08:00", "ends": "16:00", "capacity": 2, "least": 1, "skill": 0}
    form = AddForm(data=data) if not filled else AddForm()
    form.checkpoint.choices = [SelectChoice(each.id, each.name) for each in checkpoints(call.branch_id)]
    known = skills()
    if known:
        form.skill.choices = [SelectChoice(0, _("none")), *(SelectChoice(*each) for each in known)]
    else:
        del form.skill
    return form


@blueprint.get(f"{CALL}/add")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def add(call: CallRow) -> Any:
    return _add_page(call, _add_form(call, filled=False))


def _add_page(call: CallRow, form: AddForm) -> str:
    return render_template("changes/add.html", call=call, form=form)


@blueprint.post(f"{CALL}/add", endpoint="added")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def added(call: CallRow) -> Any:
    """A lay-out of one shift."""
    form, by, now = _add_form(call, filled=True), web.actor(), clock.now()
    if not form.validate():
        return _add_page(call, form), 422

    def act() -> shifts.Laid:
        start, end = _time(form, "starts") or 0, _time(form, "ends") or 0
        start %= rules.DAY
        slot = rules.Slot(start, end if end > start else end + rules.DAY)
        [place] = [each for each in checkpoints(call.branch_id) if each.id == form.checkpoint.data]
        rules.days(form.day.data, form.day.data, range(7), now.astimezone(local_zone()).date())
        skill = form.skill.data or None if "skill" in form else None
        post = rules.Post(form.post.data or "", form.capacity.data, form.least.data, skill)
        spots = [rules.Spot(place.id, place.unit_code)]
        planned = rules.lay_out(spots, [form.day.data], [slot], local_zone(), [post])
        laid = shifts.lay_out(call.id, planned, by=by, now=now)
        if not laid.shifts:
            raise Refused("shift-there", N_("The call has this shift already."), status=422, field="starts")
        return laid

    def page() -> Any:
        refusal = g.refusal
        refusal.field = {"first": "day", "last": "day"}.get(refusal.field, refusal.field)
        _at_its_field(form, refusal)
        return _add_page(call, form)

    return web.command(
        act,
        done=lambda laid: web.Done(
            N_("The shift is added."), url_for("calls.call", call_id=call.id, laid_out=laid.id)
        ),
        page=page,
    )
