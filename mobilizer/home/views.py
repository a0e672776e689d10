"""Today: where must I be, when, who is there."""

from typing import Any

from flask import Blueprint, render_template

from mobilizer import web

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@web.open_to_all
def today() -> Any:
    return render_template("home/welcome.html")
