"""Laying out shifts: patterns, days and checkpoints become shifts. Pure functions on the wall clock of a place."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import product
from typing import NamedTuple

from mobilizer.errors import N_, Refused

MOST_SHIFTS = 2000
MOST_DAYS = 60
MOST_DAYS_AHEAD = 366
MOST_SLOTS = 24
MOST_SEATS = 500
MOST_POST_SIGNS = 20
MOST_POSTS = 8
MOST_OVERLAP = 120
LONGEST = timedelta(hours=25)
"""24 hours on the clock, and the hour more that the night of a clock change can have."""

DAY = 24 * 60


class Slot(NamedTuple):
    """From one minute of the local day to another; beyond 24 * 60 it ends on the next day."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.start // 60:02d}:{self.start % 60:02d}–{_end_of(self.end)}"


def _end_of(minute: int) -> str:
    minute = minute if minute == DAY else minute % DAY
    return f"{minute // 60:02d}:{minute % 60:02d}"


PATTERNS: dict[str, tuple[Slot, ...]] = {
    "3x8": (Slot(0, 480), Slot(480, 960), Slot(960, 1440)),
    "4x6": tuple(Slot(start, start + 360) for start in range(0, DAY, 360)),
    "2x12": (Slot(480, 1200), Slot(1200, 1920)),
    "24x1": tuple(Slot(start, start + 60) for start in range(0, DAY, 60)),
}

_NOON_WORDS = re.compile(r"次日|翌日|第二天|隔天|next ?day|\+1")
_RANGE = re.compile(r"(?:-|‐|‑|‒|–|—|―|−|~|〜|～|至|到|to)+")
_BETWEEN = re.compile(r"[,，、;；\n\r/|和]+")
_TIME = re.compile(r"(\d{1,3})(?:[:：.点时h](\d{1,2}|半)?分?)?")


def slots(pattern: str) -> tuple[Slot, ...]:
    """The slots of a named pattern (one of PATTERNS) or of own times, earliest first, each once.

    Own times are ranges such as "04:30-08:00, 08:00-12:00", "４：３０至８：００" or "20点—次日8点": an end that is
    not after its start is on the next day. Refuses what cannot be read, more than 24 slots, more than 24 hours.
    """
    if pattern in PATTERNS:
        return PATTERNS[pattern]
    text = unicodedata.normalize("NFKC", pattern).strip()
    parts = [part for part in (piece.strip() for piece in _BETWEEN.split(text)) if part]
    if not parts:
        raise Refused(
            "times-missing",
            N_("Please write the times, such as 04:30-08:00, 08:00-12:00."),
            status=422,
            field="times",
        )
    if len(parts) > MOST_SLOTS:
        raise Refused(
            "times-many", N_("At most %(n)s shifts a day."), status=422, field="times", n=MOST_SLOTS
        )
    return tuple(sorted({_slot(part) for part in parts}))


def overlapping(slots: Sequence[Slot], minutes: int) -> tuple[Slot, ...]:
    """Each slot ends `minutes` later, so that whoever is relieved hands over on site: nobody can hold both.

    Refuses less than 0 and more than 120 minutes, and a slot that would then last more than 24 hours.
    """
    if not 0 <= minutes <= MOST_OVERLAP:
        raise Refused(
            "overlap",
            N_("The hand-over lasts 0 to %(n)s minutes."),
            status=422,
            field="overlap",
            n=MOST_OVERLAP,
        )
    longer = tuple(Slot(each.start, each.end + minutes) for each in slots)
    if any(each.end - each.start > DAY for each in longer):
        raise Refused(
            "overlap-long",
            N_("With the hand-over a shift would last more than 24 hours."),
            status=422,
            field="overlap",
        )
    return longer


def _slot(text: str) -> Slot:
    plain = "".join(_NOON_WORDS.sub("", text.lower()).split())
    ends = _RANGE.split(plain)
    if len(ends) != 2:
        raise _unreadable(text)
    start, end = (_minute(each, text) for each in ends)
    if start == DAY:
        start = 0
    return Slot(start, end if end > start else end + DAY)


def minute_of(text: str) -> int:
    """A time of day as people write it ("8", "４:30", "20点半", "24:00"): minutes from midnight, 0 to 1440."""
    return _minute("".join(unicodedata.normalize("NFKC", text).lower().split()), text)


