"""The lay-outs of a call, and taking one back: what would go and who is touched is shown first."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_
from mobilizer.policy import Permission
from mobilizer.shifts import calling_off, queries
from mobilizer.shifts.calling_off import Undone
from mobilizer.shifts.queries import LayOutRow
from mobilizer.shifts.rules import numbers

blueprint = Blueprint("lay_outs", __name__)
MOST_ID = 2**31 - 1


def _lay_out(lay_out_id: int) -> LayOutRow | None:
    return queries.lay_out(lay_out_id, clock.now())


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/lay-outs")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def index(call: CallRow) -> Any:
    return render_template("shifts/lay_outs.html", call=call, lay_outs=queries.lay_outs(call.id, clock.now()))


@blueprint.get(f"/lay-outs/<int(max={MOST_ID}):lay_out_id>")
@web.requires(Permission.CALL_EDIT, of=_lay_out)
def lay_out(found: LayOutRow) -> Any:
    """What taking it back would come to."""
    return _page(found)


def _page(found: LayOutRow) -> str:
    goes, stays = queries.to_undo(found.id, clock.now())
    return render_template(
        "shifts/undo.html", lay_out=found, goes=len(goes), stays=stays, touched=queries.touched(goes)
    )


@blueprint.post(f"/lay-outs/<int(max={MOST_ID}):lay_out_id>/take-back")
@web.requires(Permission.CALL_EDIT, of=_lay_out)
def take_back(found: LayOutRow) -> Any:
    """Whoever came in since the page was shown is shown first: then it asks again."""
    by, seen = web.actor(), numbers(request.form.get("seen", ""))

    def done(undone: Undone) -> web.Done:
        told = (
            N_("Shifts taken back: %(gone)s. People told: %(told)s.")
            if undone.told
            else N_("Shifts taken back: %(gone)s.")
        )
        return web.Done(
            told,
            url_for("lay_outs.index", call_id=found.call_id),
            {"gone": undone.deleted + undone.cancelled, "told": undone.told},
        )

    return web.command(
        lambda: calling_off.undo(found.id, seen=seen, by=by, now=clock.now()),
        done=done,
        page=lambda: _page(queries.lay_out(found.id, clock.now()) or found),
    )
