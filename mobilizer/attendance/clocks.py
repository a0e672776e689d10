"""Whose clock a time was read from. Pure: our own time is handed in.

What was said without a network comes later, with two readings of the phone's clock: `device_at`, when it was said, and
`sent_at`, when it was sent. The clock may be wrong by years; the time between its two readings is right. So the time
used is our own time of receiving, less that span. Both the reading and the time of receiving are kept.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.periods import ANSWERED

SERVER, DEVICE, TYPED = "server", "device", "typed"

KEPT_WAITING = ANSWERED
"""So long something may wait on a phone: as long as its key is known."""

UNSTEADY = timedelta(minutes=1)
"""A clock that was set back by no more than this between its two readings is taken to have stood still."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What a phone's clock may show: the first is where a phone without a battery begins."""


class Reading(NamedTuple):
    """Two readings of one phone's clock: when it was said, and when it was sent."""

    device_at: datetime
    sent_at: datetime


class When(NamedTuple):
    """The time used, whose clock it is from, what the phone's clock showed, and when we heard of it."""

    at: datetime
    clock: str
    device_at: datetime | None
    received_at: datetime

    @property
    def judged_at(self) -> datetime:
        """When the roster has to have been open: what a phone said without a network is judged as of then."""
        return self.at if self.clock == DEVICE else self.received_at


def read(device_at: str, sent_at: str) -> Reading | None:
    """The form fields `device_at` and `sent_at`: ISO 8601 with an offset, or milliseconds since 1970. None where both
    are empty; Refused (422) where one is missing, is no time, or the clock was set back between the two."""
    if not device_at.strip() and not sent_at.strip():
        return None
    reading = Reading(_moment(device_at), _moment(sent_at))
    if reading.sent_at < reading.device_at - UNSTEADY:
        raise Refused(
            "device-clock-set",
            N_(
                "The phone’s clock was set while this waited on it, so nobody knows when it was. "
                "Please tell the leader, who can enter the time by hand."
            ),
            status=422,
            field="device_at",
        )
    return reading


def when(now: datetime, *, typed: datetime | None = None, reading: Reading | None = None) -> When:
    """A time that was typed counts first, then the phone's, then ours. Refuses (422) what has waited too long."""
    if typed is not None:
        return When(typed, TYPED, reading.device_at if reading else None, now)
    if reading is None:
        return When(now, SERVER, None, now)
    waited = max(reading.sent_at - reading.device_at, timedelta(0))
    if waited > KEPT_WAITING:
        raise Refused(
            "device-too-old",
            N_("This waited on the phone for more than %(days)s days. Please tell the leader."),
            status=422,
            field="device_at",
            days=KEPT_WAITING.days,
        )
    return When(now - waited, DEVICE, reading.device_at, now)


def _moment(text: str) -> datetime:
    text = text.strip()
    try:
        if text.isascii() and text.isdigit() and len(text) <= 14:
            found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
        else:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise ValueError("a time without its offset")
            found = found.astimezone(UTC)
        if not EARLIEST <= found < LATEST:
            raise ValueError("no time a clock shows")
    except (ValueError, OverflowError):
        raise Refused(
            "device-time-unreadable",
            N_(
                "The times that the phone sent with this cannot be read. Nothing was noted; please tell the leader."
            ),
            status=422,
            field="device_at",
        ) from None
    return found
