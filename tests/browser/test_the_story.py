"""The whole story in a real browser at a phone's width: stand up, call, take, serve, count.

In Chinese, in English, and with JavaScript off, against several real server processes.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from mobilizer import clock
from mobilizer.model import Call, ServiceRecord, Shift
from mobilizer.terms import Role
from tests import factories
from tests.browser.phones import NOONISH, fits, in_both_languages_and_without_script
from tests.storm.servers import serving
from tests.visitor import PASSWORD

pytestmark = pytest.mark.browser

VILLAGE = "320507001003"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"MOBILIZER_TIMEZONE": NOONISH}


@dataclass(frozen=True)
class Cast:
    secretary: str
    member: str
    coordinator: str
    names: tuple[str, str]


@pytest.fixture
def cast(app: Flask) -> Cast:
    """A village secretary, two members of a standing branch, and the town's coordinator."""
    factories.unit("320507001", "元和街道")
    factories.unit(VILLAGE, "古巷社区居委会")
    home = factories.branch(VILLAGE, "古巷社区第一党支部")
    secretary = factories.member(home, "沈丽华", phone="+8619700000001")
    factories.appointment(secretary, Role.SECRETARY, unit_code=VILLAGE)
    member = factories.member(
        home, "马晓黎", phone="+8619700000002", search="马晓黎|maxiaoli|mxl|+8619700000002"
    )
    factories.member(home, "周涛", phone="+8619700000003", search="周涛|zhoutao|zt|+8619700000003")
    coordinator = factories.member(home, "陆建国", phone="+8619700000004")
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507001")
    return Cast(secretary.phone, member.phone, coordinator.phone, ("马晓黎", "周涛"))


@dataclass
class Phones:
    """A new phone for each person: 390 px wide, one language, with or without JavaScript; no page may err."""

    browser: Browser
    base: str
    locale: str
    script: bool
    errors: list[str]

    def of(self, phone: str) -> Page:
        context = self.browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=self.locale,
            java_script_enabled=self.script,
            base_url=self.base,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        page.goto("/log-in")
        page.fill("[name=phone]", phone.removeprefix("+86"))
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(self.base + "/")
        return page


@in_both_languages_and_without_script
def test_from_nothing_to_counted_service(
    app: Flask,
    environ: dict[str, str],
    cast: Cast,
    browser: Browser,
    locale: str,
    script: bool,
    tmp_path: Path,
) -> None:
    with serving(environ, 2) as port:
        phones = Phones(browser, f"http://127.0.0.1:{port}", locale, script, [])
        leader = phones.of(cast.secretary)
        stand_up(leader, cast)
        link = call_out(leader)
        member = phones.of(cast.member)
        take_and_give_back(member, link, script)
        serve(leader)
        hours = member_sees_hours(member)
        count(phones.of(cast.coordinator), tmp_path)
    assert phones.errors == []
    recorded = factories.rows(select(ServiceRecord.minutes, ServiceRecord.person_times))
    assert [row.person_times for row in recorded] == [1, 1]
    assert sum(row.minutes for row in recorded) > 0
    assert hours


def unfold(page: Page, inside: str) -> None:
    """Open the fold that the field is in, unless it is open."""
    if not page.locator(inside).is_visible():
        page.locator(f"details:has({inside}) > summary").click()


def stand_up(page: Page, cast: Cast) -> None:
    page.goto("/branches/new")
    page.fill("[name=name]", "古巷社区行动支部")
    unfold(page, "[name=operation_name]")
    page.fill("[name=operation_name]", "疫情防控")
    page.fill("[name=checkpoints]", "东门卡口，富元路88号")
    page.locator("form:has([name=checkpoints]) button.button-primary").click()
    expect(page.locator("h1")).to_contain_text("古巷社区行动支部")
    for name, typed in zip(cast.names, ("mxl", "zhoutao"), strict=True):
        page.fill("#find", typed)
        page.locator("form:has(#find) button").click()
        page.get_by_label(name).check(force=True)  # its label lies over it, for a thumb
        page.locator("form:has([name=member_ids]) button.button-primary").click()
        expect(page.locator("main")).to_contain_text(name)
    fits(page)


