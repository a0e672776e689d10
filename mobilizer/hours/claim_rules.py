"""A service that no closed shift tells of: which times can be entered, and whose yes it needs. Pure decisions on values."""

from collections.abc import Collection
from datetime import datetime, timedelta

from mobilizer.errors import N_, Refused
from mobilizer.hours.overlap_rules import Span

AHEAD = timedelta(minutes=5)
"""How far clocks may differ: a service may end this far in the future."""
LONGEST = timedelta(hours=24)
OLDEST = timedelta(days=400)
"""What is older comes in as a sheet of earlier records, which keeps whose record it is from."""


def may_be_entered(span: Span, break_minutes: int, now: datetime) -> None:
    """Raises Refused (422, with the field at fault) for times that no service of a person can have."""
    if span.ends_at <= span.starts_at:
        raise Refused("service-without-time", N_("It has to end after it begins."), status=422, field="until")
    if span.ends_at > now + AHEAD:
        raise Refused(
            "service-ahead",
            N_("It is not over yet. What is served is entered afterwards."),
            status=422,
            field="until",
        )
    if span.ends_at - span.starts_at > LONGEST:
        raise Refused(
            "service-too-long",
            N_("That is more than %(hours)s hours. Please enter it day by day."),
            status=422,
            field="until",
            hours=LONGEST // timedelta(hours=1),
        )
    if span.starts_at < now - OLDEST:
        raise Refused(
            "service-too-old",
            N_("That is more than %(days)s days ago. Earlier records are brought in as a sheet."),
            status=422,
            field="day",
            days=OLDEST.days,
        )
    if not 0 <= break_minutes < span.minutes:
        raise Refused(
            "break-too-long",
            N_("The breaks are longer than the service."),
            status=422,
            field="break_minutes",
        )


def needs_second(minutes: int, on_one_word: int, limit: int, *, own: bool) -> bool:
    """Whether a leader's entry waits for a second person's yes: their own service always does, another's where it and what
    was entered on one person's word for the same member and day already (`on_one_word`) come to more than `limit`."""
    return own or minutes + on_one_word > limit


def may_decide(by: int | None, parties: Collection[int | None]) -> None:
    """Raises Refused for whoever made it or served (`parties`): nobody is the second to themselves. `by` None is the
    command line."""
    if by is not None and by in parties:
        raise Refused(
            "second-person",
            N_("This needs the yes of somebody else: neither of who served nor of who entered it."),
        )


def may_raise(minutes: int, before: int, on_one_word: int, limit: int) -> None:
    """Raises Refused for a correction with which one person's word would count more than it may: more than stood there on
    that day (`before`), and with what counts on one person's word for the member and day beside it (`on_one_word`) above
    the limit."""
    if minutes > before and minutes + on_one_word > limit:
        raise Refused(
            "second-person-for-more",
            N_(
                "More than %(hours)s hours need a second person's yes. Take this one back, and enter the service anew."
            ),
            status=422,
            field="until",
            hours=round(limit / 60, 1),
        )
