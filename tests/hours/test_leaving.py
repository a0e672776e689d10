"""A forgotten check-out is proposed from the shift's end and confirmed by whoever closes; breaks are taken off."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.hours import actions
from mobilizer.model import Attendance, JournalEntry, ServiceRecord, Shift
from tests import factories
from tests.attendance.leaders import START, at, committed, people, refused
from tests.visitor import Visitor


def noted(sign_up: Any) -> Any:
    columns = (Attendance.checked_out_at, Attendance.out_way, Attendance.out_clock, Attendance.break_minutes)
    return factories.rows(select(*columns).where(Attendance.sign_up_id == sign_up.id))[0]


def minutes() -> list[tuple[int, int]]:
    entries = select(ServiceRecord.minutes, ServiceRecord.break_minutes).order_by(ServiceRecord.id)
    return [tuple(row) for row in factories.rows(entries)]


def here(count: int, **shift: Any) -> tuple[Shift, list[Any]]:
    made = factories.shift(starts_at=START, **shift)
    there = people(made, count)
    committed(attendance.all_present, made.id, now=at(8))
    return made, there


def test_a_proposed_leaving_is_marked_so_and_another_time_is_the_closers_word(app: Flask) -> None:
    shift, [one, other, gone] = here(3)
    committed(attendance.check_out, gone.id, at=at(12), now=at(12))
    left = {one.id: at(16), other.id: at(15, 30), gone.id: at(9), 10**9: at(9)}
    committed(actions.close_shift, shift.id, left=left, now=at(16, 20))
    assert tuple(noted(one))[:3] == (at(16), "roster", "proposed")
    assert tuple(noted(other))[:3] == (at(15, 30), "roster", "typed")
    assert tuple(noted(gone))[:3] == (at(12), "roster", "typed"), "who has checked out is not asked about"
    assert minutes() == [(480, 0), (450, 0), (240, 0)]


def test_a_shift_is_not_closed_over_somebody_of_whom_the_closer_saw_nothing(app: Flask) -> None:
    shift, [one, other] = here(2)
    refused("departure-unconfirmed", actions.close_shift, shift.id, left={one.id: at(16)}, now=at(16))
    for wrong, code in (
        (at(7), "departure-before-arrival"),
        (at(17), "departure-ahead"),
    ):
        left = {one.id: at(16), other.id: wrong}
        refused(code, actions.close_shift, shift.id, left=left, now=at(16))
    assert minutes() == []
    assert noted(one).checked_out_at is None


def test_breaks_are_taken_off_and_stay_with_a_correction_that_says_nothing_of_them(app: Flask) -> None:
    shift, [one] = here(1)
    committed(attendance.set_times, one.id, arrived=at(8), left=at(16), break_minutes=45, now=at(16))
    for wrong in (-1, 481):
        refused(
            "break-too-long",
            attendance.set_times,
            one.id,
            arrived=at(8),
            left=at(16),
            break_minutes=wrong,
            now=at(16),
        )
    committed(actions.close_shift, shift.id, now=at(16))
    assert minutes() == [(435, 45)]
    entry = factories.scalar(select(ServiceRecord.id))
    correct = {"arrived": at(9), "left": at(16), "reason": "Came at nine", "now": at(17)}
    committed(actions.correct, one.id, instead_of=entry, **correct)
    assert minutes()[2] == (375, 45)
    again = factories.rows(select(ServiceRecord.id).order_by(ServiceRecord.id.desc()))[0].id
    committed(actions.correct, one.id, instead_of=again, break_minutes=0, **correct)
    assert minutes()[4] == (420, 0)
    assert noted(one).break_minutes == 0


def test_how_many_residents_were_served_is_noted_and_put_right(app: Flask) -> None:
    shift, _there = here(1)
    refused("shift-not-closed", actions.set_people_served, shift.id, 5, now=at(9))
    committed(actions.close_shift, shift.id, people_served=120, now=at(16))
    assert factories.scalar(select(Shift.people_served)) == 120
    for _twice in range(2):
        committed(actions.set_people_served, shift.id, 130, now=at(17))
    assert factories.scalar(select(Shift.people_served)) == 130
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("shift.people-served") == 1


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: at(16, 30))
    return at(16, 30)


def test_the_closing_form_asks_only_about_who_has_not_checked_out(
    visit: Any, app: Flask, after: datetime
) -> None:
    leader = factories.secretary()
    shift, [one, gone] = here(2)
    committed(attendance.check_out, gone.id, at=at(12), now=at(12))
    root = f"/shifts/{shift.id}/roster"
    page: Visitor = visit(leader.phone).open(root)
    form = page.filled(page.form(f"{root}/close"))
    assert {name: form[name] for name in form if name.startswith("left-")} == {f"left-{one.id}": "16:00"}
    page.submit(f"{root}/close", **{f"left-{one.id}": "07:00", "people_served": "80"})
    assert page.status == 422
    assert page.page.find(id=f"closing-left-{one.id}-error") is not None
    form = page.filled(page.form(f"{root}/close"))
    assert (form[f"left-{one.id}"], form["people_served"]) == ("07:00", "80"), "what was typed is still there"
    page.submit(f"{root}/close", **{f"left-{one.id}": "", "people_served": "80"})
    assert "Please say when they left." in page.text
    page.submit(f"{root}/close", **{f"left-{one.id}": "15:00", "people_served": "many"})
    assert page.status == 422
    assert "Please write a whole number." in page.text
    page.submit(f"{root}/close", **{f"left-{one.id}": "16:00", "people_served": "80"})
    assert "Service records written: 2" in page.text
    assert [each[0] for each in minutes()] == [480, 240]
    page.open(f"/shifts/{shift.id}/records")
    assert page.text.count("Leaving time proposed") == 1


def test_who_comes_between_the_page_and_the_press_is_asked_about(
    visit: Any, app: Flask, after: datetime
) -> None:
    leader = factories.secretary()
    shift, [_one] = here(1)
    root = f"/shifts/{shift.id}/roster"
    page: Visitor = visit(leader.phone).open(root)
    late = people(shift, 1)[0]
    committed(attendance.check_in, late.id, at=at(15), now=at(15))
    page.submit(f"{root}/close")
    assert page.status == 409
    assert "Somebody has come meanwhile" in page.text
    page.submit(f"{root}/close")
    assert "Service records written: 2" in page.text


def test_breaks_and_residents_are_asked_for_on_the_pages(visit: Any, app: Flask, after: datetime) -> None:
    leader = factories.secretary()
    shift, [one] = here(1)
    root, records = f"/shifts/{shift.id}/roster", f"/shifts/{shift.id}/records"
    page: Visitor = visit(leader.phone).open(root)
    times = f"{root}/{one.id}/times"
    page.submit(times, arrived="08:00", left="16:00", break_minutes="500")
    assert page.status == 422
    page.open(root).submit(times, arrived="08:00", left="16:00", break_minutes="soon")
    assert page.status == 422
    page.open(root).submit(times, arrived="08:00", left="16:00", break_minutes="３０")
    assert noted(one).break_minutes == 30
    page.open(root).submit(f"{root}/close")
    page.open(records)
    assert "30 min of breaks taken off" in page.text
    page.submit(f"{records}/people-served", people_served="-1")
    assert page.status == 422
    page.submit(f"{records}/people-served", people_served="45")
    assert page.filled(page.form(f"{records}/people-served"))["people_served"] == "45"
    address = f"{records}/{one.id}"
    page.open(address)
    assert page.filled(page.form(address))["break_minutes"] == "30"
    page.submit(address, break_minutes="60", reason="An hour at noon")
    assert minutes()[-1] == (420, 60)
