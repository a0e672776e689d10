"""The reader's branches, filtered by plain links. Its route is in views.py."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import web
from mobilizer.branches import queries
from mobilizer.branches.choice_forms import unit_code_in
from mobilizer.branches.forms import LARGEST_ID
from mobilizer.branches.queries import Filter
from mobilizer.members.rules import covering
from mobilizer.policy import Permission, covers
from mobilizer.terms import LABELS, BranchKind, BranchStatus
from mobilizer.units import queries as units

MOST_OPERATIONS = 8


@web.requires(Permission.HOME_READ)
def index() -> Any:
    reader = web.the_reader()
    asked = _filter()
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = queries.branches(reader, asked, page=page)
    more, lines = len(lines) > queries.PAGE, lines[: queries.PAGE]
    counts = queries.counts(reader, asked)
    return render_template(
        "branches/index.html",
        lines=lines,
        kinds=_kind_chips(asked, counts),
        statuses=_status_chips(asked, counts),
        operations=_operation_chips(asked),
        places=_unit_chips(asked),
        asked=asked,
        may_stand_up=any(web.can(Permission.BRANCH_STAND_UP, grant) for grant in reader.grants),
        previous=_address(asked, page=page - 1) if page > 1 else None,
        next=_address(asked, page=page + 1) if more else None,
    )


def _filter() -> Filter:
    args = request.args
    kind, status = args.get("kind"), args.get("status", "current")
    operation = args.get("operation", type=int)
    return Filter(
        kind=kind if kind in set(BranchKind) else None,
        status=status if status in set(BranchStatus) else "current",
        operation_id=operation if operation and 0 < operation <= LARGEST_ID else None,
        unit_code=unit_code_in(args.get("unit")),
    )


def _address(asked: Filter, *, page: int = 1, **changed: Any) -> str:
    given = {
        "kind": asked.kind,
        "status": None if asked.status == "current" else asked.status,
        "operation": asked.operation_id,
        "unit": asked.unit_code,
        "page": page if page > 1 else None,
    }
    return url_for("branches.index", **(given | changed))


Chip = tuple[str, str, bool]


def _counted(label: str, count: int) -> str:
    return str(_("%(label)s %(count)s", label=label, count=count))


def _kind_chips(asked: Filter, counts: dict[tuple[str, str], int]) -> list[Chip]:
    states = queries.CURRENT if asked.status == "current" else (asked.status,)

    def total(kinds: Any) -> int:
        return sum(counts.get((kind, state), 0) for kind in kinds for state in states)

    chips = [(_counted(_("All"), total(BranchKind)), _address(asked, kind=None), asked.kind is None)]
    return chips + [
        (_counted(_(LABELS[kind]), total([kind])), _address(asked, kind=kind), asked.kind == kind)
        for kind in (BranchKind.ACTION, BranchKind.TEMPORARY, BranchKind.STANDING)
    ]


def _status_chips(asked: Filter, counts: dict[tuple[str, str], int]) -> list[Chip]:
    chips = [(_("Current"), _address(asked, status=None), asked.status == "current")]
    kinds = [asked.kind] if asked.kind else list(BranchKind)
    found = {status: sum(counts.get((kind, status), 0) for kind in kinds) for status in BranchStatus}
    return chips + [
        (_counted(_(LABELS[status]), count), _address(asked, status=status), asked.status == status)
        for status, count in found.items()
        if count or asked.status == status
    ]


def _operation_chips(asked: Filter) -> list[Chip]:
    rows = [
        row
        for row in queries.operations(web.the_reader())
        if row.ended_at is None or row.id == asked.operation_id
    ][:MOST_OPERATIONS]
    if not rows:
        return []
    return [
        (_("All operations"), _address(asked, operation=None), asked.operation_id is None),
        *((row.name, _address(asked, operation=row.id), asked.operation_id == row.id) for row in rows),
    ]


def _unit_chips(asked: Filter) -> list[Chip]:
    """The way from the reader's own units down to the one asked for, and the units right below it."""
    tops = sorted(covering(web.the_reader()).unit_codes)
    if asked.unit_code is None:
        below = [child for top in tops for child in units.children(top)] if len(tops) == 1 else []
        return [
            (_("All units"), _address(asked, unit=None), True),
            *((each.name, _address(asked, unit=each.code), False) for each in below),
        ]
    above = [each for each in units.path(asked.unit_code) if any(covers(top, each.code) for top in tops)]
    return [
        (_("All units"), _address(asked, unit=None), False),
        *((each.name, _address(asked, unit=each.code), each.code == asked.unit_code) for each in above),
        *((each.name, _address(asked, unit=each.code), False) for each in units.children(asked.unit_code)),
    ]
