"""The board of hours: a place, some hours, a row for each part of it. Also as a sheet, and for a wall."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, sheets, web
from mobilizer.coverage import queries, rules, shown
from mobilizer.coverage.queries import By, Place, Scope
from mobilizer.coverage.rules import Slot, Window
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.terms import Level, Role
from mobilizer.units.rules import parent_of

blueprint = Blueprint("coverage", __name__)
MOST_ID = 2**31 - 1
WEEK = 7
STAMP = "%Y-%m-%dT%H:%MZ"
"""How an address names a moment, in UTC."""
GAPS_SHOWN = 6
WALL_ROWS = 8
WALL_HOURS = 12
WALL_SECONDS = 15
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PLACES = ("unit", "branch", "call", "checkpoint")


@dataclass(frozen=True)
class Asked:
    """What the address asks for, at one moment. `window` is shown; `read` reaches on to the next twelve hours."""

    scope: Scope
    by: By
    window: Window
    read: Window
    now: datetime

    @property
    def unit_code(self) -> str:
        return self.scope.unit_code

    @property
    def branch_id(self) -> int | None:
        return self.scope.branch_id

    @property
    def title(self) -> str:
        one = self.scope.checkpoint_name if self.scope.kind != "checkpoint" else None
        return f"{self.scope.name} · {one}" if one else self.scope.name

    @cached_property
    def planned(self) -> tuple[list[Slot], list[str]]:
        """The slots, and the names of the places below that have none."""
        return queries.slots(self.scope, self.by, self.read, self.now)


# --- what is asked for ---------------------------------------------------------------------------------------


def asked_place() -> Place | None:
    """The place that the address names; without one, the widest that the reader's appointments open."""
    checkpoint = _number("checkpoint")
    for kind in ("call", "branch"):
        if kind in request.args:
            number = _number(kind)
            return Place(kind, number, checkpoint) if number else None
    code = request.args.get("unit", "").strip()
    if code:
        return Place("unit", code, checkpoint) if len(code) <= 20 and code.isprintable() else None
    if "checkpoint" in request.args:
        return Place("checkpoint", checkpoint, checkpoint) if checkpoint else None
    return _own_place()


