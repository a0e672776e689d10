"""For leaders: who waits for a yes, who is not verified, each settled in one tap."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_
from mobilizer.filters import day, time_range
from mobilizer.joining import actions, deciding, queries
from mobilizer.members import queries as members
from mobilizer.policy import Permission
from mobilizer.signups import asking_queries

blueprint = Blueprint("joined", __name__)
CALL = "/calls/<int(max=2147483647):call_id>/joined"
NEWCOMER = "/newcomers/<int(max=2147483647):newcomer_id>"
LARGEST_ID = 2**31 - 1


@blueprint.get(CALL)
@web.requires(Permission.SHIFT_RUN, of=calls.call)
def call(call: CallRow) -> Any:
    return _page(call)


def _page(call: CallRow) -> str:
    now = clock.now()
    leads = bool(web.can(Permission.CALL_EDIT, call))
    return render_template(
        "joining/joined.html",
        call=call,
        waiting=queries.waiting(call.id, now) if leads else [],
        unverified=queries.unverified(call.id, now),
        now=now,
    )


# --- is it them? ------------------------------------------------------------------------------------------


@blueprint.post(f"{CALL}/confirm")
@web.requires(Permission.SHIFT_RUN, of=calls.call)
def confirm(call: CallRow) -> Any:
    """One of them, or without a name all of the list that was shown."""
    by, now = web.actor(), clock.now()
    sent = [each for each in request.form.getlist("member_id", type=int) if 0 < each <= LARGEST_ID]

    def act() -> int:
        return actions.verify(
            call.id, sorted(set(sent) & set(queries.unverified_ids(call.id, now))), by=by, now=now
        )

    return web.command(
        act,
        done=lambda count: web.Done(
            N_("Confirmed: %(count)s."), url_for("joined.call", call_id=call.id), {"count": count}
        ),
        page=lambda: _page(call),
    )


@blueprint.post("/shifts/<int(max=2147483647):shift_id>/sign-ups/<int(max=2147483647):sign_up_id>/confirm")
@web.requires(Permission.SHIFT_RUN, of=asking_queries.one)
def confirm_one(one: asking_queries.One) -> Any:
    """From the shift or its roster, and back to there."""
    by, now = web.actor(), clock.now()
    at = "attendance.roster" if request.form.get("back") == "roster" else "signups.shift"
    return web.command(
        lambda: actions.verify(one.call_id, [one.member_id], by=by, now=now),
        done=lambda _count: web.Done(
            N_("Confirmed: it is %(name)s."),
            url_for(at, shift_id=one.shift_id, _anchor="people"),
            {"name": one.name},
        ),
        page=lambda: render_template("error.html", title=_("Not possible"), text=web.say(g.refusal)),
    )


# --- yes or no ------------------------------------------------------------------------------------------


def _of(newcomer: queries.One) -> CallRow:
    found = calls.call(newcomer.call_id)
    if found is None:
        raise RuntimeError("a newcomer of no call")
    return found


@blueprint.post(f"{NEWCOMER}/yes")
@web.requires(Permission.CALL_EDIT, of=queries.newcomer)
def accept(newcomer: queries.One) -> Any:
    by, now = web.actor(), clock.now()

    def act() -> deciding.Accepted:
        known = members.member(members.id_of_phone(newcomer.phone) or 0)
        sees = known is None or bool(web.can(Permission.MEMBER_READ, known))
        return deciding.accept(newcomer.id, sees=sees, by=by, now=now)

    def done(accepted: deciding.Accepted) -> web.Done:
        told, kind = {"name": accepted.name}, "done"
        words = N_("%(name)s is taken in.")
        if accepted.turn is not None:
            turn = accepted.turn
            told["when"] = f"{day(turn.starts_at, now)} {time_range(turn.starts_at, turn.ends_at)}"
            told["where"] = turn.checkpoint
            words = N_("%(name)s is taken in and signed up: %(when)s, %(where)s.")
        if accepted.refusal is not None:
            told["why"], kind = web.say(accepted.refusal), "note"
            words = N_("%(name)s is taken in, but not on %(when)s, %(where)s: %(why)s")
        return web.Done(words, url_for("joined.call", call_id=newcomer.call_id), told, kind)

    return web.command(act, done=done, page=lambda: _page(_of(newcomer)))


@blueprint.post(f"{NEWCOMER}/no")
@web.requires(Permission.CALL_EDIT, of=queries.newcomer)
def decline(newcomer: queries.One) -> Any:
    by, now = web.actor(), clock.now()
    return web.command(
        lambda: deciding.decline(newcomer.id, by=by, now=now),
        done=lambda _none: web.Done(
            N_("%(name)s is told no when they open the link again."),
            url_for("joined.call", call_id=newcomer.call_id),
            {"name": newcomer.name},
        ),
        page=lambda: _page(_of(newcomer)),
    )
