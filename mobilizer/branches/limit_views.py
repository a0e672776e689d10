"""The page on which whoever runs a branch sets its limits and times."""

from typing import Any

from flask import render_template, url_for

from mobilizer import clock, web
from mobilizer.branches import limits, queries
from mobilizer.branches.limit_forms import LimitsForm
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_
from mobilizer.policy import Permission


@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def show(branch: BranchRow) -> Any:
    return _page(branch, LimitsForm(formdata=None, obj=limits.limits_of(branch.id)))


def _page(branch: BranchRow, form: LimitsForm) -> str:
    return render_template("branches/limits.html", branch=branch, form=form)


@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def save(branch: BranchRow) -> Any:
    form, by = LimitsForm(), web.actor()
    if not form.validate():
        return _page(branch, form), 422
    return web.command(
        lambda: limits.set_limits(branch.id, form.limits, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("The limits hold from now on; whoever is signed up stays so."),
            url_for("branches.branch", branch_id=branch.id),
        ),
        page=lambda: _page(branch, form),
    )
