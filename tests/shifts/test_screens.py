"""A week of shifts in two screens, and what is said to whoever asks for the impossible."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.model import Branch, Call, LayOut, Member, Shift
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def branch(app: Flask) -> Branch:
    made = factories.branch(kind="action")
    for n in range(5):
        factories.checkpoint(made, f"Gate {n}")
    return made


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


@pytest.fixture
def call(branch: Branch) -> Call:
    return factories.call(branch)


def today() -> date:
    return clock.now().astimezone(factories.LOCAL).date()


def address(call: Call) -> str:
    return f"/calls/{call.id}/shifts/new"


def looked(visitor: Visitor, call: Call, **changes: Any) -> Visitor:
    """The form as it stands, with these changes, sent to look at the shifts."""
    data = visitor.filled(visitor.open(address(call)).form(address(call))) | changes
    return visitor.open(address(call) + "?" + urlencode(data, doseq=True))


def test_105_shifts_are_two_screens_and_no_input(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    assert "Shifts: 105." in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 105
    days = {row.day for row in factories.rows(select(Shift.day))}
    assert (min(days), max(days)) == (today() + timedelta(days=1), today() + timedelta(days=7))


def test_laying_out_again_says_what_is_there_and_changes_nothing(
    visit: Visit, call: Call, leader: Member
) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call))
    looked(visitor, call)
    assert "There already and left as they are: 105." in visitor.text
    looked(visitor, call, last=(today() + timedelta(days=8)).isoformat())
    assert "Shifts: 15." in visitor.text
    visitor.submit(address(call))
    assert "Shifts laid out: 15. There already and left as they were: 105." in visitor.text
    assert factories.count_of(Shift) == 120


def test_own_times_may_be_typed_as_people_type_them(visit: Visit, call: Call, leader: Member) -> None:
    day = (today() + timedelta(days=1)).isoformat()
    visitor = looked(
        visit(leader.phone), call, pattern="own", times="４：３０至８：００、20点—次日8点", last=day
    )
    assert "Shifts: 10." in visitor.text
    assert "20:00–08:00" in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 10


def test_shifts_of_today_that_are_over_are_left_out_and_said_so(
    visit: Visit, call: Call, leader: Member
) -> None:
    day = today().isoformat()
    visitor = looked(
        visit(leader.phone), call, first=day, last=day, pattern="own", times="00:00-00:01, 00:00-24:00"
    )
    assert "Over already and left out: 5." in visitor.text
    visitor.submit(address(call))
    assert factories.count_of(Shift) == 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"checkpoints": []}, "at least one checkpoint"),
        ({"checkpoints": ["999999"]}, "Please choose one of the list."),
        ({"checkpoints": ["nothing"]}, ""),
        ({"checkpoints": ["9" * 5000]}, ""),
        ({"weekdays": []}, "at least one weekday"),
        ({"first": "2026-02-30"}, "There is no such day."),
        ({"first": "tomorrow"}, "There is no such day."),
        ({"first": "2020-01-01"}, "in the past"),
        ({"last": "2020-01-01"}, "The last day comes before the first."),
        ({"last": "9999-12-31"}, "more than a year ahead"),
        ({"capacity": "0"}, "1 to 500 people"),
        ({"capacity": "501"}, "1 to 500 people"),
        ({"capacity": "-3"}, "1 to 500 people"),
        ({"capacity": "9" * 5000}, ""),
        ({"capacity": "a few"}, ""),
        ({"pattern": "7x3"}, ""),
        ({"least": "-1"}, "between 0 and the seats"),
        ({"least": "3"}, "between 0 and the seats"),
        ({"overlap": "121"}, "0 to 120 minutes"),
        ({"pattern": "own", "times": "8-8", "overlap": "1"}, "more than 24 hours"),
        ({"post": "x" * 21}, "At most 20"),
        ({"capacity_2": "3"}, "Each post is named once"),
        ({"post_2": "order", "capacity_2": "501"}, "1 to 500 people"),
        ({"staged": "y", "held_back_until": ""}, "a moment to come"),
        ({"staged": "y", "held_back_until": "2020-01-01T08:00"}, "a moment to come"),
        ({"pattern": "own", "times": ""}, "Please write the times"),
        ({"pattern": "own", "times": "0:00-300:00"}, "goes beyond 24:00"),
        ({"pattern": "own", "times": "soon"}, "cannot be read as a time"),
    ],
)
def test_what_cannot_be_laid_out_is_said_at_its_field_and_kept_nowhere(
    visit: Visit, call: Call, leader: Member, changes: dict[str, Any], said: str
) -> None:
    visitor = looked(visit(leader.phone), call, **changes)
    assert visitor.status == 422
    assert said in visitor.text
    assert visitor.page.select(".error")
    token = visitor.open("/me").page.find("input", {"name": "csrf_token"})["value"]
    looked(visitor, call)
    form = visitor.filled(visitor.page.find("form", method="post", action=address(call)))
    answer = visitor.send(
        "POST", address(call), data=form | changes | {"csrf_token": token}, headers=visitor.headers
    )
    assert answer.status_code == 422
    assert factories.count_of(Shift) == 0


def test_another_branchs_checkpoint_cannot_be_sent(visit: Visit, call: Call, leader: Member) -> None:
    strange = factories.checkpoint(factories.branch("320507002003", kind="action"))
    visitor = looked(visit(leader.phone), call)
    visitor.submit(address(call), checkpoints=[str(strange.id)])
    assert visitor.status == 422
    assert factories.count_of(Shift) == 0


def test_a_repeated_confirmation_answers_as_the_first_did(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    data = visitor.filled(visitor.form(address(call)))
    for _again in range(2):
        answer = visitor.send("POST", address(call), data=data, headers=visitor.headers)
        assert answer.status_code == 303
        assert "Shifts laid out: 105." in visitor.open(answer.headers["Location"]).text
    assert factories.count_of(Shift) == 105


def test_a_branch_without_checkpoints_is_told_so(visit: Visit) -> None:
    bare = factories.branch(kind="action")
    who = factories.member()
    factories.appointment(who, Role.SECRETARY, branch=bare)
    call = factories.call(bare)
    assert "no checkpoint yet" in visit(who.phone).open(address(call)).text


def test_the_form_can_be_changed_again_with_what_was_chosen(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call, capacity="7")
    back = visitor.page.find("a", string="Change")
    assert back is not None
    visitor.open(str(back["href"]))
    assert visitor.page.find("input", {"name": "capacity"})["value"] == "7"


# --- posts, stages, and the numbers of single shifts ------------------------------------------------------------------


def keys(visitor: Visitor) -> list[str]:
    return [str(each["value"]) for each in visitor.page.select("input[name=keep]")]


def test_single_shifts_are_unticked_and_given_other_numbers(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call)
    _first, second, *others = keys(visitor)
    assert len(others) == 103
    visitor.submit(address(call), keep=[second, *others], **{f"seats-{second}": "9", f"least-{second}": "4"})
    assert "Shifts laid out: 104." in visitor.text
    assert factories.count_of(Shift) == 104
    other = factories.rows(select(Shift.capacity, Shift.least).where(Shift.capacity != 2))
    assert [tuple(row) for row in other] == [(9, 4)]


@pytest.mark.parametrize("typed", ["0", "501", "many", "", "-1", "9" * 5000, "²"])
def test_a_number_that_does_not_hold_is_said_beside_it_and_nothing_typed_is_lost(
    visit: Visit, call: Call, leader: Member, typed: str
) -> None:
    visitor = looked(visit(leader.phone), call)
    first, second, last = keys(visitor)[0], keys(visitor)[1], keys(visitor)[-1]
    visitor.submit(
        address(call),
        keep=[each for each in keys(visitor) if each != first],
        **{f"seats-{last}": typed, f"seats-{second}": "7"},
    )
    assert visitor.status == 422
    assert factories.count_of(Shift) == 0
    wrong = visitor.page.find("input", {"name": f"seats-{last}"})
    assert (wrong["value"], wrong["aria-invalid"]) == (typed, "true")
    assert wrong.find_parent("details").has_attr("open")
    assert visitor.page.find("input", {"name": f"seats-{second}"})["value"] == "7"
    assert not visitor.page.find("input", {"value": first}).has_attr("checked")
    visitor.submit(address(call), **{f"seats-{last}": "3"})
    assert "Shifts laid out: 104." in visitor.text


def test_nothing_ticked_is_nothing_laid_out(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call), keep=[])
    assert visitor.status == 422
    assert "Please tick at least one shift." in visitor.text
    assert factories.count_of(Shift) == 0


def test_each_post_has_its_own_seats_least_number_and_skill(visit: Visit, call: Call, leader: Member) -> None:
    nurse = factories.skill("Nurse")
    visitor = looked(
        visit(leader.phone),
        call,
        post="registration",
        post_2="temperature",
        capacity_2="1",
        least_2="0",
        skill_2=str(nurse.id),
        post_4="order",
    )
    assert "Shifts: 315." in visitor.text
    visitor.submit(address(call))
    posts = factories.rows(
        select(Shift.post, Shift.capacity, Shift.least, Shift.skill_id).distinct().order_by(Shift.post)
    )
    assert [tuple(row) for row in posts] == [
        ("order", 2, 1, None),
        ("registration", 2, 1, None),
        ("temperature", 1, 0, nurse.id),
    ]


def test_half_of_the_seats_open_later_where_the_shift_has_not_begun_by_then(
    visit: Visit, call: Call, leader: Member
) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    visitor = looked(visit(leader.phone), call, capacity="5", staged="y")
    assert "Half of the seats are open at once" in visitor.text
    assert "the shifts that begin before that: 10." in visitor.text
    key = keys(visitor)[-1]
    visitor.submit(address(call), **{f"seats-{key}": "1"})
    back = factories.rows(
        select(Shift.held_back, Shift.held_back_until, Shift.starts_at).order_by(Shift.starts_at)
    )
    assert [row.held_back for row in back].count(2) == 94
    assert {row.held_back for row in back} == {0, 2}
    until = {row.held_back_until for row in back if row.held_back}
    assert {each.astimezone(factories.LOCAL).isoformat()[:16] for each in until} == {f"{tomorrow}T08:00"}


def test_a_hand_over_lets_each_shift_end_later(visit: Visit, call: Call, leader: Member) -> None:
    looked(visit(leader.phone), call, overlap="30").submit(address(call))
    lengths = {row.ends_at - row.starts_at for row in factories.rows(select(Shift.starts_at, Shift.ends_at))}
    assert lengths == {timedelta(hours=8, minutes=30)}


def test_what_is_laid_out_can_be_taken_back_from_the_call(visit: Visit, call: Call, leader: Member) -> None:
    visitor = looked(visit(leader.phone), call).submit(address(call))
    visitor.open(str(visitor.page.find("a", string="Take this lay-out back")["href"]))
    assert "105" in visitor.text
    visitor.submit(f"/lay-outs/{factories.scalar(select(LayOut.id))}/take-back")
    assert factories.count_of(Shift) == 0
    assert "taken back" in visitor.text
