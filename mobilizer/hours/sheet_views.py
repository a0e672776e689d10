"""Earlier service from a sheet: an upload, what it would enter row by row, and entering it."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from mobilizer import clock, intake, sheets, web
from mobilizer.column_choice import chosen, columns_form, headings_of
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.hours import sheet, sheet_actions, sheet_queries
from mobilizer.hours.sheet_columns import FIELDS
from mobilizer.hours.sheet_forms import RecordsForm
from mobilizer.hours.sheet_planning import SheetPlan
from mobilizer.hours.sheet_queries import Place
from mobilizer.imports import actions as imports
from mobilizer.imports import queries as uploads
from mobilizer.imports import wording
from mobilizer.imports.preview import preview as previewed
from mobilizer.imports.queries import Upload
from mobilizer.inputs import local_zone
from mobilizer.intake import Columns, Sheet
from mobilizer.intake.outcomes import Outcome
from mobilizer.members.rules import covering
from mobilizer.policy import Permission
from mobilizer.sheets import Column, Table, csv_chunks

blueprint = Blueprint("record_sheets", __name__)
NOUN = "records"
BRANCH = f"/branches/<int(max={sheet_queries.LARGEST_ID}):branch_id>/records/sheet"
UNIT = "/units/<unit_code>/records/sheet"

TO_ENTER = {
    Outcome.CREATED: N_("To enter"),
    Outcome.UNCHANGED: N_("Counted already"),
    Outcome.REFUSED: N_("Refused"),
}
ENTERED = {
    Outcome.CREATED: N_("Entered"),
    Outcome.UNCHANGED: N_("Counted already"),
    Outcome.REFUSED: N_("Refused"),
}


def _place(branch_id: int | None = None, unit_code: str | None = None, token: str = "") -> Place | None:
    return sheet_queries.place(branch_id=branch_id, unit_code=unit_code)


def _parts(at: Place, **more: Any) -> dict[str, Any]:
    """The parts of an address at this place."""
    return ({"branch_id": at.branch_id} if at.branch_id else {"unit_code": at.unit_code}) | more


def _upload() -> Upload:
    """The reader's own, under the token of the address; another's is not found."""
    token = (request.view_args or {})["token"]
    found = uploads.upload(token, (NOUN,), web.the_reader().member_id, clock.now())
    if found is None:
        raise NotFound
    return found


def _sheet(name: str, content: bytes) -> Sheet:
    config = current_app.config
    return intake.read(
        content, name, max_rows=config["MAX_IMPORT_ROWS"], max_bytes=config["MAX_UPLOAD_BYTES"]
    )


def _planned(at: Place, upload: Upload, columns: Columns) -> SheetPlan:
    """What the sheet comes to now."""
    zone = local_zone()
    rows = sheet.read(columns, zone, clock.now())
    return sheet_queries.planned(columns, rows, _stem(upload), at, zone, web.the_reader().member_id)


def _stem(upload: Upload) -> str:
    return sheet_queries.stem(upload.name, upload.content)


# --- where, the template, and the upload ----------------------------------------------------------------


def _own_place() -> Place | None:
    """The first place of the reader's appointments at which they may enter sheets."""
    found = sheet_queries.places(covering(web.the_reader()).called)
    return next((each for each in found if web.can(Permission.RECORD_IMPORT, each)), None)


@blueprint.get("/records/sheet")
@web.requires(Permission.RECORD_IMPORT, of=_own_place)
def index(_first: Place) -> Any:
    found = sheet_queries.places(covering(web.the_reader()).called)
    places = [(each, _parts(each)) for each in found if web.can(Permission.RECORD_IMPORT, each)]
    return render_template("hours/sheet_places.html", places=places)


@blueprint.get(BRANCH)
@blueprint.get(UNIT)
@web.requires(Permission.RECORD_IMPORT, of=_place)
def new(at: Place) -> Any:
    return _form_page(at, RecordsForm())


def _form_page(at: Place, form: RecordsForm) -> str:
    return render_template("hours/sheet.html", at=at, parts=_parts(at), form=form)


@blueprint.get(f"{BRANCH}/template.xlsx")
@blueprint.get(f"{UNIT}/template.xlsx")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def template_xlsx(at: Place) -> Response:
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    heads = [
        Column(each.name, str(each.heading), "text")
        for each in FIELDS
        if each.name != "branch" or not at.branch_id
    ]
    table = Table(_("Service records"), heads, [])
    return web.attachment(sheets.xlsx(table), _("Service records %(place)s.xlsx", place=at.name), media)


