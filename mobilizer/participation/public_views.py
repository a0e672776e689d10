"""The same question as a page to publish or print: nobody named, no links, small cells hidden."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.inputs import local_zone
from mobilizer.participation import pivot_queries, public_shown, queries, shown
from mobilizer.participation.asking_views import Asked, address, asked_of, asked_place, refused
from mobilizer.participation.pivot_rules import MOST_COLUMNS, SHARES
from mobilizer.participation.publishing_rules import FEWEST, HIDDEN_MEANS, ONE_AT_A_TIME
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import ADDS_UP, FIGURES, ROUNDED, ROWS_MEAN, By, Figures, Slice
from mobilizer.policy import Permission

blueprint = Blueprint("public_reports", __name__)
MOST_ROWS = 200
"""All rows stand on one page, as what has to be hidden depends on all of them."""


@blueprint.get("/participation/public")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def page(place: Place) -> Response:
    asked, now = asked_of(place), clock.now()
    if asked.cut is not None:
        _check_public(asked, asked.cut)
    if asked.cut is None or asked.form.errors:
        return refused(asked.form)
    queries.begin_snapshot()
    total = queries.total(asked.cut)
    table = _table(asked, asked.cut, total, now)
    if table is None:
        return refused(asked.form)
    return make_response(
        render_template(
            "participation/public.html",
            place=place,
            facts=shown.facts(place.name, asked.cut, asked.names, now),
            tiles=public_shown.tiles(total),
            table=table,
            meanings=[(_(each.label), _(each.definition)) for each in FIGURES],
            notes=_notes(asked.cut),
            now=now,
            back=address(),
        )
    )


def _check_public(asked: Asked, cut: Slice) -> None:
    """Nothing about one person, and one period at a time."""
    for field, wrong in (
        (asked.form.by, cut.by == By.MEMBER),
        (asked.form.across, cut.across == By.MEMBER),
        (asked.form.member, cut.member_id is not None),
    ):
        if wrong:
            field.errors = [_("A report for publication does not tell of people one by one.")]
    if asked.beside is not None:
        asked.form.beside.errors = [_("A report for publication stands for one period alone.")]


def _table(asked: Asked, cut: Slice, total: Figures, now: datetime) -> Any:
    """None where there are more rows or columns than one page has; the form says so."""
    zone = local_zone()
    if cut.across is None:
        groups = list(queries.groups(cut, zone, total.days, limit=MOST_ROWS + 1))
        if len(groups) <= MOST_ROWS:
            return public_shown.Listed(cut, groups, total, now)
    else:
        pivot = pivot_queries.pivot(cut, total, zone, limit=MOST_ROWS + 1)
        if pivot is None:
            too_many = _("There are more than %(most)s columns. Please choose another.", most=MOST_COLUMNS)
            asked.form.across.errors = [too_many]
            return None
        if len(pivot.rows) <= MOST_ROWS:
            return public_shown.Crossed(cut, pivot, asked.form.measure, now)
    asked.form.by.errors = [
        _("There are more than %(most)s rows, too many for one page. Please choose fewer.", most=MOST_ROWS)
    ]
    return None


def _notes(cut: Slice) -> list[str]:
    hidden = [_(HIDDEN_MEANS, fewest=FEWEST), _(ONE_AT_A_TIME)]
    rows = [ROWS_MEAN[cut.by], *([ROWS_MEAN[cut.across]] if cut.across else [])]
    shares = [SHARES] if cut.across else []
    return [*hidden, *(_(text) for text in (*rows, ADDS_UP, ROUNDED, *shares))]
