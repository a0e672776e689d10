"""Being there without a network: Today opens, what is said waits on the phone, goes out once, and is told in words."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.attendance import codes
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Member, ServiceRecord, Shift, SignUp
from mobilizer.terms import ShiftStatus
from tests import factories
from tests.browser.faults import Network, network
from tests.browser.phones import fits
from tests.storm.servers import answering, cookies

pytestmark = [pytest.mark.browser, pytest.mark.once]
NAMES = ("陈建华", "李秀英", "王国强", "周小敏")
expect.set_options(timeout=30_000)
both = pytest.mark.parametrize("locale", ["zh-CN", "en-US"])


@dataclass
class Post:
    """A shift that runs now with four people on it, its leader's phone, and the network between phone and server."""

    way: Network
    browser: Browser
    locale: str
    shift: Shift
    leader: Member
    members: list[Member]
    tokens: dict[int, str]
    errors: list[str]

    def phone(self, who: Member, **how: Any) -> tuple[BrowserContext, Page]:
        context = self.browser.new_context(
            viewport={"width": 390, "height": 844}, locale=self.locale, base_url=self.way.base, **how
        )
        context.set_default_timeout(20_000)
        self.log_in(context, who)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        return context, page

    def log_in(self, context: BrowserContext, who: Member) -> None:
        name, _, value = self.tokens[who.id].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": self.way.base}])

    @property
    def roster(self) -> str:
        return f"/shifts/{self.shift.id}/roster"

    def attendance(self, name: str) -> Any:
        db.session.rollback()
        found = factories.rows(
            select(Attendance)
            .join(SignUp, SignUp.id == Attendance.sign_up_id)
            .join(Member, Member.id == SignUp.member_id)
            .where(Member.name == name)
        )
        return found[0][0] if found else None

    def said(self) -> list[str]:
        """Of whom something is said, by name."""
        return sorted(name for name in NAMES if self.attendance(name) is not None)


@contextmanager
def post(app: Flask, browser: Browser, locale: str) -> Iterator[Post]:
    now = clock.now()
    shift = factories.shift(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
    leader = factories.secretary()
    members = [factories.member(name=name) for name in NAMES]
    for member in members:
        factories.sign_up(shift, member)
    everybody = [leader, *members]
    tokens = dict(zip((each.id for each in everybody), cookies(app, everybody), strict=True))
    with answering(app) as port, network(port) as way:
        here = Post(way, browser, locale, shift, leader, members, tokens, [])
        yield here
        assert here.errors == []


def kept(page: Page) -> bool:
    """Whether the phone keeps Today; asked of the browser's own store."""
    return bool(
        page.evaluate(
            "async () => (await caches.has('kept')) && !!(await (await caches.open('kept')).match('/today/offline'))"
        )
    )


def wait_until_kept(page: Page) -> None:
    for _ in range(300):
        if page.evaluate("navigator.serviceWorker.controller !== null") and kept(page):
            return
        page.wait_for_timeout(200)
    raise AssertionError("nothing was kept of Today")


def person(page: Page, name: str) -> Any:
    return page.locator("li.item", has_text=name)


def say(page: Page, name: str, what: str) -> None:
    person(page, name).locator(f"[data-makes={what}]").click()
    expect(person(page, name).locator(".waits-waiting")).to_be_visible()


@both
def test_a_leader_without_a_network_checks_in_three_and_the_ledger_has_each_once(
    app: Flask, browser: Browser, locale: str
) -> None:
    with post(app, browser, locale) as here:
        context, page = here.phone(here.leader)
        page.goto("/")
        wait_until_kept(page)
        page.goto(here.roster)
        context.set_offline(True)
        page.goto("/")
        expect(page.locator(".no-network")).to_be_visible()
        assert "{" not in page.locator(".no-network").inner_text()
        page.goto(here.roster)
        expect(page.locator(".no-network")).to_be_visible()
        fits(page)
        place = ZoneInfo("Asia/Shanghai")
        hours = {clock.now().astimezone(place).strftime("%H")}
        for name in NAMES[:3]:
            say(page, name, "here")
        say(page, NAMES[0], "left")
        hours |= {clock.now().astimezone(place).strftime("%H")}
        expect(page.locator(".kept-count")).to_contain_text("4")
        shown = page.locator("#kept li").first.inner_text()
        assert any(f"· {hour}:" in shown for hour in hours), (
            "the time of the place, whatever the phone's zone"
        )
        page.goto("/")
        expect(page.locator(".kept-count")).to_contain_text("4")
        assert here.said() == []
        here.way.losing = {"/check-in": 1}
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".kept-count")).to_have_count(0, timeout=60_000)
        assert len(here.way.lost) == 1
        assert here.said() == sorted(NAMES[:3])
        page.goto(here.roster)
        expect(page.locator(".no-network")).to_be_hidden()
        close(page)
        records = factories.rows(select(ServiceRecord.member_id))
        assert sorted(row.member_id for row in records) == sorted(m.id for m in here.members[:3])
        context.close()


