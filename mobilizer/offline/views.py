"""What a phone keeps to open Today without a network, the worker that shows it, and who sends what has waited."""

from hashlib import sha256
from typing import Any

import flask
from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from mobilizer import assets, clock, web
from mobilizer.assets import asset
from mobilizer.offline import queries
from mobilizer.policy import Permission

blueprint = Blueprint("offline", __name__)
SHELL = ("app.css", "app.js", "queue.js", "offline.js", "icon.svg")
"""What the kept page needs to look and work as it does with a network."""
GROUND = "#faf8f5"


@blueprint.get("/today/offline")
@web.requires(Permission.HOME_READ)
def today() -> Any:
    """Today as a phone may keep it for a day. Never in the browser's own cache: the worker's goes at log-out."""
    response = make_response(
        render_template("offline/pack.html", pack=queries.pack(web.the_reader(), clock.now()))
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/today/sender")
@web.open_to_all
def sender() -> Any:
    """Whose log-in this browser has, as a mark (null: nobody's), and a token for what is sent now."""
    reader = web.reader()
    response = jsonify({"reader": web.mark_of(reader) if reader else None, "csrf_token": generate_csrf()})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/offline")
@web.open_to_all
def nothing() -> Any:
    """What is shown for a page that needs the network when there is none. It knows nobody."""
    return render_template("offline/nothing.html")


@blueprint.get("/service-worker.js")
@web.open_to_all
def service_worker() -> Any:
    """The worker, after a line that names what it keeps: new files make a new worker, which takes over at once."""
    shell = {
        "root": request.script_root,
        "zone": flask.current_app.config["TIMEZONE"],
        "queue": asset("queue.js"),
        "files": [asset(name) for name in SHELL],
        "pack": url_for("offline.today"),
        "nothing": url_for("offline.nothing"),
    }
    body, _media = assets.content("service-worker.js")
    version = sha256(repr(shell).encode() + body).hexdigest()[:16]
    head = f"const SHELL = {flask.json.dumps(shell | {'version': version}, sort_keys=True)};\n"
    response = Response(head.encode() + body, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/manifest.webmanifest")
@web.open_to_all
def manifest() -> Any:
    """What a phone needs to put this on its first screen, in the reader's language."""
    sizes = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"))
    icons = [
        {"src": asset(name), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in (*sizes, ("icon-maskable.png", "512x512", "maskable"))
    ]
    icons.append({"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"})
    told = {
        "name": _("Mobilizer: shifts and service of volunteers"),
        "short_name": _("Mobilizer"),
        "id": url_for("home.today"),
        "start_url": url_for("home.today"),
        "scope": url_for("home.today"),
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": icons,
    }
    response = Response(flask.json.dumps(told), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response
