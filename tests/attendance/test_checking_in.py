"""A member checks in on their own phone: by the poster, by the leader's screen, by their own code; and who cannot."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.attendance import actions, checking_in, codes
from mobilizer.attendance.clocks import Reading
from mobilizer.attendance.way_rules import Place
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Branch, Call, Checkpoint, JournalEntry, Shift, SignUp
from tests import factories
from tests.attendance.leaders import START, at, at_once, later, refused, word
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
POSTER, OTHER_POSTER = "ACDEFGHJ", "KMNPQRTV"
GATE = (31.377, 120.643)
"""WGS 84, in Xiangcheng."""


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def stand_at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return stand_at


@pytest.fixture
def held(app: Flask, wall_clock: Callable[[datetime], None]) -> Any:
    """A shift at 08:00 at a gate with a poster, a member who holds it, and its leader; it is 08:05."""
    branch = factories.branch(kind="action")
    gate = factories.checkpoint(
        branch, name="East Gate", poster_code=POSTER, latitude=GATE[0], longitude=GATE[1]
    )
    shift = factories.shift(factories.call(branch), gate, starts_at=START)
    who = factories.member(factories.branch(), name="Li Na")
    sign_up = factories.sign_up(shift, who)
    leader = factories.secretary()
    wall_clock(at(8, 5))
    return shift, who, sign_up, leader


def changed(table: Any, row_id: int, **values: Any) -> None:
    """The row with other values, committed."""
    begin_write()
    db.session.execute(update(table).where(table.id == row_id).values(values))
    db.session.commit()


def set_ways(shift: Shift, **values: Any) -> None:
    branch_id = factories.scalar(
        select(Call.branch_id).join(Shift, Shift.call_id == Call.id).where(Shift.id == shift.id)
    )
    changed(Branch, branch_id, **values)


def key() -> str:
    return str(current_app.config["SECRET_KEY"])


def code_at(shift: Shift, moment: datetime) -> str:
    return codes.screen_code(key(), shift.id, codes.step_of(moment))


def attendance() -> Any:
    [row] = factories.rows(
        select(
            Attendance.in_way,
            Attendance.in_clock,
            Attendance.in_received_at,
            Attendance.near,
            Attendance.distance_m,
        )
    )
    return row


# --- it works ---------------------------------------------------------------------------------------------


def test_by_the_poster_in_one_tap(visit: Visit, held: Any) -> None:
    shift, who, sign_up, _leader = held
    page = visit(who.phone).open(f"/p/{POSTER}")
    assert "Check in: East Gate 08:00–16:00" in page.text
    assert word(sign_up) is None, "opening the poster changes nothing"
    page.submit(f"/shifts/{shift.id}/check-in")
    assert word(sign_up) == (False, at(8, 5), None)
    assert tuple(attendance()) == ("poster", "server", at(8, 5), None, None)
    assert "Here since 08:05" in page.text


def test_whoever_is_not_logged_in_is_led_back_to_the_poster(visit: Visit, held: Any) -> None:
    _shift, who, _sign_up, _leader = held
    page = visit().open(f"/p/{POSTER}")
    page.submit("/log-in", phone=who.phone, password="correct horse")
    assert "Check in: East Gate 08:00–16:00" in page.text


def test_whoever_has_no_log_in_joins_from_the_poster_where_the_call_allows_it(
    visit: Visit, held: Any
) -> None:
    shift, _who, _sign_up, _leader = held
    changed(Call, shift.call_id, quick_join=True)
    page = visit().open(f"/p/{POSTER}")
    assert "Log in and check in" in page.text
    join = next(a["href"] for a in page.page.select("#join a.button"))
    assert f"shift={shift.id}" in join
    assert page.open(join).page.select("[name=name]")


def test_a_poster_that_nobody_made_tells_a_stranger_nothing(visit: Visit, held: Any) -> None:
    changed(Call, held[0].call_id, quick_join=True)
    for code in ("ZZZZZZZZ", "x", POSTER[:-1]):
        assert visit().open(f"/p/{code}").offers("/log-in"), code


@pytest.mark.parametrize("typed", ["ACDEFGHJ", "acde fghj", " ＡＣＤＥ－ＦＧＨＪ "])
def test_the_code_of_the_poster_can_be_typed(visit: Visit, held: Any, typed: str) -> None:
    shift, who, sign_up, _leader = held
    page = visit(who.phone).open(f"/shifts/{shift.id}/check-in")
    page.submit(f"/shifts/{shift.id}/check-in", code=typed)
    assert word(sign_up) == (False, at(8, 5), None)
    page.open(f"/check-in?code={typed}")
    assert "You are here" in page.text, "the place to type a code leads to the same page"


def test_half_an_hour_late_is_normal_and_said(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None]
) -> None:
    shift, who, sign_up, _leader = held
    wall_clock(at(8, 34, 50))
    page = visit(who.phone).open(f"/p/{POSTER}").submit(f"/shifts/{shift.id}/check-in")
    assert "34 minutes late; that is noted, thank you for coming" in page.text
    assert word(sign_up) == (False, at(8, 34), None)


def test_the_second_time_changes_nothing_and_says_since_when(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None]
) -> None:
    shift, who, sign_up, _leader = held
    visitor = visit(who.phone).open(f"/p/{POSTER}")
    data = visitor.filled(visitor.form(f"/shifts/{shift.id}/check-in"))
    visitor.submit(f"/shifts/{shift.id}/check-in")
    wall_clock(at(9))
    for operation_key in (data["operation_key"], "another"):
        answer = visitor.send(
            "POST",
            f"/shifts/{shift.id}/check-in",
            data=data | {"operation_key": operation_key},
            headers=visitor.headers,
        )
        assert answer.status_code == 303
    assert "Here since 08:05" in visitor.open(f"/p/{POSTER}").text
    assert word(sign_up) == (False, at(8, 5), None)
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("attendance.checked-in") == 1


def test_by_the_code_on_the_leaders_screen_scanned_or_typed(visit: Visit, held: Any) -> None:
    shift, who, sign_up, _leader = held
    page = visit(who.phone).open(f"/shifts/{shift.id}/check-in?code={code_at(shift, at(8, 4, 30))}")
    page.submit(f"/shifts/{shift.id}/check-in")
    assert word(sign_up) == (False, at(8, 5), None)
    assert attendance()[0] == "screen-code"


def test_by_the_members_own_code_which_the_leader_scans(visit: Visit, held: Any) -> None:
    shift, who, sign_up, leader = held
    mine = visit(who.phone).open(f"/shifts/{shift.id}/check-in")
    digits = mine.page.select("b.code")[0].get_text()
    token = codes.own_token(key(), sign_up.id, shift.ends_at)
    page = visit(leader.phone)
    for way in (f"/check-in/{token}", f"/shifts/{shift.id}/own-code?digits={digits}"):
        assert "Li Na, 08:00–16:00 East Gate: check in" in page.open(way).text, way
    page.submit(f"/shifts/{shift.id}/roster/{sign_up.id}/check-in")
    assert word(sign_up) == (False, at(8, 5), None)
    assert attendance()[0] == "own-code"


@pytest.mark.parametrize("where", ["/my/shifts", "/shifts/{}"])
def test_my_shifts_say_that_i_am_here_and_then_that_i_have_left(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None], where: str
) -> None:
    shift, who, _sign_up, _leader = held
    page, here = visit(who.phone), where.format(shift.id)
    assert "Check in" in page.open(here).text
    page.open(f"/p/{POSTER}").submit(f"/shifts/{shift.id}/check-in")
    page.open(here)
    assert "Here since 08:05" in page.text
    assert "Check out" in page.text
    assert "I can't come" not in page.text
    wall_clock(at(15, 50))
    page.open(f"/shifts/{shift.id}/check-in").submit(f"/shifts/{shift.id}/check-out")
    page.open(here)
    assert "Left at 15:50" in page.text
    assert "Check out" not in page.text


def test_the_member_leaves_by_their_own_word(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None]
) -> None:
    shift, who, sign_up, _leader = held
    page = visit(who.phone).open(f"/p/{POSTER}").submit(f"/shifts/{shift.id}/check-in")
    wall_clock(at(16, 20))
    page.open(f"/shifts/{shift.id}/check-in").submit(f"/shifts/{shift.id}/check-out")
    assert word(sign_up) == (False, at(8, 5), at(16, 20))
    assert "Here from 08:05 to 16:20" in page.text
    assert factories.scalar(select(Attendance.out_way)) == "self"


def test_within_the_radius_only_yes_and_the_distance_are_kept(visit: Visit, held: Any) -> None:
    shift, who, _sign_up, _leader = held
    set_ways(shift, poster_radius_m=200)
    page = visit(who.phone).open(f"/p/{POSTER}")
    assert "Only yes or no and the distance are kept" in page.text
    assert "geolocation=(self)" in page.response.headers["Permissions-Policy"]
    page.submit(
        f"/shifts/{shift.id}/check-in", latitude=str(GATE[0] + 0.001), longitude=str(GATE[1]), accuracy="20"
    )
    assert tuple(attendance())[3:] == (True, 110)
    details = factories.scalar(
        select(JournalEntry.details).where(JournalEntry.kind == "attendance.checked-in")
    )
    assert str(GATE[0] + 0.001) not in str(details)
    assert "geolocation" not in page.open("/my/shifts").response.headers["Permissions-Policy"]


def test_what_the_phone_is_unsure_of_counts_in_its_favour_up_to_a_bound(held: Any) -> None:
    shift, who, _sign_up, _leader = held
    set_ways(shift, poster_radius_m=200)
    far = Place(GATE[0] + 0.0045, GATE[1], 5000.0)
    refused("too-far", by_poster(shift, who, place=far), now=at(8, 5))
    unsure = Place(GATE[0] + 0.003, GATE[1], 150.0)
    later(by_poster(shift, who, place=unsure), now=at(8, 5))()
    assert tuple(attendance())[3:] == (True, 330)


def by_poster(shift: Shift, who: Any, code: str = POSTER, **values: Any) -> Callable[..., None]:
    shift_id, member_id, secret = shift.id, who.id, key()

    def act(**signed: Any) -> None:
        given = {"place": None, "reading": None} | values
        checking_in.check_in(shift_id, member_id, code, key=secret, **given, **signed)

    return act


# --- and who gets nothing, in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "code"),
    [(at(5, 59), "too-early"), (at(16), "too-late"), (at(16) + timedelta(days=2), "too-late")],
)
def test_a_stolen_poster_code_outside_the_window(held: Any, when: datetime, code: str) -> None:
    shift, who, sign_up, _leader = held
    refused(code, by_poster(shift, who), now=when)
    assert word(sign_up) is None


def test_a_stolen_poster_code_of_whoever_has_no_shift_there(visit: Visit, held: Any) -> None:
    shift, _who, sign_up, _leader = held
    thief = factories.member(factories.branch())
    page = visit(thief.phone).open(f"/p/{POSTER}")
    assert "You hold no shift at East Gate" in page.text
    assert not page.offers(f"/shifts/{shift.id}/check-in")
    refused("not-on-shift", by_poster(shift, thief), now=at(8, 5))
    elsewhere = factories.shift(
        factories.call(), factories.checkpoint(name="West Gate", poster_code=OTHER_POSTER), starts_at=START
    )
    factories.sign_up(elsewhere, thief)
    page.open(f"/p/{POSTER}")
    assert "You hold no shift at East Gate" in page.text
    assert "West Gate" in page.text, "it says where they are expected"
    refused("poster-elsewhere", by_poster(elsewhere, thief), now=at(8, 5))
    assert word(sign_up) is None


def test_a_stolen_poster_code_outside_the_radius_or_without_a_place(visit: Visit, held: Any) -> None:
    shift, who, sign_up, _leader = held
    set_ways(shift, poster_radius_m=200)
    page = (
        visit(who.phone)
        .open(f"/p/{POSTER}")
        .submit(f"/shifts/{shift.id}/check-in", latitude="31.5", longitude="120.643", accuracy="10")
    )
    assert page.status == 409
    assert "You are about 13680 m from the checkpoint" in page.text
    for place in (
        {"latitude": "", "longitude": "", "accuracy": ""},
        {"latitude": "nan", "longitude": "120", "accuracy": "1"},
        {"latitude": "91", "longitude": "120", "accuracy": "-1"},
    ):
        page.open(f"/p/{POSTER}").submit(f"/shifts/{shift.id}/check-in", **place)
        assert "your phone did not say where it is" in page.text
    assert word(sign_up) is None
    changed(Checkpoint, shift.checkpoint_id, latitude=None, longitude=None)
    refused("place-unknown", by_poster(shift, who), now=at(8, 5))


def test_an_old_poster(visit: Visit, held: Any) -> None:
    shift, who, sign_up, _leader = held
    changed(Checkpoint, shift.checkpoint_id, poster_code=OTHER_POSTER)
    page = visit(who.phone).open(f"/p/{POSTER}")
    assert page.status == 404
    assert "No poster has this code now" in page.text
    refused("poster-unknown", by_poster(shift, who), now=at(8, 5))
    assert word(sign_up) is None


def test_an_old_changing_code_and_one_of_another_shift_and_a_wrong_one(held: Any) -> None:
    shift, who, sign_up, _leader = held
    gate = db.session.get_one(Checkpoint, shift.checkpoint_id)
    beside = factories.shift(factories.call(), gate, starts_at=START)
    now = at(8, 5)
    shown = {codes.screen_code(key(), shift.id, codes.step_of(now) + off) for off in range(-125, 5)}
    wrong = next(each for each in map("{:06}".format, range(10**6)) if each not in shown)
    for code, moment in (("code-changed", at(7, 55)), ("code-changed", at(8, 3, 30))):
        refused(code, by_poster(shift, who, code_at(shift, moment)), now=now)
    refused("code-of-another-shift", by_poster(shift, who, code_at(beside, now)), now=now)
    refused("code-wrong", by_poster(shift, who, code_at(shift, at(9))), now=now)
    refused("code-wrong", by_poster(shift, who, wrong), now=now)
    refused("code-missing", by_poster(shift, who, " - "), now=now)
    assert word(sign_up) is None


def test_a_guessed_short_code_is_throttled_and_changes_nothing(visit: Visit, held: Any) -> None:
    shift, who, sign_up, _leader = held
    page = visit(who.phone)
    to = f"/shifts/{shift.id}/check-in"
    right = code_at(shift, at(8, 5))
    for guess in range(10):
        wrong = f"{(int(right) + 7 + guess) % 10**6:06}"
        page.open(to).submit(to, code=wrong)
        assert page.status == 422
    page.open(to).submit(to, code=right)
    assert page.status == 429
    assert "Too many attempts" in page.text
    assert page.open(f"/p/{POSTER}").status == 429, "nor by the poster's address"
    assert word(sign_up) is None
    other = factories.member(factories.branch())
    factories.sign_up(shift, other)
    visit(other.phone).open(to).submit(to, code=right)
    assert factories.count_of(Attendance) == 1, "nobody locks out another"


def test_poster_codes_are_not_to_be_guessed_by_opening_them(visit: Visit, held: Any) -> None:
    _shift, who, _sign_up, _leader = held
    page = visit(who.phone)
    for last in "34679ACDEF":
        assert page.open(f"/p/KMNPQRT{last}").status == 404
    assert page.open("/p/KMNPQRTW").status == 429


def test_anothers_own_code_is_good_for_nobody_but_the_leader(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None]
) -> None:
    shift, who, sign_up, leader = held
    token = codes.own_token(key(), sign_up.id, shift.ends_at)
    own = visit(who.phone).open(f"/check-in/{token}")
    assert "only when the leader of the shift scans it" in own.text
    thief = visit(factories.member(factories.branch()).phone).open(f"/check-in/{token}")
    assert "good for nothing here" in thief.text
    assert "Li Na" not in thief.text
    page = visit(leader.phone)
    forged = f"{sign_up.id}-{'A' * 20}"
    assert page.open(f"/check-in/{forged}").status == 404
    page.open(f"/check-in/{token}")
    data = page.filled(page.form(f"/shifts/{shift.id}/roster/{sign_up.id}/check-in"))
    wall_clock(at(16, 1))
    assert (
        page.send(
            "POST",
            f"/shifts/{shift.id}/roster/{sign_up.id}/check-in",
            data=data | {"own_code": forged},
            headers=page.headers,
        ).status_code
        == 409
    )
    assert "The shift is over" in page.open(f"/check-in/{token}").text
    assert word(sign_up) is None


def test_who_was_marked_absent_needs_more_than_a_poster(held: Any) -> None:
    shift, who, sign_up, _leader = held
    later(actions.mark_absent, sign_up.id, now=at(8, 20))()
    refused("absent-already", by_poster(shift, who), now=at(8, 30))
    later(by_poster(shift, who, code_at(shift, at(8, 30))), now=at(8, 30))()
    assert word(sign_up) == (False, at(8, 30), None)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"poster_enough": False}, POSTER), ({"screen_code_enough": False}, None)],
)
def test_what_the_branch_does_not_take_is_refused(
    held: Any, values: dict[str, Any], code: str | None
) -> None:
    shift, who, sign_up, _leader = held
    set_ways(shift, **values)
    refused("way-not-enough", by_poster(shift, who, code or code_at(shift, at(8, 5))), now=at(8, 5))
    assert word(sign_up) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"status": "closed", "closed_at": at(8, 1)}, "closed-already"),
        ({"status": "cancelled"}, "cancelled-already"),
    ],
)
def test_a_shift_that_is_closed_or_cancelled_says_so(
    held: Any, status: dict[str, Any], code: str, visit: Visit
) -> None:
    shift, who, sign_up, _leader = held
    changed(Shift, shift.id, **status)
    refused(code, by_poster(shift, who), now=at(8, 5))
    page = visit(who.phone).open(f"/shifts/{shift.id}/check-in")
    assert not page.offers(f"/shifts/{shift.id}/check-in")
    assert word(sign_up) is None


# --- said without a network, and sent later -----------------------------------------------------------------


def late_reading(said: datetime, sent: datetime, skew: timedelta = timedelta(0)) -> Reading:
    return Reading(said + skew, sent + skew)


def test_a_check_in_that_waited_counts_from_when_it_was_said_and_keeps_both_times(
    visit: Visit, held: Any, wall_clock: Callable[[datetime], None]
) -> None:
    shift, _who, sign_up, leader = held
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(root)
    wall_clock(at(9, 15))
    skew = timedelta(days=400, hours=3)
    shown = (at(8, 7) + skew, at(9, 15) + skew)
    page.submit(f"{root}/{sign_up.id}/check-in", device_at=shown[0].isoformat(), sent_at=shown[1].isoformat())
    assert word(sign_up) == (False, at(8, 7), None)
    row = factories.rows(
        select(Attendance.in_clock, Attendance.in_device_at, Attendance.in_received_at, Attendance.in_way)
    )
    assert row == [("device", shown[0], at(9, 15), "roster")]


def test_a_changing_code_that_waited_is_judged_by_when_it_was_used(held: Any) -> None:
    shift, who, sign_up, _leader = held
    waited = late_reading(at(8, 7), at(11), timedelta(hours=-5))
    refused("code-changed", by_poster(shift, who, code_at(shift, at(8, 3)), reading=waited), now=at(11))
    later(by_poster(shift, who, code_at(shift, at(8, 7)), reading=waited), now=at(11))()
    assert word(sign_up) == (False, at(8, 7), None)


def test_nobody_was_there_before_they_signed_up(held: Any) -> None:
    """Asked at 10:00 to help out, they cannot have been checking in since 8:07, whatever their phone says."""
    shift, who, sign_up, _leader = held
    changed(SignUp, sign_up.id, signed_up_at=at(10))
    refused("before-sign-up", by_poster(shift, who, reading=late_reading(at(8, 7), at(11))), now=at(11))
    later(by_poster(shift, who, reading=late_reading(at(10, 5), at(11))), now=at(11))()
    assert word(sign_up) == (False, at(10, 5), None)


@pytest.mark.parametrize(
    ("said", "code"), [(at(5, 30), "too-early"), (at(16, 1), "too-late"), (at(4), "too-early")]
)
def test_a_forged_time_does_not_reach_out_of_the_window(held: Any, said: datetime, code: str) -> None:
    shift, who, sign_up, _leader = held
    now = at(17)
    refused(code, by_poster(shift, who, reading=late_reading(said, now)), now=now)
    assert word(sign_up) is None


def test_a_conflict_says_what_stands(held: Any) -> None:
    shift, who, sign_up, _leader = held
    later(by_poster(shift, who), now=at(8, 5))()
    waited = late_reading(at(8, 7), at(9))
    refused("here-already", actions.check_in, sign_up.id, reading=waited, now=at(9))
    refused("is-here", actions.mark_absent, sign_up.id, reading=waited, now=at(9))
    later(actions.check_out, sign_up.id, now=at(12))()
    refused("left-already", actions.check_out, sign_up.id, reading=late_reading(at(13), at(14)), now=at(14))
    refused("left-already", actions.check_in, sign_up.id, reading=waited, now=at(14))
    assert word(sign_up) == (False, at(8, 5), at(12))


def test_the_same_said_again_with_another_key_is_no_conflict(held: Any) -> None:
    _shift, _who, sign_up, _leader = held
    for sent in (at(9), at(10)):
        later(actions.check_in, sign_up.id, reading=Reading(at(8, 7), sent), now=sent)()
    assert word(sign_up) == (False, at(8, 7), None)


def test_absent_meanwhile_is_told_and_came_after_all_is_not(held: Any) -> None:
    _shift, _who, sign_up, _leader = held
    later(actions.mark_absent, sign_up.id, now=at(8, 30))()
    refused(
        "absent-meanwhile", actions.check_in, sign_up.id, reading=late_reading(at(8, 7), at(9)), now=at(9)
    )
    later(actions.check_in, sign_up.id, reading=late_reading(at(8, 45), at(9)), now=at(9))()
    assert word(sign_up) == (False, at(8, 45), None)


def test_times_of_a_phone_that_cannot_be_are_told_at_422(visit: Visit, held: Any) -> None:
    shift, who, sign_up, leader = held
    root = f"/shifts/{shift.id}/roster/{sign_up.id}"
    page = visit(leader.phone)
    for path in ("check-in", "absent"):
        page.open(f"/shifts/{shift.id}/roster").submit(f"{root}/{path}", device_at="x", sent_at="y")
        assert page.status == 422
        assert "cannot be read" in page.text
    mine = visit(who.phone).open(f"/p/{POSTER}")
    mine.submit(f"/shifts/{shift.id}/check-in", device_at="x", sent_at="y")
    assert mine.status == 422
    assert word(sign_up) is None


# --- all at once --------------------------------------------------------------------------------------------


def test_ten_check_ins_at_once_by_three_ways_are_one_attendance(app: Flask, held: Any) -> None:
    shift, who, sign_up, _leader = held
    now = at(8, 5)
    ways = [
        later(by_poster(shift, who), now=now),
        later(by_poster(shift, who, code_at(shift, now)), now=now),
        later(actions.check_in, sign_up.id, now=now),
    ]
    assert at_once(app, *(ways * 4)[:10]) == [None] * 10
    assert word(sign_up) == (False, now, None)
    assert factories.count_of(Attendance) == 1
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("attendance.checked-in") == 1
