"""A setting that cannot be used is said in words; secrets are made once, for their owner alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from mobilizer import config, create_app
from mobilizer.config import Misconfigured, database_url, load
from mobilizer.extensions import db

BAD = [
    ("DATABASE_URL", "mysql://somewhere/x"),
    ("DATABASE_URL", "mobilizer.sqlite"),
    ("TIMEZONE", "Asia/Xiangcheng"),
    ("TIMEZONE", "../../etc/passwd"),
    ("HTMX", "somewhere"),
    ("SECURE_COOKIES", "perhaps"),
    ("PROXIES", "one"),
    ("SQLITE_BUSY_MS", "5 s"),
    ("SQLITE_SYNCHRONOUS", "OFF"),
    ("POOL_SIZE", "many"),
    ("MAX_UPLOAD_BYTES", "20 MB"),
    ("MAX_IMPORT_ROWS", "1e5"),
    ("PUBLIC_ADDRESS", "zhiyuan.example.org"),
    ("HAND_ENTRY_MINUTES", "a day"),
    ("LOG_IN_DAYS", "a month"),
    ("LOG_IN_HOURS", "a day"),
    ("LEADER_LOG_IN_HOURS", "a day"),
    ("LEADER_LOG_IN_DAYS", "a week"),
    ("SECOND_FACTOR", "on"),
    ("OIDC_ISSUER", "http://id.example.org"),
]
OUT_OF_RANGE = [
    ("PROXIES", "-1"),
    ("SQLITE_BUSY_MS", "-1"),
    ("POOL_SIZE", "0"),
    ("MAX_UPLOAD_BYTES", "-5"),
    ("MAX_IMPORT_ROWS", "0"),
    ("HAND_ENTRY_MINUTES", "1441"),
    ("LOG_IN_DAYS", "0"),
    ("LEADER_LOG_IN_HOURS", "0"),
    ("LEADER_LOG_IN_DAYS", "0"),
    ("LOG_IN_DAYS", "99999999999"),
]


def settings(instance: Path, **given: str) -> dict[str, str]:
    return {"MOBILIZER_INSTANCE_PATH": str(instance)} | {
        f"MOBILIZER_{name}": value for name, value in given.items()
    }


@pytest.mark.parametrize(("name", "value"), BAD + OUT_OF_RANGE)
def test_a_bad_value_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"MOBILIZER_{name}"):
        load(settings(tmp_path, **{name: value}))


@pytest.mark.parametrize(
    "address",
    ["ftp://x.org", "https://", "https://x.org/?a=b", "https://a@x.org", "https://x:y", "https://[x"],
)
def test_an_address_that_leads_nowhere_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Misconfigured, match="MOBILIZER_PUBLIC_ADDRESS"):
        load(settings(tmp_path, PUBLIC_ADDRESS=address))


def test_every_setting_that_can_be_wrong_was_tried() -> None:
    anything = {"INSTANCE_PATH", "SECRET_KEY", "DEMO_PASSWORD"}
    anything |= {"HOURS_FILE"}  # read and judged when serving starts: tests/participation/test_files.py
    anything |= {f"OIDC_{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "PHONE_CLAIM", "NAME")}
    assert {name for name, _ in BAD} == {setting.name for setting in config.SETTINGS} - anything


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "mysql://root:s3cret@somewhere/x"), ("PROXIES", "one")]
)
def test_the_command_line_says_it_without_a_traceback(tmp_path: Path, name: str, value: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "mobilizer", "serve"],
        env=os.environ | settings(tmp_path, **{name: value}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 2
    assert f"MOBILIZER_{name}" in answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout
    assert "s3cret" not in answer.stderr


def test_an_empty_value_is_the_default(tmp_path: Path) -> None:
    assert load(settings(tmp_path, LOG_IN_DAYS="", PROXIES=" "))["LOG_IN_DAYS"] == 30


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("no", False)]
)
def test_yes_and_no(tmp_path: Path, value: str, meant: bool) -> None:
    assert load(settings(tmp_path, SECURE_COOKIES=value))["SESSION_COOKIE_SECURE"] is meant


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://me@host/db", "postgresql+psycopg://me@host/db"),
        ("postgresql://me@host/db?sslmode=require", "postgresql+psycopg://me@host/db?sslmode=require"),
        ("postgresql+psycopg://host/db", "postgresql+psycopg://host/db"),
        ("sqlite:////var/lib/x.sqlite", "sqlite:////var/lib/x.sqlite"),
        (None, "sqlite:///instance/mobilizer.sqlite"),
    ],
)
def test_an_address_of_a_database(given: str | None, read: str) -> None:
    assert database_url(given, Path("instance")) == read


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    instance = tmp_path / "deep" / "instance"
    first = load(settings(instance))["SECRET_KEY"]
    file = instance / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert len(first) == 64
    assert load(settings(instance))["SECRET_KEY"] == first == file.read_text()
    assert sorted(path.name for path in instance.iterdir()) == ["secret_key"]


def test_a_key_from_the_environment_is_not_written_down(tmp_path: Path) -> None:
    assert load(settings(tmp_path, SECRET_KEY="from the environment"))["SECRET_KEY"] == "from the environment"
    assert list(tmp_path.iterdir()) == []


def test_two_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    program = "import os; from mobilizer.config import load; print(load(os.environ)['SECRET_KEY'])"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=os.environ | settings(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert load(settings(tmp_path / "a"))["SECRET_KEY"] != load(settings(tmp_path / "b"))["SECRET_KEY"]


def test_a_trace_of_the_database_tells_nobody_what_was_typed(app: Flask) -> None:
    with pytest.raises(StatementError) as failed:
        db.session.execute(text("SELECT :phone FROM nowhere"), {"phone": "+8613800000000"})
    db.session.rollback()
    assert "nowhere" in str(failed.value)
    assert "13800000000" not in str(failed.value)


def test_the_database_of_a_new_installation_is_nobody_elses_to_read(tmp_path: Path) -> None:
    create_app({"MOBILIZER_INSTANCE_PATH": str(tmp_path)})
    assert (tmp_path / "mobilizer.sqlite").stat().st_mode & 0o777 == 0o600
