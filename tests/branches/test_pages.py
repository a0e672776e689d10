"""What the pages of branches show and let one do, without JavaScript and as htmx, and what a forger gets."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mobilizer import clock, maps
from mobilizer.branches import queries
from mobilizer.branches.queries import Filter
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    BranchCheckpoint,
    Checkpoint,
    JournalEntry,
    Member,
    Operation,
)
from mobilizer.policy import Grant, Reader
from mobilizer.terms import Role
from tests import factories
from tests.branches.test_actions import (
    OTHER,
    TOWN,
    VILLAGE,
    actor,
    counted,
    current_attachments,
    proposed,
    roles_in,
    status,
)
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def secretary(app: Any) -> Member:
    return factories.secretary(VILLAGE, name="Chen Ping")


def only_branch(**conditions: Any) -> Any:
    found = factories.rows(
        select(Branch.id, Branch.name, Branch.status, Branch.kind).where(Branch.kind != "standing")
    )
    assert len(found) == 1
    return found[0]


# --- standing up --------------------------------------------------------------------------------------


def test_a_secretary_stands_up_a_branch_on_one_page_with_a_new_operation(
    visit: Visit, secretary: Member
) -> None:
    visitor = visit(secretary.phone).open("/branches/new")
    visitor.submit(
        "/branches/new",
        name="East Gate Action Branch",
        operation="new",
        operation_name="Snow of January",
        operation_kind="snow",
        mission="Keep the gates.",
        checkpoints="East Gate, 1 River Street\n\n北门，河街2号",
    )
    assert visitor.status == 200
    made = only_branch()
    assert (made.name, made.status, made.kind) == ("East Gate Action Branch", "active", "action")
    assert roles_in(made.id) == {secretary.id: "secretary"}
    places = factories.rows(select(Checkpoint.name, Checkpoint.address).order_by(Checkpoint.id))
    assert [tuple(row) for row in places] == [("East Gate", "1 River Street"), ("北门", "河街2号")]
    assert factories.scalar(select(Operation.name)) == "Snow of January"
    for said in ("Does it stand?", "Led by Chen Ping", "Checkpoints: 2", "Action branch stood up"):
        assert said in visitor.text
    assert visitor.page.find("a", href=f"/calls/new?branch={made.id}")


def test_a_running_operation_of_the_town_is_offered_and_chosen_first(visit: Visit, secretary: Member) -> None:
    factories.operation(TOWN, name="Flood of July")
    factories.operation(OTHER, name="Elsewhere")
    factories.operation(VILLAGE, name="Long past", ended_at=clock.now())
    visitor = visit(secretary.phone).open("/branches/new")
    assert "Flood of July" in visitor.text
    assert "Elsewhere" not in visitor.text
    assert "Long past" not in visitor.text
    visitor.submit("/branches/new", name="Dike Branch")
    assert status(only_branch().id) == "active"


def test_another_secretary_is_found_by_a_search_that_loses_nothing_typed(
    visit: Visit, secretary: Member
) -> None:
    factories.operation(VILLAGE)
    other = factories.member(factories.branch(VILLAGE), name="Li Ming")
    factories.member(factories.branch(OTHER), name="Li Mingxia")
    visitor = visit(secretary.phone).open("/branches/new")
    visitor.submit("/branches/new", name="Gate Branch", mission="Keep it.", find="li ming", search="1")
    assert "Li Ming" in visitor.text
    assert "Li Mingxia" not in visitor.text, "not on a roster of this secretary"
    form = visitor.filled(visitor.form("/branches/new"))
    assert (form["name"], form["mission"].strip()) == ("Gate Branch", "Keep it.")
    visitor.submit("/branches/new", secretary_id=str(other.id))
    assert roles_in(only_branch().id) == {other.id: "secretary"}


def test_what_is_missing_stands_at_its_field_and_nothing_typed_is_lost(
    visit: Visit, secretary: Member
) -> None:
    visitor = visit(secretary.phone).open("/branches/new")
    visitor.submit("/branches/new", name="", operation="new", operation_name="", mission="Keep it.")
    assert visitor.status == 422
    assert "Please fill this in." in visitor.text
    assert "Please name the new operation." in visitor.text
    assert visitor.filled(visitor.form("/branches/new"))["mission"].strip() == "Keep it."
    assert factories.rows(select(Branch.id).where(Branch.kind != "standing")) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x" * 101},
        {"checkpoints": "x" * 101},
        {"checkpoints": ", 1 River Street"},
        {"checkpoints": "\n".join(f"Gate {n}" for n in range(51))},
        {"operation": "999999"},
        {"operation": "many"},
        {"operation_kind": "war", "operation": "new", "operation_name": "War"},
        {"secretary_id": "99999999999999999999"},
        {"secretary_id": "-1"},
        {"checkpoint_ids": "1.5"},
        {"mission": "x" * 2001},
    ],
)
def test_what_cannot_be_is_told_and_writes_nothing(
    visit: Visit, secretary: Member, fields: dict[str, str]
) -> None:
    factories.operation(VILLAGE)
    visitor = visit(secretary.phone).open("/branches/new")
    visitor.submit("/branches/new", **({"name": "Gate Branch"} | fields))
    assert visitor.status == 422
    assert factories.rows(select(Branch.id).where(Branch.kind != "standing")) == []
    assert factories.count_of(Operation) == 1


def test_a_name_that_is_taken_is_refused_at_the_field(visit: Visit, secretary: Member) -> None:
    operation = factories.operation(VILLAGE)
    factories.branch(VILLAGE, name="Gate Branch", kind="action", operation_id=operation.id)
    visitor = visit(secretary.phone).open("/branches/new").submit("/branches/new", name="Gate Branch")
    assert visitor.status == 409
    assert "already" in visitor.form("/branches/new").find(id="name-error").get_text()


def test_sending_the_same_form_twice_stands_up_one_branch(visit: Visit, secretary: Member) -> None:
    factories.operation(VILLAGE)
    visitor = visit(secretary.phone).open("/branches/new")
    form = visitor.filled(visitor.form("/branches/new")) | {"name": "Gate Branch"}
    answers = [
        visitor.send("POST", f"/branches/new?unit={VILLAGE}", data=form, headers=visitor.headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    only_branch()


@pytest.mark.parametrize("page", ["/branches/new", "/branches/propose"])
def test_nobody_stands_a_branch_up_where_they_hold_no_appointment(
    visit: Visit, secretary: Member, page: str
) -> None:
    factories.unit(OTHER)
    visitor = visit(secretary.phone)
    for unit in (OTHER, TOWN, "nowhere", "3" * 5000, ""):
        assert visitor.open(f"{page}?unit={unit}").status == 404
    assert visitor.open(f"{page}?unit={VILLAGE}").status == 200
    member = factories.member(factories.branch(VILLAGE))
    assert visit(member.phone).open(f"{page}?unit={VILLAGE}").status == 404


# --- attaching ----------------------------------------------------------------------------------------


def test_people_are_found_ticked_and_attached_in_one_step(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    home = factories.branch(VILLAGE, name="First Branch")
    people = [factories.member(home, name=f"Wang {name}") for name in ("Fang", "Gang", "Hong")]
    page = f"/branches/{made.id}"
    visitor = visit(secretary.phone).open(f"{page}?find=wang")
    visitor.submit(f"{page}/members", member_ids=[str(people[0].id), str(people[2].id)])
    assert visitor.status == 200
    assert "Attached: 2." in visitor.text
    assert current_attachments(made.id) == {people[0].id, people[2].id}
    visitor.open(f"{page}?find=wang")
    choices = visitor.form(f"{page}/members").get_text()
    assert "Wang Gang" in choices
    assert "Wang Fang" not in choices, "who is attached is not offered again"


def test_attaching_nobody_says_so(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    factories.member(factories.branch(VILLAGE), name="Wang Fang")
    visitor = (
        visit(secretary.phone).open(f"/branches/{made.id}?find=wang").submit(f"/branches/{made.id}/members")
    )
    assert visitor.status == 422
    assert "tick at least one" in visitor.text


def test_an_attachment_ends_on_the_page(visit: Visit, secretary: Member) -> None:
    made, who = factories.branch(VILLAGE, kind="action"), factories.member(factories.branch(VILLAGE))
    held = factories.attachment(made, who)
    visit(secretary.phone).open(f"/branches/{made.id}").submit(f"/branches/{made.id}/members/{held.id}/end")
    assert current_attachments(made.id) == set()


def test_phones_stand_in_full_only_for_who_leads_the_branch(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    who = factories.member(factories.branch(VILLAGE), phone="+8619900001234")
    factories.attachment(made, who)
    coordinator = factories.member(factories.branch(TOWN))
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=TOWN)
    page = f"/branches/{made.id}"
    assert "199 0000 1234" in visit(secretary.phone).open(page).text
    for phone in (coordinator.phone, who.phone):
        visitor = visit(phone).open(page)
        assert visitor.status == 200
        assert "199****1234" in visitor.text
        assert "1234" not in visitor.text.replace("199****1234", "")
        assert not visitor.offers(f"{page}/end")


# --- checkpoints and the end --------------------------------------------------------------------------


def test_a_checkpoint_is_added_or_chosen_on_the_page(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    there = factories.checkpoint(unit_code=VILLAGE, name="West Gate")
    page = f"/branches/{made.id}"
    visitor = visit(secretary.phone).open(page)
    visitor.submit(f"{page}/checkpoints", checkpoints="West Gate")
    assert visitor.status == 409
    assert "has a checkpoint “West Gate” already" in visitor.text
    visitor.submit(f"{page}/checkpoints/serve", checkpoint_ids=[str(there.id)])
    visitor.submit(
        f"{page}/checkpoints",
        checkpoints="East Gate",
        place="31.37, 120.64",
        contact="Old Wang",
    )
    assert visitor.status == 200
    assert len(factories.rows(select(BranchCheckpoint.id))) == 2
    for place in ("91, 200", "31", "nan, nan", "x, y", "31.37, 120.64, 5", "1e9, 3"):
        visitor.submit(f"{page}/checkpoints", checkpoints="North Gate", place=place)
        assert visitor.status == 422, place
        assert visitor.page.find("input", {"name": "place"})["value"] == place, "what was typed stays"
    assert factories.count_of(Checkpoint) == 2


@pytest.mark.parametrize(
    "pasted",
    [
        "31.37, 120.64",
        "120.64,31.37",
        "31.37，120.64",
        "31.37 120.64",
        "３１.３７, 120.64",
        "31.37°, 120.64°",
    ],
)
def test_a_position_is_read_as_it_is_pasted(visit: Visit, secretary: Member, pasted: str) -> None:
    page = f"/branches/{factories.branch(VILLAGE, kind='action').id}"
    visit(secretary.phone).open(page).submit(f"{page}/checkpoints", checkpoints="East Gate", place=pasted)
    assert factories.rows(select(Checkpoint.latitude, Checkpoint.longitude)) == [(31.37, 120.64)]


def test_a_position_from_a_chinese_map_is_set_right(visit: Visit, secretary: Member) -> None:
    page = f"/branches/{factories.branch(VILLAGE, kind='action').id}"
    visitor = visit(secretary.phone).open(page)
    picked = "{1:.6f},{0:.6f}".format(*maps.gcj02(31.37, 120.64))
    visitor.submit(f"{page}/checkpoints", checkpoints="East Gate", place=picked, from_map="y")
    (found,) = factories.rows(select(Checkpoint.latitude, Checkpoint.longitude))
    assert found == pytest.approx((31.37, 120.64), abs=1e-5)
    links = [str(link["href"]) for link in visitor.page.select("#checkpoints .maps a")]
    assert [link.split(":")[0] for link in links] == ["https", "https", "geo"]


def test_where_a_checkpoint_is_can_be_changed_later(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    gate = factories.checkpoint(made, "East Gate")
    here = f"/branches/{made.id}/checkpoints/{gate.id}"
    visitor = visit(secretary.phone).open(f"/branches/{made.id}")
    assert visitor.page.find("a", href=here)
    visitor.open(here).submit(here, place="31, 200", contact="Old Wang")
    assert visitor.status == 422
    assert visitor.page.find("input", {"name": "place"})["value"] == "31, 200", "what was typed stays"
    picked = "{1:.6f},{0:.6f}".format(*maps.gcj02(31.37, 120.64))
    visitor.submit(here, place=picked, from_map="y", address="1 River Street", contact="Wang 19800000009")
    assert "“East Gate” changed" in visitor.text
    columns = (Checkpoint.address, Checkpoint.contact, Checkpoint.latitude, Checkpoint.longitude)
    (first,) = factories.rows(select(*columns))
    assert first[:2] == ("1 River Street", "Wang 19800000009")
    assert first[2:] == pytest.approx((31.37, 120.64), abs=1e-5)
    shown = visitor.open(here).page.find("input", {"name": "place"})["value"]
    assert shown.startswith("31.37"), "latitude first, in WGS 84"
    visitor.submit(here, from_map="y", contact="")
    (second,) = factories.rows(select(*columns))
    assert second[2:] == first[2:], "a position left as it is does not move, whatever is ticked"
    visitor.open(here).submit(here, place="")
    assert factories.rows(select(*columns)) == [("1 River Street", "", None, None)]
    visitor.open(here).submit(here)
    entries = factories.rows(
        select(JournalEntry.actor_id, JournalEntry.branch_id, JournalEntry.details)
        .where(JournalEntry.kind == "branch.checkpoint-changed")
        .order_by(JournalEntry.id)
    )
    changed = [["address", "latitude", "longitude", "contact"], ["contact"], ["latitude", "longitude"]]
    assert [row.details["changed"] for row in entries] == changed, "and none where nothing changed"
    assert {(row.actor_id, row.branch_id) for row in entries} == {(secretary.id, made.id)}
    assert "Wang" not in str(entries), "whom to ask for is a person"


def test_a_shared_checkpoint_is_changed_by_the_secretary_over_its_unit_for_all(
    visit: Visit, secretary: Member
) -> None:
    made, other = factories.branch(VILLAGE, kind="action"), factories.branch(VILLAGE, kind="action")
    gate, alone = factories.checkpoint(made, "East Gate"), factories.checkpoint(made, "West Gate")
    factories.kept(BranchCheckpoint(branch_id=other.id, checkpoint_id=gate.id))
    leader = factories.member(factories.branch(VILLAGE))
    factories.appointment(leader, Role.SECRETARY, branch=made)
    page = f"/branches/{made.id}"
    visitor = visit(leader.phone).open(page)
    links = [str(link["href"]) for link in visitor.page.select("#checkpoints a")]
    assert f"{page}/checkpoints/{alone.id}" in links
    assert f"{page}/checkpoints/{gate.id}" not in links
    assert "changed by the secretary over its unit" in visitor.text
    assert visitor.open(f"{page}/checkpoints/{gate.id}").status == 403
    assert visitor.open(f"{page}/checkpoints/999999").status == 404
    here = f"/branches/{other.id}/checkpoints/{gate.id}"
    assert visitor.open(here).status == 404, "another branch's is not there"
    token = visitor.open(f"{page}/checkpoints/{alone.id}").filled(
        visitor.form(f"{page}/checkpoints/{alone.id}")
    )["csrf_token"]
    for path, status_code in ((here, 404), (f"{page}/checkpoints/{gate.id}", 403)):
        forged = {"csrf_token": token, "address": "Forged"}
        assert visitor.send("POST", path, data=forged, headers=visitor.headers).status_code == status_code
    assert {row.address for row in factories.rows(select(Checkpoint.address))} == {""}
    visit(secretary.phone).open(here).submit(here, address="1 River Street")
    told = factories.rows(
        select(JournalEntry.branch_id).where(JournalEntry.kind == "branch.checkpoint-changed")
    )
    assert sorted(row.branch_id for row in told) == sorted([made.id, other.id]), (
        "each branch's journal says it"
    )
    visitor = visit(secretary.phone).open(here)
    visitor.open(f"/branches/{other.id}").submit(f"/branches/{other.id}/end")
    assert visitor.open(here).status == 404, "what has ended stays as it was"
    assert visit(leader.phone).open(f"{page}/checkpoints/{gate.id}").status == 200, "it is shared no more"


def test_a_branch_ends_on_the_page_once(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    visitor = visit(secretary.phone).open(f"/branches/{made.id}").submit(f"/branches/{made.id}/end")
    assert "has ended" in visitor.text
    assert status(made.id) == "ended"
    visitor.open(f"/branches/{made.id}")
    assert not visitor.offers(f"/branches/{made.id}/end")


# --- temporary branches -------------------------------------------------------------------------------


def test_a_temporary_branch_is_proposed_and_approved_by_the_secretary_above(
    visit: Visit, secretary: Member
) -> None:
    factories.operation(TOWN)
    home = factories.branch(VILLAGE)
    people = [factories.member(home, name=f"Wang {name}") for name in ("Fang", "Gang", "Hong")]
    below = visit(secretary.phone).open("/branches/propose")
    below.submit("/branches/propose", name="Hotel Branch", find="wang", search="1", joint="y")
    below.submit("/branches/propose", member_ids=[str(each.id) for each in people])
    made = only_branch()
    assert (made.kind, made.status) == ("temporary", "proposed")
    assert "932, joint" in below.text
    assert not below.offers(f"/branches/{made.id}/approve"), "nobody approves below"
    above = factories.secretary(TOWN)
    visitor = visit(above.phone).open("/branches?kind=temporary")
    assert "Hotel Branch" in visitor.text
    visitor.open(f"/branches/{made.id}").submit(f"/branches/{made.id}/approve")
    assert visitor.status == 422
    assert "Please name the secretary." in visitor.text
    visitor.submit(
        f"/branches/{made.id}/approve",
        secretary_id=str(people[0].id),
        deputy_id=str(people[1].id),
        committee_ids=[str(people[2].id)],
    )
    assert visitor.status == 200
    assert status(made.id) == "active"
    assert set(roles_in(made.id).values()) == {"secretary", "deputy-secretary", "committee-member"}
    assert above.name in visitor.text
    for what in ("admit", "discipline", "dues", "elect"):
        assert what not in visitor.text.lower().replace("there is no election", "")


def test_it_is_not_approved_with_a_reason_that_the_proposer_reads(visit: Visit, app: Any) -> None:
    by = actor(VILLAGE)
    made, _people = proposed(by)
    above = factories.secretary(TOWN)
    visitor = visit(above.phone).open(f"/branches/{made}").submit(f"/branches/{made}/decline", reason=" ")
    assert visitor.status == 422
    visitor.submit(f"/branches/{made}/decline", reason="The standing branch can do it.")
    assert status(made) == "declined"
    proposer = factories.scalar(select(Member.phone).where(Member.id == by.member_id))
    assert "The standing branch can do it." in visit(proposer).open(f"/branches/{made}").text


def test_too_few_full_members_are_told_before_and_at_the_approval(visit: Visit, app: Any) -> None:
    made, people = proposed(actor(VILLAGE), 2)
    visitor = visit(factories.secretary(TOWN).phone).open(f"/branches/{made}")
    assert "Full members: 2. At least 3 are needed" in visitor.text
    visitor.submit(f"/branches/{made}/approve", secretary_id=str(people[0].id))
    assert visitor.status == 422
    assert "let an action branch do the work" in visitor.text
    assert status(made) == "proposed"


def test_two_presses_on_approve_answer_alike(visit: Visit, app: Any) -> None:
    made, people = proposed(actor(VILLAGE))
    visitor = visit(factories.secretary(TOWN).phone).open(f"/branches/{made}")
    form = visitor.filled(visitor.form(f"/branches/{made}/approve")) | {"secretary_id": str(people[0].id)}
    answers = [
        visitor.send("POST", f"/branches/{made}/approve", data=form, headers=visitor.headers).status_code
        for _ in range(2)
    ]
    assert answers == [303, 303]
    assert len(factories.rows(select(Appointment.id).where(Appointment.branch_id == made))) == 1


# --- somebody who means harm --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["approve", "decline", "end", "members", "members/1/end", "checkpoints", "checkpoints/serve"]
)
def test_another_units_branch_is_not_there(visit: Visit, secretary: Member, path: str) -> None:
    strange = factories.branch(OTHER, kind="action")
    factories.attachment(strange, factories.member(factories.branch(OTHER)))
    visitor = visit(secretary.phone).open("/branches/new")
    token = visitor.filled(visitor.form("/branches/new"))["csrf_token"]
    for branch_id in (strange.id, 999_999, 2**40):
        answer = visitor.send(
            "POST", f"/branches/{branch_id}/{path}", data={"csrf_token": token}, headers=visitor.headers
        )
        assert answer.status_code == 404
        assert visitor.open(f"/branches/{branch_id}").status == 404
    assert status(strange.id) == "active"


def test_an_attachment_of_another_branch_is_not_ended_through_ones_own(
    visit: Visit, secretary: Member
) -> None:
    mine, strange = factories.branch(VILLAGE, kind="action"), factories.branch(OTHER, kind="action")
    held = factories.attachment(strange, factories.member(factories.branch(OTHER)))
    visitor = visit(secretary.phone).open("/branches/new")
    token = visitor.filled(visitor.form("/branches/new"))["csrf_token"]
    answer = visitor.send(
        "POST",
        f"/branches/{mine.id}/members/{held.id}/end",
        data={"csrf_token": token},
        headers=visitor.headers,
    )
    assert answer.status_code == 404
    assert factories.scalar(select(Attachment.ends_at).where(Attachment.id == held.id)) is None


def test_forged_members_are_not_attached(visit: Visit, secretary: Member) -> None:
    made = factories.branch(VILLAGE, kind="action")
    stranger = factories.member(factories.branch(OTHER), name="Zhao Stranger")
    factories.member(factories.branch(VILLAGE), name="Wang Fang")
    visitor = visit(secretary.phone)
    for forged, expected in (
        (str(stranger.id), 404),
        ("999999", 404),
        ("1e9", 422),
        (str(2**70), 422),
        ("-5", 422),
    ):
        visitor.open(f"/branches/{made.id}?find=wang")
        visitor.submit(f"/branches/{made.id}/members", member_ids=[forged])
        assert visitor.status == expected, forged
        assert "Zhao Stranger" not in visitor.text
    assert current_attachments(made.id) == set()


def test_a_member_of_the_branch_reads_it_but_does_nothing_to_it(visit: Visit, app: Any) -> None:
    made, who = factories.branch(VILLAGE, kind="action"), factories.member(factories.branch(VILLAGE))
    factories.attachment(made, who)
    visitor = visit(who.phone).open(f"/branches/{made.id}")
    assert visitor.status == 200
    forms = [form.get("action") for form in visitor.page.find_all("form")]
    assert not [action for action in forms if str(action).startswith("/branches")]
    assert visitor.page.find(id="journal") is None, (
        "who did what is for those whose appointments cover the branch"
    )


# --- operations ---------------------------------------------------------------------------------------


def test_an_operation_is_started_and_ended_by_the_unit_it_covers(visit: Visit, secretary: Member) -> None:
    above = factories.operation(TOWN, name="Flood of July")
    visitor = visit(secretary.phone).open("/operations")
    assert "Flood of July" in visitor.text
    assert not visitor.offers(f"/operations/{above.id}/end"), "it is the town's to end"
    visitor.submit("/operations", operation_name="Snow of January", operation_kind="snow", unit=VILLAGE)
    own = factories.scalar(select(Operation.id).where(Operation.name == "Snow of January"))
    visitor.submit("/operations", operation_name="Snow of January", operation_kind="snow", unit=VILLAGE)
    assert visitor.status == 409
    made = factories.branch(VILLAGE, kind="action", operation_id=own)
    visitor.open("/operations").submit(f"/operations/{own}/end")
    assert status(made.id) == "ended"
    token = visitor.filled(visitor.form("/operations"))["csrf_token"]
    forged = visitor.send(
        "POST", f"/operations/{above.id}/end", data={"csrf_token": token}, headers=visitor.headers
    )
    assert forged.status_code == 404


@pytest.mark.parametrize("unit_code", [TOWN, OTHER, "nowhere", ""])
def test_no_operation_is_started_where_one_holds_no_appointment(
    visit: Visit, secretary: Member, unit_code: str
) -> None:
    factories.unit(OTHER)
    visitor = visit(secretary.phone).open("/operations")
    visitor.submit("/operations", operation_name="Mine", operation_kind="snow", unit=unit_code)
    assert visitor.status == 404
    assert factories.count_of(Operation) == 0


# --- lists --------------------------------------------------------------------------------------------


def reader(*grants: Grant, **own: Any) -> Reader:
    return Reader(1, "Reader", grants=grants, **own)


@pytest.mark.usefixtures("app")
def test_the_list_holds_what_one_leads_watches_or_belongs_to_and_nothing_else() -> None:
    mine, strange = factories.branch(VILLAGE), factories.branch(OTHER)
    led, joined = factories.branch(OTHER, kind="action"), factories.branch(OTHER, kind="action")

    def listed(who: Reader) -> set[int]:
        return {line.id for line in queries.branches(who, Filter())}

    over_town = Grant(1, "coordinator", TOWN, None)
    assert listed(reader(over_town)) == {mine.id}
    assert listed(reader(Grant(1, "secretary", None, led.id), branch_ids=frozenset([joined.id]))) == {
        led.id,
        joined.id,
    }
    assert listed(reader(Grant(1, "administrator", None, None))) == {mine.id, strange.id, led.id, joined.id}
    assert listed(reader()) == set()


def test_filters_are_links_that_count_and_keep_each_other(visit: Visit, app: Any) -> None:
    coordinator = factories.member(factories.branch(TOWN))
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507")
    operation = factories.operation(TOWN, name="Flood of July")
    factories.branch(VILLAGE, name="Dike Branch", kind="action", operation_id=operation.id)
    factories.branch(VILLAGE, name="Gate Branch", kind="action")
    visitor = visit(coordinator.phone).open("/branches?kind=action")
    assert "Action branch 2" in visitor.text
    visitor.open(str(visitor.page.find("a", string="Flood of July")["href"]))
    assert "Dike Branch" in visitor.text
    assert "Gate Branch" not in visitor.text
    assert "kind=action" in str(visitor.page.find("a", string="All operations")["href"])
    for odd in (
        "?kind=x&status=y&unit=%27--&operation=99999999999999999999&page=-3",
        "?page=99999999999999",
        "?unit=320507999",
    ):
        assert visitor.open("/branches" + odd).status == 200


def test_lists_take_the_same_few_queries_however_long_they_are(visit: Visit, app: Any) -> None:
    town = factories.secretary(TOWN)
    operation = factories.operation(TOWN)
    made = factories.branch(VILLAGE, kind="action", operation_id=operation.id)
    factories.member(factories.branch(VILLAGE), name="Wang first")
    visitor = visit(town.phone)

    def taken(url: str) -> int:
        with counted() as statements:
            assert visitor.open(url).status == 200
        return len([each for each in statements if not each.startswith("BEGIN")])

    pages = (
        "/branches",
        f"/branches/{made.id}?find=wang",
        "/operations",
        "/branches/new",
        "/branches/propose",
    )
    few = [taken(page) for page in pages]
    for n in range(12):
        other = factories.branch(VILLAGE, kind="action", operation_id=factories.operation(TOWN).id)
        factories.checkpoint(made)
        factories.attachment(made, factories.member(factories.branch(VILLAGE), name=f"Wang {n}"))
        factories.member(factories.branch(VILLAGE), name=f"Wang more {n}")
        factories.attachment(other, town)
    assert [taken(page) for page in pages] == few
    assert max(few) <= 16, dict(zip(pages, few, strict=True))
