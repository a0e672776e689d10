"""Choosing a playbook and standing up from it on one screen; keeping one from a call, renaming, retiring it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, languages, web
from mobilizer.branches import queries as branches
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone
from mobilizer.playbooks import actions, body_rules, queries, rules, written_rules
from mobilizer.playbooks.forms import NEW, KeepForm, RenameForm, UseForm, hour_words
from mobilizer.playbooks.queries import Choice, KeptRow
from mobilizer.playbooks.rules import Playbook, Sum
from mobilizer.policy import Permission, covers
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.rules import Spot
from mobilizer.units import queries as units
from mobilizer.units.queries import UnitLine

blueprint = Blueprint("playbooks", __name__)
MOST_ID = 2**31 - 1
_CODE = re.compile(r"[0-9]{6,12}(-[0-9]{1,7})?", re.ASCII)


def _own_units() -> list[str]:
    """The topmost units in which the reader may stand branches up."""
    reader = web.reader()
    grants = reader.grants if reader else ()
    codes = {g.unit_code for g in grants if g.unit_code and web.can(Permission.BRANCH_STAND_UP, g)}
    return sorted(
        (code for code in codes if not any(code != top and covers(top, code) for top in codes)),
        key=lambda code: (len(code), code),
    )


def unit_asked() -> UnitLine | None:
    """The unit of the address, else the reader's own."""
    code = request.args.get("unit") or next(iter(_own_units()), "")
    return units.unit(code) if _CODE.fullmatch(code) else None


def _unit_choices(unit: UnitLine) -> list[tuple[str, str]]:
    """Where the reader may; the grids of a unit only where one of them is asked for."""
    offered = units.within_any(_own_units())
    if unit.code not in {each.code for each in offered}:
        offered = sorted([*offered, unit], key=lambda each: each.code)
    return [(each.code, units.indented(each)) for each in offered]


@blueprint.get("/playbooks")
@web.requires(Permission.BRANCH_STAND_UP, of=unit_asked)
def index(unit: UnitLine) -> Any:
    return _index_page(unit)


def _index_page(unit: UnitLine) -> str:
    return render_template(
        "playbooks/index.html",
        unit=unit,
        unit_choices=_unit_choices(unit),
        choices=queries.choices(unit.code, languages.current()),
        own=queries.kept_of(unit.code),
    )


# --- using one --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """A playbook in the unit that uses it. `unit_code` is the place that permissions are asked for."""

    choice: Choice
    unit: UnitLine

    @property
    def unit_code(self) -> str:
        return self.unit.code

    @property
    def branch_id(self) -> None:
        return None

    def said(self) -> Playbook | None:
        """With the unit's name in its texts; None where it can no longer be read."""
        return rules.for_unit(self.choice.playbook, self.unit.name) if self.choice.playbook else None


def use_asked(key: str) -> Use | None:
    unit = unit_asked()
    choice = queries.choice(key, unit.code, languages.current()) if unit else None
    return Use(choice, unit) if unit and choice else None


@blueprint.get("/playbooks/<string(maxlength=40):key>/use")
@web.requires(Permission.BRANCH_STAND_UP, of=use_asked)
def use(use: Use) -> Any:
    playbook = use.said()
    if playbook is None:
        return _unreadable(use)
    known = {name for _number, name in shifts.skills()}
    open_to_all = [each.name for each in playbook.posts if each.skill and each.skill not in known]
    posts = tuple(each if each.skill in known else each._replace(skill="") for each in playbook.posts)
    playbook = replace(playbook, posts=posts)
    form = _prefilled(use, playbook)
    sum_of = _sum(use, playbook, form.first.data, form.rest_at.data, form)
    return _use_page(use, playbook, form, sum_of, open_to_all)


