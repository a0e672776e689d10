"""Operations: those near the reader, starting one, ending one with all that serves it. Routes are in views.py."""

from dataclasses import dataclass
from typing import Any

from flask import g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.branches import actions, queries
from mobilizer.branches.choice_forms import unit_choices, unit_code_in
from mobilizer.branches.forms import OperationForm
from mobilizer.errors import N_
from mobilizer.policy import Permission
from mobilizer.units import queries as units


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """A unit that was asked for and is not there: nobody's appointment covers it."""

    unit_code: None = None
    branch_id: None = None


def unit_sent() -> units.UnitLine | _Nowhere:
    code = unit_code_in(request.form.get("unit"))
    return (units.unit(code) if code else None) or _Nowhere()


@web.requires(Permission.UNIT_READ)
def index() -> Any:
    return _page(_form())


@web.requires(Permission.OPERATION_START, of=unit_sent)
def start(unit: units.UnitLine) -> Any:
    form = _form()
    if not form.validate():
        return _page(form), 422
    by = web.actor()

    def page() -> Any:
        refusal = g.get("refusal")
        if refusal and refusal.field in form:
            form[refusal.field].errors = [web.say(refusal)]
        return _page(form)

    return web.command(
        lambda: actions.start_operation(
            form.operation_name.data, form.operation_kind.data, unit.code, by=by, now=clock.now()
        ),
        done=lambda _id: web.Done(
            N_("The operation “%(name)s” has started. Now stand up its branches."),
            url_for("branches.operations"),
            {"name": form.operation_name.data},
        ),
        page=page,
    )


@web.requires(Permission.OPERATION_END, of=queries.operation)
def end(operation: queries.OperationRow) -> Any:
    by = web.actor()
    return web.command(
        lambda: actions.end_operation(operation.id, by=by, now=clock.now()),
        done=lambda _result: web.Done(
            N_("“%(name)s” has ended, and with it its branches. Thank you all."),
            url_for("branches.operations"),
            {"name": operation.name},
        ),
        page=lambda: _page(_form()),
    )


def _form() -> OperationForm:
    form = OperationForm()
    form.offer(unit_choices(web.the_reader(), Permission.OPERATION_START))
    return form


def _page(form: OperationForm) -> str:
    rows = queries.operations(web.the_reader())
    return render_template(
        "branches/operations.html",
        form=form,
        current=[row for row in rows if row.ended_at is None],
        ended=[row for row in rows if row.ended_at is not None],
    )
