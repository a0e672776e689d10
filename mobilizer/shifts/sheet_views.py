"""Shifts from a sheet: a template to fill in, an upload, what it would lay out row by row, and laying it out."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from mobilizer import clock, intake, sheets, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.column_choice import chosen, columns_form, headings_of
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.imports import actions as imports
from mobilizer.imports import queries as uploads
from mobilizer.imports import wording
from mobilizer.imports.preview import preview as previewed
from mobilizer.imports.queries import Upload
from mobilizer.inputs import local_zone
from mobilizer.intake import Columns, Sheet
from mobilizer.intake.outcomes import Outcome
from mobilizer.policy import Permission
from mobilizer.sheets import Column, Table, csv_chunks
from mobilizer.shifts import actions, call_queries, queries, rules, sheet
from mobilizer.shifts.columns import FIELDS
from mobilizer.shifts.rules import Spot
from mobilizer.shifts.sheet_forms import SheetForm

blueprint = Blueprint("shift_sheets", __name__)
CALL = f"/calls/<int(max={2**31 - 1}):call_id>/shifts/sheet"
NOUN = "shifts"
EXAMPLE = ("08:00", "16:00", 2, 1)

NEW = {
    Outcome.CREATED: N_("New"),
    Outcome.UNCHANGED: N_("There already"),
    Outcome.REFUSED: N_("Refused"),
}
LAID_OUT = {
    Outcome.CREATED: N_("Laid out"),
    Outcome.UNCHANGED: N_("There already"),
    Outcome.REFUSED: N_("Refused"),
}


def _call(call_id: int, token: str = "") -> CallRow | None:
    return calls.call(call_id)


def _upload() -> Upload:
    """The reader's own, under the token of the address; another's is not found."""
    token = (request.view_args or {})["token"]
    found = uploads.upload(token, (NOUN,), web.the_reader().member_id, clock.now())
    if found is None:
        raise NotFound
    return found


def _sheet(name: str, content: bytes) -> Sheet:
    """Bounded by what is laid out at once: more rows than that are refused as they are read."""
    return intake.read(
        content, name, max_rows=rules.MOST_SHIFTS, max_bytes=current_app.config["MAX_UPLOAD_BYTES"]
    )


def _planned(call: CallRow, columns: Columns) -> sheet.SheetPlan:
    """What the sheet comes to now."""
    known = sheet.Known(
        [(each.name, Spot(each.id, each.unit_code)) for each in queries.checkpoints(call.branch_id)],
        queries.skills(),
        {
            (each.checkpoint_id, each.starts_at, each.ends_at, each.post): each.capacity
            for each in call_queries.originals(call.id)
        },
        local_zone(),
    )
    return sheet.plan(columns, known, clock.now())


# --- the template, and the upload ---------------------------------------------------------------------


@blueprint.get(CALL)
@web.requires(Permission.CALL_EDIT, of=_call)
def new(call: CallRow) -> Any:
    return _form_page(call, SheetForm())


def _form_page(call: CallRow, form: SheetForm) -> str:
    places = queries.checkpoints(call.branch_id)
    return render_template("shifts/sheet.html", call=call, form=form, places=places)


def _template(call: CallRow) -> Table:
    """A row for each checkpoint, as an example of tomorrow; the days are real ones."""
    tomorrow = clock.now().astimezone(local_zone()).date() + timedelta(days=1)
    start, end, seats, least = EXAMPLE
    kinds = {"day": "date", "seats": "integer", "least": "integer"}
    notes = [
        (_("Starts, Ends"), _("08:00, 24:00. An end that is not after the start is on the next day.")),
        (_("Post"), _("May be left empty: registration, temperature, order, night watch.")),
        (_("Seats, At least"), _("How many can sign up, and from how many on the shift is covered.")),
    ]
    if skills := queries.skills():
        notes.append((_("Skill needed"), _(", ").join(name for _key, name in skills[:50])))
    return Table(
        _("Shifts"),
        [Column(each.name, str(each.heading), kinds.get(each.name, "text")) for each in FIELDS],  # type: ignore[arg-type]
        [
            (tomorrow, start, end, place.name, None, seats, least, None)
            for place in queries.checkpoints(call.branch_id)
        ],
        notes,
        notes_title=_("Notes"),
    )


@blueprint.get(f"{CALL}/template.xlsx")
@web.requires(Permission.CALL_EDIT, of=_call)
def template_xlsx(call: CallRow) -> Response:
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return web.attachment(sheets.xlsx(_template(call)), _("Shifts %(call)s.xlsx", call=call.title), media)


@blueprint.get(f"{CALL}/template.csv")
@web.requires(Permission.CALL_EDIT, of=_call)
def template_csv(call: CallRow) -> Response:
    """Without the notes, which would be rows when it comes back."""
    table = _template(call)
    bare = Table(table.title, table.columns, table.rows)
    name = _("Shifts %(call)s.csv", call=call.title)
    return web.attachment(csv_chunks(bare), name, "text/csv; charset=utf-8")


@blueprint.post(CALL)
@web.requires(Permission.CALL_EDIT, of=_call)
def create(call: CallRow) -> Any:
    """A file that is no sheet is refused here and not kept; reading it holds no transaction."""
    form, by = SheetForm(), web.actor()
    if not form.validate():
        return _form_page(call, form), 422
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
        return _form_page(call, form), refusal.status
    return web.go(url_for("shift_sheets.preview", call_id=call.id, token=token))


# --- the preview --------------------------------------------------------------------------------------


@blueprint.get(f"{CALL}/<token>")
@web.requires(Permission.CALL_EDIT, of=_call)
def preview(call: CallRow) -> Any:
    upload = _upload()
    if upload.confirmed_at:
        onward = [
            (_("The call"), url_for("calls.call", call_id=call.id)),
            (_("Another sheet"), url_for("shift_sheets.new", call_id=call.id)),
        ]
        return _page(
            "imports/result.html", call, upload, report=upload.report, OUTCOMES=LAID_OUT, onward=onward
        )
    return _preview(call, upload)


def _page(template: str, call: CallRow, upload: Upload, **shown: Any) -> str:
    return render_template(
        template,
        at="shift_sheets",
        parts={"call_id": call.id, "token": upload.token},
        back=(_("From a sheet"), url_for("shift_sheets.new", call_id=call.id)),
        upload=upload,
        **shown,
    )


def _preview(call: CallRow, upload: Upload, form: Any = None) -> str:
    """What would be laid out; or, where the columns cannot be told, which column is which is asked first."""
    read = _sheet(upload.name, upload.content)
    try:
        columns = intake.recognise(read, FIELDS, upload.mapping)
    except Refused as refusal:
        guess = intake.guess(read, FIELDS)
        return _page(
            "imports/columns.html",
            call,
            upload,
            form=form or columns_form(FIELDS, guess.headings, guess.mapping),
            fields=FIELDS,
            refusal=web.say(refusal),
            headings=dict(list(guess.headings.items())[:12]),
            sample=[[intake.text(cell)[:40] for cell in row.cells[:12]] for row in guess.sample],
        )
    plan = _planned(call, columns)
    letters = {name: intake.column_letter(at) for name, at in columns.index.items()}
    shown = previewed(
        plan.report,
        wording.field_labels(FIELDS),
        request.args.get("show", ""),
        request.args.get("page", 1, type=int),
    )
    return _page(
        "imports/preview.html",
        call,
        upload,
        form=form or columns_form(FIELDS, columns.headings, letters),
        fields=FIELDS,
        how=read.how,
        shown=shown,
        skipped=len(columns.skipped),
        changes=bool(plan.planned),
        confirm_label=_("Lay out these shifts (%(count)s)", count=len(plan.planned)),
        PLANNED=NEW,
    )


@blueprint.post(f"{CALL}/<token>/columns")
@web.requires(Permission.CALL_EDIT, of=_call)
def set_columns(call: CallRow) -> Any:
    upload = _upload()
    here = url_for("shift_sheets.preview", call_id=call.id, token=upload.token)
    if upload.confirmed_at:
        return web.go(here)
    headings = headings_of(_sheet(upload.name, upload.content), FIELDS, upload.mapping)
    form = columns_form(FIELDS, headings, {})
    if not form.validate():
        return _preview(call, upload, form), 422
    mapping = chosen(form, FIELDS, headings)
    return web.command(
        lambda: imports.set_columns(upload.id, mapping, None),
        done=lambda _nothing: web.Done(N_("This is what would happen now."), here),
        page=lambda: _preview(call, upload, form),
    )


# --- laying it out ------------------------------------------------------------------------------------


@blueprint.post(f"{CALL}/<token>/confirm")
@web.requires(Permission.CALL_EDIT, of=_call)
def confirm(call: CallRow) -> Any:
    """The rows are read before the transaction; what they come to is decided anew within it. One lay-out."""
    upload, by = _upload(), web.actor()
    here = url_for("shift_sheets.preview", call_id=call.id, token=upload.token)
    if upload.confirmed_at:
        return web.go(here)
    db.session.rollback()
    try:
        columns = intake.recognise(_sheet(upload.name, upload.content), FIELDS, upload.mapping)
    except Refused:
        return _preview(call, upload), 422

    def take() -> dict[str, Any]:
        plan = _planned(call, columns)
        actions.lay_out(call.id, plan.planned, by=by, now=clock.now())
        return wording.kept(plan.report)

    return web.command(
        lambda: imports.confirm(upload.id, take, now=clock.now()),
        done=lambda _mine: web.Done(N_("The shifts of the sheet are laid out."), here),
        page=lambda: _preview(call, upload),
    )


@blueprint.post(f"{CALL}/<token>/discard")
@web.requires(Permission.CALL_EDIT, of=_call)
def discard(call: CallRow) -> Any:
    upload = _upload()
    return web.command(
        lambda: imports.discard(upload.id),
        done=lambda _nothing: web.Done(
            N_("The file is deleted here."), url_for("shift_sheets.new", call_id=call.id)
        ),
        page=lambda: _preview(call, upload),
    )


@blueprint.get(f"{CALL}/<token>/refused.csv")
@web.requires(Permission.CALL_EDIT, of=_call)
def refused(call: CallRow) -> Any:
    """The refused rows under the sheet's own headings, with the reason behind."""
    upload = _upload()
    name = _("%(name)s refused rows.csv", name=upload.name.rsplit(".", 1)[0][:80])
    if upload.report is not None:
        table = wording.kept_to_mend(upload.report)
    else:
        read = _sheet(upload.name, upload.content)
        table = wording.to_mend(_planned(call, intake.recognise(read, FIELDS, upload.mapping)).report)
    return web.attachment(csv_chunks(table), name, "text/csv; charset=utf-8")
