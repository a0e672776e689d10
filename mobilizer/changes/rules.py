"""Moving shifts: where they come to lie, and whom of those who hold them that no longer suits. Pure."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from mobilizer.errors import N_, Refused
from mobilizer.shifts import rules
from mobilizer.shifts.rules import DAY, LONGEST, MOST_DAYS_AHEAD, Slot
from mobilizer.signups.limit_rules import Limits, Span
from mobilizer.signups.rules import against

MOST_AT_ONCE = 200
"""Shifts that are changed in one go."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How shifts are moved: so many `days` later, to other times of the day (minutes; None: as it is), to another
    checkpoint (None: where it is)."""

    days: int = 0
    starts: int | None = None
    ends: int | None = None
    checkpoint_id: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A shift before it is changed. `day` is the local day on which it begins; moments are UTC."""

    id: int
    checkpoint_id: int
    checkpoint: str
    post: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    least: int
    taken: int
    held: int
    waiting: int
    shrink_to: int | None
    status: str
    attended: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A shift and where it comes to lie."""

    shift: Held
    checkpoint_id: int
    day: date
    starts_at: datetime
    ends_at: datetime

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at, self.day)

    @property
    def place(self) -> tuple[int, datetime, datetime, str]:
        """What a call has only one shift of."""
        return self.checkpoint_id, self.starts_at, self.ends_at, self.shift.post

    @property
    def moves(self) -> bool:
        before = self.shift
        return self.place != (before.checkpoint_id, before.starts_at, before.ends_at, before.post)


def moves(shifts: Sequence[Held], wish: Wish, zone: tzinfo, now: datetime) -> list[Move]:
    """Where these shifts come to lie on the wall clock; those that stay where they are are left out.

    Refuses what would lie in the past or more than a year ahead, last more than 24 hours, or be leapt over by the
    clock; and a wish that moves nothing.
    """
    found = [each for each in (_moved(shift, wish, zone) for shift in shifts) if each.moves]
    if not found:
        raise Refused("move-nothing", N_("That is where they are already."), status=422)
    for each in found:
        if each.starts_at <= now:
            raise _refused("move-past", N_("A shift is moved to a time to come."))
        if each.day > now.astimezone(zone).date() + timedelta(days=MOST_DAYS_AHEAD):
            raise _refused("day-far", N_("That is more than a year ahead."))
        if each.ends_at <= each.starts_at:
            raise _refused("move-leapt", N_("The clock leaps over that time on one of these days."))
        if each.ends_at - each.starts_at > LONGEST:
            raise _refused("shift-long", N_("A shift lasts 24 hours at most."))
    return found


def _refused(code: str, message: str) -> Refused:
    return Refused(code, message, status=422)


def _moved(shift: Held, wish: Wish, zone: tzinfo) -> Move:
    start, end = (_minute(each, shift.day, zone) for each in (shift.starts_at, shift.ends_at))
    if wish.starts is not None:
        start = wish.starts % DAY
    if wish.ends is not None:
        end = wish.ends
    if wish.starts is not None or wish.ends is not None:
        end = end % DAY or DAY
        end = end if end > start else end + DAY
    day = shift.day + timedelta(days=wish.days)
    starts_at, ends_at = (
        (shift.starts_at, shift.ends_at)
        if not wish.days and wish.starts is None and wish.ends is None
        else rules.moments(day, Slot(start, end), zone)
    )
    return Move(shift, wish.checkpoint_id or shift.checkpoint_id, day, starts_at, ends_at)


def _minute(moment: datetime, day: date, zone: tzinfo) -> int:
    wall = moment.astimezone(zone)
    return (wall.date() - day).days * DAY + wall.hour * 60 + wall.minute


def in_order(moves: Sequence[Move], others: Set[tuple[int, datetime, datetime, str]]) -> list[Move]:
    """The moves in an order in which none comes to lie where another shift of the call still is. `others` are those
    that stay. Refuses two shifts in one place."""
    places = [each.place for each in moves]
    if len(set(places)) < len(places) or not others.isdisjoint(places):
        raise Refused(
            "shift-there",
            N_("The call would have the same shift twice: same checkpoint, same times, same post."),
            status=422,
        )
    there = {_before(each) for each in moves}
    left, ordered = list(moves), []
    while left:
        free = [each for each in left if each.place not in there]
        if not free:
            raise Refused("move-circle", N_("These shifts would change places: move them one by one."))
        ordered += free
        there -= {_before(each) for each in free}
        left = [each for each in left if each not in free]
    return ordered


def _before(each: Move) -> tuple[int, datetime, datetime, str]:
    return each.shift.checkpoint_id, each.shift.starts_at, each.shift.ends_at, each.shift.post


@dataclass(frozen=True, slots=True)
class Holder:
    """A confirmed sign-up of somebody whom a move touches, on a shift that moves or on another."""

    sign_up_id: int
    member_id: int
    shift_id: int
    span: Span
    waived: bool


def unsuited(
    moves: Iterable[Move], holders: Sequence[Holder], limits: Limits, zone: tzinfo
) -> Mapping[int, Refused]:
    """Whom it no longer suits, and why, by sign-up: another shift of theirs at that time, or a limit of the branch.

    What does not move counts first, then what moves, by its new start: so of two only the later one is asked about.
    """
    by_shift = {each.shift.id: each for each in moves}
    spans: dict[int, list[Span]] = {}
    moving = []
    for holder in holders:
        if holder.shift_id in by_shift:
            moving.append((by_shift[holder.shift_id].span, holder))
        else:
            spans.setdefault(holder.member_id, []).append(holder.span)
    found = {}
    for span, holder in sorted(moving, key=lambda each: (each[0], each[1].sign_up_id)):
        others = spans.setdefault(holder.member_id, [])
        if reason := against(span, others, limits, zone, waived=holder.waived):
            found[holder.sign_up_id] = reason
        else:
            others.append(span)
    return found
