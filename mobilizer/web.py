"""HTTP habits and htmx, known here and nowhere else.

Every view is either `open_to_all` or `requires` a permission. Whatever writes goes through `command`: one
action, one commit, and an answer that a repeat of the same request gets again.
"""

import hmac
import random
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

import flask
from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.exceptions import Forbidden, NotFound

from mobilizer import clock, languages, text_size
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db, run, table_of
from mobilizer.model import AnsweredRequest
from mobilizer.policy import Actor, Allowed, Permission, Reader, actor_of, allows, readable

P = ParamSpec("P")
T = TypeVar("T")
ATTEMPTS = 6
BUSY = ("busy", N_("Too many people at once. Nothing was changed; please try again."))
_ANSWER = select(AnsweredRequest.answer).where(AnsweredRequest.key == bindparam("key"))
_KEEP = insert(table_of(AnsweredRequest))
SAFE = ("GET", "HEAD", "OPTIONS")
_WECHAT = re.compile("MicroMessenger|wxwork", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
OUTSIDE_THE_KEY = frozenset({"csrf_token", "device_at", "sent_at"})
"""Fields that may differ between a request and its repeat: the token of the day, and what the phone's clock showed when
it was said and when it was sent."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that succeeded tells (a msgid and its values) and where the plain answer leads. `kind`: how it is told,
    "note" where not all of it was possible."""

    message: str
    location: str
    values: dict[str, Any] = field(default_factory=dict)
    kind: str = "done"


# --- who asks, and whether they may ------------------------------------------------------------------


def reader() -> Reader | None:
    """Who asks, or None if nobody is logged in."""
    return current_user.reader if current_user.is_authenticated else None


def the_reader() -> Reader:
    """Who asks, in a view that requires a log-in."""
    found = reader()
    if found is None:
        raise RuntimeError("the_reader() in a view that is open to all")
    return found


def mark_of(asking: Reader) -> str:
    """Whose something is that a browser keeps, in letters that tell nobody who that is."""
    key = str(flask.current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"kept by {asking.member_id}".encode(), "sha256").hexdigest()[:16]


def actor() -> Actor:
    """Who acts and from which appointment, as the permission just checked has it."""
    return actor_of(the_reader(), g.allowed)


def can(permission: Permission, thing: Any = None) -> Allowed:
    """For templates and views: may the reader?"""
    return allows(reader(), permission, thing)


def open_to_all(view: Callable[P, T]) -> Callable[P, T]:
    """Say that a route asks for no log-in."""
    view.access = "open"  # type: ignore[attr-defined]
    return view


def require(permission: Permission, thing: Any = None) -> None:
    """Answer 404 for a thing that the reader may not even see, 403 for one that they may see but not so use. Whoever has
    appointments that do not count on this device yet is led to where they can make them count."""
    asking = the_reader()
    g.allowed = allows(asking, permission, thing)
    if not g.allowed:
        if asking.withheld:
            flask.abort(to_confirm())
        if thing is not None and not allows(asking, readable(permission), thing):
            raise NotFound
        raise Forbidden


def requires(
    permission: Permission, *, of: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Load the thing with `of(**address parts)`, check the permission on it, hand the view the thing.

    Without a log-in the answer is the way to it. None from `of` is 404.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**parts: Any) -> Any:
            if not current_user.is_authenticated:
                return to_log_in()
            if of is None:
                require(permission)
                return view(**parts)
            thing = of(**parts)
            if thing is None:
                raise NotFound
            require(permission, thing)
            return view(thing)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def to_log_in() -> Response:
    """The way to the log-in; for a script 401, in words."""
    if is_for_script():
        return told("log-in", gettext("Please log in again."), 401)
    target = request.full_path.rstrip("?") if request.method in SAFE else ""
    return go(url_for("accounts.log_in", next=target or None))


def to_confirm(target: str | None = None) -> Response:
    """To the page where a device shows what its member's appointments ask for; from there to `target` or back here. What
    a script sends waits for it as for a log-in."""
    if is_for_script():
        return told("log-in", gettext("Please show your passkey, or log in again."), 401)
    if target is None and request.method in SAFE:
        target = request.full_path.rstrip("?")
    return go(url_for("passkeys.confirm", next=target or None))


# --- answers ----------------------------------------------------------------------------------------


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def is_for_script() -> bool:
    """Whether a script asks that wants no page but the words: the queue of what was said without a network."""
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def told(code: str, words: str, status: int, **more: str | None) -> Response:
    """An answer for a script: what it came to (`code`; "done" is success) and the words for the person."""
    response = flask.jsonify({"code": code, "words": words, **more})
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def in_wechat() -> bool:
    """Whether WeChat's own browser asks (WeCom's too). It swallows downloads and opens no other program's addresses."""
    return bool(_WECHAT.search(request.user_agent.string))


def go(location: str) -> Response:
    """303 to another page; htmx is told to load it."""
    if is_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, 303))


