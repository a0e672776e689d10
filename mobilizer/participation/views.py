"""The participation page, and the same table as a download."""

from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import flask
from flask import Blueprint, Response, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.inputs import local_zone
from mobilizer.participation import actions, exports, queries, shown
from mobilizer.participation.forms import SliceForm
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import BY_LABELS, FIGURES, By, Slice, check_period
from mobilizer.policy import Permission, allows, covers

blueprint = Blueprint("participation", __name__)

ROWS = 200
PARTS = ("from", "to", "unit", "by", "category", "operation", "branch")
_INDENT = {"district": "", "town": "\u2003", "village": "\u2003\u2003", "grid": "\u2003\u2003\u2003"}


def asked_place() -> Place | None:
    """The unit that ?unit= names, or the highest that the reader may count."""
    code = request.args.get("unit", "").strip() or next(iter(_own_codes()), "")
    return queries.place(code) if 0 < len(code) <= 20 and code.isprintable() else None


def _own_codes() -> list[str]:
    """The units that the reader's appointments open, highest first."""
    codes = {grant.unit_code for grant in web.the_reader().grants if grant.unit_code}
    mine = [
        code for code in codes if allows(web.the_reader(), Permission.PARTICIPATION_READ, Place(code, "", ""))
    ]
    return sorted(mine, key=lambda code: (len(code), code))


class Asked(NamedTuple):
    """A form that was read, the slice it asks for if it is right, and the names of its further filters."""

    form: SliceForm
    cut: Slice | None
    branch_name: str | None
    operation_name: str | None


def _asked(place: Place) -> Asked:
    """Shape, meaning and the names behind the numbers; what is wrong stands in the form's errors."""
    form = SliceForm(formdata=request.args)
    own = _own_codes()
    form.unit.choices = [
        SelectChoice(each.unit_code, _INDENT[each.level] + each.name)
        for each in queries.places_around(place.unit_code, own)
        if any(covers(code, each.unit_code) for code in own)
    ]
    form.unit.data = place.unit_code
    operations = {str(key): name for key, name in queries.operations(place.unit_code)}
    form.operation.choices = [
        SelectChoice("", _("all")),
        *(SelectChoice(key, name) for key, name in operations.items()),
    ]
    if not form.validate():
        return Asked(form, None, None, None)
    cut = form.cut(place.unit_code)
    branch = queries.branch_name(cut.branch_id, place.unit_code) if cut.branch_id is not None else None
    operation = operations.get(str(cut.operation_id)) if cut.operation_id is not None else None
    try:
        check_period(cut.from_day, cut.to_day)
    except Refused as refusal:
        form[f"{refusal.field}_day"].errors = [web.say(refusal)]
    if cut.branch_id is not None and branch is None:
        form.branch.errors = [_("This branch has nothing to do with the unit.")]
    if cut.operation_id is not None and operation is None:
        form.operation.errors = [_("Please choose one of the list.")]
    return Asked(form, None if form.errors else cut, branch, operation)


# --- the page -----------------------------------------------------------------------------------------


@blueprint.get("/participation")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def page(place: Place) -> Response:
    asked = _asked(place)
    context: dict[str, Any] = {
        "place": place,
        "form": asked.form,
        "branch_name": asked.branch_name,
        "cut": None,
    }
    if asked.cut is not None:
        context |= _counted(asked.cut, asked)
    response = web.page_or_fragment("participation/page.html", "participation/_participation.html", **context)
    if asked.cut is None:
        response.status_code = 422
    elif web.is_htmx():
        response.headers["HX-Push-Url"] = request.full_path.rstrip("?")
    return response


def _counted(cut: Slice, asked: Asked) -> dict[str, Any]:
    zone, number, now = local_zone(), _page_number(), clock.now()
    queries.begin_snapshot()
    total = queries.total(cut)
    found = list(
        queries.groups(cut, zone, total.days, limit=ROWS + 1, offset=(number - 1) * ROWS)
        if total or cut.by == By.BRANCH
        else ()
    )
    branches = queries.branches_stood(cut, zone)
    groups = found[:ROWS]
    return {
        "cut": cut,
        "tiles": shown.tiles(total),
        "branches": branches,
        "total": total,
        "heads": shown.heads(cut.by),
        "rows": [shown.table_row(cut, group, _address, now) for group in groups],
        "total_row": shown.total_row(cut.by, total),
        "first_row": (number - 1) * ROWS + 1,
        "previous": _address(page=number - 1) if number > 1 else None,
        "next": _address(page=number + 1) if len(found) > ROWS else None,
        "quick": shown.quick_links(cut, now.astimezone(zone).date(), _address),
        "files": [
            (_("Download %(form)s", form=form.upper()), _address(f"participation.{form}", page=None))
            for form in exports.WRITERS
        ],
        "without_branch": _address(branch=None, page=None) if asked.branch_name else None,
        "bars": shown.bars(cut, groups) if number == 1 and cut.by != By.DAY else [],
        "timeline": shown.timeline(groups) if number == 1 and cut.by == By.DAY else None,
        "meanings": [(_(each.label), _(each.definition)) for each in FIGURES],
        "meaning": exports.definitions(cut.by),
        "grouping": BY_LABELS[cut.by],
    }


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1


def _address(endpoint: str = "participation.page", **changed: Any) -> str:
    """The asked slice with something changed; None takes a part away."""
    kept = {name: request.args[name] for name in PARTS if request.args.get(name)}
    return url_for(endpoint, **(kept | changed))


# --- downloads ----------------------------------------------------------------------------------------


@blueprint.get("/participation.csv")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def csv(place: Place) -> Response:
    return _download(place, "csv")


@blueprint.get("/participation.xlsx")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def xlsx(place: Place) -> Response:
    return _download(place, "xlsx")


@blueprint.get("/participation.json", endpoint="json")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def as_json(place: Place) -> Response:
    return _download(place, "json")


def _download(place: Place, form: str) -> Response:
    """Streams from the cursor. That it was taken is journalled first, in a short write of its own."""
    asked = _asked(place)
    if asked.cut is None:
        return _refused(asked.form)
    now = clock.now()
    _journal(asked.cut, form, now)
    queries.begin_snapshot()
    zone = local_zone()
    total = queries.total(asked.cut)
    report = exports.Report(
        cut=asked.cut,
        total=total,
        branches=queries.branches_stood(asked.cut, zone),
        groups=queries.groups(asked.cut, zone, total.days),
        taken_at=now.astimezone(zone),
        unit_name=place.name,
        branch_name=asked.branch_name,
        operation_name=asked.operation_name,
    )
    chunks = exports.WRITERS[form](report)
    first = next(chunks)  # a fault shows itself as an error, not as half a file
    body = stream_with_context(chain((first,), chunks))
    return web.attachment(body, exports.file_name(report, form), exports.MEDIA_TYPES[form])


def _refused(form: SliceForm) -> Response:
    words = [f"{form[name].label.text}: {'; '.join(map(str, said))}" for name, said in form.errors.items()]
    page = flask.render_template("error.html", title=_("Please look at this again"), text=" ".join(words))
    return flask.make_response(page, 422)


def _journal(cut: Slice, form: str, now: datetime) -> None:
    db.session.rollback()
    try:
        begin_write()
        actions.note_export(cut, form, by=web.actor(), now=now)
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        if not web.lost_race(error):
            raise
        raise Refused(*web.BUSY, status=503) from error
