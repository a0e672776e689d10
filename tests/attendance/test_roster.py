"""A leader opens the roster on a phone: who is here, who is missing; ticks people in, and closes the shift."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Attendance, ServiceRecord, Shift, SignUp
from tests import factories
from tests.attendance.leaders import START, at, word
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock on the wall: it stands still until set again."""

    def stand_at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return stand_at


@pytest.fixture
def led(wall_clock: Callable[[datetime], None]) -> Any:
    """A shift at 08:00 of two, with its leader, at 08:05."""
    leader = factories.secretary()
    shift = factories.shift(starts_at=START, capacity=2)
    home = factories.branch(name="Lake Branch")
    people = [factories.member(home, name=name) for name in ("Li Ming", "Wang Fang")]
    sign_ups = [factories.sign_up(shift, who) for who in people]
    wall_clock(at(8, 5))
    return leader, shift, sign_ups, people


def figures(page: Visitor) -> dict[str, str]:
    block = page.page.find(id="roster-figures")
    assert block is not None
    return {
        tile.dt.get_text(strip=True): tile.b.get_text(strip=True) for tile in block.find_all(class_="tile")
    }


def test_the_roster_says_first_who_is_here_and_who_is_missing(visit: Visit, led: Any) -> None:
    leader, shift, sign_ups, people = led
    page = visit(leader.phone).open(f"/shifts/{shift.id}/roster")
    assert figures(page) == {"Here": "0", "Missing": "2", "Left already": "0", "Absent": "0"}
    assert "Missing: Li Ming, Wang Fang" in page.text
    assert "Lake Branch" in page.text
    card = page.page.find(id=f"person-{sign_ups[0].id}")
    assert card is not None
    assert card.find("a", href=f"tel:{people[0].phone}")


def test_a_tap_checks_in_and_the_figures_follow(visit: Visit, led: Any, envelope: str) -> None:
    leader, shift, [one, other], _people = led
    page = visit(leader.phone).open(f"/shifts/{shift.id}/roster")
    page.submit(f"/shifts/{shift.id}/roster/{one.id}/check-in")
    assert figures(page) == {"Here": "1", "Missing": "1", "Left already": "0", "Absent": "0"}
    assert "Li Ming: here since 08:05." in page.text
    assert "5 min late" in page.text
    assert word(one) == (False, at(8, 5), None)
    assert bool(page.page.find(id=f"person-{other.id}")) == (envelope == "plain"), "htmx gets one card alone"


def test_all_present_and_then_the_exceptions(
    visit: Visit, led: Any, wall_clock: Callable[[datetime], None]
) -> None:
    leader, shift, [one, other], _people = led
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(root).submit(f"{root}/all-present")
    assert figures(page)["Here"] == "2"
    assert word(one) == (False, at(8), None)
    page.submit(f"{root}/{one.id}/times", arrived="08:20", left="")
    page.open(root).submit(f"{root}/{other.id}/undo")
    page.open(root).submit(f"{root}/{other.id}/absent")
    assert (word(one), word(other)) == (None, (True, None, None)) or word(other) == (True, None, None)
    wall_clock(at(15))
    page.open(root).submit(f"{root}/{one.id}/times", arrived="08:20", left="")
    page.open(root).submit(f"{root}/{one.id}/check-out")
    assert word(one) == (False, at(8, 20), at(15))
    assert "Li Ming: here from 08:20 to 15:00." in page.text


def test_a_time_that_cannot_be_is_said_at_its_field_and_stays_there(visit: Visit, led: Any) -> None:
    leader, shift, [one, _other], _people = led
    root = f"/shifts/{shift.id}/roster"
    for typed, words in (("11:00", "still to come"), ("25:00", "a time such as"), ("", "when they arrived")):
        page = visit(leader.phone).open(root)
        page.submit(f"{root}/{one.id}/times", arrived=typed, left="")
        assert page.status == 422
        field = page.page.find(id=f"arrived-{one.id}")
        assert field is not None
        assert field["value"] == typed
        assert field["aria-invalid"] == "true"
        assert words in page.page.find(id=f"arrived-{one.id}-error").get_text()
    assert word(one) is None


