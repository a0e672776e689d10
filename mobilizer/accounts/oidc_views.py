"""Log in through the district's own identity provider. Only where the settings name one (create_app)."""

import hmac
import secrets
from typing import Any

import flask
from flask import Blueprint, current_app, request
from werkzeug.exceptions import BadRequest

from mobilizer import clock, web
from mobilizer.accounts import challenges, entry, identities, provider
from mobilizer.accounts.provider import Provider
from mobilizer.accounts.views import log_in_page
from mobilizer.errors import N_, Refused

blueprint = Blueprint("oidc", __name__)
PURPOSE = "oidc"
ASKED = "asked-oidc"


def _provider() -> Provider:
    settings = current_app.config
    return Provider(
        issuer=settings["OIDC_ISSUER"],
        client_id=settings["OIDC_CLIENT_ID"],
        client_secret=settings["OIDC_CLIENT_SECRET"],
        phone_claim=settings["OIDC_PHONE_CLAIM"],
        name=settings["OIDC_NAME"],
    )


def _back() -> str:
    return web.public_url("oidc.back")


@blueprint.get("/log-in/oidc")
@web.open_to_all
def start() -> Any:
    """Send the browser to the provider. A link and not a form: the policy of our pages lets no form lead elsewhere."""
    asked, target = _provider(), request.args.get("next", "")[:2000]
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    try:
        provider.way_in(
            asked, _back(), state="", nonce="", verifier=verifier
        )  # so that it is known to answer
        state = web.write(
            lambda: challenges.ask(PURPOSE, now=clock.now(), nonce=nonce, verifier=verifier, next=target)
        )
        location = provider.way_in(asked, _back(), state=state, nonce=nonce, verifier=verifier)
    except Refused as refusal:
        return _not_in(refusal, target)
    flask.session[ASKED] = state
    return web.go(location)


@blueprint.get("/log-in/oidc/back")
@web.open_to_all
def back() -> Any:
    """The browser comes back. The question is used up before the provider is asked, and no transaction waits for it."""
    asked, state = _provider(), str(flask.session.pop(ASKED, ""))
    target = ""
    try:
        if not state or not hmac.compare_digest(state.encode(), request.args.get("state", "").encode()):
            raise Refused(
                "challenge-over",
                N_("This log-in was not begun in this browser, or it took too long. Please begin anew."),
                status=400,
            )
        question = web.write(lambda: challenges.answered(state, PURPOSE, now=clock.now()))
        target = question["next"]
        person = provider.person(
            asked,
            _back(),
            _code(asked),
            nonce=question["nonce"],
            verifier=question["verifier"],
            now=clock.now(),
        )
        member_id = web.write(
            lambda: identities.member_of(
                asked.issuer,
                person.subject,
                person.phone,
                unverified=person.unverified,
                name=asked.name,
                now=clock.now(),
            )
        )
    except Refused as refusal:
        return _not_in(refusal, target)
    return entry.entered(member_id, target, kept=entry.on_a_phone())


def _code(asked: Provider) -> str:
    if "error" in request.args:
        raise Refused(
            "provider-no",
            N_("%(name)s did not confirm this log-in. Please try once more."),
            status=422,
            name=asked.name,
        )
    if not request.args.get("code"):
        raise BadRequest
    return request.args["code"]


def _not_in(refusal: Refused, target: str) -> Any:
    if refusal.__cause__ is not None:
        current_app.logger.warning("the identity provider's answer: %s", type(refusal.__cause__).__name__)
    flask.flash(web.say(refusal), "refused")
    return log_in_page(target=target), refusal.status