@blueprint.post("/playbooks/<string(maxlength=40):key>/use", endpoint="stand_up")
@web.requires(Permission.BRANCH_STAND_UP, of=use_asked)
def stand_up(use: Use) -> Any:
    playbook = use.said()
    if playbook is None:
        return _unreadable(use)
    form = UseForm()
    form.offer(_operations(use.unit))
    if not playbook.dangerous:
        del form.insured
    if not form.validate():
        return _use_page(use, playbook, form, None), 422
    filled = form.filled(playbook)
    if "look" in request.form:
        sum_of = _sum(use, filled, form.first.data, form.rest_at.data, form)
        return _use_page(use, playbook, form, sum_of), 200 if sum_of else 422
    by = web.actor()

    def act() -> int:
        return actions.stand_up(
            filled,
            key=use.choice.key,
            unit_code=use.unit.code,
            operation_id=form.operation_id,
            insured="insured" in form and form.insured.data,
            quick_join=form.quick_join.data,
            first=form.first.data,
            rest_at=form.rest_at.data,
            secretary_id=web.the_reader().member_id,
            tz=local_zone(),
            by=by,
            now=clock.now(),
        )

    def page() -> str:
        _at_its_field(form)
        return _use_page(use, playbook, form, None)

    return web.command(
        act,
        done=lambda call_id: web.Done(
            N_("“%(name)s” stands and recruiting is open. Now share it."),
            url_for("calls.share", call_id=call_id),
            {"name": filled.branch},
        ),
        page=page,
    )


def _unreadable(use: Use) -> Any:
    flash(
        _(
            "“%(name)s” can no longer be read. Use another, or keep it again from a call.",
            name=use.choice.name,
        ),
        "refused",
    )
    return _index_page(use.unit), 422


def _operations(unit: UnitLine) -> list[tuple[str, str]]:
    return [
        (str(each.id), _("%(name)s (%(unit)s)", name=each.name, unit=each.unit_name))
        for each in branches.operations_for(unit.code)
    ]


def _prefilled(use: Use, playbook: Playbook) -> UseForm:
    """As the playbook has it: the unit's own checkpoints where it has some, the operation of its kind under way."""
    now, zone = clock.now(), local_zone()
    under_way = [each for each in branches.operations_for(use.unit.code) if each.kind == playbook.kind]
    form = UseForm(
        formdata=None,
        data={
            "operation": str(under_way[0].id) if under_way else NEW,
            "checkpoints": written_rules.write_places(queries.places(use.unit.code) or playbook.checkpoints),
            "first": rules.next_beginning(playbook, zone, now),
            "operation_name": queries.free_operation_name(use.unit.code, playbook.operation),
            "name": queries.free_branch_name(use.unit.code, playbook.branch),
            "posts": written_rules.write_posts(playbook.posts, hour_words()),
            "rest_at": rules.release(playbook, zone, now),
            "quick_join": True,
        }
        | {
            name: getattr(playbook, name)
            for name in (
                "mission",
                "title",
                "content",
                "risks",
                "kit",
                "category",
                "pattern",
                "overlap",
                "days",
            )
        },
    )
    form.offer(_operations(use.unit))
    if not playbook.dangerous:
        del form.insured
    return form


def _sum(
    use: Use, playbook: Playbook, first: datetime, rest_at: datetime | None, form: UseForm
) -> Sum | None:
    """What it comes to; None where it does not hold, the reason then stands at its field."""
    places = written_rules.read_places(form.checkpoints.data)
    try:
        body_rules.check(playbook)
        planned = rules.plan(
            playbook,
            [Spot(number, use.unit.code) for number in range(1, len(places) + 1)],
            first=first,
            rest_at=rest_at,
            skills={name: number for number, name in shifts.skills()},
            tz=local_zone(),
            now=clock.now(),
        )
    except Refused as refusal:
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [web.say(refusal)]
        else:
            flash(web.say(refusal), "refused")
        return None
    return rules.total(planned)


def _at_its_field(form: Any) -> None:
    refusal = g.get("refusal")
    if refusal and refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]


