"""What a leader says of who came: once or twice, alone or two leaders at once, in earnest or in error."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from mobilizer import clock
from mobilizer.attendance import actions
from mobilizer.errors import Refused
from mobilizer.extensions import db
from mobilizer.model import Attendance, JournalEntry, MemberSkill, Shift, SignUp, Skill
from mobilizer.signups import cannot_come
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, people, refused, word


def test_who_is_checked_in_is_here_since_the_minute_of_it(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.check_in, one.id, now=at(8, 5, 59))
    assert word(one) == (False, at(8, 5), None)


def test_checking_in_twice_keeps_the_first_time_and_a_time_given_corrects_it(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.check_in, one.id, now=at(8, 5))
    committed(actions.check_in, one.id, now=at(8, 40))
    assert word(one) == (False, at(8, 5), None)
    committed(actions.check_in, one.id, at=at(8), now=at(8, 41))
    assert word(one) == (False, at(8), None)


def test_checking_out_twice_keeps_the_first_time(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.check_in, one.id, at=at(8), now=at(8))
    committed(actions.check_out, one.id, now=at(15))
    committed(actions.check_out, one.id, now=at(16))
    assert word(one) == (False, at(8), at(15))


def test_nobody_leaves_who_never_came(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    refused("not-here", actions.check_out, one.id, now=at(9))
    assert word(one) is None


@pytest.mark.parametrize(
    ("arrived", "code"),
    [
        (at(3, 59), "arrival-too-early"),
        (at(10, 7), "arrival-ahead"),
        (at(16), "arrival-ahead"),
        (at(8) + timedelta(hours=300), "arrival-too-late"),
        (at(8) - timedelta(hours=300), "arrival-too-early"),
    ],
)
def test_an_arrival_that_cannot_be_is_refused(app: Flask, arrived: datetime, code: str) -> None:
    shift = factories.shift(starts_at=START)
    [one] = people(shift, 1)
    codes = {code, "arrival-too-late"} if arrived == at(16) else {code}
    with pytest.raises(Refused) as refusal:
        committed(actions.check_in, one.id, at=arrived, now=at(10, 1))
    assert refusal.value.code in codes
    assert (refusal.value.status, refusal.value.field) == (422, "arrived")
    assert word(one) is None


@pytest.mark.parametrize(
    ("left", "code"),
    [(at(8, 59), "departure-before-arrival"), (at(10, 7), "departure-ahead"), (at(21), "departure-too-late")],
)
def test_a_departure_that_cannot_be_is_refused(app: Flask, left: datetime, code: str) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.check_in, one.id, at=at(9), now=at(9))
    refused(code, actions.check_out, one.id, at=left, now=at(10, 1))
    assert word(one) == (False, at(9), None)


def test_after_the_shift_an_arrival_needs_its_time(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    refused("arrival-too-late", actions.check_in, one.id, now=at(17))
    committed(actions.set_times, one.id, arrived=at(8, 20), left=at(15, 30), now=at(17))
    assert word(one) == (False, at(8, 20), at(15, 30))


def test_the_roster_opens_two_hours_before_the_shift(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    [one] = people(shift, 1)
    refused("roster-not-open", actions.check_in, one.id, now=at(5, 59))
    refused("roster-not-open", actions.all_present, shift.id, now=at(5, 59))
    committed(actions.check_in, one.id, now=at(6))
    assert word(one) == (False, at(6), None)


def test_who_is_absent_may_still_come_but_who_is_here_is_not_made_absent_unseen(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.mark_absent, one.id, now=at(8, 30))
    committed(actions.mark_absent, one.id, now=at(8, 31))
    assert word(one) == (True, None, None)
    committed(actions.check_in, one.id, now=at(9))
    refused("is-here", actions.mark_absent, one.id, now=at(9, 1))
    assert word(one) == (False, at(9), None)


def test_what_was_said_can_be_taken_back_and_taking_it_back_twice_is_the_same(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    committed(actions.mark_absent, one.id, now=at(9))
    committed(actions.clear, one.id, now=at(9))
    committed(actions.clear, one.id, now=at(9))
    assert word(one) is None
    assert factories.scalar(select(SignUp.status).where(SignUp.id == one.id)) == "confirmed"


def test_all_present_says_it_of_everyone_of_whom_nothing_was_said(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    late, absent, *rest = people(shift, 5)
    committed(actions.check_in, late.id, now=at(8, 25))
    committed(actions.mark_absent, absent.id, now=at(8, 25))
    assert committed(actions.all_present, shift.id, now=at(8, 30)) == 3
    assert committed(actions.all_present, shift.id, now=at(8, 31)) == 0
    assert {word(one) for one in rest} == {(False, at(8), None)}
    assert word(late) == (False, at(8, 25), None)
    assert word(absent) == (True, None, None)


def test_all_present_before_the_start_is_since_now(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    [one] = people(shift, 1)
    committed(actions.all_present, shift.id, now=at(7, 50, 30))
    assert word(one) == (False, at(7, 50), None)


def test_all_present_costs_as_many_statements_for_fifty_as_for_one(app: Flask) -> None:
    counts = []
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    for size in (1, 50):
        shift = factories.shift(starts_at=START, capacity=50)
        people(shift, size)
        seen.clear()
        event.listen(db.engine, "before_cursor_execute", listen)
        assert committed(actions.all_present, shift.id, now=at(9)) == size
        event.remove(db.engine, "before_cursor_execute", listen)
        counts.append(len([each for each in seen if not each.startswith("BEGIN")]))
    assert counts[0] == counts[1] <= 4  # one of them asks who is not verified yet


def test_the_rest_is_absent_only_once_the_shift_has_begun(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    here, missing = people(shift, 2)
    committed(actions.check_in, here.id, now=at(7, 55))
    refused("shift-not-begun", actions.rest_absent, shift.id, now=at(7, 59))
    assert committed(actions.rest_absent, shift.id, now=at(9)) == 1
    assert word(missing) == (True, None, None)
    assert word(here) == (False, at(7, 55), None)


def walk_ins(shift: Shift) -> list[Any]:
    return factories.rows(
        select(SignUp.status, SignUp.source, Attendance.checked_in_at)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(SignUp.shift_id == shift.id, SignUp.source == "walk-in")
    )


def taken(shift: Shift) -> tuple[int, int]:
    return tuple(factories.rows(select(Shift.taken, Shift.capacity).where(Shift.id == shift.id))[0])


def test_who_walks_in_takes_a_seat_and_is_here(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    who = factories.member(factories.branch())
    first = committed(actions.walk_in, shift.id, who.id, now=at(8, 10))
    again = committed(actions.walk_in, shift.id, who.id, now=at(8, 20))
    assert first == again
    assert walk_ins(shift) == [("confirmed", "walk-in", at(8, 10))]
    assert taken(shift) == (1, 5)


def test_who_is_signed_up_and_walks_in_is_checked_in(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    [one] = people(shift, 1)
    assert committed(actions.walk_in, shift.id, one.member_id, now=at(8, 10)) == one.id
    assert word(one) == (False, at(8, 10), None)
    assert taken(shift) == (1, 5)


def test_a_full_shift_takes_a_walk_in_only_with_a_seat_added(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=1)
    people(shift, 1)
    who = factories.member(factories.branch())
    refused("shift-full", actions.walk_in, shift.id, who.id, now=at(9))
    assert taken(shift) == (1, 1)
    committed(actions.walk_in, shift.id, who.id, add_seat=True, now=at(9))
    assert taken(shift) == (2, 2)


def test_a_seat_is_not_added_where_one_is_free(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=2)
    committed(actions.walk_in, shift.id, factories.member(factories.branch()).id, add_seat=True, now=at(9))
    assert taken(shift) == (1, 2)


def test_a_walk_in_undone_leaves_the_roster_and_may_walk_in_again(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    who = factories.member(factories.branch())
    first = committed(actions.walk_in, shift.id, who.id, now=at(9))
    committed(actions.clear, first, now=at(9))
    committed(actions.clear, first, now=at(9))
    assert taken(shift) == (0, 5)
    assert walk_ins(shift) == [("withdrawn", "walk-in", None)]
    assert committed(actions.walk_in, shift.id, who.id, now=at(9, 5)) != first
    assert taken(shift) == (1, 5)


def test_who_holds_another_shift_then_cannot_walk_in(app: Flask) -> None:
    call = factories.call()
    other = factories.shift(call, starts_at=START)
    shift = factories.shift(call, starts_at=START + timedelta(hours=1))
    who = factories.member(factories.branch())
    factories.sign_up(other, who)
    refused("shifts-overlap", actions.walk_in, shift.id, who.id, now=at(9))
    assert taken(shift) == (0, 5)


def test_who_has_said_that_they_cannot_come_is_not_taken_to_be_here(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    here, sick = people(shift, 2)
    committed(cannot_come.tell_branch, shift.id, sick.member_id, reason="", now=at(7))
    assert committed(actions.all_present, shift.id, now=at(8)) == 1
    assert word(here) == (False, at(8), None)
    assert word(sick) is None
    assert committed(actions.rest_absent, shift.id, now=at(9)) == 1


def test_who_ought_to_rest_walks_in_only_for_a_reason_which_the_journal_keeps(app: Flask) -> None:
    call = factories.call()
    night = factories.shift(call, starts_at=START - timedelta(hours=10))
    shift = factories.shift(call, starts_at=START)
    who = factories.member(factories.branch())
    factories.sign_up(night, who)
    refused("rest-short", actions.walk_in, shift.id, who.id, now=at(8))
    assert taken(shift) == (0, 5)
    committed(actions.walk_in, shift.id, who.id, waive="Nobody else has come", now=at(8))
    assert taken(shift) == (1, 5)
    [details] = factories.rows(select(JournalEntry.details).where(JournalEntry.kind == "sign-up.walked-in"))
    assert details.details["waived"] == "Nobody else has come"


def test_who_lacks_the_skill_or_is_nobody_cannot_walk_in(app: Flask) -> None:
    skill = factories.kept(Skill(name="Nursing"))
    shift = factories.shift(starts_at=START, skill_id=skill.id)
    who = factories.member(factories.branch())
    refused("skill-missing", actions.walk_in, shift.id, who.id, now=at(9))
    refused("member-unknown", actions.walk_in, shift.id, 10**9, now=at(9))
    factories.kept(MemberSkill(member_id=who.id, skill_id=skill.id, confirmed_at=clock.now()))
    committed(actions.walk_in, shift.id, who.id, now=at(9))
    assert taken(shift) == (1, 5)


def test_a_closed_or_cancelled_shift_takes_no_more_words(app: Flask) -> None:
    for values, code in (
        ({"status": "closed", "closed_at": at(16)}, "shift-closed"),
        ({"status": "cancelled"}, "shift-cancelled"),
    ):
        shift = factories.shift(starts_at=START, **values)
        [one] = people(shift, 1)
        for act in (actions.check_in, actions.check_out, actions.mark_absent, actions.clear):
            refused(code, act, one.id, now=at(16))
        refused(code, actions.all_present, shift.id, now=at(16))
        refused(code, actions.walk_in, shift.id, one.member_id, now=at(16))


def test_every_word_says_who_said_it(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    one, _other = people(shift, 2)
    committed(actions.check_in, one.id, now=at(8))
    committed(actions.check_out, one.id, now=at(9))
    committed(actions.clear, one.id, now=at(9))
    committed(actions.mark_absent, one.id, now=at(9))
    committed(actions.all_present, shift.id, now=at(9))
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert [kind.split(".")[1] for kind in kinds if kind.startswith("attendance.")] == [
        "checked-in",
        "checked-out",
        "cleared",
        "absent",
        "all-present",
    ]


def test_two_leaders_who_check_in_the_same_person_leave_one_word(app: Flask) -> None:
    [one] = people(factories.shift(starts_at=START), 1)
    act = later(actions.check_in, one.id, now=at(8, 3))
    assert at_once(app, *[act] * 8) == [None] * 8
    assert len(factories.rows(select(Attendance.id))) == 1
    assert factories.count_of(JournalEntry) == 1


def test_many_walk_ins_at_once_never_take_more_seats_than_there_are(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=3)
    comers = [factories.member(factories.branch()) for _ in range(8)]
    acts = [later(actions.walk_in, shift.id, who.id, now=at(9)) for who in comers]
    answers = at_once(app, *acts)
    assert answers.count("shift-full") == 5
    assert taken(shift) == (3, 3)
    assert len(walk_ins(shift)) == 3


def test_one_person_walking_in_at_two_leaders_takes_one_seat(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    who = factories.member(factories.branch())
    act = later(actions.walk_in, shift.id, who.id, now=at(9))
    assert len(set(at_once(app, *[act] * 6))) == 1
    assert taken(shift) == (1, 5)
