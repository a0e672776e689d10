"""From a playbook to open recruiting on one screen; keeping, renaming and retiring one."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.model import (
    Branch,
    Call,
    Checkpoint,
    JournalEntry,
    Member,
    Operation,
    Playbook,
    Shift,
)
from mobilizer.playbooks import body_rules
from mobilizer.playbooks.shipped import SHIPPED
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

VILLAGE, SISTER, TOWN = "320507001002", "320507001003", "320507001"
Visit = Callable[..., Visitor]
LOCK_DOWN = "/playbooks/community-lock-down/use"
FLOOD = "/playbooks/flood-watch/use"


@pytest.fixture
def secretary(app: Flask) -> Member:
    factories.unit(VILLAGE, "古巷社区")
    return factories.secretary(VILLAGE)


def made() -> dict[str, int]:
    return {
        table.__tablename__: factories.count_of(table)
        for table in (Operation, Branch, Checkpoint, Call, Shift)
    }


def keep(unit_code: str, name: str = "Gates", **changed: Any) -> Playbook:
    factories.unit(unit_code)
    body = body_rules.body_of(SHIPPED["community-lock-down"]["en"].playbook) | changed
    return factories.kept(Playbook(unit_code=unit_code, name=name, body=body, added_at=clock.now()))


def kinds() -> list[str]:
    return [row.kind for row in factories.rows(select(JournalEntry.kind))]


# --- one screen -----------------------------------------------------------------------------------------


def test_a_minute_later_every_hour_of_a_week_is_open(secretary: Member, visit: Visit) -> None:
    who = visit(secretary.phone)
    assert who.open("/").page.find("a", href="/playbooks"), "the first thing on the first page"
    who.open("/playbooks").open(LOCK_DOWN)
    said = re.search(r"(\d+) shifts, (\d+) seats", who.text)
    assert said, who.text
    assert int(said[2]) == 3 * int(said[1])
    who.submit(LOCK_DOWN)
    assert "Share the call" in who.text
    assert who.page.find("img")
    assert made()["shift"] == int(said[1]) >= 7 * 5 * 3 - 10, "of the first day what is left of it"
    call = factories.rows(select(Call.status, Call.title, Call.closes_at, Call.audience_unit_code))[0]
    assert (call.status, call.title, call.audience_unit_code) == (
        "published",
        "古巷社区: volunteers for the checkpoints",
        VILLAGE,
    )
    assert call.closes_at == factories.scalar(select(func.max(Shift.ends_at)))
    assert "playbook.used" in kinds()


def test_it_speaks_the_language_of_who_uses_it(secretary: Member, visit: Visit) -> None:
    visit(secretary.phone, language="zh_CN").open(LOCK_DOWN).submit(LOCK_DOWN)
    assert factories.scalar(select(Call.title)) == "古巷社区卡口值守志愿者招募"


def test_at_most_five_inputs_are_to_be_looked_at(secretary: Member, visit: Visit) -> None:
    """Those outside the fold, the unit's choice among them, where somebody has several units."""
    town = factories.secretary(TOWN)
    for who in (secretary, town):
        for key in SHIPPED:
            page = visit(who.phone).open(f"/playbooks/{key}/use?unit={VILLAGE}").page
            main = page.find("main")
            assert main is not None
            inputs = [
                each
                for each in main.find_all(["input", "select", "textarea"])
                if each.get("type") != "hidden" and each.find_parent("details") is None
            ]
            assert 3 <= len(inputs) <= 5, [each.get("name") for each in inputs]


def test_what_the_unit_has_is_used_and_what_is_missing_is_made(secretary: Member, visit: Visit) -> None:
    gate = factories.checkpoint(unit_code=VILLAGE, name="旧东门")
    under_way = factories.operation(TOWN, "全镇防控")
    who = visit(secretary.phone).open(LOCK_DOWN)
    filled = who.filled(who.form(LOCK_DOWN))
    assert filled["checkpoints"].strip() == "旧东门"
    assert filled["operation"] == [str(under_way.id)]
    who.submit(LOCK_DOWN, checkpoints="旧东门\n新西门，人民路1号", days="1")
    names = {row.name: row.id for row in factories.rows(select(Checkpoint.name, Checkpoint.id))}
    assert set(names) == {"旧东门", "新西门"}
    assert names["旧东门"] == gate.id
    assert factories.scalar(select(Branch.operation_id).where(Branch.kind == "action")) == under_way.id


