"""Any order of events: the actions on a real database against a list kept on paper (paper.py), step by step.

2,000 steps, the same ones every time; MOBILIZER_TEST_STEPS=100000 walks that many, others every time.
"""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from operator import methodcaller
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select, update

from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db, table_of
from mobilizer.model import Branch, Call, Checkpoint, Member, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.signups import actions, groups, handing_over, offers, waiting
from tests import factories
from tests.signups import paper
from tests.signups.paper import DAY, HOUR, MINUTE, No, Paper

STEPS = int(os.environ.get("MOBILIZER_TEST_STEPS") or 2_000)
STEPS_EACH = 50
PEOPLE = 5
MONDAY = datetime(2026, 12, 7, tzinfo=factories.LOCAL)

people = st.integers(0, PEOPLE - 1)
times = st.sampled_from([(2, 4), (4, 4), (6, 8), (10, 8), (14, 4), (22, 8), (38, 12)])

MET = {
    *("granted", "asked up", "lapsed", "passed over", "handed over", "came together", "shrunk"),
    *("shift-full", "shifts-overlap", "rest-short", "offer-over", "seats-too-few", "waits"),
}
"""What 2,000 steps cannot but meet: else they walk in a circle."""


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else MONDAY + timedelta(seconds=seconds)


@st.composite
def laid_out(draw: Any) -> list[paper.Shift]:
    """Three shifts of the week's first days, some with seats held back, some to be made smaller."""
    found = []
    for begins, hours in draw(st.lists(times, min_size=3, max_size=3)):
        capacity = draw(st.sampled_from([1, 1, 2, 3]))
        shift = paper.Shift(
            begins * HOUR, (begins + hours) * HOUR, capacity, least=draw(st.integers(1, capacity))
        )
        if draw(st.integers(0, 3)) == 0:
            shift.held_back = draw(st.integers(1, capacity))
            shift.held_back_until = draw(st.integers(1, 8)) * HOUR
        if capacity > 1 and draw(st.integers(0, 3)) == 0:
            shift.shrink_to = draw(st.integers(1, capacity - 1))
        found.append(shift)
    return found


