"""A service that no shift tells of: entered by a leader, claimed by a member, said yes or no to, put right; never twice."""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from mobilizer.attendance import actions as attendance
from mobilizer.extensions import db
from mobilizer.hours import actions, claim_rules, claims
from mobilizer.hours.chain_queries import Chain
from mobilizer.hours.claim_rows import Service
from mobilizer.hours.claim_times import read, rest_read, rest_written
from mobilizer.hours.overlap_rules import Span
from mobilizer.model import JournalEntry, Member, Notice, ServiceClaim, ServiceRecord, Shift
from mobilizer.policy import Actor
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import at_once, later, refused
from tests.attendance.leaders import committed as as_nobody

LIMIT = 480
DAY = factories.tomorrow(0) - timedelta(days=3)
"""Midnight, local, of the day before yesterday."""
NOW = DAY + timedelta(days=2)


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


class Known(NamedTuple):
    """A row's own values, which threads may read as well."""

    id: int
    home_branch_id: int | None = None
    operation_id: int | None = None


class World:
    """A branch with a checkpoint, somebody who serves, the leader, and one more of the branch."""

    def __init__(self) -> None:
        self.made = factories.branch(kind="action")
        leader, other = factories.member(self.made, "Wang Fang"), factories.member(self.made, "Chen Jun")
        who = factories.member(factories.branch(), "Li Na")
        factories.appointment(leader, Role.SECRETARY, branch=self.made)
        self.branch = Known(self.made.id, operation_id=self.made.operation_id)
        self.checkpoint = Known(factories.checkpoint(self.made, "East gate").id)
        self.who, self.leader, self.other = (
            Known(who.id, who.home_branch_id),
            Known(leader.id),
            Known(other.id),
        )

    def service(self, first: int, last: int, **values: Any) -> Service:
        told = Service(
            self.who.id,
            self.branch.id,
            self.checkpoint.id,
            "delivery",
            Span(at(first), at(last)),
            0,
            "Brought supplies",
        )
        return told._replace(**values)


@pytest.fixture
def world(app: Flask) -> World:
    return World()


def committed(act: Any, *args: Any, by: Known, **named: Any) -> Any:
    """As tests.attendance.leaders has it, and by this member."""
    return as_nobody(lambda **_nobody: act(*args, by=Actor(by.id), now=NOW, **named))


def entered(world: World, first: int, last: int, *, by: Known | None = None, **values: Any) -> bool:
    return bool(
        committed(
            claims.enter_by_hand, world.service(first, last, **values), limit=LIMIT, by=by or world.leader
        )
    )


def claimed(world: World, first: int, last: int, **values: Any) -> int:
    return int(committed(claims.claim, world.service(first, last, **values), by=world.who))


def no(code: str, act: Any, *args: Any, **named: Any) -> None:
    refused(code, lambda **_nobody: act(*args, **named))


def signed_up(shift: Shift, who: Known) -> int:
    return int(factories.sign_up(shift, db.session.get_one(Member, who.id)).id)


def records() -> list[Any]:
    return factories.rows(select(ServiceRecord.__table__).order_by(ServiceRecord.id))


def minutes() -> int:
    return int(factories.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0))))


def status() -> list[str]:
    return [row.status for row in factories.rows(select(ServiceClaim.status).order_by(ServiceClaim.id))]


# --- rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "pause", "code"),
    [
        (10, 10, 0, "service-without-time"),
        (10, 9, 0, "service-without-time"),
        (47, 49, 0, "service-ahead"),
        (-24 * 401, -24 * 401 + 2, 0, "service-too-old"),
        (0, 25, 0, "service-too-long"),
        (8, 10, 120, "break-too-long"),
        (8, 10, -1, "break-too-long"),
    ],
)
def test_times_that_no_service_can_have_are_refused(first: int, last: int, pause: int, code: str) -> None:
    with pytest.raises(claim_rules.Refused) as refusal:
        claim_rules.may_be_entered(Span(at(first), at(last)), pause, NOW)
    assert refusal.value.code == code
    claim_rules.may_be_entered(Span(at(8), at(10)), 119, NOW)


@given(st.integers(0, 1440), st.integers(0, 1440), st.booleans())
def test_one_word_is_enough_up_to_the_limit_of_a_day_and_never_for_oneself(
    asked: int, already: int, own: bool
) -> None:
    assert claim_rules.needs_second(asked, already, LIMIT, own=own) == (own or asked + already > LIMIT)


