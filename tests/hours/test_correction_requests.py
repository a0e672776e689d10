"""A member says that something kept about them is wrong; whoever leads the branch answers; the ledger stays."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.hours import correction_request_actions as corrections
from mobilizer.hours import correction_request_queries as queries
from mobilizer.model import Branch, Certificate, CorrectionRequest, JournalEntry, Member, Notice
from mobilizer.terms import Role
from tests import factories
from tests.attendance.leaders import committed, refused
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def requests() -> list[Any]:
    return factories.rows(select(CorrectionRequest.__table__).order_by(CorrectionRequest.id))


def told(who: Member) -> list[str]:
    return [row.kind for row in factories.rows(select(Notice.kind).where(Notice.member_id == who.id))]


def certificate(who: Member, branch: Branch, record_id: int) -> int:
    given = {
        "branch_id": branch.id,
        "year": 2026,
        "serial": 1,
        "number": f"2026-{record_id:04d}",
        "nonce": "n",
        "token_hash": f"h{record_id}",
    }
    given |= {"member_id": who.id, "name": who.name, "language": "en", "to_day": date(2026, 11, 30)}
    given |= {
        "scope": "all",
        "person_times": 1,
        "minutes": 480,
        "through_record_id": record_id,
        "checksum": "0" * 64,
    }
    given |= {"person_in_charge": "Li Na", "handler": "Li Na", "contact": "", "issued_at": clock.now()}
    return int(factories.kept(Certificate(**given)).id)


# --- on the pages ---------------------------------------------------------------------------------------------


def test_a_record_that_is_wrong_is_said_and_answered(visit: Visit) -> None:
    branch = factories.branch()
    who, leader = factories.member(branch), factories.secretary(branch.unit_code)
    record = ledger.entry(who, branch)
    page = visit(who.phone).open("/my/service")
    link = page.page.find("a", href=f"/my/corrections/new?record={record}")
    assert link is not None
    page.open(str(link["href"]))
    assert "480 min" in page.text
    page.submit("/my/corrections", words="I was there until 18:00.")
    assert "Said. You will be answered here." in page.text
    assert "Not answered yet" in page.text
    assert told(leader) == ["correction-asked"]

    desk = visit(leader.phone).open("/my/notices")
    assert f"{who.name} says that something kept about them is wrong" in desk.text
    desk.open("/members").open(str(desk.page.find("a", href="/corrections")["href"]))  # type: ignore[index]
    assert "I was there until 18:00." in desk.text
    [asked] = requests()
    desk.open(f"/corrections/{asked.id}").submit(f"/corrections/{asked.id}", answer="Put right.")
    assert f"Answered. {who.name} is told." in desk.text
    assert "Nothing to answer" in desk.text
    assert "Put right." in desk.open(f"/corrections/{asked.id}").text
    assert who.name in desk.open("/corrections?answered=1").text

    assert "The answer: Put right." in page.open("/my/notices").text
    assert "Put right." in page.open("/my/corrections").text
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("correction.asked") == kinds.count("correction.answered") == 1


def test_the_roster_is_said_to_be_wrong_from_me(visit: Visit) -> None:
    who = factories.member()
    page = visit(who.phone).open("/me")
    page.open(str(page.page.find("a", href="/my/corrections/new")["href"]))  # type: ignore[index]
    page.submit("/my/corrections", words=" ")
    assert page.status == 422
    page.submit("/my/corrections", words="I moved to Yuanhe.")
    [asked] = requests()
    assert (asked.member_id, asked.branch_id, asked.record_id, asked.certificate_id) == (
        who.id,
        who.home_branch_id,
        None,
        None,
    )


def test_the_same_is_said_once_until_it_is_answered(visit: Visit) -> None:
    who = factories.member()
    factories.correction_request(who)
    page = visit(who.phone).open("/my/corrections/new")
    assert "You have said so already" in page.text
    assert not page.offers("/my/corrections")
    refused("asked-already", corrections.ask, who.id, words="Again.", now=clock.now())


def test_an_answer_that_says_nothing_is_asked_for_again(visit: Visit) -> None:
    who, leader = factories.member(), factories.secretary()
    asked = factories.correction_request(who)
    page = visit(leader.phone).open(f"/corrections/{asked.id}").submit(f"/corrections/{asked.id}", answer=" ")
    assert page.status == 422
    assert requests()[0].answered_at is None


# --- who answers ----------------------------------------------------------------------------------------------


def test_nobody_reads_what_another_branchs_members_say(visit: Visit) -> None:
    asked = factories.correction_request(factories.member())
    elsewhere = visit(factories.secretary("320507001009").phone)
    assert elsewhere.open(f"/corrections/{asked.id}").status == 404
    assert "Nothing to answer" in elsewhere.open("/corrections").text
    assert visit(factories.member().phone).open("/corrections").status == 404


def test_what_is_anothers_cannot_be_said_to_be_wrong(visit: Visit) -> None:
    branch = factories.branch()
    who, other = factories.member(branch), factories.member(branch)
    record = ledger.entry(other, branch)
    page = visit(who.phone)
    for address in (
        f"record={record}",
        "record=999",
        "certificate=999",
        "record=x",
        f"record={record}&certificate=1",
    ):
        assert page.open(f"/my/corrections/new?{address}").status == 404, address
    refused("not-theirs", corrections.ask, who.id, words="Mine.", record_id=record, now=clock.now())


def test_nobody_answers_their_own(visit: Visit) -> None:
    leader = factories.secretary()
    administrator = factories.member()
    factories.appointment(administrator, Role.ADMINISTRATOR)
    page = (
        visit(leader.phone).open("/my/corrections/new").submit("/my/corrections", words="My name is Li Na.")
    )
    [asked] = requests()
    assert told(leader) == []
    assert told(administrator) == ["correction-asked"], (
        "whose only leader asks is answered by who stands above"
    )
    page.open(f"/corrections/{asked.id}")
    assert "Somebody else has to answer it" in page.text
    assert not page.offers(f"/corrections/{asked.id}")
    other = visit(administrator.phone).open(f"/corrections/{asked.id}")
    assert "is told" in other.submit(f"/corrections/{asked.id}", answer="Changed.").text


def test_a_member_without_a_branch_is_answered_by_an_administrator(app: Flask) -> None:
    administrator = factories.member()
    factories.appointment(administrator, Role.ADMINISTRATOR)
    homeless = factories.member()
    db.session.rollback()
    begin_write()
    db.session.get_one(Member, homeless.id).home_branch_id = None
    db.session.commit()
    committed(corrections.ask, homeless.id, words="I have no branch.", now=clock.now())
    assert requests()[0].branch_id is None
    assert told(administrator) == ["correction-asked"]


def test_the_branch_that_wrote_it_answers_and_the_home_branch_once_that_has_ended(app: Flask) -> None:
    action = factories.branch(kind="action")
    who = factories.member()
    record = ledger.entry(who, action)
    found = queries.about(who.id, record_id=record)
    assert found is not None
    assert found.branch_id == action.id
    db.session.rollback()
    begin_write()
    ended = db.session.get_one(Branch, action.id)
    ended.status, ended.ended_at = "ended", clock.now()
    db.session.commit()
    found = queries.about(who.id, record_id=record)
    assert found is not None
    assert found.branch_id == who.home_branch_id


def test_a_certificate_is_answered_for_by_who_issued_it(visit: Visit) -> None:
    issuing = factories.branch()
    who = factories.member()
    record = ledger.entry(who, issuing)
    issued = certificate(who, issuing, record)
    page = visit(who.phone).open(f"/my/corrections/new?certificate={issued}")
    assert f"2026-{record:04d}" in page.text
    page.submit("/my/corrections", words="My name is written otherwise.")
    [asked] = requests()
    assert (asked.branch_id, asked.certificate_id) == (issuing.id, issued)


def test_a_request_is_answered_once(app: Flask) -> None:
    who = factories.member()
    asked = factories.correction_request(who)
    committed(corrections.answer, asked.id, "Yes.", now=clock.now())
    refused("answered-already", corrections.answer, asked.id, "No.", now=clock.now())
    refused("request-unknown", corrections.answer, 999, "What?", now=clock.now())
    assert requests()[0].answer == "Yes."
    committed(corrections.ask, who.id, words="Still wrong.", now=clock.now())


def test_the_list_asks_the_same_however_many_there_are(
    app: Flask, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    scope = queries.Scope(unit_codes=frozenset({"320507001002"}))

    def listed() -> object:
        db.session.rollback()
        return queries.within_scope(scope, answered=False)

    factories.correction_request(factories.member())
    one = count_queries(listed)
    for _ in range(3):
        factories.correction_request(factories.member())
    assert count_queries(listed) == one == 1
