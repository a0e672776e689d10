"""My devices: what is listed, and that an end is an end at once; noting when one was seen spoils no page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from mobilizer import clock
from mobilizer.accounts import actions
from mobilizer.extensions import begin_write, db
from mobilizer.model import LogIn, Member
from tests import factories
from tests.conftest import SERVER
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def who(app: Flask) -> Member:
    return factories.member(name="Wang")


def ids() -> list[int]:
    return [row.id for row in factories.rows(select(LogIn.id).order_by(LogIn.id))]


def test_an_end_is_an_end_at_once_for_every_copy_of_the_cookie(app: Flask, visit: Visit, who: Member) -> None:
    lost = visit()
    lost.headers["User-Agent"] = "Mozilla/5.0 (iPhone) MicroMessenger/8.0"
    lost.log_in(who.phone)
    copy = visit()
    copy.client.set_cookie("mobilizer", lost.client.get_cookie("mobilizer").value)  # type: ignore[union-attr]
    assert "Log out" in copy.open("/me").text
    mine = visit(who.phone).open("/me/devices")
    assert "iPhone · WeChat" in mine.text
    assert "This device" in mine.text
    mine.submit(f"/me/devices/{ids()[0]}/end")
    assert "That device is logged out" in mine.text
    for each in (lost, copy):
        assert "Log out" not in each.open("/me").text
    assert "iPhone" not in mine.open("/me/devices").text


def test_all_others_end_and_this_one_stays(visit: Visit, who: Member) -> None:
    others = [visit(who.phone) for _ in range(3)]
    neighbour = visit(factories.member().phone)
    mine = visit(who.phone).open("/me/devices")
    mine.submit("/me/devices/end-others")
    assert "All other devices are logged out: 3." in mine.text
    assert not mine.offers("/me/devices/end-others")
    assert all("Log out" not in each.open("/me").text for each in others)
    assert "Log out" in neighbour.open("/me").text


def test_anothers_device_is_not_there(visit: Visit, who: Member) -> None:
    visit(factories.member().phone)
    mine = visit(who.phone).open("/me/devices")
    token = mine.page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    for number in (ids()[0], 10**6, 2**40):
        answer = mine.send(
            "POST", f"/me/devices/{number}/end", data={"csrf_token": token}, headers=mine.headers
        )
        assert answer.status_code == 404
    assert len(ids()) == 2


def test_the_one_in_hand_is_left_by_logging_out(visit: Visit, who: Member) -> None:
    mine = visit(who.phone).open("/me/devices")
    token = mine.page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    answer = mine.send(
        "POST", f"/me/devices/{ids()[0]}/end", data={"csrf_token": token}, headers=mine.headers
    )
    assert answer.status_code == 409
    assert "Log out instead" in answer.get_data(as_text=True)
    assert len(ids()) == 1


def test_a_new_password_ends_all_others(visit: Visit, who: Member) -> None:
    other, mine = visit(who.phone), visit(who.phone).open("/me")
    mine.submit(
        "/me/password", current="correct horse", password="tea crane window", again="tea crane window"
    )
    assert "Log out" in mine.text
    assert "Log out" not in other.open("/me").text


# --- when it was seen -----------------------------------------------------------------------------------------


def seen_before(hours: float) -> None:
    begin_write()
    db.session.execute(update(LogIn).values(seen_at=clock.now() - timedelta(hours=hours)))
    db.session.commit()


def seen_ago() -> timedelta:
    found: timedelta = clock.now() - factories.scalar(select(LogIn.seen_at))
    return found


def test_it_is_noted_once_an_hour(visit: Visit, who: Member) -> None:
    mine = visit(who.phone)
    seen_before(0.9)
    mine.open("/me")
    assert seen_ago() > timedelta(minutes=50)
    seen_before(1.1)
    mine.open("/me")
    assert seen_ago() < timedelta(minutes=50)


@pytest.mark.skipif(bool(SERVER), reason="PostgreSQL has no one queue of writers")
def test_a_page_waits_for_no_writer(app: Flask, visit: Visit, who: Member) -> None:
    """Another holds the turn and the lock, and does not let go before the page has come."""
    app.config["SQLITE_BUSY_MS"] = 600_000
    mine = visit(who.phone)
    seen_before(2)
    begin_write()
    try:
        assert mine.open("/me").status == 200
    finally:
        db.session.rollback()
        db.session.remove()
    assert seen_ago() > timedelta(hours=1)
    mine.open("/me")
    assert seen_ago() < timedelta(hours=1), "it is made up for"


def test_a_database_that_takes_nothing_spoils_no_page(
    visit: Visit, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: object, **_named: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("attempt to write a readonly database"))

    mine = visit(who.phone)
    seen_before(2)
    monkeypatch.setattr(actions, "note_seen", refuses)
    assert mine.open("/me").status == 200
