"""axe-core in the browser: which rules of WCAG 2.2 AA a page breaks, in words for whoever mends it."""

from importlib.resources import files
from typing import Any, Literal

from playwright.sync_api import Page

SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  return found.violations.flatMap(({id, help, nodes}) => nodes.map(
    ({target, html, failureSummary}) => ({id, help, target: target.join(" "), html, why: failureSummary})));
}"""


def violations(page: Page, scheme: Literal["light", "dark"] = "light") -> list[str]:
    """What axe finds on the page as it stands, in this colour scheme, one sentence each."""
    page.emulate_media(color_scheme=scheme)
    found: list[dict[str, Any]] = page.evaluate(_RUN, TAGS)
    return [
        f"in {scheme}: {each['id']}: {each['target']}: {each['html'][:200]}\n    {each['why']}"
        for each in found
    ]
