"""I served, and nobody counted it: said to the branch, and what became of it."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.branches import queries as branches
from mobilizer.errors import N_
from mobilizer.hours import claim_queries as queries
from mobilizer.hours import claims
from mobilizer.hours.claim_forms import ServiceForm
from mobilizer.hours.claim_queries import PAGE, ClaimRow
from mobilizer.hours.claim_views import counted_in, refused_in, service_in
from mobilizer.policy import Permission

blueprint = Blueprint("my_claims", __name__)


@blueprint.get("/my/claims")
@web.requires(Permission.MY_SERVICE_READ)
def index() -> Any:
    return _index()


def _index() -> str:
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = queries.of_member(web.the_reader().member_id, page=page)
    return render_template(
        "hours/my_claims.html",
        lines=lines[:PAGE],
        previous=url_for("my_claims.index", page=page - 1) if page > 1 else None,
        next=url_for("my_claims.index", page=page + 1) if len(lines) > PAGE else None,
    )


@blueprint.get("/my/claims/new")
@web.requires(Permission.MY_SERVICE_READ)
def new() -> Any:
    return _page(_offered(ServiceForm(formdata=None)))


@blueprint.post("/my/claims")
@web.requires(Permission.MY_SERVICE_READ)
def make() -> Any:
    """Only to branches that are the member's own to choose."""
    form, by, now = _offered(ServiceForm()), web.actor(), clock.now()
    if not form.validate():
        return _page(form), 422
    told = by.member_id or 0
    return web.command(
        lambda: claims.claim(service_in(form, told), by=by, now=now),
        done=lambda _id: web.Done(
            N_("Said to the branch. You will get a message when it has been looked at."),
            url_for("my_claims.index"),
        ),
        page=lambda: _page(refused_in(form)),
    )


@blueprint.post("/my/claims/<int(max=2147483647):claim_id>/withdraw")
@web.requires(Permission.MY_CLAIM_WITHDRAW, of=queries.claim_of_member)
def withdraw(claim: ClaimRow) -> Any:
    by, now = web.actor(), clock.now()
    return web.command(
        lambda: claims.withdraw(claim.id, by=by, now=now),
        done=lambda _none: web.Done(N_("Taken back."), url_for("my_claims.index")),
        page=_index,
    )


def _offered(form: ServiceForm) -> ServiceForm:
    """The member's branches, and the checkpoints of all of them."""
    mine = queries.branches_of(web.the_reader().member_id, clock.now())
    form.offer(mine, branches.checkpoints_of([branch_id for branch_id, _name in mine]))
    return form


def _page(form: ServiceForm) -> str:
    return render_template("hours/my_claim_new.html", form=form, counted=counted_in(form))
