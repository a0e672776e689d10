"""What a phone keeps of today: enough to find a shift and to run it, and no more than that."""

import gzip
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from mobilizer import clock
from mobilizer.offline import queries
from mobilizer.terms import ShiftStatus
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def test_a_member_keeps_where_and_when_and_whom_to_ask(visit: Visit) -> None:
    at = factories.checkpoint(
        name="东门卡口", address="古巷路 8 号", contact="老徐 0512-6578", latitude=31.5, longitude=120.25
    )
    call = factories.call()
    mine = factories.shift(call, at, starts_at=clock.now() + timedelta(hours=4))
    member = factories.member(name="陈建华")
    factories.sign_up(mine, member)
    kept = visit(member.phone).open("/today/offline")
    for words in ("东门卡口", "古巷路 8 号", "老徐 0512-6578", "31.5", "120.25"):
        assert words in kept.text
    assert kept.response.headers["Cache-Control"] == "no-store"


def test_a_member_keeps_a_way_to_check_in_and_out_for_the_shifts_of_the_day_alone(visit: Visit) -> None:
    now, member = clock.now(), factories.member()
    soon = factories.shift(starts_at=now + timedelta(hours=1))
    later = factories.shift(starts_at=now + timedelta(hours=50))
    for shift in (soon, later):
        factories.sign_up(shift, member)
    kept = visit(member.phone).open("/today/offline")
    for what in ("check-in", "check-out"):
        assert kept.form(f"/shifts/{soon.id}/{what}").has_attr("data-queue")
        assert not kept.offers(f"/shifts/{later.id}/{what}")


def test_a_leader_keeps_the_rosters_of_a_day_with_the_numbers_of_who_is_missing_alone(visit: Visit) -> None:
    now = clock.now()
    running = factories.shift(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
    later = factories.shift(starts_at=now + timedelta(hours=30))
    closed = factories.shift(
        starts_at=now - timedelta(hours=9),
        ends_at=now - timedelta(hours=5),
        status=ShiftStatus.CLOSED,
        closed_at=now,
    )
    missing, here, far, past = (
        factories.member(name=name) for name in ("周小敏", "李秀英", "王国强", "何雪梅")
    )
    factories.sign_up(running, missing)
    came = factories.sign_up(running, here)
    factories.sign_up(later, far)
    factories.sign_up(closed, past)
    leader = visit(factories.secretary().phone)
    leader.open(f"/shifts/{running.id}/roster").submit(f"/shifts/{running.id}/roster/{came.id}/check-in")
    page = leader.open("/today/offline")
    shown = {name for name in ("周小敏", "李秀英", "王国强", "何雪梅") if name in page.text}
    assert shown == {"周小敏", "李秀英"}
    numbers = [str(link["href"]) for link in page.page.find_all("a", class_="phone")]
    assert numbers == [f"tel:{missing.phone}"]


def test_a_leader_meets_the_roster_that_runs_before_an_own_shift_of_later(visit: Visit) -> None:
    now, leader = clock.now(), factories.secretary()
    running = factories.shift(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
    own = factories.shift(starts_at=now + timedelta(hours=4))
    factories.sign_up(own, leader)
    page = visit(leader.phone).open("/today/offline").page
    sections = [section["id"] for section in page.select("section.section[id]")]
    assert sections.index(f"roster-{running.id}") < sections.index("mine")


def test_who_leads_nothing_keeps_nobody_elses_name(visit: Visit) -> None:
    now = clock.now()
    shift = factories.shift(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
    other, member = factories.member(name="周小敏"), factories.member(name="李秀英")
    factories.sign_up(shift, other)
    factories.sign_up(shift, member)
    assert "周小敏" not in visit(member.phone).open("/today/offline").text


def test_what_is_kept_is_bounded_whatever_there_is_to_run(
    app: Flask, visit: Visit, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    now = clock.now()
    call = factories.call()
    for place in range(queries.LED + 3):
        shift = factories.shift(
            call,
            factories.checkpoint(),
            starts_at=now - timedelta(hours=1) + timedelta(minutes=place),
            ends_at=now + timedelta(hours=3),
            capacity=40,
        )
        if place >= 5:
            for _ in range(30):
                factories.sign_up(shift, factories.member())
    visitor = visit(factories.secretary().phone)
    page = visitor.open("/today/offline")
    persons = page.page.find_all("li", class_="kept-person")
    assert 150 < len(persons) <= queries.PEOPLE
    assert len(page.page.find_all("section", id=True)) - 1 - len(page.page.select("#kept")) <= queries.LED
    assert "not kept on the phone" in page.text
    assert len(gzip.compress(page.response.get_data())) < 60_000
    assert count_queries(lambda: visitor.open("/today/offline")) <= 8


def test_the_worker_names_what_it_keeps_and_is_looked_at_anew_each_time(visit: Visit) -> None:
    worker = visit().send("GET", "/service-worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    head = worker.get_data(as_text=True).split("\n")[0]
    assert head.startswith("const SHELL = {")
    for name in ("app.css", "queue.js", "offline.js"):
        assert f"/{name}" in head
    assert "Cookie" not in worker.headers.get("Set-Cookie", "")


def test_the_manifest_is_in_the_readers_language_and_its_icons_are_there(visit: Visit) -> None:
    for language, name in (("en", "Mobilizer"), ("zh_CN", "")):
        visitor = visit(language=language)
        told = visitor.send("GET", "/manifest.webmanifest", headers=visitor.headers).get_json(force=True)
        assert told["display"] == "standalone"
        assert name in told["short_name"]
        assert {icon["sizes"] for icon in told["icons"]} >= {"192x192", "512x512"}
        assert "maskable" in {icon["purpose"] for icon in told["icons"]}
        for icon in told["icons"]:
            assert visitor.send("GET", icon["src"]).status_code == 200


def test_who_would_send_is_told_as_a_mark_and_nobody_is_nobody(visit: Visit) -> None:
    first, second = factories.member(), factories.member()
    marks = [
        visit(who.phone).send("GET", "/today/sender").get_json()["reader"] for who in (first, first, second)
    ]
    assert marks[0] == marks[1] != marks[2]
    assert visit().send("GET", "/today/sender").get_json()["reader"] is None
    page = visit(first.phone).open("/")
    assert page.response.headers["X-Reader"] == marks[0]
    assert visit().open("/log-in").response.headers["X-Reader"] == "-"


def test_a_log_out_tells_the_browser_to_forget_and_keeps_the_language(visit: Visit) -> None:
    visitor = visit(factories.member().phone).open("/language/zh_CN").open("/me")
    form = visitor.filled(visitor.form("/log-out"))
    answer = visitor.send("POST", "/log-out", data=form, headers=visitor.headers)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.open("/").page.html["lang"] == "zh-CN"  # type: ignore[index]
