"""What is kept of people, for everybody; and a member's own copy of everything about them."""

import io
import json
from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.privacy import copy_actions, copy_queries, shown
from mobilizer.privacy.copy_queries import Copied
from mobilizer.sheets import write_book

blueprint = Blueprint("privacy", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/privacy", endpoint="kept")
@web.open_to_all
def kept() -> Any:
    return render_template("privacy/kept.html", lines=shown.lines())


@blueprint.get("/me/copy", endpoint="copy")
@web.requires(Permission.MY_SERVICE_READ)
def copy() -> Any:
    headings = [_(section.heading) for section in copy_queries.SECTIONS]
    return render_template("privacy/copy.html", headings=headings)


@blueprint.get("/me/copy.json")
@web.requires(Permission.MY_SERVICE_READ)
def copy_json() -> Response:
    told = shown.document(_taken("json"), local_zone(), clock.now())
    return web.attachment(
        json.dumps(told, ensure_ascii=False, indent=1), _("Everything about me.json"), "application/json"
    )


@blueprint.get("/me/copy.xlsx")
@web.requires(Permission.MY_SERVICE_READ)
def copy_xlsx() -> Response:
    book = io.BytesIO()
    write_book(book, shown.pages(_taken("xlsx"), local_zone(), clock.now()))
    return web.attachment(book.getvalue(), _("Everything about me.xlsx"), XLSX)


def _taken(form: str) -> list[Copied]:
    """The reader's copy, once the journal says that it was taken."""
    by, now = web.actor(), clock.now()
    web.write(lambda: copy_actions.note_copy(form, by=by, now=now))
    return copy_queries.copy_of(web.the_reader().member_id)
