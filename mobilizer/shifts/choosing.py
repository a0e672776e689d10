"""The preview of a lay-out: which of its shifts are wanted, and with what numbers. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from mobilizer.errors import N_, Refused
from mobilizer.shifts.rules import Planned, Post, check_capacity, check_least

Key = tuple[int, datetime, datetime, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A shift of the preview, its numbers as they were typed. `there`: the call has it already; `wrong`: what is
    against its numbers, if anything is."""

    planned: Planned
    place: str
    key: str
    there: bool
    kept: bool
    seats: str
    least: str
    wrong: Refused | None = None

    @property
    def chosen(self) -> bool:
        return self.kept and not self.there


def lines(
    planned: Iterable[Planned],
    posts: Sequence[Post],
    places: Mapping[int, str],
    existing: Collection[Key],
    typed: Mapping[str, str] | None = None,
    ticked: Collection[str] = (),
) -> list[Line]:
    """Each planned shift with what was typed for it; without `typed` all are ticked, with the numbers as planned."""
    order = {post.name: at for at, post in enumerate(posts)}
    found = []
    for each in planned:
        minutes = int((each.ends_at - each.starts_at).total_seconds()) // 60
        key = f"{each.checkpoint_id}-{each.starts_at:%m%d%H%M}-{minutes}-{order[each.post]}"
        seats, least = str(each.capacity), str(each.least)
        if typed is not None:
            seats = typed.get(f"seats-{key}", seats).strip()
            least = typed.get(f"least-{key}", least).strip()
        line = Line(
            each,
            places[each.checkpoint_id],
            key,
            (each.checkpoint_id, each.starts_at, each.ends_at, each.post) in existing,
            typed is None or key in ticked,
            seats,
            least,
        )
        found.append(replace(line, wrong=_against(line)) if line.chosen else line)
    return found


def _against(line: Line) -> Refused | None:
    try:
        capacity = _number(line.seats)
        check_capacity(capacity)
        check_least(_number(line.least), capacity)
    except Refused as refusal:
        return refusal
    return None


def _number(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 4:
        raise Refused("number", N_("Please write a whole number."), status=422)
    return int(typed)


def chosen(lines: Sequence[Line]) -> list[Planned]:
    """The shifts that are ticked, with their numbers. Refuses none, and a number that does not hold."""
    if wrong := next((each.wrong for each in lines if each.wrong), None):
        raise wrong
    found = [
        replace(each.planned, capacity=_number(each.seats), least=_number(each.least))
        for each in lines
        if each.chosen
    ]
    if not found:
        raise Refused("shifts-unticked", N_("Please tick at least one shift."), status=422)
    return found


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the preview, checkpoint by checkpoint."""

    day: date
    lines: list[Line]

    @property
    def places(self) -> list[tuple[str, list[Line]]]:
        found: dict[int, list[Line]] = {}
        for each in self.lines:
            found.setdefault(each.planned.checkpoint_id, []).append(each)
        return [(group[0].place, group) for group in found.values()]

    @property
    def shifts(self) -> int:
        return sum(each.chosen for each in self.lines)

    @property
    def seats(self) -> int:
        return sum(int(each.seats) for each in self.lines if each.chosen and not each.wrong)

    @property
    def wrong(self) -> bool:
        return any(each.wrong for each in self.lines)


def by_day(lines: Sequence[Line]) -> list[Day]:
    """`lines` are by day already."""
    return [Day(day, list(group)) for day, group in groupby(lines, key=lambda each: each.planned.day)]
