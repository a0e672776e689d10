"""The page on which a checkpoint's address, position and contact are changed."""

from typing import Any

from flask import g, render_template, url_for

from mobilizer import clock, web
from mobilizer.branches.checkpoints import ServedCheckpoint, change_checkpoint, served_checkpoint
from mobilizer.branches.forms import PlaceForm
from mobilizer.branches.rules import Place
from mobilizer.errors import N_
from mobilizer.policy import Permission


@web.requires(Permission.CHECKPOINT_EDIT, of=served_checkpoint)
def show(checkpoint: ServedCheckpoint) -> Any:
    placed = checkpoint.latitude is not None
    form = PlaceForm(
        formdata=None,
        address=checkpoint.address,
        contact=checkpoint.contact,
        place=(checkpoint.latitude, checkpoint.longitude) if placed else None,
    )
    return _page(checkpoint, form)


def _page(checkpoint: ServedCheckpoint, form: PlaceForm) -> str:
    refusal = g.get("refusal")
    if refusal and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]
    return render_template("branches/checkpoint.html", checkpoint=checkpoint, form=form)


@web.requires(Permission.CHECKPOINT_EDIT, of=served_checkpoint)
def save(checkpoint: ServedCheckpoint) -> Any:
    form, by = PlaceForm(), web.actor()
    if not form.validate():
        return _page(checkpoint, form), 422
    position = form.position_instead_of(checkpoint.latitude, checkpoint.longitude)
    place = Place(form.address.data or "", *position, form.contact.data or "")
    return web.command(
        lambda: change_checkpoint(checkpoint.branch_id, checkpoint.id, place, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("Checkpoint “%(name)s” changed; it holds from now on."),
            url_for("branches.branch", branch_id=checkpoint.branch_id, _anchor="checkpoints"),
            {"name": checkpoint.name},
        ),
        page=lambda: _page(checkpoint, form),
    )
