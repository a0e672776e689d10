"""A skill is claimed by the member, confirmed by a secretary or a roster, and only then opens a seat that needs it."""

from collections.abc import Callable

from sqlalchemy import select

from mobilizer.model import JournalEntry, MemberSkill, Notice, Skill
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def test_a_nurses_seat_is_taken_once_a_secretary_has_confirmed_the_skill(visit: Visit) -> None:
    nurse = factories.kept(Skill(name="Nurse"))
    shift = factories.shift(skill_id=nurse.id)
    who, leader = factories.member(factories.branch()), factories.secretary()
    page = visit(who.phone).open("/me")
    assert page.page.find("a", href="/my/skills")
    page.open("/my/skills").submit("/my/skills", skill_id=nurse.id)
    assert "Not confirmed yet" in page.text
    assert not page.open(f"/shifts/{shift.id}").offers(f"/shifts/{shift.id}/sign-up")

    seen = visit(leader.phone).open(f"/members/{who.id}")
    assert "by their own word" in seen.text
    seen.submit(f"/members/{who.id}/skills")
    assert "“Nurse” is confirmed" in seen.text
    page.open(f"/shifts/{shift.id}").submit(f"/shifts/{shift.id}/sign-up")
    assert "You are signed up" in page.text
    assert [row.kind for row in factories.rows(select(Notice.kind).where(Notice.member_id == who.id))] == [
        "skill-confirmed"
    ]
    kinds = {row.kind for row in factories.rows(select(JournalEntry.kind))}
    assert {"member.skill-claimed", "member.skill-confirmed"} <= kinds


def test_a_secretary_names_a_skill_and_takes_it_off_again(visit: Visit) -> None:
    who, leader = factories.member(factories.branch()), factories.secretary()
    page = visit(leader.phone).open(f"/members/{who.id}").submit(f"/members/{who.id}/skills", skill="Driver")
    [row] = factories.rows(select(MemberSkill.skill_id, MemberSkill.confirmed_at))
    assert row.confirmed_at is not None
    page.submit(f"/members/{who.id}/skills/{row.skill_id}/remove")
    assert "off " in page.text
    assert factories.rows(select(MemberSkill.id)) == []
    page.submit(f"/members/{who.id}/skills", skill=" ")
    assert page.status == 422


def test_claiming_twice_is_no_different_and_what_is_confirmed_is_not_ones_own_to_take_back(
    visit: Visit,
) -> None:
    skill = factories.kept(Skill(name="Driver"))
    who, leader = factories.member(factories.branch()), factories.secretary()
    page = visit(who.phone).open("/my/skills")
    data = page.filled(page.form("/my/skills"))
    for key in ("one", "two"):
        page.send("POST", "/my/skills", data=data | {"operation_key": key}, headers=page.headers)
    assert len(factories.rows(select(MemberSkill.id))) == 1
    drop = page.open("/my/skills").filled(page.form("/my/skills/drop"))
    visit(leader.phone).open(f"/members/{who.id}").submit(f"/members/{who.id}/skills")
    page.send("POST", "/my/skills/drop", data=drop, headers=page.headers)
    assert len(factories.rows(select(MemberSkill.id))) == 1
    unknown = page.send(
        "POST", "/my/skills", data=data | {"skill_id": skill.id + 10**9}, headers=page.headers
    )
    assert unknown.status_code == 404


def test_nobody_confirms_a_skill_of_another_branchs_member(visit: Visit) -> None:
    factories.kept(Skill(name="Driver"))
    who, own = factories.member(factories.branch()), factories.member(factories.branch("320507002001"))
    leader = visit(factories.secretary("320507002001").phone).open(f"/members/{own.id}")
    data = leader.filled(leader.form(f"/members/{own.id}/skills")) | {"skill": "Driver"}
    answer = leader.send("POST", f"/members/{who.id}/skills", data=data, headers=leader.headers)
    assert answer.status_code == 404
    assert factories.rows(select(MemberSkill.id)) == []
