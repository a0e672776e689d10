"""No minute of one person is counted twice: what is left of a time, and what stands in its way."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.attendance import actions as attendance
from mobilizer.errors import Refused
from mobilizer.extensions import db
from mobilizer.hours import actions
from mobilizer.hours.overlap_queries import overlapping, standing
from mobilizer.hours.overlap_rules import Span, counted_once, only_rest, outside, overlap
from mobilizer.model import Member
from tests import factories
from tests.attendance.leaders import START, at, committed
from tests.participation import ledger as entries

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def span(first: int, last: int) -> Span:
    """From the first to the last hour."""
    return Span(MIDNIGHT + timedelta(hours=first), MIDNIGHT + timedelta(hours=last))


spans = st.builds(lambda one, other: span(*sorted((one, other))), st.integers(0, 30), st.integers(0, 30))


@given(spans, st.lists(spans, max_size=6))
def test_what_is_left_is_every_hour_that_nothing_else_counts_and_no_other(
    asked: Span, counted: list[Span]
) -> None:
    def hours(of: Span) -> set[int]:
        first = (of.starts_at - MIDNIGHT) // timedelta(hours=1)
        return set(range(first, first + of.minutes // 60))

    left = outside(asked, counted)
    assert set().union(*map(hours, left)) == hours(asked) - set().union(*map(hours, counted))
    assert all(one.ends_at < other.starts_at for one, other in pairwise(left))
    assert not any(overlap(part, other) for part in left for other in counted)


@pytest.mark.parametrize(
    ("counted", "rest"),
    [
        ([], span(8, 16)),
        ([span(6, 8), span(16, 20)], span(8, 16)),
        ([span(8, 12)], span(12, 16)),
        ([span(7, 9), span(15, 17)], span(9, 15)),
        ([span(10, 11)], None),
        ([span(0, 24)], None),
    ],
)
def test_only_one_piece_can_be_counted_as_the_rest(counted: list[Span], rest: Span | None) -> None:
    assert only_rest(span(8, 16), counted) == rest


def test_a_time_counts_whole_or_as_the_rest_that_was_agreed_on() -> None:
    assert counted_once(span(8, 16), []) == span(8, 16)
    assert counted_once(span(8, 16), [span(8, 12)], agreed=span(12, 16)) == span(12, 16)
    for counted, agreed in (
        ([span(8, 12)], None),
        ([span(8, 13)], span(12, 16)),
        ([span(10, 11)], span(8, 10)),
        ([span(8, 16)], None),
    ):
        with pytest.raises(Refused) as refusal:
            counted_once(span(8, 16), counted, agreed)
        assert refusal.value.code == "already-counted"


def found(who: Member, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    db.session.rollback()
    return [tuple(each.span) for each in overlapping(who.id, first, last)]


def test_a_standing_entry_is_in_the_way_and_a_reversed_one_is_not(app: Flask) -> None:
    branch, who, other = factories.branch(), factories.member(), factories.member()
    entries.entry(who, branch, day=entries.DAY, hour=8, minutes=240)
    entries.reversed_entry(who, branch, day=entries.DAY, hour=14, minutes=60)
    entries.entry(who, branch, day=entries.DAY, hour=18, minutes=0)
    eight, noon = factories.moment(entries.DAY, 8), factories.moment(entries.DAY, 12)
    evening = factories.moment(entries.DAY, 23)
    assert found(who, eight, evening) == [(eight, noon)]
    assert found(who, noon, evening) == []
    assert found(other, eight, evening) == []
    [entry] = standing([who.id, other.id], eight, evening)
    assert (entry.name, entry.where, entry.branch, entry.source) == (
        who.name,
        branch.name,
        branch.name,
        "sheet",
    )


def test_a_shift_that_is_not_closed_is_in_the_way_of_whoever_holds_it(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    who, absent = factories.member(), factories.member()
    held, missed = factories.sign_up(shift, who), factories.sign_up(shift, absent)
    assert found(who, at(6), at(9)) == [(at(8), at(16))]
    assert found(who, at(16), at(18)) == []
    committed(attendance.mark_absent, missed.id, now=at(9))
    assert found(absent, at(6), at(20)) == []
    committed(attendance.set_times, held.id, arrived=at(7), left=at(12), now=at(13))
    assert found(who, at(6), at(20)) == [(at(8), at(12))]
    assert found(who, at(12), at(16)) == []
    committed(actions.close_shift, shift.id, now=at(16))
    [entry] = overlapping(who.id, at(6), at(20))
    assert (entry.span, entry.shift_id, entry.sign_up_id) == (Span(at(8), at(12)), shift.id, held.id)
    assert entry.record_id is not None
    assert overlapping(who.id, at(6), at(20), but_sign_up=held.id) == []
    assert overlapping(who.id, at(6), at(20), but_record=entry.record_id) == []
