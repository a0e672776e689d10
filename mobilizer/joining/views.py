"""The shared link for whoever is not logged in: one screen with two fields; what has become of it; and one's own pass."""

import hmac
import secrets
from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from mobilizer import clock, throttle, web
from mobilizer.accounts import devices, entry, session
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_, Refused
from mobilizer.filters import day, time_range
from mobilizer.joining import actions, queries, rules
from mobilizer.joining.forms import JoinForm
from mobilizer.members import rules as members
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.signups import line_queries
from mobilizer.signups.facts import Turn

blueprint = Blueprint("joining", __name__)
JOIN = "/c/<string(maxlength=12):code>/join"
MOST_ID = 2**31 - 1
MOST_NOTED = 5
"""So many calls to which they are noted a phone remembers."""
PAIR, CALL = "join-pair", "join-call"


def _call(code: str) -> CallRow:
    return calls.published_by_code(code) or abort(404)


def _shift_asked(call: CallRow) -> ShiftRow | None:
    shift_id = request.values.get("shift", 0, type=int)
    found = shifts.shift(shift_id) if 0 < shift_id <= MOST_ID else None
    return found if found and found.call_id == call.id else None


# --- entering -----------------------------------------------------------------------------------------


@blueprint.get(JOIN)
@web.open_to_all
def join(code: str) -> Any:
    """Risks first, then two fields and one button. Whoever may take its shifts already is led on to where they do."""
    call = _call(code)
    if web.can(Permission.SHIFT_TAKE, call):
        shift = _shift_asked(call)
        return web.go(
            url_for("signups.shift", shift_id=shift.id) if shift else url_for("taking.call", call_id=call.id)
        )
    return _join_page(call, JoinForm(formdata=None, data={"shift": request.args.get("shift", "")}))


def _join_page(call: CallRow, form: JoinForm) -> str:
    now, shift = clock.now(), _shift_asked(call)
    return render_template(
        "joining/join.html",
        call=call,
        form=form,
        shift=shift,
        against=_against(call, now),
        elsewhere=_pass_for_another(call),
        now=now,
    )


def _against(call: CallRow, now: datetime) -> str:
    """Why nobody is let in now, in words; nothing where they are."""
    try:
        rules.may_enter(queries.facts(call.id), now)
    except Refused as refusal:
        return web.say(refusal)
    return ""


def _pass_here() -> str | None:
    """The token of the pass that this phone holds."""
    reader = web.reader()
    return str(current_user.token) if reader and reader.pass_call_id is not None else None


def _pass_for_another(call: CallRow) -> bool:
    reader = web.reader()
    return reader is not None and reader.pass_call_id not in (None, call.id)


@blueprint.post(JOIN, endpoint="enter")
@web.open_to_all
def enter(code: str) -> Any:
    """The same words and, as nearly as can be, the same work whatever is wrong with a pair."""
    call, form, now = _call(code), JoinForm(), clock.now()
    if not form.validate():
        return _join_page(call, form), 422
    try:
        name, phone = members.name(form.name.data), members.phone(form.phone.data)
        throttle.check(CALL, str(call.id), now, most=rules.WRONG_OF_CALL)
        throttle.check(PAIR, phone, now, most=rules.WRONG_OF_PHONE_HERE)
        throttle.check(PAIR, phone, now, most=rules.WRONG_OF_PHONE, anywhere=True)
    except Refused as refusal:
        form[refusal.field or "phone"].errors = [web.say(refusal)]
        return _join_page(call, form), refusal.status
    shift, token = _shift_asked(call), _token(call, name, phone)
    entered: list[actions.Entered] = []

    def act() -> actions.Entered:
        wished = shift.id if shift else None
        entered[:] = [
            actions.enter(
                call,
                wished,
                name=name,
                phone=phone,
                token=token,
                instead_of=_pass_here(),
                device=devices.words(request.headers.get("User-Agent", "")),
                now=now,
            )
        ]
        return entered[0]

    answer = web.command(
        act, done=lambda entered: _told(call, entered, now), page=lambda: _join_page(call, form)
    )
    if answer.status_code >= 400:
        return answer
    if entered and entered[0].member_id is None:
        throttle.note(CALL, str(call.id), now)
        throttle.note(PAIR, phone, now)
    if not _start(token):
        _remember(call.id, queries.noted(call.id, name, phone))
    return answer


