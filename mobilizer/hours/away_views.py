"""The report to a home branch on its people who were away in action and temporary branches; as a page, on paper, as CSV."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, sheets, web
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.hours import away_actions as actions
from mobilizer.hours import away_queries as queries
from mobilizer.hours.away_queries import Away, Total
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission
from mobilizer.sheets import Column, Table
from mobilizer.terms import LABELS, BranchKind, Standing

blueprint = Blueprint("served_away", __name__)
HERE = "/branches/<int(max=2147483647):branch_id>/served-away"


@blueprint.get(HERE)
@web.requires(Permission.COVERAGE_READ, of=branches.branch)
def page(branch: BranchRow) -> Any:
    operation_id, number = _operation(), _page_number()
    rows = queries.of_home(
        branch.id, operation_id, limit=queries.PAGE + 1, offset=(number - 1) * queries.PAGE
    )
    operations = queries.operations(branch.id)

    def address(operation: int | None, page: int | None = None) -> str:
        return url_for("served_away.page", branch_id=branch.id, operation=operation, page=page)

    return render_template(
        "hours/served_away.html",
        branch=branch,
        rows=rows[: queries.PAGE],
        total=queries.total(branch.id, operation_id),
        operation=dict(operations).get(operation_id or 0),
        chips=[(_("All operations"), address(None), operation_id is None)]
        + [(name, address(key), key == operation_id) for key, name in operations],
        file=url_for("served_away.csv", branch_id=branch.id, operation=operation_id),
        previous=address(operation_id, number - 1) if number > 1 else None,
        next=address(operation_id, number + 1) if len(rows) > queries.PAGE else None,
        now=clock.now(),
    )


@blueprint.get(f"{HERE}.csv")
@web.requires(Permission.COVERAGE_READ, of=branches.branch)
def csv(branch: BranchRow) -> Any:
    """All rows, with names: that it was taken is journalled."""
    operation_id, by, now = _operation(), web.actor(), clock.now()
    rows, total = queries.of_home(branch.id, operation_id), queries.total(branch.id, operation_id)
    operation = dict(queries.operations(branch.id)).get(operation_id or 0)
    web.write(
        lambda: actions.note_export(
            branch.id, branch.unit_code, rows=len(rows), operation=operation, by=by, now=now
        )
    )
    title = _("People who served away %(branch)s", branch=branch.name)
    table = _table(title, rows, total, operation, now)
    return web.attachment(sheets.csv_chunks(table), f"{title}.csv", "text/csv")


def _table(title: str, rows: list[Away], total: Total, operation: str | None, now: datetime) -> Table:
    zone = local_zone()
    return Table(
        title,
        (
            Column("name", _("Full name")),
            Column("standing", _("Standing")),
            Column("branch", _("Away in")),
            Column("kind", _("Kind")),
            Column("operation", _("Operation")),
            Column("attached_from", _("Attached from")),
            Column("attached_until", _("Attached until")),
            Column("person_times", _("Person-times"), "integer"),
            Column("minutes", _("Minutes"), "integer"),
            Column("hours", _("Hours"), "hours"),
        ),
        [
            (
                each.name,
                _(LABELS[Standing(each.standing)]),
                each.branch,
                _(LABELS[BranchKind(each.kind)]),
                each.operation or "",
                _day(each.starts_at),
                _day(each.ends_at),
                each.person_times,
                each.minutes,
                Fraction(each.minutes, 60),
            )
            for each in rows
        ],
        notes=(
            (_("Operation"), operation or _("All operations")),
            (_("Taken at"), now.astimezone(zone).strftime("%Y-%m-%d %H:%M")),
            (_("What is counted"), _("The service records of these branches that stand, in minutes.")),
        ),
        total=(
            _("Total"),
            "",
            _("%(count)s people", count=total.people),
            "",
            "",
            "",
            "",
            total.person_times,
            total.minutes,
            Fraction(total.minutes, 60),
        ),
        notes_title=_("Notes"),
    )


def _day(at: datetime | None) -> str:
    return at.astimezone(local_zone()).date().isoformat() if at else ""


def _operation() -> int | None:
    asked = request.args.get("operation", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None


def _page_number() -> int:
    asked = request.args.get("page", "1")
    return min(max(int(asked), 1), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