@given(st.integers(0, 23), st.integers(0, 23))
def test_typed_times_are_the_days_and_an_end_that_is_no_later_is_the_next_days(first: int, last: int) -> None:
    span = read(DAY.astimezone(factories.LOCAL).date(), f"{first:02}:00", f"{last:02}:00", factories.LOCAL)
    assert span.starts_at == at(first)
    assert span.ends_at == at(last if last > first else last + 24)
    assert rest_read(rest_written(span)) == span


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_ends_of_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(claim_rules.Refused) as refusal:
        read(day, "00:00", "23:59", factories.LOCAL)
    assert (refusal.value.code, refusal.value.field) == ("no-such-day", "day")


@pytest.mark.parametrize("written", [None, "", "x", "/", "2026-11-24T08:00/2026-11-24T09:00", "2026-11-24/"])
def test_what_is_no_rest_is_none(written: str | None) -> None:
    assert rest_read(written) is None


# --- by hand -----------------------------------------------------------------------------------------------


def test_what_a_leader_enters_up_to_the_limit_is_counted_at_once(world: World) -> None:
    assert entered(world, 8, 16, break_minutes=30)
    [row] = records()
    assert (row.source, row.minutes, row.break_minutes, row.person_times) == ("by-hand", 450, 30, 1)
    assert (row.starts_at, row.ends_at, row.hour) == (at(8), at(16), 8)
    assert row.day == DAY.astimezone(factories.LOCAL).date()
    assert (row.standing, row.home_branch_id) == ("full", world.who.home_branch_id)
    assert (row.branch_id, row.operation_id) == (world.branch.id, world.branch.operation_id)
    assert (row.checkpoint_id, row.category, row.reason) == (
        world.checkpoint.id,
        "delivery",
        "Brought supplies",
    )
    assert row.recorded_by_id == world.leader.id
    assert status() == ["accepted"]
    [notice] = factories.rows(select(Notice.member_id, Notice.kind))
    assert tuple(notice) == (world.who.id, "service-entered")
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds[-1] == "service-claim.entered"


def test_above_the_limit_a_second_person_says_yes_and_not_the_first(world: World) -> None:
    assert not entered(world, 6, 15)
    assert (records(), status()) == ([], ["waiting"])
    [claim_id] = [row.id for row in factories.rows(select(ServiceClaim.id))]
    no("second-person", committed, claims.accept, claim_id, by=world.leader)
    no("second-person", committed, claims.accept, claim_id, by=world.who)
    committed(claims.accept, claim_id, by=world.other)
    committed(claims.accept, claim_id, by=world.other)
    assert [row.minutes for row in records()] == [540]


def test_many_small_entries_of_a_day_are_not_a_way_around_the_limit(world: World) -> None:
    assert entered(world, 6, 10)
    assert entered(world, 10, 14)
    assert not entered(world, 14, 15)
    assert entered(world, 24, 25), "the next day"


def test_a_leaders_own_service_needs_somebody_elses_yes(world: World) -> None:
    assert not entered(world, 8, 9, member_id=world.leader.id)
    [claim_id] = [row.id for row in factories.rows(select(ServiceClaim.id))]
    no("second-person", committed, claims.accept, claim_id, by=world.leader)
    committed(claims.accept, claim_id, by=world.other)
    assert minutes() == 60


def test_a_checkpoint_of_another_branch_and_a_branch_that_ended_are_refused(world: World) -> None:
    elsewhere = factories.checkpoint(factories.branch("320507002001"))
    no("checkpoint-unknown", entered, world, 8, 9, checkpoint_id=elsewhere.id)
    ended = factories.branch(status="ended", ended_at=NOW)
    no("branch-not-active", entered, world, 8, 9, branch_id=ended.id, checkpoint_id=None)
    assert records() == []


# --- a member's own claim ------------------------------------------------------------------------------------


def test_a_claim_waits_for_the_branch_and_counts_with_its_yes(world: World) -> None:
    claim_id = claimed(world, 8, 10)
    assert (records(), status()) == ([], ["waiting"])
    committed(claims.accept, claim_id, by=world.leader)
    [row] = records()
    assert (row.source, row.claim_id, row.minutes, row.member_id) == ("claim", claim_id, 120, world.who.id)
    [notice] = factories.rows(select(Notice.member_id, Notice.kind))
    assert tuple(notice) == (world.who.id, "claim-accepted")
    no("claim-decided", committed, claims.decline, claim_id, words="No", by=world.leader)
    no("claim-decided", committed, claims.withdraw, claim_id, by=world.who)


