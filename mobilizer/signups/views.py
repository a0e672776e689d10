"""Open shifts, one shift, my shifts; take and give back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.errors import N_
from mobilizer.filters import day as day_text
from mobilizer.filters import relative_day, time_range
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.signups import actions, asking_queries, queries
from mobilizer.signups.facts import Turn

blueprint = Blueprint("signups", __name__)
DAYS_AHEAD = 7


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


@blueprint.get("/shifts")
@web.requires(Permission.HOME_READ)
def open_shifts() -> Any:
    reader, now = web.the_reader(), clock.now()
    day, page = _asked_day(), min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = queries.open_shifts(reader, now, day=day, page=page)
    more, lines = len(lines) > queries.PAGE, lines[: queries.PAGE]
    today = now.astimezone(local_zone()).date()
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    chips = [(_("All days"), url_for("signups.open_shifts"), day is None)]
    chips += [
        (relative_day(each, now) if each == today else day_text(each, now), _page_of(each), each == day)
        for each in days
    ]
    return render_template(
        "signups/open_shifts.html",
        by_day=[
            (each, sorted(group, key=lambda line: not (line.takeable or line.mine)))
            for each, group in groupby(lines, key=lambda line: line.day)
        ],
        chips=chips,
        day=day,
        now=now,
        previous=_page_of(day, page - 1) if page > 1 else None,
        next=_page_of(day, page + 1) if more else None,
    )


def _page_of(day: date | None, page: int = 1) -> str:
    return url_for("signups.open_shifts", day=day, page=page if page > 1 else None)


def _readable(shift_id: int) -> queries.Place | None:
    reader = web.reader()
    return queries.place(shift_id, member_id=reader.member_id if reader else 0)


@blueprint.get("/shifts/<int(max=2147483647):shift_id>")
@web.requires(Permission.SHIFT_READ, of=_readable)
def shift(place: queries.Place) -> Any:
    return _shift_page(place)


def _shift_page(place: queries.Place) -> str:
    reader, now = web.the_reader(), clock.now()
    found = shifts.shift(place.id)
    line = queries.line(place.id, reader.member_id, now)
    if found is None or line is None:
        raise RuntimeError("a shift that went between two reads of one request")
    leads = bool(web.can(Permission.SHIFT_RUN, place))
    return render_template(
        "signups/shift.html",
        place=place,
        shift=found,
        line=line,
        companions=queries.on_shift(place.id) if line.mine and not leads else [],
        people=asking_queries.everybody(place.id) if leads else None,
        leads=leads,
        now=now,
    )


def _take_or_give(place: queries.Place, act: Callable[[datetime], Turn], told: str) -> Any:
    """Take and give back alike: the card alone for htmx, else on to the shift's page."""
    reader, now = web.the_reader(), clock.now()

    def done(turn: Turn) -> web.Done:
        when = f"{day_text(turn.starts_at, now)} {time_range(turn.starts_at, turn.ends_at)}"
        return web.Done(
            told, url_for("signups.shift", shift_id=place.id), {"when": when, "where": turn.checkpoint}
        )

    def fragment() -> str:
        line = queries.line(place.id, reader.member_id, now)
        return web.fragment_with_flashes("signups/_shift.html", line=line, now=now)

    return web.command(lambda: act(now), done=done, page=lambda: _shift_page(place), fragment=fragment)


@blueprint.post("/shifts/<int(max=2147483647):shift_id>/sign-up")
@web.requires(Permission.SHIFT_TAKE, of=queries.place)
def sign_up(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    return _take_or_give(
        place,
        lambda now: actions.sign_up(place.id, member_id, by=by, now=now),
        N_("You are signed up: %(when)s, %(where)s."),
    )


@blueprint.post("/shifts/<int(max=2147483647):shift_id>/give-back")
@web.requires(Permission.SHIFT_READ, of=_readable)
def give_back(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    return _take_or_give(
        place,
        lambda now: actions.give_back(place.id, member_id, by=by, now=now),
        N_("Given back: %(when)s, %(where)s. Thank you for saying so in time."),
    )


@blueprint.get("/my/shifts")
@web.requires(Permission.MY_SERVICE_READ)
def my_shifts() -> Any:
    reader, now = web.the_reader(), clock.now()
    return render_template(
        "signups/my_shifts.html",
        coming=queries.coming(reader.member_id, now),
        past=queries.past(reader.member_id, now),
        now=now,
    )
