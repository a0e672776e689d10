"""“I can't come”: give back, hand over, or tell the branch; and “me and two more”."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.inputs import clean_line
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.signups import (
    asking_queries,
    candidates,
    cannot_come,
    groups,
    handing_over,
    line_queries,
    offers,
    queries,
)
from mobilizer.signups.asking_rules import of_another
from mobilizer.signups.rules import NOT_WITH_THIS_PASS
from mobilizer.signups.views import readable

blueprint = Blueprint("asking", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"
CANNOT = f"{SHIFT}/cannot-come"
LARGEST_ID = 2**31 - 1
OWN_SHOWN = 60
"""How many of one's own branches are listed before one has to look for a name."""


def looked_for() -> str:
    return (clean_line(request.values.get("q", "")) or "")[:100]


# --- I can't come -------------------------------------------------------------------------------------


@blueprint.get(CANNOT, endpoint="cannot_come")
@web.requires(Permission.SHIFT_READ, of=readable)
def show_cannot_come(place: queries.Place) -> Any:
    return _cannot_come(place)


def _cannot_come(place: queries.Place) -> str:
    reader, now, asked = web.the_reader(), clock.now(), looked_for()
    shift = shifts.shift(place.id)
    held = asking_queries.held(place.id, reader.member_id)
    against = held.against_giving_back(now) if held else None
    if held is not None and not reader.verified and not held.unverified:
        against = Refused(*NOT_WITH_THIS_PASS)
    may_ask = (
        held is not None
        and reader.pass_call_id is None
        and not (held.attended or held.asked or held.ends_at <= now)
    )
    found = candidates.of_my_branches(reader, asked, limit=OWN_SHOWN + 1) if may_ask else []
    return render_template(
        "signups/cannot_come.html",
        shift=shift,
        held=held,
        against=web.say(against) if against else "",
        leaders=asking_queries.leaders(held.branch_id)
        if held and against and reader.pass_call_id is None
        else [],
        locked=held is not None and not reader.verified and not held.unverified,
        could=_said(asking_queries.who_could(place.id, found[:OWN_SHOWN], now)),
        more=len(found) > OWN_SHOWN,
        q=asked,
        reason=request.form.get("reason", "")[:200],
        now=now,
    )


def _said(could: list[asking_queries.Could]) -> list[tuple[asking_queries.Could, str]]:
    """Each with the words against it, in the reader's language; who can be asked stands first."""
    found = [(each, web.say(each.against) if each.against else "") for each in could]
    return sorted(found, key=lambda one: bool(one[1] or one[0].status))


@blueprint.post(f"{SHIFT}/hand-over")
@web.requires(Permission.SHIFT_HAND_OVER, of=readable)
def hand_over(place: queries.Place) -> Any:
    """Only somebody of the reader's own branches can be asked, whatever number the form carries."""
    reader, by = web.the_reader(), web.actor()
    member_id = request.form.get("member_id", 0, type=int)

    def act(now: datetime) -> str:
        name = _own(reader, member_id)
        try:
            handing_over.hand_over(place.id, reader.member_id, member_id, by=by, now=now)
        except Refused as refusal:
            raise of_another(refusal, name) from refusal
        return name

    return _command(
        place, act, N_("%(name)s is asked to take it over. Until they say yes, the shift stays yours.")
    )


def _own(reader: Any, member_id: int) -> str:
    """The name of somebody of the reader's branches. Refuses (404) whoever is none, and whoever does not exist."""
    if not 0 < member_id <= LARGEST_ID or not candidates.are_of_my_branches(reader, [member_id]):
        raise Refused("not-of-my-branches", N_("There is nobody like that in your branches."), status=404)
    return offers.name_of(member_id)


@blueprint.post(f"{SHIFT}/hand-over/take-back")
@web.requires(Permission.SHIFT_HAND_OVER, of=readable)
def keep(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    return _command(
        place,
        lambda now: handing_over.take_back(place.id, member_id, by=by, now=now),
        N_("You keep the shift; nobody is asked to take it over any more."),
    )


@blueprint.post(CANNOT)
@web.requires(Permission.SHIFT_READ, of=readable)
def tell_branch(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    reason = (clean_line(request.form.get("reason")) or "")[:200]
    return _command(
        place,
        lambda now: cannot_come.tell_branch(place.id, member_id, reason=reason, by=by, now=now),
        N_("The branch is told that you cannot come. Thank you for saying so."),
    )


@blueprint.post(f"{CANNOT}/take-back")
@web.requires(Permission.SHIFT_READ, of=readable)
def can_come(place: queries.Place) -> Any:
    member_id, by = web.the_reader().member_id, web.actor()
    return _command(
        place,
        lambda now: cannot_come.can_come(place.id, member_id, by=by, now=now),
        N_("The branch is told that you can come after all."),
    )


def _command(place: queries.Place, act: Callable[[datetime], Any], told: str) -> Any:
    """A word about one's own seat: it leads back to the page that says what is possible now."""
    now = clock.now()

    def done(name: Any) -> web.Done:
        values = {"name": name} if isinstance(name, str) else {}
        return web.Done(told, url_for("asking.cannot_come", shift_id=place.id), values)

    return web.command(lambda: act(now), done=done, page=lambda: _cannot_come(place))


# --- me and two more ----------------------------------------------------------------------------------


@blueprint.get(f"{SHIFT}/together")
@web.requires(Permission.SHIFT_TAKE_TOGETHER, of=queries.place)
def together(place: queries.Place) -> Any:
    return _together(place)


def _together(place: queries.Place) -> str:
    reader, now, asked = web.the_reader(), clock.now(), looked_for()
    found = candidates.of_my_branches(reader, asked, limit=OWN_SHOWN + 1)
    askable = asking_queries.askable(place.id, now)
    return render_template(
        "signups/together.html",
        shift=shifts.shift(place.id),
        line=line_queries.line(place.id, reader.member_id, now),
        askable=askable,
        against=web.say(askable.against) if askable.against else "",
        could=_said(asking_queries.who_could(place.id, found[:OWN_SHOWN], now)),
        more=len(found) > OWN_SHOWN,
        chosen=set(request.form.getlist("member_ids", type=int)),
        refusal=web.say(g.refusal) if g.get("refusal") else "",
        q=asked,
        now=now,
    )


@blueprint.post(f"{SHIFT}/together")
@web.requires(Permission.SHIFT_TAKE_TOGETHER, of=queries.place)
def take_together(place: queries.Place) -> Any:
    """Only members of the reader's own branches can be taken along, whatever numbers the form carries."""
    reader, by, now = web.the_reader(), web.actor(), clock.now()
    chosen = set(request.form.getlist("member_ids", type=int))

    def act() -> None:
        if not chosen:
            raise Refused("companions-none", N_("Please tick at least one who comes along."), status=422)
        if not all(0 < each <= LARGEST_ID for each in chosen) or not candidates.are_of_my_branches(
            reader, chosen
        ):
            raise Refused("not-of-my-branches", N_("There is nobody like that in your branches."), status=404)
        groups.take_together(place.id, reader.member_id, sorted(chosen), by=by, now=now)

    return web.command(
        act,
        done=lambda _none: web.Done(
            N_("You are signed up; the others are asked, and their seats are held until they answer."),
            url_for("signups.shift", shift_id=place.id),
        ),
        page=lambda: _together(place),
    )
