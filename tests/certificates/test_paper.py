"""The sheet itself: what stands on it, on the page that is printed and in the PDF; and that a document's number stays nowhere."""

import json
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select, text

from mobilizer.certificates import pdf
from mobilizer.certificates.wording import Paper
from mobilizer.errors import Refused
from mobilizer.extensions import Base, db
from mobilizer.model import Branch, Certificate, Member
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
CARD = "11010519491231002X"
SERVED = date(2025, 3, 1)


@pytest.fixture
def envelope() -> str:
    """A sheet is no fragment: nothing here is sent by htmx, and drawing each twice would only take its time."""
    return "plain"


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch("320507001002", "御窑社区党支部")


@pytest.fixture
def who(branch: Branch) -> Member:
    made = factories.member(branch, name="陈小雨")
    gate = factories.checkpoint(branch, "东门")
    ledger.entry(made, branch, gate, day=SERVED, minutes=95)
    ledger.entry(made, branch, gate, day=SERVED, minutes=6125, category="care")
    return made


def written(body: bytes) -> str:
    """The text of the PDF as another program reads it, line ends as spaces."""
    with pypdfium2.PdfDocument(body) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())


def printed(visitor: Visitor, certificate_id: int, **fields: str) -> Any:
    """The answer to the form that prints, on the page of the certificate."""
    visitor.open(f"/certificates/{certificate_id}")
    form = visitor.form(f"/certificates/{certificate_id}/paper")
    sent = visitor.filled(form) | {"as": "page"} | fields
    return visitor.send("POST", str(form["action"]), data=sent, headers=visitor.headers)


def as_pdf(visitor: Visitor, certificate_id: int, **fields: str) -> bytes:
    answer = printed(visitor, certificate_id, **({"as": "pdf"} | fields))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.get_data(as_text=True)
    return bytes(answer.get_data())


ON_IT = ("陈小雨", CARD, "王芳", "李娜", "0512 6575 1234", "御窑社区党支部", "东门")


def test_the_pdf_carries_what_the_measures_list(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch, language="zh_CN", person_in_charge="王芳", handler="李娜")
    found = written(as_pdf(visit(who.phone), made, document_number=CARD))
    number = factories.scalar(select(Certificate.number))
    token = factories.certificate_token(made)
    for shown in (*ON_IT, number, f"/v/{token}", "2 103.7", "1 102.1", "★", "1.6"):
        assert shown in found, shown


