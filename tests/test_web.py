"""What a command keeps of its answers, and what it says when it gives up."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobilizer import clock, web
from mobilizer.model import AnsweredRequest
from tests import factories


def act(app: Flask, key: str, what: object = None) -> int:
    """The status of one command in a request that carries the key; `what` is raised in it."""

    def action() -> None:
        if isinstance(what, Exception):
            raise what

    with app.test_request_context("/", method="POST", data={"operation_key": key}):
        return web.command(action, done=lambda _none: web.Done("", "/"), page=lambda: "page").status_code


def answered(key: str, days_ago: float) -> None:
    at = clock.now() - timedelta(days=days_ago)
    factories.kept(AnsweredRequest(key=key, answer={}, answered_at=at))


def test_answers_are_kept_for_a_week_and_then_cleared_away(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered("old", 7.1)
    answered("young", 6.9)
    monkeypatch.setattr(web, "CLEARED_EVERY", 1)
    assert act(app, "new") == 303
    kept = {row.key for row in factories.rows(select(AnsweredRequest.key))}
    assert len(kept) == 2
    assert "young" in kept


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