@blueprint.post(BRANCH)
@blueprint.post(UNIT)
@web.requires(Permission.RECORD_IMPORT, of=_place)
def create(at: Place) -> Any:
    """A file that is no sheet is refused here and not kept; reading it holds no transaction."""
    form, by = RecordsForm(), web.actor()
    if not form.validate():
        return _form_page(at, form), 422
    name, content = form.file.data.filename or "", form.file.data.read()
    db.session.rollback()
    try:
        _sheet(name, content)
        begin_write()
        token = imports.keep(NOUN, name, content, unit_code=None, by=by, now=clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        form.file.errors = [web.say(refusal)]
        return _form_page(at, form), refusal.status
    return web.go(url_for("record_sheets.preview", **_parts(at, token=token)))


# --- the preview --------------------------------------------------------------------------------------


@blueprint.get(f"{BRANCH}/<token>")
@blueprint.get(f"{UNIT}/<token>")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def preview(at: Place) -> Any:
    upload = _upload()
    if upload.confirmed_at:
        onward = [(_("Another sheet"), url_for("record_sheets.new", **_parts(at)))]
        return _page("imports/result.html", at, upload, report=upload.report, OUTCOMES=ENTERED, onward=onward)
    return _preview(at, upload)


def _page(template: str, at: Place, upload: Upload, **shown: Any) -> str:
    return render_template(
        template,
        at="record_sheets",
        parts=_parts(at, token=upload.token),
        back=(_("Earlier service from a sheet"), url_for("record_sheets.new", **_parts(at))),
        upload=upload,
        **shown,
    )


def _preview(at: Place, upload: Upload, form: Any = None) -> str:
    """What would be entered; or, where the columns cannot be told, which column is which is asked first."""
    read = _sheet(upload.name, upload.content)
    try:
        columns = sheet.recognised(read, upload.mapping)
    except Refused as refusal:
        guess = intake.guess(read, FIELDS)
        return _page(
            "imports/columns.html",
            at,
            upload,
            form=form or columns_form(FIELDS, guess.headings, guess.mapping),
            fields=FIELDS,
            refusal=web.say(refusal),
            headings=dict(list(guess.headings.items())[:12]),
            sample=[[intake.text(cell)[:40] for cell in row.cells[:12]] for row in guess.sample],
        )
    plan = _planned(at, upload, columns)
    letters = {name: intake.column_letter(place) for name, place in columns.index.items()}
    shown = previewed(
        plan.report,
        wording.field_labels(FIELDS),
        request.args.get("show", ""),
        request.args.get("page", 1, type=int),
    )
    return _page(
        "imports/preview.html",
        at,
        upload,
        form=form or columns_form(FIELDS, columns.headings, letters),
        fields=FIELDS,
        how=read.how,
        shown=shown,
        skipped=len(columns.skipped),
        changes=bool(plan.services),
        confirm_label=_("Enter these service records (%(count)s)", count=len(plan.services)),
        PLANNED=TO_ENTER,
    )


@blueprint.post(f"{BRANCH}/<token>/columns")
@blueprint.post(f"{UNIT}/<token>/columns")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def set_columns(at: Place) -> Any:
    upload = _upload()
    here = url_for("record_sheets.preview", **_parts(at, token=upload.token))
    if upload.confirmed_at:
        return web.go(here)
    headings = headings_of(_sheet(upload.name, upload.content), FIELDS, upload.mapping)
    form = columns_form(FIELDS, headings, {})
    if not form.validate():
        return _preview(at, upload, form), 422
    mapping = chosen(form, FIELDS, headings)
    return web.command(
        lambda: imports.set_columns(upload.id, mapping, None),
        done=lambda _nothing: web.Done(N_("This is what would happen now."), here),
        page=lambda: _preview(at, upload, form),
    )


# --- entering it --------------------------------------------------------------------------------------


@blueprint.post(f"{BRANCH}/<token>/confirm")
@blueprint.post(f"{UNIT}/<token>/confirm")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def confirm(at: Place) -> Any:
    """The rows are read before the transaction; what they come to is decided anew within it. All of it or nothing."""
    upload, by, now, zone = _upload(), web.actor(), clock.now(), local_zone()
    here = url_for("record_sheets.preview", **_parts(at, token=upload.token))
    if upload.confirmed_at:
        return web.go(here)
    db.session.rollback()
    try:
        columns = sheet.recognised(_sheet(upload.name, upload.content), upload.mapping)
    except Refused:
        return _preview(at, upload), 422
    rows, stem = sheet.read(columns, zone, now), _stem(upload)

    def take() -> dict[str, Any]:
        report = sheet_actions.enter_sheet(columns, rows, stem=stem, at=at, zone=zone, by=by, now=now)
        return wording.kept(report)

    return web.command(
        lambda: imports.confirm(upload.id, take, now=now),
        done=lambda _mine: web.Done(N_("The records of the sheet are in the ledger."), here),
        page=lambda: _preview(at, upload),
    )


@blueprint.post(f"{BRANCH}/<token>/discard")
@blueprint.post(f"{UNIT}/<token>/discard")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def discard(at: Place) -> Any:
    upload = _upload()
    return web.command(
        lambda: imports.discard(upload.id),
        done=lambda _nothing: web.Done(
            N_("The file is deleted here."), url_for("record_sheets.new", **_parts(at))
        ),
        page=lambda: _preview(at, upload),
    )


@blueprint.get(f"{BRANCH}/<token>/refused.csv")
@blueprint.get(f"{UNIT}/<token>/refused.csv")
@web.requires(Permission.RECORD_IMPORT, of=_place)
def refused(at: Place) -> Any:
    """The refused rows under the sheet's own headings, with the reason behind."""
    upload = _upload()
    name = _("%(name)s refused rows.csv", name=upload.name.rsplit(".", 1)[0][:80])
    if upload.report is not None:
        table = wording.kept_to_mend(upload.report)
    else:
        columns = sheet.recognised(_sheet(upload.name, upload.content), upload.mapping)
        table = wording.to_mend(_planned(at, upload, columns).report)
    return web.attachment(csv_chunks(table), name, "text/csv; charset=utf-8")
