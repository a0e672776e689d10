"""Files of participation: the question in each format, the rows behind it, and whether an older file still holds."""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext

from mobilizer import clock, languages, web
from mobilizer.errors import N_
from mobilizer.jobs import actions as jobs
from mobilizer.participation import (
    actions,
    checksum_queries,
    exporting,
    exports,
    hours_file,
    naming,
    queries,
    shown,
)
from mobilizer.participation.asking_views import address, asked_of, asked_place, refused
from mobilizer.participation.hours_file_rules import HoursFile
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import BY_LABELS, By, Slice
from mobilizer.policy import Permission

blueprint = Blueprint("participation_files", __name__)

_HEAD = re.compile(r"([0-9]{6}):([0-9]{1,9})")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
FORMS = (*exports.ALL_WRITERS, exporting.HOURS)


def layout() -> HoursFile:
    """The columns of this installation's hours file."""
    return hours_file.load(current_app.config["HOURS_FILE"])


# --- each file at an address of its own -------------------------------------------------------------------


@blueprint.get("/participation.csv")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def csv(place: Place) -> Response:
    return _file(place, "csv")


@blueprint.get("/participation.xlsx")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def xlsx(place: Place) -> Response:
    return _file(place, "xlsx")


@blueprint.get("/participation.json", endpoint="json")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def as_json(place: Place) -> Response:
    return _file(place, "json")


@blueprint.get("/participation/records.csv")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def records_csv(place: Place) -> Response:
    return _file(place, "records.csv")


@blueprint.get("/participation/hours-file", endpoint="hours_file")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def as_hours_file(place: Place) -> Response:
    return _file(place, exporting.HOURS)


def _file(place: Place, form: str) -> Response:
    """Streams from the cursor. That it was taken is journalled first, in a short write of its own; what takes long is offered as a
    file that is made beside the pages."""
    asked = asked_of(place)
    if asked.cut is None:
        return refused(asked.form)
    columns, personal = layout(), _personal(form)
    _require(place, form, columns, personal)
    if exporting.is_long(asked.cut, form):
        return make_response(_offer(place, asked.cut, form, personal), 409)
    what, now, cut = _what(place, asked.cut, asked.names, form, personal), clock.now(), asked.cut
    web.write(lambda: actions.note_export(cut, form, personal=personal, by=web.actor(), now=now))
    chunks = exporting.chunks(what, columns, now=now)
    first = next(chunks)  # a fault shows itself as an error, not as half a file
    return web.attachment(stream_with_context(chain((first,), chunks)), *exporting.named(what, columns))


def _personal(form: str) -> bool:
    return form == exporting.HOURS or (form in exports.WITH_RECORDS and "names" in request.values)


def _require(place: Place, form: str, columns: HoursFile, personal: bool) -> None:
    """The last permission that is asked for is the one that the journal keeps."""
    for permission in reversed(exporting.permissions(form, columns, personal=personal)):
        web.require(permission, place)


def _what(place: Place, cut: Slice, names: Mapping[By, str], form: str, personal: bool) -> dict[str, Any]:
    site = current_app.config["PUBLIC_ADDRESS"] or request.host_url.rstrip("/")
    return exporting.asked(cut, form, personal=personal, unit_name=place.name, names=names, site=site)


# --- what takes long --------------------------------------------------------------------------------------


def _offer(place: Place, cut: Slice, form: str, personal: bool) -> str:
    names = {"names": "1"} if personal else {}
    return render_template(
        "participation/long.html",
        place=place,
        fields={"form": form} | names,
        action=address("participation_files.ask", page=None),
        back=address("participation_files.files", page=None),
    )


@blueprint.post("/participation/files/ask")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def ask(place: Place) -> Response:
    asked, form = asked_of(place), request.form.get("form", "")
    if asked.cut is None or form not in FORMS:
        return refused(asked.form)
    columns, personal, cut = layout(), _personal(form), asked.cut
    _require(place, form, columns, personal)
    what, now = _what(place, cut, asked.names, form, personal), clock.now()
    name, media_type = exporting.named(what, columns)

    def act() -> int:
        actions.note_export(cut, form, personal=personal, by=web.actor(), now=now)
        return jobs.ask(
            exporting.NAME,
            what,
            file_name=name,
            media_type=media_type,
            by=web.actor(),
            language=languages.current(),
            now=now,
        )

    return web.command(
        act,
        done=lambda job_id: web.Done(N_("The file is being made."), url_for("jobs.one", job_id=job_id)),
        page=lambda: _offer(place, cut, form, personal),
    )


# --- all of them on one page --------------------------------------------------------------------------------


@blueprint.get("/participation/files")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def files(place: Place) -> Response:
    asked = asked_of(place)
    if asked.cut is None:
        return refused(asked.form)
    may = bool(web.can(Permission.MEMBER_READ, place))
    hours = hours_file.needed(layout())
    return make_response(
        render_template(
            "participation/files.html",
            place=place,
            cut=asked.cut,
            facts=[
                (_("Unit"), place.name),
                (_("Which days"), shown.period(asked.cut, clock.now())),
                (_("Grouped by"), _(BY_LABELS[asked.cut.by])),
                *naming.filters_said(asked.cut, asked.names),
            ],
            figures=_links(exports.WRITERS),
            records=[(_("The rows as CSV"), address("participation_files.records_csv", page=None))],
            named=_named() if may else [],
            hours=[(_("The hours file"), address("participation_files.hours_file", page=None))]
            if all(web.can(each, place) for each in hours)
            else [],
            compared=_compared(asked.cut),
            back=address(page=None),
        )
    )


def _links(forms: Any) -> list[tuple[str, str]]:
    return [
        (_("Download %(form)s", form=form.upper()), address(f"participation_files.{form}", page=None))
        for form in forms
    ]


def _named() -> list[tuple[str, str]]:
    return [
        (_("XLSX with names"), address("participation_files.xlsx", page=None, names="1")),
        (_("The rows as CSV, with names"), address("participation_files.records_csv", page=None, names="1")),
    ]


def _compared(cut: Slice) -> tuple[str, str] | None:
    """(kind, words) of what an older file's line "Compare" leads to: whether its rows are still those of the ledger."""
    was, heads = request.args.get("was", ""), dict(_HEAD.findall(request.args.get("at", "")))
    if not _CHECKSUM.fullmatch(was):
        return None
    queries.begin_snapshot()
    until = {code: int(last) for code, last in heads.items()}
    then = checksum_queries.behind(cut, until=until)
    if then.checksum != was:
        return "warning", _(
            "The file was made from other rows than the ledger has for this question: it was asked otherwise, or it is not of "
            "this ledger."
        )
    more = checksum_queries.behind(cut).count - then.count
    if more:
        return "note", ngettext(
            "The rows of the file stand in the ledger as they were. %(num)s row has been written since.",
            "The rows of the file stand in the ledger as they were. %(num)s rows have been written since.",
            more,
        )
    return "done", _("The rows of the file are those that the ledger has now: the same figures come out.")
