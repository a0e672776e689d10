"""Behind a cell: the shifts in it, who is on them, and what fills it. And everybody who is on now or comes next."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.coverage import queries, rules
from mobilizer.coverage.queries import OnShift, Scope
from mobilizer.coverage.rules import State, Window
from mobilizer.coverage.shown import MARKS, WORDS
from mobilizer.coverage.views import STAMP, ask_address, asked_place, place_parts
from mobilizer.policy import Permission
from mobilizer.terms import ShiftStatus

blueprint = Blueprint("coverage_cells", __name__)
MOST_HOURS = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed up, and how it stands with them at a moment."""

    at: OnShift
    now: datetime

    @property
    def state(self) -> str:
        """here, left, absent, late, or coming."""
        if self.at.absent:
            return "absent"
        if self.at.checked_in_at is not None:
            return "here" if self.at.checked_out_at is None else "left"
        return "late" if self.at.starts_at < self.now else "coming"

    @property
    def late_minutes(self) -> int:
        return (self.now - self.at.starts_at) // rules.MINUTE


@dataclass(frozen=True, slots=True)
class ShiftShown:
    shift: OnShift
    people: list[Person]
    now: datetime

    @property
    def state(self) -> State:
        each = self.shift
        empty = int(each.taken == 0 and each.needed > 0)
        return rules.state(each.needed, min(each.taken, each.needed), each.taken, each.capacity, empty)

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def on_site(self) -> int | None:
        """As the board counts it: who is there while it runs, who was once it is over."""
        there = [each for each in self.people if each.state == "here"]
        if self.shift.ends_at <= self.now:
            return sum(each.state in ("here", "left") for each in self.people)
        return len(there) if self.shift.starts_at <= self.now or there else None

    @property
    def open(self) -> bool:
        return self.shift.status == ShiftStatus.OPEN and self.shift.ends_at > self.now

    @property
    def wants(self) -> bool:
        return self.open and self.shift.taken < self.shift.capacity


def asked_hours(now: datetime) -> Window:
    """The hours that the address names: `from` as a moment in UTC, and how many; else the one that runs."""
    try:
        begins = datetime.strptime(request.args.get("from", ""), STAMP).replace(tzinfo=UTC)
        if not 2000 <= begins.year < 2200:
            raise ValueError
    except ValueError:
        begins = now.replace(minute=0, second=0, microsecond=0)
    typed = request.args.get("hours", "1")
    hours = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1
    return Window(begins, begins + timedelta(hours=min(max(hours, 1), MOST_HOURS)))


def asked_scope() -> Scope | None:
    """The place; its mark is of what runs now or begins within AHEAD."""
    place, now = asked_place(), clock.now()
    return queries.scope(place, Window(now, now + rules.AHEAD), now) if place else None


@blueprint.get("/coverage/cell")
@web.requires(Permission.COVERAGE_READ, of=asked_scope)
def cell(scope: Scope) -> Any:
    now = clock.now()
    window = asked_hours(now)
    found = queries.shifts(scope, window.starts_at, window.ends_at)
    shifts = [
        ShiftShown(people[0], [Person(each, now) for each in people if each.sign_up_id is not None], now)
        for _id, group in groupby(found, key=lambda each: each.shift_id)
        if (people := list(group))
    ]
    return render_template(
        "coverage/cell.html",
        scope=scope,
        window=window,
        shifts=shifts,
        cut=len(found) >= queries.MOST_SHIFTS,
        words={state: _(word) for state, word in WORDS.items()},
        ask=ask_address,
        back=url_for("coverage.board", **place_parts(scope)),
        now=now,
    )


@blueprint.get("/coverage/now")
@web.requires(Permission.COVERAGE_READ, of=asked_scope)
def people(scope: Scope) -> Any:
    """Who is late, who is on, who comes next; refreshed while somebody looks."""
    now = clock.now()
    tag = web.tag_of(scope, now.replace(second=0, microsecond=0))
    if same := web.unchanged(tag):
        return same
    found = queries.people(scope, now)
    cut = len(found) > queries.MOST_PEOPLE
    everybody = [Person(each, now) for each in found[: queries.MOST_PEOPLE]]

    def those(*states: str) -> list[Person]:
        return [each for each in everybody if each.state in states]

    page = web.page_or_fragment(
        "coverage/now.html",
        "coverage/_now.html",
        scope=scope,
        late=those("late"),
        absent=those("absent"),
        on=those("here"),
        following=those("coming"),
        cut=cut,
        still="still" in request.args,
        here=url_for("coverage_cells.people", **place_parts(scope), still=request.args.get("still")),
        stop=url_for("coverage_cells.people", **place_parts(scope), still="1"),
        go_on=url_for("coverage_cells.people", **place_parts(scope)),
        back=url_for("coverage.board", **place_parts(scope)),
        tag=tag,
        now=now,
    )
    return web.tagged(page, tag)
