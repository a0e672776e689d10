"""One tap after a shift: how it went; and what a branch was told, without names."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_
from mobilizer.inputs import clean_line
from mobilizer.policy import Permission
from mobilizer.signups import feedback_actions as actions
from mobilizer.signups import feedback_queries as queries
from mobilizer.signups import views
from mobilizer.signups.feedback_rules import SCORES
from mobilizer.signups.queries import Place

blueprint = Blueprint("feedback", __name__)
ID = "int(max=2147483647)"


@blueprint.post(f"/shifts/<{ID}:shift_id>/feedback")
@web.requires(Permission.SHIFT_READ, of=views.readable)
def say(place: Place) -> Any:
    """With htmx the card alone comes back; else the shift's page."""
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    typed = request.form.get("score", "")
    note = (clean_line(request.form.get("note")) or "")[:300]

    def fragment() -> str:
        served = queries.served(place.id, member_id)
        return web.fragment_with_flashes("signups/_feedback.html", served=served)

    return web.command(
        lambda: actions.say(
            place.id, member_id, int(typed) if typed in ("1", "2", "3") else 0, note, by=by, now=now
        ),
        done=lambda _none: web.Done(
            N_("Thank you. The branch reads it without your name."),
            url_for("signups.shift", shift_id=place.id),
        ),
        page=lambda: views.shift_page(place),
        fragment=fragment,
    )


@blueprint.get(f"/branches/<{ID}:branch_id>/feedback")
@web.requires(Permission.COVERAGE_READ, of=branches.branch)
def of_branch(branch: BranchRow) -> Any:
    return render_template(
        "signups/feedback.html", branch=branch, months=queries.of_branch(branch.id), scores=SCORES
    )