def test_a_no_has_words_and_leaves_nothing_counted(world: World) -> None:
    claim_id = claimed(world, 8, 10)
    committed(claims.decline, claim_id, words="Nobody saw you there", by=world.leader)
    committed(claims.decline, claim_id, words="Again", by=world.leader)
    assert (records(), status()) == ([], ["declined"])
    [notice] = factories.rows(select(Notice.kind, Notice.details))
    assert (notice.kind, notice.details["why"]) == ("claim-declined", "Nobody saw you there")
    no("claim-decided", committed, claims.accept, claim_id, by=world.leader)


def test_a_claim_that_waits_can_be_taken_back(world: World) -> None:
    claim_id = claimed(world, 8, 10)
    committed(claims.withdraw, claim_id, by=world.who)
    committed(claims.withdraw, claim_id, by=world.who)
    assert status() == ["withdrawn"]
    no("claim-decided", committed, claims.accept, claim_id, by=world.leader)


# --- never twice ---------------------------------------------------------------------------------------------


def test_what_is_counted_already_is_asked_about_and_only_the_rest_counted(world: World) -> None:
    entered(world, 8, 12)
    no("already-counted", entered, world, 10, 14)
    no("already-counted", entered, world, 10, 14, agreed=Span(at(11), at(14)))
    assert entered(world, 10, 14, agreed=Span(at(12), at(14)))
    assert [row.minutes for row in records()] == [240, 120]
    no("already-counted", entered, world, 9, 11)
    no("already-counted", claimed, world, 7, 15)


def test_a_shift_that_is_not_closed_is_in_the_way(world: World) -> None:
    shift = factories.shift(factories.call(world.made), starts_at=at(8), hours=8)
    signed_up(shift, world.who)
    no("already-counted", entered, world, 6, 10)
    assert entered(world, 6, 10, agreed=Span(at(6), at(8)))


def test_what_was_counted_between_the_claim_and_the_yes_is_not_counted_twice(world: World) -> None:
    claim_id = claimed(world, 8, 12, break_minutes=90)
    entered(world, 8, 11)
    no("already-counted", committed, claims.accept, claim_id, by=world.leader)
    committed(claims.accept, claim_id, agreed=Span(at(11), at(12)), by=world.leader)
    last = records()[-1]
    assert (last.starts_at, last.minutes, last.break_minutes) == (at(11), 1, 59)


def test_two_entries_at_once_do_not_both_count_the_same_time(app: Flask, world: World) -> None:
    answers = at_once(app, *[partial(entered, world, 8, 12)] * 4)
    assert sorted(map(str, answers)) == ["True", *["already-counted"] * 3]
    assert minutes() == 240


def test_a_closing_and_an_entry_at_once_do_not_both_count_the_same_time(app: Flask, world: World) -> None:
    for day in range(4):
        start = at(8) - timedelta(days=day)
        shift_id = factories.shift(factories.call(world.made), starts_at=start, hours=8).id
        held = signed_up(db.session.get_one(Shift, shift_id), world.who)
        noon, evening = start + timedelta(hours=4), start + timedelta(hours=7)
        as_nobody(attendance.set_times, held, arrived=start, left=noon, now=NOW)
        at_once(
            app,
            later(attendance.set_times, held, arrived=start, left=evening, now=NOW),
            partial(entered, world, 0, 0, span=Span(noon, evening)),
            later(actions.close_shift, shift_id, now=NOW),
        )
        spans = sorted((row.starts_at, row.ends_at) for row in records() if row.ends_at > start)
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), spans


# --- put right ---------------------------------------------------------------------------------------------


def correct(world: World, claim_id: int, by: Known | None = None, **values: Any) -> None:
    given = {"reason": "Came later", "limit": LIMIT} | values
    committed(claims.correct, claim_id, by=by or world.leader, **given)


