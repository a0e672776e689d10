"""A call as those meet it who can take its shifts: what it is, what it risks, and every shift to take."""

from typing import Any

from flask import Blueprint, render_template

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.by_day import by_day
from mobilizer.calls.queries import CallRow
from mobilizer.policy import Permission
from mobilizer.signups import line_queries

blueprint = Blueprint("taking", __name__)


@blueprint.get("/calls/<int(max=2147483647):call_id>/take")
@web.requires(Permission.SHIFT_TAKE, of=calls.call)
def call(call: CallRow) -> Any:
    now = clock.now()
    reader = web.the_reader()
    lines = line_queries.with_pass(line_queries.of_call(call.id, reader.member_id, now), reader)
    return render_template(
        "signups/call.html",
        call=call,
        spots=calls.spots(call.id),
        days=by_day(lines, lambda line: line.takeable or line.state is not None),
        seats=sum(line.capacity for line in lines),
        taken=sum(line.taken for line in lines),
        now=now,
    )
