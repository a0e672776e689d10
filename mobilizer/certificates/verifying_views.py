"""The public page behind the code on a certificate: genuine, revoked or unknown, with as little as needed."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from mobilizer import clock, throttle, web
from mobilizer.accounts.queries import token_hash
from mobilizer.activations.rules import read
from mobilizer.certificates import queries, rules
from mobilizer.errors import Refused

blueprint = Blueprint("verifying", __name__)


@blueprint.get("/v/<string(maxlength=64):token>")
@web.open_to_all
def verify(token: str) -> Any:
    """A certificate that is there is found whatever others tried; who guesses is told the same for every guess, and after a
    while to wait."""
    token, now = read(token), clock.now()
    found = queries.by_token(token_hash(token))
    if found is not None:
        return _page(found, None, 200)
    try:
        throttle.check(rules.GUESS, token, now)
    except Refused as refusal:
        return _page(None, refusal, refusal.status)
    throttle.note(rules.GUESS, token, now)
    return _page(None, None, 404)


def _page(found: queries.CertificateRow | None, refusal: Refused | None, status: int) -> Response:
    page = render_template(
        "certificates/verify.html",
        certificate=found,
        name=rules.masked(found.name) if found else None,
        words=web.say(refusal) if refusal else None,
    )
    return make_response(page, status)


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """Its address is a secret between the certificate and whoever is shown it: told to no other page, kept by no cache, listed
    by no search. Also where the answer is an error's page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
