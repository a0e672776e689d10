"""My shifts in my own calendar: what the address gives, whom it gives nothing, and how it ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from werkzeug.test import TestResponse

from mobilizer import clock
from mobilizer.calendars import rules
from mobilizer.changes import actions as changes
from mobilizer.changes.rules import Wish
from mobilizer.extensions import begin_write, db
from mobilizer.model import CalendarFeed, Checkpoint, Member, Shift, SignUp
from mobilizer.policy import COMMAND_LINE
from mobilizer.shifts import actions as shifts
from mobilizer.signups import actions as signups
from mobilizer.throttle import FAILURES
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def committed(act: Callable[[], Any]) -> Any:
    db.session.rollback()
    begin_write()
    done = act()
    db.session.commit()
    return done


def get(app: Flask, url: str, **how: Any) -> TestResponse:
    """What a phone's calendar is answered, which has no cookies and says no language."""
    return Visitor(app.test_client()).send("GET", url, **how)


def entries(written: bytes) -> list[Any]:
    """The calendar's entries, read back as a phone would read them."""
    calendar: Any = Calendar.from_ical(written)
    assert calendar.errors == []
    assert [event.errors for event in calendar.events if event.errors] == []
    return list(calendar.events)


def of_mine(app: Flask, who: Member, **asked: str) -> list[Any]:
    """What this member's calendar holds."""
    answer = get(app, f"/calendar/{factories.calendar_token(who)}.ics", query_string=asked)
    assert answer.status_code == 200
    return entries(answer.get_data())


def summaries(events: list[Any]) -> list[str]:
    return [str(event["summary"]) for event in events]


GATE = "阳澄湖东路与人民路交叉口东北角的卡口"


def a_shift_of(who: Member, **values: Any) -> tuple[Shift, Checkpoint]:
    branch = factories.branch(kind="action")
    gate = factories.checkpoint(
        branch,
        GATE,
        address="苏州市相城区阳澄湖东路88号，人民路口东北角，加油站对面的蓝色帐篷里",
        contact="李四 13900001111",
        latitude=31.37,
        longitude=120.63,
    )
    call = factories.call(branch, title="元和街道夜间值守", kit="身份证\n保暖衣物，帽子、手套\n保温杯")
    shift = factories.shift(call, gate, **values)
    factories.sign_up(shift, who)
    return shift, gate


def shown(me: Visitor) -> str:
    """The address that the page shows to copy."""
    box = me.page.find("input", {"id": "address"})
    assert box is not None
    return str(box["value"])


# --- the address ------------------------------------------------------------------------------------------


def test_a_member_makes_shows_replaces_and_removes_their_address(app: Flask, visit: Visit) -> None:
    who = factories.member()
    me = visit(who.phone)
    assert me.open("/my/calendar").page.find(id="address") is None
    me.submit("/my/calendar/make")
    first = shown(me)
    assert me.page.find("a", href=first.replace("http://", "webcal://")) is not None
    assert shown(me.open("/my/calendar")) == first, "it is shown again"
    assert get(app, urlsplit(first).path).status_code == 200
    me.submit("/my/calendar/renew")
    second = shown(me)
    assert second != first
    assert get(app, urlsplit(first).path).status_code == 404
    assert get(app, urlsplit(second).path).status_code == 200
    me.submit("/my/calendar/remove")
    assert get(app, urlsplit(second).path).status_code == 404
    assert me.open("/my/calendar").offers("/my/calendar/make")


def test_making_an_address_twice_ends_none(app: Flask, visit: Visit) -> None:
    who = factories.member()
    one, other = visit(who.phone), visit(who.phone)
    one.open("/my/calendar")
    other.open("/my/calendar")
    one.submit("/my/calendar/make")
    other.submit("/my/calendar/make")
    assert shown(one) == shown(other)


def test_the_table_alone_opens_nothing(app: Flask) -> None:
    who = factories.member()
    token = factories.calendar_token(who)
    kept = db.session.get_one(CalendarFeed, who.id)
    assert len(token) >= 43
    for column in (kept.nonce, kept.token_hash):
        assert column != token
        assert get(app, f"/calendar/{column}.ics").status_code == 404


