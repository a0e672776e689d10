"""Times of day as a leader types them at a shift, to moments. Pure: the time zone is handed in."""

from datetime import datetime, time, timedelta, tzinfo
from typing import TypeVar

from mobilizer.attendance.rules import MARGIN
from mobilizer.errors import N_, Refused

T = TypeVar("T", datetime, time)


def read(text: str, starts_at: datetime, zone: tzinfo, field: str) -> datetime | None:
    """The moment meant by "08:05" or "2026-11-24T08:05", None for nothing typed; Refused (422, `field`) otherwise.

    A time of day alone is the first one from four hours before the shift on, so that 02:00 on the roster of a
    night shift is the next morning.
    """
    text = text.strip().replace("：", ":")
    if not text:
        return None
    try:
        if "T" in text:
            return _on_the_wall(datetime.fromisoformat(text)).replace(tzinfo=zone)
        typed = _on_the_wall(time.fromisoformat(text.zfill(5)))
    except ValueError:
        raise Refused(
            "time-unreadable",
            N_("Please give a time such as 08:05."),
            status=422,
            field=field,
        ) from None
    earliest = starts_at - MARGIN
    first = datetime.combine(earliest.astimezone(zone).date(), typed, tzinfo=zone)
    return first if first >= earliest else first + timedelta(days=1)


def _on_the_wall(typed: T) -> T:
    if typed.tzinfo is not None:
        raise ValueError("a time zone of its own")
    return typed


def write(at: datetime, zone: tzinfo, *, whole_date: bool) -> str:
    """What stands in the field for this moment."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M" if whole_date else "%H:%M")
