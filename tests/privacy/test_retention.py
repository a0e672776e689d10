"""What is kept of people is in one table, and goes when it says so; the ledger and the journal stay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import insert, select

from mobilizer import clock
from mobilizer.commands import retention
from mobilizer.commands.settling import settle_due
from mobilizer.extensions import Base, begin_write, db, table_of
from mobilizer.model import (
    Activation,
    AnsweredRequest,
    Attendance,
    Chain,
    ChainLine,
    Challenge,
    CorrectionRequest,
    FailedAttempt,
    Feedback,
    ImportFile,
    Job,
    JournalEntry,
    LogIn,
    Member,
    Newcomer,
    Notice,
    ServiceClaim,
    ServiceRecord,
    Shift,
    SignUp,
)
from mobilizer.privacy import actions, queries, shown
from mobilizer.privacy.rules import KEPT, NOT_PERSONAL, Then, going
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
PERSONAL = {
    "account",
    "address",
    "contact",
    "device",
    "distance_m",
    "in_device_at",
    "note",
    "phone",
    "subject",
    "why",
    "words",
}
"""Names of columns in which something is kept of somebody; of `address` only beside an account."""
NEVER = {
    "tally_person",
    "service_record",
    "verification",
    "certificate",
    "journal_entry",
    "member",
    "ledger_head",
}


# --- the table is the whole truth ---------------------------------------------------------------------------------


def of_people() -> set[str]:
    """The tables that name a member, or somebody's sign-up, record or claim; and those with columns that say something of
    somebody."""
    found = set()
    for name, table in Base.metadata.tables.items():
        points_at = {key.column.table.name for key in table.foreign_keys}
        named = {column.name for column in table.columns} & (PERSONAL - {"address"})
        if name == "member" or named or points_at & {"member", "sign_up", "service_record", "service_claim"}:
            found.add(name)
    return found


def test_every_table_is_kept_for_a_reason_or_holds_nothing_of_people() -> None:
    tables, kept = set(Base.metadata.tables), {each.table for each in KEPT}
    assert kept | set(NOT_PERSONAL) == tables, "say in privacy.rules what is kept there, why and how long"
    assert kept & set(NOT_PERSONAL) == set()
    assert of_people() - kept == set()
    assert len(of_people()) > 20


def test_every_line_names_what_there_is_and_each_only_once() -> None:
    names = [each.name for each in KEPT]
    assert len(set(names)) == len(names)
    for each in KEPT:
        table = Base.metadata.tables[each.table]
        assert set(each.columns) <= {column.name for column in table.columns}, each.name
        assert (each.then is Then.STAYS) == (each.period is None), each.name
        assert (each.then is Then.EMPTIED) <= bool(each.columns), each.name


def test_what_goes_says_when_and_never_the_ledger_or_the_journal() -> None:
    assert set(queries.OVER) == {each.name for each in going()}
    assert {each.table for each in going()} & NEVER == set()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_line_is_said_in_words(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        lines = shown.lines()
    assert len(lines) == len(KEPT)
    assert all(all(line) for line in lines)
    assert not any("%(" in word for line in lines for word in line)


def documented(app: Flask) -> str:
    with app.test_request_context(), force_locale("en"):
        rows = [f"| {line.what} | {line.why} | {line.how_long} | {line.then} |" for line in shown.lines()]
    return "\n".join(["| what | why | how long | then it is |", "|---|---|---|---|", *rows])


def test_the_document_has_the_table_as_it_is(app: Flask) -> None:
    assert documented(app) in DOCUMENT.read_text(encoding="utf-8"), documented(app)


# --- what is over goes, what is not stays --------------------------------------------------------------------------


def add(entity: type[Base], **values: Any) -> None:
    db.session.rollback()
    begin_write()
    db.session.execute(insert(table_of(entity)).values(values))
    db.session.commit()


class Past:
    """A member and a shift, to hang onto what is long over or not yet; `end` is the end of the period."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.who = factories.member()

    def sign_up(self, ended: datetime, **values: Any) -> SignUp:
        shift = factories.shift(starts_at=ended - timedelta(minutes=2), ends_at=ended)
        return factories.sign_up(shift, self.who, **values)

    def reasons(self, end: datetime) -> None:
        self.sign_up(end, cannot_come_at=end, cannot_come_why="Fever.")

    def check_ins(self, end: datetime) -> None:
        given = {
            "in_way": "poster",
            "in_clock": "device",
            "in_device_at": end,
            "near": False,
            "distance_m": 900,
        }
        made = self.sign_up(end)
        add(
            Attendance,
            sign_up_id=made.id,
            checked_in_at=end,
            noted_at=end,
            absent=False,
            break_minutes=0,
            **given,
        )

    def claims_declined(self, end: datetime) -> None:
        branch = factories.branch()
        given = {
            "source": "claim",
            "member_id": self.who.id,
            "branch_id": branch.id,
            "unit_code": branch.unit_code,
        }
        given |= {
            "category": "care",
            "starts_at": end - timedelta(hours=2),
            "ends_at": end,
            "break_minutes": 0,
        }
        given |= {
            "why": "Cooked.",
            "needs_second": True,
            "made_at": end,
            "decided_at": end,
            "decision": "No.",
        }
        add(ServiceClaim, status="declined", **given)

    def feedback_notes(self, end: datetime) -> None:
        add(Feedback, sign_up_id=self.sign_up(end).id, score=1, note="Cold.", said_at=end)

    def corrections(self, end: datetime) -> None:
        factories.correction_request(self.who, answered_at=end, answer="Mended.")

    def notices(self, end: datetime) -> None:
        add(Notice, member_id=self.who.id, kind="offer", details={}, written_at=end, seen_at=end)

    def log_ins(self, end: datetime) -> None:
        given = {
            "device": "",
            "kept": False,
            "seen_at": end,
            "expires_at": end,
            "started_at": end - timedelta(days=1),
        }
        add(LogIn, token_hash=f"h{end}", member_id=self.who.id, **given)

    def links(self, end: datetime) -> None:
        given = {"nonce": "n", "made_at": end - timedelta(days=3), "expires_at": end + timedelta(days=1)}
        add(Activation, token_hash=f"h{end}", member_id=self.who.id, used_at=end, **given)

    def questions(self, end: datetime) -> None:
        add(Challenge, token_hash=f"h{end}", purpose="log-in", details={}, expires_at=end)

    def wrong_guesses(self, end: datetime) -> None:
        add(FailedAttempt, purpose="password", account="a", address="b", at=end)

    def answers(self, end: datetime) -> None:
        add(AnsweredRequest, key=f"k{end}", answer={}, answered_at=end)

    def uploads(self, end: datetime) -> None:
        given = {"noun": "roster", "name": "a.csv", "content": b"", "mapping": {}, "uploaded_at": end}
        add(ImportFile, token=f"t{end}", uploaded_by_id=self.who.id, **given)

    def chains(self, end: datetime) -> None:
        factories.kept(
            Chain(
                call_id=factories.call().id,
                text="1. ",
                day=end.date(),
                pasted_by_id=self.who.id,
                pasted_at=end,
            )
        )

    def chain_lines(self, end: datetime) -> None:
        shift = factories.shift(starts_at=end - timedelta(hours=4), ends_at=end)
        given = {"day": end.date(), "fingerprint": "f", "part": 0, "outcome": "signed-up", "applied_at": end}
        add(ChainLine, call_id=shift.call_id, shift_id=shift.id, member_id=self.who.id, **given)

    def newcomers(self, end: datetime) -> None:
        closes = {"opens_at": end - timedelta(days=1), "closes_at": end}
        factories.newcomer(factories.call(**closes))

    def files(self, end: datetime) -> None:
        given = {
            "kind": "k",
            "arguments": {},
            "language": "en",
            "status": "done",
            "asked_at": end,
            "words": "",
        }
        given |= {
            "done": 0,
            "total": 0,
            "attempts": 1,
            "finished_at": end,
            "size": 0,
            "media_type": "",
            "stored_as": "",
        }
        add(Job, member_id=self.who.id, file_name="a.csv", **given)


