"""Upload, see what would happen row by row, confirm, take the refused rows home."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import clock, intake, web
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.imports import actions, queries, wording
from mobilizer.imports.forms import UploadForm, columns_form
from mobilizer.imports.nouns import NOUNS, Noun
from mobilizer.imports.preview import preview as previewed
from mobilizer.imports.queries import Upload
from mobilizer.inputs import local_zone
from mobilizer.intake import Columns, Row, Sheet
from mobilizer.intake.outcomes import Report
from mobilizer.policy import Permission
from mobilizer.sheets import csv_chunks
from mobilizer.units import queries as units

blueprint = Blueprint("imports", __name__)


def _own_upload(token: str) -> Upload | None:
    """The reader's own; another administrator's is not found."""
    return queries.upload(token, web.the_reader().member_id, clock.now())


def _unit_choices() -> list[SelectChoice]:
    """Every unit but the grids, set in by its level."""
    return [SelectChoice(unit.code, units.indented(unit)) for unit in units.choices()]


def _sheet(name: str, content: bytes) -> Sheet:
    config = current_app.config
    return intake.read(
        content, name, max_rows=config["MAX_IMPORT_ROWS"], max_bytes=config["MAX_UPLOAD_BYTES"]
    )


@blueprint.get("/import")
@web.requires(Permission.ROSTER_IMPORT)
def new() -> Any:
    form = UploadForm().offer(_unit_choices())
    return render_template("imports/new.html", form=form)


@blueprint.post("/import", endpoint="create")
@web.requires(Permission.ROSTER_IMPORT)
def create() -> Any:
    """A file that is no sheet is refused here and not kept; reading it holds no transaction."""
    form = UploadForm().offer(_unit_choices())
    if not form.validate():
        return render_template("imports/new.html", form=form), 422
    noun = form.noun.data
    web.require(NOUNS[noun].permission)
    name, content = form.file.data.filename or "", form.file.data.read()
    unit_code = (form.unit.data or None) if NOUNS[noun].has_own_unit else None
    db.session.rollback()
    try:
        _sheet(name, content)
        begin_write()
        token = actions.keep(noun, name, content, unit_code=unit_code, by=web.actor(), now=clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        form[refusal.field or "file"].errors = [web.say(refusal)]
        return render_template("imports/new.html", form=form.offer(_unit_choices())), refusal.status
    return web.go(url_for("imports.preview", token=token))


@blueprint.get("/import/<token>", endpoint="preview")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def preview(upload: Upload) -> Any:
    if upload.confirmed_at:
        return render_template(
            "imports/result.html", upload=upload, report=upload.report, OUTCOMES=wording.OUTCOMES
        )
    return _preview(upload)


def _preview(upload: Upload, form: Any = None) -> str:
    """What would happen; or, where the columns cannot be told, which column is which is asked first."""
    noun = NOUNS[upload.noun]
    sheet = _sheet(upload.name, upload.content)
    labels = wording.field_labels(noun.fields)
    try:
        report = noun.planned(noun.read(sheet, upload.mapping), upload.unit_code, _today())
    except Refused as refusal:
        guess = intake.guess(sheet, noun.fields)
        form = form or _columns_form(noun, guess.headings, guess.mapping, upload)
        sample = [[intake.text(cell)[:40] for cell in row.cells[:12]] for row in guess.sample]
        return render_template(
            "imports/columns.html",
            upload=upload,
            form=form,
            fields=noun.fields,
            refusal=web.say(refusal),
            headings=dict(list(guess.headings.items())[:12]),
            sample=sample,
        )
    columns = report.columns
    letters = {name: intake.column_letter(at) for name, at in columns.index.items()}
    return render_template(
        "imports/preview.html",
        upload=upload,
        form=form or _columns_form(noun, columns.headings, letters, upload),
        fields=noun.fields,
        how=sheet.how,
        shown=previewed(report, labels, request.args.get("show", ""), request.args.get("page", 1, type=int)),
        skipped=len(columns.skipped),
        changes=report.changes_anything,
        PLANNED=wording.PLANNED,
    )


def _columns_form(noun: Noun, headings: dict[str, str], mapped: dict[str, str], upload: Upload) -> Any:
    choices = _unit_choices() if noun.has_own_unit else None
    return columns_form(noun.fields, headings, mapped, choices, upload.unit_code or "")


def _today() -> Any:
    return clock.now().astimezone(local_zone()).date()


@blueprint.post("/import/<token>/columns", endpoint="set_columns")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def set_columns(upload: Upload) -> Any:
    if upload.confirmed_at:
        return web.go(url_for("imports.preview", token=upload.token))
    noun = NOUNS[upload.noun]
    headings = _headings(upload, noun)
    form = _columns_form(noun, headings, {}, upload)
    if not form.validate():
        return _preview(upload, form), 422
    mapping = {field.name: _column(headings, form[field.name].data) for field in noun.fields}
    unit_code = (form.own_unit.data or None) if noun.has_own_unit else None
    return web.command(
        lambda: actions.set_columns(upload.id, mapping, unit_code),
        done=lambda _nothing: web.Done(
            N_("This is what would happen now."), url_for("imports.preview", token=upload.token)
        ),
        page=lambda: _preview(upload, form),
    )


def _headings(upload: Upload, noun: Noun) -> dict[str, str]:
    sheet = _sheet(upload.name, upload.content)
    try:
        return intake.recognise(sheet, noun.fields, upload.mapping).headings
    except Refused:
        return intake.guess(sheet, noun.fields).headings


def _column(headings: dict[str, str], letter: str) -> str:
    """By its heading, so that the header is found again; by its letter where that says too little."""
    heading = headings.get(letter, "")
    return heading if heading and list(headings.values()).count(heading) == 1 else letter


@blueprint.post("/import/<token>/confirm", endpoint="confirm")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def confirm(upload: Upload) -> Any:
    """The rows are read before the transaction; what they do is decided anew within it."""
    here = url_for("imports.preview", token=upload.token)
    if upload.confirmed_at:
        return web.go(here)
    noun, now, by, today = NOUNS[upload.noun], clock.now(), web.actor(), _today()
    db.session.rollback()
    try:
        rows = noun.read(_sheet(upload.name, upload.content), upload.mapping)
    except Refused:
        return _preview(upload), 422

    def take() -> dict[str, Any]:
        return _kept(noun.take(rows, upload.unit_code, today, by, now))

    return web.command(
        lambda: actions.confirm(upload.id, take, now=now),
        done=lambda _mine: web.Done(N_("The file is imported."), here),
        page=lambda: _preview(upload),
    )


def _kept(report: Report) -> dict[str, Any]:
    """What is kept of a confirmed file: counts, notes, and the refused rows in the words they were refused with."""
    return {
        "counts": {str(outcome): count for outcome, count in report.counts().items()},
        "notes": [wording.said(note) for note in report.notes],
        "headings": report.columns.headings,
        "refused": [
            [
                line.row.number,
                [intake.text(cell) for cell in line.row.cells],
                wording.said_at_column(line.reason),
            ]
            for line in report.lines
            if line.reason
        ],
    }


@blueprint.post("/import/<token>/discard", endpoint="discard")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def discard(upload: Upload) -> Any:
    return web.command(
        lambda: actions.discard(upload.id),
        done=lambda _nothing: web.Done(N_("The file is deleted here."), url_for("imports.new")),
        page=lambda: _preview(upload),
    )


@blueprint.get("/import/<token>/refused.csv", endpoint="refused")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def refused(upload: Upload) -> Any:
    """The refused rows under the file's own headings, with the reason behind."""
    name = _("%(name)s refused rows.csv", name=upload.name.rsplit(".", 1)[0][:80])
    if upload.report is not None:
        columns = Columns("", 0, {}, upload.report["headings"], (), [], ())
        rows = ((Row(number, tuple(cells)), why) for number, cells, why in upload.report["refused"])
        table = wording.returned(columns, rows)
    else:
        noun = NOUNS[upload.noun]
        rows_read = noun.read(_sheet(upload.name, upload.content), upload.mapping)
        table = wording.to_mend(noun.planned(rows_read, upload.unit_code, _today()))
    return web.attachment(csv_chunks(table), name, "text/csv; charset=utf-8")
