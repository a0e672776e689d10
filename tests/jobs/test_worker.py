"""A worker takes a job, one of several gets it, and whatever becomes of the worker, the job comes to an end in words."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import select

from mobilizer import clock
from mobilizer.commands.retention import clear_due
from mobilizer.commands.working import work_due
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.jobs import actions, kinds, rules, shelf
from mobilizer.jobs.kinds import Task
from mobilizer.jobs.progress import Progress
from mobilizer.model import Job, JournalEntry, Member, Notice
from mobilizer.policy import Actor
from tests import factories
from tests.jobs import work
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def declared(app: Flask) -> Iterator[Callable[..., None]]:
    """Makes work known for one test, which finds no file of another."""
    before = dict(kinds.KINDS)
    shelf.remove(app.config["INSTANCE_PATH"], stored(app))

    def declare(act: Callable[[Task], None] = work.write_words, **more: Any) -> None:
        kinds.declare(work.kind(act, **more))

    yield declare
    kinds.KINDS.clear()
    kinds.KINDS.update(before)


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """later(minutes): the clock goes on by so much."""
    gone = [timedelta()]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + gone[0])

    def go(span: timedelta) -> None:
        gone[0] += span

    return go


def asked(who: Member, language: str = "en", **arguments: Any) -> int:
    begin_write()
    named = {"file_name": "words.txt", "media_type": "text/plain"}
    made = actions.ask("made-up", arguments, **named, by=Actor(who.id), language=language, now=clock.now())
    db.session.commit()
    return made


def row(job_id: int) -> Any:
    return factories.rows(select(*Job.__table__.c).where(Job.id == job_id))[0]


def stored(app: Flask) -> list[str]:
    folder = Path(app.config["INSTANCE_PATH"]) / "jobs"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def told(who: Member) -> list[tuple[str, dict[str, Any]]]:
    return [
        tuple(each)
        for each in factories.rows(select(Notice.kind, Notice.details).where(Notice.member_id == who.id))
    ]


def test_a_job_is_done_and_whoever_asked_is_told(app: Flask, declared: Callable[..., None]) -> None:
    declared()
    who = factories.member(name="Li Na")
    job_id = asked(who, day="2026-11-24")
    assert work_due() == 1
    made = row(job_id)
    assert (made.status, made.attempts) == ("done", 1)
    path = Path(app.config["INSTANCE_PATH"]) / "jobs" / made.stored_as
    assert path.read_text() == "for Li Na: {'day': '2026-11-24'}"
    assert made.size == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.forgotten_at - made.finished_at == timedelta(days=1)
    [(kind, details)] = told(who)
    assert (kind, details["job"], details["file"]) == ("job-done", job_id, "words.txt")
    assert factories.scalar(select(JournalEntry.kind)) == "job.asked"
    assert work_due() == 0


def test_the_same_question_twice_is_one_job_and_five_are_the_most(
    app: Flask, declared: Callable[..., None]
) -> None:
    declared()
    who = factories.member()
    assert asked(who, n=1) == asked(who, n=1)
    others = {asked(who, n=n) for n in range(2, rules.MOST_OPEN + 1)}
    assert len(others) == rules.MOST_OPEN - 1
    with pytest.raises(Refused, match="waiting for 5 files"):
        asked(who, n=99)
    assert work_due() == rules.MOST_OPEN
    assert asked(who, n=1) not in others


def test_the_work_speaks_the_askers_language(app: Flask, declared: Callable[..., None]) -> None:
    declared(lambda task: task.path.write_text(gettext("Messages")))
    job_id = asked(factories.member(), language="zh_CN")
    work_due()
    assert (Path(app.config["INSTANCE_PATH"]) / "jobs" / row(job_id).stored_as).read_text() == "消息"


def test_only_one_worker_gets_a_job(app: Flask, declared: Callable[..., None]) -> None:
    declared()
    asked(factories.member())
    begin_write()
    assert actions.claim(clock.now()) is not None
    assert actions.claim(clock.now()) is None
    db.session.rollback()


def test_whoever_may_no_more_gets_nothing(app: Flask, declared: Callable[..., None]) -> None:
    declared()
    who = factories.member()
    job_id = asked(who, unit="320507")
    work_due()
    assert (row(job_id).status, row(job_id).words) == (
        "failed",
        "Your appointments do not include this any more.",
    )
    assert stored(app) == []
    assert told(who)[0][0] == "job-failed"


def test_a_refusal_is_told_in_its_words_and_a_fault_as_ours(
    app: Flask, declared: Callable[..., None]
) -> None:
    who = factories.member()

    def refuse(_task: Task) -> None:
        raise Refused("none", "Nothing in %(unit)s: 0 %%.", unit="Yuanhe")

    declared(refuse)
    first = asked(who)
    work_due()
    assert row(first).words == "Nothing in Yuanhe: 0 %."

    def stumble(task: Task) -> None:
        task.path.write_text("half")
        raise ZeroDivisionError

    declared(stumble)
    second = asked(who)
    work_due()
    assert row(second).words.startswith("Something went wrong here.")
    assert stored(app) == []


def test_progress_is_written_and_a_cancelled_job_stops(app: Flask, declared: Callable[..., None]) -> None:
    seen = []

    def cancelled_in_between(task: Task) -> None:
        task.path.write_text("half")
        task.tell(1, 4)
        seen.append((row(job_id).done, row(job_id).total))
        begin_write()
        actions.cancel(job_id, now=clock.now())
        db.session.commit()
        for each in range(10_000_000):
            task.tell(each, 4)

    declared(cancelled_in_between)
    job_id = asked(factories.member())
    work_due()
    assert seen == [(1, 4)]
    assert row(job_id).status == "cancelled"
    assert stored(app) == []


def test_a_stopping_server_lays_its_job_back(app: Flask, declared: Callable[..., None]) -> None:
    stop = Event()

    def interrupted(task: Task) -> None:
        stop.set()
        task.tell(1, 2)

    declared(interrupted)
    job_id = asked(factories.member())
    work_due(stop)
    assert (row(job_id).status, row(job_id).attempts) == ("waiting", 0)


def test_a_worker_that_only_seemed_dead_leaves_nothing(
    app: Flask, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    """It was silent too long, another took the job: what the first one makes of it counts no more."""

    def slow(task: Task) -> None:
        task.path.write_text("of the first")
        later(rules.DEAD_AFTER + timedelta(seconds=1))
        declared(lambda other: other.path.write_text("of the second") and None)
        work_due()

    declared(slow)
    who = factories.member()
    job_id = asked(who)
    work_due()
    made = row(job_id)
    assert made.attempts == 2
    assert stored(app) == [made.stored_as]
    assert (Path(app.config["INSTANCE_PATH"]) / "jobs" / made.stored_as).read_text() == "of the second"
    assert len(told(who)) == 1


def killed(environ: dict[str, str]) -> None:
    """A worker in a process of its own begins the job and is killed in the middle of it."""
    command = [sys.executable, "-m", "tests.jobs.work"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.communicate()


def test_a_killed_worker_is_followed_by_another(
    app: Flask, environ: dict[str, str], declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    job_id = asked(factories.member())
    killed(environ)
    assert (row(job_id).status, row(job_id).attempts) == ("running", 1)
    assert work_due() == 0, "it may be alive yet"
    later(rules.DEAD_AFTER + timedelta(seconds=1))
    assert work_due() == 1
    assert (row(job_id).status, row(job_id).attempts) == ("done", 2)
    left = set(stored(app)) - {row(job_id).stored_as}
    assert len(left) == 1, "half a file of the dead one"
    later(rules.KEPT)
    work_due()
    assert stored(app) == []


def test_what_kills_three_workers_is_given_up_in_words(
    app: Flask, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    who = factories.member()
    job_id = asked(who)
    for _attempt in range(rules.ATTEMPTS):
        begin_write()
        assert actions.claim(clock.now())
        db.session.commit()
        later(rules.DEAD_AFTER + timedelta(seconds=1))
    assert work_due() == 0
    assert row(job_id).status == "failed"
    assert row(job_id).words == actions.LOST
    assert told(who)[0][0] == "job-failed"


def test_a_file_is_gone_after_a_day_and_the_job_after_a_month(
    app: Flask, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    job_id = asked(factories.member())
    work_due()
    later(timedelta(hours=23))
    work_due()
    assert len(stored(app)) == 1
    later(timedelta(hours=2))
    work_due()
    assert stored(app) == []
    assert (row(job_id).status, row(job_id).stored_as) == ("done", "")
    again = asked(factories.member())
    later(rules.LISTED)
    work_due()
    later(rules.KEPT)
    work_due()
    clear_due(clock.now())
    assert factories.rows(select(Job.id)) == [(again,)]


def test_a_worker_that_says_it_lives_is_not_taken_for_dead(
    app: Flask, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    asked(factories.member())
    begin_write()
    claim = actions.claim(clock.now())
    db.session.commit()
    assert claim is not None
    later(rules.DEAD_AFTER + timedelta(seconds=1))
    Progress(db.engine, claim, clock.now, Event()).beat()
    assert work_due() == 0


# --- my files -------------------------------------------------------------------------------------------------

Visit = Callable[..., Visitor]


def test_the_page_says_how_far_it_is_and_asks_again_until_it_is_there(
    app: Flask, visit: Visit, declared: Callable[..., None]
) -> None:
    declared()
    who = factories.member()
    job_id = factories.job(who, status="running", total=4, done=1, attempts=1, seen_at=clock.now()).id
    visitor = visit(who.phone).open(f"/my/files/{job_id}")
    assert "Being made: 25 %" in visitor.text
    assert visitor.page.select("[data-poll]")
    fragment = visitor.send("GET", f"/my/files/{job_id}", headers=visitor.headers | {"HX-Request": "true"})
    assert b"<html" not in fragment.get_data()
    other = asked(who)
    work_due()
    visitor.open("/my/notices")
    assert "Your file is ready: words.txt." in visitor.text
    assert visitor.page.select(f'a[href="/my/files/{other}"]')
    visitor.open(f"/my/files/{other}")
    assert not visitor.page.select("[data-poll]"), "there is nothing more to wait for"
    answer = visitor.send("GET", f"/my/files/{other}/file", headers=visitor.headers)
    assert answer.get_data() == f"for {who.name}: {{}}".encode()
    assert answer.content_length == len(answer.get_data())
    assert 'filename="words.txt"' in answer.headers["Content-Disposition"]
    assert [each.get_text(strip=True) for each in visitor.open("/my/files").page.select(".item-title")] == [
        "words.txt",
        "file.csv",
    ]


def test_nobody_elses_file_is_there(app: Flask, visit: Visit, declared: Callable[..., None]) -> None:
    declared()
    job_id = asked(factories.member())
    work_due()
    other = visit(factories.secretary().phone)
    for url in (f"/my/files/{job_id}", f"/my/files/{job_id}/file"):
        assert other.send("GET", url, headers=other.headers).status_code == 404
    assert "words.txt" not in other.open("/my/files").text


def test_a_file_is_fetched_only_while_one_still_may(
    app: Flask, visit: Visit, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    branch = factories.branch()
    who = factories.member()
    appointment = factories.appointment(who, "coordinator", unit_code=branch.unit_code)
    job_id = asked(who, unit=branch.unit_code)
    work_due()
    visitor = visit(who.phone)
    assert visitor.send("GET", f"/my/files/{job_id}/file", headers=visitor.headers).status_code == 200
    begin_write()
    db.session.get_one(type(appointment), appointment.id).ends_at = clock.now()
    db.session.commit()
    assert visitor.send("GET", f"/my/files/{job_id}/file", headers=visitor.headers).status_code == 404


def test_a_file_that_is_not_wanted_any_more_is_cancelled(
    app: Flask, visit: Visit, declared: Callable[..., None]
) -> None:
    declared()
    who = factories.member()
    job_id = asked(who)
    visitor = visit(who.phone).open(f"/my/files/{job_id}").submit(f"/my/files/{job_id}/cancel")
    assert "The file is not made." in visitor.text
    assert work_due() == 0
    assert not visitor.open(f"/my/files/{job_id}").offers(f"/my/files/{job_id}/cancel")


def test_a_file_that_is_gone_says_so(
    app: Flask, visit: Visit, declared: Callable[..., None], later: Callable[[timedelta], None]
) -> None:
    declared()
    who = factories.member()
    job_id = asked(who)
    visitor = visit(who.phone)
    assert "Waiting for its turn" in visitor.open(f"/my/files/{job_id}/file").text, (
        "not yet: the page says how far"
    )
    work_due()
    later(rules.KEPT + timedelta(minutes=1))
    work_due()
    visitor = visit(who.phone)
    assert "no longer kept" in visitor.open(f"/my/files/{job_id}").text
    answer = visitor.send("GET", f"/my/files/{job_id}/file", headers=visitor.headers)
    assert answer.status_code == 404
    assert b"no longer kept" in answer.get_data()


def test_it_is_said_when_there_are_none(visit: Visit) -> None:
    assert "No files yet" in visit(factories.member().phone).open("/my/files").text