def _use_page(
    use: Use, playbook: Playbook, form: UseForm, sum_of: Sum | None, open_to_all: list[str] | None = None
) -> str:
    return render_template(
        "playbooks/use.html",
        use=use,
        unit=use.unit,
        unit_choices=_unit_choices(use.unit),
        playbook=playbook,
        form=form,
        sum=sum_of,
        open_to_all=open_to_all or [],
    )


# --- keeping one ------------------------------------------------------------------------------------------


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/keep-as-playbook")
@web.requires(Permission.BRANCH_STAND_UP, of=calls.call)
def keep(call: CallRow) -> Any:
    return _keep_page(
        call,
        KeepForm(
            formdata=None,
            data={"name": call.title.replace(call.unit_name, "").strip(" :：")[: rules.LONGEST_NAME]},
        ),
    )


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/keep-as-playbook", endpoint="keep_it")
@web.requires(Permission.BRANCH_STAND_UP, of=calls.call)
def keep_it(call: CallRow) -> Any:
    form = KeepForm()
    if not form.validate():
        return _keep_page(call, form), 422
    by, zone = web.actor(), local_zone()

    def page() -> str:
        _at_its_field(form)
        return _keep_page(call, form)

    return web.command(
        lambda: actions.keep(
            queries.of_call(call.id, zone),
            unit_code=call.unit_code,
            name=form.name.data,
            replace=form.replace.data,
            by=by,
            now=clock.now(),
        ),
        done=lambda made: web.Done(
            N_("“%(name)s” is kept for %(unit)s and all below it."),
            url_for("playbooks.kept", playbook_id=made),
            {"name": form.name.data, "unit": call.unit_name},
        ),
        page=page,
    )


def _keep_page(call: CallRow, form: KeepForm) -> str:
    try:
        playbook = rules.for_unit(queries.of_call(call.id, local_zone()), call.unit_name)
    except Refused as refusal:
        return render_template(
            "playbooks/keep.html", call=call, form=form, playbook=None, hours={}, why=web.say(refusal)
        )
    return render_template(
        "playbooks/keep.html", call=call, form=form, playbook=playbook, hours=hour_words(), why=""
    )


@blueprint.get(f"/playbooks/<int(max={MOST_ID}):playbook_id>")
@web.requires(Permission.BRANCH_STAND_UP, of=queries.kept)
def kept(row: KeptRow) -> Any:
    return _kept_page(row, RenameForm(formdata=None, data={"name": row.name}))


def _kept_page(row: KeptRow, form: RenameForm) -> str:
    said = rules.for_unit(row.playbook, row.unit_name) if row.playbook else None
    return render_template("playbooks/kept.html", row=row, playbook=said, form=form, hours=hour_words())


@blueprint.post(f"/playbooks/<int(max={MOST_ID}):playbook_id>")
@web.requires(Permission.BRANCH_STAND_UP, of=queries.kept)
def rename(row: KeptRow) -> Any:
    form = RenameForm()
    if not form.validate():
        return _kept_page(row, form), 422
    by = web.actor()

    def page() -> str:
        _at_its_field(form)
        return _kept_page(row, form)

    return web.command(
        lambda: actions.rename(row.id, form.name.data, by=by, now=clock.now()),
        done=lambda _result: web.Done(
            N_("The playbook is now named “%(name)s”."),
            url_for("playbooks.kept", playbook_id=row.id),
            {"name": form.name.data},
        ),
        page=page,
    )


@blueprint.post(f"/playbooks/<int(max={MOST_ID}):playbook_id>/retire")
@web.requires(Permission.BRANCH_STAND_UP, of=queries.kept)
def retire(row: KeptRow) -> Any:
    by = web.actor()
    return web.command(
        lambda: actions.retire(row.id, by=by, now=clock.now()),
        done=lambda _result: web.Done(
            N_("“%(name)s” is retired. What was stood up from it stays."),
            url_for("playbooks.index", unit=row.unit_code),
            {"name": row.name},
        ),
        page=lambda: _kept_page(row, RenameForm(formdata=None, data={"name": row.name})),
    )
