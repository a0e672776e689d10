"""The demo shows a real district's campaign, made by the same actions as the screens; its figures come out exactly."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.accounts.queries import demo_password_in_force
from mobilizer.extensions import db
from mobilizer.model import Attendance, Branch, Certificate, Member, ServiceRecord, Shift, SignUp, Unit
from tests import factories

FIGURES = ("signed_up", "on_post", "person_times", "minutes")


def run(app: Flask, *command: str) -> str:
    """What the command prints; it must succeed. In a context of its own, as from a shell."""
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=list(command))
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def exported(app: Flask, *options: str) -> dict[str, Any]:
    output = run(app, "export", "participation", "--format", "json", *options)
    return dict(json.loads(output[output.index("{") :]))


def count(table: Any, *where: Any) -> int:
    return int(factories.scalar(select(func.count()).select_from(table).where(*where)))


def test_the_pocket_demo_has_shifts_past_running_and_to_come(app: Flask) -> None:
    printed = run(app, "demo")
    assert app.config["DEMO_PASSWORD"] in printed
    now = clock.now()
    assert count(Shift, Shift.status == "closed", Shift.ends_at <= now) > 0
    assert count(Shift, Shift.status == "open", Shift.starts_at <= now, Shift.ends_at > now) > 0
    assert count(Shift, Shift.starts_at > now, Shift.taken < Shift.capacity) > 0
    assert count(Shift, Shift.ends_at <= now, Shift.status == "open") == 0
    assert count(Attendance, Attendance.absent) > 0
    assert count(Branch, Branch.kind == "temporary", Branch.status == "proposed") == 1
    assert count(Certificate) == 2
    assert demo_password_in_force()
    assert len({row.unit_code[:9] for row in factories.rows(select(ServiceRecord.unit_code))}) == 1, (
        "one town"
    )


def test_the_demo_goes_into_an_empty_database_only(app: Flask) -> None:
    factories.unit()
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "not empty" in result.output


@pytest.mark.slow
def test_the_full_campaign_exports_exactly_what_was_published_of_it_however_it_is_sliced(app: Flask) -> None:
    run(app, "demo", "--scale", "full")
    levels = {row[0]: row[1] for row in factories.rows(select(Unit.level, func.count()).group_by(Unit.level))}
    assert levels == {"district": 1, "town": 13, "village": 143, "grid": 598}
    kinds = select(Branch.kind, func.count()).where(Branch.status == "active").group_by(Branch.kind)
    assert {row[0]: row[1] for row in factories.rows(kinds)} == {
        "standing": 1600,
        "action": 187,
        "temporary": 26,
    }
    assert count(Member) == 26_000
    assert count(SignUp) == 13_000

    whole = exported(app, "--unit", "320507")
    assert [whole["total"][name] for name in FIGURES] == [1500, 1500, 13_000, 13_000 * 480]
    assert whole["branches"] == {"action": 187, "temporary": 26}
    for by in ("unit", "branch", "checkpoint", "category", "member", "day"):
        table = exported(app, "--unit", "320507", "--by", by)
        assert table["total"] == whole["total"]
        for figure in ("person_times", "minutes"):
            assert sum(row[figure] for row in table["rows"]) == whole["total"][figure], (by, figure)
    members = exported(app, "--by", "member")["rows"]
    assert sum(row["on_post"] for row in members) == 1500
    towns = [row.code for row in factories.rows(select(Unit.code).where(Unit.level == "town"))]
    by_town = [exported(app, "--unit", code)["total"] for code in towns]
    for figure in FIGURES:
        assert sum(total[figure] for total in by_town) == whole["total"][figure]
    days = [
        row.day for row in factories.rows(select(ServiceRecord.day).distinct().order_by(ServiceRecord.day))
    ]
    halves = (exported(app, "--to", str(days[4])), exported(app, "--from", str(days[5])))
    assert sum(half["total"]["person_times"] for half in halves) == 13_000
    starts = {row.starts_at.hour for row in factories.rows(select(ServiceRecord.starts_at).distinct())}
    assert len(starts) == 3, "round the clock"
