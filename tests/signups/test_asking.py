"""“I can't come”, asking somebody, coming together: the screens, for each person what they were promised."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Branch, JournalEntry, Member, MemberSkill, Notice, Shift, SignUp, Skill
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.usefixtures("app")


NAMES = ("".join(letters) for letters in product("bdfgh", "aeiou", "lmnrs", "aeiou", "ktvxz"))
"""No number in them, which a search would find in somebody's phone."""


def people(count: int, home: Branch | None = None) -> list[Member]:
    home = home or factories.branch()
    return [factories.member(home, next(NAMES).title()) for _ in range(count)]


def states(shift: Shift) -> dict[int, str]:
    found = select(SignUp.member_id, SignUp.status).where(SignUp.shift_id == shift.id).order_by(SignUp.id)
    return dict(factories.rows(found))


def told(who: Member) -> list[str]:
    found = select(Notice.kind).where(Notice.member_id == who.id).order_by(Notice.id)
    return [row.kind for row in factories.rows(found)]


def journalled(kind: str) -> list[dict[str, object]]:
    found = select(JournalEntry.details).where(JournalEntry.kind == kind)
    return [row.details for row in factories.rows(found)]


def soon(minutes: int = 30, **values: object) -> Shift:
    """A shift that begins within the branch's cut-off."""
    return factories.shift(starts_at=clock.now() + timedelta(minutes=minutes), **values)


def sent(visitor: Visitor, form: str, to: str, **fields: object) -> int:
    """Send the form on the page to another address or with other fields, as somebody who forges it."""
    data = visitor.filled(visitor.form(form)) | fields
    return visitor.send("POST", to, data=data, headers=visitor.headers).status_code


# --- I can't come: give back ---------------------------------------------------------------------------


