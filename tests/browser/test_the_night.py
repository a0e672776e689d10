"""One night in a real browser: nothing stands, and then every seat is taken by somebody who said yes.

A secretary, twenty members on twenty phones, in Chinese, in English, and with JavaScript off.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.model import Member, Notice, Shift, SignUp
from mobilizer.terms import Role
from tests import factories
from tests.browser.phones import NOONISH, fits, in_both_languages_and_without_script
from tests.storm.servers import answering, cookies

pytestmark = [pytest.mark.browser, pytest.mark.once]

VILLAGE = "320507001003"
SEATS = 3
FILLED_IN = "main input:not([type=hidden]), main select, main textarea"
NAMES = [
    "马晓黎", "周涛", "陆建国", "顾敏华", "钱卫东",
    "徐丽萍", "吴春燕", "朱志强", "胡美玲", "郭永康",
    "何雪梅", "高俊杰", "林秀英", "罗国平", "梁文静",
    "宋海燕", "郑小军", "谢玉兰", "韩立新", "唐佳怡",
]  # fmt: skip


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"MOBILIZER_TIMEZONE": NOONISH}


@dataclass
class Night:
    """Who is there, a phone of 390 px for each, and what their pages have said that they should not."""

    browser: Browser
    base: str
    locale: str
    script: bool
    tokens: dict[str, str]
    errors: list[str] = field(default_factory=list)
    open: dict[str, Page] = field(default_factory=dict)

    def phone(self, name: str) -> Page:
        if name not in self.open:
            context = self.browser.new_context(
                viewport={"width": 390, "height": 844},
                locale=self.locale,
                java_script_enabled=self.script,
                base_url=self.base,
            )
            context.set_default_timeout(15_000)
            key, _, value = self.tokens[name].partition("=")
            context.add_cookies([{"name": key, "value": value, "url": self.base}])
            page = context.new_page()
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
            self.open[name] = page
        return self.open[name]


@in_both_languages_and_without_script
def test_every_seat_of_the_night_is_taken_by_somebody_who_said_yes(
    app: Flask, browser: Browser, locale: str, script: bool
) -> None:
    factories.unit("320507001", "元和街道")
    factories.unit(VILLAGE, "古巷社区居委会")
    home = factories.branch(VILLAGE, "古巷社区第一党支部")
    secretary = factories.member(home, "沈丽华")
    factories.appointment(secretary, Role.SECRETARY, unit_code=VILLAGE)
    members = [factories.member(home, name) for name in NAMES]
    tokens = dict(zip(["沈丽华", *NAMES], cookies(app, [secretary, *members]), strict=True))
    with answering(app) as port:
        night = Night(browser, f"http://127.0.0.1:{port}", locale, script, tokens)
        leader = night.phone("沈丽华")
        link, call_id = stand_up(leader)
        shifts = [row.id for row in factories.rows(select(Shift.id).order_by(Shift.starts_at, Shift.id))]
        assert len(shifts) == 6
        bare(leader, call_id)

        for place, name in enumerate(NAMES[:15]):
            take(night.phone(name), link if place == 0 else "/shifts", shifts[place // SEATS], script)
        paste(leader, call_id, NAMES[15:18])
        wait(night.phone("韩立新"), shifts[0])

        hand_over(night, "马晓黎", "唐佳怡", shifts[0], members[19])
        hand_over(night, "顾敏华", "马晓黎", shifts[1], members[0])
        give_back(night.phone("周涛"), shifts[0])
        say_yes(night.phone("韩立新"), shifts[0])

        cancel(leader, shifts[4])
        read_what_was_said(night.phone(NAMES[12]))
        full(leader, call_id)
    assert night.errors == []
    on = dict(
        factories.rows(
            select(SignUp.shift_id, func.count())
            .where(SignUp.status == "confirmed")
            .group_by(SignUp.shift_id)
        )
    )
    assert on == {shift: SEATS for place, shift in enumerate(shifts) if place != 4}
    told = set(factories.rows(select(Member.name).join(Notice).where(Notice.kind == "cancelled")))
    assert {row[0] for row in told} == set(NAMES[12:15])


def stand_up(page: Page) -> tuple[str, int]:
    """A playbook, two gates, three shifts tomorrow of three people each; the link to share, and the call's number."""
    page.goto("/")
    page.locator("main a[href='/playbooks']").first.click()
    page.locator("a[href^='/playbooks/community-lock-down/use']").click()
    tomorrow = (clock.now().astimezone(ZoneInfo(NOONISH)) + timedelta(days=1)).date()
    page.fill("[name=checkpoints]", "东门卡口\n西门卡口")
    page.fill("[name=first]", f"{tomorrow}T00:00")
    page.locator("details#more > summary").click()
    page.fill("[name=posts]", f"值守，{SEATS}，2")
    page.fill("[name=pattern]", "3x8")
    page.fill("[name=overlap]", "0")
    page.fill("[name=days]", "1")
    page.fill("[name=rest_at]", "")
    fits(page)
    page.locator("form:has([name=checkpoints]) button.button-primary").click()
    expect(page.locator("#link")).to_be_visible()
    fits(page)
    link = page.locator("#link").input_value()
    assert link in page.locator("#text").input_value()
    return link, int(page.url.split("/calls/")[1].split("/")[0])


