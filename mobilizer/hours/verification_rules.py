"""What makes an entry of the ledger look odd, and which entries are looked at. Pure functions of values."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mobilizer.errors import N_, Refused

LONG = 12 * 60
"""Minutes: whoever is counted for more than twelve hours in one go is asked about."""
EVERYBODY = 3
"""From so many people on one minute for everyone is odd: when each of them checked in by themselves, or when a leader
noted it only after the shift was over. A roll call at the beginning is not: there it is what everybody does."""
MOST_DAYS = 92


class Look(StrEnum):
    """How an entry stands before a coordinator."""

    ODD = "odd"
    PROPOSED = "proposed"
    PLAIN = "plain"
    QUESTIONED = "questioned"
    VERIFIED = "verified"


LOOKS: dict[Look, str] = {
    Look.ODD: N_("Looks odd"),
    Look.PROPOSED: N_("Leaving time proposed"),
    Look.PLAIN: N_("Nothing odd"),
    Look.QUESTIONED: N_("Questioned"),
    Look.VERIFIED: N_("Verified"),
}

IN_BULK = (Look.PLAIN, Look.PROPOSED)
"""Those that may be verified unseen, all at once: what looks odd or was questioned is looked at one by one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Entries of these local days, both included, at this unit and all below it."""

    unit_code: str
    from_day: date
    to_day: date


def check_days(from_day: date | None, to_day: date | None) -> None:
    """Refuses a period without one of its days, one that ends before it begins, and more than MOST_DAYS at once."""
    for field, day in (("from", from_day), ("to", to_day)):
        if day is None:
            raise Refused("day-missing", N_("Please give a day."), status=422, field=field)
    if from_day is None or to_day is None:
        return
    if from_day > to_day:
        raise Refused(
            "period-backwards",
            N_("The last day lies before the first. Please swap them."),
            status=422,
            field="to",
        )
    if to_day - from_day >= timedelta(days=MOST_DAYS):
        raise Refused(
            "period-too-long",
            N_("At most %(most)s days at once, please."),
            status=422,
            field="from",
            most=MOST_DAYS,
        )
