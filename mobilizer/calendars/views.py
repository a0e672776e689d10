"""My calendar's address: made, shown, replaced, ended; the feed that it leads to; the file of one shift."""

import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from mobilizer import clock, languages, throttle, web
from mobilizer.accounts.queries import token_hash
from mobilizer.calendars import actions, queries, rules, writing
from mobilizer.calendars.queries import Entry
from mobilizer.errors import N_
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.signups import queries as signups
from mobilizer.signups.queries import Place

blueprint = Blueprint("calendars", __name__)
GUESSED = "calendar"
MEDIA_TYPE = "text/calendar; charset=utf-8"


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


# --- the page ---------------------------------------------------------------------------------------------


@blueprint.get("/my/calendar")
@web.requires(Permission.MY_SERVICE_READ)
def mine() -> Any:
    return _page()


def _page() -> str:
    nonce = queries.nonce(web.the_reader().member_id)
    address = _address(rules.token_of(_secret(), nonce)) if nonce else ""
    return render_template(
        "calendars/mine.html",
        address=address,
        subscribe="webcal://" + address.split("://", 1)[1] if address else "",
    )


def _address(token: str) -> str:
    """In Chinese unless the reader reads English: a phone's calendar asks without saying its language."""
    language = None if languages.current() == "zh_CN" else languages.current()
    return web.public_url("calendars.feed", token=token, language=language)


def _command(act: Callable[..., None], told: str, **more: Any) -> Any:
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    return web.command(
        lambda: act(member_id, by=by, now=now, **more),
        done=lambda _nothing: web.Done(told, url_for("calendars.mine")),
        page=_page,
    )


@blueprint.post("/my/calendar/make")
@web.requires(Permission.MY_SERVICE_READ)
def make() -> Any:
    return _command(
        actions.make,
        N_("Here is the address of your calendar. Keep it to yourself."),
        nonce=secrets.token_urlsafe(32),
        secret_key=_secret(),
    )


@blueprint.post("/my/calendar/renew")
@web.requires(Permission.MY_SERVICE_READ)
def renew() -> Any:
    return _command(
        actions.renew,
        N_("You have a new address. The old one shows nothing any more: subscribe to the new one."),
        nonce=secrets.token_urlsafe(32),
        secret_key=_secret(),
    )


@blueprint.post("/my/calendar/remove")
@web.requires(Permission.MY_SERVICE_READ)
def remove() -> Any:
    return _command(actions.remove, N_("The address is gone: nobody can read your calendar by it any more."))


# --- the files --------------------------------------------------------------------------------------------


def _told(entry: Entry, now: datetime) -> writing.Told | None:
    status = rules.status(entry.sign_up_status, entry.shift_status, entry.ends_at, now)
    if status is None:
        return None
    page = web.public_url("signups.shift", shift_id=entry.shift_id)
    return entry, status, rules.uid(_secret(), entry.shift_id, entry.member_id), page


@blueprint.get("/calendar/<token>.ics")
@web.open_to_all
def feed(token: str) -> Any:
    """Whoever has the address has the calendar. A wrong one is a guess, and counted; many wrong ones end a guesser's
    quarter of an hour, and nobody else's calendar: not that of whoever stands behind the same address either."""
    now, hashed = clock.now(), token_hash(token)
    member_id = queries.owner(hashed)
    if member_id is None:
        throttle.check(GUESSED, hashed, now)
        throttle.note(GUESSED, hashed, now)
        raise NotFound
    asked = request.args.get("language", "zh_CN")
    with force_locale(asked if asked in languages.LANGUAGES else "zh_CN"):
        told = [_told(entry, now) for entry in queries.entries(member_id, now)]
        body = writing.calendar([each for each in told if each], subscribed=True)
    response = make_response(body)
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Disposition"] = 'inline; filename="shifts.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_etag(sha256(body).hexdigest()[:32], weak=True)
    return response.make_conditional(request)


def _mine(shift_id: int) -> Place | None:
    """The shift's place, if the reader signed up for it."""
    reader = web.reader()
    place = signups.place(shift_id, member_id=reader.member_id) if reader else None
    return place if place and place.member_ids else None


@blueprint.get("/shifts/<int(max=2147483647):shift_id>/calendar.ics")
@web.requires(Permission.SHIFT_READ, of=_mine)
def one(place: signups.Place) -> Response:
    """One shift of mine to put into any calendar; under the same UID as in the feed, so that it stands there once."""
    now = clock.now()
    entry = queries.entry(place.id, web.the_reader().member_id)
    told = _told(entry, now) if entry else None
    if entry is None or told is None:
        raise NotFound
    day = entry.starts_at.astimezone(local_zone()).date().isoformat()
    name = _("Shift %(day)s %(where)s.ics", day=day, where=entry.checkpoint)
    return web.attachment(writing.calendar([told], subscribed=False), name, MEDIA_TYPE)
