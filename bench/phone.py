"""A phone on a poor network, in Chromium: 400 kbit/s each way, 400 ms for each round trip, nothing cached.

What is measured: the first view of a call by its shared link (to the first contentful paint), a sign-up (from the press to
the confirmed shift shown), and the bytes of a first visit with style, scripts and htmx. Server and browser share the
machine. Each is measured in every round on a new phone; shown are the median, the least and the most.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from flask_migrate import upgrade  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from mobilizer import clock, create_app  # noqa: E402
from tests import factories  # noqa: E402
from tests.provision import launch_options  # noqa: E402
from tests.storm.servers import cookies, serving  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
BITS, MILLISECONDS = 400_000, 400
PAINTED = """() => new Promise(done => new PerformanceObserver((seen) => {
  for (const entry of seen.getEntries()) if (entry.name === 'first-contentful-paint') done(entry.startTime);
}).observe({ type: 'paint', buffered: true }))"""


def phone(browser: Browser, base: str, cookie: str = "") -> tuple[Page, list[float]]:
    """A new phone on the poor network, and the bytes that come to it over the wire."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=base)
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": base}])
    page = context.new_page()
    tools = context.new_cdp_session(page)
    bytes_in: list[float] = []
    tools.on("Network.loadingFinished", lambda said: bytes_in.append(said["encodedDataLength"]))
    tools.send("Network.enable")
    tools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": MILLISECONDS,
            "downloadThroughput": BITS / 8,
            "uploadThroughput": BITS / 8,
        },
    )
    return page, bytes_in


def first_view(browser: Browser, base: str, link: str) -> tuple[float, float]:
    """Milliseconds to the first contentful paint, and kilobytes until everything has come."""
    page, came = phone(browser, base)
    page.goto(link, wait_until="networkidle")
    painted = float(page.evaluate(PAINTED))
    page.context.close()
    return painted, sum(came) / 1000


def sign_up(browser: Browser, base: str, cookie: str, path: str) -> float:
    """Milliseconds from the press to the confirmed shift."""
    page, _came = phone(browser, base, cookie)
    page.goto(path, wait_until="networkidle")
    button = page.locator(f"form[action$='{path}/sign-up'] button").first
    pressed = time.perf_counter()
    button.click(no_wait_after=True)
    page.locator(".flash-done").wait_for(timeout=60_000)
    taken = (time.perf_counter() - pressed) * 1000
    page.context.close()
    return taken


def said(what: str, figures: list[float], unit: str, aim: float) -> None:
    print(
        f"{what}: {statistics.median(figures):.0f} {unit} "
        f"({min(figures):.0f} to {max(figures):.0f}); aim: under {aim:.0f} {unit}"
    )


def main(measure: Callable[[str, list[float], str, float], None] = said) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MOBILIZER_INSTANCE_PATH": folder, "MOBILIZER_HTMX": "local"}
        app = create_app(environ)
        with app.app_context():
            upgrade()
            start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=20)
            call = factories.call()
            place = factories.checkpoint()
            shifts = [
                factories.shift(
                    call,
                    place,
                    starts_at=start + timedelta(hours=4 * n),
                    ends_at=start + timedelta(hours=4 * n + 4),
                )
                for n in range(ROUNDS)
            ]
            tokens = cookies(app, [factories.member() for _ in range(ROUNDS)])
            link, paths = f"/c/{call.code}", [f"/shifts/{shift.id}" for shift in shifts]
        with sync_playwright() as playwright, serving(environ, 2) as port:
            browser = playwright.chromium.launch(**launch_options())
            base = f"http://127.0.0.1:{port}"
            views = [first_view(browser, base, link) for _ in range(ROUNDS)]
            taking = [sign_up(browser, base, token, path) for token, path in zip(tokens, paths, strict=True)]
            browser.close()
    measure(
        "first view of a call by its link, to the first contentful paint", [v[0] for v in views], "ms", 2500
    )
    measure("first visit, all bytes over the wire", [v[1] for v in views], "kB", 60)
    measure("sign-up, from the press to the confirmed shift", taking, "ms", 1500)


if __name__ == "__main__":
    main()
