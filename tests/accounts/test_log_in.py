"""Logging in: how long it holds, what is kept of the device, where it leads."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from mobilizer.accounts import devices
from mobilizer.model import LogIn
from tests import factories
from tests.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
WECHAT = f"{IPHONE} MicroMessenger/8.0.54(0x18003630) NetType/4G Language/zh_CN"
OFFICE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
HUAWEI = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300"


def logged_in(visitor: Visitor, phone: str, **fields: object) -> Visitor:
    return visitor.open("/log-in").submit("/log-in", phone=phone, password=PASSWORD, **fields)


def cookie(visitor: Visitor) -> object:
    return visitor.client.get_cookie("mobilizer")


def test_who_stays_on_a_phone_stays_for_thirty_days(visit: Visit) -> None:
    wang = visit()
    wang.headers["User-Agent"] = WECHAT
    logged_in(wang, factories.member().phone)
    row = factories.rows(select(LogIn))[0][0]
    assert (row.kept, row.expires_at - row.started_at) == (True, timedelta(days=30))
    assert row.device == "iPhone · WeChat"
    assert wang.client.get_cookie("mobilizer").expires is not None  # type: ignore[union-attr]


def test_on_a_pc_the_log_in_ends_with_the_browser_unless_asked_otherwise(visit: Visit) -> None:
    wang, who = visit(), factories.member()
    wang.headers["User-Agent"] = OFFICE
    logged_in(wang, who.phone)
    row = factories.rows(select(LogIn))[0][0]
    assert (row.kept, row.expires_at - row.started_at) == (False, timedelta(hours=12))
    assert wang.client.get_cookie("mobilizer").expires is None  # type: ignore[union-attr]
    wang.open("/language/en")
    assert wang.client.get_cookie("mobilizer").expires is None  # type: ignore[union-attr]
    wang.submit("/log-out")
    logged_in(wang, who.phone, kept="y")
    assert wang.client.get_cookie("mobilizer").expires is not None  # type: ignore[union-attr]


def test_the_language_that_was_chosen_outlasts_the_log_in(visit: Visit) -> None:
    wang = visit(language="zh_CN").open("/language/en")
    logged_in(wang, factories.member().phone)
    assert "Log out" in wang.text
    assert "Log in" in wang.submit("/log-out").text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"]
)
def test_nobody_is_led_to_strangers(visit: Visit, target: str) -> None:
    wang = visit().open("/log-in")
    form = wang.filled(wang.form("/log-in")) | {"phone": factories.member().phone, "password": PASSWORD}
    answer = wang.send("POST", "/log-in", data=form | {"next": target}, headers=wang.headers)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (IPHONE, "iPhone"),
        (WECHAT, "iPhone · WeChat"),
        (OFFICE, "Windows · Edge"),
        (HUAWEI, "HarmonyOS · Huawei Browser"),
        (
            "Mozilla/5.0 (Linux; Android 14; V2304A) Chrome/115 Mobile Safari/537.36 VivoBrowser/24.3",
            "Android · vivo Browser",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Linux · Firefox"),
        ("curl/8", ""),
        ("", ""),
        ("<script>" * 100, ""),
    ],
)
def test_a_device_is_named_by_its_system_and_its_browser(user_agent: str, words: str) -> None:
    assert devices.words(user_agent) == words
