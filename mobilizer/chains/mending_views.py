"""What was read of a chain as the page shows it, with what has been mended on it so far."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from mobilizer import web
from mobilizer.chains.lines import QUESTIONS
from mobilizer.chains.matching import Person
from mobilizer.chains.proposing import OPEN_QUESTIONS, Key, ReadLine, Wish
from mobilizer.chains.queries import CallSeat
from mobilizer.chains.review_queries import Review
from mobilizer.errors import Refused
from mobilizer.filters import day as day_text
from mobilizer.filters import masked_phone, time_range
from mobilizer.terms import SignUpStatus

MOST_ID = 2**31 - 1
ALL_QUESTIONS = QUESTIONS | OPEN_QUESTIONS
_NUMBER = re.compile(r"(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")


@dataclass(slots=True)
class Mended:
    """What was typed on the page so far: ticks as `at-part:member:shift`, for which wishes a shift was `asked`, the chosen people and shifts of other wishes,
    names looked for, and the wishes opened to be mended."""

    ticks: set[str] | None = None
    asked: set[str] = field(default_factory=set)
    who: dict[str, int] = field(default_factory=dict)
    shift: dict[str, int] = field(default_factory=dict)
    sought: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    found: dict[str, list[Person]] = field(default_factory=dict)
    wait: bool = False


def sent(form: MultiDict[str, str]) -> Mended:
    mended = Mended(set(form.getlist("take")), opened=set(form.getlist("mended")), wait="wait" in form)
    for name, value in form.items(multi=True):
        kind, _dash, wish = name.partition("-")
        if kind == "shift":
            mended.asked.add(wish)
        if kind == "who" and (number := id_of(value)):
            mended.who[wish] = number
        elif kind == "shift" and (number := id_of(value)):
            mended.shift[wish] = number
        elif kind == "find" and value.strip():
            mended.sought[wish] = value.strip()[:100]
    if form.get("mend"):
        mended.opened.add(form["mend"])
    return mended


def id_of(value: str) -> int | None:
    number = int(value) if value.isascii() and value.isdecimal() and len(value) <= 10 else 0
    return number if 0 < number <= MOST_ID else None


@dataclass(frozen=True, slots=True)
class ShownWish:
    """A wish as the page shows it. `tick`: what its box sends, where nothing is left to choose; else `people` and `shifts`
    are chosen from, as (id, label, chosen)."""

    name: str
    wish: Wish
    person: str
    shift: str
    tick: str
    ticked: bool
    people: list[tuple[int, str, bool]]
    shifts: list[tuple[str, list[tuple[int, str, bool]]]]
    sought: str
    searched: bool
    opened: bool
    questions: list[str]
    before: dict[str, Any] | None
    waits: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    read: ReadLine
    text: str
    wishes: list[ShownWish]
    told: list[str]


def shown(line: ReadLine, read: Review, mended: Mended, now: datetime) -> ShownLine:
    return ShownLine(
        line,
        masked(line.line.text),
        [_shown_wish(f"{line.at}-{wish.key[2]}", wish, read, mended, now) for wish in line.wishes],
        [_(QUESTIONS[each]) for each in line.told],
    )


def masked(text: str) -> str:
    """Whoever sees the line has not therefore to call its writer."""
    return _NUMBER.sub(r"\1****\2", text)


def _shown_wish(name: str, wish: Wish, read: Review, mended: Mended, now: datetime) -> ShownWish:
    member, seat = wish.who.sure, wish.where.sure
    opened = name in mended.opened
    tick = f"{name}:{member.id}:{seat.id}" if wish.sure and member and seat and not opened else ""
    people, shifts = ([], []) if tick else _choices(name, wish, read, mended, now)
    before = read.entered.get(wish.key)
    return ShownWish(
        name=name,
        wish=wish,
        person=_person(member) if member else "",
        shift=_shift(read.seats[seat.id], now) if seat else "",
        tick=tick,
        ticked=bool(tick) and (mended.ticks is None or tick in mended.ticks),
        people=people,
        shifts=shifts,
        sought=mended.sought.get(name, ""),
        searched=name in mended.found,
        opened=opened,
        questions=[_(ALL_QUESTIONS[each]) for each in wish.doubts],
        before=answer(wish.key, read, now) if before else None,
        waits=bool(member and seat and read.on.get((member.id, seat.id)) == SignUpStatus.WAITLISTED),
    )


def _choices(
    name: str, wish: Wish, read: Review, mended: Mended, now: datetime
) -> tuple[list[tuple[int, str, bool]], list[tuple[str, list[tuple[int, str, bool]]]]]:
    """The people and shifts that may be meant. What is certain is chosen already, but not both of them: nothing that is
    open is entered without somebody's choosing."""
    found = mended.found.get(name, [])
    people = {each.id: each for each in [*found, *wish.who.people]}
    chosen = mended.who.get(name) or (wish.who.sure.id if wish.who.sure else None)
    if chosen is None and len(found) == 1:
        chosen = found[0].id
    if chosen in read.people:
        people.setdefault(chosen, read.people[chosen])
    seat = mended.shift.get(name) or (wish.where.sure.id if wish.where.sure and not wish.who.sure else None)
    if name in mended.opened and name not in mended.asked and wish.sure and wish.where.sure:
        seat = wish.where.sure.id
    if wish.gives_back:
        return [(each.id, _person(each), each.id == chosen) for each in people.values()], _held(
            people, wish, read, seat, now
        )
    likely = [each.id for each in wish.where.seats]
    groups = [(_("Likely"), [_option(read.seats[each], seat, now) for each in likely])] if likely else []
    others = [
        each
        for each in read.seats.values()
        if each.id not in likely and each.ends_at > now and (name in mended.opened or _near(each, wish, seat))
    ]
    if others:
        groups.append((_("Other shifts"), [_option(each, seat, now) for each in others]))
    return [(each.id, _person(each), each.id == chosen) for each in people.values()], groups


