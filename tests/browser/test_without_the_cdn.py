"""Pages that name the CDN work when it does not answer, lies, or hangs."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route

from mobilizer.config import HTMX_CDN
from tests.storm.servers import answering

pytestmark = [pytest.mark.browser, pytest.mark.once]


def hang_up(route: Route) -> None:
    route.abort()


def lie(route: Route) -> None:
    route.fulfill(
        body="window.htmx = 'not what was promised'",
        content_type="text/javascript",
        headers={"Access-Control-Allow-Origin": "*"},
    )


def version(browser: Browser, port: int, answer: object) -> object:
    page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
    page.route(HTMX_CDN, answer)  # type: ignore[arg-type]
    page.goto("/log-in")
    return page.evaluate("window.htmx && window.htmx.version")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"MOBILIZER_HTMX": "cdn"}


def test_our_own_copy_takes_the_place_of_a_cdn_that_fails_or_lies(app: Flask, browser: Browser) -> None:
    with answering(app) as port:
        assert version(browser, port, hang_up) == "2.0.3"
        assert version(browser, port, lie) == "2.0.3"
