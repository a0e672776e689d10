"""The participation page, and the same table as a download."""

from datetime import datetime, tzinfo
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.inputs import local_zone
from mobilizer.participation import (
    exports,
    pivot_queries,
    pivot_rules,
    pivot_shown,
    queries,
    shown,
)
from mobilizer.participation.asking_views import (
    Asked,
    address,
    asked_of,
    asked_place,
    page_number,
)
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import ADDS_UP, BY_LABELS, FIGURES, ROUNDED, ROWS_MEAN, By, Figures, Slice
from mobilizer.policy import Permission

blueprint = Blueprint("participation", __name__)

ROWS = 200
_BY_DATE = (By.DAY, By.WEEK, By.MONTH)
"""Rows that are days: of another period they are others, so the totals alone are compared."""


@blueprint.get("/participation")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def page(place: Place) -> Response:
    asked = asked_of(place)
    context: dict[str, Any] = {
        "place": place,
        "form": asked.form,
        "people": asked.names_people,
        "cut": None,
    }
    if asked.cut is not None:
        context |= _counted(asked.cut, asked)
    response = web.page_or_fragment("participation/page.html", "participation/_participation.html", **context)
    if asked.cut is None:
        response.status_code = 422
    elif web.is_htmx():
        response.headers["HX-Push-Url"] = request.full_path.rstrip("?")
    return response


def _counted(cut: Slice, asked: Asked) -> dict[str, Any]:
    zone, now = local_zone(), clock.now()
    queries.begin_snapshot()
    total = queries.total(cut)
    other = queries.total(asked.beside) if asked.beside else None
    branches = queries.branches_stood(cut, zone)
    table = _table(cut, asked, total, other, zone, now)
    return {
        "cut": cut,
        "tiles": shown.tiles(total, other),
        "branches": branches,
        "total": total,
        "period": shown.period(cut, now),
        "beside": shown.period(asked.beside, now) if asked.beside else None,
        "covers": address("covers.page", page=None),
        "quick": shown.quick_links(cut, now.astimezone(zone).date(), address),
        "files": [
            (_("Download %(form)s", form=form.upper()), address(f"participation_files.{form}", page=None))
            for form in exports.WRITERS
        ],
        "all_files": address("participation_files.files", page=None),
        "records": address("participation_records.records", page=None),
        "narrowed": _narrowed(asked),
        "save": address("saved_reports.new", page=None),
        "publish": address("public_reports.page", page=None) if _can_be_published(cut, asked) else None,
        "meanings": [(_(each.label), _(each.definition)) for each in FIGURES],
        "grouping": BY_LABELS[cut.by],
        "bars": [],
        "timeline": None,
    } | table


def _can_be_published(cut: Slice, asked: Asked) -> bool:
    """Nothing of people one by one, and one period alone."""
    return not cut.tells_of_people and asked.beside is None


def _narrowed(asked: Asked) -> list[tuple[str, str, str]]:
    """(what, which, the address without it) of the things that the question is narrowed to beside the form's fields."""
    hidden = (By.BRANCH, By.CALL, By.CHECKPOINT, By.MEMBER)
    found = [
        (_(BY_LABELS[by]), asked.names[by], address(**dict.fromkeys((str(by), "page"))))
        for by in hidden
        if by in asked.names
    ]
    if asked.form.alone.data:
        found.append((_("Unit"), _("without what lies below it"), address(alone=None, page=None)))
    return found


# --- the table in its four forms ----------------------------------------------------------------------


def _table(
    cut: Slice, asked: Asked, total: Figures, other: Figures | None, zone: tzinfo, now: datetime
) -> dict[str, Any]:
    """The heads, the rows and the total; rows by one thing, beside another period, or crossed with another thing."""
    if cut.across is None:
        return _plain(cut, asked, total, other, zone, now)
    pivot = None
    if asked.form.cells.data != "list":
        pivot = pivot_queries.pivot(cut, total, zone, limit=ROWS + 1, offset=(page_number() - 1) * ROWS)
    if pivot is None:
        return _long(cut, asked, total, now)
    return _crossed(cut, asked, pivot, now)


