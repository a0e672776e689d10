"""One Chromium for all browser tests of a process; each person gets a context of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.provision import launch_options


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**launch_options())
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def put_away(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test has opened is closed after it: else its pages go on asking for what changes on them."""
    before = request.getfixturevalue("browser").contexts
    yield
    for context in request.getfixturevalue("browser").contexts:
        if context not in before:
            context.close()