def test_the_sum_is_counted_again_before_anything_is_written(secretary: Member, visit: Visit) -> None:
    who = visit(secretary.phone).open(LOCK_DOWN)
    before = made()
    who.submit(LOCK_DOWN, look="1", checkpoints="A\nB", days="2", title="Mine")
    assert who.status == 200
    assert who.filled(who.form(LOCK_DOWN))["title"] == "Mine"
    assert re.search(r"\b\d{1,2} shifts, ", who.text)
    assert made() == before


def test_dangerous_work_needs_its_insurance_marked(secretary: Member, visit: Visit) -> None:
    """Regulations on Volunteer Service, 2017, Art. 17; and all of it or nothing."""
    before = made()
    who = visit(secretary.phone).open(FLOOD).submit(FLOOD)
    assert who.status == 422
    assert "insurance taken out and marked" in who.text
    assert who.page.find(id="insured-error")
    assert made() == before
    assert "playbook.used" not in kinds()
    who.submit(FLOOD, insured="y")
    assert "Share the call" in who.text
    assert made()["branch"] == before["branch"] + 1


def test_a_repeat_with_the_same_key_changes_nothing(secretary: Member, visit: Visit) -> None:
    who = visit(secretary.phone).open(LOCK_DOWN)
    form = who.form(LOCK_DOWN)
    sent, action = who.filled(form), str(form["action"])
    first = who.send("POST", action, data=sent, headers=who.headers)
    once = made()
    second = who.send("POST", action, data=sent, headers=who.headers)
    assert first.headers["Location"] == second.headers["Location"]
    assert made() == once


def test_it_can_be_used_a_second_time_as_it_stands(secretary: Member, visit: Visit) -> None:
    who = visit(secretary.phone).open(LOCK_DOWN).submit(LOCK_DOWN)
    who.open(LOCK_DOWN).submit(LOCK_DOWN)
    assert "Share the call" in who.text
    assert factories.count_of(Checkpoint) == 5
    assert factories.count_of(Operation) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("checkpoints", ""),
        ("checkpoints", "\n".join(f"Gate {n}" for n in range(51))),
        ("checkpoints", "，富元路"),
        ("first", "tomorrow"),
        ("first", "2020-01-01T08:00"),
        ("first", "2199-01-01T08:00"),
        ("posts", "registration"),
        ("posts", "registration, 0"),
        ("posts", "registration, 2, 3"),
        ("posts", "registration, 2, 1, juggling"),
        ("pattern", "whenever"),
        ("pattern", "08:00-30:00"),
        ("overlap", "-1"),
        ("overlap", "x"),
        ("days", "0"),
        ("days", "61"),
        ("rest_at", "2020-01-01T08:00"),
        ("title", ""),
        ("name", "x" * 101),
        ("operation", "999999"),
        ("operation_name", ""),
        ("risks", ""),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_left(
    secretary: Member, visit: Visit, field: str, value: str
) -> None:
    before = made()
    who = visit(secretary.phone).open(LOCK_DOWN).submit(LOCK_DOWN, **{field: value, "mission": "Typed."})
    assert who.status in (409, 422), who.text
    assert who.page.find(id=f"{field}-error"), who.text
    assert who.filled(who.form(LOCK_DOWN))["mission"].strip() == "Typed.", "nothing typed is lost"
    assert made() == before


