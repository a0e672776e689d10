"""A coordinator's morning: what looks odd comes first with its reason, the rest is one press; nothing is verified twice."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.attendance import actions as attendance
from mobilizer.attendance.taking_over import take_over
from mobilizer.attendance.way_rules import Nearness
from mobilizer.extensions import begin_write, db
from mobilizer.hours import actions as hours
from mobilizer.hours import verification_actions as actions
from mobilizer.hours import verification_queries as queries
from mobilizer.hours.verification_rules import Cut, Look
from mobilizer.model import JournalEntry, Notice, ServiceRecord, Shift, Verification
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import START, at, at_once, committed, later, refused
from tests.visitor import Visitor

UNIT = "320507001002"
DAY = START.astimezone(factories.LOCAL).date()
CUT = Cut("320507001", DAY, DAY)
Times = tuple[Any, Any]


def served(*times: Times, who: list[Any] | None = None, shift: Shift | None = None, **made: Any) -> list[int]:
    """A closed shift at which people were there from when until when; answers their entries in that order."""
    shift = shift or factories.shift(starts_at=START, **made)
    people = who or [factories.member(factories.branch()) for _ in times]
    sign_ups = [factories.sign_up(shift, each) for each in people]
    for sign_up, (arrived, left) in zip(sign_ups, times, strict=True):
        committed(attendance.set_times, sign_up.id, arrived=arrived, left=left, now=at(24))
    committed(hours.close_shift, shift.id, now=at(25))
    entries = {
        row.sign_up_id: row.id
        for row in factories.rows(select(ServiceRecord.id, ServiceRecord.sign_up_id))
        if row.sign_up_id
    }
    return [entries[sign_up.id] for sign_up in sign_ups]


def looks() -> dict[str, int]:
    db.session.rollback()
    return {str(look): count for look, count in queries.counts(CUT).items() if count}


def odd(record_id: int) -> set[str]:
    db.session.rollback()
    line = next(each for each in queries.lines(CUT, Look.ODD) if each.id == record_id)
    return {name for name in queries.REASONS if getattr(line, name)}


def test_an_ordinary_shift_looks_plain(app: Flask) -> None:
    served((at(8), at(16)), (at(8), at(15, 50)))
    served((at(16), at(23)), shift=factories.shift(starts_at=at(16)))
    assert looks() == {"plain": 3}


def test_over_twelve_hours_is_odd_and_twelve_are_not(app: Flask) -> None:
    [twelve] = served((at(8), at(20)), hours=14)
    [more] = served((at(8), at(20, 1)), hours=14)
    assert odd(more) == {"long"}
    assert looks() == {"odd": 1, "plain": 1}
    assert queries.line(twelve).look == "plain"  # type: ignore[union-attr]


def test_whoever_is_counted_twice_at_once_is_odd_at_both(app: Flask) -> None:
    who = factories.member(factories.branch())
    [one] = served((at(8), at(16)), who=[who])
    other = factories.shift(starts_at=at(16))
    [two] = served((at(16), at(20)), who=[who], shift=other)
    assert looks() == {"plain": 2}, "one after the other is no contradiction"
    entry = dict(factories.rows(select(ServiceRecord.__table__).where(ServiceRecord.id == two))[0]._mapping)
    written = {name: entry[name] for name in entry if name not in ("id", "district_code", "position", "hash")}
    again = written | {"source": "sheet", "reference": "old.xlsx row 3", "sign_up_id": None, "shift_id": None}
    again |= {"starts_at": at(15), "ends_at": at(15, 30), "minutes": 30}

    def enter(*, by: Any) -> None:
        hours.ledger.enter([again])

    committed(enter)
    assert odd(one) == {"twice"}
    assert [line.source for line in queries.lines(CUT, Look.ODD)].count("sheet") == 1
    assert looks() == {"odd": 2, "plain": 1}


def test_a_check_in_elsewhere_at_the_same_time_is_odd(app: Flask) -> None:
    who = factories.member(factories.branch())
    later_shift = factories.shift(starts_at=at(16))
    sign_up = factories.sign_up(later_shift, who)
    [one] = served((at(8), at(16)), who=[who])
    committed(attendance.check_in, sign_up.id, at=at(15, 20), now=at(15, 20))
    assert odd(one) == {"twice"}


def test_far_away_says_how_far(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    sign_up = factories.sign_up(shift, factories.member(factories.branch()))
    committed(attendance.check_in, sign_up.id, way="poster", nearness=Nearness(False, 830), now=at(8))
    committed(attendance.check_out, sign_up.id, now=at(15))
    committed(hours.close_shift, shift.id, now=at(16))
    [line] = queries.lines(CUT, Look.ODD)
    assert (line.far, line.distance_m) == (True, 830)


@pytest.mark.parametrize(("distance", "look"), [(300, "plain"), (310, "odd")])
def test_beyond_the_branchs_radius_is_far_though_the_phone_was_unsure(
    app: Flask, distance: int, look: str
) -> None:
    call = factories.call(factories.branch(kind="action", poster_radius_m=300))
    shift = factories.shift(call, starts_at=START)
    sign_up = factories.sign_up(shift, factories.member(factories.branch()))
    committed(attendance.check_in, sign_up.id, way="poster", nearness=Nearness(True, distance), now=at(8))
    committed(attendance.check_out, sign_up.id, now=at(15))
    committed(hours.close_shift, shift.id, now=at(16))
    assert looks() == {look: 1}


def test_one_minute_for_everyone_is_odd_from_three_people_on(app: Flask) -> None:
    served(*[(at(8), at(16))] * 2)
    assert looks() == {"plain": 2}
    three = served(*[(at(8), at(16))] * 3)
    assert odd(three[0]) == {"same"}
    served(*[(at(8), at(16))] * 2, (at(8, 2), at(16)))
    assert looks() == {"plain": 5, "odd": 3}


def test_a_roll_call_at_the_beginning_is_not_odd_but_three_posters_scanned_at_once_are(app: Flask) -> None:
    called, scanned = factories.shift(starts_at=START), factories.shift(starts_at=START)
    for shift in (called, scanned):
        people = [factories.sign_up(shift, factories.member(factories.branch())) for _ in range(3)]
        if shift is scanned:
            for each in people:
                committed(attendance.check_in, each.id, way="poster", now=at(8))
        else:
            committed(attendance.all_present, shift.id, at=at(8), now=at(8, 5))
        for each in people:
            committed(attendance.check_out, each.id, now=at(15, 59))
        committed(hours.close_shift, shift.id, now=at(16))
    assert looks() == {"plain": 3, "odd": 3}
    assert {line.shift_id for line in queries.lines(CUT, Look.ODD)} == {scanned.id}


def test_more_people_than_seats_are_odd(app: Flask) -> None:
    full = served((at(8), at(16)), (at(8), at(15)), capacity=2)
    shift_id = factories.scalar(select(ServiceRecord.shift_id))
    begin_write()
    db.session.execute(update(Shift).where(Shift.id == shift_id).values(taken=1, capacity=1))
    db.session.commit()
    assert odd(full[0]) == odd(full[1]) == {"crowd"}


def test_who_took_over_inside_the_shift_is_on_the_same_seat(app: Flask) -> None:
    shift = factories.shift(starts_at=START, capacity=1)
    first = factories.sign_up(shift, factories.member(factories.branch()))
    committed(attendance.set_times, first.id, arrived=at(8), left=at(12), now=at(12))
    second = committed(take_over, first.id, factories.member(factories.branch()).id, at=at(12), now=at(12))
    committed(attendance.check_out, second, at=at(15), now=at(15))
    committed(hours.close_shift, shift.id, now=at(16))
    assert looks() == {"plain": 2}


def test_a_newcomer_is_odd_the_first_time_only(app: Flask) -> None:
    who = factories.member(factories.branch(), standing="volunteer")
    [first] = served((at(8), at(12)), who=[who])
    served((at(17), at(18)), who=[who], shift=factories.shift(starts_at=at(16)))
    served((at(8), at(12)))
    assert odd(first) == {"first"}
    assert looks() == {"odd": 1, "plain": 2}


def test_what_was_corrected_comes_back_as_unverified(app: Flask) -> None:
    [one] = served((at(8), at(16)))
    assert committed(actions.verify, [one], unit_code=UNIT, now=at(26)) == 1
    assert looks() == {"verified": 1}
    sign_up = factories.scalar(select(ServiceRecord.sign_up_id))
    correct = {"arrived": at(9), "left": at(16), "reason": "Came at nine", "now": at(27)}
    committed(hours.correct, sign_up, instead_of=one, **correct)
    [line] = queries.lines(CUT, Look.ODD)
    assert (line.corrected, line.reason, line.minutes) == (True, "Came at nine", 420)


def test_a_proposed_leaving_time_is_told_apart(app: Flask) -> None:
    shift = factories.shift(starts_at=START)
    sign_up = factories.sign_up(shift, factories.member(factories.branch()))
    committed(attendance.check_in, sign_up.id, at=at(8), now=at(8))
    committed(hours.close_shift, shift.id, now=at(17))
    assert looks() == {"proposed": 1}
    assert committed(actions.verify_all, CUT, Look.PROPOSED, through=10**6, now=at(26)) == 1


def test_all_that_is_plain_is_verified_at_once_and_what_came_later_is_not(app: Flask) -> None:
    served((at(8), at(16)), (at(8), at(15)))
    [long] = served((at(8), at(21)), hours=14)
    through = queries.last_record()
    served((at(9), at(10)))
    assert committed(actions.verify_all, CUT, Look.PLAIN, through=through, now=at(26)) == 2
    assert looks() == {"odd": 1, "plain": 1, "verified": 2}
    with pytest.raises(ValueError, match="unseen"):
        committed(actions.verify_all, CUT, Look.ODD, through=through, now=at(26))
    assert committed(actions.verify, [long], unit_code="320507001003", now=at(26)) == 0, "of another unit"
    assert committed(actions.verify, [long, 10**9], unit_code="320507", now=at(26)) == 1


def test_two_coordinators_at_once_verify_once(app: Flask) -> None:
    served(*[(at(8, n), at(16)) for n in range(4)])
    act = later(actions.verify_all, CUT, Look.PLAIN, through=10**6, now=at(26))
    assert sorted(at_once(app, *[act] * 4)) == [0, 0, 0, 4]
    assert factories.count_of(Verification) == 4
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("service-record.verified") == 1


def test_a_question_tells_the_branch_and_stays_until_it_is_verified(app: Flask) -> None:
    branch = factories.branch(kind="action")
    leader = factories.member(factories.branch())
    factories.appointment(leader, Role.SECRETARY, branch=branch)
    [one] = served((at(8), at(16)), shift=factories.shift(factories.call(branch), starts_at=START))
    committed(actions.question, one, "Was this the whole day?", now=at(26))
    refused("record-settled", actions.question, one, "Again?", now=at(26))
    [notice] = factories.rows(select(Notice.member_id, Notice.kind, Notice.details))
    assert (notice.member_id, notice.kind) == (leader.id, "record-questioned")
    assert notice.details["why"] == "Was this the whole day?"
    assert looks() == {"questioned": 1}
    assert committed(actions.verify_all, CUT, Look.PLAIN, through=10**6, now=at(27)) == 0
    assert committed(actions.verify, [one], unit_code=UNIT, now=at(27)) == 1
    assert looks() == {"verified": 1}
    committed(hours.reverse, one, reason="Was not there", now=at(28))
    refused("record-reversed", actions.question, one, "And now?", now=at(29))
    assert looks() == {}


# --- the page -------------------------------------------------------------------------------------------

Visit = Callable[..., Visitor]
PAGE = "/hours/verification"


@pytest.fixture
def coordinator(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Any:
    """The morning after."""
    who = factories.member(factories.branch("320507001"))
    factories.appointment(who, Role.COORDINATOR, unit_code="320507001")
    monkeypatch.setattr(clock, "now", lambda: at(34))
    return who


def test_the_morning_begins_with_yesterday_and_what_is_odd(visit: Visit, coordinator: Any) -> None:
    who = factories.member(factories.branch(), name="Li Ming")
    [long] = served((at(8), at(21)), hours=14, who=[who])
    served((at(8), at(16)), (at(8), at(15)))
    page = visit(coordinator.phone).open("/").open(PAGE)
    assert page.page.find("a", href=PAGE, attrs={"aria-current": "page"}), "there is a way there"
    assert "Verified: 0 of 3" in page.text
    assert "Over 12 hours" in page.text
    assert "Li Ming" in page.text
    assert "Nothing is odd about 2 records" in page.text
    page.submit(f"{PAGE}/all")
    assert "Verified: 2." in page.text
    assert "Verified: 2 of 3" in page.text
    page.submit(f"{PAGE}/ticked")
    assert page.status == 422
    assert "Nothing is ticked" in page.text
    page.submit(f"{PAGE}/ticked", record=[str(long)])
    assert "Verified: 3 of 3" in page.text
    assert "Nothing looks odd" in page.text


def test_a_box_may_stand_for_a_whole_shift_and_a_repeat_says_that_it_is_done(
    visit: Visit, coordinator: Any
) -> None:
    records = served(*[(at(8), at(16))] * 3)
    page = visit(coordinator.phone).open(PAGE)
    assert "One minute for everyone" in page.text
    data = page.filled(page.form(f"{PAGE}/ticked")) | {"record": [",".join(map(str, records)), "x", "1,²"]}
    other = visit(coordinator.phone).open(PAGE)
    page.submit(f"{PAGE}/ticked", record=data["record"])
    assert "Verified: 3." in page.text
    other.submit(f"{PAGE}/ticked", record=data["record"])
    assert "somebody has done it already" in other.text


def test_a_question_is_asked_on_a_page_of_its_own_and_leads_back(visit: Visit, coordinator: Any) -> None:
    [long] = served((at(8), at(21)), hours=14)
    page = visit(coordinator.phone).open(PAGE)
    address = f"/hours/records/{long}/question"
    link = next(a["href"] for a in page.page.find_all("a", href=True) if a["href"].startswith(address))
    page.open(str(link)).submit(address, note=" ")
    assert page.status == 422
    page.submit(address, note="Thirteen hours?")
    assert "The branch is told" in page.text
    assert "Questioned (1)" in page.text
    page.open(f"{PAGE}?what=questioned")
    assert "Thirteen hours?" in page.text
    page.open(f"{PAGE}?what=verified")
    assert "None of this kind." in page.text


def test_a_period_that_cannot_be_is_said_and_what_lies_elsewhere_is_not_seen(
    visit: Visit, coordinator: Any
) -> None:
    branch = factories.branch("320507002001", kind="action")
    [elsewhere] = served((at(8), at(16)), shift=factories.shift(factories.call(branch), starts_at=START))
    page = visit(coordinator.phone).open(f"{PAGE}?from=2026-11-05&to=2026-11-01")
    assert page.status == 422
    assert page.open(f"{PAGE}?from=2026-01-01&to=2026-11-01").status == 422
    assert page.open(f"{PAGE}?from=x&to=").status == 422
    assert page.open(f"{PAGE}?unit=320507002").status == 404
    assert page.open(f"/hours/records/{elsewhere}/question").status == 404
    page.open(PAGE)
    assert "No service records of these days" in page.text
    member = factories.member(factories.branch())
    assert visit(member.phone).open(PAGE).status == 404


def test_the_page_costs_as_many_queries_for_many_as_for_one(
    visit: Visit, coordinator: Any, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    page = visit(coordinator.phone)
    served((at(8), at(21)), hours=14)
    one = count_queries(lambda: page.open(PAGE))
    for _ in range(3):
        served(*[(at(8), at(16))] * 4)
    assert count_queries(lambda: page.open(PAGE)) == one


def test_a_long_list_is_paged(monkeypatch: pytest.MonkeyPatch, visit: Visit, coordinator: Any) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    served(*[(at(8), at(16))] * 3)
    page = visit(coordinator.phone).open(PAGE)
    assert len(page.page.select("li.item")) == 2
    page.open(str(page.page.find("a", rel="next")["href"]))
    assert len(page.page.select("li.item")) == 1
