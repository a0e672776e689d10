"""Usual or large text, for older eyes: what a reader has chosen on this device, kept in a cookie of its own that says
nothing else and outlasts every log-in."""

from datetime import timedelta

import flask
from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

COOKIE = "mobilizer-text"
USUAL, LARGE = "usual", "large"
SIZES = (USUAL, LARGE)
KEPT = timedelta(days=400)
"""As long as browsers keep a cookie at most."""


def current() -> str:
    """The size that the reader of this request has chosen."""
    chosen = request.cookies.get(COOKIE) if flask.has_request_context() else None
    return LARGE if chosen == LARGE else USUAL


def link() -> tuple[str, str]:
    """(label, address) of the other size; the address leads back to a page that can be got."""
    here = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    other, label = (USUAL, _("Usual text")) if current() == LARGE else (LARGE, _("Large text"))
    return label, url_for("accounts.text_size", size=other, next=here)


def choose(response: Response, size: str) -> Response:
    """Let the answer's reader have this size from now on."""
    if size == USUAL:
        response.delete_cookie(COOKIE)
        return response
    response.set_cookie(
        COOKIE,
        size,
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
