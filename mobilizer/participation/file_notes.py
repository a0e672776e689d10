"""What every file says of itself, in words: what its figures mean, what was asked, when, and which rows are behind it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import ngettext

from mobilizer.participation.checksum_queries import Behind
from mobilizer.participation.naming import filters_said
from mobilizer.participation.question_rules import written
from mobilizer.participation.reports import Report
from mobilizer.participation.rules import ADDS_UP, BY_LABELS, FIGURES, ROUNDED, ROWS_MEAN, By, Slice

Note = tuple[str, str]


def definitions(by: By) -> dict[str, str]:
    """What each figure and each row means, by name."""
    return {each.name: _(each.definition) for each in FIGURES} | {
        "rows": _(ROWS_MEAN[by]),
        "adding_up": _(ADDS_UP),
        "rounding": _(ROUNDED),
        "branches": _("Action and temporary branches of the unit that stood at any time of the period."),
    }


def meanings(by: By) -> list[Note]:
    """The same for people."""
    return [
        *((_(each.label), _(each.definition)) for each in FIGURES),
        (_("Rows"), _(ROWS_MEAN[by])),
        (_("Adding up"), _(ADDS_UP)),
        (_("Rounding"), _(ROUNDED)),
    ]


def question(report: Report) -> Iterator[Note]:
    """What was asked."""
    cut = report.cut
    yield _("Grouped by"), _(BY_LABELS[cut.by])
    if cut.across:
        yield _("And across by"), _(BY_LABELS[cut.across])
    yield _("From"), cut.from_day.isoformat() if cut.from_day else _("the first day of service")
    yield _("To"), cut.to_day.isoformat() if cut.to_day else _("the last day of service")
    yield _("Days"), str(report.total.days)
    yield _("Unit"), _unit(report)
    yield from filters_said(cut, report.names or {})


def _unit(report: Report) -> str:
    cut = report.cut
    if not cut.unit_code:
        return str(_("all"))
    unit = f"{report.unit_name or ''} {cut.unit_code}".strip()
    return str(_("%(unit)s, with all below it", unit=unit))


def stood(report: Report) -> Note:
    return (
        _("Branches that stood in the period"),
        _(
            "action branches: %(action)d, temporary branches: %(temporary)d",
            action=report.branches.action,
            temporary=report.branches.temporary,
        ),
    )


def proof(report: Report) -> Iterator[Note]:
    """Of which moment and from which rows of the ledger it is."""
    yield _("Taken at"), report.taken_at.isoformat(timespec="seconds")
    yield _("Rows of the ledger behind it"), str(report.behind.count)
    for code, count, last in report.behind.districts:
        rows = ngettext(
            "%(num)s row, up to position %(last)s", "%(num)s rows, up to position %(last)s", count, last=last
        )
        yield _("District %(code)s", code=code), rows
    yield _("Checksum of these rows (SHA-256)"), report.behind.checksum
    yield _("Compare with the ledger of today"), comparing(report.cut, report.behind, report.site)


def proof_of(behind: Behind) -> dict[str, Any]:
    """The same for programs."""
    return {
        "sha256": behind.checksum,
        "rows": behind.count,
        "districts": {code: {"rows": count, "last": last} for code, count, last in behind.districts},
    }


def comparing(cut: Slice, behind: Behind, site: str = "") -> str:
    """The address of the page that says whether the rows are still the same."""
    heads = " ".join(f"{code}:{last}" for code, last in behind.heads.items())
    return f"{site}/participation/files?" + urlencode(written(cut) | {"was": behind.checksum, "at": heads})


def all_of(report: Report) -> Iterator[Note]:
    """Everything, for a format that has one place for it."""
    yield from meanings(report.cut.by)
    yield from question(report)
    yield stood(report)
    yield from proof(report)
