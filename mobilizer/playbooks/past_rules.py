"""What a call that was laid out comes to as a pattern, its hand-over, its posts and days. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from mobilizer.playbooks.rules import Later, Post, at_night
from mobilizer.shifts import rules as shifts
from mobilizer.shifts.rules import Slot


class Past(NamedTuple):
    """A shift as it was laid out. `day` is the local day on which it begins, the moments are UTC."""

    day: date
    starts_at: datetime
    ends_at: datetime
    post: str
    capacity: int
    least: int
    skill: str
    held_back_until: datetime | None


def slot_of(past: Past, tz: tzinfo) -> Slot:
    """On the wall clock of `tz`, minutes from midnight of the shift's day."""
    midnight = datetime(past.day.year, past.day.month, past.day.day, tzinfo=tz).replace(tzinfo=None)
    start, end = (
        int((each.astimezone(tz).replace(tzinfo=None) - midnight) / timedelta(minutes=1))
        for each in (past.starts_at, past.ends_at)
    )
    return Slot(start, end)


def usual_slots(past: Sequence[Past], tz: tzinfo) -> tuple[Slot, ...]:
    """Those that come on more than one day, as the first shift of a stand-up is often cut; else all of them.

    At most as many as a pattern may have, the most frequent ones.
    """
    days: dict[Slot, set[date]] = {}
    for each in past:
        days.setdefault(slot_of(each, tz), set()).add(each.day)
    again = [slot for slot, on in days.items() if len(on) > 1] or list(days)
    again.sort(key=lambda slot: (-len(days[slot]), slot))
    return tuple(sorted(again[: shifts.MOST_SLOTS]))


def pattern_of(slots: Sequence[Slot]) -> tuple[str, int]:
    """The pattern and the hand-over in minutes: a named pattern where it is one, else own times as they are."""
    for name, known in shifts.PATTERNS.items():
        extra = {ours.end - theirs.end for ours, theirs in zip(slots, known, strict=False)}
        if (
            len(slots) == len(known)
            and all(ours.start == theirs.start for ours, theirs in zip(slots, known, strict=True))
            and len(extra) == 1
            and 0 <= min(extra) <= shifts.MOST_OVERLAP
        ):
            return name, extra.pop()
    return ", ".join(str(each).replace("–", "-") for each in slots), 0


def posts_of(past: Sequence[Past], tz: tzinfo) -> tuple[Post, ...]:
    """Each post with the numbers that it most often had, by day and by night."""
    seen: dict[str, dict[str, Counter[tuple[int, int, str]]]] = {}
    for each in past:
        part = "night" if at_night(slot_of(each, tz)) else "day"
        numbers = (each.capacity, min(each.least, each.capacity), each.skill)
        seen.setdefault(each.post, {}).setdefault(part, Counter())[numbers] += 1
    parts = {part for by_part in seen.values() for part in by_part}
    posts: list[Post] = []
    for name, by_part in seen.items():
        usual = {part: counted.most_common(1)[0][0] for part, counted in by_part.items()}
        if set(usual) == parts and len(set(usual.values())) == 1:
            posts.append(Post(name, *next(iter(usual.values()))))
        else:
            posts += [Post(name, *numbers, hours=part) for part, numbers in sorted(usual.items())]
    return tuple(posts[: 2 * shifts.MOST_POSTS])


def days_of(past: Sequence[Past]) -> int:
    """From the first day to the last, both counted; at most what is laid out at once."""
    return min((max(each.day for each in past) - min(each.day for each in past)).days + 1, shifts.MOST_DAYS)


def later_of(past: Sequence[Past], published_at: datetime | None, tz: tzinfo) -> Later | None:
    """When the rest of the seats opened, counted from the day of publishing."""
    held = [each.held_back_until for each in past if each.held_back_until is not None]
    if not held or published_at is None:
        return None
    opened = min(held).astimezone(tz)
    days = (opened.date() - published_at.astimezone(tz).date()).days
    return Later(days, opened.hour * 60 + opened.minute) if 0 <= days <= shifts.MOST_DAYS else None
