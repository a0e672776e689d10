"""Passkeys: mine to add and remove, to log in with, and to show on a device so that appointments count there.

Each takes two requests: one for the question (JSON, for the page's script), one form with the authenticator's answer. The
question is also kept in this browser's session, so that nobody answers one that was put to another browser.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.accounts import entry, passkey_queries, passkeys, session
from mobilizer.accounts.forms import PasskeyForm
from mobilizer.accounts.passkeys import Site
from mobilizer.accounts.strength_rules import may_change_passkeys
from mobilizer.accounts.views import log_in_page
from mobilizer.errors import N_, Refused
from mobilizer.policy import Actor, Permission

blueprint = Blueprint("passkeys", __name__)
ASKED = "asked-"


def _site() -> Site:
    """The site as the browser knows it; the host alone is what passkeys are bound to."""
    address = urlsplit(web.public_url("home.today"))
    host, port = address.hostname or "", address.port
    usual = port is None or (address.scheme, port) in (("https", 443), ("http", 80))
    return Site(
        host=host,
        origin=f"{address.scheme}://{host}" + ("" if usual else f":{port}"),
        name=_("Mobilizer"),
        secret=current_app.config["SECRET_KEY"],
    )


def _question(purpose: str, ask: Callable[[], str]) -> Response:
    """The question as JSON, or in words why there is none; kept in the session of this browser."""
    try:
        options = web.write(ask)
    except Refused as refusal:
        return web.told(refusal.code, web.say(refusal), refusal.status)
    flask.session[ASKED + purpose] = passkeys.challenge_in(options)
    response = Response(options, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(purpose: str) -> str:
    return str(flask.session.get(ASKED + purpose) or "")


def _answer(form: PasskeyForm) -> str:
    """What the authenticator said. Without a script nothing comes, and that is said in words."""
    if not form.validate() or not form.credential.data:
        raise Refused(
            "passkey-none",
            N_(
                "No passkey came from this browser. It needs JavaScript, and passkeys do not work inside WeChat: open "
                "the page in the phone’s own browser."
            ),
            status=422,
        )
    return str(form.credential.data)


# --- mine ---------------------------------------------------------------------------------------------


@blueprint.get("/me/passkeys")
@web.requires(Permission.HOME_READ)
def mine() -> Any:
    return _mine()


def _mine(form: PasskeyForm | None = None) -> str:
    reader = web.the_reader()
    held = passkey_queries.passkeys(reader.member_id)
    device = passkey_queries.shown(reader.log_in_id)
    return render_template(
        "accounts/passkeys.html",
        passkeys=held,
        may_change=device is not None
        and may_change_passkeys(device, session.terms(), clock.now(), has_some=bool(held)),
        form=form or PasskeyForm(formdata=None),
    )


@blueprint.post("/me/passkeys/question", endpoint="question_for_new")
@web.requires(Permission.PASSKEY_ADD)
def question_for_new() -> Any:
    reader, site = web.the_reader(), _site()
    return _question(
        passkeys.ADD,
        lambda: passkeys.ask_for_new(
            reader.member_id, site, reader.log_in_id, terms=session.terms(), now=clock.now()
        ),
    )


@blueprint.post("/me/passkeys")
@web.requires(Permission.PASSKEY_ADD)
def add() -> Any:
    form, reader, site, asked = PasskeyForm(), web.the_reader(), _site(), _asked(passkeys.ADD)
    target = web.safe_next(form.next.data, url_for("passkeys.mine"))

    def act() -> str:
        return passkeys.add(
            reader.member_id,
            form.name.data or "",
            _answer(form),
            site,
            asked=asked,
            log_in_id=reader.log_in_id,
            terms=session.terms(),
            by=Actor(reader.member_id),
            now=clock.now(),
        )

    return web.command(
        act,
        done=lambda _name: web.Done(N_("The passkey is added. From now on you can log in with it."), target),
        page=lambda: _confirm(target) if form.next.data else _mine(form),
    )


@blueprint.post("/me/passkeys/<int(max=2147483647):passkey_id>/remove")
@web.requires(Permission.HOME_READ)
def remove(passkey_id: int) -> Any:
    reader = web.the_reader()
    return web.command(
        lambda: passkeys.remove(
            reader.member_id,
            passkey_id,
            log_in_id=reader.log_in_id,
            terms=session.terms(),
            by=Actor(reader.member_id),
            now=clock.now(),
        ),
        done=lambda _name: web.Done(
            N_("The passkey is removed here. Delete it on the device as well."), url_for("passkeys.mine")
        ),
        page=_mine,
    )


# --- shown on this device -----------------------------------------------------------------------------


@blueprint.get("/me/passkeys/confirm")
@web.requires(Permission.HOME_READ)
def confirm() -> Any:
    """What this device has to show before appointments count on it. Whoever lacks nothing passes through, unless they
    came to change their passkeys (`for` says so)."""
    target = web.safe_next(request.args.get("next"), url_for("home.today"))
    if not web.the_reader().withheld and request.args.get("for") != "passkeys":
        return web.go(target)
    return _confirm(target)


def _confirm(target: str) -> str:
    reader = web.the_reader()
    held = passkey_queries.passkeys(reader.member_id)
    device = passkey_queries.shown(reader.log_in_id)
    return render_template(
        "accounts/confirm.html",
        target=target,
        has_passkeys=bool(held),
        may_add=not held
        and device is not None
        and may_change_passkeys(device, session.terms(), clock.now(), has_some=False),
        wanting=reader.wanting,
        form=PasskeyForm(formdata=None, data={"next": target}),
    )


@blueprint.post("/me/passkeys/confirm/question", endpoint="question_to_confirm")
@web.requires(Permission.HOME_READ)
def question_to_confirm() -> Any:
    member_id, site = web.the_reader().member_id, _site()
    return _question(
        passkeys.CONFIRM,
        lambda: passkeys.ask_for_known(passkeys.CONFIRM, site, member_id=member_id, now=clock.now()),
    )


@blueprint.post("/me/passkeys/confirm", endpoint="confirm_post")
@web.requires(Permission.HOME_READ)
def confirm_post() -> Any:
    form, reader, site, asked = PasskeyForm(), web.the_reader(), _site(), _asked(passkeys.CONFIRM)
    target = web.safe_next(form.next.data, url_for("home.today"))
    return web.command(
        lambda: passkeys.confirm(
            reader.member_id,
            _answer(form),
            site,
            asked=asked,
            log_in_id=reader.log_in_id,
            now=clock.now(),
        ),
        done=lambda _none: web.Done(N_("Your passkey is confirmed on this device."), target),
        page=lambda: _confirm(target),
    )


# --- to log in ----------------------------------------------------------------------------------------


@blueprint.post("/log-in/passkey/question", endpoint="question_to_log_in")
@web.open_to_all
def question_to_log_in() -> Any:
    """No phone number is typed: whatever passkey the device has for this site answers."""
    site = _site()
    return _question(passkeys.LOG_IN, lambda: passkeys.ask_for_known(passkeys.LOG_IN, site, now=clock.now()))


@blueprint.post("/log-in/passkey")
@web.open_to_all
def log_in() -> Any:
    form, site, asked = PasskeyForm(), _site(), _asked(passkeys.LOG_IN)
    try:
        answer = _answer(form)
        member_id = web.write(lambda: passkeys.log_in(answer, site, asked=asked, now=clock.now()))
    except Refused as refusal:
        flask.flash(web.say(refusal), "refused")
        return log_in_page(target=form.next.data), refusal.status
    return entry.entered(member_id, form.next.data, kept=entry.on_a_phone(), strong=True)