def call_out(page: Page) -> str:
    """Writes the call, lays out a shift around this hour and three a day from tomorrow on, publishes; the link."""
    branch = page.url.split("?")[0].rsplit("/", 1)[1].split("#")[0]
    page.goto(f"/calls/new?branch={branch}")
    page.fill("[name=title]", "卡口值守志愿者招募")
    page.fill("[name=content]", "测温、登记。")
    page.fill("[name=risks]", "夜间气温低。")
    page.locator("form:has([name=title]) button.button-primary").click()
    call_id = factories.scalar(select(func.max(Call.id)))
    local = clock.now().astimezone(ZoneInfo(NOONISH))
    page.goto(f"/calls/{call_id}/shifts/new")
    page.fill("[name=first]", local.date().isoformat())
    page.fill("[name=last]", local.date().isoformat())
    page.check("[name=pattern][value=own]", force=True)
    start, end = local - timedelta(hours=1), local + timedelta(hours=1)
    page.fill("[name=times]", f"{start:%H:%M}-{end:%H:%M}")
    page.fill("[name=capacity]", "2")
    page.locator("form:has([name=pattern]) button.button-primary").click()
    page.locator("main form button.button-primary").first.click()
    page.goto(f"/calls/{call_id}/shifts/new")
    page.locator("form:has([name=pattern]) button.button-primary").click()
    fits(page)
    page.locator("main form button.button-primary").first.click()
    assert factories.scalar(select(func.count()).select_from(Shift)) == 1 + 7 * 3
    page.goto(f"/calls/{call_id}")
    page.locator(f"form[action='/calls/{call_id}/publish'] button").click()
    page.goto(f"/calls/{call_id}/share")
    link = page.locator("#link").input_value()
    assert link in page.locator("#text").input_value()
    fits(page)
    return link


def take_and_give_back(page: Page, link: str, script: bool) -> None:
    """One tap takes; it stands under my shifts; it is given back; then the running one is taken as well."""
    running, later = factories.rows(select(Shift.id).order_by(Shift.starts_at).limit(2))
    page.goto(link)
    expect(page.locator("main")).to_contain_text("夜间气温低")
    page.goto("/shifts")
    fits(page)
    page.locator(f"form[action='/shifts/{later.id}/sign-up'] button").click()
    expect(page.locator(f"form[action='/shifts/{later.id}/give-back']")).to_be_visible()
    if script:
        assert page.url.endswith("/shifts"), "one tap, and still on the list"
    page.goto("/my/shifts")
    page.locator(f"form[action='/shifts/{later.id}/give-back'] button").click()
    expect(page.locator(f"form[action='/shifts/{later.id}/sign-up']")).to_be_visible()
    page.goto("/shifts")
    page.locator(f"form[action='/shifts/{running.id}/sign-up'] button").click()
    expect(page.locator("#flashes")).to_contain_text("东门卡口")


def serve(page: Page) -> None:
    """All present; somebody walks in; the shift is closed."""
    shift_id = factories.rows(select(Shift.id).order_by(Shift.starts_at).limit(1))[0].id
    page.goto(f"/shifts/{shift_id}/roster")
    expect(page.locator("main")).to_contain_text("马晓黎")
    page.locator(f"form[action='/shifts/{shift_id}/roster/all-present'] button").click()
    unfold(page, "#q")
    page.locator("#q").fill("zt")
    page.locator("form:has(#q) button").click()
    page.locator("form", has=page.locator("[name=member_id]")).get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("周涛")
    fits(page)
    page.locator(f"form[action='/shifts/{shift_id}/roster/close'] button").click()
    expect(page.locator(f"a[href='/shifts/{shift_id}/records']")).to_be_visible()


def member_sees_hours(page: Page) -> str:
    page.goto("/my/service")
    expect(page.locator("main")).to_contain_text("东门卡口")
    return page.locator("main").inner_text()


def count(page: Page, folder: Path) -> None:
    """The six figures for the town, and the same table as a file."""
    page.goto("/participation?unit=320507001&by=checkpoint")
    expect(page.locator("main")).to_contain_text("东门卡口")
    fits(page)
    with page.expect_download() as download:
        page.locator("a[href*='participation.csv']").click()
    file = folder / "participation.csv"
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8-sig")
    assert "东门卡口" in text
    total = next(line for line in text.splitlines() if "东门卡口" in line)
    assert total.split(",")[-6:][2] == "2" or ",2,2,2," in total
