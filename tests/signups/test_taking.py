"""A member takes a shift in one tap, sees it under "my shifts", and gives it back in time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import JournalEntry, MemberSkill, Shift, SignUp, Skill
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def taken(shift: Shift) -> int:
    return int(factories.scalar(select(Shift.taken).where(Shift.id == shift.id)))


def confirmed(shift: Shift) -> int:
    return len(
        factories.rows(select(SignUp.id).where(SignUp.shift_id == shift.id, SignUp.status == "confirmed"))
    )


def test_a_member_takes_an_open_shift_in_one_tap_and_finds_it_under_my_shifts(visit: Visit) -> None:
    shift = factories.shift(capacity=2)
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    visitor.submit(f"/shifts/{shift.id}/sign-up")
    assert "You are signed up" in visitor.text
    assert taken(shift) == confirmed(shift) == 1
    visitor.open("/my/shifts")
    assert visitor.offers(f"/shifts/{shift.id}/give-back")


def test_a_member_gives_a_shift_back_and_the_seat_is_free_again(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    who = factories.member(factories.branch())
    factories.sign_up(shift, who)
    visitor = visit(who.phone).open("/my/shifts").submit(f"/shifts/{shift.id}/give-back")
    assert "Given back" in visitor.text
    assert taken(shift) == confirmed(shift) == 0


def test_the_same_request_sent_again_changes_nothing_and_answers_the_same(visit: Visit) -> None:
    shift = factories.shift()
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{shift.id}/sign-up"))
    answers = [
        visitor.send("POST", f"/shifts/{shift.id}/sign-up", data=data, headers=visitor.headers)
        for _ in range(3)
    ]
    assert [a.status_code for a in answers] == [303, 303, 303]
    assert len({a.headers["Location"] for a in answers}) == 1
    assert taken(shift) == confirmed(shift) == 1


def test_a_late_repeat_of_taking_does_not_undo_giving_back(visit: Visit) -> None:
    shift = factories.shift()
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{shift.id}/sign-up"))
    send = lambda: visitor.send("POST", f"/shifts/{shift.id}/sign-up", data=data, headers=visitor.headers)  # noqa: E731
    send()
    visitor.open("/my/shifts").submit(f"/shifts/{shift.id}/give-back")
    assert send().status_code == 303
    assert taken(shift) == confirmed(shift) == 0


def test_a_refusal_repeated_is_the_same_refusal_even_when_a_seat_has_become_free(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    holder, who = factories.member(factories.branch()), factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{shift.id}/sign-up"))
    factories.sign_up(shift, holder)
    send = lambda: visitor.send("POST", f"/shifts/{shift.id}/sign-up", data=data, headers=visitor.headers)  # noqa: E731
    first = send()
    visit(holder.phone).open("/my/shifts").submit(f"/shifts/{shift.id}/give-back")
    again = send()
    assert first.status_code == again.status_code == 409
    assert "become full" in again.get_data(as_text=True)
    assert confirmed(shift) == 0


def test_a_full_shift_is_refused_in_words_and_in_both_languages(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    late = factories.member(factories.branch())
    for language, words in (("en", "become full"), ("zh_CN", "刚刚报满")):
        visitor = visit(late.phone, language=language).open("/shifts")
        if language == "en":
            page = visitor
            form = page.form(f"/shifts/{shift.id}/sign-up")
            factories.sign_up(shift, factories.member(factories.branch()))
        data = visitor.filled(form) | {"operation_key": language}
        data["csrf_token"] = visitor.page.find("input", {"name": "csrf_token"})["value"]
        answer = visitor.send("POST", f"/shifts/{shift.id}/sign-up", data=data, headers=visitor.headers)
        assert answer.status_code == 409
        assert words in answer.get_data(as_text=True)


def test_two_shifts_that_overlap_cannot_both_be_held(visit: Visit) -> None:
    call = factories.call()
    day = factories.shift(call, starts_at=factories.tomorrow(8), hours=8)
    late = factories.shift(call, starts_at=factories.tomorrow(15), hours=8)
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    forms = {s.id: visitor.filled(visitor.form(f"/shifts/{s.id}/sign-up")) for s in (day, late)}
    visitor.submit(f"/shifts/{day.id}/sign-up")
    answer = visitor.send("POST", f"/shifts/{late.id}/sign-up", data=forms[late.id], headers=visitor.headers)
    assert answer.status_code == 409
    assert "already hold a shift at that time" in answer.get_data(as_text=True)
    assert taken(late) == confirmed(late) == 0
    visitor.open("/shifts")
    assert not visitor.offers(f"/shifts/{late.id}/sign-up"), "the list does not offer what would be refused"


def test_a_shift_that_begins_when_another_ends_may_be_held_where_the_branch_asks_for_no_rest(
    visit: Visit,
) -> None:
    call = factories.call(factories.branch(kind="action", rest_hours=0, day_hours=16))
    first = factories.shift(call, starts_at=factories.tomorrow(8), hours=8)
    second = factories.shift(call, starts_at=factories.tomorrow(16), hours=8)
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts").submit(f"/shifts/{first.id}/sign-up")
    visitor.open("/shifts").submit(f"/shifts/{second.id}/sign-up")
    assert confirmed(first) == confirmed(second) == 1


def test_the_database_itself_refuses_an_overlap_and_a_seat_too_many(app: object) -> None:
    call = factories.call()
    first = factories.shift(call, starts_at=factories.tomorrow(8), hours=8)
    second = factories.shift(call, starts_at=factories.tomorrow(15), hours=8, capacity=1)
    who = factories.member(factories.branch())
    factories.sign_up(first, who)
    with pytest.raises(IntegrityError):
        factories.sign_up(second, who)
    factories.sign_up(second, factories.member(factories.branch()))
    with pytest.raises(IntegrityError):
        factories.sign_up(second, factories.member(factories.branch()))
    db.session.rollback()
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE shift SET capacity = 0 WHERE id = :id"), {"id": second.id})
    db.session.rollback()


def test_a_moved_shift_takes_its_sign_ups_along_unless_somebody_would_stand_twice(app: object) -> None:
    call = factories.call()
    first = factories.shift(call, starts_at=factories.tomorrow(8), hours=8)
    second = factories.shift(call, starts_at=factories.tomorrow(18), hours=4)
    who = factories.member(factories.branch())
    factories.sign_up(first, who)
    held = factories.sign_up(second, who)
    db.session.execute(update(Shift).where(Shift.id == second.id).values(starts_at=factories.tomorrow(17)))
    db.session.commit()
    assert factories.scalar(select(SignUp.starts_at).where(SignUp.id == held.id)) == factories.tomorrow(17)
    with pytest.raises(IntegrityError):
        db.session.execute(
            update(Shift).where(Shift.id == second.id).values(starts_at=factories.tomorrow(15))
        )
    db.session.rollback()


def test_a_shift_that_asks_for_a_skill_is_taken_only_by_who_has_it(visit: Visit) -> None:
    skill = factories.kept(Skill(name="医护"))
    shift = factories.shift(skill_id=skill.id)
    nurse, other = factories.member(factories.branch()), factories.member(factories.branch())
    factories.kept(MemberSkill(member_id=nurse.id, skill_id=skill.id, confirmed_at=clock.now()))
    assert not visit(other.phone).open("/shifts").offers(f"/shifts/{shift.id}/sign-up")
    visit(nurse.phone).open("/shifts").submit(f"/shifts/{shift.id}/sign-up")
    assert confirmed(shift) == 1


def test_giving_back_ends_when_the_shift_begins(visit: Visit) -> None:
    now = clock.now()
    shift = factories.shift(starts_at=now + timedelta(hours=5))
    who = factories.member(factories.branch())
    factories.sign_up(shift, who)
    visitor = visit(who.phone).open("/my/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{shift.id}/give-back"))
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(starts_at=now - timedelta(minutes=5)))
    db.session.commit()
    answer = visitor.send("POST", f"/shifts/{shift.id}/give-back", data=data, headers=visitor.headers)
    assert answer.status_code == 409
    assert "The shift has begun" in answer.get_data(as_text=True)
    assert confirmed(shift) == 1


def test_a_call_to_another_unit_is_neither_listed_nor_to_be_taken_by_a_forged_request(visit: Visit) -> None:
    shift = factories.shift(factories.call(factories.branch("320507002001", kind="action")))
    mine = factories.shift(factories.call(factories.branch("320507001002", kind="action")))
    who = factories.member(factories.branch("320507001002"))
    visitor = visit(who.phone).open("/shifts")
    assert not visitor.offers(f"/shifts/{shift.id}/sign-up")
    data = visitor.filled(visitor.form(f"/shifts/{mine.id}/sign-up"))
    answer = visitor.send("POST", f"/shifts/{shift.id}/sign-up", data=data, headers=visitor.headers)
    assert answer.status_code == 404
    assert visitor.open(f"/shifts/{shift.id}").status == 404
    assert visitor.open("/shifts/99999999999999999999").status == 404


def test_a_call_to_the_town_reaches_every_village_and_one_to_a_branch_only_its_people(visit: Visit) -> None:
    branch = factories.branch("320507001002", kind="action")
    town = factories.shift(factories.call(branch, audience_unit_code="320507001"))
    own = factories.shift(
        factories.call(branch, audience_branch_id=branch.id, audience_unit_code=None),
        starts_at=factories.tomorrow(20),
    )
    neighbour = factories.member(factories.branch("320507001003"))
    attached = factories.member(factories.branch("320507001003"))
    factories.attachment(branch, attached)
    seen = visit(neighbour.phone).open("/shifts")
    assert seen.offers(f"/shifts/{town.id}/sign-up")
    assert not seen.offers(f"/shifts/{own.id}/sign-up")
    assert visit(attached.phone).open("/shifts").offers(f"/shifts/{own.id}/sign-up")


def test_every_change_says_who_made_it(visit: Visit) -> None:
    shift = factories.shift()
    who = factories.member(factories.branch())
    visit(who.phone).open("/shifts").submit(f"/shifts/{shift.id}/sign-up")
    entry = factories.rows(select(JournalEntry.kind, JournalEntry.subject, JournalEntry.actor_id))[-1]
    assert tuple(entry) == ("sign-up.confirmed", str(shift.id), who.id)


def test_the_list_costs_the_same_few_queries_however_many_shifts_there_are(
    visit: Visit, count_queries: Callable[..., int]
) -> None:
    call = factories.call()
    at = factories.checkpoint(unit_code=call.unit_code)
    who = factories.member(factories.branch())
    visitor = visit(who.phone)
    for n in range(3):
        factories.shift(call, at, starts_at=factories.tomorrow(8) + timedelta(days=n))
    few = count_queries(lambda: visitor.open("/shifts"))
    for n in range(3, 40):
        factories.shift(call, at, starts_at=factories.tomorrow(8) + timedelta(days=n))
    many = count_queries(lambda: visitor.open("/shifts"))
    assert few == many <= 3


def test_what_can_be_taken_stands_before_what_is_full_on_each_day(visit: Visit) -> None:
    call = factories.call()
    full = factories.shift(call, starts_at=factories.tomorrow(8), capacity=1)
    factories.sign_up(full, factories.member(factories.branch()))
    free = factories.shift(call, starts_at=factories.tomorrow(16))
    who = factories.member(factories.branch())
    page = visit(who.phone).open("/shifts").page
    assert [item["id"] for item in page.select("li.item")] == [f"shift-{free.id}", f"shift-{full.id}"]


def test_what_a_shift_asks_keeps_its_paragraphs(visit: Visit) -> None:
    of = factories.call(content="Take temperatures.\nBring a coat.", risks="Cold.\nDark.")
    shift = factories.shift(of)
    page = visit(factories.member(factories.branch()).phone).open(f"/shifts/{shift.id}")
    paragraphs = [each.get_text(strip=True) for each in page.page.find_all("p")]
    assert {"Take temperatures.", "Bring a coat.", "Cold.", "Dark."} <= set(paragraphs)
