"""From the shared link to a shift with a name and a phone number, and what a stranger learns by trying pairs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.model import (
    AnsweredRequest,
    Call,
    FailedAttempt,
    JournalEntry,
    LogIn,
    Member,
    Newcomer,
    Notice,
    SignUp,
)
from tests import factories
from tests.joining.places import PHONE, Place, call_to, enter, made
from tests.visitor import Visitor


@pytest.fixture
def place(app: Flask) -> Place:
    return made()


def sign_ups(member: Member) -> list[tuple[str, bool]]:
    found = select(SignUp.status, SignUp.unverified).where(SignUp.member_id == member.id).order_by(SignUp.id)
    return [tuple(row) for row in factories.rows(found)]


# --- the way in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["198 0000 0001", "+86-19800000001", "１９８０００００００１"])
@pytest.mark.parametrize("name", ["王小明", "王 小明 "])
def test_two_fields_lead_from_the_link_to_the_shift(
    place: Place, visit: Callable[..., Visitor], written: str, name: str
) -> None:
    stranger = visit()
    stranger.open(f"/c/{place.call.code}")
    link = stranger.page.find("a", string=lambda text: bool(text and text.startswith("Take 08:00")))
    assert link is not None
    stranger.open(str(link["href"]))
    assert "Cold nights." in stranger.text, "the risks stand before the yes"
    typed = [
        f for f in stranger.form(f"/c/{place.call.code}/join").find_all("input") if f.get("type") != "hidden"
    ]
    assert len(typed) == 2
    stranger.submit(f"/c/{place.call.code}/join", name=name, phone=written)
    assert "You are signed up" in stranger.text
    assert "Yours" in stranger.text
    assert sign_ups(place.member) == [("confirmed", True)]


def test_a_pass_is_kept_until_the_last_shift_is_over_and_thirty_days_at_most(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    enter(visit(), place)
    assert factories.scalar(select(LogIn.expires_at)) == place.shift.ends_at
    factories.shift(place.call, starts_at=clock.now() + timedelta(days=80))
    enter(visit(), place)
    last = factories.rows(select(LogIn.expires_at).order_by(LogIn.id))[-1].expires_at
    assert timedelta(days=29) < last - clock.now() <= timedelta(days=30)


def test_the_member_is_told_and_the_journal_keeps_it(place: Place, visit: Callable[..., Visitor]) -> None:
    enter(visit(), place)
    assert [
        row.kind for row in factories.rows(select(Notice.kind).where(Notice.member_id == place.member.id))
    ] == ["pass-opened"]
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind).order_by(JournalEntry.id))]
    assert kinds[-2:] == ["pass.started", "sign-up.confirmed"]
    details = factories.rows(select(JournalEntry.details).order_by(JournalEntry.id))[-1].details
    assert details["unverified"] is True
    assert "王小明" not in str(details)


def test_full_meanwhile_leaves_the_pass_and_says_so(place: Place, visit: Callable[..., Visitor]) -> None:
    stranger = visit().open(f"/c/{place.call.code}/join?shift={place.shift.id}")
    for _ in range(place.shift.capacity):
        factories.sign_up(place.shift, factories.member())
    stranger.submit(f"/c/{place.call.code}/join", name=place.member.name, phone=PHONE)
    assert "just become full" in stranger.text
    assert stranger.offers(f"/shifts/{place.shift.id}/wait"), "they are on the call's page and can wait"
    assert sign_ups(place.member) == []


def test_a_repeat_without_the_cookie_starts_the_same_pass_again(app: Flask, place: Place) -> None:
    """The answer was lost on the way: the phone has no cookie, and sends the same form once more."""
    stranger = Visitor(app.test_client())
    where = f"/c/{place.call.code}/join"
    stranger.open(f"{where}?shift={place.shift.id}")
    data = stranger.filled(stranger.form(where)) | {"name": place.member.name, "phone": PHONE}
    cookie = stranger.client.get_cookie("mobilizer")
    assert cookie is not None
    first = stranger.send("POST", where, data=data, headers=stranger.headers)
    stranger.client.set_cookie("mobilizer", cookie.value)
    again = stranger.send("POST", where, data=data, headers=stranger.headers)
    assert (first.status_code, first.headers["Location"]) == (again.status_code, again.headers["Location"])
    assert "Yours" in stranger.open(again.headers["Location"]).text
    assert len(factories.rows(select(LogIn))) == len(factories.rows(select(Notice))) == 1
    assert sign_ups(place.member) == [("confirmed", True)]
    assert PHONE not in str(factories.rows(select(AnsweredRequest.answer)))


def test_the_same_form_sent_again_with_the_pass_starts_no_second_one(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    """Back, and the button once more: the phone holds the pass by now."""
    where, visitor = f"/c/{place.call.code}/join", visit()
    visitor.open(f"{where}?shift={place.shift.id}")
    sent = visitor.filled(visitor.form(where)) | {"name": place.member.name, "phone": PHONE}
    visitor.send("POST", where, data=sent, headers=visitor.headers)
    again = visitor.filled(visitor.open("/pass").form("/log-out"))
    answer = visitor.send(
        "POST", where, data=sent | again | {"operation_key": sent["operation_key"]}, headers=visitor.headers
    )
    assert answer.status_code < 400
    assert visitor.open("/pass").status == 200
    assert factories.count_of(LogIn) == 1
    assert factories.count_of(Notice) == 1


def test_a_pass_for_another_call_takes_the_place_of_the_first(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    visitor = enter(visit(), place)
    other = factories.call(place.branch, quick_join=True)
    shift = factories.shift(other, starts_at=factories.tomorrow(20))
    where = f"/c/{other.code}/join"
    visitor.open(f"{where}?shift={shift.id}").submit(where, name=place.member.name, phone=PHONE)
    assert [row.call_id for row in factories.rows(select(LogIn.call_id))] == [other.id]


def test_who_has_a_shift_enters_again_on_another_phone(place: Place, visit: Callable[..., Visitor]) -> None:
    enter(visit(), place)
    again = visit()
    again.open(f"/c/{place.call.code}/join").submit(
        f"/c/{place.call.code}/join", name=place.member.name, phone=PHONE
    )
    assert "You are in, for this call" in again.text
    assert "Yours" in again.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quick_join": False}, "lets nobody in"),
        ({"opens_at": timedelta(days=1)}, "not opened yet"),
    ],
)
def test_where_the_call_lets_nobody_in_it_says_so(
    place: Place, visit: Callable[..., Visitor], change: dict[str, Any], words: str
) -> None:
    now = clock.now()
    call_to(place.call, **{k: now + v if isinstance(v, timedelta) else v for k, v in change.items()})
    stranger = visit()
    assert "Take 08:00" not in stranger.open(f"/c/{place.call.code}").text
    assert words in stranger.open(f"/c/{place.call.code}/join?shift={place.shift.id}").text


def test_typing_errors_stand_at_their_field_and_nothing_is_lost(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    stranger = visit().open(f"/c/{place.call.code}/join?shift={place.shift.id}")
    stranger.submit(f"/c/{place.call.code}/join", name="王小明", phone="12")
    assert stranger.status == 422
    assert "no complete phone number" in stranger.text
    data = stranger.filled(stranger.form(f"/c/{place.call.code}/join"))
    assert (data["name"], data["phone"], data["shift"]) == ("王小明", "12", str(place.shift.id))


# --- what is learnt by trying -----------------------------------------------------------------------------


def pairs(place: Place) -> dict[str, tuple[str, str]]:
    factories.member(place.home, "李四", phone="+8619800000002")
    elsewhere = factories.member(factories.branch("320507001003"), "赵六", phone="+8619800000003")
    return {
        "nobody's": ("陈七", "19800000009"),
        "the name is another's": ("李四", PHONE),
        "the number is another's": (place.member.name, "19800000002"),
        "outside the audience": (elsewhere.name, "19800000003"),
    }


def test_every_wrong_pair_is_answered_alike(app: Flask, place: Place, envelope: str) -> None:
    answers, pages, kept = set(), set(), []
    for name, phone in pairs(place).values():
        stranger = Visitor(app.test_client(), htmx=envelope == "htmx")
        where = f"/c/{place.call.code}/join"
        stranger.open(f"{where}?shift={place.shift.id}")
        data = stranger.filled(stranger.form(where)) | {"name": name, "phone": phone}
        answer = stranger.send("POST", where, data=data, headers=stranger.headers)
        answers.add((answer.status_code, answer.headers["Location"], answer.get_data()))
        pages.add(stranger.open(answer.headers["Location"]).text)
        kept.append(stranger.open(f"/shifts/{place.shift.id}").response.request.path)
    assert len(answers) == len(pages) == 1
    assert "branch says yes first" in pages.pop()
    assert set(kept) == {"/log-in"}, "nobody holds a pass"
    assert factories.count_of(Newcomer) == 4
    assert factories.count_of(LogIn) == factories.count_of(SignUp) == factories.count_of(Notice) == 0


def test_every_wrong_pair_costs_the_same_work(
    place: Place,
    visit: Callable[..., Visitor],
    count_queries: Callable[[Callable[[], object]], int],
) -> None:
    asked = {}
    for what, (name, phone) in pairs(place).items():
        stranger = visit().open(f"/c/{place.call.code}/join?shift={place.shift.id}")
        asked[what] = count_queries(
            lambda s=stranger, n=name, p=phone: s.submit(f"/c/{place.call.code}/join", name=n, phone=p)  # type: ignore[misc]
        )
    assert len(set(asked.values())) == 1, asked


def test_guessing_is_stopped_whether_or_not_the_number_is_known(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    stopped = {}
    for phone in (PHONE, "19800000009"):
        tried = []
        for guess in range(7):
            stranger = visit().open(f"/c/{place.call.code}/join?shift={place.shift.id}")
            stranger.submit(f"/c/{place.call.code}/join", name="王" + "一二三四五六七"[guess], phone=phone)
            tried.append((stranger.status, "Too many attempts" in stranger.text))
        stopped[phone] = tried
    assert stopped[PHONE] == stopped["19800000009"]
    assert stopped[PHONE][0][0] == 200
    assert stopped[PHONE][-1] == (429, True)
    kept = [
        row.name for row in factories.rows(select(Newcomer.name).where(Newcomer.phone == "+8619800000001"))
    ]
    assert len(kept) == 3, "one number waits under three names at most, and is answered alike"
    texts = str(factories.rows(select(FailedAttempt.account, FailedAttempt.address)))
    assert "1980000" not in texts


def test_so_many_wait_and_no_more(
    place: Place, visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobilizer.joining.rules.MOST_PENDING", 2)
    factories.newcomer(place.call)
    factories.newcomer(place.call)
    stranger = visit().open(f"/c/{place.call.code}/join")
    stranger.submit(f"/c/{place.call.code}/join", name="陈七", phone="19800000009")
    assert stranger.status == 429
    assert "Very many wait" in stranger.text
    enter(visit(), place)
    assert sign_ups(place.member) == [("confirmed", True)], "who is on the roster is let in all the same"


def test_passes_of_one_person_are_not_opened_without_end(place: Place, visit: Callable[..., Visitor]) -> None:
    seen = [enter(visit(), place).status for _ in range(6)]
    assert seen == [200] * 5 + [429]


def test_who_is_noted_twice_waits_once(place: Place, visit: Callable[..., Visitor]) -> None:
    for _ in range(2):
        enter(visit(), place, name="陈七", phone="19800000009")
    assert factories.count_of(Newcomer) == 1


def test_a_call_of_another_branch_is_not_reached_by_its_shift_number(
    place: Place, visit: Callable[..., Visitor]
) -> None:
    other = factories.shift(factories.call())
    stranger = visit().open(f"/c/{place.call.code}/join?shift={other.id}")
    stranger.submit(f"/c/{place.call.code}/join", name=place.member.name, phone=PHONE)
    assert sign_ups(place.member) == []
    assert factories.scalar(select(LogIn.call_id)) == factories.scalar(
        select(Call.id).where(Call.code == place.call.code)
    )
