"""Log in, log out, choose a language and the size of the text, my own page. The routes of my devices are at the end."""

from typing import Any

import flask
from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mobilizer import clock, phones, text_size, throttle, web
from mobilizer.accounts import actions, device_views, entry, passwords, queries
from mobilizer.accounts.forms import LogInForm, PasswordForm
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.policy import Actor, Permission

blueprint = Blueprint("accounts", __name__)
blueprint.after_app_request(entry.note_seen)


@blueprint.get("/log-in")
@web.open_to_all
def log_in() -> Any:
    target = web.safe_next(request.args.get("next"), url_for("home.today"))
    if current_user.is_authenticated and current_user.reader.pass_call_id is None:
        return web.go(target)
    return log_in_page(target=request.args.get("next"))


def log_in_page(form: LogInForm | None = None, *, target: str | None = None) -> str:
    """The form that was sent, or a new one. A phone is its owner's, and to be logged out in the night costs a shift: "stay" is ticked there to begin with.
    A PC in an office is several people's: there it is not."""
    if form is None:
        form = LogInForm(formdata=None, data={"next": target or "", "kept": entry.on_a_phone()})
    days = current_app.config["LOG_IN_DAYS"]
    form.kept.label.text = ngettext(
        "Stay logged in on this device for %(num)s day",
        "Stay logged in on this device for %(num)s days",
        days,
    )
    return render_template("accounts/log_in.html", form=form)


@blueprint.post("/log-in", endpoint="log_in_post")
@web.open_to_all
def log_in_post() -> Any:
    """The same words and the same time whether or not the number is known; hashing holds no transaction."""
    form = LogInForm()
    if not form.validate():
        return log_in_page(form), 422
    try:
        member_id = _check(form.phone.data, form.password.data)
    except Refused as refusal:
        form.password.errors = [web.say(refusal)]
        return log_in_page(form), refusal.status
    return entry.entered(member_id, form.next.data, kept=form.kept.data)


def _check(phone: str, password: str) -> int:
    """The member whose phone and password these are, or Refused."""
    now = clock.now()
    try:
        number = phones.read(phone)
    except ValueError:
        number = phone.strip()
    throttle.check(throttle.PASSWORD, number, now)
    known = queries.credentials(number)
    db.session.rollback()  # hold no transaction while hashing
    if passwords.matches(password, known.password_hash if known else None) and known is not None:
        return known.member_id
    throttle.note(throttle.PASSWORD, number, now)
    raise Refused("log-in-wrong", N_("Phone number and password do not go together."), status=422)


@blueprint.post("/log-out")
@web.open_to_all
def log_out() -> Any:
    entry.leave()
    again = request.form.get("next")
    response = web.go(web.safe_next(again, url_for("home.today")))
    if not again:
        # Pages, and what waits to be sent: nothing stays on this device. Who only logs in anew keeps what waits.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/language/<code>")
@web.open_to_all
def language(code: str) -> Any:
    if code not in current_app.config["LANGUAGES"]:
        flask.abort(404)
    flask.session["language"] = code
    if not current_user.is_authenticated:
        flask.session.permanent = True  # of a log-in it says whether that stays on this phone
    return web.go(web.safe_next(request.args.get("next"), url_for("home.today")))


@blueprint.get("/text/<size>", endpoint="text_size")
@web.open_to_all
def choose_text_size(size: str) -> Any:
    if size not in text_size.SIZES:
        flask.abort(404)
    back = web.safe_next(request.args.get("next"), url_for("home.today"))
    return text_size.choose(web.go(back), size)


@blueprint.get("/me")
@web.requires(Permission.HOME_READ)
def me() -> Any:
    return render_template("accounts/me.html", form=PasswordForm(), **_me())


@blueprint.post("/me/password")
@web.requires(Permission.HOME_READ)
def change_password() -> Any:
    form = PasswordForm()
    if not form.validate():
        return render_template("accounts/me.html", form=form, **_me()), 422
    reader = web.the_reader()
    old_hash, own_words = queries.password_hash(reader.member_id), queries.own_words(reader.member_id)
    reader_phone = queries.phone(reader.member_id)
    db.session.rollback()
    now = clock.now()
    try:
        throttle.check(throttle.PASSWORD, reader_phone, now)
        if not passwords.matches(form.current.data, old_hash):
            throttle.note(throttle.PASSWORD, reader_phone, now)
            raise Refused(
                "password-wrong", N_("This is not your current password."), status=422, field="current"
            )
        passwords.check_new(form.password.data, own_words)
        new_hash = passwords.hashed(form.password.data)
    except Refused as refusal:
        form[refusal.field or "current"].errors = [web.say(refusal)]
        return render_template("accounts/me.html", form=form, **_me()), refusal.status
    begin_write()
    actions.set_password(reader.member_id, new_hash, by=Actor(reader.member_id), now=now)
    db.session.commit()
    kept = flask.session.permanent
    response = entry.entered(reader.member_id, url_for("accounts.me"), kept=kept)
    flask.flash(_("The password is changed. All other devices are logged out."), "done")
    return response


def _me() -> dict[str, Any]:
    reader = web.the_reader()
    return {"me": queries.me(reader.member_id), "appointments": queries.appointments(reader.member_id)}


blueprint.add_url_rule("/me/devices", "devices", device_views.index)
blueprint.add_url_rule(
    f"/me/devices/<int(max={device_views.MOST_ID}):log_in_id>/end",
    "end_device",
    device_views.end,
    methods=["POST"],
)
blueprint.add_url_rule(
    "/me/devices/end-others", "end_other_devices", device_views.end_others, methods=["POST"]
)
