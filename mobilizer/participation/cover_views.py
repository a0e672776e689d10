"""The four covers of a campaign, its checkpoints as a map and its branches as a line of time: pictures with their tables."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.errors import Refused
from mobilizer.inputs import local_zone
from mobilizer.participation import cover_queries, cover_rules, cover_shown, queries
from mobilizer.participation.asking_views import asked_place, offer_units, page_number
from mobilizer.participation.cover_forms import CoverForm
from mobilizer.participation.cover_queries import MOST_POINTS, Days
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import By, Slice, check_period
from mobilizer.policy import Permission

blueprint = Blueprint("covers", __name__)

BRANCHES = 40
"""Drawn on one page."""


@blueprint.get("/participation/covers")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def page(place: Place) -> Response:
    form = CoverForm(formdata=request.args)
    offer_units(form, place)
    asked = _days(form, place)
    if asked is None:
        response = web.page_or_fragment(*_ENVELOPES, place=place, form=form, asked=None)
        response.status_code = 422
        return response
    form.from_day.data, form.to_day.data = asked.first, asked.last
    found = _counted(asked)
    tag = web.tag_of(asked, found, clock.now().astimezone(local_zone()).date())
    if same := web.unchanged(tag):
        return same
    shown = _shown(asked, found)
    return web.tagged(web.page_or_fragment(*_ENVELOPES, place=place, form=form, asked=asked, **shown), tag)


_ENVELOPES = ("participation/covers.html", "participation/_covers.html")


def _days(form: CoverForm, place: Place) -> Days | None:
    """The days asked for; None with what is wrong in the form."""
    if not form.validate():
        return None
    today = clock.now().astimezone(local_zone()).date()
    try:
        check_period(form.from_day.data, form.to_day.data)
        return Days(place.unit_code, *cover_rules.period_of(form.from_day.data, form.to_day.data, today))
    except Refused as refusal:
        form[f"{refusal.field}_day"].errors = [web.say(refusal)]
        return None


def _counted(asked: Days) -> dict[str, Any]:
    """All that is drawn, of one moment."""
    zone = local_zone()
    cut = Slice(asked.unit_code, asked.first, asked.last, by=By.CATEGORY)
    queries.begin_snapshot()
    total = queries.total(cut)
    return {
        "total": total,
        "groups": list(queries.groups(cut, zone, total.days)),
        "heat": cover_rules.spread(cover_queries.stretches(asked), zone),
        "served": cover_queries.people_served(asked),
        "answers": cover_queries.answers(asked),
        "gates": cover_queries.gates(asked),
        "branches": cover_queries.standing(asked, zone),
    }


def _shown(asked: Days, found: dict[str, Any]) -> dict[str, Any]:
    now, heat, gates, branches = clock.now(), found["heat"], found["gates"], found["branches"]
    days = heat.days(asked.first, asked.last)
    counted = cover_rules.stood_on(branches, asked.all)
    number = min(page_number(), max(-(-len(branches) // BRANCHES), 1))
    drawn = branches[(number - 1) * BRANCHES : number * BRANCHES]
    return {
        "total": found["total"],
        "heat": heat,
        "heat_days": days,
        "heat_cells": cover_shown.cells(heat, days),
        "heat_row": cover_shown.ROW,
        "by_hour": (cover_shown.by_hour_heads(), cover_shown.by_hour(heat)),
        "matrix": cover_shown.matrix(heat, days, now),
        "categories": cover_shown.categories(found["groups"]),
        "people": cover_shown.people(found["served"], now),
        "quality": cover_shown.quality(found["answers"]),
        "map": cover_shown.map_of(gates[:MOST_POINTS], _of_gate(asked)),
        "more_gates": len(gates) > cover_shown.LISTED,
        "all_gates": _address("participation.page", asked, by=str(By.CHECKPOINT)),
        "standing_series": cover_shown.standing_series(counted, asked.all),
        "standing": cover_shown.standing_rows(counted, asked.all, now),
        "bars": cover_shown.bars(drawn, asked.all),
        "branch_table": cover_shown.branch_rows(drawn, now),
        "previous": _address("covers.page", asked, page=number - 1) if number > 1 else None,
        "next": _address("covers.page", asked, page=number + 1)
        if number * BRANCHES < len(branches)
        else None,
        "pages": _("Page %(page)s of %(pages)s", page=number, pages=max(-(-len(branches) // BRANCHES), 1)),
        "back": _address("participation.page", asked),
    }


def _of_gate(asked: Days) -> Any:
    return lambda gate: _address("participation.page", asked, checkpoint=gate, by=str(By.DAY))


def _address(endpoint: str, asked: Days, **more: Any) -> str:
    days: dict[str, Any] = {"from": asked.first.isoformat(), "to": asked.last.isoformat()}
    return url_for(endpoint, unit=asked.unit_code, **days, **more)
