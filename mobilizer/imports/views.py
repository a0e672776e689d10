"""Upload, see what would happen row by row, confirm, take the refused rows home."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import clock, intake, web
from mobilizer.column_choice import chosen, columns_form, headings_of
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.imports import actions, queries, wording
from mobilizer.imports.forms import UploadForm, own_unit
from mobilizer.imports.nouns import NOUNS, Noun
from mobilizer.imports.preview import preview as previewed
from mobilizer.imports.queries import Upload
from mobilizer.inputs import local_zone
from mobilizer.intake import Sheet
from mobilizer.policy import Permission
from mobilizer.sheets import csv_chunks
from mobilizer.units import queries as units

blueprint = Blueprint("imports", __name__)


def _own_upload(token: str) -> Upload | None:
    """The reader's own; another administrator's is not found."""
    return queries.upload(token, NOUNS.keys(), web.the_reader().member_id, clock.now())


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
        onward = [(_("Import another file"), url_for("imports.new"))]
        if upload.noun == "roster":
            onward.append((_("To the members"), url_for("members.index")))
        return _page(
            "imports/result.html", upload, report=upload.report, OUTCOMES=wording.OUTCOMES, onward=onward
        )
    return _preview(upload)


def _page(template: str, upload: Upload, **shown: Any) -> str:
    """One of the pages of an uploaded file: they are the same for whatever is imported, wherever."""
    return render_template(
        template,
        at="imports",
        parts={"token": upload.token},
        back=(_("Import"), url_for("imports.new")),
        upload=upload,
        **shown,
    )


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
        return _page(
            "imports/columns.html",
            upload,
            form=form,
            fields=noun.fields,
            refusal=web.say(refusal),
            headings=dict(list(guess.headings.items())[:12]),
            sample=sample,
        )
    columns = report.columns
    letters = {name: intake.column_letter(at) for name, at in columns.index.items()}
    return _page(
        "imports/preview.html",
        upload,
        form=form or _columns_form(noun, columns.headings, letters, upload),
        fields=noun.fields,
        how=sheet.how,
        shown=previewed(report, labels, request.args.get("show", ""), request.args.get("page", 1, type=int)),
        skipped=len(columns.skipped),
        changes=report.changes_anything,
        confirm_label=None,
        PLANNED=wording.PLANNED,
    )


def _columns_form(noun: Noun, headings: dict[str, str], mapped: dict[str, str], upload: Upload) -> Any:
    more = {"own_unit": own_unit(_unit_choices(), upload.unit_code or "")} if noun.has_own_unit else {}
    return columns_form(noun.fields, headings, mapped, **more)


def _today() -> Any:
    return clock.now().astimezone(local_zone()).date()


@blueprint.post("/import/<token>/columns", endpoint="set_columns")
@web.requires(Permission.ROSTER_IMPORT, of=_own_upload)
def set_columns(upload: Upload) -> Any:
    if upload.confirmed_at:
        return web.go(url_for("imports.preview", token=upload.token))
    noun = NOUNS[upload.noun]
    headings = headings_of(_sheet(upload.name, upload.content), noun.fields, upload.mapping)
    form = _columns_form(noun, headings, {}, upload)
    if not form.validate():
        return _preview(upload, form), 422
    mapping = chosen(form, noun.fields, headings)
    unit_code = (form.own_unit.data or None) if noun.has_own_unit else None
    return web.command(
        lambda: actions.set_columns(upload.id, mapping, unit_code),
        done=lambda _nothing: web.Done(
            N_("This is what would happen now."), url_for("imports.preview", token=upload.token)
        ),
        page=lambda: _preview(upload, form),
    )


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
        return wording.kept(noun.take(rows, upload.unit_code, today, by, now))

    return web.command(
        lambda: actions.confirm(upload.id, take, now=now),
        done=lambda _mine: web.Done(N_("The file is imported."), here),
        page=lambda: _preview(upload),
    )


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
        table = wording.kept_to_mend(upload.report)
    else:
        noun = NOUNS[upload.noun]
        rows_read = noun.read(_sheet(upload.name, upload.content), upload.mapping)
        table = wording.to_mend(noun.planned(rows_read, upload.unit_code, _today()))
    return web.attachment(csv_chunks(table), name, "text/csv; charset=utf-8")
