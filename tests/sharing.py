"""How the processes of one run share its tests: one by one, in their order, but for the modules of TOGETHER. Taken up by
conftest.py.

pytest-xdist's own way, `--dist loadgroup` and a mark, groups nothing since pytest 9.2 and does not say so
(https://github.com/pytest-dev/pytest-xdist/issues/1386).
"""

from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = {"tests/browser/test_every_page.py"}
"""Modules whose tests look at what was found once for all of them, which takes long."""


class Sharing(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", maxsplit=1)[0]
        return module if module in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)