def public_url(endpoint: str, **values: Any) -> str:
    """The whole address of a page, for a link that leaves the site: at PUBLIC_ADDRESS, or where this request came in.

    Refuses to make one up on the command line, where there is no request.
    """
    address = current_app.config["PUBLIC_ADDRESS"]
    if not address:
        if not flask.has_request_context():
            raise Refused(
                "no-public-address",
                N_("Say the site's address first, as people reach it: MOBILIZER_PUBLIC_ADDRESS."),
            )
        return url_for(endpoint, _external=True, **values)
    parts = urlsplit(address)
    outside = current_app.url_map.bind(parts.netloc, script_name=parts.path, url_scheme=parts.scheme)
    return outside.build(endpoint, values, force_external=True)


def safe_next(target: str | None, otherwise: str) -> str:
    """`target` if it is a path on this site, else `otherwise`: nobody is led to strangers."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target:
        return target if target.isprintable() else otherwise
    return otherwise


def page_or_fragment(page: str, fragment: str, **context: Any) -> Response:
    """The page, or for htmx its partial alone with the flashes out of band: one renderer, two envelopes."""
    if is_htmx():
        return make_response(fragment_with_flashes(fragment, **context))
    return make_response(render_template(page, **context))


def fragment_with_flashes(fragment: str, **context: Any) -> str:
    return render_template(fragment, **context) + render_template("_flashes.html", oob=True)


def tag_of(*shown: Any) -> str:
    """A mark of what a page shows, for its ETag: of these values, to this reader, in this language, size of text and
    envelope."""
    asking = reader()
    who = (
        asking and (asking.member_id, asking.pass_call_id, asking.verified, asking.wanting),
        languages.current(),
        text_size.current(),
        is_htmx(),
        request.full_path,
    )
    return sha256(repr((shown, who)).encode()).hexdigest()[:24]


def unchanged(tag: str) -> Response | None:
    """304 if the browser has just this already. A message that waits to be said is a change."""
    if flask.session.get("_flashes") or not request.if_none_match.contains_weak(tag):
        return None
    return tagged(make_response("", 304), tag)


def tagged(response: Response, tag: str) -> Response:
    """The answer with its ETag; weak, as packing it changes its bytes and not what it says."""
    response.set_etag(tag, weak=True)
    return response


def attachment(body: Any, name: str, media_type: str) -> Response:
    """A download. `name` may hold any characters (RFC 6266); who cannot read them gets a plain name with its ending."""
    response = Response(body, mimetype=media_type)
    stem, dot, ending = name.rpartition(".")
    plain = (_NOT_PLAIN.sub("-", stem).strip("-.") or "download") + dot + _NOT_PLAIN.sub("-", ending)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


# --- commands ---------------------------------------------------------------------------------------


def command(
    act: Callable[[], T],
    *,
    done: Callable[[T], Done],
    page: Callable[[], Any],
    fragment: Callable[[], str] | None = None,
) -> Response:
    """Run one action in a writer's transaction, commit once, answer. What was read before is an older moment:
    the action reads what it decides by.

    Success: 303 to where `done` says with its message, or for htmx the fresh `fragment`. Refusal: nothing is
    written, and the page (or the fragment) is shown again in the refusal's status, with its words. A form's
    `operation_key` makes a repeat answer as the first did and change nothing. A script is told the words of either.
    """
    try:
        answer = _answered(act, done)
    except Refused as refusal:
        if is_for_script():
            return told(refusal.code, say(refusal), refusal.status, field=refusal.field)
        flask.flash(say(refusal), "refused")
        g.refusal = refusal
        shown = fragment() if fragment and is_htmx() else page()
        response = make_response(shown)
        response.status_code = refusal.status
        return response
    words = gettext(answer.message, **answer.values)
    if is_for_script():
        return told("done", words, 200, location=answer.location)
    flask.flash(words, answer.kind)
    if fragment and is_htmx():
        return make_response(fragment())
    return go(answer.location)


def write(act: Callable[[], T]) -> T:
    """One action in a writer's transaction, committed once, for an answer that is not `command`'s: a log-in, a question
    for a browser's own machinery. A lost race is tried again; a refusal leaves nothing behind and is the caller's."""
    for attempt in range(ATTEMPTS):
        try:
            begin_write()
            done = act()
            db.session.commit()
            return done
        except Refused:
            db.session.rollback()
            raise
        except DBAPIError as error:
            db.session.rollback()
            if not lost_race(error):
                raise
            time.sleep(random.uniform(0, 0.02) * (attempt + 1))  # noqa: S311
    raise Refused(*BUSY, status=503)


def say(refusal: Refused) -> str:
    """The refusal in the reader's language; of a tuple among its values each text is translated."""
    between = gettext(", ")
    told = {
        name: between.join(str(gettext(str(text))) if text else "" for text in value)
        if isinstance(value, tuple)
        else value
        for name, value in refusal.values.items()
    }
    return str(gettext(refusal.message, **told))