def test_a_correction_reverses_and_writes_again_and_tells_the_member(world: World) -> None:
    claim_id = claimed(world, 8, 12)
    committed(claims.accept, claim_id, by=world.leader)
    [first] = records()
    correct(world, claim_id, instead_of=first.id, span=Span(at(9), at(12)), break_minutes=15)
    _first, back, again = records()
    assert (back.minutes, back.reverses_id) == (-240, first.id)
    assert (again.minutes, again.turn, again.reason, again.claim_id) == (165, 1, "Came later", claim_id)
    correct(world, claim_id, instead_of=again.id, span=None, reason="Was somebody else")
    assert minutes() == 0
    correct(world, claim_id, instead_of=None, span=Span(at(8), at(9)), reason="It was them")
    assert minutes() == 60
    kinds = [row.kind for row in factories.rows(select(Notice.kind).order_by(Notice.id))]
    assert kinds == ["claim-accepted", *["service-corrected"] * 3]
    db.session.rollback()
    assert list(Chain("320507").faults()) == []


def test_a_correction_that_cannot_be_is_refused_and_writes_nothing(world: World) -> None:
    claim_id = claimed(world, 8, 12)
    no("claim-not-counted", correct, world, claim_id, instead_of=None, span=None)
    committed(claims.accept, claim_id, by=world.leader)
    entered(world, 14, 16)
    [first, _other] = records()
    for code, values in (
        ("record-corrected", {"instead_of": None, "span": None}),
        ("already-counted", {"span": Span(at(8), at(15))}),
        ("service-ahead", {"span": Span(at(47), at(50))}),
        ("break-too-long", {"break_minutes": 300}),
        ("second-person-for-more", {"span": Span(at(0), at(12))}),
        ("second-person", {"by": world.who}),
    ):
        given = {"instead_of": first.id, "span": Span(at(8), at(12))} | values
        no(code, correct, world, claim_id, **given)
    assert len(records()) == 2


def test_corrections_do_not_gather_more_on_one_word_than_entering_would(world: World) -> None:
    for hour in (0, 9):
        assert entered(world, hour, hour + 1)
    assert committed(
        claims.enter_by_hand,
        world.service(0, 0, span=Span(at(24), at(30))),
        limit=LIMIT,
        by=world.leader,
    )
    one, two, next_day = records()
    correct(world, one.claim_id, instead_of=one.id, span=Span(at(0), at(7)))
    for of, span in ((two, Span(at(9), at(11))), (next_day, Span(at(12), at(18)))):
        no(
            "second-person-for-more",
            correct,
            world,
            of.claim_id,
            instead_of=of.id,
            span=span,
        )
    assert minutes() == (7 + 1 + 6) * 60
    correct(world, next_day.claim_id, instead_of=next_day.id, span=Span(at(24), at(32)))


def test_what_was_corrected_after_a_second_yes_counts_as_one_word(world: World) -> None:
    claim_id = claimed(world, 8, 9)
    committed(claims.accept, claim_id, by=world.leader)
    [first] = records()
    correct(world, claim_id, instead_of=first.id, span=Span(at(8), at(16)))
    assert not entered(world, 17, 18)


def test_the_journal_says_that_something_was_claimed_and_not_in_whose_words(world: World) -> None:
    """Words about a service that was not accepted are kept for a year (docs/privacy.md), the journal for good."""
    claim_id = claimed(world, 8, 12)
    committed(claims.decline, claim_id, words="Ill at home, call 13912345678", by=world.leader)
    entered(world, 8, 12)
    told = select(JournalEntry.details).where(JournalEntry.kind.like("service-claim.%"))
    details = [row.details for row in factories.rows(told)]
    assert details == [{"member": world.who.id}] * 3


def test_two_corrections_at_once_are_one(app: Flask, world: World) -> None:
    claim_id = claimed(world, 8, 12)
    committed(claims.accept, claim_id, by=world.leader)
    [first] = records()
    record_id = first.id
    one = partial(correct, world, claim_id, instead_of=record_id, span=Span(at(9), at(12)))
    answers = at_once(app, one, one, one)
    assert sorted(map(str, answers)) == ["None", "record-corrected", "record-corrected"]
    assert minutes() == 180


def test_a_yes_and_a_taking_back_at_once_are_one_of_both(app: Flask, world: World) -> None:
    claim_id = claimed(world, 8, 12)
    leader, who = Actor(world.leader.id), Actor(world.who.id)

    def yes() -> None:
        as_nobody(lambda **_nobody: claims.accept(claim_id, by=leader, now=NOW))

    def back() -> None:
        as_nobody(lambda **_nobody: claims.withdraw(claim_id, by=who, now=NOW))

    answers = at_once(app, yes, back)
    assert sorted(map(str, answers)) == ["None", "claim-decided"]
    assert minutes() == (240 if answers[0] is None else 0)
