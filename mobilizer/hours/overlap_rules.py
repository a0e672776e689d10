"""Minutes of one person are counted once: what is left of a time beside what is counted already. Pure functions of values.

Every time is [starts_at, ends_at): who leaves one post at 12:00 and begins at another at 12:00 is at no two places.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from mobilizer.errors import N_, Refused


class Span(NamedTuple):
    """[starts_at, ends_at), in any time zone; without length it overlaps nothing."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded down."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


def overlap(one: Span, other: Span) -> bool:
    """Whether they share any time."""
    return max(one.starts_at, other.starts_at) < min(one.ends_at, other.ends_at)


def outside(span: Span, counted: Iterable[Span]) -> list[Span]:
    """What of `span` lies outside of everything in `counted`, in order; [span] where nothing overlaps it."""
    left, at = [], span.starts_at
    for other in sorted(each for each in counted if overlap(span, each)):
        if other.starts_at > at:
            left.append(Span(at, other.starts_at))
        at = max(at, other.ends_at)
    if at < span.ends_at:
        left.append(Span(at, span.ends_at))
    return left


def only_rest(span: Span, counted: Iterable[Span]) -> Span | None:
    """The one time that can be counted without counting a minute twice: all that is left of `span`, where that is one
    piece. None where nothing is left, or several pieces, of which each would be a service of its own."""
    left = outside(span, counted)
    return left[0] if len(left) == 1 else None


def counted_once(span: Span, counted: Iterable[Span], agreed: Span | None = None) -> Span:
    """What is to be counted of `span`: all of it where nothing overlaps, or the rest that was `agreed` on.

    Refuses (409 "already-counted", field `rest`) what would count a minute twice, and a rest that is not what is left
    any more. Whoever shows it says what it overlaps, and offers only_rest() where there is one.
    """
    left = outside(span, counted)
    if left == [span] or (agreed is not None and left == [agreed]):
        return left[0]
    raise Refused(
        "already-counted",
        N_("Part of this time is counted already. Nothing is counted twice: please look below."),
        field="rest",
    )
