"""mobilizer import: what it prints, what it answers the shell, what it leaves in the database."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from mobilizer.model import Member, Unit
from tests import factories
from tests.imports.files import DATA, DISTRICT, UNITS, csv_of

HEAD = ["姓名", "社区", "支部", "电话"]
WANG = ["王芳", "古巷社区", "古巷党支部", "19900000001"]


def run(app: Flask, *arguments: object) -> tuple[int, list[str]]:
    """(exit status, lines printed)."""
    result = app.test_cli_runner().invoke(args=["import", *map(str, arguments)], env={"LANG": "C.UTF-8"})
    return result.exit_code, result.output.splitlines()


@pytest.fixture
def units(app: Flask, tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_bytes(csv_of(UNITS))
    assert run(app, "units", path)[0] == 0
    return path


def kept(tmp_path: Path, rows: list[list[str]], name: str = "roster.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(csv_of(rows))
    return path


def members() -> int:
    return int(factories.scalar(select(func.count()).select_from(Member)))


def test_the_last_line_gives_the_counts(app: Flask) -> None:
    assert run(app, "units", DISTRICT) == (0, ["created 157, updated 0, unchanged 0, refused 0"])
    status, lines = run(app, "roster", DATA / "yuanhe_roster.xlsx", "--unit", "320507001000")
    assert status == 0
    assert lines[-1] == "created 1201, updated 0, unchanged 1, refused 5"
    assert "Row 1206, 钱重复: refused. 联系电话: Row 14 has this number already, under another name." in lines
    assert any(line.startswith("Row 1209, 周坏日: warning. 入党日期: ") for line in lines)
    assert run(app, "roster", DATA / "huangdai_roster_gb18030.csv")[1][-1] == (
        "created 400, updated 0, unchanged 0, refused 0"
    )


def test_a_dry_run_writes_nothing(app: Flask, units: Path, tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, WANG])
    assert run(app, "roster", path, "--dry-run")[1][-1] == "created 1, updated 0, unchanged 0, refused 0"
    assert members() == 0
    units.write_bytes(csv_of([*UNITS, ["320507003", "黄桥街道", "", ""]]))
    assert run(app, "units", units, "--dry-run")[1][-1] == "created 1, updated 0, unchanged 8, refused 0"
    assert factories.count_of(Unit) == 8


def test_refused_rows_are_written_to_be_mended(app: Flask, units: Path, tmp_path: Path) -> None:
    path, home = kept(tmp_path, [HEAD, WANG, ["", *WANG[1:3], "19900000002"]]), tmp_path / "refused.csv"
    assert (
        run(app, "roster", path, "--refused", home)[1][-1] == "created 1, updated 0, unchanged 0, refused 1"
    )
    home.write_bytes(home.read_bytes().replace("\r\n,古".encode(), "\r\n陈强,古".encode()))
    assert run(app, "roster", home) == (0, ["created 1, updated 0, unchanged 0, refused 0"])


def test_columns_are_mapped_on_the_command_line(app: Flask, units: Path, tmp_path: Path) -> None:
    path = kept(tmp_path, [["甲", "乙", "丙", "丁"], WANG])
    status, lines = run(app, "roster", path)
    assert status == 1
    assert "No column was found for: Full name, Phone number." in lines[-1]
    mapped = [part for pair in ("name=甲", "unit=B", "branch=3", "phone=丁") for part in ("--map", pair)]
    assert run(app, "roster", path, *mapped)[1][-1] == "created 1, updated 0, unchanged 0, refused 0"
    assert run(app, "roster", path, "--map", "name=戊")[0] == 1
    assert run(app, "roster", path, "--map", "shoe=甲")[0] == 1
    assert run(app, "roster", path, "--map", "name")[0] == 2


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04broken", b"%PDF-1.7"])
def test_a_file_at_fault_ends_with_words_and_status_1(
    app: Flask, units: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(content)
    status, lines = run(app, "roster", path)
    assert status == 1
    assert lines[-1].startswith("Error: ")


def test_a_unit_that_there_is_not_and_a_file_that_there_is_not(
    app: Flask, units: Path, tmp_path: Path
) -> None:
    path = kept(tmp_path, [HEAD, WANG])
    assert run(app, "roster", path, "--unit", "320507999") == (1, ["Error: There is no unit 320507999."])
    assert run(app, "roster", path, "--unit", "somewhere")[0] == 1
    assert run(app, "roster", tmp_path / "missing.csv")[0] == 2
    assert members() == 0


def test_utf_16_as_excel_saves_it(app: Flask, units: Path, tmp_path: Path) -> None:
    path = tmp_path / "roster.txt"
    path.write_bytes(csv_of([HEAD, WANG], "utf-16", "\t"))
    assert run(app, "roster", path)[1][-1] == "created 1, updated 0, unchanged 0, refused 0"


def test_who_came_in_between_is_told_in_words_and_nothing_is_written(
    app: Flask, units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_args: object, **_named: object) -> None:
        raise IntegrityError("INSERT", {}, ValueError("somebody else was first"))

    monkeypatch.setattr("mobilizer.commands.imports.units.import_units", lose)
    status, lines = run(app, "units", units)
    assert status == 1
    assert "please try again" in lines[-1]