def test_names_that_are_taken_are_refused_at_their_field(secretary: Member, visit: Visit) -> None:
    branch = factories.branch(VILLAGE, "Here already", kind="action")
    operation = factories.scalar(select(Operation.name).where(Operation.id == branch.operation_id))
    before = made()
    for field, typed in (
        ("name", {"name": "Here already"}),
        ("operation_name", {"operation": "new", "operation_name": operation}),
    ):
        who = visit(secretary.phone).open(LOCK_DOWN).submit(LOCK_DOWN, **typed)
        assert who.status == 409
        assert who.page.find(id=f"{field}-error"), who.text
        assert who.page.find("details", id="more", open=True)
    assert made() == before


def test_a_skill_that_no_roster_has_is_said_and_not_dropped_in_silence(
    secretary: Member, visit: Visit
) -> None:
    site = "/playbooks/sampling-site/use"
    who = visit(secretary.phone).open(site)
    assert "No roster has the skill" in who.text
    assert "医护" not in who.filled(who.form(site))["posts"]


# --- whose they are ---------------------------------------------------------------------------------------


def test_a_playbook_is_seen_by_its_unit_and_all_below(secretary: Member, visit: Visit) -> None:
    own, above, beside = keep(VILLAGE, "Own"), keep(TOWN, "From above"), keep(SISTER, "Beside")
    who = visit(secretary.phone).open("/playbooks")
    assert "Own" in who.text
    assert "From above" in who.text
    assert "Beside" not in who.text
    assert who.open(f"/playbooks/{above.id}/use").status == 200
    assert who.open(f"/playbooks/{own.id}").status == 200
    for hidden in (f"/playbooks/{beside.id}/use", f"/playbooks/{beside.id}", f"/playbooks/{above.id}"):
        assert who.open(hidden).status == 404


@pytest.mark.parametrize("address", ["/playbooks", LOCK_DOWN, FLOOD])
def test_another_units_secretary_and_a_member_find_nothing(
    secretary: Member, visit: Visit, address: str
) -> None:
    assert visit(secretary.phone).open(f"{address}?unit={SISTER}").status == 404
    factories.unit(SISTER)
    assert visit(secretary.phone).open(f"{address}?unit={SISTER}").status == 404
    assert visit(factories.member().phone).open(f"{address}?unit={VILLAGE}").status in (403, 404)
    assert visit(secretary.phone).open(f"{address}?unit=%00").status == 404


@pytest.mark.parametrize("key", ["nothing", "0", "999999999", "1234567890123", "１", "-1"])
def test_a_playbook_that_is_not_there_is_not_found(secretary: Member, visit: Visit, key: str) -> None:
    assert visit(secretary.phone).open(f"/playbooks/{key}/use").status == 404


def test_one_that_can_no_longer_be_read_is_said_to_be_so(secretary: Member, visit: Visit) -> None:
    broken = keep(VILLAGE, "Broken", days=-3)
    who = visit(secretary.phone)
    assert "can no longer be read" in who.open("/playbooks").text
    assert who.open(f"/playbooks/{broken.id}").status == 200
    assert who.open(f"/playbooks/{broken.id}/use").status == 422
    assert "Broken" in who.text


def test_the_page_of_playbooks_costs_the_same_however_many_there_are(
    secretary: Member, visit: Visit, count_queries: Callable[..., int]
) -> None:
    who = visit(secretary.phone).open("/playbooks")
    few = count_queries(lambda: who.open("/playbooks"))
    for n in range(12):
        keep(VILLAGE, f"Kept {n}")
    assert count_queries(lambda: who.open("/playbooks")) == few


# --- keeping one --------------------------------------------------------------------------------------------


def stood_up(who: Visitor) -> int:
    who.open(LOCK_DOWN).submit(
        LOCK_DOWN, posts="guard, 4, 2, day\nguard, 2, 1, night", content="As we do it."
    )
    return int(factories.scalar(select(func.max(Call.id))))


