"""Before an entry is written: that none of its minutes is counted already. The one place that asks.

The member's row is locked first (`seats.lock_members`), so that two who would each count the same minutes take turns.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.filters import time_range
from mobilizer.hours.overlap_queries import Counted, overlapping, standing
from mobilizer.hours.overlap_rules import Span, counted_once, only_rest, overlap


class Conflict(NamedTuple):
    """Time of one person that is counted elsewhere. `rest`: what is left of it, where that is one piece."""

    member_id: int
    name: str
    span: Span
    others: Sequence[Counted]
    rest: Span | None
    sign_up_id: int | None = None


class CountedAlready(Refused):
    """The refusal of what would be counted twice, with all that a page needs to ask about it."""

    def __init__(self, code: str, message: str, conflicts: Sequence[Conflict], **values: object) -> None:
        super().__init__(code, message, status=HTTPStatus.CONFLICT, field="rest", **values)
        self.conflicts = conflicts


def once(member_id: int, span: Span, agreed: Span | None = None, *, but_record: int | None = None) -> Span:
    """What may be counted of the member's time: `span` itself, or the rest that was `agreed` on. Raises CountedAlready.
    `but_record`: the entry that is to be written anew."""
    others = overlapping(member_id, span.starts_at, span.ends_at, but_record=but_record)
    spans = [each.span for each in others]
    try:
        return counted_once(span, spans, agreed)
    except Refused as refusal:
        conflict = Conflict(member_id, others[0].name, span, others, only_rest(span, spans))
        raise CountedAlready(refusal.code, refusal.message, [conflict]) from None


def refuse_twice(entries: Iterable[Mapping[str, Any]]) -> None:
    """Of entries that a shift's roster would write: raises CountedAlready where somebody has one that stands, from
    elsewhere, for the same time."""
    counting = [each for each in entries if each["minutes"]]
    if not counting:
        return
    known = standing(
        {each["member_id"] for each in counting},
        min(each["starts_at"] for each in counting),
        max(each["ends_at"] for each in counting),
    )
    conflicts = [found for each in counting if (found := _conflict(each, known))]
    if not conflicts:
        return
    first = conflicts[0]
    raise CountedAlready(
        "counted-elsewhere",
        N_(
            "%(name)s is counted already: %(when)s, %(where)s. Nothing is counted twice: note only the time outside of it, "
            "or have that entry taken back."
        ),
        conflicts,
        name=first.name,
        when=time_range(*first.others[0].span),
        where=first.others[0].where,
    )


def _conflict(entry: Mapping[str, Any], known: Sequence[Counted]) -> Conflict | None:
    span = Span(entry["starts_at"], entry["ends_at"])
    others = [
        each
        for each in known
        if each.member_id == entry["member_id"]
        and each.sign_up_id != entry["sign_up_id"]
        and overlap(span, each.span)
    ]
    if not others:
        return None
    rest = only_rest(span, [each.span for each in others])
    return Conflict(entry["member_id"], others[0].name, span, others, rest, entry["sign_up_id"])
