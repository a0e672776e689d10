"""Saved reports: a question with a name and a link. Whoever opens it counts anew, by their own right."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone
from mobilizer.participation import saved_actions, saved_queries, shown
from mobilizer.participation.asking_views import (
    Asked,
    address,
    asked_of,
    asked_place,
    own_codes,
    page_number,
    refused,
)
from mobilizer.participation.forms import PARTS
from mobilizer.participation.period_rules import Moving, days_meant
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import Slice
from mobilizer.participation.saved_forms import NameForm, SaveForm
from mobilizer.participation.saved_queries import PAGE, SavedRow
from mobilizer.policy import Permission

blueprint = Blueprint("saved_reports", __name__)
ONE = "/participation/saved/<int(max=2147483647):report_id>"
MOVING = "days"
"""The part of a kept question that says which days are meant, where they move with the calendar."""


@blueprint.get("/participation/saved")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def index(_place: Place) -> str:
    return _list_page()


def _list_page() -> str:
    who, number = web.the_reader().member_id, page_number()
    others = saved_queries.of_others(who, own_codes(), page=number)
    endpoint = "saved_reports.index"
    return render_template(
        "participation/saved.html",
        mine=saved_queries.mine(who) if number == 1 else [],
        others=others[:PAGE],
        number=number,
        previous=url_for(endpoint, page=number - 1) if number > 1 else None,
        next=url_for(endpoint, page=number + 1) if len(others) > PAGE else None,
    )


@blueprint.get(ONE)
@web.requires(Permission.PARTICIPATION_READ, of=saved_queries.saved)
def opened(report: SavedRow) -> Response:
    return web.go(url_for("participation.page", **_parts(report.question)))


def _parts(question: str) -> dict[str, Any]:
    """The parts of the address that the kept question stands for today."""
    kept = dict(parse_qsl(question))
    parts: dict[str, Any] = {name: value for name, value in kept.items() if name in PARTS}
    if kept.get(MOVING) in list(Moving):
        first, last = days_meant(Moving(kept[MOVING]), clock.now().astimezone(local_zone()).date())
        parts |= {"from": first.isoformat(), "to": last.isoformat()}
    return parts


# --- saving one ---------------------------------------------------------------------------------------


@blueprint.get("/participation/saved/new")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def new(place: Place) -> Response:
    asked = asked_of(place)
    return _new_page(place, asked, asked.cut, SaveForm(formdata=None)) if asked.cut else refused(asked.form)


@blueprint.post("/participation/saved/new", endpoint="save")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def save(place: Place) -> Response:
    asked, by, now = asked_of(place), web.actor(), clock.now()
    cut = asked.cut
    if cut is None:
        return refused(asked.form)
    form = SaveForm()
    if not form.validate():
        return _new_page(place, asked, cut, form, 422)
    question = _question(place, form.moving)
    return web.command(
        lambda: saved_actions.save(form.name.data, question, place.unit_code, by=by, now=now),
        done=lambda _made: web.Done(
            N_("Saved: %(name)s. Whoever opens it counts anew."),
            url_for("saved_reports.index"),
            {"name": form.name.data},
        ),
        page=lambda: _new_page(place, asked, cut, _with_refusal(form)),
    )


def _question(place: Place, moving: Moving | None) -> str:
    """The parts of the address that were asked, in their order, with the unit that was meant."""
    kept = {name: request.args[name] for name in PARTS if request.args.get(name)} | {"unit": place.unit_code}
    if moving is not None:
        kept = {name: value for name, value in kept.items() if name not in ("from", "to")}
        kept[MOVING] = moving
    return urlencode(kept)


def _new_page(place: Place, asked: Asked, cut: Slice, form: SaveForm, status: int = 200) -> Response:
    form.offer()
    page = render_template(
        "participation/save.html",
        form=form,
        facts=shown.facts(place.name, cut, asked.names, clock.now()),
        action=address("saved_reports.save"),
        back=address(),
    )
    return make_response(page, status)


def _with_refusal(form: Any) -> Any:
    refusal: Refused = g.refusal
    if refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]
    return form


# --- changing one -------------------------------------------------------------------------------------


@blueprint.get(f"{ONE}/edit")
@web.requires(Permission.REPORT_EDIT, of=saved_queries.saved)
def edit(report: SavedRow) -> Response:
    return _edit_page(report, NameForm(formdata=None, data={"name": report.name}))


@blueprint.post(f"{ONE}/edit", endpoint="rename")
@web.requires(Permission.REPORT_EDIT, of=saved_queries.saved)
def rename(report: SavedRow) -> Response:
    form, by, now = NameForm(), web.actor(), clock.now()
    if not form.validate():
        return _edit_page(report, form, 422)
    return web.command(
        lambda: saved_actions.rename(report.id, form.name.data, by=by, now=now),
        done=lambda _nothing: web.Done(
            N_("Renamed: %(name)s."), url_for("saved_reports.index"), {"name": form.name.data}
        ),
        page=lambda: _edit_page(report, _with_refusal(form)),
    )


def saved_or_gone() -> SavedRow | None:
    """The report that the form names. Whoever deletes it twice is answered alike, so one that is gone is nobody else's."""
    typed = request.form.get("report", "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        return None
    gone = SavedRow(int(typed), "", "", "", "", web.the_reader().member_id, "", clock.now())
    return saved_queries.saved(int(typed)) or gone


@blueprint.post("/participation/saved/delete", endpoint="delete")
@web.requires(Permission.REPORT_EDIT, of=saved_or_gone)
def delete(report: SavedRow) -> Response:
    by, now = web.actor(), clock.now()
    return web.command(
        lambda: saved_actions.remove(report.id, by=by, now=now),
        done=lambda name: web.Done(N_("Deleted: %(name)s."), url_for("saved_reports.index"), {"name": name}),
        page=_list_page,
    )


def _edit_page(report: SavedRow, form: NameForm, status: int = 200) -> Response:
    return make_response(render_template("participation/saved_report.html", report=report, form=form), status)
