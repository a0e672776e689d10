"""A playbook as a value: what a stand-up is made of, and what it comes to in shifts. Pure.

`{unit}` in a text stands for the name of the unit in which the playbook is used. Risks are part of it, as everyone
reads them before saying yes (Regulations on Volunteer Service, 2017, Art. 12).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.shifts import rules as shifts
from mobilizer.shifts.rules import Planned, Slot, Spot

UNIT = "{unit}"
LONGEST_NAME = 50
TEXTS = ("operation", "branch", "mission", "title", "content", "risks", "kit")
"""What may name the unit."""

NIGHT_FROM, NIGHT_UNTIL = 22 * 60, 6 * 60
SHORTEST_REST = timedelta(minutes=30)
"""What is left of a shift that is under way at the beginning counts as one from half an hour on."""


class Place(NamedTuple):
    """A checkpoint to be made where the unit has none of that name."""

    name: str
    address: str = ""


class Post(NamedTuple):
    """What is done at each checkpoint. `hours` is "all", "day" or "night": by night it is often fewer people.

    `skill` is the name of one, "" for none; the seat is then taken only by who holds it (Art. 15).
    """

    name: str
    seats: int
    least: int
    skill: str = ""
    hours: str = "all"


class Later(NamedTuple):
    """The other half of the seats opens this many days after publishing, at this minute of the local day."""

    days: int
    minute: int


@dataclass(frozen=True, slots=True)
class Playbook:
    """`pattern` is one of shifts.rules.PATTERNS or own times as shifts.rules.slots reads them, `overlap` the
    hand-over in minutes. Without `checkpoints` it is used at those that the unit has. `later`: release in stages.
    """

    kind: str
    operation: str
    branch: str
    mission: str
    title: str
    content: str
    risks: str
    kit: str
    category: str
    dangerous: bool
    checkpoints: tuple[Place, ...]
    posts: tuple[Post, ...]
    pattern: str
    overlap: int
    days: int
    later: Later | None

    @property
    def slots(self) -> tuple[Slot, ...]:
        """As the posts are on duty, the hand-over counted in."""
        return shifts.overlapping(shifts.slots(self.pattern), self.overlap)


def for_unit(playbook: Playbook, unit_name: str) -> Playbook:
    """The playbook with the unit's name in its texts. It is put in as it is: braces elsewhere mean nothing."""
    return _in_texts(playbook, lambda text: text.replace(UNIT, unit_name))


def for_any_unit(playbook: Playbook, unit_name: str) -> Playbook:
    """The other way: what was said of this unit holds for whichever uses the playbook next."""
    return _in_texts(playbook, lambda text: text.replace(unit_name, UNIT))


def _in_texts(playbook: Playbook, change: Callable[[str], str]) -> Playbook:
    texts: dict[str, Any] = {name: change(getattr(playbook, name)) for name in TEXTS}
    return replace(playbook, **texts)


# --- what it comes to ---------------------------------------------------------------------------------


class Sum(NamedTuple):
    """How many shifts and seats, from when to when."""

    shifts: int
    seats: int
    starts_at: datetime
    ends_at: datetime


def total(planned: Sequence[Planned]) -> Sum:
    """Of at least one shift."""
    return Sum(
        len(planned),
        sum(each.capacity for each in planned),
        min(each.starts_at for each in planned),
        max(each.ends_at for each in planned),
    )


def plan(
    playbook: Playbook,
    spots: Sequence[Spot],
    *,
    first: datetime,
    rest_at: datetime | None,
    skills: Mapping[str, int],
    tz: tzinfo,
    now: datetime,
) -> list[Planned]:
    """Every post at every spot from `first` on, for the playbook's days, the first of them counted.

    The shift that is under way at `first` begins then; one of which less than half an hour is left is left out.
    With `rest_at` half of the seats open only then. `skills` are the numbers of the skills by name. Refuses no
    checkpoint, a beginning on a day that is over, a release that is not to come, and what the shifts' own rules
    refuse; a refusal names the field at fault as this playbook has it.
    """
    if not spots:
        raise Refused(
            "checkpoints-none",
            N_("Write at least one checkpoint, one a line."),
            status=422,
            field="checkpoints",
        )
    if rest_at is not None and rest_at <= now:
        raise Refused(
            "release-past",
            N_("The rest of the seats opens in the future. Leave it empty to open all at once."),
            status=422,
            field="rest_at",
        )
    try:
        planned = _planned(playbook, spots, first, skills, tz, now)
    except Refused as refusal:
        far = refusal.code == "day-far"
        refusal.field = "first" if far else _FIELDS.get(refusal.field or "", refusal.field)
        raise
    if not planned:
        raise Refused(
            "shifts-none",
            N_("No shift comes of this: look at the times, the posts and the beginning."),
            status=422,
            field="first",
        )
    return shifts.in_stages(planned, rest_at) if rest_at else planned


_FIELDS = {"last": "days", "post": "posts", "capacity": "posts", "least": "posts"}


def _planned(
    playbook: Playbook,
    spots: Sequence[Spot],
    first: datetime,
    skills: Mapping[str, int],
    tz: tzinfo,
    now: datetime,
) -> list[Planned]:
    begins = first.astimezone(tz).date()
    last = begins + timedelta(days=playbook.days - 1)
    days = shifts.days(begins, last, range(7), now.astimezone(tz).date())
    planned = []
    for night in (False, True):
        slots = [each for each in playbook.slots if at_night(each) == night]
        posts = [
            shifts.Post(each.name, each.seats, each.least, skills.get(each.skill))
            for each in playbook.posts
            if each.hours in ("all", "night" if night else "day")
        ]
        if slots and posts:
            planned += shifts.lay_out(spots, [begins - timedelta(days=1), *days], slots, tz, posts)
    on_duty = [each for each in planned if each.ends_at > max(first, now)]
    cut = [each if each.starts_at >= first else _cut(each, first, begins) for each in on_duty]
    kept = [each for each in cut if each.starts_at > first or each.ends_at - each.starts_at >= SHORTEST_REST]
    return sorted(kept, key=lambda each: (each.starts_at, each.ends_at))


def _cut(planned: Planned, first: datetime, day: date) -> Planned:
    return replace(planned, starts_at=first.astimezone(UTC), day=day)


def at_night(slot: Slot) -> bool:
    """Whether more than half of it lies between 22:00 and 6:00, the hours of a night in a branch's limits."""
    nights = [(NIGHT_FROM - shifts.DAY, NIGHT_UNTIL), (NIGHT_FROM, NIGHT_UNTIL + shifts.DAY)]
    dark = sum(max(0, min(slot.end, until) - max(slot.start, begin)) for begin, until in nights)
    return dark * 2 > slot.end - slot.start


def next_beginning(playbook: Playbook, tz: tzinfo, now: datetime) -> datetime:
    """The next moment at which one of its shifts begins, at least half an hour ahead, so that somebody can come."""
    today = now.astimezone(tz).date()
    starts = [
        shifts.moments(today + timedelta(days=n), slot, tz)[0] for n in (0, 1, 2) for slot in playbook.slots
    ]
    return min(each for each in starts if each >= now + SHORTEST_REST)


def release(playbook: Playbook, tz: tzinfo, now: datetime) -> datetime | None:
    """When the other half of the seats opens, if published now; None: all of them at once."""
    if playbook.later is None:
        return None
    day = now.astimezone(tz).date() + timedelta(days=playbook.later.days)
    hour, minute = divmod(playbook.later.minute, 60)
    return datetime.combine(day, time(hour, minute), tzinfo=tz).astimezone(UTC)


NAMES = tuple(field.name for field in fields(Playbook))
