"""Says aloud which tests could not run, and why; in CI (CI is set) that is a failure. Taken up by conftest.py."""

import os
from collections.abc import Generator

import pytest

from tests.provision import missing_for_browser

KEY = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    # Asked once in the controlling process; the answer costs a look at the PATH and the fonts.
    config.stash[KEY] = missing_for_browser()


def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = item.config.stash[KEY]
    if lacking and item.get_closest_marker("browser"):
        reason = "browser test could not run: " + " ".join(lacking)
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, object, object]:
    answer = yield
    lacking = config.stash[KEY]
    if lacking:
        terminalreporter.write_sep("!", "the browser tests did NOT run", red=True, bold=True)
        for sentence in lacking:
            terminalreporter.write_line(sentence)
    return answer
