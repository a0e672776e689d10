"""A whole branch's certificates as one ZIP, drawn by a worker and fetched by whoever asked and may still certify."""

import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.accounts import actions as accounts
from mobilizer.certificates import bundle
from mobilizer.commands.working import work_due
from mobilizer.extensions import begin_write, db
from mobilizer.model import Appointment, Branch, Certificate, Job, Member
from mobilizer.policy import COMMAND_LINE
from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
SERVED = date(2025, 3, 1)


@pytest.fixture
def envelope() -> str:
    """A sheet is no fragment: nothing here is sent by htmx, and drawing each twice would only take its time."""
    return "plain"


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch("320507001002", "御窑/东")


@pytest.fixture
def secretary(branch: Branch) -> Member:
    made = factories.member(branch, name="Wang Fang")
    factories.appointment(made, Role.SECRETARY, branch=branch)
    return made


def served(branch: Branch, name: str, minutes: int = 95) -> Member:
    made = factories.member(branch, name=name)
    ledger.entry(made, branch, day=SERVED, minutes=minutes)
    return made


def ordered(visit: Visit, secretary: Member, branch: Branch, language: str = "en") -> Visitor:
    address = f"/branches/{branch.id}/certificates/all"
    page = visit(secretary.phone).open(address)
    return page.submit(f"{address}/issue", contact="0512 6575 1234", language=language)


def fetched(page: Visitor) -> Any:
    job_id = factories.scalar(select(Job.id).order_by(Job.id.desc()))
    return page.send("GET", f"/my/files/{job_id}/file", headers=page.headers)


def opened(page: Visitor) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(fetched(page).get_data())) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def text_of(body: bytes) -> str:
    with pypdfium2.PdfDocument(body) as document:
        return " ".join(document[0].get_textpage().get_text_range().split())


def test_each_member_has_a_sheet_with_a_line_for_the_documents_number(
    visit: Visit, branch: Branch, secretary: Member
) -> None:
    people = [served(branch, "陈小雨", 95), served(branch, "../李/娜", 480)]
    page = ordered(visit, secretary, branch)
    assert "Certificates issued: 2." in page.text
    assert work_due() == 1
    found = opened(page)
    rows = factories.rows(select(Certificate.__table__).order_by(Certificate.serial))
    assert {row.member_id for row in rows} == {each.id for each in people}
    assert not any("/" in name for name in found)
    assert {name.split(" ")[0] for name in found} == {row.number for row in rows}
    texts = [text_of(body) for body in found.values()]
    for row in rows:
        (mine,) = [each for each in texts if row.number in each]
        assert row.name in mine
        assert "Identity document and number" in mine
        assert f"/v/{factories.certificate_token(row.id)}" in mine


def test_who_cannot_be_drawn_is_named_in_the_language_of_whoever_asked(
    visit: Visit, branch: Branch, secretary: Member
) -> None:
    served(branch, "陈🙂")
    served(branch, "王芳")
    page = ordered(visit, secretary, branch)
    work_due()
    found = opened(page)
    assert len(found) == 2
    assert "no sign for 🙂" in found[bundle.MISSING].decode()


def test_asked_again_it_is_the_same_certificates_and_none_that_is_revoked(
    visit: Visit, branch: Branch, secretary: Member
) -> None:
    served(branch, "陈小雨")
    served(branch, "王芳")
    page = ordered(visit, secretary, branch)
    work_due()
    first = opened(page)
    page = ordered(visit, secretary, branch)
    assert "Certificates issued: 0." in page.text
    gone = factories.scalar(select(Certificate.id).order_by(Certificate.id))
    page.open(f"/certificates/{gone}").submit(f"/certificates/{gone}/revoke", reason="A slip")
    work_due()
    assert set(opened(page)) < set(first)
    assert len(first) == 2


def test_the_file_is_for_whoever_asked_and_only_while_they_certify(
    visit: Visit, branch: Branch, secretary: Member
) -> None:
    served(branch, "陈小雨")
    page = ordered(visit, secretary, branch)
    work_due()
    assert fetched(page).status_code == 200
    other = factories.member(branch)
    factories.appointment(other, Role.SECRETARY, branch=branch)
    job_id = factories.scalar(select(Job.id))
    assert visit(other.phone).open(f"/my/files/{job_id}").status == 404
    appointment = factories.scalar(select(Appointment.id).where(Appointment.member_id == secretary.id))
    begin_write()
    accounts.end_appointment(appointment, by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    assert fetched(page).status_code in (403, 404)


def test_the_jobs_own_words_tell_nobodys_link(visit: Visit, branch: Branch, secretary: Member) -> None:
    served(branch, "陈小雨")
    ordered(visit, secretary, branch)
    (job,) = factories.rows(select(Job.__table__))
    token = factories.certificate_token(factories.scalar(select(Certificate.id)))
    assert token not in repr(tuple(job))
    assert "陈小雨" not in repr(tuple(job))
