"""What goes with every answer: its headers, and a page in words for each error."""

from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError
from werkzeug.exceptions import HTTPException, NotFound

from mobilizer import web
from mobilizer.config import HTMX_CDN
from mobilizer.errors import Refused
from mobilizer.extensions import db


def register(app: Flask) -> None:
    """Hang headers and error pages on the application, and refuse what no database takes."""
    app.before_request(refuse_nul)
    app.after_request(with_headers)
    app.register_error_handler(CSRFError, token_lost)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(DBAPIError, database_error)
    app.register_error_handler(Exception, unexpected)


def refuse_nul() -> None:
    """No address of ours has a NUL sign, and PostgreSQL takes it nowhere. (Form fields clean what is typed.)"""
    if "\x00" in request.path:
        raise NotFound


def content_security_policy(htmx: str) -> str:
    """Nothing from elsewhere but htmx, from the one host that the setting names."""
    address = HTMX_CDN if htmx == "cdn" else htmx
    host = (
        ""
        if htmx == "local" or address.startswith("/")
        else " " + "{0.scheme}://{0.netloc}".format(urlsplit(address))
    )
    return (
        f"default-src 'self'; script-src 'self'{host}; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def with_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_security_policy(current_app.config["HTMX"]))
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), payment=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if mark := flask.g.get("reader_mark"):
        headers.setdefault(
            "X-Reader", mark
        )  # what another's log-in left on this device goes when it sees this
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "assets.file":
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("HX-Request", "Cookie", "Accept-Language"))
    return response


def _texts(status: int) -> tuple[str, str]:
    known = {
        400: (
            _("This request was not understood"),
            _("Something in it was missing or damaged. Nothing was changed."),
        ),
        403: (_("Not yours to do"), _("Your appointments do not include this. Nothing was changed.")),
        404: (_("Nothing here"), _("There is no such page, or it is not yours to see.")),
        405: (_("Not this way"), _("This address does not take this kind of request. Nothing was changed.")),
        413: (_("Too large"), _("What was sent is larger than this site takes. Nothing was changed.")),
        429: (_("Too often"), _("Please wait a moment, then try again.")),
        500: (
            _("Something went wrong here"),
            _("The fault is ours, and it is noted. Nothing was changed; please try again."),
        ),
        503: (_("Very busy"), _("Nothing was changed; please try again in a moment.")),
    }
    return known.get(status, (_("Not possible"), _("Nothing was changed.")))


def _beyond_the_pass() -> tuple[str, str] | None:
    """What whoever has only a pass for a call is told at everything else."""
    reader = web.reader()
    if reader is None or reader.pass_call_id is None:
        return None
    if not reader.pass_stands:
        return (
            _("This pass is over"),
            _(
                "The branch no longer lets people in by the link, or it has ended. Please log in, or speak with the branch."
            ),
        )
    return (
        _("Not with this pass"),
        _(
            "With this pass you take, give back and check in for this one call. For everything else please log in, or ask your branch for a one-time link."
        ),
    )


def _page(status: int, title: str, text: str, code: str | None = None) -> Response:
    if web.is_for_script():
        return web.told(code or str(status), text, status)
    if web.is_htmx():
        flask.flash(text, "refused")
        response = flask.make_response(render_template("_flashes.html", oob=True), status)
        response.headers["HX-Reswap"] = "none"
        return response
    return flask.make_response(render_template("error.html", title=title, text=text), status)


def http_error(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    beyond = _beyond_the_pass() if error.code in (403, 404) else None
    title, text = beyond or _texts(error.code)
    response = _page(error.code, title, text)
    for name, value in error.get_headers(flask.request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def refused(refusal: Refused) -> Any:
    """A refusal that no view has shown itself."""
    db.session.rollback()
    return _page(refusal.status, _("Not possible"), web.say(refusal), refusal.code)


def database_error(error: DBAPIError) -> Any:
    """A lock that was not to be had in time is no fault of anybody's: 503, try again. What the database cannot take
    as a value (a NUL sign, a number out of range) was bad input: 400. All else is unexpected."""
    if isinstance(error, DataError):
        db.session.rollback()
        return _page(400, *_texts(400))
    if not web.lost_race(error):
        return unexpected(error)
    db.session.rollback()
    response = _page(503, *_texts(503))
    response.headers["Retry-After"] = "2"
    return response


def unexpected(error: Exception) -> Any:
    """Ours to mend: it is logged with its trace, and the person is told that nothing was changed."""
    db.session.rollback()
    current_app.logger.exception("unexpected error at %s", request.endpoint)
    return _page(500, *_texts(500))


def token_lost(error: CSRFError) -> Any:
    """The form's token is missing or from another log-in. Whoever sent it from this very site may send it again,
    and nothing typed is lost; what came from elsewhere is not offered."""
    own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not own or web.is_htmx() or web.is_for_script() or request.files:
        return _page(
            400,
            _("This form is no longer good"),
            _("Open the page again and send it once more. Nothing was changed."),
            "token-lost",
        )
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    page = render_template("send_again.html", typed=typed, action=request.full_path.rstrip("?"))
    return page, 400, {"Cache-Control": "no-store"}  # a password may be among what was typed
