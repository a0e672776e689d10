"""A whole night in half a minute: 256 people at once against three server processes, on networks that lose answers,
while the secretary cuts seats and cancels shifts and answers run out of time. Afterwards the database is asked."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from random import Random
from secrets import token_urlsafe
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.commands.settling import settle_due
from mobilizer.errors import Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import Attendance, JournalEntry, Shift, SignUp
from mobilizer.shifts.queries import touched
from mobilizer.signups import waiting
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import committed
from tests.storm.servers import Client, Phone, phones, serving

PEOPLE, AT_ONCE, PROCESSES = 256, 64, 3
SEATS = 12
ACTIVE = ("confirmed", "offered", "waitlisted")

pytestmark = pytest.mark.slow


@dataclass
class Person:
    """Somebody who wishes for shifts one after the other, and remembers what they were told."""

    member_id: int
    phone: Phone
    app: Flask
    chance: Random
    told: list[tuple[str, int, list[tuple[int, str]]]] = field(default_factory=list)

    def wish(self, port: int, what: str, shift_id: int) -> int:
        """Sends it, sometimes goes away before the answer, and repeats it with the same key once or twice."""
        client = Client(port, self.phone.cookie)
        body = urlencode({"csrf_token": self.phone.token, "operation_key": token_urlsafe(9)})
        path = f"/shifts/{shift_id}/{what}"
        if what == "wait" and "waiting.join" not in self.app.view_functions:
            return self.queue(shift_id)
        if self.chance.random() < 0.3:
            client.post_and_hang_up(path, body)
        answers = [client.post(path, body) for _ in range(1 + (self.chance.random() < 0.3))]
        self.told.append((what, shift_id, [(status, location) for status, _text, location in answers]))
        return answers[0][0]

    def queue(self, shift_id: int) -> int:
        with self.app.app_context():
            try:
                committed(waiting.join, shift_id, self.member_id, now=clock.now())
                status = 303
            except Refused:
                status = 409
            finally:
                db.session.remove()
        self.told.append(("wait", shift_id, [(status, "")]))
        return status

    def night(self, port: int, shift_ids: list[int]) -> None:
        for shift_id in self.chance.sample(shift_ids, 2):
            if self.wish(port, "sign-up", shift_id) == 409 and self.chance.random() < 0.5:
                self.wish(port, "wait", shift_id)
            elif self.chance.random() < 0.35:
                self.wish(port, "give-back", shift_id)
        self.wish(port, "sign-up", shift_ids[0])


def laid_out() -> list[int]:
    """Six hot shifts on two days, each overlapping another by half."""
    call = factories.call()
    return [
        factories.shift(
            call,
            starts_at=factories.tomorrow(8) + timedelta(days=day, hours=4 * half),
            capacity=SEATS,
            post=post,
        ).id
        for day in (0, 1)
        for half, post in ((0, "gate"), (1, "gate"), (0, "orders"))
    ]


@contextmanager
def meanwhile(app: Flask, port: int, leader: Phone, shift_ids: list[int]) -> Iterator[list[int]]:
    """Seats go and come, and answers run out of time, over and over; answers what the secretary was told."""
    over, statuses = Event(), []
    leads = Client(port, leader.cookie)

    with app.app_context():
        call_id = db.session.scalar(select(Shift.call_id).where(Shift.id == shift_ids[0]))
        db.session.remove()

    def send(what: str, shift_id: int, **fields: Any) -> None:
        sent = {"csrf_token": leader.token, "operation_key": token_urlsafe(9)}
        sent |= {"what": what, "shift": shift_id} | fields
        statuses.append(leads.post(f"/calls/{call_id}/shifts/change", urlencode(sent))[0])

    def cancel(shift_id: int) -> None:
        """As often as it takes to have seen everybody who is on it."""
        for _ in range(50):
            with app.app_context():
                seen = [each.sign_up_id for each in touched([shift_id])]
                db.session.remove()
            send("cancel", shift_id, seen=",".join(map(str, seen)))
            if statuses[-1] == 303:
                return
        raise AssertionError("never cancelled")

    def lead() -> None:
        chance = Random(1)
        while not over.wait(0.2):
            seats = chance.randint(6, SEATS + 4)
            send("seats", chance.choice(shift_ids), capacity=seats, least=1)

    def let_time_pass() -> None:
        """As a timer does it, half an hour later than it is."""
        with app.app_context():
            while not over.wait(1.5):
                settle_due(clock.now() + timedelta(minutes=31))
                db.session.remove()

    workers = [Thread(target=lead), Thread(target=let_time_pass)]
    for each in workers:
        each.start()
    try:
        yield statuses
        cancel(shift_ids[-1])
    finally:
        over.set()
        for each in workers:
            each.join()


def test_a_night_leaves_what_everybody_was_told_and_nothing_else(app: Flask, environ: dict[str, str]) -> None:
    home = factories.branch()
    members = [factories.member(home) for _ in range(PEOPLE)]
    leader = factories.member(home)
    factories.appointment(leader, Role.SECRETARY, unit_code=home.unit_code)
    shift_ids = laid_out()
    people = [
        Person(member.id, phone, app, Random(number))
        for number, (member, phone) in enumerate(zip(members, phones(app, members), strict=True))
    ]
    with serving(environ, PROCESSES) as port, ThreadPoolExecutor(AT_ONCE) as pool:
        with meanwhile(app, port, phones(app, [leader])[0], shift_ids) as told:
            list(pool.map(lambda person: person.night(port, shift_ids), people[: PEOPLE // 2]))
        # The last shift is cancelled by now: whoever comes after that is told so.
        list(pool.map(lambda person: person.night(port, shift_ids), people[PEOPLE // 2 :]))

    assert set(told) <= {303, 409, 422}
    everybody_was_answered(people)
    rows, seats = everything()
    counts_are_right(rows, seats)
    nobody_is_in_two_places(rows)
    each_got_what_they_were_told(people, rows, {seat.id: seat.status for seat in seats})
    for seat in seats:
        the_line_was_served_in_order(seat.id)


def everything() -> tuple[list[Any], list[Any]]:
    return factories.rows(select(table_of(SignUp)).order_by(SignUp.id)), factories.rows(
        select(table_of(Shift)).order_by(Shift.id)
    )


def everybody_was_answered(people: list[Person]) -> None:
    """With a yes or a no in words, never with an error; and a repeat as the first time."""
    statuses: Counter[tuple[str, int]] = Counter()
    for person in people:
        for what, shift_id, answers in person.told:
            statuses.update((what, status) for status, _location in answers)
            assert len(set(answers)) == 1, f"{what} {shift_id}: {answers}"
    assert {status for _what, status in statuses} <= {303, 404, 409}, statuses
    assert statuses["sign-up", 303] > SEATS
    assert statuses["sign-up", 409] > PEOPLE
    assert statuses["wait", 303] > SEATS
    assert statuses["give-back", 303] > SEATS


def counts_are_right(rows: list[Any], seats: list[Any]) -> None:
    for seat in seats:
        on_it = Counter(row.status for row in rows if row.shift_id == seat.id and row.in_place_of_id is None)
        assert (seat.taken, seat.held, seat.waiting) == tuple(on_it[status] for status in ACTIVE)
        assert seat.taken + seat.held <= seat.capacity
        assert not (seat.waiting and seat.taken + seat.held < seat.capacity) or seat.status == "open"
        assert seat.status != "cancelled" or not any(on_it[status] for status in ACTIVE)
    active = [(row.shift_id, row.member_id) for row in rows if row.status in ACTIVE]
    assert len(set(active)) == len(active)
    assert factories.count_of(Attendance) == 0


def nobody_is_in_two_places(rows: list[Any]) -> None:
    held: dict[int, list[Any]] = {}
    for row in rows:
        if row.status == "confirmed":
            held.setdefault(row.member_id, []).append(row)
    for own in held.values():
        for one, other in combinations(own, 2):
            gap = max(one.starts_at - other.ends_at, other.starts_at - one.ends_at)
            assert gap >= timedelta(hours=8)


def each_got_what_they_were_told(people: list[Person], rows: list[Any], shifts: dict[int, str]) -> None:
    """The last yes for a shift is what stands, unless time or the secretary came after; a no left nothing behind."""
    latest = {(row.member_id, row.shift_id): row.status for row in rows}
    promised: dict[tuple[int, int], str] = {}
    for person in people:
        for what, shift_id, answers in person.told:
            if answers[0][0] == 303:
                promised[person.member_id, shift_id] = what
    assert set(latest) == set(promised), "no sign-up without a yes, no yes without a sign-up"
    stands = {
        "sign-up": {"confirmed"},
        "wait": {"waitlisted", "offered", "expired"},
        "give-back": {"cancelled"},
    }
    for (member_id, shift_id), what in promised.items():
        gone = {"withdrawn"} if shifts[shift_id] == "cancelled" else set()
        assert latest[member_id, shift_id] in stands[what] | gone, f"{member_id} on {shift_id}: {what}"


def the_line_was_served_in_order(shift_id: int) -> None:
    """As the journal tells it: only the first in line was ever asked or passed over, each once."""
    line: list[int] = []
    for row in factories.rows(
        select(JournalEntry.kind, JournalEntry.details)
        .where(JournalEntry.subject == str(shift_id), JournalEntry.kind.like("sign-up.%"))
        .order_by(JournalEntry.id)
    ):
        who = row.details["member"]
        if row.kind == "sign-up.waitlisted":
            line.append(who)
        elif row.kind == "sign-up.left-line":
            line.remove(who)
        elif row.kind in ("sign-up.asked-up", "sign-up.passed-over"):
            assert line.pop(0) == who
