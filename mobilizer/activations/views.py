"""Opening a one-time link. The pages on which links are made stand in making_views; their routes are at the end."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from mobilizer import clock, throttle, web
from mobilizer.accounts import entry, passwords
from mobilizer.accounts import queries as accounts
from mobilizer.activations import actions, making_views, queries
from mobilizer.activations.forms import ActivateForm
from mobilizer.activations.queries import Link
from mobilizer.activations.rules import AGAIN, GUESS, State, read
from mobilizer.branches import queries as branches
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, csrf, db
from mobilizer.policy import Permission

blueprint = Blueprint("activations", __name__)
MOST_ID = 2**31 - 1
TOKEN = "/a/<string(maxlength=64):token>"  # noqa: S105


@blueprint.get(TOKEN)
@web.open_to_all
def open_link(token: str) -> Any:
    """Changes nothing, so that a chat's preview of the link uses nothing up."""
    link = _link(token, clock.now())
    if not isinstance(link, Link) or link.state != State.OPEN:
        return _gone(link)
    return _page(token, link, ActivateForm(data={"kept": True, "next": request.args.get("next", "")}))


@blueprint.post(TOKEN)
@web.open_to_all
def activate(token: str) -> Any:
    """Set the password and log in. The page sends no Referer, which holds the token; so the form's own token is checked
    here, without it. Sent twice with the same password, it is answered as the first time."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(str(error)) from error
    form, now = ActivateForm(), clock.now()
    link = _link(token, now)
    if isinstance(link, Link) and link.state == State.USED and _again(link, form.password.data or "", now):
        return _secret(entry.entered(link.member_id, form.next.data, kept=form.kept.data))
    if not isinstance(link, Link) or link.state != State.OPEN:
        return _gone(link)
    own_words = accounts.own_words(link.member_id)
    db.session.rollback()  # hold no transaction while hashing
    try:
        if not form.validate():
            return _page(token, link, form, 422)
        passwords.check_new(form.password.data, own_words)
        password_hash = passwords.hashed(form.password.data)
    except Refused as refusal:
        form.password.errors = [web.say(refusal)]
        return _page(token, link, form, refusal.status)
    begin_write()
    try:
        actions.use(read(token), password_hash, now=clock.now())
    except Refused:
        db.session.rollback()
        return _gone(_link(token, clock.now()))
    db.session.commit()
    return _secret(entry.entered(link.member_id, form.next.data, kept=form.kept.data))


csrf.exempt(activate)


def _link(token: str, now: datetime) -> Link | Refused | None:
    """The link; None if there is none; Refused if too many that are not there were tried from this address. A link that
    is there is found whatever others tried: nobody locks out another."""
    token = read(token)
    found = queries.link(accounts.token_hash(token), now)
    if found is not None:
        return found
    try:
        throttle.check(GUESS, token, now)
    except Refused as refusal:
        return refusal
    throttle.note(GUESS, token, now)
    return None


def _again(link: Link, password: str, now: datetime) -> bool:
    """Whether a link just used is sent again with the password that it set: a double tap, or an answer that was lost."""
    if link.used_at is None or now - link.used_at > AGAIN:
        return False
    kept = accounts.password_hash(link.member_id)
    try:
        throttle.check(throttle.PASSWORD, link.phone, now)
    except Refused:
        return False
    if passwords.matches(password, kept):
        return True
    throttle.note(throttle.PASSWORD, link.phone, now)
    return False


def _page(token: str, link: Link, form: ActivateForm, status: int = 200) -> Response:
    form.kept.label.text = ngettext(
        "Stay logged in on this device for %(num)s day",
        "Stay logged in on this device for %(num)s days",
        current_app.config["LOG_IN_DAYS"],
    )
    asking = web.reader()
    other = asking.name if asking and asking.member_id != link.member_id else None
    return _secret(
        render_template("activations/open.html", token=token, link=link, form=form, other=other), status
    )


def _gone(link: Link | Refused | None) -> Response:
    """In words what to do: for a link that has ended (410), for one that is not there (404), and for too many (429)."""
    refusal = link if isinstance(link, Refused) else None
    state = link.state if isinstance(link, Link) else None
    status = refusal.status if refusal else 410 if state else 404
    target = web.safe_next(request.values.get("next"), "")
    page = render_template(
        "activations/gone.html", state=state, words=web.say(refusal) if refusal else None, target=target
    )
    return _secret(page, status)


def _secret(answer: str | Response, status: int | None = None) -> Response:
    """Its address is a secret: told to no other page, kept by no cache, listed by no search."""
    response = make_response(answer)
    if status is not None:
        response.status_code = status
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """Also where the answer is an error's page."""
    opened = [f"{blueprint.name}.{view.__name__}" for view in (open_link, activate)]
    return _secret(response) if request.endpoint in opened else response


# --- where links are made -----------------------------------------------------------------------------

_of_branch = web.requires(Permission.MEMBER_ACTIVATE, of=branches.branch)
_of_member = web.requires(Permission.MEMBER_ACTIVATE, of=making_views.candidate)
_BRANCH = f"/branches/<int(max={MOST_ID}):branch_id>/activations"
_MEMBER = f"/members/<int(max={MOST_ID}):member_id>/activation"

blueprint.add_url_rule(_BRANCH, "branch", _of_branch(making_views.of_branch))
blueprint.add_url_rule(_BRANCH, "make", _of_branch(making_views.make_for_branch), methods=["POST"])
blueprint.add_url_rule(
    f"{_BRANCH}/revoke", "revoke", _of_branch(making_views.revoke_for_branch), methods=["POST"]
)
blueprint.add_url_rule(f"{_BRANCH}/sheet", "sheet", _of_branch(making_views.sheet))
blueprint.add_url_rule(_MEMBER, "member", _of_member(making_views.of_member))
blueprint.add_url_rule(_MEMBER, "make_one", _of_member(making_views.make_for_member), methods=["POST"])
blueprint.add_url_rule(
    f"{_MEMBER}/revoke", "revoke_one", _of_member(making_views.revoke_for_member), methods=["POST"]
)
