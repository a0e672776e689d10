"""Whether a page fits: measured in the browser, in words for whoever mends it."""

from playwright.sync_api import Page

_MEASURE = """() => {
  const wrong = [], root = document.documentElement;
  const name = (element) => element.tagName.toLowerCase() + (element.id ? "#" + element.id : "")
    + [...element.classList].map((each) => "." + each).join("");
  const said = (element) => `${name(element)} “${element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40)}”`;
  const aside = (element) => element.closest(".unseen, .skip, .only-print, .print-only") !== null;
  const may_scroll = (element) => element.matches("[role=region][tabindex='0'][aria-label]")
    && element.querySelector("table");
  if (root.scrollWidth > root.clientWidth) {
    const out = [...document.body.querySelectorAll("*")].filter((element) =>
      element.getBoundingClientRect().right > root.clientWidth + 1 && !aside(element)
      && ![...document.querySelectorAll("[role=region]")].some((frame) => frame.contains(element)));
    wrong.push(`the page is ${root.scrollWidth} wide on ${root.clientWidth}: ${out.slice(-3).map(said).join("; ")}`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (aside(element) || !element.checkVisibility() || element.closest("svg")) continue;
    if (element.matches("input, textarea, select, option")) continue;
    const style = getComputedStyle(element), [x, y] = [style.overflowX, style.overflowY];
    const wide = element.scrollWidth > element.clientWidth + 1, high = element.scrollHeight > element.clientHeight + 1;
    if (style.display === "inline" || element.clientWidth <= 1) continue;
    if (wide && ["auto", "scroll"].includes(x) && !may_scroll(element)) wrong.push(`scrolls sideways: ${said(element)}`);
    if (wide && ["hidden", "clip"].includes(x)) wrong.push(`cut at its side: ${said(element)}`);
    if (high && ["hidden", "clip"].includes(y)) wrong.push(`cut below: ${said(element)}`);
  }
  for (const button of document.querySelectorAll(".button, .flash-close")) {
    if (!button.checkVisibility()) continue;
    const {width, height} = button.getBoundingClientRect();
    if (Math.min(width, height) < 44) wrong.push(`${Math.round(width)} by ${Math.round(height)}: ${said(button)}`);
  }
  return wrong;
}"""


def faults(page: Page) -> list[str]:
    """What is wider than the window, cut off, or too small to be hit with a thumb. Tables may scroll in a frame of their
    own that has a name and can be reached with the keyboard."""
    found: list[str] = page.evaluate(_MEASURE)
    return found
