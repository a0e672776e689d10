"""`mobilizer export`: the same counts for programs, and a dataset in which nobody is named."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from mobilizer.model import JournalEntry
from mobilizer.participation import dataset
from tests import factories
from tests.participation import ledger

VILLAGE, TOWN = "320507001002", "320507001"


@pytest.fixture
def served(app: Flask) -> Flask:
    """Two people at one gate for 90 minutes each, one of whose records is reversed, and one record of the town's."""
    home = factories.branch(VILLAGE, "Home of few")
    branch = factories.branch(VILLAGE, "Action", kind="action")
    gate = factories.checkpoint(unit_code=VILLAGE)
    one, two = factories.member(home, "Zhang San"), factories.member(home, "Li Si")
    ledger.entry(one, branch, gate, minutes=90)
    ledger.entry(two, branch, factories.checkpoint(unit_code=TOWN), minutes=30)
    ledger.reversed_entry(two, branch, gate, minutes=90)
    return app


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["export", *arguments])


def test_participation_goes_to_standard_output_and_is_journalled(served: Flask) -> None:
    done = run(served, "participation", "--format", "json", "--by", "unit")
    assert done.exit_code == 0, done.output
    got = json.loads(done.stdout_bytes)
    assert got["filter"]["unit"] == "320507"
    assert [row["unit"] for row in got["rows"]] == [TOWN]
    assert got["total"]["person_times"] == 2
    assert got["total"]["hours"] == 2.0
    assert (
        len(factories.rows(select(JournalEntry.id).where(JournalEntry.kind == "participation.exported"))) == 1
    )


def test_participation_goes_into_a_file(served: Flask, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    done = run(served, "participation", "--unit", TOWN, "--by", "day", "--format", "xlsx", "-o", str(target))
    assert done.exit_code == 0, done.output
    assert target.read_bytes().startswith(b"PK")
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "2026-02-30"), "no day"),
        (("--from", "1000000-01-01"), "no day"),
        (("--from", "2026-11-24", "--to", "2026-11-23"), "lies before the first"),
        (("--unit", "999999"), "no unit 999999"),
        (("--by", "phone"), "phone"),
        (("-o", "/nowhere/out.csv"), "Cannot write"),
    ],
)
def test_a_wrong_wish_is_refused_in_words(served: Flask, arguments: tuple[str, ...], words: str) -> None:
    done = run(served, "participation", *arguments)
    assert done.exit_code != 0
    assert words in done.output
    assert "Traceback" not in done.output


def test_the_dataset_adds_up_and_names_nobody(served: Flask, tmp_path: Path) -> None:
    target = tmp_path / "out.sqlite"
    done = run(served, "dataset", str(target))
    assert done.exit_code == 0, done.output
    assert "service_records 4" in done.output
    with closing(sqlite3.connect(target)) as made:
        sums = "SELECT sum(person_times), sum(minutes), count(DISTINCT member) FROM service_records"
        assert made.execute(sums).fetchone() == (2, 120, 2)
        assert made.execute("SELECT sum(person_times), sum(minutes) FROM counts_by_day").fetchone() == (
            2,
            120,
        )
        counted = "SELECT unit_code, person_times FROM counts_by_unit ORDER BY unit_code"
        assert made.execute(counted).fetchall() == [("320507", 2), (TOWN, 2), (VILLAGE, 1)]
        assert made.execute("PRAGMA foreign_key_check").fetchall() == []
        described = {tuple(row) for row in made.execute('SELECT "table", "column" FROM _descriptions')}
        for (table,) in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not table.startswith(("sqlite_", "_")):
                columns = {row[1] for row in made.execute(f"PRAGMA table_info({table})")}
                assert {(table, column) for column in columns | {""}} <= described
        dump = "\n".join(made.iterdump())
    for secret in ("Zhang San", "Li Si", "+86", "member_id", "phone", "home_branch"):
        assert secret not in dump


def test_a_dataset_replaces_nothing_unasked_and_leaves_nothing_half_done(
    served: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.sqlite"
    target.write_text("precious")
    done = run(served, "dataset", str(target))
    assert done.exit_code == 1
    assert "--force" in done.output
    assert target.read_text() == "precious"

    def broken(*_arguments: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(dataset, "_describe", broken)
        assert run(served, "dataset", "--force", str(target)).exit_code == 1
    assert [path.name for path in tmp_path.glob("*out*")] == ["out.sqlite"]
    assert target.read_text() == "precious"
    assert run(served, "dataset", "--force", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"SQLite format 3")