class Night(RuleBasedStateMachine):
    """Five people, three shifts, a secretary, and the clock."""

    call: Call
    gate: Checkpoint
    numbers = count(19_000_000_000)
    walked = 0
    seen: set[str] = set()  # noqa: RUF012 - what all runs together have met

    # --- the ground -----------------------------------------------------------------------------------

    @initialize(
        laid=laid_out(),
        closes=st.sampled_from([20 * HOUR, 7 * DAY]),
        week=st.sampled_from([None, 20]),
        nights=st.sampled_from([None, 1]),
    )
    def lay_out(self, laid: list[paper.Shift], closes: int, week: int | None, nights: int | None) -> None:
        self.paper = Paper(laid, closes, week=week and week * HOUR, nights=nights)
        begin_write()
        db.session.execute(
            update(Branch)
            .where(Branch.id == self.call.branch_id)
            .values(week_hours=week, nights_in_row=nights)
        )
        db.session.execute(
            update(Call)
            .where(Call.id == self.call.id)
            .values(opens_at=MONDAY - timedelta(days=1), closes_at=moment(closes))
        )
        self.shifts = [self.laid_down(each) for each in laid]
        self.members = [self.somebody(number) for number in range(PEOPLE)]
        db.session.commit()

    def laid_down(self, each: paper.Shift) -> int:
        begins = MONDAY + timedelta(seconds=each.begins)
        return int(
            db.session.scalars(
                insert(table_of(Shift))
                .values(
                    call_id=self.call.id,
                    checkpoint_id=self.gate.id,
                    unit_code=self.gate.unit_code,
                    day=begins.date(),
                    starts_at=begins,
                    ends_at=moment(each.ends),
                    post=str(next(self.numbers)),
                    capacity=each.capacity,
                    least=each.least,
                    held_back=each.held_back,
                    held_back_until=moment(each.held_back_until),
                    shrink_to=each.shrink_to,
                    taken=0,
                    held=0,
                    waiting=0,
                    status="open",
                )
                .returning(Shift.id)
            ).one()
        )

    def somebody(self, number: int) -> int:
        phone = f"+86{next(self.numbers)}"
        return int(
            db.session.scalars(
                insert(table_of(Member))
                .values(
                    name=f"Member {number}",
                    sort_name="",
                    search=phone,
                    phone=phone,
                    standing="full",
                    home_branch_id=self.call.branch_id,
                    added_at=MONDAY,
                )
                .returning(Member.id)
            ).one()
        )

    def teardown(self) -> None:
        """The next night finds nothing of this one that could be due."""
        begin_write()
        db.session.execute(
            update(table_of(SignUp))
            .where(SignUp.shift_id.in_(self.shifts))
            .values(status="withdrawn", answer_by=None)
        )
        db.session.execute(
            update(table_of(Shift))
            .where(Shift.id.in_(self.shifts))
            .values(status="cancelled", taken=0, held=0, waiting=0)
        )
        db.session.commit()

    # --- one step ---------------------------------------------------------------------------------------

    def both(self, on_paper: Callable[[Paper], None], act: Any, *given: Any, **named: Any) -> None:
        """The same wish to both: granted or refused alike, for the same reason."""
        before, expected, answer = deepcopy(self.paper), "granted", "granted"
        try:
            on_paper(self.paper)
        except No as no:
            self.paper, expected = before, no.code
        begin_write()
        try:
            act(*given, now=moment(self.paper.now), **named)
            db.session.commit()
        except Refused as refusal:
            answer = refusal.code
        finally:
            db.session.rollback()
        Night.walked += 1
        Night.seen |= self.paper.happened | {expected}
        assert answer == expected

    def chosen(self, data: st.DataObject) -> tuple[int, int]:
        return data.draw(st.integers(0, len(self.shifts) - 1)), data.draw(people)

    def wish(self, on_paper: Any, act: Any, shift: int, *members: int, **named: Any) -> None:
        self.both(
            on_paper, act, self.shifts[shift], *(self.members[each] for each in members), by=Actor(), **named
        )

    @rule(data=st.data(), why=st.sampled_from(["", "", "nobody else can"]))
    def sign_up(self, data: st.DataObject, why: str) -> None:
        shift, who = self.chosen(data)
        self.wish(lambda p: p.sign_up(shift, who, waived=bool(why)), actions.sign_up, shift, who, waive=why)

    @rule(data=st.data())
    def join_the_line(self, data: st.DataObject) -> None:
        everywhere = range(len(self.shifts))
        full = [n for n in everywhere if self.paper.free(n) <= 0]
        shift, who = data.draw(st.sampled_from(full or everywhere)), data.draw(people)
        self.wish(lambda p: p.join(shift, who), waiting.join, shift, who)

    @precondition(lambda self: self.holding())
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        line = self.paper.lines[data.draw(st.sampled_from(self.holding() + self.waiting()))]
        self.wish(lambda p: p.give_back(line.shift, line.member), actions.give_back, line.shift, line.member)

    @precondition(lambda self: self.holding())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        line = self.paper.lines[data.draw(st.sampled_from(self.holding()))]
        self.wish(
            lambda p: p.withdraw(line.shift, line.member),
            actions.withdraw,
            line.shift,
            line.member,
            reason="ill",
        )

    @rule(data=st.data(), why=st.sampled_from(["", "nobody else can"]), voice=st.booleans())
    def offer(self, data: st.DataObject, why: str, voice: bool) -> None:
        shift, who = self.chosen(data)
        self.wish(
            lambda p: p.offer(shift, who, waived=bool(why), voice=voice),
            offers.offer,
            shift,
            who,
            waive=why,
            voice=voice,
        )

    @precondition(lambda self: self.asked())
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        n = data.draw(st.sampled_from(self.asked()))
        self.both(lambda p: p.accept(n), offers.accept, self.row(n), by=Actor())

    @precondition(lambda self: self.asked())
    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        n = data.draw(st.sampled_from(self.asked()))
        self.both(lambda p: p.decline(n), offers.decline, self.row(n), by=Actor())

    @precondition(lambda self: self.paper.lines)
    @rule(data=st.data(), yes=st.booleans())
    def answer_what_may_be_over(self, data: st.DataObject, yes: bool) -> None:
        n = data.draw(st.integers(0, len(self.paper.lines) - 1))
        if yes:
            self.both(lambda p: p.accept(n), offers.accept, self.row(n), by=Actor())
        else:
            self.both(lambda p: p.decline(n), offers.decline, self.row(n), by=Actor())

    @precondition(lambda self: self.holding())
    @rule(data=st.data(), to=people)
    def hand_over(self, data: st.DataObject, to: int) -> None:
        line = self.paper.lines[data.draw(st.sampled_from(self.holding()))]
        self.wish(
            lambda p: p.hand_over(line.shift, line.member, to),
            handing_over.hand_over,
            line.shift,
            line.member,
            to,
        )

    @rule(data=st.data(), others=st.lists(people, max_size=2))
    def take_together(self, data: st.DataObject, others: list[int]) -> None:
        shift, who = self.chosen(data)
        self.both(
            lambda p: p.take_together(shift, who, others),
            groups.take_together,
            self.shifts[shift],
            self.members[who],
            [self.members[each] for each in others],
            by=Actor(),
        )

    @rule(data=st.data(), more=st.sampled_from([-1, 0, 1]))
    def set_capacity(self, data: st.DataObject, more: int) -> None:
        shift, _who = self.chosen(data)
        capacity = max(1, self.paper.shifts[shift].capacity + more)
        self.wish(lambda p: p.set_capacity(shift, capacity), shifts.set_capacity, shift, capacity=capacity)

    @precondition(lambda self: self.paper.now > 6 * HOUR)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        shift, _who = self.chosen(data)
        self.wish(lambda p: p.cancel(shift), shifts.cancel, shift)

    @rule(seconds=st.sampled_from([1, 5, 11, 16, 5 * MINUTE, 10 * MINUTE, 29 * MINUTE, 2 * HOUR]))
    def wait(self, seconds: int) -> None:
        self.paper.now += seconds
        Night.walked += 1

    @rule(data=st.data(), by=st.sampled_from([-1, 0, 1]))
    def wait_for_what_comes_next(self, data: st.DataObject, by: int) -> None:
        """To the second before, at or after which something is different."""
        ahead = {line.until for line in self.paper.lines} | {
            each.held_back_until for each in self.paper.shifts
        }
        if moments := sorted(each + by for each in ahead - {None} if each + by > self.paper.now):
            self.paper.now = data.draw(st.sampled_from(moments[:3]))
        Night.walked += 1

    @rule()
    def the_timer_comes(self) -> None:
        """It sees exactly what is due, and leaves nothing due."""
        now = MONDAY + timedelta(seconds=self.paper.now)
        assert waiting.due(now) == [self.shifts[n] for n in self.paper.due()]
        db.session.rollback()
        for n in self.paper.due():
            self.both(methodcaller("settle", n), settle, self.shifts[n])
        assert waiting.due(now) == []
        db.session.rollback()
        Night.walked += 1

    def holding(self) -> list[int]:
        return [n for n, line in enumerate(self.paper.lines) if line.status == "confirmed"]

    def waiting(self) -> list[int]:
        return [n for n, line in enumerate(self.paper.lines) if line.status == "waitlisted"]

    def asked(self) -> list[int]:
        return [n for n, line in enumerate(self.paper.lines) if line.status == "offered"]

    def row(self, n: int) -> int:
        return int(self.rows()[n].id)

    # --- what must be true after each --------------------------------------------------------------------

    def rows(self) -> list[Any]:
        found = db.session.execute(
            select(table_of(SignUp)).where(SignUp.shift_id.in_(self.shifts)).order_by(SignUp.id)
        ).all()
        db.session.rollback()
        return list(found)

    def seats(self) -> list[Any]:
        found = db.session.execute(
            select(table_of(Shift)).where(Shift.id.in_(self.shifts)).order_by(Shift.id)
        ).all()
        db.session.rollback()
        return list(found)

    @invariant()
    def the_database_says_what_the_paper_says(self) -> None:
        rows = self.rows()
        number = {row.id: n for n, row in enumerate(rows)}
        assert [
            (
                self.shifts.index(row.shift_id),
                self.members.index(row.member_id),
                row.status,
                row.answer_by,
                number.get(row.in_place_of_id),
                row.waived,
            )
            for row in rows
        ] == [
            (line.shift, line.member, line.status, moment(line.until), line.giver, line.waived)
            for line in self.paper.lines
        ]
        assert [
            (row.capacity, row.least, row.held_back, row.shrink_to, row.status) for row in self.seats()
        ] == [
            (each.capacity, each.least, each.held_back, each.shrink_to, each.status)
            for each in self.paper.shifts
        ]

    @invariant()
    def what_must_always_be_true_is(self) -> None:
        """Said of the database's rows alone, whatever the paper says."""
        rows = self.rows()
        active = [row for row in rows if row.status in paper.ACTIVE]
        for seat in self.seats():
            on_it = [row for row in active if row.shift_id == seat.id]
            assert seat.taken == sum(row.status == "confirmed" for row in on_it)
            assert seat.held == sum(row.status == "offered" and row.in_place_of_id is None for row in on_it)
            assert seat.waiting == sum(row.status == "waitlisted" for row in on_it)
            assert seat.taken + seat.held <= seat.capacity
        assert len({(row.shift_id, row.member_id) for row in active}) == len(active)
        confirmed = {row.id: row for row in rows if row.status == "confirmed"}
        for row in active:
            if row.status == "offered" and row.in_place_of_id is not None:
                assert row.in_place_of_id in confirmed, "a seat that is handed over is never empty"
        yes = {(self.shifts[shift], self.members[who]) for shift, who in self.paper.said_yes}
        assert {(row.shift_id, row.member_id) for row in confirmed.values()} <= yes
        for member in self.members:
            self.no_two_at_once([row for row in confirmed.values() if row.member_id == member])

    def no_two_at_once(self, held: list[Any]) -> None:
        """Nor without the rest between them, but for what was waived."""
        for one in held:
            for other in held:
                if one.id < other.id:
                    gap = max(one.starts_at - other.ends_at, other.starts_at - one.ends_at)
                    assert gap >= timedelta(0)
                    assert gap >= timedelta(hours=8) or one.waived or other.waived


def settle(shift_id: int, *, now: datetime) -> None:
    waiting.settle(shift_id, now)


@pytest.mark.slow
def test_whatever_comes_in_whatever_order_is_as_on_paper(app: Flask) -> None:
    Night.call = factories.call()
    Night.gate = factories.checkpoint(unit_code=Night.call.unit_code)
    Night.walked, Night.seen = 0, set()
    usual = STEPS <= 2_000
    run_state_machine_as_test(
        Night,
        settings=settings(
            max_examples=STEPS // 25,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=usual,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert Night.walked >= STEPS
    assert MET - Night.seen == set()