def test_a_member_without_a_network_checks_in_by_the_leaders_code_and_it_counts_once(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "zh-CN") as here:
        member = here.members[0]
        context, page = here.phone(member)
        page.goto("/")
        wait_until_kept(page)
        context.set_offline(True)
        page.goto("/")
        expect(page.locator(".no-network")).to_be_visible()
        fits(page)
        code = codes.screen_code(app.config["SECRET_KEY"], here.shift.id, codes.step_of(clock.now()))
        form = page.locator(f"form[action='/shifts/{here.shift.id}/check-in']")
        form.locator("[name=code]").fill(code)
        form.locator("[type=submit]").click()
        expect(page.locator(".kept-count")).to_contain_text("1")
        assert here.said() == []
        here.way.losing = {"/check-in": 1}
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".kept-count")).to_have_count(0, timeout=60_000)
        kept = here.attendance(member.name)
        assert (kept.in_way, kept.in_clock) == ("screen-code", "device")
        assert kept.in_device_at is not None
        assert kept.in_received_at is not None
        context.close()


def close(page: Page) -> None:
    page.locator("form[action$='/rest-absent'] button").click()
    page.locator("form[action$='/close'] button").click()
    expect(page.locator(".flash-done")).to_be_visible()


@both
def test_what_was_decided_meanwhile_is_told_in_words_until_it_is_read(
    app: Flask, browser: Browser, locale: str
) -> None:
    with post(app, browser, locale) as here:
        context, page = here.phone(here.leader)
        page.goto("/")
        wait_until_kept(page)
        page.goto(here.roster)
        context.set_offline(True)
        # Not reloaded: the page that is open lets its check-in wait as well.
        person(page, NAMES[0]).locator("form[action$='/check-in'] button").click()
        expect(person(page, NAMES[0]).locator(".waits-waiting")).to_be_visible()
        begin_write()
        db.session.execute(
            update(Shift).where(Shift.id == here.shift.id).values(status=ShiftStatus.CANCELLED)
        )
        db.session.commit()
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        words = "Nobody is checked in for it" if locale == "en-US" else "取消"
        expect(page.locator(".kept-refused")).to_contain_text(words, timeout=60_000)
        page.goto("/")
        expect(page.locator(".kept-refused")).to_contain_text(NAMES[0])
        page.locator(".kept-refused button").click()
        expect(page.locator("#kept")).to_be_hidden()
        page.reload()
        expect(page.locator("#kept")).to_be_hidden()
        assert here.said() == []
        context.close()