def test_on_a_night_shift_a_time_after_midnight_is_the_next_morning(
    visit: Visit, wall_clock: Callable[[datetime], None]
) -> None:
    leader = factories.secretary()
    shift = factories.shift(starts_at=at(20), hours=12)
    one = factories.sign_up(shift, factories.member(factories.branch()))
    wall_clock(at(20) + timedelta(hours=8))
    root = f"/shifts/{shift.id}/roster"
    visit(leader.phone).open(root).submit(f"{root}/{one.id}/times", arrived="23:30", left="02:15")
    assert word(one) == (False, at(23, 30), at(20) + timedelta(hours=6, minutes=15))


def test_a_walk_in_is_found_and_added(visit: Visit, led: Any) -> None:
    leader, shift, _sign_ups, _people = led
    factories.kept(db.session.get_one(Shift, shift.id)).capacity = 3
    db.session.commit()
    comer = factories.member(factories.branch(), name="Zhao Lei", search="zhao lei zl +8619912345678")
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(f"{root}?q=zl")
    assert comer.phone not in page.text, "a number is shown in full only to those who have to call it"
    page.submit(f"{root}/walk-in")
    assert "Zhao Lei is on the roster and here." in page.text
    assert figures(page)["Here"] == "1"
    rows = factories.rows(select(SignUp.status, SignUp.source).where(SignUp.member_id == comer.id))
    assert rows == [("confirmed", "walk-in")]


def test_a_full_shift_says_so_and_a_tick_adds_the_seat(visit: Visit, led: Any) -> None:
    leader, shift, _sign_ups, _people = led
    factories.member(factories.branch(), name="Zhao Lei")
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(f"{root}?q=zhao").submit(f"{root}/walk-in")
    assert page.status == 409
    assert "Every seat is taken (2 in all)" in page.text
    page.submit(f"{root}/walk-in", add_seat="1")
    assert figures(page)["Here"] == "1"
    assert factories.rows(select(Shift.taken, Shift.capacity)) == [(3, 3)]


def test_who_comes_from_a_branch_of_the_town_above_is_found_too(visit: Visit, led: Any) -> None:
    leader, shift, _sign_ups, _people = led
    factories.member(factories.branch("320507001"), name="Town Hall")
    root = f"/shifts/{shift.id}/roster"
    assert visit(leader.phone).open(f"{root}?q=hall").offers(f"{root}/walk-in")


def test_whoever_is_out_of_reach_is_found_only_by_the_whole_number(visit: Visit, led: Any) -> None:
    leader, shift, _sign_ups, _people = led
    far = factories.member(factories.branch("320507999001"), name="Far Away")
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(f"{root}?q=far")
    assert not page.offers(f"{root}/walk-in")
    near = factories.member(factories.branch(), name="Near")
    forged = page.open(f"{root}?q=near")
    data = forged.filled(forged.form(f"{root}/walk-in"))
    for member_id in (far.id, 10**30, "x", -1):
        answer = page.send(
            "POST", f"{root}/walk-in", data=data | {"member_id": member_id}, headers=page.headers
        )
        assert answer.status_code == 404
    assert factories.rows(select(SignUp.id).where(SignUp.member_id.in_([far.id, near.id]))) == []
    assert page.open(f"{root}?q={far.phone[3:]}").offers(f"{root}/walk-in")


def test_the_page_says_what_closing_does_and_then_it_is_done_once(
    visit: Visit, led: Any, wall_clock: Callable[[datetime], None]
) -> None:
    leader, shift, [one, _other], _people = led
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(root)
    assert not page.offers(f"{root}/close"), "nothing is said yet of two people"
    page.submit(f"{root}/{one.id}/check-in")
    page.open(root).submit(f"{root}/rest-absent")
    assert "Closed now" in page.text
    wall_clock(at(16, 30))
    page.open(root)
    assert "Not checked out: when did they leave?" in page.text
    data = page.filled(page.form(f"{root}/close"))
    assert data[f"left-{one.id}"] == "16:00"
    page.submit(f"{root}/close")
    assert "Service records written: 1" in page.text
    again = page.send("POST", f"{root}/close", data=data, headers=page.headers)
    assert again.status_code == 303
    page.send("POST", f"{root}/close", data=data | {"operation_key": "another"}, headers=page.headers)
    assert [r.minutes for r in factories.rows(select(ServiceRecord.minutes))] == [475]
    page.open(root)
    assert not page.offers(f"{root}/{one.id}/undo")


