"""What the browser tests share: in which languages they run, at what hour it is there, and that a page fits a phone."""

import os

import pytest
from playwright.sync_api import Page

from mobilizer import clock

# Each language once and each way once: what is said hangs on the one, what happens on the other.
_EACH = [
    pytest.param("zh-CN", True, id="zh"),
    pytest.param("en-US", False, id="en-without-script"),
]
# What a browser shows does not depend on the database: on PostgreSQL each walk is gone once, to see that it gets there.
in_both_languages_and_without_script = pytest.mark.parametrize(
    ("locale", "script"), _EACH[:1] if os.environ.get("MOBILIZER_TEST_DATABASE_URL") else _EACH
)

_OFFSET = 12 - clock.now().hour
NOONISH = f"Etc/GMT{-_OFFSET:+d}" if _OFFSET else "Etc/GMT"
"""A time zone in which it was about noon when this process began: neither midnight nor the night to come is near, and an
hour that passes while a test runs changes nothing for it."""


def fits(page: Page) -> None:
    """Nothing on the page is wider than the phone."""
    assert page.locator("html").bounding_box()["width"] <= 390  # type: ignore[index]
