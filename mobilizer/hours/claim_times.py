"""Times of a service as they are typed, to moments, and the rest that a question offers, there and back. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mobilizer.attendance import times
from mobilizer.attendance.rules import MARGIN
from mobilizer.errors import N_, Refused
from mobilizer.hours.overlap_rules import Span


def read(day: date, begins: str, until: str, zone: tzinfo) -> Span:
    """From `begins` on the local day to the first `until` after it. Raises Refused (422, fields `begins`, `until`) for what
    is no time of day, and a day (field `day`) at the ends of the calendar, which has no moment in UTC."""
    if not 2000 <= day.year < 2200:
        raise Refused(
            "no-such-day",
            N_("There is no such day. Write it such as 2026-11-24."),
            status=422,
            field="day",
        )
    midnight = datetime.combine(day, time(), tzinfo=zone)
    first = times.read(begins, midnight + MARGIN, zone, "begins") or midnight
    last = times.read(until, first + MARGIN, zone, "until") or first
    if last == first:
        last += timedelta(days=1)
    return Span(first.astimezone(UTC), last.astimezone(UTC))


def rest_written(rest: Span) -> str:
    return "/".join(at.astimezone(UTC).isoformat(timespec="minutes") for at in rest)


def rest_read(text: str | None) -> Span | None:
    """None for whatever rest_written has not written."""
    first, slash, last = (text or "")[:80].partition("/")
    try:
        found = Span(datetime.fromisoformat(first), datetime.fromisoformat(last))
    except ValueError:
        return None
    return found if slash and all(at.tzinfo is not None for at in found) else None