def test_a_closed_shift_s_record_is_corrected_with_a_reason(
    visit: Visit, led: Any, wall_clock: Callable[[datetime], None]
) -> None:
    leader, shift, [one, _other], _people = led
    root = f"/shifts/{shift.id}/roster"
    page = visit(leader.phone).open(root).submit(f"{root}/all-present")
    wall_clock(at(16, 30))
    page.open(root).submit(f"{root}/close")
    address = f"/shifts/{shift.id}/records/{one.id}"
    page.open(f"/shifts/{shift.id}/records")
    assert "People counted: 2. Hours in all: 16.0." in page.text
    page.open(address).submit(address, arrived="10:00")
    assert page.status == 422
    assert page.page.find(id="arrived")["value"] == "10:00"
    page.submit(address, reason="Came at ten")
    assert "Corrected: Li Ming." in page.text
    assert "People counted: 2. Hours in all: 14.0." in page.text
    assert "Came at ten" in page.text
    assert word(one) == (False, at(10), at(16))
    page.open(address).submit(address, came="no", reason="Was never there")
    assert "People counted: 1. Hours in all: 8.0." in page.text
    page.open(address).submit(address, came="yes", arrived="09:00", left="08:00", reason="Was there")
    assert page.status == 422
    assert "before the person arrived" in page.text


def test_others_rosters_and_others_people_lead_nowhere(visit: Visit, led: Any) -> None:
    _leader, shift, [one, _other], _people = led
    stranger = factories.secretary("320507001009")
    elsewhere = factories.shift(
        factories.call(factories.branch("320507001009", kind="action")), starts_at=START
    )
    theirs = factories.sign_up(elsewhere, factories.member(factories.branch()))
    page = visit(stranger.phone).open(f"/shifts/{elsewhere.id}/roster")
    assert page.status == 200
    data = page.filled(page.form(f"/shifts/{elsewhere.id}/roster/{theirs.id}/check-in"))
    send = lambda path: page.send("POST", path, data=data, headers=page.headers).status_code  # noqa: E731
    assert page.open(f"/shifts/{shift.id}/roster").status == 404
    assert page.open(f"/shifts/{shift.id}/records").status == 404
    assert page.open(f"/shifts/{10**25}/roster").status == 404
    for verb in ("check-in", "check-out", "times", "absent", "undo"):
        assert send(f"/shifts/{elsewhere.id}/roster/{one.id}/{verb}") == 404, "another shift's person"
        assert send(f"/shifts/{shift.id}/roster/{one.id}/{verb}") == 404, "another branch's shift"
    for verb in ("all-present", "rest-absent", "walk-in", "close"):
        assert send(f"/shifts/{shift.id}/roster/{verb}") == 404
    assert send(f"/shifts/{elsewhere.id}/records/{one.id}") == 404
    assert factories.count_of(Attendance) == 0
    member = factories.member(factories.branch())
    assert visit(member.phone).open(f"/shifts/{shift.id}/roster").status == 403


def test_the_roster_costs_as_many_queries_for_forty_as_for_two(visit: Visit, led: Any) -> None:
    leader, shift, _sign_ups, _people = led
    big = factories.shift(starts_at=START, capacity=40)
    for _ in range(40):
        factories.sign_up(big, factories.member(factories.branch()))
    page, addresses = visit(leader.phone), [f"/shifts/{one.id}/roster" for one in (shift, big)]
    counts: list[int] = []

    def listen(*_about: Any) -> None:
        counts[-1] += 1

    event.listen(db.engine, "before_cursor_execute", listen)
    for address in addresses:
        counts.append(0)
        page.open(address)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert counts[0] == counts[1] <= 6


def test_my_service_shows_what_the_ledger_sums_to(
    visit: Visit, led: Any, wall_clock: Callable[[datetime], None]
) -> None:
    leader, shift, _sign_ups, [li, wang] = led
    root = f"/shifts/{shift.id}/roster"
    empty = visit(li.phone).open("/my/service")
    assert "No service yet" in empty.text
    page = visit(leader.phone).open(root).submit(f"{root}/all-present", since="08:03")
    wall_clock(at(16, 30))
    page.open(root).submit(f"{root}/close")
    own = visit(li.phone).open("/my/service")
    assert "477 min in the ledger" in own.text
    assert "8.0" in own.text
    assert "92.1 hours to the next" in own.text
    assert wang.name not in own.text