def _number(name: str) -> int | None:
    typed = request.args.get(name, "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else 0
    return number if 0 < number <= MOST_ID else None


def _own_place() -> Place | None:
    leading = [grant for grant in web.the_reader().grants if grant.role != Role.ADMINISTRATOR]
    over = [grant for grant in leading if grant.unit_code and grant.role != Role.COMMITTEE_MEMBER]
    if over:
        return Place("unit", min((str(g.unit_code) for g in over), key=lambda code: (len(code), code)), None)
    branch = next((grant.branch_id for grant in leading if grant.branch_id), None)
    return Place("branch", branch, None) if branch else None


def asked_day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", "").strip())
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _window(now: datetime) -> Window:
    day, zone = asked_day(), local_zone()
    count = WEEK if request.args.get("days") == str(WEEK) else 1
    if day is None and count == 1:
        return rules.rolling(now, zone)
    return rules.days(day or now.astimezone(zone).date(), count, zone)


def _rows_of(scope: Scope) -> list[By]:
    """What the rows may be, the nearest below first."""
    if scope.checkpoint_id is not None:
        return [By.POST]
    if scope.level == Level.DISTRICT:
        return [By.TOWN, By.VILLAGE, By.CHECKPOINT]
    return [By.VILLAGE, By.CHECKPOINT] if scope.level == Level.TOWN else [By.CHECKPOINT]


def _asked(window: Window, now: datetime) -> Asked | None:
    place = asked_place()
    if place is None:
        return None
    read = window
    if window.holds(now):
        read = Window(window.starts_at, max(window.ends_at, now + rules.AHEAD))
    scope = queries.scope(place, read, now)
    if scope is None:
        return None
    choices = _rows_of(scope)
    by = next((each for each in choices if each == request.args.get("by")), choices[0])
    return Asked(scope, by, window, read, now)


def asked_board() -> Asked | None:
    now = clock.now()
    return _asked(_window(now), now)


def asked_wall() -> Asked | None:
    now = clock.now()
    return _asked(rules.rolling(now, local_zone(), WALL_HOURS), now)


def place_parts(scope: Scope) -> dict[str, Any]:
    """The parts of an address that name the place."""
    parts: dict[str, Any] = {scope.kind: scope.id}
    if scope.checkpoint_id is not None:
        parts["checkpoint"] = scope.checkpoint_id
    return parts


def _address(asked: Asked, endpoint: str = "coverage.board", **changed: Any) -> str:
    """This board with something changed; None takes a part away."""
    kept = {name: request.args[name] for name in ("day", "days", "by", "still") if request.args.get(name)}
    return url_for(endpoint, **(place_parts(asked.scope) | kept | changed))


# --- the board ----------------------------------------------------------------------------------------------


@blueprint.get("/coverage")
@web.requires(Permission.COVERAGE_READ, of=asked_board)
def board(asked: Asked) -> Response:
    hour = int(asked.now.timestamp()) // 3600
    tag = web.tag_of(asked.scope, asked.by, asked.window, hour)
    if same := web.unchanged(tag):
        return same
    page = web.page_or_fragment("coverage/board.html", "coverage/_board.html", **_shown(asked), tag=tag)
    return web.tagged(page, tag)


def _shown(asked: Asked) -> dict[str, Any]:
    planned, unplanned = asked.planned
    zone, now, window = local_zone(), asked.now, asked.window
    since, until = _warned_of(asked)
    gaps = rules.gaps(planned, since, until)
    begins, ends = shown.spans(window, zone)
    rows = shown.rows(planned, window, now)
    return {
        "asked": asked,
        "scope": asked.scope,
        "title": asked.title,
        "back": _back(asked),
        "totals": rules.together(row.totals for row in rows),
        "soon": window.holds(now),
        "gaps": gaps.slots[:GAPS_SHOWN],
        "more_gaps": max(len(gaps.slots) - GAPS_SHOWN, 0),
        "bare_minutes": gaps.bare_minutes,
        "moves": rules.moves(gaps.slots, planned),
        "rows": rows[: queries.MOST_ROWS],
        "cut": len(rows) > queries.MOST_ROWS,
        "unplanned": unplanned,
        "days": shown.days(window, zone, now),
        "labels": shown.hour_labels(window, zone),
        "said": shown.said_hours(window, now),
        "begins": begins,
        "ends": ends,
        "stamps": [f"&from={at:{STAMP}}&hours=" for at in window.columns],
        "current": (now - window.starts_at) // rules.HOUR if window.holds(now) else -1,
        "cell_of": cell_address(asked),
        "hours_of": lambda slot: -((slot.starts_at - slot.ends_at) // rules.HOUR),
        "stamp": lambda at: f"{at:{STAMP}}",
        "ask": ask_address,
        "may_run": bool(web.can(Permission.SHIFT_RUN, asked)),
        "place_parts": place_parts(asked.scope),
        "deeper": _deeper(asked),
        "row_word": _(shown.ROWS[asked.by]),
        "words": {state: _(word) for state, word in shown.WORDS.items()},
        "marks": shown.MARKS,
        "periods": _periods(asked),
        "kinds": _kinds(asked),
        "here": _address(asked),
        "still": "still" in request.args,
        "files": [
            (_("Download %(form)s", form=form.upper()), _address(asked, f"coverage.{form}"))
            for form in MEDIA_TYPES
        ],
        "stop": _address(asked, still="1"),
        "go_on": _address(asked, still=None),
        "now": now,
    }


def ask_address(shift_id: int) -> str:
    """Where the seat of a shift is offered to somebody."""
    return url_for("leading.ask", shift_id=shift_id)


def _warned_of(asked: Asked) -> tuple[datetime, datetime]:
    """The next twelve hours; of a board of other days, its own."""
    if asked.window.holds(asked.now):
        return asked.now, asked.now + rules.AHEAD
    return asked.window.starts_at, asked.window.ends_at


def cell_address(asked: Asked) -> Any:
    """For each row's key, the address of its cells but for the hours."""
    parts = place_parts(asked.scope)

    def of(key: str | int) -> str:
        if asked.by == By.POST:
            return url_for("coverage_cells.cell", **parts)
        if asked.by == By.CHECKPOINT:
            return url_for("coverage_cells.cell", **(parts | {"checkpoint": key}))
        return url_for("coverage_cells.cell", unit=key)

    return of


def _deeper(asked: Asked) -> Any:
    """For each row's key, the board one step further down, or None at the bottom."""

    def of(key: str | int) -> str | None:
        if asked.by == By.POST:
            return None
        if asked.by == By.CHECKPOINT:
            return _address(asked, checkpoint=key, by=None)
        return _address(asked, unit=key, by=None)

    return of


def _back(asked: Asked) -> tuple[str, str] | None:
    """The board one step up, if the reader may see it; or the branch or call that the board is of."""
    scope = asked.scope
    if scope.checkpoint_id is not None and scope.kind != "checkpoint":
        return scope.name, _address(asked, checkpoint=None, by=None)
    if scope.kind == "call":
        return scope.name, url_for("calls.call", call_id=scope.id)
    if scope.kind == "branch":
        return scope.name, url_for("branches.branch", branch_id=scope.id)
    code = scope.unit_code if scope.kind == "checkpoint" else parent_of(scope.unit_code)
    if code and web.can(Permission.COVERAGE_READ, _Unit(code)):
        return scope.above, url_for("coverage.board", unit=code)
    return None


@dataclass(frozen=True, slots=True)
class _Unit:
    unit_code: str
    branch_id: None = None


def _periods(asked: Asked) -> list[tuple[str, str, bool]]:
    today = asked.now.astimezone(local_zone()).date()
    day, week = asked_day(), request.args.get("days") == str(WEEK)
    first = day or today
    near = [
        (_("Next 24 hours"), None, None, day is None and not week),
        (_("Today"), today, None, day == today and not week),
        (_("Tomorrow"), today + timedelta(days=1), None, day == today + timedelta(days=1) and not week),
        (_("7 days"), first, WEEK, week),
    ]
    return [(word, _address(asked, day=on, days=many), now) for word, on, many, now in near]


def _kinds(asked: Asked) -> list[tuple[str, str, bool]]:
    choices = _rows_of(asked.scope)
    return [(_(shown.ROWS[each]), _address(asked, by=str(each)), each == asked.by) for each in choices]


# --- as a sheet ----------------------------------------------------------------------------------------------


@blueprint.get("/coverage.csv")
@web.requires(Permission.COVERAGE_READ, of=asked_board)
def csv(asked: Asked) -> Response:
    return web.attachment(sheets.csv_chunks(_table(asked)), _file_name(asked, "csv"), MEDIA_TYPES["csv"])


@blueprint.get("/coverage.xlsx")
@web.requires(Permission.COVERAGE_READ, of=asked_board)
def xlsx(asked: Asked) -> Response:
    return web.attachment(sheets.xlsx(_table(asked)), _file_name(asked, "xlsx"), MEDIA_TYPES["xlsx"])


def _table(asked: Asked) -> sheets.Table:
    title = _("Coverage of %(place)s", place=asked.title)
    return shown.table(asked.planned[0], asked.window, asked.by, title, local_zone(), asked.now)


def _file_name(asked: Asked, ending: str) -> str:
    first = asked.window.starts_at.astimezone(local_zone()).date()
    return f"{_('Coverage of %(place)s', place=asked.title)} {first.isoformat()}.{ending}"


# --- on a wall -------------------------------------------------------------------------------------------------


@blueprint.get("/coverage/wall")
@web.requires(Permission.COVERAGE_READ, of=asked_wall)
def wall(asked: Asked) -> Response:
    """Twelve hours in large type. It turns its own pages, the rows with bare hours first, until it is told to stop."""
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    tag = web.tag_of(asked.scope, asked.by, asked.window, int(asked.now.timestamp()) // 60)
    if same := web.unchanged(tag):
        return same
    planned, _unplanned = asked.planned
    rows = sorted(shown.rows(planned, asked.window, asked.now), key=lambda row: row.worst)
    pages = max(-(-len(rows) // WALL_ROWS), 1)
    number = number if 1 <= number <= pages else 1
    zone = local_zone()
    gaps = rules.gaps(planned, asked.now, asked.now + rules.AHEAD)
    page = render_template(
        "coverage/wall.html",
        title=asked.title,
        rows=rows[(number - 1) * WALL_ROWS : number * WALL_ROWS],
        number=number,
        pages=pages,
        still="still" in request.args,
        stop=_wall_address(asked, number, still="1"),
        go_on=_wall_address(asked, number),
        board=url_for("coverage.board", **place_parts(asked.scope)),
        totals=rules.together(row.totals for row in rows),
        gaps=gaps,
        labels=shown.hour_labels(asked.window, zone),
        words={state: _(word) for state, word in shown.WORDS.items()},
        marks=shown.MARKS,
        row_word=_(shown.ROWS[asked.by]),
        now=asked.now,
    )
    response = make_response(page)
    if "still" not in request.args:
        following = _wall_address(asked, number + 1 if number < pages else 1)
        response.headers["Refresh"] = f"{WALL_SECONDS};url={following}"
    return web.tagged(response, tag)


def _wall_address(asked: Asked, number: int, **more: str) -> str:
    parts: dict[str, Any] = place_parts(asked.scope) | more
    return url_for("coverage.wall", **parts, by=str(asked.by), page=number)