def _minute(text: str, whole: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise _unreadable(whole)
    hour, rest = int(found[1]), found[2] or "0"
    minute = 30 if rest == "半" else int(rest)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Refused(
            "time-beyond",
            N_(
                "“%(text)s” goes beyond 24:00. A shift lasts 24 hours at most; one across midnight is 20:00-08:00."
            ),
            status=422,
            field="times",
            text=whole[:40],
        )
    return hour * 60 + minute


def _unreadable(text: str) -> Refused:
    return Refused(
        "times-unreadable",
        N_("“%(text)s” cannot be read as a time. Write it such as 04:30-08:00."),
        status=422,
        field="times",
        text=text[:40],
    )


def days(first: date, last: date, weekdays: Iterable[int], today: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both counted, that fall on `weekdays` (0 is Monday).

    Refuses an end before the start, a day in the past or more than a year ahead, more than 60 days, and none.
    """
    if last < first:
        raise _bad_days("days-order", N_("The last day comes before the first."), "last")
    if first < today:
        raise _bad_days("day-past", N_("The first day is in the past."), "first")
    if (last - today).days > MOST_DAYS_AHEAD:
        raise _bad_days("day-far", N_("That is more than a year ahead."), "last")
    count = (last - first).days + 1
    if count > MOST_DAYS:
        raise Refused(
            "days-many",
            N_("At most %(n)s days at once; these are %(count)s."),
            status=422,
            field="last",
            n=MOST_DAYS,
            count=count,
        )
    wanted = frozenset(weekdays)
    chosen = tuple(
        each for each in (first + timedelta(days=n) for n in range(count)) if each.weekday() in wanted
    )
    if not chosen:
        raise _bad_days("days-none", N_("None of these days is one of the ticked weekdays."), "weekdays")
    return chosen


def _bad_days(code: str, message: str, field: str) -> Refused:
    return Refused(code, message, status=422, field=field)


class Spot(NamedTuple):
    """A checkpoint, as laying out sees it."""

    id: int
    unit_code: str


class Post(NamedTuple):
    """What is done at a checkpoint (registration, night watch; "" where there is only one thing to do): how many
    people, from how many on it is covered, and the skill that is asked for."""

    name: str = ""
    capacity: int = 2
    least: int = 1
    skill_id: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift to be: `day` is the local day on which it begins; the moments are UTC.

    It is covered from `least` people on. `held_back` of its seats open at `held_back_until`, the others at once.
    """

    checkpoint_id: int
    unit_code: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    skill_id: int | None = None
    post: str = ""
    least: int = 1
    held_back: int = 0
    held_back_until: datetime | None = None


def lay_out(
    checkpoints: Sequence[Spot],
    days: Sequence[date],
    slots: Sequence[Slot],
    tz: tzinfo,
    posts: Sequence[Post] = (Post(),),
) -> list[Planned]:
    """Every checkpoint on every day in every slot with every post, by day, start, checkpoint and post as given.

    Slots are read on the wall clock of `tz`. Where the clock changes, a slot lasts as long as the wall clock
    says: an hour less or more; a time that the clock leaps over is the moment after the leap; an hour that comes
    twice is its first; a slot that lies in the leap as a whole is left out. Refuses more than 2,000 shifts at
    once, no checkpoint, and what check_posts refuses.
    """
    if not checkpoints:
        raise Refused(
            "checkpoints-none", N_("Please tick at least one checkpoint."), status=422, field="checkpoints"
        )
    check_posts(posts)
    _check_count(len(checkpoints) * len(days) * len(slots) * len(posts))
    planned = []
    for day, slot in product(days, slots):
        starts_at, ends_at = moments(day, slot, tz)
        if starts_at < ends_at:
            planned += [
                Planned(
                    spot.id,
                    spot.unit_code,
                    day,
                    starts_at,
                    ends_at,
                    post.capacity,
                    post.skill_id,
                    post.name,
                    post.least,
                )
                for spot, post in product(checkpoints, posts)
            ]
    return planned


def in_stages(planned: Sequence[Planned], until: datetime) -> list[Planned]:
    """Half of each shift's seats open at once, rounded up, the rest at `until`; all of them at once where the shift
    has begun by then."""
    return [
        replace(each, held_back=each.capacity // 2, held_back_until=until)
        if each.capacity > 1 and until < each.starts_at
        else each
        for each in planned
    ]


def moments(day: date, slot: Slot, tz: tzinfo) -> tuple[datetime, datetime]:
    """The slot's start and end on that day, in UTC."""
    return _moment(day, slot.start, tz), _moment(day, slot.end, tz)


def _moment(day: date, minute: int, tz: tzinfo) -> datetime:
    on, at = divmod(minute, DAY)
    wall = datetime.combine(day + timedelta(days=on), time(at // 60, at % 60), tzinfo=tz)
    return wall.astimezone(UTC)


class ClockChange(NamedTuple):
    """A slot that on this day lasts other than the clock face says: `minutes` is how long, 0 if it is not there."""

    day: date
    slot: Slot
    minutes: int


def clock_changes(days: Sequence[date], slots: Sequence[Slot], tz: tzinfo) -> list[ClockChange]:
    """Where the clock changes within these slots."""
    found = []
    for day, slot in product(days, slots):
        starts_at, ends_at = moments(day, slot, tz)
        minutes = max(0, int((ends_at - starts_at).total_seconds()) // 60)
        if minutes != slot.end - slot.start:
            found.append(ClockChange(day, slot, minutes))
    return found


def check_capacity(capacity: int) -> None:
    """A shift is for 1 to 500 people."""
    if not 1 <= capacity <= MOST_SEATS:
        raise Refused(
            "capacity",
            N_("A shift is for 1 to %(n)s people."),
            status=422,
            field="capacity",
            n=MOST_SEATS,
        )


def check_least(least: int, capacity: int) -> None:
    """A shift is covered from 0 people on (it is good to have them) to all of its seats."""
    if not 0 <= least <= capacity:
        raise Refused(
            "least",
            N_("The least number lies between 0 and the seats (%(n)s)."),
            status=422,
            field="least",
            n=capacity,
        )


def check_post(name: str) -> None:
    """A post is one line of at most 20 signs; "" is no particular post."""
    if len(name) > MOST_POST_SIGNS or name != " ".join(name.split()):
        raise Refused(
            "post",
            N_("A post is named in one line of at most %(n)s characters."),
            status=422,
            field="post",
            n=MOST_POST_SIGNS,
        )


def check_posts(posts: Sequence[Post]) -> None:
    """1 to 8 posts, each named once and only one of them without a name; each as the other checks have it."""
    if not posts or len(posts) > MOST_POSTS:
        raise Refused("posts-many", N_("At most %(n)s posts."), status=422, field="post", n=MOST_POSTS)
    if len({each.name for each in posts}) < len(posts):
        raise Refused("post-twice", N_("Each post is named once."), status=422, field="post")
    for each in posts:
        check_post(each.name)
        check_capacity(each.capacity)
        check_least(each.least, each.capacity)


def _check_count(count: int) -> None:
    if count > MOST_SHIFTS:
        raise Refused(
            "shifts-many",
            N_("That would be %(count)s shifts. At most %(n)s are laid out at once: choose fewer days."),
            status=422,
            field="last",
            count=count,
            n=MOST_SHIFTS,
        )


def check_planned(planned: Sequence[Planned], now: datetime) -> None:
    """What holds for shifts from wherever they come: at least one, not too many at once, none of them over; seats
    and least number within their bounds; seats that are held back open after `now` and before the shift begins."""
    if not planned:
        raise Refused("shifts-none", N_("There is no shift to lay out."), status=422)
    _check_count(len(planned))
    for each in planned:
        check_capacity(each.capacity)
        check_least(each.least, each.capacity)
        check_post(each.post)
        if each.ends_at <= each.starts_at:
            raise Refused("shift-order", N_("A shift ends after it begins."), status=422)
        if each.ends_at - each.starts_at > LONGEST:
            raise Refused("shift-long", N_("A shift lasts 24 hours at most."), status=422)
        if each.ends_at <= now:
            raise Refused("shift-over", N_("A shift that is over already cannot be laid out."), status=422)
        _check_held_back(each, now)


def _check_held_back(each: Planned, now: datetime) -> None:
    if not 0 <= each.held_back <= each.capacity or (each.held_back == 0) != (each.held_back_until is None):
        raise Refused(
            "held-back", N_("Seats that open later are some of the shift's, with the moment."), status=422
        )
    if each.held_back_until is not None and not now < each.held_back_until < each.starts_at:
        raise Refused(
            "held-back-until",
            N_("Seats that open later open in the future, and before the shift begins."),
            status=422,
            field="held_back_until",
        )


def numbers(sent: str) -> frozenset[int]:
    """The ids of a list such as "12,15", as a page sends them back to say what it has shown; other things are left out."""
    return frozenset(int(each) for each in sent.split(",") if each.isdecimal() and len(each) <= 18)
