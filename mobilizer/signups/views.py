"""Open shifts, one shift, my shifts; take one or several, undo it, give it back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.filters import day as day_text
from mobilizer.filters import relative_day, time_range
from mobilizer.inputs import clean_line, local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.signups import (
    actions,
    asking_queries,
    feedback_queries,
    feedback_rules,
    line_queries,
    queries,
    several,
)
from mobilizer.signups.facts import Turn
from mobilizer.signups.line_queries import PAGE, Filters, ShiftLine
from mobilizer.signups.part_rules import PARTS, SAID
from mobilizer.signups.rules import UNDO

blueprint = Blueprint("signups", __name__)
DAYS_AHEAD = 7
MOST_ID = 2**31 - 1
Chip = tuple[str, str, bool]


# --- the list -------------------------------------------------------------------------------------------


def _asked() -> Filters:
    """What the address asks for; what it cannot mean is left out."""
    asked = request.args
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        day = None
    checkpoint = asked.get("checkpoint", 0, type=int)
    part, post = asked.get("part"), asked.get("post")
    return Filters(
        day=day if day and 2000 <= day.year < 2200 else None,
        part=part if part in PARTS else None,
        checkpoint=checkpoint if 0 < checkpoint <= MOST_ID else None,
        post=(clean_line(post) or "")[:20] if post is not None else None,
    )


def _page_of(filters: Filters, page: int = 1) -> str:
    asked: dict[str, Any] = filters.given() | ({"page": page} if page > 1 else {})
    return url_for("signups.open_shifts", **asked)


def _day_chips(filters: Filters, now: datetime) -> list[Chip]:
    today = now.astimezone(local_zone()).date()
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    return [(_("All days"), _page_of(replace(filters, day=None)), filters.day is None)] + [
        (
            relative_day(each, now) if each == today else day_text(each, now),
            _page_of(replace(filters, day=each)),
            each == filters.day,
        )
        for each in days
    ]


def _chips(filters: Filters, name: str, everything: str, choices: dict[Any, str]) -> list[Chip]:
    """One filter as links that keep the others; nothing where there is nothing to choose between."""
    chosen = getattr(filters, name)
    if len(choices) < 2 and chosen is None:
        return []
    return [(everything, _page_of(replace(filters, **{name: None})), chosen is None)] + [
        (said, _page_of(replace(filters, **{name: value})), value == chosen)
        for value, said in choices.items()
    ]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the list: `kind` is take, mine or cannot; its lines day after day."""

    kind: str
    days: list[tuple[date, list[ShiftLine]]]


def _sections(lines: list[ShiftLine]) -> list[Section]:
    def kind(line: ShiftLine) -> str:
        return "take" if line.takeable else "mine" if line.state else "cannot"

    return [
        Section(of, [(day, list(group)) for day, group in groupby(those, key=lambda line: line.day)])
        for of, those in groupby(lines, key=kind)
    ]


@blueprint.get("/shifts")
@web.requires(Permission.HOME_READ)
def open_shifts() -> Any:
    return _list_page()


def _list_page() -> str:
    reader, now = web.the_reader(), clock.now()
    filters, page = _asked(), min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = line_queries.open_shifts(reader, now, filters, page=page)
    more, lines = len(lines) > PAGE, lines[:PAGE]
    places = {line.checkpoint_id: line.checkpoint for line in lines}
    posts = {line.post: line.post or _("no post named") for line in lines if line.post or filters.post == ""}
    if filters.checkpoint:
        places.setdefault(filters.checkpoint, _("the place chosen"))
    if filters.post is not None:
        posts.setdefault(filters.post, filters.post or _("no post named"))
    parts = {part: _(said) for part, said in SAID.items()}
    narrowed = [
        parts.get(filters.part or ""),
        places.get(filters.checkpoint or 0),
        posts.get(filters.post) if filters.post is not None else None,
    ]
    return render_template(
        "signups/open_shifts.html",
        sections=_sections(lines),
        day_chips=_day_chips(filters, now),
        part_chips=_chips(filters, "part", _("The whole day"), parts),
        place_chips=_chips(filters, "checkpoint", _("All places"), places),
        post_chips=_chips(filters, "post", _("All posts"), posts),
        narrowed=[each for each in narrowed if each],
        filtered=bool(filters.given()),
        several=any(line.takeable for line in lines),
        now=now,
        previous=_page_of(filters, page - 1) if page > 1 else None,
        next=_page_of(filters, page + 1) if more else None,
    )


# --- one shift ------------------------------------------------------------------------------------------


def readable(shift_id: int) -> queries.Place | None:
    """The shift's place; whoever is or was on it may read it."""
    reader = web.reader()
    return queries.place(shift_id, member_id=reader.member_id if reader else 0)


@blueprint.get(f"/shifts/<int(max={MOST_ID}):shift_id>")
@web.requires(Permission.SHIFT_READ, of=readable)
def shift(place: queries.Place) -> Any:
    return shift_page(place)


def shift_page(place: queries.Place) -> str:
    """The page of one shift as it stands before the reader."""
    reader, now = web.the_reader(), clock.now()
    found = shifts.shift(place.id)
    line = _line(place.id, now)
    if found is None or line is None:
        raise RuntimeError("a shift that went between two reads of one request")
    leads = bool(web.can(Permission.SHIFT_RUN, place))
    return render_template(
        "signups/shift.html",
        place=place,
        shift=found,
        line=line,
        limit=web.say(line.limit) if line.limit else "",
        companions=queries.on_shift(place.id)
        if line.mine and not leads and reader.pass_call_id is None
        else [],
        people=asking_queries.everybody(place.id) if leads else None,
        leads=leads,
        undo=int(UNDO.total_seconds()),
        served=_asked_about(place.id, now),
        now=now,
    )