def test_the_feed_asks_for_no_log_in_and_leaves_no_trace(app: Flask) -> None:
    who = factories.member()
    answer = get(app, f"/calendar/{factories.calendar_token(who)}.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_whoever_has_it_already_need_not_load_it_again(app: Flask) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    url = f"/calendar/{factories.calendar_token(who)}.ics"
    first = get(app, url)
    again = get(app, url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    committed(lambda: shifts.cancel(shift.id, by=COMMAND_LINE, now=clock.now()))
    assert get(app, url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_guessing_is_slowed_down_and_nobody_elses_calendar_with_it(app: Flask) -> None:
    url = f"/calendar/{factories.calendar_token(factories.member())}.ics"
    for _each in range(FAILURES):
        assert get(app, "/calendar/an-old-address.ics").status_code == 404
    answer = get(app, "/calendar/an-old-address.ics", headers={"Accept-Language": "en"})
    assert answer.status_code == 429
    assert "wait a quarter of an hour" in answer.get_data(as_text=True)
    assert get(app, url).status_code == 200


def test_one_who_guesses_many_is_stopped_for_a_while(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilizer.throttle.ADDRESS_FAILURES", 5)
    seen = [get(app, f"/calendar/guess-{n}.ics").status_code for n in range(6)]
    assert seen == [404, 404, 404, 404, 404, 429]
    whole = f"/calendar/{factories.calendar_token(factories.member())}.ics"
    assert get(app, whole).status_code == 200, "whoever stands behind the same address still has theirs"


# --- what stands in it ------------------------------------------------------------------------------------


def test_a_shift_stands_in_it_with_when_where_and_what_to_bring(app: Flask) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    (event,) = of_mine(app, who)
    assert (event.start, event.end) == (shift.starts_at, shift.ends_at)
    assert GATE in event["summary"]
    assert event["status"] == "CONFIRMED"
    assert event["sequence"] == 0
    assert event["location"].startswith(f"{GATE} · 苏州市相城区阳澄湖东路88号")
    assert event["geo"].to_ical() == "31.37;120.63"
    assert "保暖衣物，帽子、手套" in event["description"]
    assert f"/shifts/{shift.id}" in event["description"]
    assert urlsplit(event["url"]).path == f"/shifts/{shift.id}"
    assert event["dtstamp"].dt.tzinfo is not None


def test_nothing_of_other_people_stands_in_it(app: Flask) -> None:
    who, other = factories.member(), factories.member(name="王小明")
    shift, _gate = a_shift_of(who)
    factories.sign_up(shift, other)
    written = get(app, f"/calendar/{factories.calendar_token(who)}.ics").get_data(as_text=True)
    unfolded = written.replace("\r\n ", "")
    assert GATE in unfolded
    for word in ("王小明", "李四", "13900001111", other.phone[-8:], who.phone[-8:]):
        assert word not in unfolded
    assert of_mine(app, other) != []
    assert of_mine(app, factories.member()) == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_long_lines_are_folded_by_octets_and_read_back_whole(app: Flask, language: str) -> None:
    who = factories.member()
    a_shift_of(who)
    url = f"/calendar/{factories.calendar_token(who)}.ics"
    written = get(app, url, query_string={"language": language}).get_data()
    lines = written.split(b"\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines), "long lines there were"
    (event,) = entries(written)
    assert event["location"].startswith(
        f"{GATE} · 苏州市相城区阳澄湖东路88号，人民路口东北角，加油站对面的蓝色帐篷里"
    )


def test_its_words_are_in_the_language_of_its_address(app: Flask, visit: Visit) -> None:
    who = factories.member()
    a_shift_of(who)
    assert summaries(of_mine(app, who, language="en")) == [f"Shift: {GATE}"]
    assert summaries(of_mine(app, who, language="xx")) == summaries(of_mine(app, who))
    english = visit(who.phone).open("/my/calendar")
    assert "language=en" in shown(english)
    chinese = visit(who.phone, language="zh_CN").open("/my/calendar")
    assert "language" not in shown(chinese)


def test_a_cancelled_shift_is_said_to_be_cancelled_under_the_same_name(app: Flask) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    (before,) = of_mine(app, who)
    committed(lambda: shifts.cancel(shift.id, by=COMMAND_LINE, now=clock.now()))
    (after,) = of_mine(app, who, language="en")
    assert (after["status"], after["summary"]) == ("CANCELLED", f"Cancelled: {GATE}")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstamp"].dt > before["dtstamp"].dt


def test_a_moved_shift_keeps_its_name_and_counts_up(app: Flask) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    (before,) = of_mine(app, who)
    sign_up = factories.scalar(select(SignUp.id))
    committed(
        lambda: changes.move(
            shift.call_id,
            [shift.id],
            Wish(days=1),
            seen=[sign_up],
            by=COMMAND_LINE,
            now=clock.now(),
        )
    )
    (after,) = of_mine(app, who)
    assert after["uid"] == before["uid"]
    assert after.start == before.start + timedelta(days=1)
    assert after["sequence"] == before["sequence"] + 1


def test_what_is_given_back_and_taken_again_counts_up(app: Flask) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    seen = [of_mine(app, who)[0]]
    committed(lambda: signups.give_back(shift.id, who.id, by=COMMAND_LINE, now=clock.now()))
    seen += of_mine(app, who)
    committed(lambda: signups.sign_up(shift.id, who.id, by=COMMAND_LINE, now=clock.now()))
    seen += of_mine(app, who)
    assert [str(each["status"]) for each in seen] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [each["sequence"] for each in seen] == [0, 1, 2]
    assert len({each["uid"] for each in seen}) == 1


def test_a_seat_kept_for_an_answer_is_tentative_and_a_place_in_line_is_none(app: Flask) -> None:
    asked, waits = factories.member(), factories.member()
    shift = factories.shift()
    factories.sign_up(shift, asked, status="offered")
    factories.sign_up(shift, waits, status="waitlisted")
    assert [each["status"] for each in of_mine(app, asked)] == ["TENTATIVE"]
    assert of_mine(app, waits) == []


def test_it_goes_sixty_days_back_and_no_further(app: Flask) -> None:
    who, now = factories.member(), clock.now().replace(microsecond=0)
    for days in (59, 61):
        factories.sign_up(factories.shift(starts_at=now - timedelta(days=days, hours=8)), who)
    assert [event.start for event in of_mine(app, who)] == [now - timedelta(days=59, hours=8)]


def test_what_will_not_be_is_said_until_it_would_have_been_over() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    before, after = noon - timedelta(hours=1), noon + timedelta(hours=1)
    assert rules.status("withdrawn", "cancelled", noon, before) == "CANCELLED"
    assert rules.status("withdrawn", "cancelled", noon, after) is None
    assert rules.status("confirmed", "closed", noon, after) == "CONFIRMED"
    assert rules.status("offered", "open", noon, after) is None
    assert rules.status("expired", "open", noon, before) is None


def test_a_calendar_of_many_shifts_is_one_question(
    app: Flask, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    who = factories.member()
    url = f"/calendar/{factories.calendar_token(who)}.ics"
    a_shift_of(who)
    few = count_queries(lambda: get(app, url))
    for n in range(4):
        factories.sign_up(factories.shift(starts_at=factories.tomorrow(8) + timedelta(days=n + 1)), who)
    assert count_queries(lambda: get(app, url)) == few


# --- the file of one shift --------------------------------------------------------------------------------


def test_one_shift_of_mine_is_a_file_under_the_name_it_has_in_the_feed(app: Flask, visit: Visit) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    me = visit(who.phone)
    link = me.open(f"/shifts/{shift.id}").page.find("a", href=f"/shifts/{shift.id}/calendar.ics")
    assert link is not None
    answer = me.open(str(link["href"])).response
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    (event,) = entries(answer.get_data())
    assert event["uid"] == of_mine(app, who)[0]["uid"]


def test_the_file_of_a_shift_is_for_whoever_is_on_it(visit: Visit) -> None:
    who = factories.member()
    shift, _gate = a_shift_of(who)
    secretary = factories.secretary()
    for other in (factories.member(), secretary):
        assert visit(other.phone).open(f"/shifts/{shift.id}/calendar.ics").status == 404
