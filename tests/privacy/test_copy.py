"""A member takes home all that is kept of them, nothing of others, and no secret."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
from flask import Flask
from sqlalchemy import insert, select

from mobilizer import clock
from mobilizer.extensions import Base, begin_write, db, table_of
from mobilizer.model import Feedback, JournalEntry, Member, Notice, Verification
from mobilizer.privacy import copy_queries
from mobilizer.privacy.copy_rules import LEFT_OUT
from mobilizer.privacy.shown import COLUMNS
from tests import factories
from tests.hours.test_correction_requests import certificate
from tests.participation import ledger
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
SECRET = ("hash", "nonce", "token", "public_key", "credential_id", "search", "sort_name")


def naming_members() -> set[str]:
    """table.column of every column that names a member."""
    return {
        f"{name}.{column.name}"
        for name, table in Base.metadata.tables.items()
        for column in table.columns
        if any(key.column.table.name == "member" for key in column.foreign_keys)
    }


def test_whatever_names_a_member_is_in_the_copy_or_left_out_for_a_reason() -> None:
    covered = {column for section in copy_queries.SECTIONS for column in section.covers}
    assert naming_members() - covered - set(LEFT_OUT) == set(), "say in privacy.copy_queries or copy_rules"
    assert covered & set(LEFT_OUT) == set()
    assert set(LEFT_OUT) <= naming_members()
    assert all(reason for reason in LEFT_OUT.values())
    columns = {f"{name}.{c.name}" for name, table in Base.metadata.tables.items() for c in table.columns}
    assert covered <= columns
    assert {"attendance.sign_up_id", "feedback.sign_up_id", "verification.record_id"} <= covered


def test_no_section_has_a_secret_and_every_column_has_a_name(app: Flask) -> None:
    sections = copy_queries.copy_of(factories.member().id)
    names = {name for section in sections for name in section.columns}
    assert not [name for name in names if any(word in name for word in SECRET)]
    assert names <= set(COLUMNS)
    assert set(COLUMNS) <= names


def full(who: Member) -> None:
    """Something in most sections."""
    branch = factories.branch(kind="action")
    factories.attachment(branch, who)
    factories.passkey(who)
    factories.activation_token(who)
    factories.calendar_token(who)
    factories.correction_request(who)
    shift = factories.shift(factories.call(branch), starts_at=clock.now() - timedelta(hours=9))
    made = factories.sign_up(shift, who)
    record = ledger.entry(who, branch)
    certificate(who, branch, record)
    db.session.rollback()
    begin_write()
    for entity, row in (
        (Feedback, {"sign_up_id": made.id, "score": 3, "note": "Warm tea.", "said_at": clock.now()}),
        (Verification, {"record_id": record, "verdict": "verified", "note": "", "verified_at": clock.now()}),
        (
            Notice,
            {
                "member_id": who.id,
                "kind": "handed-over",
                "details": {"name": "王五", "checkpoint": "东门卡口"},
                "written_at": clock.now(),
            },
        ),
    ):
        db.session.execute(insert(table_of(entity)).values(row))
    db.session.commit()


def taken(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.send("GET", "/me/copy.json", headers=visitor.headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = json.loads(answer.get_data(as_text=True))
    return told


def test_a_member_takes_everything_home(visit: Visit) -> None:
    who, other = factories.member(name="李娜"), factories.member(name="王五")
    full(who)
    full(other)
    visitor = visit(who.phone).open("/me")
    visitor.open(str(visitor.page.find("a", href="/me/copy")["href"]))  # type: ignore[index]
    told = taken(visitor)
    assert told["person"][0]["name"] == "李娜"
    assert told["person"][0]["phone"] == who.phone
    for name in ("attachments", "sign_ups", "feedback", "service", "certificates", "corrections", "messages"):
        assert len(told[name]) == 1, name
    for name in ("devices", "passkeys", "links", "calendar", "journal"):
        assert told[name], name
    assert told["service"][0]["minutes"] == 480
    assert told["service"][0]["verdict"] == "verified"
    assert "东门卡口" in told["messages"][0]["details"]
    whole = json.dumps(told, ensure_ascii=False)
    assert "王五" not in whole, "a message names another, who stays theirs"
    assert other.phone not in whole
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert kinds.count("privacy.copied") == 1


def test_the_workbook_says_the_same(visit: Visit) -> None:
    who = factories.member(name="李娜")
    full(who)
    for language, name in (("en", "Full member"), ("zh_CN", "正式党员")):
        visitor = visit(who.phone, language)
        answer = visitor.send("GET", "/me/copy.xlsx", headers=visitor.headers)
        book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
        first = book.worksheets[0]
        assert name in [cell.value for cell in first[2]]
        assert len(book.worksheets) >= 12


def test_an_empty_roster_row_is_a_copy_too(visit: Visit) -> None:
    told = taken(visit(factories.member().phone))
    assert told["service"] == []
    assert len(told["person"]) == 1
    assert [row["kind"] for row in told["journal"]] == ["A copy of everything about oneself taken"]


def test_nobody_takes_a_copy_without_a_log_in(visit: Visit) -> None:
    assert "Log in" in visit().open("/me/copy").text


def test_a_copy_asks_the_same_however_much_there_is(
    app: Flask, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    branch = factories.branch()
    who = factories.member(branch)
    member_id = who.id

    def copied() -> object:
        db.session.rollback()
        return copy_queries.copy_of(member_id)

    before = count_queries(copied)
    for hour in (0, 8, 16):
        ledger.entry(who, branch, hour=hour)
    assert count_queries(copied) == before == len(copy_queries.SECTIONS)
