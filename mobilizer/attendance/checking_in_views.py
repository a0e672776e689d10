"""A member's own check-in and check-out: the page of a shift that they hold, and the poster that they have scanned."""

from collections.abc import Callable
from typing import Any

import flask
from flask import Blueprint, current_app, g, make_response, render_template, request, url_for

from mobilizer import clock, qr, throttle, web
from mobilizer.attendance import checking_in, codes, mine_queries, relief_queries, way_rules
from mobilizer.attendance.mine_queries import Mine
from mobilizer.attendance.views import reading
from mobilizer.errors import N_, Refused
from mobilizer.filters import clock_time
from mobilizer.policy import Permission
from mobilizer.signups import queries as signups
from mobilizer.signups.queries import Place

blueprint = Blueprint("check_in", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"
MOST_AT_SHIFT = 30
"""Wrong codes for one shift from one address in a quarter of an hour: a whole team may stand behind one address."""


def readable(shift_id: int) -> Place | None:
    """The shift's place; whoever is or was on it may read it."""
    reader = web.reader()
    return signups.place(shift_id, member_id=reader.member_id if reader else 0)


@blueprint.get(f"{SHIFT}/check-in")
@web.requires(Permission.SHIFT_READ, of=readable)
def show(place: Place) -> Any:
    return _page(place.id, request.args.get("code", ""))


@blueprint.post(f"{SHIFT}/check-in")
@web.requires(Permission.SHIFT_READ, of=readable)
def check_in(place: Place) -> Any:
    by, now, member_id, caught = web.actor(), clock.now(), web.the_reader().member_id, []
    form = request.form
    code = form.get("code", "")[:60]
    try:
        _may_guess(place.id, member_id)
    except Refused as refusal:
        return _refused(refusal, lambda: _page(place.id, code))

    def act() -> Mine:
        where = way_rules.place(
            form.get("latitude", "")[:30], form.get("longitude", "")[:30], form.get("accuracy", "")[:30]
        )
        try:
            checking_in.check_in(
                place.id,
                member_id,
                code,
                place=where,
                reading=reading(),
                key=current_app.config["SECRET_KEY"],
                by=by,
                now=now,
            )
        except Refused as refusal:
            caught.append(refusal.code)
            raise
        return _mine(place.id)

    answer = web.command(act, done=_checked_in, page=lambda: _page(place.id, code))
    if checking_in.GUESSED.intersection(caught):
        throttle.note(throttle.CHECK_IN, f"member {member_id}", now)
        throttle.note(throttle.CHECK_IN_AT, f"shift {place.id}", now)
    return answer


@blueprint.post(f"{SHIFT}/check-out")
@web.requires(Permission.SHIFT_READ, of=readable)
def check_out(place: Place) -> Any:
    by, now, member_id = web.actor(), clock.now(), web.the_reader().member_id

    def act() -> Mine:
        checking_in.check_out(
            place.id,
            member_id,
            leave_anyway="leave_anyway" in request.form,
            reading=reading(),
            by=by,
            now=now,
        )
        return _mine(place.id)

    def done(mine: Mine) -> web.Done:
        return web.Done(
            N_("You have left at %(left)s; here since %(arrived)s. Thank you."),
            url_for("check_in.show", shift_id=place.id),
            {
                "arrived": clock_time(_known(mine.checked_in_at)),
                "left": clock_time(_known(mine.checked_out_at)),
            },
        )

    return web.command(act, done=done, page=lambda: _page(place.id))


# --- a poster's code ------------------------------------------------------------------------------------


@blueprint.get("/check-in")
@web.requires(Permission.POSTER_READ)
def type_code() -> Any:
    """Where a poster's code is typed; one that is typed leads on to the poster's own address."""
    code = way_rules.plain_code(request.args.get("code", ""))
    if way_rules.is_poster_code(code):
        return web.go(url_for("check_in.poster", code=code))
    return render_template(
        "attendance/type_code.html", typed=request.args.get("code", "")[:60], now=clock.now()
    )


@blueprint.get("/p/<code>")
@web.open_to_all
def poster(code: str) -> Any:
    """What the poster that was scanned is good for now, for whoever scanned it. It changes nothing. Whoever is not logged
    in is shown what can be joined here by name and phone number, else the way to the log-in."""
    now, code = clock.now(), way_rules.plain_code(code)
    if web.reader() is None:
        place = mine_queries.by_poster(code) if way_rules.is_poster_code(code) else None
        shifts = mine_queries.joinable(place.id, now) if place else []
        if not shifts:
            return web.to_log_in()
        return render_template("attendance/poster_join.html", place=place, shifts=shifts)
    web.require(Permission.POSTER_READ)
    member_id = web.the_reader().member_id
    try:
        throttle.check(throttle.CHECK_IN, f"member {member_id}", now, anywhere=True)
    except Refused as refusal:
        return _refused(refusal, lambda: render_template("attendance/poster_said.html", place=None, mine=[]))
    place = mine_queries.by_poster(code) if way_rules.is_poster_code(code) else None
    if place is None:
        throttle.note(throttle.CHECK_IN, f"member {member_id}", now)
        return render_template("attendance/poster_said.html", place=None, mine=[]), 404
    around = mine_queries.around(web.the_reader(), now)
    here = [each for each in around if each.checkpoint_id == place.id]
    first = next((each for each in here if each.standing(now) in ("open", "here")), None)
    if first is not None:
        return _answer(first, code)
    return render_template("attendance/poster_said.html", place=place, mine=around)


# --- what they share --------------------------------------------------------------------------------------


def _may_guess(shift_id: int, member_id: int) -> None:
    now = clock.now()
    throttle.check(throttle.CHECK_IN, f"member {member_id}", now, anywhere=True)
    throttle.check(throttle.CHECK_IN_AT, f"shift {shift_id}", now, most=MOST_AT_SHIFT)


def _refused(refusal: Refused, page: Callable[[], str]) -> Any:
    """Refused before anything was tried: no answer is kept of it, so that the same may be sent again later."""
    if web.is_for_script():
        return web.told(refusal.code, web.say(refusal), refusal.status)
    flask.flash(web.say(refusal), "refused")
    g.refusal = refusal
    return make_response(page(), refusal.status)


def _mine(shift_id: int) -> Mine:
    found = mine_queries.mine(shift_id, web.the_reader().member_id)
    if found is None:
        raise RuntimeError("checked in on a shift that is not theirs")
    return found


def _known(at: Any) -> Any:
    if at is None:
        raise RuntimeError("a time that was just written")
    return at


def _checked_in(mine: Mine) -> web.Done:
    words, values = N_("You are here since %(time)s."), {"time": clock_time(_known(mine.checked_in_at))}
    if mine.late:
        words = N_(
            "You are here since %(time)s: %(minutes)s minutes late; that is noted, thank you for coming."
        )
        values["minutes"] = str(mine.late)
    return web.Done(words, url_for("check_in.show", shift_id=mine.shift_id), values)


def _page(shift_id: int, code: str = "") -> Any:
    mine = mine_queries.mine(shift_id, web.the_reader().member_id)
    if mine is None:
        return render_template("attendance/not_mine.html", shift_id=shift_id)
    return _answer(mine, way_rules.plain_code(code))


def _answer(mine: Mine, code: str) -> Any:
    """The page of a shift that the reader holds. Only here, and only where it is needed, may it ask where the phone is."""
    now, key = clock.now(), current_app.config["SECRET_KEY"]
    refusal: Refused | None = g.get("refusal")
    standing = mine.standing(now)
    own = None
    if standing == "open" and mine.own_code_enough:
        token = codes.own_token(key, mine.sign_up_id, mine.ends_at)
        own = (
            qr.data_uri(web.public_url("own_codes.scanned", token=token)),
            codes.own_digits(key, mine.sign_up_id, mine.ends_at),
        )
    response = make_response(
        render_template(
            "attendance/check_in.html",
            mine=mine,
            standing=standing,
            code=code,
            wrong=web.say(refusal) if refusal and refusal.field == "code" else "",
            own=own,
            relief=relief_queries.relief_of(mine.shift_id) if standing == "here" else None,
            unrelieved=refusal is not None and refusal.code == "not-relieved",
            now=now,
        )
    )
    if mine.asks_place:
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=(), payment=()"
    return response
