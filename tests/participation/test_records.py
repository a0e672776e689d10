"""The rows behind a figure: all of them, in their order, in words, and nobody's name unless it is asked for."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from mobilizer.extensions import db
from mobilizer.model import Branch, ServiceRecord
from mobilizer.participation import checksum_queries, queries, record_naming, record_queries
from mobilizer.participation.rules import By, Slice
from tests import factories
from tests.participation import ledger

ZONE = ZoneInfo("Asia/Shanghai")
EVERYTHING = Slice()


@pytest.fixture
def branch(app: Flask) -> Iterator[Branch]:
    """A branch with five entries in two districts, one of them reversed."""
    here = factories.branch(kind="action", name="East branch")
    gate = factories.checkpoint(here, name="East gate")
    li, wu = factories.member(here, name="Li Na"), factories.member(here, name="Wu Di")
    ledger.entry(li, here, gate, category="care")
    ledger.entry(wu, here, gate, minutes=30, day=date(2026, 11, 25), hour=23)
    ledger.reversed_entry(wu, here, gate, day=date(2026, 11, 26))
    away = factories.branch("320508001002", kind="action")
    ledger.entry(li, away, factories.checkpoint(away))
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield here


def worded(cut: Slice = EVERYTHING, *, personal: bool = False) -> list[dict[str, object]]:
    columns = [column.name for column in record_naming.columns(personal=personal)]
    rows = record_naming.cells(record_queries.rows(cut, personal=personal), record_queries.names(), ZONE)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_every_row_is_there_in_the_order_of_the_ledger(branch: Branch) -> None:
    rows = worded()
    assert [(row["district"], row["position"]) for row in rows] == [
        ("320507", 1),
        ("320507", 2),
        ("320507", 3),
        ("320507", 4),
        ("320508", 1),
    ]
    assert [row["state"] for row in rows] == [
        "counts",
        "counts",
        "was reversed",
        "reverses another",
        "counts",
    ]
    assert record_queries.count(EVERYTHING) == 5


def test_a_row_says_in_words_where_when_and_what(branch: Branch) -> None:
    first, late, *_rest = worded()
    assert first["unit"] == "village 320507001002"
    assert (first["branch"], first["branch_kind"]) == ("East branch", "Action branch")
    assert (first["checkpoint"], first["category"]) == ("East gate", "Care for residents")
    assert (first["standing"], first["source"]) == ("Full member", "From an earlier record")
    assert first["day"] == date(2026, 11, 24)
    assert late["from"] == datetime(2026, 11, 25, 23, 0), "on the wall clock of the place"  # noqa: DTZ001
    assert late["to"] == late["from"] + timedelta(minutes=30)  # type: ignore[operator]


def test_nobody_is_named_unless_it_is_asked_for(branch: Branch) -> None:
    assert "member" not in worded()[0]
    row = worded(personal=True)[0]
    assert (row["member"], row["home_branch"]) == ("Li Na", "East branch")
    assert "****" in str(row["phone"])


@pytest.mark.parametrize(
    "cut",
    [
        EVERYTHING,
        Slice("320507"),
        Slice("320507001002", date(2026, 11, 25)),
        Slice(category="care"),
        Slice(branch_kind="action", by=By.DAY),
    ],
)
def test_the_rows_add_up_to_the_figures(branch: Branch, cut: Slice) -> None:
    rows, total = worded(cut), queries.total(cut)
    assert sum(int(str(row["minutes"])) for row in rows) == total.minutes
    assert sum(int(str(row["person_times"])) for row in rows) == total.person_times
    assert len(rows) == record_queries.count(cut) == checksum_queries.behind(cut).count


def test_a_page_of_them_latest_first(branch: Branch) -> None:
    rows = list(record_queries.rows(Slice("320507"), limit=2, offset=1, latest_first=True))
    assert [row[1] for row in rows] == [3, 2]


def test_the_checksum_is_of_these_rows_and_changes_with_them(branch: Branch) -> None:
    before = checksum_queries.behind(EVERYTHING)
    assert before.districts == (("320507", 4, 4), ("320508", 1, 1))
    assert checksum_queries.behind(EVERYTHING) == before
    assert checksum_queries.behind(Slice("320507")).checksum != before.checksum
    ledger.entry(factories.member(branch), branch)
    db.session.rollback()
    after = checksum_queries.behind(EVERYTHING)
    assert after.checksum != before.checksum
    assert checksum_queries.behind(EVERYTHING, until=before.heads) == before, "as it was then"
    assert checksum_queries.behind(EVERYTHING, until={}).count == 0


def test_the_checksum_can_be_made_by_anybody_with_the_rows(branch: Branch) -> None:
    rows = factories.rows(
        db.select(ServiceRecord.hash).order_by(ServiceRecord.district_code, ServiceRecord.position)
    )
    assert (
        checksum_queries.behind(EVERYTHING).checksum
        == sha256("".join(row.hash for row in rows).encode()).hexdigest()
    )