def _asked_about(shift_id: int, now: datetime) -> feedback_queries.Served | None:
    """The shift, if the reader served on it and can still say how it went."""
    reader = web.the_reader()
    found = feedback_queries.served(shift_id, reader.member_id)
    if found is None or not (reader.verified or found.unverified):
        return None
    return found if feedback_rules.asked(True, found.closed_at, now) else None


def row(shift_id: int, now: datetime) -> str:
    """The shift's row alone, as the answer to a tap on it."""
    return web.fragment_with_flashes("signups/_shift.html", line=_line(shift_id, now), now=now)


def _line(shift_id: int, now: datetime) -> ShiftLine | None:
    """The shift as it stands before the reader."""
    reader = web.the_reader()
    line = line_queries.line(shift_id, reader.member_id, now)
    return line_queries.with_pass([line], reader)[0] if line else None


def told(turn: Turn, now: datetime) -> dict[str, str]:
    """When and where, as a message names a shift."""
    when = f"{day_text(turn.starts_at, now)} {time_range(turn.starts_at, turn.ends_at)}"
    return {"when": when, "where": " · ".join(filter(None, (turn.checkpoint, turn.post)))}


def _take_or_give(place: queries.Place, act: Callable[[datetime], Turn], said: str) -> Any:
    """Take and give back alike: the row alone for htmx, else on to the shift's page."""
    now = clock.now()
    return web.command(
        lambda: act(now),
        done=lambda turn: web.Done(said, url_for("signups.shift", shift_id=place.id), told(turn, now)),
        page=lambda: shift_page(place),
        fragment=lambda: row(place.id, now),
    )


@blueprint.post(f"/shifts/<int(max={MOST_ID}):shift_id>/sign-up")
@web.requires(Permission.SHIFT_TAKE, of=queries.place)
def sign_up(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    return _take_or_give(
        place,
        lambda now: actions.sign_up(place.id, member_id, by=by, now=now),
        N_("You are signed up: %(when)s, %(where)s."),
    )


@blueprint.post(f"/shifts/<int(max={MOST_ID}):shift_id>/give-back")
@web.requires(Permission.SHIFT_READ, of=readable)
def give_back(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    said = N_("Given back: %(when)s, %(where)s. Thank you for saying so in time.")
    if "undo" in request.form:
        said = N_("Undone: you are not signed up for %(when)s, %(where)s.")
    return _take_or_give(place, lambda now: actions.give_back(place.id, member_id, by=by, now=now), said)


# --- several at once --------------------------------------------------------------------------------------


def _ticked(sent: list[str]) -> list[int]:
    numbers = [int(each) for each in sent if each.isascii() and each.isdigit() and len(each) <= 10]
    return [each for each in numbers if 0 < each <= MOST_ID]


@blueprint.post("/shifts/sign-up")
@web.requires(Permission.MY_SERVICE_READ)
def sign_up_several() -> Any:
    """Those that are not the reader's to take are as good as not there."""
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    places = queries.places(_ticked(request.form.getlist("shift"))[: several.MOST + 1], member_id)
    wanted = [place.id for place in places if web.can(Permission.SHIFT_TAKE, place)]

    def act() -> list[several.Outcome]:
        outcomes = several.take_several(wanted, member_id, by=by, now=now)
        if all(outcome.refusal for outcome in outcomes):
            raise Refused(
                "none-taken", N_("None of them was possible: %(which)s"), which=_refused(outcomes, now)
            )
        return outcomes

    return web.command(act, done=_became, page=_list_page)


def _refused(outcomes: list[several.Outcome], now: datetime) -> str:
    """Those that were refused, each with its reason."""
    return " ".join(
        _("%(when)s, %(where)s: %(why)s", **told(each.turn, now), why=web.say(each.refusal))
        for each in outcomes
        if each.refusal
    )


def _became(outcomes: list[several.Outcome]) -> web.Done:
    ids = [each.turn.shift_id for each in outcomes]
    taken = sum(each.refusal is None for each in outcomes)
    location = url_for("signups.ticked", shift=ids)
    if taken == len(outcomes):
        return web.Done(N_("You are signed up for all you ticked: %(count)s."), location, {"count": taken})
    return web.Done(
        N_("Signed up: %(count)s of %(all)s. What became of each stands below."),
        location,
        {"count": taken, "all": len(outcomes)},
    )


@blueprint.get("/shifts/ticked")
@web.requires(Permission.MY_SERVICE_READ)
def ticked() -> Any:
    """What has become of those that were ticked: each as it stands now."""
    member_id, now = web.the_reader().member_id, clock.now()
    places = queries.places(_ticked(request.args.getlist("shift"))[: several.MOST], member_id)
    ids = [place.id for place in places if web.can(Permission.SHIFT_READ, place)]
    return render_template("signups/ticked.html", lines=line_queries.these(ids, member_id, now), now=now)


# --- mine -----------------------------------------------------------------------------------------------


@blueprint.get("/my/shifts")
@web.requires(Permission.MY_SERVICE_READ)
def my_shifts() -> Any:
    reader, now = web.the_reader(), clock.now()
    coming = line_queries.coming(reader.member_id, now)
    return render_template(
        "signups/my_shifts.html",
        asked=[line for line in coming if line.standing == "asked"],
        held=[line for line in coming if line.mine],
        waiting=[line for line in coming if line.standing in ("waiting", "lapsed")],
        past=queries.past(reader.member_id, now),
        went=feedback_queries.asked_of(reader.member_id, now),
        now=now,
    )
