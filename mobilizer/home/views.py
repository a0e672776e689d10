"""Today: where must I be, when, who is there; for a leader also what needs them now."""

from typing import Any

from flask import Blueprint, render_template

from mobilizer import clock, web
from mobilizer.home import queries
from mobilizer.policy import Reader
from mobilizer.signups import queries as signups

blueprint = Blueprint("home", __name__)
OFFERED = 5


@blueprint.get("/")
@web.open_to_all
def today() -> Any:
    reader = web.reader()
    return render_template("home/welcome.html") if reader is None else _today(reader)


def _today(reader: Reader) -> str:
    now = clock.now()
    coming = signups.coming(reader.member_id, now)
    first = coming[0] if coming else None
    others = signups.companions([first.id], reader.member_id)[first.id] if first else []
    open_now = [] if coming else signups.open_shifts(reader, now, limit=40)
    return render_template(
        "home/today.html",
        first=first,
        others=others,
        coming=coming[1:4],
        more=len(coming) > 4,
        takeable=[line for line in open_now if line.takeable][:OFFERED],
        to_run=queries.shifts_to_run(reader, now) if reader.grants else [],
        proposals=queries.proposals(reader) if reader.grants else [],
        now=now,
    )
