"""From nothing to a shared call on the screens; and what anyone who comes by a wrong way meets."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from mobilizer import clock
from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Member, Shift, SignUp, Skill
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE = "320507001002"
TEXT = {"title": "East gate", "content": "Take temperatures.", "risks": "Cold nights."}


@pytest.fixture
def branch(app: Flask) -> Branch:
    made = factories.branch(VILLAGE, "Action branch", kind="action")
    factories.checkpoint(made, "East gate")
    factories.checkpoint(made, "West gate")
    return made


@pytest.fixture
def leader(branch: Branch) -> Member:
    who = factories.member(name="Secretary Wang")
    factories.appointment(who, Role.SECRETARY, branch=branch)
    return who


def only(column: Any) -> Any:
    return factories.scalar(select(column))


def new(branch: Branch) -> str:
    return f"/calls/new?branch={branch.id}"


def draft_of(branch: Branch, **values: Any) -> Call:
    return factories.call(branch, status="draft", published_at=None, **values)


def test_a_call_is_written_laid_out_published_and_shared(
    visit: Visit, branch: Branch, leader: Member
) -> None:
    wang = visit(leader.phone).open("/calls")
    assert "No call yet" in wang.text
    wang.open(new(branch)).submit("/calls/new", **TEXT)
    assert wang.status == 200
    assert "draft is kept" in wang.text
    call_id = only(Call.id)
    assert not wang.offers(f"/calls/{call_id}/publish")
    wang.open(f"/calls/{call_id}/shifts/new")
    form = wang.form(f"/calls/{call_id}/shifts/new")
    wang.open(f"/calls/{call_id}/shifts/new?" + as_query(wang.filled(form)))
    assert "Shifts: 42." in wang.text
    assert factories.count_of(Shift) == 0
    wang.submit(f"/calls/{call_id}/shifts/new")
    assert factories.count_of(Shift) == 42
    assert "Shifts laid out: 42." in wang.text
    wang.submit(f"/calls/{call_id}/publish")
    assert only(Call.status) == "published"
    code = only(Call.code)
    assert f"/c/{code}" in wang.response.get_data(as_text=True)
    assert "East gate, West gate" in wang.text
    stranger = visit().open(f"/c/{code}")
    assert stranger.status == 200
    assert "Cold nights." in stranger.text
    assert "84 more needed" in stranger.text


def as_query(data: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(data, doseq=True)


def test_the_short_link_shows_no_names_and_leads_to_the_log_in(visit: Visit, branch: Branch) -> None:
    call = factories.call(branch)
    at = factories.checkpoint(branch, "North gate", contact="Aunt Zhao 13900000001")
    shift = factories.shift(call, at)
    factories.sign_up(shift, factories.member(name="Zhang Wei"))
    stranger = visit().open(f"/c/{call.code}")
    assert "North gate" in stranger.text
    assert "Zhang Wei" not in stranger.text
    assert "Zhao" not in stranger.text
    assert "13900000001" not in stranger.response.get_data(as_text=True)
    assert not stranger.offers(f"/shifts/{shift.id}/sign-up")
    link = stranger.page.find("a", string="Log in to sign up")
    assert link is not None
    assert link["href"] == f"/log-in?next=/c/{call.code}"


def test_who_is_called_signs_up_from_the_short_link(visit: Visit, branch: Branch) -> None:
    call = factories.call(branch)
    shift = factories.shift(call)
    who = factories.member(factories.branch(VILLAGE))
    visitor = visit(who.phone).open(f"/c/{call.code}").submit(f"/shifts/{shift.id}/sign-up")
    assert visitor.status == 200
    assert only(SignUp.member_id) == who.id
    assert "Yours" in visitor.open(f"/c/{call.code}").text


def test_who_is_not_called_reads_the_short_link_but_is_offered_nothing(visit: Visit, branch: Branch) -> None:
    call = factories.call(branch)
    shift = factories.shift(call)
    other = factories.member(factories.branch("320507002003"))
    visitor = visit(other.phone).open(f"/c/{call.code}")
    assert "addressed to others" in visitor.text
    assert not visitor.offers(f"/shifts/{shift.id}/sign-up")
    assert visitor.open(f"/calls/{call.id}").status == 404


@pytest.mark.parametrize("state", ["draft", "closed", "branch ended"])
def test_a_call_that_is_not_open_has_no_short_link_and_no_readers(
    visit: Visit, branch: Branch, leader: Member, state: str
) -> None:
    if state == "branch ended":
        branch = factories.branch(VILLAGE, kind="action", status="ended", ended_at=clock.now())
        factories.appointment(leader, Role.SECRETARY, unit_code=VILLAGE)
        call = factories.call(branch)
    else:
        call = factories.call(branch, status=state)
    shift = factories.shift(call)
    who = factories.member(factories.branch(VILLAGE))
    assert visit().open(f"/c/{call.code}").status == 404
    assert visit().open(f"/c/{call.code}/qr.svg").status == 404
    visitor = visit(who.phone)
    assert visitor.open(f"/c/{call.code}").status == 404
    assert visitor.open(f"/calls/{call.id}").status == 404
    assert call.title not in visitor.open("/calls").text
    token = visitor.open("/me").page.find("input", {"name": "csrf_token"})["value"]
    answer = visitor.send(
        "POST", f"/shifts/{shift.id}/sign-up", data={"csrf_token": token}, headers=visitor.headers
    )
    assert answer.status_code == 404
    assert factories.count_of(SignUp) == 0
    assert visit(leader.phone).open(f"/calls/{call.id}").status == 200


def test_the_qr_code_is_a_picture_of_the_plain_link(visit: Visit, branch: Branch) -> None:
    call = factories.call(branch)
    response = visit().send("GET", f"/c/{call.code.upper()}/qr.svg")
    assert response.mimetype == "image/svg+xml"
    assert b"<script" not in response.data
    assert 500 < len(response.data) < 20_000


def test_a_link_that_was_made_up_leads_nowhere(visit: Visit) -> None:
    for path in ("/c/aaaaaaa", "/c/%00", "/c/" + "a" * 200, f"/calls/{2**63}", f"/calls/{10**6}", "/calls/0"):
        assert visit(factories.member().phone).open(path).status == 404


def test_dangerous_work_is_published_only_insured_whatever_is_sent(
    visit: Visit, branch: Branch, leader: Member
) -> None:
    call = draft_of(branch, dangerous=True)
    factories.shift(call)
    wang = visit(leader.phone).open(f"/calls/{call.id}")
    assert "insurance is not marked" in wang.text
    assert not wang.offers(f"/calls/{call.id}/publish")
    token = wang.open(f"/calls/{call.id}/edit").page.find("input", {"name": "csrf_token"})["value"]
    answer = wang.send(
        "POST", f"/calls/{call.id}/publish", data={"csrf_token": token, "insured": "y"}, headers=wang.headers
    )
    assert answer.status_code == 422
    assert only(Call.status) == "draft"
    wang.submit(f"/calls/{call.id}/edit", insured="y")
    assert wang.submit(f"/calls/{call.id}/publish").status == 200
    assert only(Call.status) == "published"


def test_an_edit_keeps_what_is_typed_when_it_is_refused(visit: Visit, branch: Branch, leader: Member) -> None:
    call = factories.call(branch)
    factories.shift(call)
    wang = visit(leader.phone).open(f"/calls/{call.id}/edit")
    wang.submit(f"/calls/{call.id}/edit", title="A new title", risks="  ")
    assert wang.status == 422
    assert "State the risks" in wang.text
    assert wang.page.find("input", {"name": "title"})["value"] == "A new title"
    assert only(Call.risks) == "Cold nights."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Please fill this in."),
        ({"title": "x" * 10_000}, "At most 100 characters."),
        ({"title": "\x00\x01"}, "Please fill this in."),
        ({"content": "x" * 10_000}, "At most 4000 characters."),
        ({"opens_at": "2026-02-30T08:00"}, "There is no such time."),
        ({"opens_at": "0001-01-01T00:00"}, "There is no such time."),
        ({"opens_at": "2026-12-02T08:00", "closes_at": "2026-12-01T08:00"}, "closes after it opens"),
        ({"category": "anything"}, "Not a valid choice"),
        ({"audience": "unit:320507"}, "Not a valid choice"),
        ({"audience": "unit:320507002003"}, "Not a valid choice"),
        ({"audience": "anything"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_a_call_is_refused_in_words_and_nothing_is_kept(
    visit: Visit, branch: Branch, leader: Member, changes: dict[str, str], said: str
) -> None:
    factories.unit("320507002003")
    wang = visit(leader.phone).open(new(branch)).submit("/calls/new", **(TEXT | changes))
    assert wang.status == 422
    assert said in wang.text
    assert factories.count_of(Call) == 0


def test_a_town_secretary_may_call_the_whole_town(visit: Visit, branch: Branch) -> None:
    town = factories.secretary("320507001")
    visitor = visit(town.phone).open(new(branch))
    choices = [each["value"] for each in visitor.page.select("select[name=audience] option")]
    assert choices == ["unit:320507001", f"unit:{VILLAGE}", "branch"]
    visitor.submit("/calls/new", **TEXT, audience="unit:320507001")
    assert only(Call.audience_unit_code) == "320507001"


def test_another_branchs_secretary_and_a_coordinator_change_nothing(visit: Visit, branch: Branch) -> None:
    elsewhere = factories.branch("320507002003", kind="action")
    other, coordinator = factories.member(elsewhere), factories.member()
    factories.appointment(other, Role.SECRETARY, branch=elsewhere)
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507001")
    call = factories.call(branch)
    factories.shift(call)
    for who, status in ((other, 404), (coordinator, 403)):
        visitor = visit(who.phone)
        token = visitor.open("/me").page.find("input", {"name": "csrf_token"})["value"]
        for path in (
            f"/calls/new?branch={branch.id}",
            f"/calls/{call.id}/edit",
            f"/calls/{call.id}/shifts/new",
            f"/calls/{call.id}/publish",
            f"/calls/{call.id}/close",
            f"/calls/{call.id}/shifts/change",
            f"/calls/{call.id}/shifts/add",
        ):
            answer = visitor.send(
                "POST", path, data={"csrf_token": token, "capacity": "9"}, headers=visitor.headers
            )
            expected = {status, 403} if "new?" in path else {status}
            assert answer.status_code in expected, path
    assert only(Call.status) == "published"
    assert factories.rows(select(Shift.status, Shift.capacity))[0] == ("open", 5)
    assert visit(coordinator.phone).open(f"/calls/{call.id}").status == 200


def test_the_index_lists_what_i_lead_and_what_is_open_to_me(
    visit: Visit, branch: Branch, leader: Member
) -> None:
    mine = draft_of(branch, title="In draft")
    factories.shift(factories.call(branch, title="Open one"))
    factories.call(factories.branch("320507002003", kind="action"), title="Far away")
    factories.call(branch, title="Over", closes_at=clock.now() - timedelta(minutes=1))
    text = visit(leader.phone).open("/calls").text
    assert "In draft" in text
    assert "5 more needed" in text
    assert "Far away" not in text
    drafts = visit(leader.phone).open("/calls?status=draft").page.find(id="led").get_text()
    assert mine.title in drafts
    assert "Open one" not in drafts
    member = visit(factories.member(factories.branch(VILLAGE)).phone).open("/calls").text
    assert "Open one" in member
    assert "In draft" not in member
    assert "Over" not in member
    assert "Yours to lead" not in member


def test_a_stranger_sees_first_what_is_bare_and_the_first_day_that_needs_people(
    visit: Visit, branch: Branch
) -> None:
    call = factories.call(branch)
    full = factories.shift(call, capacity=1, taken=1)
    bare = factories.shift(call, capacity=4, starts_at=full.starts_at + timedelta(days=1))
    page = visit().open(f"/c/{call.code}")
    html = page.response.get_data(as_text=True)
    assert 0 < html.index("4 more needed") < html.index('id="about"')
    opened = [each["id"] for each in page.page.select("details[open]")]
    assert opened == [f"day-{bare.day.isoformat()}"]


@pytest.mark.parametrize("page", ["/calls/{id}/take", "/calls/{id}", "/c/{code}"])
def test_a_call_of_a_hundred_shifts_takes_no_more_queries_than_one_of_one(
    visit: Visit, branch: Branch, page: str
) -> None:
    call = factories.call(branch)
    nurse = factories.kept(Skill(name="Nurse"))
    first = factories.shift(call, skill_id=nurse.id)
    visitor = visit(factories.member(factories.branch(VILLAGE)).phone)

    def queries() -> int:
        seen: list[str] = []

        def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        visitor.open(page.format(id=call.id, code=call.code))
        event.remove(db.engine, "before_cursor_execute", count)
        assert visitor.status == 200
        return len([each for each in seen if each.lstrip().startswith(("SELECT", "WITH"))])

    few = queries()
    for n in range(1, 100):
        factories.shift(call, starts_at=first.starts_at + timedelta(hours=8 * n))
    assert queries() == few
    led_on = 0 if page.endswith("/take") else 2
    assert few <= 6 + led_on
