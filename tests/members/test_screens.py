"""Finding members within one's appointments; one member's page; appointing."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from mobilizer.members import queries, rules
from mobilizer.model import Appointment, Attachment, Member
from mobilizer.terms import Role
from tests import factories
from tests.imports.files import take_roster, take_units
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
ROSTER = [
    ["姓名", "社区", "支部", "类别", "电话", "特长"],
    ["单小芳", "古巷社区", "古巷第一党支部", "正式党员", "19900000001", "驾驶、医护"],
    ["陈强", "古巷社区", "古巷第二党支部", "预备党员", "19900000002", ""],
    ["曾丽", "鹤泾村", "鹤泾村党支部", "正式党员", "19900000003", "会计"],
]


def names(found: queries.Found) -> list[str]:
    return [line.name for line in found.lines]


def search(text: str = "", scope: rules.Scope = rules.EVERYTHING, **more: object) -> list[str]:
    return names(queries.search(scope, text=text, **more))  # type: ignore[arg-type]


def test_somebody_is_found_by_what_one_knows_of_them(app: Flask) -> None:
    take_units()
    take_roster(ROSTER)
    assert search() == ["陈强", "单小芳", "曾丽"], "in the order of the pinyin: chen, shan, zeng"
    for text in ("单小", "shanxiaofang", "sxf", "SXF", "0000001", "古巷第一", "医护", "sxf 驾驶"):
        assert search(text) == ["单小芳"], text
    assert search("sxf 会计") == []
    assert search("%") == search("_") == []
    assert search(standing="probationary") == ["陈强"]
    assert search(unit_code="320507102") == ["曾丽"]
    assert search(without=select(Member.id).where(Member.name == "陈强")) == ["单小芳", "曾丽"]
    assert search(limit=1, offset=1) == ["单小芳"]


def test_a_search_stays_within_the_appointments(app: Flask) -> None:
    take_units()
    take_roster(ROSTER)
    home = factories.scalar(select(Member.home_branch_id).where(Member.name == "陈强"))
    assert search(scope=rules.Scope(unit_codes=frozenset({"320507001"}))) == ["陈强", "单小芳"]
    assert search(scope=rules.Scope(branch_ids=frozenset({home}))) == ["陈强"]
    assert search(scope=rules.Scope()) == []


def test_a_secretary_sees_the_own_members_and_no_others(app: Flask, visit: Visit) -> None:
    take_units()
    take_roster(ROSTER)
    secretary = factories.secretary("320507001003", name="周书记")
    visitor = visit(secretary.phone).open("/members")
    assert "单小芳" in visitor.text
    assert "199 0000 0001" in visitor.text, "who has to call sees the number"
    assert "曾丽" not in visitor.text
    own = factories.scalar(select(Member.id).where(Member.name == "单小芳"))
    other = factories.scalar(select(Member.id).where(Member.name == "曾丽"))
    assert visitor.open(f"/members/{own}").status == 200
    assert not visitor.offers(f"/members/{own}/appointments")
    assert visitor.open(f"/members/{other}").status == 404
    assert visitor.open("/members/99999999999999999999").status == 404
    assert visitor.open("/members?unit=320507102").status == 200
    assert "曾丽" not in visitor.text, "a unit in the address opens nothing"


def test_a_member_without_an_appointment_sees_no_list(app: Flask, visit: Visit) -> None:
    who = factories.member()
    visitor = visit(who.phone).open("/members")
    assert visitor.status in (403, 404)
    assert visit(who.phone).open(f"/members/{who.id}").status == 404
    assert visit().open("/members").page.find("input", {"name": "password"})


def test_the_list_alone_is_sent_to_htmx(app: Flask, visit: Visit) -> None:
    take_units()
    take_roster(ROSTER)
    secretary = factories.secretary("320507001003")
    visitor = visit(secretary.phone)
    visitor.open("/members?q=sxf", **({"HX-Request": "true"} if visitor.htmx else {}))
    assert "单小芳" in visitor.text
    assert "陈强" not in visitor.text
    assert bool(visitor.page.find("html")) is not visitor.htmx
    assert "Nobody found" in visitor.open("/members?q=qqq").text


def test_the_list_asks_the_database_no_more_for_more_members(app: Flask, visit: Visit) -> None:
    take_units()
    take_roster(ROSTER)
    more = [
        [f"王{chr(0x4E00 + at)}", "古巷社区", "古巷第一党支部", "", f"{19900001000 + at}", "驾驶"]
        for at in range(120)
    ]
    take_roster([ROSTER[0], *more])
    secretary = factories.secretary("320507001003", name="周书记")
    visitor = visit(secretary.phone).open("/members?q=驾驶")
    assert "121 members" in visitor.text
    assert len(visitor.page.select("tbody tr")) == queries.PAGE
    visitor.open("/members?q=驾驶&page=3")
    assert len(visitor.page.select("tbody tr")) == 21


def test_an_administrator_appoints_and_ends(app: Flask, visit: Visit) -> None:
    take_units()
    take_roster(ROSTER)
    chief = factories.member()
    factories.appointment(chief, Role.ADMINISTRATOR)
    who = factories.scalar(select(Member).where(Member.name == "陈强"))
    visitor = visit(chief.phone).open(f"/members/{who.id}")
    form = f"/members/{who.id}/appointments"
    visitor.submit(form, role="secretary", unit="320507001003")
    assert "陈强 is appointed." in visitor.text
    [held] = factories.rows(select(Appointment).where(Appointment.member_id == who.id))
    assert (held[0].role, held[0].unit_code) == ("secretary", "320507001003")
    assert visitor.submit(form, role="coordinator", unit="", branch=str(who.home_branch_id)).status == 422
    assert "A coordinator is appointed for a unit." in visitor.text
    assert visitor.submit(form, role="secretary", unit="", branch="").status == 422
    assert visitor.submit(form, role="emperor").status == 422
    visitor.open(f"/members/{who.id}").submit(f"{form}/{held[0].id}/end")
    assert "The appointment is ended." in visitor.text
    assert factories.scalar(select(Appointment.ends_at).where(Appointment.id == held[0].id)) is not None


def test_an_appointment_is_ended_at_its_own_member_only(app: Flask, visit: Visit) -> None:
    chief, other = factories.member(), factories.secretary()
    factories.appointment(chief, Role.ADMINISTRATOR)
    held = factories.scalar(select(Appointment.id).where(Appointment.member_id == other.id))
    visitor = visit(chief.phone).open(f"/members/{chief.id}")
    token = visitor.page.find("input", {"name": "csrf_token"})["value"]
    answer = visitor.send(
        "POST",
        f"/members/{chief.id}/appointments/{held}/end",
        data={"csrf_token": token},
        headers=visitor.headers,
    )
    assert answer.status_code == 404


def test_an_attached_member_can_be_appointed_in_that_branch(app: Flask) -> None:
    who = factories.member(factories.branch("320507001002"))
    away = factories.branch("320507102203", kind="action")
    assert away.id not in dict(queries.branches_near(queries.member(who.id)))  # type: ignore[arg-type]
    factories.attachment(away, who)
    assert factories.count_of(Attachment) == 1
    assert away.id in dict(queries.branches_near(queries.member(who.id)))  # type: ignore[arg-type]


def test_who_counts_finds_people_without_their_numbers(visit: Visit) -> None:
    home = factories.branch("320507001003")
    found = factories.member(home, "Chen", phone="+8619900000002")
    for role, number in ((Role.COORDINATOR, "199****0002"), (Role.SECRETARY, "199 0000 0002")):
        who = factories.member(home)
        factories.appointment(who, role, unit_code="320507001")
        visitor = visit(who.phone)
        for page in ("/members?q=Chen", f"/members/{found.id}", f"/branches/{home.id}"):
            assert number in visitor.open(page).text, (role, page)
            html = visitor.response.get_data(as_text=True)
            assert ("+8619900000002" in html) == (role == Role.SECRETARY), (role, page)