def _told(call: CallRow, entered: actions.Entered, now: datetime) -> web.Done:
    if entered.member_id is None:
        return web.Done(
            N_("You are noted. The branch says yes first: come back by this link."),
            url_for("joining.noted", code=call.code),
            kind="note",
        )
    if entered.turn is None:
        return web.Done(N_("You are in, for this call."), url_for("joining.mine"))
    told = _when_and_where(entered.turn, now)
    if entered.refusal is None:
        at = url_for("signups.shift", shift_id=entered.turn.shift_id)
        return web.Done(N_("You are signed up: %(when)s, %(where)s."), at, told)
    return web.Done(
        N_("You are in, but not on %(when)s, %(where)s: %(why)s"),
        url_for("home.today"),
        told | {"why": web.say(entered.refusal)},
        kind="note",
    )


def _when_and_where(turn: Turn, now: datetime) -> dict[str, str]:
    when = f"{day(turn.starts_at, now)} {time_range(turn.starts_at, turn.ends_at)}"
    return {"when": when, "where": " · ".join(filter(None, (turn.checkpoint, turn.post)))}


def _token(call: CallRow, name: str, phone: str) -> str:
    """The pass's token follows from the form's own key and all that was typed, under the site's secret: so that whoever
    sends the same form again, because the first answer was lost, gets the same pass again and no second one."""
    key = request.form.get("operation_key")
    if not key:
        return secrets.token_urlsafe(32)
    typed = repr((call.id, key, name, phone, request.form.get("shift")))
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"pass {typed}".encode(), "sha256").hexdigest()


def _start(token: str) -> bool:
    """This phone holds the pass from now on, and nothing else; False where there is none by this token."""
    if session.load(token) is None:
        return False
    said = flask.session.get("_flashes")
    entry.carry(token, kept=True)
    if said:
        flask.session["_flashes"] = said
    return True


# --- noted --------------------------------------------------------------------------------------------


def _remember(call_id: int, newcomer_id: int | None) -> None:
    """On this phone only, and no name and no number: which note to ask after."""
    noted = dict(flask.session.get("noted", {}))
    noted.pop(str(call_id), None)
    noted[str(call_id)] = newcomer_id or 0
    flask.session["noted"] = dict(list(noted.items())[-MOST_NOTED:])
    flask.session.permanent = True


@blueprint.get("/c/<string(maxlength=12):code>/noted")
@web.open_to_all
def noted(code: str) -> Any:
    """What has become of it, to the phone that was noted."""
    call = _call(code)
    newcomer_id = flask.session.get("noted", {}).get(str(call.id))
    if newcomer_id is None:
        return web.go(url_for("calls.short", code=call.code))
    return render_template(
        "joining/noted.html", call=call, status=queries.status(newcomer_id, call.id) or "pending"
    )


# --- my pass ------------------------------------------------------------------------------------------


@blueprint.get("/pass")
@web.requires(Permission.PASS_READ)
def mine() -> Any:
    """What this pass is good for, and the shifts of its call that are one's own."""
    reader, now = web.the_reader(), clock.now()
    call = calls.call(reader.pass_call_id or 0)
    coming = line_queries.with_pass(line_queries.coming(reader.member_id, now), reader)
    own = [line for line in coming if call and line.call_id == call.id] if reader.pass_stands else []
    return render_template(
        "joining/pass.html",
        call=call,
        lines=own,
        takes=bool(call and web.can(Permission.SHIFT_TAKE, call)),
        now=now,
    )


def _not_possible() -> str:
    refusal = flask.g.get("refusal")
    return render_template("error.html", title=_("Not possible"), text=web.say(refusal) if refusal else "")


@blueprint.post(f"/my/passes/<int(max={MOST_ID}):call_id>/end")
@web.requires(Permission.MY_SERVICE_READ, of=calls.call)
def disown(call: CallRow) -> Any:
    """It was not me. Only the reader's own passes are meant, whatever call the address names."""
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    return web.command(
        lambda: actions.disown(call.id, member_id, by=by, now=now),
        done=lambda count: web.Done(
            N_("The pass is ended. Shifts given back: %(count)s."), url_for("notices.mine"), {"count": count}
        ),
        page=_not_possible,
    )


@blueprint.post(f"/my/passes/<int(max={MOST_ID}):call_id>/mine")
@web.requires(Permission.MY_SERVICE_READ, of=calls.call)
def own(call: CallRow) -> Any:
    """It was me: who is logged in is known."""
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    return web.command(
        lambda: actions.verify(call.id, [member_id], by=by, now=now),
        done=lambda _count: web.Done(
            N_("Thank you: the branch sees that it is you."), url_for("notices.mine")
        ),
        page=_not_possible,
    )