def _answered(act: Callable[[], T], done: Callable[[T], Done]) -> Done:
    key, lost = _request_key(), ""
    for attempt in range(ATTEMPTS):
        try:
            begin_write()
            if key and (first := _first_answer(key)):
                db.session.rollback()
                return first
            answer = done(act())
            if key:
                _keep_answer(key, asdict(answer))
            db.session.commit()
            return answer
        except Refused as refusal:
            db.session.rollback()
            if key and not isinstance(refusal, RefusedBefore) and (first := _keep_refusal(key, refusal)):
                return first
            raise
        except DBAPIError as error:
            db.session.rollback()
            if not lost_race(error):
                raise
            lost = type(error.orig).__name__
            time.sleep(random.uniform(0, 0.02) * (attempt + 1))  # noqa: S311
    current_app.logger.warning("gave up %s after %s attempts: %s", request.endpoint, ATTEMPTS, lost)
    raise Refused(*BUSY, status=503)


class RefusedBefore(Refused):
    """The stored refusal of a request that is repeated."""


def _request_key() -> str | None:
    """A digest of the form's operation key, the person, the address and all that was sent with it.

    So a corrected form that carries its old key is a request of its own, and nobody meets another's answer.
    """
    key = request.form.get("operation_key")
    if not key:
        return None
    asking = reader()
    sent = sorted(
        (name, value) for name, value in request.form.items(multi=True) if name not in OUTSIDE_THE_KEY
    )
    return sha256(repr((asking and asking.member_id, request.full_path, sent)).encode()).hexdigest()


def lost_race(error: DBAPIError) -> bool:
    """Whether trying again may help: a lock, a deadlock, a serialization failure, or a row that came in between."""
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "locked" in str(error.orig)


def _first_answer(key: str) -> Done | None:
    answer = run(_ANSWER, {"key": key}).scalar()
    if answer is None:
        return None
    if "refused" in answer:
        raise RefusedBefore(
            answer["refused"],
            answer["message"],
            status=answer["status"],
            field=answer["field"],
            **answer["values"],
        )
    return Done(**answer)


def _keep_answer(key: str, answer: dict[str, Any]) -> None:
    run(_KEEP, {"key": key, "answer": answer, "answered_at": clock.now()})


def _keep_refusal(key: str, refusal: Refused) -> Done | None:
    """A refusal is an answer too. If the same request was answered meanwhile, that answer counts: it is returned,
    or raised if it was a refusal. Losing a refusal to a lock costs only that a repeat is judged anew."""
    answer = {
        "refused": refusal.code,
        "message": refusal.message,
        "values": {name: str(value) for name, value in refusal.values.items()},
        "status": refusal.status,
        "field": refusal.field,
    }
    try:
        begin_write()
        _keep_answer(key, answer)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return _first_answer(key)
    except DBAPIError:
        db.session.rollback()
    return None
