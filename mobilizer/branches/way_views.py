"""The page on which whoever runs a branch says how people check in."""

from typing import Any

from flask import render_template, url_for

from mobilizer import clock, web
from mobilizer.branches import queries, ways
from mobilizer.branches.queries import BranchRow
from mobilizer.branches.way_forms import WaysForm
from mobilizer.errors import N_
from mobilizer.policy import Permission


@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def show(branch: BranchRow) -> Any:
    return _page(branch, WaysForm(formdata=None, obj=ways.ways_of(branch.id)))


def _page(branch: BranchRow, form: WaysForm) -> str:
    return render_template("branches/ways.html", branch=branch, form=form)


@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def save(branch: BranchRow) -> Any:
    form, by = WaysForm(), web.actor()
    if not form.validate():
        return _page(branch, form), 422
    return web.command(
        lambda: ways.set_ways(branch.id, form.ways, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("People check in like this from now on."), url_for("branches.branch", branch_id=branch.id)
        ),
        page=lambda: _page(branch, form),
    )