def test_before_the_cut_off_it_can_be_given_back(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    who, waits = people(2)
    factories.sign_up(shift, who)
    factories.sign_up(shift, waits, status="waitlisted")
    page = visit(who.phone).open(f"/shifts/{shift.id}")
    assert page.page.find("a", href=f"/shifts/{shift.id}/cannot-come")
    page.open(f"/shifts/{shift.id}/cannot-come")
    assert "Somebody waits for it and is asked at once" in page.text
    assert "Tell the branch" not in page.text
    page.submit(f"/shifts/{shift.id}/give-back")
    assert states(shift) == {who.id: "cancelled", waits.id: "offered"}
    page.open(f"/shifts/{shift.id}/cannot-come")
    assert "You do not hold this shift" in page.text


def test_a_comrades_phone_cannot_be_guessed_digit_by_digit(visit: Visit) -> None:
    shift = factories.shift(capacity=2)
    who, comrade = people(2)
    factories.sign_up(shift, who)
    page = visit(who.phone)
    for where in (f"/shifts/{shift.id}/cannot-come", f"/shifts/{shift.id}/together"):
        assert comrade.name in page.open(f"{where}?q={comrade.name}").text
        for digits in (comrade.phone, comrade.phone[-4:], comrade.phone[3:5]):
            assert comrade.name not in page.open(f"{where}?q={digits.replace('+', '%2B')}").text


def test_another_branchs_shift_has_no_such_page(visit: Visit) -> None:
    elsewhere = factories.shift(factories.call(factories.branch("320507002001", kind="action")))
    page = visit(people(1)[0].phone)
    assert page.open(f"/shifts/{elsewhere.id}/cannot-come").status == 404
    assert page.open(f"/shifts/{elsewhere.id}/together").status == 404


# --- I can't come: hand over -----------------------------------------------------------------------------


def test_a_seat_goes_to_a_named_person_who_accepts_and_is_never_empty(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    giver, taker = people(2)
    factories.sign_up(shift, giver)
    page = visit(giver.phone).open(f"/shifts/{shift.id}/cannot-come")
    page.submit(f"/shifts/{shift.id}/hand-over")
    assert f"{taker.name} is asked to take it over" in page.text
    assert states(shift) == {giver.id: "confirmed", taker.id: "offered"}
    assert told(taker) == ["hand-over"]
    assert not page.offers(f"/shifts/{shift.id}/hand-over"), "one at a time"


def test_an_open_request_can_be_taken_back(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    giver, taker = people(2)
    factories.sign_up(shift, giver)
    page = visit(giver.phone).open(f"/shifts/{shift.id}/cannot-come").submit(f"/shifts/{shift.id}/hand-over")
    form = page.filled(page.form(f"/shifts/{shift.id}/hand-over/take-back"))
    page.submit(f"/shifts/{shift.id}/hand-over/take-back")
    assert "You keep the shift" in page.text
    assert states(shift) == {giver.id: "confirmed", taker.id: "expired"}
    assert told(taker) == ["hand-over", "hand-over-lapsed"]
    again = page.send("POST", f"/shifts/{shift.id}/hand-over/take-back", data=form, headers=page.headers)
    assert again.status_code == 303
    assert told(taker) == ["hand-over", "hand-over-lapsed"], "a repeat tells nobody twice"


def test_who_cannot_take_it_over_is_shown_with_the_reason_and_not_asked(visit: Visit) -> None:
    call = factories.call()
    shift = factories.shift(call, starts_at=factories.tomorrow(8), capacity=1)
    clash = factories.shift(call, starts_at=factories.tomorrow(12))
    tired = factories.shift(call, starts_at=factories.tomorrow(18))
    giver, busy, weary, free = people(4)
    factories.sign_up(shift, giver)
    factories.sign_up(clash, busy)
    factories.sign_up(tired, weary)
    page = visit(giver.phone).open(f"/shifts/{shift.id}/cannot-come")
    assert f"{busy.name} holds another shift at that time" in page.text
    assert f"{weary.name} would have less than 8 hours of rest" in page.text
    asks = [str(each) for each in page.page.find_all("form", action=f"/shifts/{shift.id}/hand-over")]
    assert len(asks) == 1
    assert free.name in asks[0]
    form = f"/shifts/{shift.id}/hand-over"
    assert sent(page, form, form, member_id=busy.id) == 409
    assert states(shift) == {giver.id: "confirmed"}


def test_nobody_outside_ones_own_branches_can_be_asked(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    giver, _mate = people(2)
    stranger = factories.member(factories.branch())
    factories.sign_up(shift, giver)
    page = visit(giver.phone).open(f"/shifts/{shift.id}/cannot-come")
    assert stranger.name not in page.text
    form = f"/shifts/{shift.id}/hand-over"
    for forged in (stranger.id, 10**12, 0, -1):
        assert sent(page, form, form, member_id=forged) == 404
    assert states(shift) == {giver.id: "confirmed"}


# --- I can't come: tell the branch -----------------------------------------------------------------------


def test_after_the_cut_off_the_branch_is_told_and_finds_somebody(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    shift = factories.shift(
        factories.call(branch), factories.checkpoint(branch, contact="Guard room"),
        starts_at=clock.now() + timedelta(minutes=30), capacity=1,
    )  # fmt: skip
    leader = factories.member(factories.branch())
    factories.appointment(leader, Role.SECRETARY, branch=branch)
    who, waits = people(2)
    held = factories.sign_up(shift, who)
    factories.sign_up(shift, waits, status="waitlisted")
    page = visit(who.phone).open(f"/shifts/{shift.id}/cannot-come")
    assert not page.offers(f"/shifts/{shift.id}/give-back")
    assert "begins too soon to be given back" in page.text
    assert "Guard room" in page.text
    assert page.page.find("a", href=f"tel:{leader.phone}")
    page.submit(f"/shifts/{shift.id}/cannot-come", reason="Fever since noon")
    assert "The branch is told that you cannot come" in page.text
    assert states(shift)[who.id] == "confirmed", "theirs until the branch takes them off"
    assert told(leader) == ["cannot-come"]

    lead = visit(leader.phone).open(f"/shifts/{shift.id}")
    assert "Cannot come" in lead.text
    assert "Fever since noon" in lead.text
    roster = visit(leader.phone).open(f"/shifts/{shift.id}/roster")
    assert "Fever since noon" in roster.text
    lead.open(f"/shifts/{shift.id}/sign-ups/{held.id}/take-off")
    lead.submit(f"/shifts/{shift.id}/sign-ups/{held.id}/take-off", reason="Get well soon")
    assert states(shift) == {who.id: "withdrawn", waits.id: "offered"}
    assert told(who) == ["withdrawn"]
    assert journalled("sign-up.withdrawn") == [{"member": who.id, "reason": "Get well soon"}]


def test_told_twice_is_told_once_and_can_be_taken_back(visit: Visit) -> None:
    shift = soon()
    leader = factories.secretary()
    who = people(1)[0]
    factories.sign_up(shift, who)
    page = visit(who.phone).open(f"/shifts/{shift.id}/cannot-come")
    data = page.filled(page.form(f"/shifts/{shift.id}/cannot-come"))
    for _ in range(2):
        answer = page.send("POST", f"/shifts/{shift.id}/cannot-come", data=data, headers=page.headers)
        assert answer.status_code == 303
    data["operation_key"] = "another"
    page.send("POST", f"/shifts/{shift.id}/cannot-come", data=data, headers=page.headers)
    assert told(leader) == ["cannot-come"], "a branch without leaders of its own: the unit's secretary"
    page.open(f"/shifts/{shift.id}/cannot-come").submit(f"/shifts/{shift.id}/cannot-come/take-back")
    assert told(leader) == ["cannot-come", "can-come"]
    assert "Cannot come" not in visit(leader.phone).open(f"/shifts/{shift.id}").text


def test_who_does_not_hold_the_shift_tells_nothing(visit: Visit) -> None:
    shift = soon()
    holder, other = people(2)
    factories.sign_up(shift, holder)
    mine = visit(holder.phone).open(f"/shifts/{shift.id}/cannot-come")
    data = mine.filled(mine.form(f"/shifts/{shift.id}/cannot-come"))
    page = visit(other.phone).open("/me")
    data["csrf_token"] = page.page.find("input", {"name": "csrf_token"})["value"]
    for path in ("cannot-come", "cannot-come/take-back", "hand-over/take-back"):
        answer = page.send("POST", f"/shifts/{shift.id}/{path}", data=data, headers=page.headers)
        assert answer.status_code == 409


# --- a leader asks somebody ------------------------------------------------------------------------------


def test_a_secretary_asks_a_member_and_the_seat_is_held(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    leader, who = factories.secretary(), people(1)[0]
    page = visit(leader.phone).open(f"/shifts/{shift.id}")
    assert page.page.find("a", href=f"/shifts/{shift.id}/ask")
    page.open(f"/shifts/{shift.id}/ask?q={who.name}")
    assert "Can take it" in page.text
    page.submit(f"/shifts/{shift.id}/offers")
    assert f"{who.name} is asked. The seat is held until" in page.text
    assert states(shift) == {who.id: "offered"}
    assert told(who) == ["offer"]
    assert "Asked" in page.open(f"/shifts/{shift.id}").text
    assert f"By {leader.name}; may answer until" in page.text


def test_a_yes_by_voice_is_entered_as_such(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    leader, who = factories.secretary(), people(1)[0]
    page = visit(leader.phone).open(f"/shifts/{shift.id}/ask?q={who.name}")
    page.submit(f"/shifts/{shift.id}/offers", voice="1")
    assert f"{who.name} has said yes and is on the shift" in page.text
    assert states(shift) == {who.id: "confirmed"}
    assert told(who) == ["confirmed-by-voice"]
    assert journalled("sign-up.accepted")[0]["voice"] is True


def test_a_limit_is_set_aside_only_with_a_reason_which_the_journal_keeps(visit: Visit) -> None:
    call = factories.call()
    early = factories.shift(call, starts_at=factories.tomorrow(8))
    late = factories.shift(call, starts_at=factories.tomorrow(18))
    leader, who = factories.secretary(), people(1)[0]
    factories.sign_up(early, who)
    page = visit(leader.phone).open(f"/shifts/{late.id}/ask?q={who.name}")
    assert f"{who.name} would have less than 8 hours of rest" in page.text
    page.submit(f"/shifts/{late.id}/offers", waive=" ")
    assert page.status == 409
    assert states(late) == {}
    page.submit(f"/shifts/{late.id}/offers", waive="The only one with the key")
    assert states(late) == {who.id: "offered"}
    assert journalled("sign-up.offered")[0]["waived"] == "The only one with the key"


@pytest.mark.parametrize("why", ["overlap", "skill"])
def test_what_is_no_limit_is_never_set_aside(visit: Visit, why: str) -> None:
    call = factories.call()
    skill = factories.kept(Skill(name="医护")) if why == "skill" else None
    shift = factories.shift(call, starts_at=factories.tomorrow(8), skill_id=skill.id if skill else None)
    leader, who, other = factories.secretary(), *people(2)
    if why == "overlap":
        factories.sign_up(factories.shift(call, starts_at=factories.tomorrow(12)), who)
    else:
        factories.kept(MemberSkill(member_id=who.id, skill_id=skill.id, confirmed_at=None))
        factories.kept(MemberSkill(member_id=other.id, skill_id=skill.id, confirmed_at=clock.now()))
    page = visit(leader.phone).open(f"/shifts/{shift.id}/ask?q={who.name}")
    assert not page.offers(f"/shifts/{shift.id}/offers")
    page.open(f"/shifts/{shift.id}/ask?q={other.name}")
    form = f"/shifts/{shift.id}/offers"
    data = page.filled(page.form(form))
    data |= {"member_id": who.id, "q": who.name, "waive": "Because"}
    answer = page.send("POST", form, data=data, headers=page.headers)
    assert answer.status_code == 409
    assert states(shift) == {}


def test_a_full_shift_asks_nobody(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    leader, on, who = factories.secretary(), *people(2)
    factories.sign_up(shift, on)
    page = visit(leader.phone).open(f"/shifts/{shift.id}/ask?q={who.name}")
    assert "Every seat is taken" in page.text
    assert not page.offers(f"/shifts/{shift.id}/offers")


def test_an_offer_is_taken_back_with_a_reason(visit: Visit) -> None:
    shift = factories.shift(capacity=1)
    leader, who = factories.secretary(), people(1)[0]
    offer = factories.sign_up(shift, who, status="offered")
    page = visit(leader.phone).open(f"/shifts/{shift.id}/sign-ups/{offer.id}/take-off")
    page.submit(f"/shifts/{shift.id}/sign-ups/{offer.id}/take-off", reason="")
    assert page.status == 422
    assert "Please say why" in page.text
    page.submit(f"/shifts/{shift.id}/sign-ups/{offer.id}/take-off", reason="Asked the wrong Li Wei")
    assert states(shift) == {who.id: "withdrawn"}
    assert told(who) == ["withdrawn"]


def test_an_old_page_takes_nobody_off_who_signed_up_again(visit: Visit) -> None:
    shift = factories.shift(capacity=2)
    leader, who = factories.secretary(), people(1)[0]
    first = factories.sign_up(shift, who)
    address = f"/shifts/{shift.id}/sign-ups/{first.id}/take-off"
    page, member = visit(leader.phone).open(address), visit(who.phone)
    member.open(f"/shifts/{shift.id}/cannot-come").submit(f"/shifts/{shift.id}/give-back")
    member.open(f"/shifts/{shift.id}").submit(f"/shifts/{shift.id}/sign-up")
    page.submit(address, reason="Ill")
    assert states(shift) == {who.id: "confirmed"}
    assert told(who) == []


def test_only_who_leads_the_branch_asks_and_takes_off(visit: Visit) -> None:
    shift = factories.shift()
    who = people(1)[0]
    held = factories.sign_up(shift, who)
    elsewhere = factories.shift()
    pages = (f"/shifts/{shift.id}/ask", f"/shifts/{shift.id}/sign-ups/{held.id}/take-off")
    for page in pages:
        assert visit(who.phone).open(page).status == 403
        assert visit(factories.secretary("320507002001").phone).open(page).status == 404
    leader = visit(factories.secretary().phone)
    assert leader.open(f"/shifts/{elsewhere.id}/sign-ups/{held.id}/take-off").status == 404, (
        "not of that shift"
    )


def test_who_of_the_branch_could_come_is_named_before_anybody_is_looked_for(visit: Visit) -> None:
    branch = factories.branch(kind="action")
    shift = factories.shift(factories.call(branch))
    leader, (free, bound) = factories.secretary(), people(2)
    for each in (free, bound):
        factories.attachment(branch, each)
    factories.sign_up(factories.shift(starts_at=shift.starts_at), bound)
    page = visit(leader.phone).open(f"/shifts/{shift.id}/ask")
    assert free.name in page.text
    assert bound.name not in page.text
    page.submit(f"/shifts/{shift.id}/offers")
    assert states(shift) == {free.id: "offered"}


def test_a_secretary_asks_only_whom_the_search_finds(visit: Visit) -> None:
    shift = factories.shift()
    leader, mine = factories.secretary(), people(1)[0]
    far = factories.member(factories.branch("320507002001"))
    page = visit(leader.phone).open(f"/shifts/{shift.id}/ask?q={mine.name}")
    form = f"/shifts/{shift.id}/offers"
    for forged in (far.id, 10**12, 0):
        assert sent(page, form, form, member_id=forged, q=far.name) == 404
    assert states(shift) == {}


def test_the_page_costs_the_same_queries_however_many_are_found(
    visit: Visit, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    shift = factories.shift()
    leader, home = factories.secretary(), factories.branch(name="Lotus")
    page = visit(leader.phone)
    people(2, home)
    few = count_queries(lambda: page.open(f"/shifts/{shift.id}/ask?q=Lotus"))
    for each in people(9, home):
        factories.sign_up(factories.shift(), each)
    assert count_queries(lambda: page.open(f"/shifts/{shift.id}/ask?q=Lotus")) == few


# --- together --------------------------------------------------------------------------------------------


def test_me_and_two_more_get_three_seats(visit: Visit) -> None:
    shift = factories.shift(capacity=3)
    me, one, two = people(3)
    page = visit(me.phone).open(f"/shifts/{shift.id}")
    assert page.page.find("a", href=f"/shifts/{shift.id}/together")
    page.open(f"/shifts/{shift.id}/together")
    page.submit(f"/shifts/{shift.id}/together", member_ids=[one.id, two.id])
    assert "You are signed up; the others are asked" in page.text
    assert states(shift) == {me.id: "confirmed", one.id: "offered", two.id: "offered"}
    assert told(one) == told(two) == ["together"]


def test_too_few_seats_are_none_and_nothing_typed_is_lost(visit: Visit) -> None:
    shift = factories.shift(capacity=2)
    me, one, two = people(3)
    page = visit(me.phone).open(f"/shifts/{shift.id}/together")
    page.submit(f"/shifts/{shift.id}/together", member_ids=[one.id, two.id])
    assert page.status == 409
    assert "3 seats are needed and 2 are free" in page.text
    assert states(shift) == {}
    ticked = page.page.find_all("input", {"name": "member_ids", "checked": True})
    assert {int(str(each["value"])) for each in ticked} == {one.id, two.id}


def test_only_ones_own_branch_comes_along_and_at_least_one(visit: Visit) -> None:
    shift = factories.shift()
    me, _mate = people(2)
    stranger = factories.member(factories.branch())
    page = visit(me.phone).open(f"/shifts/{shift.id}/together")
    form = f"/shifts/{shift.id}/together"
    assert sent(page, form, form, member_ids=[stranger.id]) == 404
    assert sent(page, form, form, member_ids=[10**12]) == 404
    assert sent(page, form, form, member_ids=[]) == 422
    assert states(shift) == {}


# --- two at once -----------------------------------------------------------------------------------------


def test_a_shift_that_ends_while_the_page_is_open_is_refused_in_words(visit: Visit) -> None:
    now = clock.now()
    shift = soon()
    who, mate = people(2)
    factories.sign_up(shift, who)
    page = visit(who.phone).open(f"/shifts/{shift.id}/cannot-come")
    past = {"starts_at": now - timedelta(hours=9), "ends_at": now - timedelta(hours=1)}
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(**past))
    db.session.commit()
    page.submit(f"/shifts/{shift.id}/cannot-come")
    assert page.status == 409
    assert "The shift is over" in page.text
    assert told(mate) == []