def _held(
    people: Mapping[int, Person], wish: Wish, read: Review, chosen: int | None, now: datetime
) -> list[tuple[str, list[tuple[int, str, bool]]]]:
    """What those who may be meant could give back, by person; first what the line itself names."""
    first = [each.id for each in wish.where.seats]
    groups = []
    for each in people:
        held = [seat for member, seat in read.on if member == each and seat in read.seats]
        held.sort(key=lambda seat: first.index(seat) if seat in first else len(first))
        if held:
            options = [_option(read.seats[seat], chosen, now) for seat in held]
            groups.append((people[each].name, options))
    return groups


def _near(seat: CallSeat, wish: Wish, chosen: int | None) -> bool:
    """Of the shifts that were not read, those of the line's day (all of them where it has none) can be chosen at once."""
    return seat.day == wish.key[0] or seat.id == chosen or wish.where.how == "none"


def _option(seat: CallSeat, chosen: int | None, now: datetime) -> tuple[int, str, bool]:
    """Time and place first: a narrow phone shows the beginning alone."""
    where = f"{seat.checkpoint} {seat.post}".strip()
    when = f"{time_range(seat.starts_at, seat.ends_at)} {where} · {day_text(seat.day, now)}"
    return seat.id, f"{when} · {_free(seat)}", seat.id == chosen


def _person(each: Person) -> str:
    return f"{each.name} · {each.branch} · {masked_phone(each.phone)}"


def _shift(seat: CallSeat, now: datetime) -> str:
    return f"{_when_and_where(seat, now)} · {_free(seat)}"


def _free(seat: CallSeat) -> str:
    return str(_("free: %(count)s", count=seat.free) if seat.free > 0 else _("Full"))


def _when_and_where(seat: CallSeat, now: datetime) -> str:
    where = f"{seat.checkpoint} {seat.post}".strip()
    return f"{day_text(seat.day, now)} {time_range(seat.starts_at, seat.ends_at)} {where}"


def answer(key: Key, read: Review, now: datetime) -> dict[str, Any]:
    """What became of a wish that was entered, in words."""
    entered = read.entered[key]
    seat = read.seats.get(entered.shift_id)
    reason = entered.reason
    return {
        "outcome": entered.outcome,
        "name": entered.name,
        "shift": _when_and_where(seat, now) if seat else _("a shift that is cancelled"),
        "why": web.say(Refused(reason["code"], reason["message"], **reason["values"])) if reason else "",
    }


def gone(key: Key, read: Review, mended: Mended, now: datetime) -> dict[str, Any]:
    """A line that is no more, with its box; and the new lines of the same person."""
    entered = read.entered[key]
    tick = f"gone:{key[0].isoformat()}:{key[1]}:{key[2]}"
    again = [
        masked(line.line.text)
        for line in read.lines
        for wish in line.wishes
        if wish.who.sure and wish.who.sure.id == entered.member_id and not wish.settled
    ]
    return answer(key, read, now) | {
        "tick": tick,
        "ticked": mended.ticks is not None and tick in mended.ticks,
        "again": again,
    }