LEFT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push(await (await cache.match(request)).text());
  }
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => { const o = indexedDB.open(name); o.onsuccess = () => done(o.result); });
    for (const store of database.objectStoreNames) {
      found.push(JSON.stringify(await new Promise((done) => {
        const asked = database.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      })));
    }
    database.close();
  }
  return [...found, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
}"""


def left(page: Page) -> str:
    """All that this site keeps on the phone: caches, databases, storage, as text."""
    return "\n".join(page.evaluate(LEFT))


def test_a_log_out_warns_of_what_waits_and_then_leaves_nothing_of_anybody(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "zh-CN") as here:
        context, page = here.phone(here.leader)
        page.goto("/")
        wait_until_kept(page)
        assert NAMES[0] in left(page)
        here.way.down = True
        page.goto(here.roster)
        say(page, NAMES[0], "here")
        here.way.losing = {"/check-in": 1000}  # every answer is lost: it goes on waiting
        here.way.down = False
        page.goto("/me")
        page.locator("form[action$='/log-out'] button").click()
        expect(page.locator(".held")).to_contain_text("1")
        assert NAMES[0] in left(page)
        page.locator("form[action$='/log-out'] button").click()
        expect(page.locator("a[href='/log-in']").first).to_be_visible()
        remaining = left(page)
        for name in (*NAMES, here.leader.name):
            assert name not in remaining
        here.way.down = True
        with suppress(Error):  # the worker went too: the browser's own page says that there is no network
            page.goto("/")
        page.wait_for_load_state()
        expect(page.locator("body")).not_to_contain_text(NAMES[0])
        context.close()


def test_another_persons_log_in_neither_sees_nor_sends_what_waits_and_the_owners_does(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "zh-CN") as here:
        context, page = here.phone(here.leader)
        page.goto("/")
        wait_until_kept(page)
        context.set_offline(True)
        page.goto(here.roster)
        say(page, NAMES[0], "here")
        context.clear_cookies()  # the log-in has ended
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#kept a[href^='/log-in']")).to_be_visible()
        page.goto("/")
        expect(page.locator("a[href='/log-in']").first).to_be_visible()
        assert not kept(page), "the server has said that nobody is logged in"
        here.log_in(context, here.members[1])
        page.goto("/")
        wait_until_kept(page)
        expect(page.locator("#kept")).to_be_hidden()
        assert NAMES[0] not in left(page).replace(page.locator("main").inner_text(), "")
        assert here.said() == []
        context.clear_cookies()
        here.log_in(context, here.leader)
        page.goto("/")
        expect(page.locator("#kept")).to_contain_text("", timeout=5_000)
        for _ in range(100):
            if here.said() == [NAMES[0]]:
                break
            page.wait_for_timeout(200)
        assert here.said() == [NAMES[0]]
        context.close()


def test_with_a_clock_that_is_wrong_the_time_used_is_right_and_both_are_kept(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "zh-CN") as here:
        context, page = here.phone(here.leader)
        wrong = timedelta(minutes=47)
        # The page's clock can be set wrong, the worker's cannot: here the page alone sends.
        page.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
        page.add_init_script(
            f"""const Right = Date, off = {int(wrong.total_seconds() * 1000)};
            Date = class extends Right {{
              constructor(...given) {{ if (given.length) super(...given); else super(Right.now() - off); }}
              static now() {{ return Right.now() - off; }}
            }};"""
        )
        page.goto("/")
        wait_until_kept(page)
        context.set_offline(True)
        page.goto(here.roster)
        before = clock.now()
        say(page, NAMES[0], "here")
        after = clock.now()
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".kept-count")).to_have_count(0)
        noted = here.attendance(NAMES[0])
        second = timedelta(seconds=30)
        assert noted.in_clock == "device"
        assert before.replace(second=0, microsecond=0) <= noted.checked_in_at <= after + second
        assert before - wrong - second <= noted.in_device_at <= after - wrong + second
        assert noted.in_received_at >= before
        context.close()


def test_what_another_leader_has_done_meanwhile_stands_and_is_told(app: Flask, browser: Browser) -> None:
    with post(app, browser, "zh-CN") as here:
        context, page = here.phone(here.leader)
        page.goto("/")
        wait_until_kept(page)
        context.set_offline(True)
        page.goto(here.roster)
        say(page, NAMES[0], "here")
        other, desk = here.phone(here.leader)
        desk.goto(here.roster)
        person(desk, NAMES[0]).locator("form[action$='/check-in'] button").click()
        expect(person(desk, NAMES[0]).locator(".tag.state-here").first).to_be_visible()
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".kept-refused")).to_contain_text(NAMES[0])
        assert here.attendance(NAMES[0]).in_clock == "server"
        other.close()
        context.close()


def test_a_long_form_keeps_what_was_typed_through_a_reload_and_without_a_network(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "zh-CN") as here:
        context, page = here.phone(here.leader)
        page.goto(f"/calls/{here.shift.call_id}/edit")
        page.locator("form[data-draft] input[name=title]").fill("古巷夜间行动支部")
        page.reload()
        expect(page.locator("form[data-draft] input[name=title]")).to_have_value("古巷夜间行动支部")
        expect(page.locator(".draft-back")).to_be_visible()
        context.set_offline(True)
        page.locator("form[data-draft] [type=submit]").last.click()
        expect(page.locator(".held")).to_be_visible()
        expect(page.locator("form[data-draft] input[name=title]")).to_have_value("古巷夜间行动支部")
        context.close()


def test_a_browser_that_keeps_nothing_says_so_on_today_and_on_me_and_no_other_does(
    app: Flask, browser: Browser
) -> None:
    with post(app, browser, "en-US") as here:
        for able in (True, False):
            context, page = here.phone(here.members[0])
            if not able:
                context.add_init_script("delete window.caches")
            for address in ("/", "/me"):
                page.goto(address)
                line = page.get_by_text("This browser cannot open Today without a network")
                expect(line).to_have_count(1)
                page.wait_for_function(
                    "!('caches' in self) === !document.querySelector('[data-unable]').hidden"
                )
                expect(line).to_be_visible(visible=not able)
            context.close()
