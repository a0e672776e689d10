"""The roster of a shift on the day: who is here, who is missing; check in, check out, absent, undo, walk in."""

import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, current_app, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.attendance import actions, clocks, own_codes, queries, times
from mobilizer.attendance.clocks import Reading
from mobilizer.attendance.way_rules import OWN_CODE, ROSTER
from mobilizer.errors import N_, Refused
from mobilizer.filters import clock_time
from mobilizer.inputs import clean_line, local_zone
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.signups import asking_queries, candidates
from mobilizer.signups.asking_rules import WAIVABLE

blueprint = Blueprint("attendance", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>/roster"
PERSON = f"{SHIFT}/<int(max=2147483647):sign_up_id>"
Words = tuple[str, dict[str, Any]]


class Typed(NamedTuple):
    """What was typed into one person's times, and what is wrong with it, so that it can be mended."""

    sign_up_id: int | None
    arrived: str
    left: str
    field: str | None
    message: str
    break_minutes: str = ""


@blueprint.get(SHIFT)
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def roster(shift: ShiftRow) -> Any:
    return _page(shift.id)


@blueprint.app_template_filter()
def typed_time(at: datetime | None, board: queries.Board) -> str:
    """What stands in a time field of this board for the moment."""
    return times.write(at, local_zone(), whole_date=board.whole_dates) if at else ""


@blueprint.post(f"{SHIFT}/all-present")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def all_present(shift: ShiftRow) -> Any:
    by, now = web.actor(), clock.now()

    def act() -> Words:
        since = _time("since", shift)
        count = actions.all_present(shift.id, at=since, by=by, now=now)
        return N_("Checked in: %(count)s."), {"count": count}

    return _for_all(shift, act)


@blueprint.post(f"{SHIFT}/rest-absent")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def rest_absent(shift: ShiftRow) -> Any:
    by, now = web.actor(), clock.now()

    def act() -> Words:
        return N_("Marked absent: %(count)s."), {"count": actions.rest_absent(shift.id, by=by, now=now)}

    return _for_all(shift, act)


@blueprint.post(f"{SHIFT}/walk-in")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def walk_in(shift: ShiftRow) -> Any:
    """Only whom the search finds for this leader can be added, whatever number the form carries."""
    by, now, reader = web.actor(), clock.now(), web.the_reader()
    member_id = request.form.get("member_id", 0, type=int)

    def act() -> Words:
        known = 0 < member_id < 2**31 and candidates.candidates(shift, reader, _asked(), only=[member_id])
        if not known:
            raise Refused("member-unknown", N_("There is no such member."), status=404)
        actions.walk_in(
            shift.id,
            member_id,
            at=_time("arrived", shift),
            add_seat="add_seat" in request.form,
            waive=(clean_line(request.form.get("waive")) or "")[:200],
            by=by,
            now=now,
        )
        return N_("%(name)s is on the roster and here."), {"name": known[0].name}

    return _for_all(shift, act)


@blueprint.post(f"{PERSON}/check-in")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def check_in(shift: ShiftRow) -> Any:
    """By the leader's tick; with `own_code`, by the code that the member has shown."""

    def act(sign_up_id: int, **signed: Any) -> None:
        way = ROSTER
        if token := request.form.get("own_code", "")[:60]:
            own_codes.accept(sign_up_id, token, current_app.config["SECRET_KEY"], signed["now"])
            way = OWN_CODE
        actions.check_in(sign_up_id, reading=reading(), way=way, **signed)

    return _for_one(shift, act)


@blueprint.post(f"{PERSON}/check-out")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def check_out(shift: ShiftRow) -> Any:
    def act(sign_up_id: int, **signed: Any) -> None:
        actions.check_out(sign_up_id, reading=reading(), **signed)

    return _for_one(shift, act)


@blueprint.post(f"{PERSON}/times")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def set_times(shift: ShiftRow) -> Any:
    def act(sign_up_id: int, **signed: Any) -> None:
        arrived, left = _time("arrived", shift), _time("left", shift)
        if arrived is None:
            raise Refused("arrival-missing", N_("Please say when they arrived."), status=422, field="arrived")
        pause = _whole_minutes(request.form.get("break_minutes"))
        actions.set_times(sign_up_id, arrived=arrived, left=left, break_minutes=pause, **signed)

    return _for_one(shift, act)


@blueprint.post(f"{PERSON}/absent")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def absent(shift: ShiftRow) -> Any:
    def act(sign_up_id: int, **signed: Any) -> None:
        actions.mark_absent(sign_up_id, reading=reading(), **signed)

    return _for_one(shift, act)


@blueprint.post(f"{PERSON}/undo")
@web.requires(Permission.SHIFT_RUN, of=queries.shift_with)
def undo(shift: ShiftRow) -> Any:
    return _for_one(shift, actions.clear)


# --- what they share -----------------------------------------------------------------------------------


def reading() -> Reading | None:
    """What the phone's clock showed, if this was said without a network and is sent later."""
    return clocks.read(request.form.get("device_at", "")[:40], request.form.get("sent_at", "")[:40])


def _time(name: str, shift: ShiftRow) -> datetime | None:
    return times.read(request.form.get(name, "")[:40], shift.starts_at, local_zone(), name)


def _whole_minutes(typed: str | None) -> int | None:
    """None where the form does not ask; what is no whole number is one that nobody may give."""
    if typed is None:
        return None
    typed = unicodedata.normalize("NFKC", typed[:10]).strip()
    return int(typed or 0) if (typed or "0").isascii() and (typed or "0").isdigit() else -1


def _asked() -> str:
    return (clean_line(request.values.get("q", "")) or "")[:100]


def _for_all(shift: ShiftRow, act: Callable[[], Words]) -> Any:
    def done(words: Words) -> web.Done:
        message, values = words
        return web.Done(message, url_for("attendance.roster", shift_id=shift.id), values)

    return web.command(act, done=done, page=lambda: _page(shift.id))


def _for_one(shift: ShiftRow, act: Callable[..., None]) -> Any:
    """A word about one person: their card alone for htmx, with the figures above and the closing below."""
    by, now = web.actor(), clock.now()
    sign_up_id = int((request.view_args or {})["sign_up_id"])

    def run() -> Words:
        before = queries.person(sign_up_id)
        act(sign_up_id, by=by, now=now)
        return _said(queries.person(sign_up_id), before)

    def done(words: Words) -> web.Done:
        message, values = words
        at = url_for("attendance.roster", shift_id=shift.id, _anchor=f"person-{sign_up_id}")
        return web.Done(message, at, values)

    def fragment() -> str:
        board = _board(shift.id)
        person = next((each for each in board.people if each.sign_up_id == sign_up_id), None)
        return web.fragment_with_flashes(
            "attendance/_person_and_figures.html", board=board, person=person, typed=_typed(sign_up_id)
        )

    return web.command(run, done=done, page=lambda: _page(shift.id, sign_up_id), fragment=fragment)


def _said(person: queries.Person | None, before: queries.Person | None) -> Words:
    """The word that now stands about somebody, for the flash."""
    if person is None:
        return N_("%(name)s is off the roster."), {"name": before.name if before else ""}
    values = {"name": person.name}
    if person.checked_in_at and person.checked_out_at:
        return (
            N_("%(name)s: here from %(arrived)s to %(left)s."),
            values | {"arrived": clock_time(person.checked_in_at), "left": clock_time(person.checked_out_at)},
        )
    if person.checked_in_at:
        return N_("%(name)s: here since %(arrived)s."), values | {"arrived": clock_time(person.checked_in_at)}
    if person.absent:
        return N_("%(name)s: absent."), values
    return N_("%(name)s: signed up, nothing said yet."), values


def _typed(sign_up_id: int | None) -> Typed | None:
    """What a refused request had typed, to show it again where it was."""
    refusal: Refused | None = g.get("refusal")
    if refusal is None:
        return None
    given = request.form
    times_given = (given.get("arrived", ""), given.get("left", ""))
    pause = given.get("break_minutes", "")[:10]
    return Typed(sign_up_id, *times_given, refusal.field, web.say(refusal), pause)


def _board(shift_id: int) -> queries.Board:
    board = queries.board_of(shift_id, clock.now())
    if board is None:
        raise RuntimeError("a shift that went between two reads of one request")
    return board


def _page(shift_id: int, sign_up_id: int | None = None) -> str:
    board, asked = _board(shift_id), _asked()
    found = candidates.candidates(board.shift, web.the_reader(), asked) if asked and board.open else []
    return render_template(
        "attendance/roster.html",
        board=board,
        asked=asked,
        found=[
            (each.who, web.say(each.against) if each.against and each.against.code in WAIVABLE else "")
            for each in asking_queries.who_could(shift_id, found, board.now)
        ],
        typed=_typed(sign_up_id),
        waived=(request.form.get("member_id", 0, type=int), request.form.get("waive", "")[:200]),
    )
