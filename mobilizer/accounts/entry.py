"""Where every log-in begins and ends: after a password, and after whatever else shows who somebody is."""

from datetime import timedelta

import flask
from flask import Response, current_app, request, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import DBAPIError

from mobilizer import clock, known_device, throttle, web
from mobilizer.accounts import actions, devices, queries, session
from mobilizer.extensions import begin_write, begin_write_if_free, db
from mobilizer.policy import Reader

OUTLASTS = ("language",)
"""What a browser's session keeps when somebody logs in or out."""
SEEN_EVERY = timedelta(hours=1)


def entered(member_id: int, target: str | None, *, kept: bool, strong: bool = False) -> Response:
    """The member is known: start their log-in on this device, in a transaction of its own, and lead on to `target`, if
    it is a path of this site, or to today. `kept`: "stay on this phone"; else it ends with the browser.
    `strong`: they have shown a passkey. Whose appointments ask for more is led to where it can be shown.
    """
    begin_write()
    phone = queries.phone(member_id)
    throttle.forgive(throttle.PASSWORD, phone)
    token = actions.start_log_in(
        member_id,
        lasts=lasts(kept),
        now=clock.now(),
        device=devices.words(_user_agent()),
        kept=kept,
        strong=strong,
    )
    db.session.commit()
    reader = carry(token, kept=kept)
    target = web.safe_next(target, url_for("home.today"))
    response = web.to_confirm(target) if reader.withheld else web.go(target)
    known_device.remember(response, phone)
    return response


def carry(token: str, *, kept: bool) -> Reader:
    """This browser carries the log-in from now on, and nothing of whoever used it before."""
    current = session.load(token)
    if current is None:
        raise RuntimeError("a log-in that is not found after its commit")
    _forget()
    login_user(current)
    flask.session.permanent = kept
    return current.reader


def leave() -> None:
    """End this browser's log-in, also for whoever has a copy of its cookie."""
    if current_user.is_authenticated:
        token = current_user.token
        begin_write()
        actions.end_log_in(token)
        db.session.commit()
    logout_user()
    _forget()


def note_seen(response: Response) -> Response:
    """After an answer: note, at most once an hour, that this device asked. It waits for nobody and spoils no page; what
    does not come to be noted now is noted at the next request."""
    current = flask.g.get(
        "_login_user"
    )  # as Flask-Login keeps it; asking for current_user would load it first
    reader = getattr(current, "reader", None)
    if reader is None or reader.seen_at is None or response.is_streamed:
        return response
    now = clock.now()
    if now - reader.seen_at < SEEN_EVERY:
        return response
    try:
        if begin_write_if_free():
            actions.note_seen(reader.log_in_id, now=now)
            db.session.commit()
    except DBAPIError:
        db.session.rollback()
    return response


def lasts(kept: bool) -> timedelta:
    config = current_app.config
    return timedelta(days=config["LOG_IN_DAYS"]) if kept else timedelta(hours=config["LOG_IN_HOURS"])


def on_a_phone() -> bool:
    return devices.is_phone(_user_agent())


def _user_agent() -> str:
    return request.headers.get("User-Agent", "")


def _forget() -> None:
    outlasts = {name: flask.session[name] for name in OUTLASTS if name in flask.session}
    flask.session.clear()
    flask.session.update(outlasts)
