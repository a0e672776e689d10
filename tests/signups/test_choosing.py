"""The list of open shifts: what I can take now first, soonest and nearest; why I cannot take the others; filters."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Call, Member, Shift, SignUp, Skill
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE = "320507001002"


@pytest.fixture
def call(app: object) -> Call:
    return factories.call(factories.branch(VILLAGE, kind="action"))


@pytest.fixture
def who(app: object) -> Member:
    return factories.member(factories.branch(VILLAGE))


def listed(visitor: Visitor) -> list[int]:
    return [int(str(item["id"]).removeprefix("shift-")) for item in visitor.page.select("li.item")]


def said(visitor: Visitor, shift: Shift) -> str:
    row = visitor.page.select_one(f"#shift-{shift.id}")
    assert row is not None
    return " ".join(row.get_text(" ").split())


def links(visitor: Visitor, label: str) -> dict[str, str]:
    """The chips under this label."""
    return {
        a.get_text(strip=True): str(a["href"]) for a in visitor.page.select(f"nav[aria-label='{label}'] a")
    }


def test_first_what_i_can_take_then_what_i_hold_then_what_i_cannot(
    visit: Visit, call: Call, who: Member
) -> None:
    full = factories.shift(call, starts_at=factories.tomorrow(0), capacity=1)
    factories.sign_up(full, factories.member())
    mine = factories.shift(call, starts_at=factories.tomorrow(8))
    factories.sign_up(mine, who)
    tired = factories.shift(call, starts_at=factories.tomorrow(18))
    later = factories.shift(call, starts_at=factories.tomorrow(8) + timedelta(days=2))
    soon = factories.shift(call, starts_at=factories.tomorrow(8) + timedelta(days=1, hours=1))
    visitor = visit(who.phone).open("/shifts")
    assert listed(visitor) == [soon.id, later.id, mine.id, full.id, tired.id]
    assert "Yours" in said(visitor, mine)
    assert "Too little rest" in said(visitor, tired)
    assert visitor.offers(f"/shifts/{soon.id}/sign-up")
    assert not visitor.offers(f"/shifts/{tired.id}/sign-up")


def test_at_the_same_hour_the_nearest_is_first(visit: Visit) -> None:
    town = factories.call(factories.branch("320507001", kind="action"))
    own, grid, village = (f"{VILLAGE}-2", f"{VILLAGE}-3", "320507001005")
    places = [factories.checkpoint(unit_code=code) for code in ("320507001", village, grid, own)]
    shifts = [factories.shift(town, at) for at in places]
    who = factories.member(factories.branch(own))
    visitor = visit(who.phone).open("/shifts")
    assert listed(visitor) == [shifts[3].id, shifts[2].id, shifts[0].id, shifts[1].id]


def test_a_running_shift_can_still_be_joined(visit: Visit, call: Call, who: Member) -> None:
    running = factories.shift(call, starts_at=clock.now() - timedelta(hours=2))
    visitor = visit(who.phone).open("/shifts")
    assert "Under way" in said(visitor, running)
    visitor.submit(f"/shifts/{running.id}/sign-up")
    assert "You are signed up" in visitor.text


def test_each_reason_is_said(visit: Visit) -> None:
    strict = factories.branch(
        VILLAGE, kind="action", rest_hours=0, day_hours=12, week_hours=20, nights_in_row=1
    )
    call = factories.call(strict)
    who = factories.member(factories.branch(VILLAGE))
    monday = factories.tomorrow(0)
    while monday.astimezone(factories.LOCAL).weekday() != 0:
        monday += timedelta(days=1)

    def shift(day: int, hour: int, hours: int = 8, **values: object) -> Shift:
        return factories.shift(
            call, starts_at=monday + timedelta(days=day, hours=hour), hours=hours, **values
        )

    factories.sign_up(shift(0, 22), who)
    expected = {
        shift(0, 20, 4): "another shift at that time",
        shift(0, 12): "Too many hours on one day",
        shift(1, 22): "Too many nights in a row",
        shift(3, 6, 13): "Too many hours in one week",
        shift(4, 8, skill_id=factories.kept(Skill(name="nurse")).id): "Needs a skill",
    }
    visitor = visit(who.phone).open("/shifts")
    for each, words in expected.items():
        assert words in said(visitor, each)
        assert not visitor.offers(f"/shifts/{each.id}/sign-up")


def test_seats_that_open_later_say_when(visit: Visit, call: Call, who: Member) -> None:
    shift = factories.shift(
        call, capacity=4, taken=0, held_back=4, held_back_until=clock.now() + timedelta(hours=3)
    )
    visitor = visit(who.phone).open("/shifts")
    assert "More seats open" in said(visitor, shift)
    assert not visitor.offers(f"/shifts/{shift.id}/sign-up")
    assert visitor.offers(f"/shifts/{shift.id}/wait")


def test_filters_are_links_that_keep_each_other(visit: Visit, call: Call, who: Member) -> None:
    east, west = (factories.checkpoint(unit_code=VILLAGE, name=name) for name in ("East gate", "West gate"))
    wanted = factories.shift(call, east, starts_at=factories.tomorrow(8), post="registration")
    others = [
        factories.shift(call, east, starts_at=factories.tomorrow(8), post="order"),
        factories.shift(call, west, starts_at=factories.tomorrow(8), post="registration"),
        factories.shift(call, east, starts_at=factories.tomorrow(23), post="registration"),
        factories.shift(call, east, starts_at=factories.tomorrow(8) + timedelta(days=1), post="registration"),
    ]
    visitor = visit(who.phone).open("/shifts")
    assert len(listed(visitor)) == 1 + len(others)
    tomorrow = visitor.page.select("nav[aria-label='Days'] a")[2]
    visitor.open(str(tomorrow["href"]))
    assert len(listed(visitor)) == len(others)
    visitor.open(links(visitor, "Part of the day")["Morning"])
    visitor.open(links(visitor, "Place")["East gate"])
    visitor.open(links(visitor, "Post")["registration"])
    assert listed(visitor) == [wanted.id]
    assert "Morning, East gate, registration" in visitor.text
    visitor.open(links(visitor, "Post")["All posts"])
    assert len(listed(visitor)) == 2
    visitor.open(links(visitor, "Days")["All days"])
    assert len(listed(visitor)) == 3


def test_the_night_is_from_ten_to_six(visit: Visit, call: Call, who: Member) -> None:
    hours = {
        hour: factories.shift(call, starts_at=factories.tomorrow(hour), hours=1) for hour in (0, 5, 6, 21, 22)
    }
    visitor = visit(who.phone).open("/shifts?part=night")
    assert listed(visitor) == [hours[each].id for each in (0, 5, 22)]
    day = hours[0].day.isoformat()
    assert listed(visitor.open(f"/shifts?part=night&day={day}")) == [hours[each].id for each in (0, 5, 22)]
    assert listed(visitor.open(f"/shifts?part=evening&day={day}")) == [hours[21].id]


def test_what_no_filter_means_is_left_out(visit: Visit, call: Call, who: Member) -> None:
    shift = factories.shift(call)
    visitor = visit(who.phone)
    for asked in ("day=9999-12-31", "part=noon", "checkpoint=99999999999", "checkpoint=x", "page=-3"):
        assert listed(visitor.open(f"/shifts?{asked}")) == [shift.id], asked
    assert "Nothing open here" in visitor.open("/shifts?checkpoint=777").text


def test_every_shift_stands_on_one_page_and_what_can_be_taken_on_the_first(
    visit: Visit, call: Call, who: Member
) -> None:
    at = factories.checkpoint(unit_code=VILLAGE)
    days = range(60)
    made = [
        factories.shift(call, at, starts_at=factories.tomorrow(hour) + timedelta(days=day), capacity=1)
        for day in days
        for hour in (0, 8)
    ]
    db.session.execute(update(Shift).where(Shift.id.in_([s.id for s in made[:110]])).values(taken=1))
    db.session.commit()
    visitor = visit(who.phone).open("/shifts")
    first = listed(visitor)
    assert first[:10] == [s.id for s in made[110:]]
    following = visitor.page.select_one("a[rel=next]")
    assert following is not None
    second = listed(visitor.open(str(following["href"])))
    assert sorted(first + second) == sorted(s.id for s in made)


def test_the_list_costs_three_queries_whatever_is_asked_and_held(
    visit: Visit, call: Call, who: Member, count_queries: Callable[..., int]
) -> None:
    shifts = [factories.shift(call, starts_at=factories.tomorrow(8) + timedelta(days=n)) for n in range(6)]
    visitor = visit(who.phone)
    for shift in shifts[:3]:
        factories.sign_up(shift, who)
    day = shifts[4].day.isoformat()
    for url in ("/shifts", f"/shifts?day={day}&part=morning&checkpoint={shifts[4].checkpoint_id}&post="):
        assert count_queries(lambda url=url: visitor.open(url)) <= 3


# --- undo ---------------------------------------------------------------------------------------------


def test_what_was_just_taken_can_be_undone_even_past_the_cut_off(
    visit: Visit, call: Call, who: Member
) -> None:
    shift = factories.shift(call, starts_at=clock.now() + timedelta(minutes=10))
    visitor = visit(who.phone).open("/shifts").submit(f"/shifts/{shift.id}/sign-up")
    form = visitor.page.find("form", attrs={"data-lapses": "10"})
    assert form is not None, "Undo is offered for ten seconds"
    assert "Undo" in form.get_text()
    visitor.submit(f"/shifts/{shift.id}/give-back")
    assert "Undone" in visitor.text
    assert factories.scalar(select(SignUp.status)) == "cancelled"


def test_after_ten_seconds_it_is_given_back_in_the_usual_way(visit: Visit, call: Call, who: Member) -> None:
    shift = factories.shift(call)
    factories.sign_up(shift, who)
    visitor = visit(who.phone).open("/my/shifts")
    assert visitor.page.find("form", attrs={"data-lapses": True}) is None
    assert "Given back" in visitor.submit(f"/shifts/{shift.id}/give-back").text


# --- several at once -------------------------------------------------------------------------------------


def test_several_are_taken_at_once_and_each_is_answered_for_itself(
    visit: Visit, call: Call, who: Member
) -> None:
    one, gone, clash, two = (
        factories.shift(call, starts_at=factories.tomorrow(0) + timedelta(hours=hour), capacity=1)
        for hour in (8, 80, 10, 40)
    )
    visitor = visit(who.phone).open("/shifts")
    boxes = {str(box["value"]) for box in visitor.page.select("input[name=shift][form=several]")}
    assert boxes == {str(each.id) for each in (one, gone, clash, two)}
    factories.sign_up(gone, factories.member())
    visitor.submit("/shifts/sign-up", shift=[one.id, clash.id, two.id, gone.id])
    assert "Signed up: 2 of 4" in visitor.text
    assert "stands below" in visitor.text
    assert "Yours" in said(visitor, one)
    assert "Yours" in said(visitor, two)
    assert "another shift at that time" in said(visitor, clash)
    assert "1/1" in said(visitor, gone).replace(" ", "")
    assert visitor.offers(f"/shifts/{gone.id}/wait")
    held = factories.rows(
        select(SignUp.shift_id).where(SignUp.member_id == who.id, SignUp.status == "confirmed")
    )
    assert {row.shift_id for row in held} == {one.id, two.id}


def test_of_two_that_overlap_the_first_ticked_is_taken_whatever_its_number(
    visit: Visit, call: Call, who: Member
) -> None:
    later = factories.shift(call, starts_at=factories.tomorrow(12))
    sooner = factories.shift(call, starts_at=factories.tomorrow(8))
    visitor = visit(who.phone).open("/shifts")
    visitor.submit("/shifts/sign-up", shift=[sooner.id, later.id])
    assert factories.scalar(select(SignUp.shift_id)) == sooner.id


def test_the_same_ticks_sent_again_answer_the_same(visit: Visit, call: Call, who: Member) -> None:
    shifts = [factories.shift(call, starts_at=factories.tomorrow(8) + timedelta(days=n)) for n in range(3)]
    visitor = visit(who.phone).open("/shifts")
    data = visitor.filled(visitor.form("/shifts/sign-up")) | {"shift": [s.id for s in shifts]}
    answers = [
        visitor.send("POST", "/shifts/sign-up", data=data, headers=visitor.headers) for _again in range(2)
    ]
    assert [a.status_code for a in answers] == [303, 303]
    assert len({a.headers["Location"] for a in answers}) == 1
    assert factories.count_of(SignUp) == 3


def test_nothing_ticked_and_nothing_possible_are_refused_in_words(
    visit: Visit, call: Call, who: Member
) -> None:
    shift = factories.shift(call, capacity=1)
    visitor = visit(who.phone).open("/shifts")
    visitor.submit("/shifts/sign-up")
    assert (visitor.status, "Tick the shifts" in visitor.text) == (422, True)
    factories.sign_up(shift, factories.member())
    visitor.submit("/shifts/sign-up", shift=[shift.id])
    assert (visitor.status, "None of them was possible" in visitor.text) == (409, True)


def test_what_is_not_mine_to_take_is_not_taken_by_a_forged_tick(
    visit: Visit, call: Call, who: Member
) -> None:
    own = factories.shift(call)
    foreign = factories.shift(factories.call(factories.branch("320507002001", kind="action")))
    visitor = visit(who.phone).open("/shifts")
    visitor.submit("/shifts/sign-up", shift=[foreign.id, own.id, "x", "9" * 30])
    assert factories.rows(select(SignUp.shift_id)) == [(own.id,)]
    assert listed(visitor) == [own.id]
    assert listed(visitor.open(f"/shifts/ticked?shift={foreign.id}")) == []


def test_past_the_cut_off_the_row_leads_to_what_is_still_possible(
    visit: Visit, call: Call, who: Member
) -> None:
    shift = factories.shift(call, starts_at=clock.now() + timedelta(minutes=30))
    factories.sign_up(shift, who)
    visitor = visit(who.phone).open("/my/shifts")
    assert not visitor.offers(f"/shifts/{shift.id}/give-back")
    assert visitor.page.find("a", href=f"/shifts/{shift.id}/cannot-come")