def board(page: Page, call_id: int, day: int = 1) -> None:
    tomorrow = (clock.now().astimezone(ZoneInfo(NOONISH)) + timedelta(days=day)).date()
    page.goto(f"/coverage?call={call_id}&day={tomorrow}")
    fits(page)


def bare(page: Page, call_id: int) -> None:
    """Every hour of the night to come is bare: it is said in a word, and there is a way to fill it."""
    board(page, call_id)
    assert page.locator("#board td.is-bare").count() > 0
    assert page.locator("#board td.is-full, #board td.is-covered").count() == 0
    expect(page.locator("#gaps")).to_be_visible()


def full(page: Page, call_id: int) -> None:
    board(page, call_id)
    assert page.locator("#board td.is-full").count() > 0
    assert page.locator("#board td.is-bare, #board td.is-short").count() == 0
    expect(page.locator("#gaps")).to_have_count(0)


def take(page: Page, start: str, shift_id: int, script: bool) -> None:
    """From the link in the chat group or from the list: one screen, one tap, nothing to fill in."""
    page.goto(start)
    expect(page.locator(f"form[action='/shifts/{shift_id}/sign-up'] button")).to_be_visible()
    assert page.locator(FILLED_IN).count() == page.locator("main input[type=checkbox]").count()
    fits(page)
    first = page.locator("form[action$='/sign-up'] button[type=submit]").first
    if start == "/shifts":
        assert first.bounding_box()["y"] < 400  # type: ignore[index]
    page.locator(f"form[action='/shifts/{shift_id}/sign-up'] button").click()
    expect(page.locator(f"form[action='/shifts/{shift_id}/give-back']")).to_be_visible()
    if script and start == "/shifts":
        assert page.url.endswith("/shifts"), "one tap, and still on the list"


def paste(page: Page, call_id: int, names: list[str]) -> None:
    """The chat chain names three for the last shift at the west gate; what is sure is entered with one press."""
    lines = "\n".join(f"{number}. {name} 西门 16:00-24:00" for number, name in enumerate(names, start=1))
    page.goto(f"/calls/{call_id}")
    page.locator(f"a[href='/calls/{call_id}/chains/new']").click()
    page.fill("[name=text]", f"#接龙\n明天值守报名\n{lines}")
    page.locator("form:has([name=text]) button.button-primary").click()
    expect(page.locator("#sure input[name=take]")).to_have_count(len(names))
    fits(page)
    page.locator("button[name=enter]").click()
    expect(page.locator("main")).to_contain_text(names[0])
    fits(page)


def wait(page: Page, shift_id: int) -> None:
    page.goto(f"/shifts/{shift_id}")
    page.locator(f"form[action='/shifts/{shift_id}/wait'] button").click()
    expect(page.locator(f"form[action='/shifts/{shift_id}/stop-waiting']")).to_be_visible()
    fits(page)


def hand_over(night: Night, giver: str, taker: str, shift_id: int, member: Member) -> None:
    """“I can't come”: a named person is asked, and says yes; in between the seat is the giver's."""
    page = night.phone(giver)
    page.goto(f"/shifts/{shift_id}/cannot-come")
    fits(page)
    asks = page.locator(
        f"form[action='/shifts/{shift_id}/hand-over']:has([name=member_id][value='{member.id}']) button"
    )
    asks.click()
    expect(page.locator(f"form[action='/shifts/{shift_id}/hand-over/take-back']")).to_be_visible()
    say_yes(night.phone(taker), shift_id)
    page.goto("/my/shifts")
    assert page.locator(f"#shift-{shift_id}").count() == 0


def give_back(page: Page, shift_id: int) -> None:
    page.goto(f"/shifts/{shift_id}/cannot-come")
    page.locator(f"form[action='/shifts/{shift_id}/give-back'] button").click()
    expect(page.locator("#flashes")).to_contain_text("东门卡口")


def say_yes(page: Page, shift_id: int) -> None:
    """Whoever is asked sees it first of all, says yes, and holds the shift."""
    page.goto("/")
    page.locator("form[action$='/accept'] button").first.click()
    expect(page.locator("form[action$='/accept']")).to_have_count(0)
    page.goto(f"/shifts/{shift_id}")
    expect(page.locator(f"a[href='/shifts/{shift_id}/cannot-come']")).to_have_count(1)


def cancel(page: Page, shift_id: int) -> None:
    """Who is touched is shown first; then the shift is cancelled, and they are told."""
    page.goto(f"/shifts/{shift_id}")
    page.locator(f"main a[href='/shifts/{shift_id}/edit']").click()
    page.locator("button[name=what][value=cancel]").first.click()
    for name in NAMES[12:15]:
        expect(page.locator("#touched")).to_contain_text(name)
    fits(page)
    page.locator("form:has([name=seen]) button.button-danger").click()
    expect(page.locator("#flashes")).to_contain_text("1")


def read_what_was_said(page: Page) -> None:
    page.goto("/my/notices")
    expect(page.locator("main")).to_contain_text("卡口")
    fits(page)