def test_the_english_pdf_says_it_in_english(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    found = written(
        as_pdf(visit(who.phone, language="zh_CN"), made, document="passport", document_number="e12345678")
    )
    for shown in (
        "Certificate of volunteer service",
        "Passport E12345678",
        "2 person-times, 103.7 hours",
        "★ (103.7 hours altogether)",
        "Care for residents 1 102.1",
        "1 March 2025 Checkpoint duty 东门 1.6",
        "Person in charge Wang Fang",
        "Handled by Li Na",
        "free of charge",
    ):
        assert shown in found, shown


def test_the_pdf_is_one_small_sheet_of_a4_that_says_what_it_is(
    visit: Visit, branch: Branch, who: Member
) -> None:
    for _ in range(6):
        ledger.entry(who, branch, day=SERVED, category="patrol")
    made = factories.certificate(who, branch)
    body = as_pdf(visit(who.phone), made, document_number=CARD)
    assert len(body) < 100_000, "the font is embedded in part"
    assert b"/Lang (en" in body
    assert b"FontFile3" in body
    with pypdfium2.PdfDocument(body) as document:
        assert len(document) == 1
        assert [round(side) for side in document[0].get_size()] == [595, 842]
        title = document.get_metadata_dict()["Title"]
        assert "Certificate of volunteer service" in title
        assert CARD not in json.dumps(document.get_metadata_dict())
        dark = document[0].render(scale=1, grayscale=True).to_pil().histogram()
    assert 0.01 < sum(dark[:128]) / sum(dark) < 0.12, "there is something on it, and no ink is wasted"


def test_the_page_to_print_says_the_same(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch, language="zh_CN", person_in_charge="王芳", handler="李娜")
    page = visit(who.phone)
    page._took(printed(page, made, document_number=CARD))
    sheet = page.page.find("article")
    assert sheet is not None
    assert sheet["lang"] == "zh-CN"
    for shown in (*ON_IT, factories.scalar(select(Certificate.number)), "103.7"):
        assert shown in sheet.get_text()


def test_without_a_number_a_line_is_left_for_it(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    assert "Identity document and number" in written(as_pdf(visit(who.phone), made))
    page = visit(who.phone)
    page._took(printed(page, made))
    assert page.page.select_one(".paper-line")


def test_a_slip_of_the_finger_is_told_and_what_was_typed_is_still_there(
    visit: Visit, branch: Branch, who: Member
) -> None:
    made = factories.certificate(who, branch)
    page = visit(who.phone)
    for how in ("page", "pdf"):
        answer = printed(page, made, document_number="110105194912310021", **{"as": how})
        page._took(answer)
        assert answer.status_code == 422
        assert "compare it sign by sign" in page.text
        assert (
            page.filled(page.form(f"/certificates/{made}/paper"))["document_number"] == "110105194912310021"
        )
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_typed_is_text_on_the_sheet(visit: Visit, branch: Branch) -> None:
    who = factories.member(branch, name="<script>x</script>")
    ledger.entry(who, branch, day=SERVED)
    made = factories.certificate(who, branch, handler="<img src=x>")
    answer = printed(visit(who.phone), made).get_data(as_text=True)
    assert "<script>x" not in answer
    assert "<img src=x" not in answer
    assert "<script>x</script>" in written(as_pdf(visit(who.phone), made))


def test_a_sign_that_the_font_has_not_is_said_in_words(visit: Visit, branch: Branch) -> None:
    who = factories.member(branch, name="陈🙂")
    ledger.entry(who, branch, day=SERVED)
    made = factories.certificate(who, branch)
    page = visit(who.phone)
    page._took(printed(page, made, **{"as": "pdf"}))
    assert page.status == 409
    assert "no sign for 🙂" in page.text
    assert printed(page, made).status_code == 200, "the page is printed with what fonts the browser has"


def test_rare_characters_are_drawn(visit: Visit, branch: Branch) -> None:
    who = factories.member(branch, name="𠮷喆曌")
    ledger.entry(who, branch, day=SERVED)
    assert "𠮷喆曌" in written(as_pdf(visit(who.phone), factories.certificate(who, branch)))


def test_of_many_services_the_categories_are_told(visit: Visit, branch: Branch, who: Member) -> None:
    for _ in range(10):
        ledger.entry(who, branch, day=SERVED)
    found = written(as_pdf(visit(who.phone), factories.certificate(who, branch)))
    assert "Checkpoint duty 11 81.6" in found
    assert "1 March 2025 Checkpoint" not in found


# --- a document's number stays nowhere --------------------------------------------------------------------


def test_the_documents_number_is_kept_nowhere(
    visit: Visit, branch: Branch, who: Member, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = factories.certificate(who, branch)
    for typed in (CARD, "110105194912310021"):
        for how in ("page", "pdf"):
            answer = printed(
                visit(who.phone), made, document_number=typed, operation_key="a-key", **{"as": how}
            )
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Location" not in answer.headers
            assert typed not in str(answer.headers)
    db.session.rollback()
    for name in Base.metadata.tables:
        kept = db.session.execute(text(f'SELECT * FROM "{name}"')).all()
        assert "1101051949" not in repr(kept), name
    assert "1101051949" not in caplog.text
    for path in Path(app.instance_path).rglob("*"):
        assert not path.is_file() or b"1101051949" not in path.read_bytes(), path


def test_the_form_that_prints_is_kept_by_no_browser_of_its_own_accord(
    visit: Visit, branch: Branch, who: Member
) -> None:
    page = visit(who.phone).open(f"/certificates/{factories.certificate(who, branch)}")
    form = page.form(str(page.page.select_one("form[action$='/paper']")["action"]))  # type: ignore[index]
    assert form["method"] == "post"
    assert not form.has_attr("data-draft")
    assert not form.has_attr("data-queue")
    field = form.find("input", {"name": "document_number"})
    assert field is not None
    assert field["autocomplete"] == "off"
    assert page.response.headers["Cache-Control"] == "no-store"


def test_nobody_prints_anothers(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    comrade = visit(factories.member(branch).phone).open("/me")
    sent = comrade.filled(comrade.form("/log-out")) | {"as": "pdf", "document": "other"}
    answer = comrade.send("POST", f"/certificates/{made}/paper", data=sent, headers=comrade.headers)
    assert answer.status_code == 403


def test_what_is_revoked_is_printed_no_more(visit: Visit, branch: Branch, who: Member) -> None:
    made = factories.certificate(who, branch)
    page = visit(who.phone).open(f"/certificates/{made}")
    form = page.filled(page.form(f"/certificates/{made}/paper")) | {"as": "pdf"}
    leader = visit(factories.secretary(branch.unit_code).phone).open(f"/certificates/{made}")
    leader.submit(f"/certificates/{made}/revoke", reason="A slip")
    answer = page.send("POST", f"/certificates/{made}/paper", data=form, headers=page.headers)
    assert answer.status_code == 409


# --- many at once ---------------------------------------------------------------------------------------------


def sheet(name: str) -> Paper:
    head = ("Content", "Person-times", "Hours")
    signing = tuple(
        (what, "x") for what in ("Issuer", "Of", "Person in charge", "Handled by", "Contact", "Date")
    )
    return Paper(
        language="en",
        title="Certificate",
        number="No. 1",
        words="This is to certify.",
        facts=(("Name", name), ("Document", "")),
        content=(head, ("Care", "1", "8.0"), ("Total", "1", "8.0")),
        services=(),
        signing=signing,
        seal="Seal",
        link="https://example.org/v/abc",
        verify="Scan it.",
        notes=("Free of charge.",),
    )


def test_a_drawing_that_dies_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text("raise SystemExit(1)")
    monkeypatch.setattr(pdf, "DRAWING", dying)
    with pytest.raises(Refused) as refusal:
        pdf.of_one(sheet("Chen"))
    assert (refusal.value.code, refusal.value.status) == ("pdf-failed", 503)
