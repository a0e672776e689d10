"""Standing up an action branch, proposing a temporary one: each on one page. Routes are in views.py.

A search for people is a press on another button of the same form: nothing typed is lost, no script is needed.
"""

from collections.abc import Callable
from typing import Any

from flask import g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.branches import actions
from mobilizer.branches.choice_forms import (
    checkpoint_choices,
    operation_choices,
    person_choices,
    roots,
    unit_choices,
    unit_code_in,
)
from mobilizer.branches.forms import NEW, ProposalForm, StandUpForm
from mobilizer.errors import N_
from mobilizer.policy import Permission
from mobilizer.units import queries as units
from mobilizer.units.queries import UnitLine


def unit_asked() -> UnitLine | None:
    """The unit of the address, else the reader's own."""
    asked = request.args.get("unit")
    if asked is None:
        reader = web.reader()
        own = roots(reader, Permission.BRANCH_STAND_UP) if reader else []
        asked = own[0] if own else ""
    code = unit_code_in(asked)
    return units.unit(code) if code else None


@web.requires(Permission.BRANCH_STAND_UP, of=unit_asked)
def stand_up(unit: UnitLine) -> Any:
    form = StandUpForm()
    if not form.is_submitted():
        form.secretary_id.data = web.the_reader().member_id
    return _stand_up_page(form, unit)


@web.requires(Permission.BRANCH_STAND_UP, of=unit_asked)
def create(unit: UnitLine) -> Any:
    form = StandUpForm()
    _offer(form, unit)
    if _searching(form):
        return _stand_up_page(form, unit)
    if not form.validate():
        return _stand_up_page(form, unit), 422
    by = web.actor()

    def act() -> int:
        return actions.stand_up(
            name=form.name.data,
            unit_code=unit.code,
            operation_id=_operation(form, unit, by),
            mission=form.mission.data or "",
            secretary_id=form.secretary_id.data or web.the_reader().member_id,
            checkpoints=form.new_checkpoints,
            checkpoint_ids=form.checkpoint_ids.data or (),
            by=by,
            now=clock.now(),
        )

    told = N_("“%(name)s” stands. Attach its people, then write the call.")
    return _command(form, act, told, lambda: _stand_up_page(form, unit))


@web.requires(Permission.BRANCH_STAND_UP, of=unit_asked)
def propose(unit: UnitLine) -> Any:
    return _propose_page(ProposalForm(), unit)


@web.requires(Permission.BRANCH_STAND_UP, of=unit_asked)
def create_proposal(unit: UnitLine) -> Any:
    form = ProposalForm()
    _offer(form, unit)
    if _searching(form):
        return _propose_page(form, unit)
    if not form.validate():
        return _propose_page(form, unit), 422
    by = web.actor()

    def act() -> int:
        return actions.propose(
            name=form.name.data,
            unit_code=unit.code,
            operation_id=_operation(form, unit, by),
            mission=form.mission.data or "",
            joint=form.joint.data,
            checkpoints=form.new_checkpoints,
            checkpoint_ids=form.checkpoint_ids.data or (),
            member_ids=form.member_ids.data or (),
            by=by,
            now=clock.now(),
        )

    told = N_("“%(name)s” is proposed. The organisation above decides on it.")
    return _command(form, act, told, lambda: _propose_page(form, unit))


def _searching(form: Any) -> bool:
    """Whether the search button was pressed, and not Enter in another field."""
    return "search" in request.form and bool(form.find.data)


def _operation(form: Any, unit: UnitLine, by: Any) -> int:
    if form.operation_id is not None:
        return int(form.operation_id)
    return actions.start_operation(
        form.operation_name.data, form.operation_kind.data, unit.code, by=by, now=clock.now()
    )


def _command(form: Any, act: Callable[[], int], told: str, page: Callable[[], str]) -> Any:
    def shown() -> str:
        refusal = g.get("refusal")
        if refusal and refusal.field in form:
            form[refusal.field].errors = [web.say(refusal)]
        return page()

    return web.command(
        act,
        done=lambda made: web.Done(
            told, url_for("branches.branch", branch_id=made), {"name": form.name.data}
        ),
        page=shown,
    )


def _offer(form: Any, unit: UnitLine) -> None:
    operations = operation_choices(unit.code)
    form.offer(operations, checkpoint_choices(unit.code))
    if not form.is_submitted():
        form.operation.data = str(operations[0][0]) if operations else NEW


def _stand_up_page(form: StandUpForm, unit: UnitLine) -> str:
    reader = web.the_reader()
    _offer(form, unit)
    chosen = [form.secretary_id.data] if form.secretary_id.data else []
    form.secretary_id.choices = person_choices(reader, chosen, form.find.data or "", first_self=True)
    return _page("branches/stand_up.html", form, unit)


def _propose_page(form: ProposalForm, unit: UnitLine) -> str:
    _offer(form, unit)
    chosen = form.member_ids.data or []
    form.member_ids.choices = person_choices(web.the_reader(), chosen, form.find.data or "")
    return _page("branches/propose.html", form, unit)


def _page(template: str, form: Any, unit: UnitLine) -> str:
    return render_template(
        template,
        form=form,
        unit=unit,
        unit_choices=unit_choices(web.the_reader(), Permission.BRANCH_STAND_UP, within=unit.code),
        searched=_searching(form),
    )
