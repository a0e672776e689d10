"""The parts of a day by which shifts are looked for, on the wall clock of the place. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo

from mobilizer.errors import N_

PARTS: dict[str, tuple[time, time]] = {
    "morning": (time(6), time(12)),
    "afternoon": (time(12), time(18)),
    "evening": (time(18), time(22)),
    "night": (time(22), time(6)),
}
"""A shift belongs to the part in which it begins; the night ends on the next day."""

SAID: dict[str, str] = {
    "morning": N_("Morning"),
    "afternoon": N_("Afternoon"),
    "evening": N_("Evening"),
    "night": N_("Night"),
}


def spans(part: str, first: date, days: int, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """When this part of the day begins and ends, on each of so many local days from `first` on."""
    opens, closes = PARTS[part]
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        until = day if closes > opens else day + timedelta(days=1)
        found.append((datetime.combine(day, opens, zone), datetime.combine(until, closes, zone)))
    return found
