"""What a command keeps of its answers, what it says when it gives up, and what a script is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from mobilizer import clock, web
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Shift
from mobilizer.terms import ShiftStatus
from tests import factories
from tests.visitor import Visitor


def act(app: Flask, key: str, what: object = None) -> int:
    """The status of one command in a request that carries the key; `what` is raised in it."""

    def action() -> None:
        if isinstance(what, Exception):
            raise what

    with app.test_request_context("/", method="POST", data={"operation_key": key}):
        return web.command(action, done=lambda _none: web.Done("", "/"), page=lambda: "page").status_code


def test_whoever_gives_up_says_so_in_the_log_without_what_was_typed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(web.time, "sleep", lambda _seconds: None)
    lost = IntegrityError("INSERT", {"phone": "+8613800000000"}, ValueError("+8613800000000"))
    assert act(app, "new", lost) == 503
    assert "gave up" in caplog.text
    assert "138" not in caplog.text


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("participation 2026.csv", "participation-2026.csv"),
        ("参与统计 元和街道.xlsx", "download.xlsx"),
        ('a"b\\c\r\nX-Y: z/../d.csv', "a-b-c-X-Y-z-..-d.csv"),
        ("", "download"),
    ],
)
def test_a_download_has_a_name_for_those_who_read_only_plain_letters(
    app: Flask, name: str, plain: str
) -> None:
    said = web.attachment("", name, "text/csv").headers["Content-Disposition"]
    assert said.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert not set('"\\\r\n/ ') & set(said.split("''")[1])


# --- what a script is told ------------------------------------------------------------------------------------

JSON = {"Accept": "application/json"}


def roster_form(visit: Callable[..., Visitor]) -> tuple[Visitor, str, dict[str, object], Shift]:
    """A leader at the roster of a shift that runs now, and the form that checks its one member in."""
    shift = factories.shift(
        starts_at=clock.now() - timedelta(hours=1), ends_at=clock.now() + timedelta(hours=3)
    )
    sign_up = factories.sign_up(shift, factories.member(name="陈建华"))
    leader = visit(factories.secretary().phone).open(f"/shifts/{shift.id}/roster")
    path = f"/shifts/{shift.id}/roster/{sign_up.id}/check-in"
    return leader, path, leader.filled(leader.form(path)), shift


def post(visitor: Visitor, path: str, data: dict[str, object]) -> tuple[int, dict[str, str]]:
    answer = visitor.send("POST", path, data=data, headers=visitor.headers | JSON)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, dict(answer.get_json())


def test_a_script_is_told_what_was_done_and_a_repeat_is_told_the_same(visit: Callable[..., Visitor]) -> None:
    leader, path, form, _shift = roster_form(visit)
    sent = form | {"device_at": "2026-11-24T08:03:00Z", "sent_at": "2026-11-24T08:03:01Z"}
    status, first = post(leader, path, sent)
    assert (status, first["code"]) == (200, "done")
    assert "陈建华" in first["words"]
    assert first["location"].startswith("/shifts/")
    later = sent | {"sent_at": "2026-11-24T08:09:00Z", "csrf_token": form["csrf_token"]}
    assert post(leader, path, later) == (200, first), "the hour of sending is no part of what was said"
    assert "陈建华" not in leader.open("/log-in").text, "what a script was told is not said again on a page"


def test_a_script_is_told_a_refusal_in_words(visit: Callable[..., Visitor]) -> None:
    leader, path, form, shift = roster_form(visit)
    begin_write()
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(status=ShiftStatus.CANCELLED))
    db.session.commit()
    status, said = post(leader, path, form)
    assert (status, said["code"]) == (409, "shift-cancelled")
    assert said["words"] == "This shift was cancelled. Nobody is checked in for it."


def test_a_script_is_told_of_a_lost_token_an_ended_log_in_and_a_wrong_address(
    visit: Callable[..., Visitor],
) -> None:
    leader, path, form, _shift = roster_form(visit)
    status, said = post(leader, path, form | {"csrf_token": "old"})
    assert (status, said["code"]) == (400, "token-lost")
    status, said = post(leader, "/shifts/999/roster/1/check-in", form)
    assert (status, said["code"]) == (404, "404")
    leader.send("POST", "/log-out", data=form, headers=leader.headers)
    leader.open("/log-in")
    token = leader.filled(leader.form("/log-in"))["csrf_token"]
    status, said = post(leader, path, form | {"csrf_token": token})
    assert (status, said["code"]) == (401, "log-in")
    assert said["words"] == "Please log in again."


def test_a_link_that_leaves_the_site_is_at_the_address_that_people_reach(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://10.0.0.7:8000"):
        assert web.public_url("calls.short", code="abc") == "http://10.0.0.7:8000/c/abc"
        app.config["PUBLIC_ADDRESS"] = "https://zhiyuan.example.org/app"
        assert web.public_url("calls.short", code="abc") == "https://zhiyuan.example.org/app/c/abc"
    assert web.public_url("calls.short", code="a", x=None) == "https://zhiyuan.example.org/app/c/a"


def test_where_there_is_no_request_no_address_is_made_up(app: Flask) -> None:
    with pytest.raises(Refused, match="PUBLIC_ADDRESS"):
        web.public_url("calls.short", code="abc")
