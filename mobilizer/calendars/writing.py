"""A member's shifts as iCalendar (RFC 5545), in the reader's language. Times are UTC, so that a phone shows them right
wherever it is; the same shifts give the same bytes, so that a phone that has them already need not load them again."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event

from mobilizer.calendars.queries import Entry
from mobilizer.calendars.rules import sequence
from mobilizer.inputs import local_zone

REFRESH = timedelta(hours=1)
Told = tuple[Entry, str, str, str]
"""An entry, its STATUS, its UID, and the address of the shift's page."""


def calendar(told: Iterable[Told], *, subscribed: bool) -> bytes:
    """The whole file. `subscribed`: with its name and how often to look again."""
    made = Calendar()
    made.add("prodid", "-//Mobilizer//Shifts//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    if subscribed:
        made.add("name", _("My shifts"))
        made.add("x-wr-calname", _("My shifts"))
        made.add("x-wr-timezone", str(local_zone()))
        made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        made.add("x-published-ttl", "PT1H")
    for each in told:
        made.add_component(_event(*each))
    return bytes(made.to_ical())


def _event(entry: Entry, status: str, uid: str, page: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", sequence(entry.earlier, entry.moved, status))
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("status", status)
    event.add("summary", _summary(entry, status))
    event.add("location", _one_line(entry.checkpoint, entry.address, entry.unit_name))
    if entry.latitude is not None and entry.longitude is not None:
        event.add("geo", (entry.latitude, entry.longitude))
    event.add("description", _description(entry, page))
    event.add("url", page)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    return event


def _one_line(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _summary(entry: Entry, status: str) -> str:
    where = _one_line(entry.checkpoint, entry.post)
    said: dict[str, Callable[[], str]] = {
        "CONFIRMED": lambda: _("Shift: %(where)s", where=where),
        "TENTATIVE": lambda: _("Asked, please answer: %(where)s", where=where),
        "CANCELLED": lambda: _("Cancelled: %(where)s", where=where),
    }
    return said[status]()


def _description(entry: Entry, page: str) -> str:
    kit = [line.strip() for line in entry.kit.split("\n") if line.strip()]
    bring = [_("What to bring, what is handed out") + _(": ") + _(", ").join(kit)] if kit else []
    return "\n".join([entry.title, *bring, _("The shift: %(link)s", link=page)])
