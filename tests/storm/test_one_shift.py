"""64 people want one shift of 5 seats, all at once, on networks that lose answers, against several processes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer.model import JournalEntry, Shift, SignUp
from tests import factories
from tests.storm.servers import Client, cookies, serving

PEOPLE, SEATS, PROCESSES = 64, 5, 3

pytestmark = pytest.mark.slow


def test_five_get_the_five_seats_and_everybody_else_is_told(app: Flask, environ: dict[str, str]) -> None:
    home = factories.branch()
    members = [factories.member(home) for _ in range(PEOPLE)]
    shift = factories.shift(capacity=SEATS)
    path = f"/shifts/{shift.id}/sign-up"
    start = Barrier(PEOPLE)

    with serving(environ, PROCESSES) as port:

        def take(cookie: str) -> list[tuple[int, str, str]]:
            phone = Client(port, cookie)
            body = phone.form("/shifts", path)
            start.wait(60)
            phone.post_and_hang_up(path, body)
            return [phone.post(path, body) for _ in range(3)]

        with ThreadPoolExecutor(PEOPLE) as pool:
            answers = list(pool.map(take, cookies(app, members)))

    for own in answers:
        assert {status for status, _text, _location in own} in ({303}, {409}), [
            status for status, *_rest in own
        ]
        assert len({location for _status, _text, location in own}) == 1
        if own[0][0] == 409:
            assert all("become full" in text for _status, text, _location in own)
    assert sum(own[0][0] == 303 for own in answers) == SEATS

    confirmed = factories.rows(
        select(SignUp.member_id).where(SignUp.shift_id == shift.id, SignUp.status == "confirmed")
    )
    told_yes = {member.id for member, own in zip(members, answers, strict=True) if own[0][0] == 303}
    assert {row.member_id for row in confirmed} == told_yes
    assert factories.scalar(select(Shift.taken).where(Shift.id == shift.id)) == SEATS
    assert factories.scalar(select(func.count()).select_from(SignUp)) == SEATS, (
        "what was refused left nothing behind"
    )
    noted = select(func.count()).select_from(JournalEntry).where(JournalEntry.kind == "sign-up.confirmed")
    assert factories.scalar(noted) == SEATS


def test_nobody_ends_up_on_two_shifts_that_overlap_by_half(app: Flask, environ: dict[str, str]) -> None:
    """Each of 24 people tries for two half-overlapping shifts at the same moment, on two connections."""
    people = 24
    home = factories.branch()
    members = [factories.member(home) for _ in range(people)]
    call = factories.call()
    early = factories.shift(call, starts_at=factories.tomorrow(8), hours=8, capacity=people)
    late = factories.shift(call, starts_at=factories.tomorrow(12), hours=8, capacity=people)
    start = Barrier(people * 2)

    with serving(environ, PROCESSES) as port:

        def take(job: tuple[str, int]) -> int:
            cookie, shift_id = job
            phone, path = Client(port, cookie), f"/shifts/{shift_id}/sign-up"
            body = phone.form("/shifts", path)
            start.wait(60)
            return phone.post(path, body)[0]

        jobs = [(cookie, shift.id) for cookie in cookies(app, members) for shift in (early, late)]
        with ThreadPoolExecutor(people * 2) as pool:
            statuses = list(pool.map(take, jobs))

    assert sorted(set(statuses)) == [303, 409]
    held = factories.rows(select(SignUp.member_id).where(SignUp.status == "confirmed"))
    assert sorted(row.member_id for row in held) == sorted(member.id for member in members)
    for shift in (early, late):
        on_it = (
            select(func.count())
            .select_from(SignUp)
            .where(SignUp.shift_id == shift.id, SignUp.status == "confirmed")
        )
        assert factories.scalar(select(Shift.taken).where(Shift.id == shift.id)) == factories.scalar(on_it)