def _plain(
    cut: Slice, asked: Asked, total: Figures, other: Figures | None, zone: tzinfo, now: datetime
) -> dict[str, Any]:
    beside = asked.beside if cut.by not in _BY_DATE else None
    with_days = (beside, other.days) if beside and other is not None else None
    start = (page_number() - 1) * ROWS
    anything = total or other or cut.by == By.BRANCH
    found = list(
        queries.groups(cut, zone, total.days, limit=ROWS + 1, offset=start, beside=with_days)
        if anything
        else ()
    )
    groups = found[:ROWS]
    if beside and other is not None:
        heads, total_row = (
            shown.compared_heads(cut.by),
            shown.compared_total(total, other, beside, address),
        )
        rows = [shown.compared_row(cut, group, beside, address, now) for group in groups]
    else:
        heads, total_row = shown.heads(cut.by), shown.total_row(cut.by, total, address)
        rows = [shown.table_row(cut, group, total, address, now) for group in groups]
    drawn = page_number() == 1 and beside is None
    return _paged(rows, len(found) > ROWS) | {
        "caption": _("Participation by: %(grouping)s", grouping=_(BY_LABELS[cut.by])),
        "heads": heads,
        "total_row": total_row,
        "bars": shown.bars(cut, groups) if drawn and cut.by != By.DAY else [],
        "timeline": shown.timeline(groups) if drawn and cut.by == By.DAY else None,
        "notes": [_(ROWS_MEAN[cut.by]), _(ADDS_UP), _(ROUNDED), _(pivot_rules.SHARES)],
        "hint": _("Days are others in each period, so the totals alone are compared.")
        if asked.beside and not beside
        else None,
    }


def _crossed(cut: Slice, asked: Asked, pivot: pivot_rules.Pivot, now: datetime) -> dict[str, Any]:
    more = len(pivot.rows) > ROWS
    del pivot.rows[ROWS:]
    measure = asked.form.measure
    crossed = pivot_shown.Crossed(cut, pivot, measure, address, now, shares=asked.form.cells.data == "share")
    people = measure in pivot_rules.OF_PEOPLE
    rows = [crossed.share_row, *crossed.rows()] if pivot.rows else []
    return _paged(rows, more) | {
        "caption": crossed.caption,
        "heads": crossed.heads,
        "total_row": crossed.total_row,
        "notes": _notes_of_two(cut),
        "hint": _(pivot_rules.PEOPLE_DO_NOT_ADD_UP) if people else None,
    }


def _long(cut: Slice, asked: Asked, total: Figures, now: datetime) -> dict[str, Any]:
    """One below the other: asked for, or there are more columns than can be read across."""
    found = list(pivot_queries.long_form(cut, total.days, limit=ROWS + 1, offset=(page_number() - 1) * ROWS))
    rows = [pivot_shown.long_row(cut, *each, total, address, now) for each in found[:ROWS]]
    too_many = _(
        "There are more than %(most)s columns, which nobody can read across; so they stand one below the other.",
        most=pivot_rules.MOST_COLUMNS,
    )
    return _paged(rows, len(found) > ROWS) | {
        "caption": _(
            "Participation by: %(rows)s, and by: %(columns)s",
            rows=_(BY_LABELS[cut.by]),
            columns=_(BY_LABELS[cut.across or cut.by]),
        ),
        "heads": pivot_shown.long_heads(cut),
        "total_row": pivot_shown.long_total(total, address),
        "notes": _notes_of_two(cut),
        "hint": too_many if asked.form.cells.data != "list" else None,
    }


def _notes_of_two(cut: Slice) -> list[str]:
    texts = [ROWS_MEAN[cut.by], ROWS_MEAN[cut.across or cut.by], ADDS_UP, ROUNDED, pivot_rules.SHARES]
    return [_(text) for text in texts]


def _paged(rows: list[Any], more: bool) -> dict[str, Any]:
    number = page_number()
    return {
        "rows": rows,
        "first_row": (number - 1) * ROWS + 1,
        "previous": address(page=number - 1) if number > 1 else None,
        "next": address(page=number + 1) if more else None,
    }