@pytest.mark.parametrize("kept", going(), ids=lambda kept: str(kept.name))
def test_what_is_over_goes_and_what_is_not_stays(app: Flask, kept: Any) -> None:
    now = clock.now()
    past = Past(now)
    make = getattr(past, kept.name.replace("-", "_"))
    assert kept.period is not None
    make(now - kept.period + timedelta(minutes=5))
    assert {line.name: count for line, count in queries.due(now)}[kept.name] == 0
    make(now - kept.period - timedelta(minutes=5))
    assert {line.name: count for line, count in queries.due(now)}[kept.name] == 1
    table = queries.table_kept(kept)
    counted = len(factories.rows(select(table)))
    assert retention.clear_due(now)[kept.name] == 1
    left = factories.rows(select(table))
    assert len(left) == counted - (kept.then is Then.DELETED)
    if kept.then is Then.EMPTIED:
        said = [[getattr(row, name) for name in kept.columns] for row in left]
        assert sum(all(value in (None, "") for value in row) for row in said) == 1
    assert retention.clear_due(now)[kept.name] == 0


def test_there_is_a_test_for_every_line_that_goes() -> None:
    assert all(hasattr(Past, kept.name.replace("-", "_")) for kept in going())


def test_many_go_some_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    now = clock.now()
    for days in range(5):
        add(AnsweredRequest, key=f"k{days}", answer={}, answered_at=now - timedelta(days=8 + days))
    assert retention.clear_due(now)["answers"] == 5
    assert factories.count_of(AnsweredRequest) == 0


