"""The posters that hang at a branch's checkpoints: making them, and printing them on A4, one or all."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, qr, web
from mobilizer.attendance import poster_queries, posters, way_rules
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_
from mobilizer.policy import Permission

blueprint = Blueprint("posters", __name__)
BRANCH = "/branches/<int(max=2147483647):branch_id>/posters"


@blueprint.get(BRANCH)
@web.requires(Permission.BRANCH_RUN, of=branches.branch)
def show(branch: BranchRow) -> Any:
    """All of them, or with ?checkpoint=ID that one alone."""
    return _page(branch)


@blueprint.post(BRANCH)
@web.requires(Permission.BRANCH_RUN, of=branches.branch)
def make(branch: BranchRow) -> Any:
    by, now = web.actor(), clock.now()
    checkpoint_id = min(max(request.form.get("checkpoint", 0, type=int), 0), 2**31 - 1)
    seen = request.form.get("instead_of", "")[:12]
    return web.command(
        lambda: posters.make(branch.id, checkpoint_id, instead_of=seen, by=by, now=now),
        done=lambda _none: web.Done(
            N_("The poster is ready to print. An older one is good for nothing from now on."),
            url_for("posters.show", branch_id=branch.id, checkpoint=checkpoint_id),
        ),
        page=lambda: _page(branch),
    )


def _page(branch: BranchRow) -> str:
    found = poster_queries.posters(branch.id)
    only = request.args.get("checkpoint", 0, type=int)
    shown = [
        (
            each,
            web.public_url("check_in.poster", code=each.code) if each.code else "",
            way_rules.shown_code(each.code) if each.code else "",
        )
        for each in found
        if not only or each.checkpoint_id == only
    ]
    return render_template(
        "attendance/posters.html",
        branch=branch,
        only=only,
        posters=[(each, link, code, qr.data_uri(link) if link else "") for each, link, code in shown],
        typed_at=web.public_url("check_in.type_code"),
    )
