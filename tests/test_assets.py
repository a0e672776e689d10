"""Style and scripts come from this site, htmx from a CDN that is checked; nothing depends on the CDN."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mobilizer import create_app
from mobilizer.answers import content_security_policy
from mobilizer.assets import htmx_file
from mobilizer.config import HTMX_CDN, HTMX_INTEGRITY
from tests.visitor import Visitor

pytestmark = pytest.mark.once

Visit = Callable[..., Visitor]


def test_the_cdns_htmx_is_pinned_and_the_same_bytes_as_our_own_copy() -> None:
    digest = hashlib.sha384(htmx_file().read_bytes()).digest()
    assert f"sha384-{base64.b64encode(digest).decode()}" == HTMX_INTEGRITY
    version = HTMX_CDN.split("@")[1].split("/")[0]
    assert version.count(".") == 2, "never an address without a version"
    assert version.encode() in htmx_file().read_bytes()


def test_a_page_asks_the_cdn_with_its_hash_and_falls_back_to_our_own_copy(tmp_path: Path) -> None:
    app = create_app({"MOBILIZER_INSTANCE_PATH": str(tmp_path)})
    page = Visitor(app.test_client()).open("/log-in").page
    scripts = page.find_all("script")
    first = next(place for place, script in enumerate(scripts) if script.has_attr("integrity"))
    cdn, fallback = scripts[first : first + 2]
    assert (cdn["src"], cdn["integrity"]) == (HTMX_CDN, HTMX_INTEGRITY)
    assert str(fallback["data-htmx"]).endswith("/htmx.min.js")
    assert fallback.sourceline >= cdn.sourceline


def test_the_policy_lets_in_scripts_from_no_more_than_the_one_host() -> None:
    assert "script-src 'self' https://cdn.jsdelivr.net;" in content_security_policy("cdn")
    assert "script-src 'self';" in content_security_policy("local")
    assert "script-src 'self';" in content_security_policy("/own/htmx.js")
    for setting in ("cdn", "local"):
        assert "unsafe" not in content_security_policy(setting)


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(visit: Visit) -> None:
    visitor = visit().open("/log-in")
    style = str(visitor.page.find("link", rel="stylesheet")["href"])  # type: ignore[index]
    answer = visitor.send("GET", style)
    assert answer.status_code == 200
    assert answer.cache_control.max_age == 365 * 24 * 3600
    assert hashlib.sha256(answer.get_data()).hexdigest().startswith(style.split("/")[2])
    again = visitor.send("GET", style, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_beside_the_static_files_is_served(visit: Visit) -> None:
    for name in ("../config.py", "..%2fconfig.py", "%2e%2e/config.py", "nothing.css", "/etc/passwd"):
        assert visit().open(f"/assets/0/{name}").status == 404
