"""Static files under addresses that carry a hash of their content, so that a browser may keep them for a year."""

import mimetypes
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, has_request_context, request
from markupsafe import Markup

from mobilizer import web
from mobilizer.config import HTMX_CDN, HTMX_INTEGRITY

blueprint = Blueprint("assets", __name__)
FOLDER = Path(__file__).parent / "static"
HTMX = "htmx.min.js"
NAMES = frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
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
def digest_of(name: str) -> str:
    return sha256(path_of(name).read_bytes()).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a static file, with its hash."""
    return _address(request.script_root, name) if has_request_context() else _address("", name)


@lru_cache
def _address(root: str, name: str) -> str:
    return f"{root}/assets/{digest_of(name)}/{name}"


@lru_cache
def content(name: str) -> tuple[bytes, str]:
    """A static file's bytes and media type. They are few and small, and do not change while the process lives."""
    path = path_of(name)
    return path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream"


@blueprint.get("/assets/<digest>/<path:name>")
@web.open_to_all
def file(digest: str, name: str) -> Any:
    """Served whatever the hash says, so that a page from before an upgrade still finds its style."""
    if name != HTMX and name not in NAMES:
        abort(404)
    body, media_type = content(name)
    response = Response(body, mimetype=media_type)
    response.set_etag(digest_of(name))
    response.cache_control.max_age = YEAR
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response.make_conditional(request)


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
