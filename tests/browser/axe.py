"""axe-core in the browser: which rules of WCAG 2.2 AA a page breaks, in words for whoever mends it."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose answer hangs on the colour scheme."""

_RUN = """async (only) => {
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, help, nodes}) => nodes.map(
    ({target, html, failureSummary}) => ({id, help, target: target.join(" "), html, why: failureSummary})));
}"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it stands, one sentence each; of all rules of TAGS, or of these alone."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found: list[dict[str, Any]] = page.evaluate(_RUN, only)
    return [f"{each['id']}: {each['target']}: {each['html'][:200]}\n    {each['why']}" for each in found]