def test_a_message_that_nobody_saw_goes_after_a_year(app: Flask) -> None:
    now, who = clock.now(), factories.member()
    for days in (364, 366):
        at = now - timedelta(days=days)
        add(Notice, member_id=who.id, kind="offer", details={}, written_at=at)
    assert retention.clear_due(now)["notices"] == 1


def test_the_ledger_and_the_people_in_it_stay(app: Flask) -> None:
    branch = factories.branch()
    who = factories.member(branch)
    ledger.reversed_entry(who, branch)
    Past(clock.now()).check_ins(clock.now() - timedelta(days=400))
    before = [
        len(factories.rows(select(entity.__table__))) for entity in (ServiceRecord, Member, SignUp, Shift)
    ]
    retention.clear_due(clock.now() + timedelta(days=4000))
    after = [
        len(factories.rows(select(entity.__table__))) for entity in (ServiceRecord, Member, SignUp, Shift)
    ]
    assert before == after
    [attended] = factories.rows(select(Attendance.checked_in_at, Attendance.in_clock, Attendance.distance_m))
    assert (attended.checked_in_at is not None, attended.in_clock, attended.distance_m) == (
        True,
        "device",
        None,
    )


# --- by itself, and on the command line ------------------------------------------------------------------------------


def test_it_goes_by_itself_once_an_hour(app: Flask) -> None:
    now = clock.now()
    settle_due(now)
    factories.newcomer(factories.call(opens_at=now - timedelta(days=2), closes_at=now - timedelta(days=1)))
    settle_due(now + timedelta(minutes=59))
    assert factories.count_of(Newcomer) == 1
    settle_due(now + timedelta(minutes=60))
    assert factories.count_of(Newcomer) == 0


def test_the_command_says_first_and_then_does_it(app: Flask) -> None:
    factories.correction_request(
        factories.member(), answered_at=clock.now() - timedelta(days=400), answer="Yes."
    )
    cli = app.test_cli_runner()
    said = cli.invoke(args=["retention", "--dry-run"])
    assert "corrections\t1\tdeleted\n" in said.output
    assert factories.count_of(CorrectionRequest) == 1
    assert cli.invoke(args=["retention"]).output == said.output
    assert factories.count_of(CorrectionRequest) == 0
    [entry] = factories.rows(select(JournalEntry.kind, JournalEntry.details))
    assert (entry.kind, entry.details) == ("privacy.cleared", {"gone": {"corrections": 1}})
    assert "corrections\t0\tdeleted\n" in cli.invoke(args=["retention"]).output


@pytest.mark.parametrize(("language", "word"), [("en", "What is kept of you"), ("zh_CN", "")])
def test_everybody_can_read_what_is_kept(visit: Callable[..., Visitor], language: str, word: str) -> None:
    page = visit(language=language).open("/log-in")
    link = page.page.find("a", href="/privacy")
    assert link is not None
    page.open("/privacy")
    assert page.status == 200
    assert word in page.text
    assert len(page.page.select("tbody tr")) == len(KEPT)
