"""Waiting for a seat and answering when one is asked, on the screens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Member, Shift, SignUp
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def full(app: object) -> Shift:
    shift = factories.shift(capacity=1)
    factories.sign_up(shift, factories.member(name="Zhou Tao"))
    return shift


def status(shift: Shift, who: Member) -> str:
    return str(
        factories.scalar(
            select(SignUp.status)
            .where(SignUp.shift_id == shift.id, SignUp.member_id == who.id)
            .order_by(SignUp.id.desc())
        )
    )


def asked(shift: Shift, who: Member, **values: object) -> SignUp:
    return factories.sign_up(shift, who, status="offered", source="offer", **values)


def test_a_member_waits_sees_the_place_everywhere_and_waits_no_longer(visit: Visit, full: Shift) -> None:
    factories.sign_up(full, factories.member(), status="waitlisted")
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    assert not visitor.offers(f"/shifts/{full.id}/sign-up")
    visitor.submit(f"/shifts/{full.id}/wait")
    assert "You are number 2 in line" in visitor.text
    for page in ("/shifts", f"/shifts/{full.id}", "/my/shifts", "/"):
        assert "umber 2 in line" in visitor.open(page).text, page
    visitor.open("/my/shifts").submit(f"/shifts/{full.id}/stop-waiting")
    assert "You wait for it no longer" in visitor.text
    assert status(full, who) == "cancelled"
    assert factories.scalar(select(Shift.waiting)) == 1


def test_joining_the_line_twice_by_the_same_request_answers_the_same(visit: Visit, full: Shift) -> None:
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{full.id}/wait"))
    for _again in range(2):
        answer = visitor.send("POST", f"/shifts/{full.id}/wait", data=data, headers=visitor.headers)
        assert answer.status_code == 303
    assert factories.scalar(select(Shift.waiting)) == 1


def test_nobody_waits_where_a_seat_is_free(visit: Visit, full: Shift) -> None:
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form(f"/shifts/{full.id}/wait"))
    free = factories.shift(starts_at=factories.tomorrow(20))
    answer = visitor.send("POST", f"/shifts/{free.id}/wait", data=data, headers=visitor.headers)
    assert answer.status_code == 409
    assert "you need not wait" in answer.get_data(as_text=True)


def test_when_a_seat_is_free_the_first_in_line_is_asked_and_says_yes(visit: Visit, full: Shift) -> None:
    holder = factories.rows(select(Member.phone).where(Member.name == "Zhou Tao"))[0].phone
    who = factories.member(factories.branch())
    visitor = visit(who.phone).open("/shifts").submit(f"/shifts/{full.id}/wait")
    visit(holder).open("/my/shifts").submit(f"/shifts/{full.id}/give-back")
    visitor.open("/")
    assert visitor.page.select_one("#asked") is not None, "today asks first"
    offer = factories.scalar(select(SignUp.id).where(SignUp.status == "offered"))
    for page in ("/shifts", f"/shifts/{full.id}", "/my/shifts", "/"):
        assert visitor.open(page).offers(f"/sign-ups/{offer}/accept"), page
        assert visitor.offers(f"/sign-ups/{offer}/decline"), page
    visitor.submit(f"/sign-ups/{offer}/accept")
    assert "You are signed up" in visitor.text
    assert status(full, who) == "confirmed"


def test_a_no_costs_nothing_and_says_thank_you(visit: Visit) -> None:
    shift, who, secretary = factories.shift(), factories.member(), factories.member(name="Shen Lihua")
    offer = asked(shift, who, asked_by_id=secretary.id)
    visitor = visit(who.phone).open(f"/shifts/{shift.id}")
    assert "Shen Lihua asks you" in visitor.text
    assert secretary.phone.removeprefix("+86") not in visitor.response.get_data(as_text=True)
    visitor.submit(f"/sign-ups/{offer.id}/decline")
    assert "Thank you for answering" in visitor.text
    assert status(shift, who) == "cancelled"
    assert visitor.open("/").page.select_one("#asked") is None


def test_a_hand_over_names_who_asks_and_changes_hands(visit: Visit) -> None:
    shift, giver, who = factories.shift(capacity=1), factories.member(name="Lu Jianguo"), factories.member()
    held = factories.sign_up(shift, giver)
    offer = factories.sign_up(
        shift, who, status="offered", source="hand-over", in_place_of_id=held.id, asked_by_id=giver.id
    )
    visitor = visit(who.phone).open("/")
    assert "Lu Jianguo asks you to take over" in visitor.text
    visitor.submit(f"/sign-ups/{offer.id}/accept")
    assert (status(shift, who), status(shift, giver)) == ("confirmed", "cancelled")


def test_anothers_question_is_not_there(visit: Visit) -> None:
    shift, who, other = factories.shift(), factories.member(), factories.member()
    mine, theirs = asked(shift, who), asked(shift, other)
    visitor = visit(who.phone).open("/my/shifts")
    data = visitor.filled(visitor.form(f"/sign-ups/{mine.id}/accept"))
    for answer in ("accept", "decline"):
        sent = visitor.send("POST", f"/sign-ups/{theirs.id}/{answer}", data=data, headers=visitor.headers)
        assert sent.status_code == 404
    assert status(shift, other) == "offered"


def test_an_answer_that_comes_too_late_is_refused_in_words(visit: Visit) -> None:
    shift, who = factories.shift(), factories.member()
    offer = asked(shift, who)
    visitor = visit(who.phone).open("/my/shifts")
    data = visitor.filled(visitor.form(f"/sign-ups/{offer.id}/accept"))
    db.session.execute(update(SignUp).values(answer_by=clock.now() - timedelta(minutes=1)))
    db.session.commit()
    answer = visitor.send("POST", f"/sign-ups/{offer.id}/accept", data=data, headers=visitor.headers)
    assert answer.status_code == 409
    assert not visitor.open("/my/shifts").offers(f"/sign-ups/{offer.id}/accept")
    assert "Your time to answer is over" in visitor.text


def test_the_same_answer_sent_again_answers_the_same(visit: Visit) -> None:
    shift, who = factories.shift(), factories.member()
    offer = asked(shift, who)
    visitor = visit(who.phone).open("/my/shifts")
    data = visitor.filled(visitor.form(f"/sign-ups/{offer.id}/accept"))
    answers = [
        visitor.send("POST", f"/sign-ups/{offer.id}/accept", data=data, headers=visitor.headers)
        for _again in range(3)
    ]
    assert [a.status_code for a in answers] == [303] * 3
    assert factories.scalar(select(Shift.taken)) == 1
