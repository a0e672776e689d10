"""Static files under addresses that carry a hash of their content, so that a browser may keep them for a year."""

from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, send_from_directory, url_for
from markupsafe import Markup

from mobilizer import web
from mobilizer.config import HTMX_CDN, HTMX_INTEGRITY

blueprint = Blueprint("assets", __name__)
FOLDER = Path(__file__).parent / "static"
HTMX = "htmx.min.js"
YEAR = 365 * 24 * 3600


def htmx_file() -> Path:
    """htmx as installed from its package: the same bytes as the CDN's."""
    spec = find_spec("js_lib_htmx")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package django-js-lib-htmx is not installed")
    return Path(spec.origin).parent / "static" / "htmx" / HTMX


def path_of(name: str) -> Path:
    return htmx_file() if name == HTMX else FOLDER / name


@lru_cache
def digest(name: str) -> str:
    return sha256(path_of(name).read_bytes()).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a static file, with its hash."""
    return url_for("assets.file", digest=digest(name), name=name)


@blueprint.get("/assets/<digest>/<path:name>")
@web.open_to_all
def file(digest: str, name: str) -> Any:
    """Served whatever the hash says, so that a page from before an upgrade still finds its style."""
    path = path_of(name)
    if not path.is_file() or (name != HTMX and FOLDER not in path.resolve().parents):
        abort(404)
    response = send_from_directory(path.parent, path.name, max_age=YEAR)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


def htmx_scripts() -> Markup:
    """htmx from where the setting says: the CDN with its SRI and our own copy if that fails, or our own alone."""
    chosen = current_app.config["HTMX"]
    local = Markup('<script src="{}"></script>').format(asset(HTMX))
    if chosen == "local":
        return local
    source = HTMX_CDN if chosen == "cdn" else chosen
    return Markup(
        '<script src="{}" integrity="{}" crossorigin="anonymous"></script>'
        '<script src="{}" data-htmx="{}"></script>'
    ).format(source, HTMX_INTEGRITY, asset("htmx-fallback.js"), asset(HTMX))
