"""mobilizer member: the first administrator of an empty house, passwords, appointments."""

from flask import Flask
from sqlalchemy import select

from mobilizer.accounts import passwords
from mobilizer.model import Appointment, Branch, Member
from tests import factories


def run(app: Flask, *arguments: str, typed: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["member", *arguments], input=typed, env={"LANG": "C.UTF-8"})
    return result.exit_code, result.output


def test_the_first_administrator_of_an_empty_house(app: Flask) -> None:
    assert run(app, "add", "--name", "王芳", "--phone", "138 0000 0000")[0] == 0
    assert run(app, "password", "13800000000", typed="correct horse\ncorrect horse\n")[0] == 0
    assert run(app, "appoint", "13800000000", "administrator")[0] == 0
    assert run(app, "appoint", "13800000000", "administrator")[0] == 0, "who holds it keeps it"
    kept = factories.scalar(select(Member))
    assert (kept.name, kept.phone, kept.home_branch_id) == ("王芳", "+8613800000000", None)
    assert passwords.matches("correct horse", kept.password_hash)
    assert [row[0] for row in factories.rows(select(Appointment.role))] == ["administrator"]


def test_a_home_branch_by_its_number_or_under_its_unit(app: Flask) -> None:
    factories.unit("320507001002")
    add = ("add", "--name", "王芳", "--phone", "13800000000")
    assert run(app, *add, "--unit", "320507001002", "--branch-name", "香城第一党支部")[0] == 0
    home = factories.scalar(select(Branch))
    assert (home.name, home.unit_code, home.kind) == ("香城第一党支部", "320507001002", "standing")
    assert run(app, "add", "--name", "陈强", "--phone", "13800000001", "--branch", str(home.id))[0] == 0
    assert run(app, "add", "--name", "李丽", "--phone", "13800000002", "--branch", "999")[0] == 1
    assert run(app, "add", "--name", "李丽", "--phone", "13800000002", "--unit", "320507001002")[0] == 2
    action = factories.branch(kind="action")
    assert run(app, "add", "--name", "李丽", "--phone", "13800000002", "--branch", str(action.id))[0] == 1
    assert factories.count_of(Member) == 2


def test_what_is_wrong_is_said_and_nothing_is_written(app: Flask) -> None:
    assert run(app, "add", "--name", "王芳", "--phone", "13800000000")[0] == 0
    status, words = run(app, "add", "--name", "陈强", "--phone", "13800000000")
    assert (status, "already" in words) == (1, True)
    assert run(app, "add", "--name", "陈强", "--phone", "0512-65751234")[0] == 1
    assert run(app, "add", "--name", "", "--phone", "13800000001")[0] == 1
    assert run(app, "password", "13800000009", typed="a\na\n")[0] == 1
    assert run(app, "password", "13800000000", typed="correct horse\nanother horse\n")[0] == 1
    assert run(app, "password", "13800000000", typed="short\nshort\n")[0] == 1
    status, words = run(app, "password", "13800000000", typed="wangfang88\nwangfang88\n")
    assert (status, "too easily" in words) == (1, True)
    assert run(app, "appoint", "13800000000", "secretary")[0] == 1
    assert run(app, "appoint", "13800000000", "secretary", "--unit", "320507001002")[0] == 1
    assert run(app, "appoint", "13800000000", "emperor")[0] == 2
    assert factories.count_of(Appointment) == 0
    assert factories.scalar(select(Member.password_hash)) is None