def test_a_call_is_kept_and_used_again_below(secretary: Member, visit: Visit) -> None:
    town = factories.secretary(TOWN)
    who = visit(secretary.phone)
    call_id = stood_up(who)
    keeping = f"/calls/{call_id}/keep-as-playbook"
    assert who.open(f"/calls/{call_id}").page.find("a", href=keeping)
    who.open(keeping).submit(keeping, name="Our way")
    assert "is kept for 古巷社区" in who.text
    row = factories.rows(select(Playbook.id, Playbook.unit_code, Playbook.body))[0]
    kept = body_rules.read(row.body)
    assert row.unit_code == VILLAGE
    assert kept.title == "{unit}: volunteers for the checkpoints"
    assert (kept.pattern, kept.days, kept.content) == ("3x8", 7, "As we do it.")
    assert {(each.seats, each.hours) for each in kept.posts} == {(4, "day"), (2, "night")}
    use = f"/playbooks/{row.id}/use"
    who.open(f"{use}").submit(use)
    assert "Share the call" in who.text
    assert visit(town.phone).open(f"{use}?unit={TOWN}").status == 404, (
        "kept for the village, not for the town"
    )


def test_a_name_is_replaced_only_where_it_is_ticked(secretary: Member, visit: Visit) -> None:
    who = visit(secretary.phone)
    keeping = f"/calls/{stood_up(who)}/keep-as-playbook"
    who.open(keeping).submit(keeping, name="Our way")
    who.open(keeping).submit(keeping, name="Our way")
    assert who.status == 409
    assert who.page.find(id="name-error")
    who.open(keeping).submit(keeping, name="Our way", replace="y")
    assert who.status == 200
    current = select(func.count()).select_from(Playbook).where(Playbook.retired_at.is_(None))
    assert (factories.scalar(current), factories.count_of(Playbook)) == (1, 2)


def test_a_call_without_shifts_says_what_is_missing(secretary: Member, visit: Visit) -> None:
    call = factories.call(factories.branch(VILLAGE, kind="action"))
    who = visit(secretary.phone).open(f"/calls/{call.id}/keep-as-playbook")
    assert who.status == 200
    assert "no shifts" in who.text


def test_only_who_leads_the_unit_keeps_for_it(secretary: Member, visit: Visit) -> None:
    branch = factories.branch(VILLAGE, kind="action")
    call = factories.call(branch)
    factories.shift(call, factories.checkpoint(branch))
    leader = factories.member()
    factories.appointment(leader, Role.SECRETARY, branch=branch)
    address = f"/calls/{call.id}/keep-as-playbook"
    assert visit(leader.phone).open(address).status == 403
    assert visit(factories.secretary(SISTER).phone).open(address).status == 404
    assert visit(secretary.phone).open(address).status == 200


def test_one_is_renamed_and_retired(secretary: Member, visit: Visit) -> None:
    row, other = keep(VILLAGE, "First"), keep(VILLAGE, "Second")
    page = f"/playbooks/{row.id}"
    who = visit(secretary.phone).open(page).submit(page, name="Second")
    assert who.status == 409
    assert who.page.find(id="name-error")
    who.open(page).submit(page, name="Third")
    assert "Third" in who.text
    who.open(page).submit(f"{page}/retire")
    assert who.status == 200
    assert "is retired" in who.text
    assert who.open(page).status == 404
    assert who.open(f"{page}/use").status == 404
    assert who.open(f"/playbooks/{other.id}").status == 200
    assert kinds() == [
        *(["member.appointed"] * kinds().count("member.appointed")),
        "playbook.renamed",
        "playbook.retired",
    ]


def test_a_beginning_in_the_middle_of_a_shift_cuts_it(secretary: Member, visit: Visit) -> None:
    first = factories.tomorrow(4, 30)
    local = first.astimezone(factories.LOCAL)
    who = visit(secretary.phone).open(LOCK_DOWN)
    who.submit(LOCK_DOWN, first=local.strftime("%Y-%m-%dT%H:%M"), checkpoints="East Gate", days="1")
    rows = factories.rows(select(Shift.starts_at, Shift.ends_at).order_by(Shift.starts_at))
    assert [(row.starts_at - first, row.ends_at - row.starts_at) for row in rows] == [
        (timedelta(0), timedelta(hours=3, minutes=30)),
        (timedelta(hours=3, minutes=30), timedelta(hours=8)),
        (timedelta(hours=11, minutes=30), timedelta(hours=8)),
    ]
