"""What a page shows of a report: counts, and of the rows those that matter first."""

from dataclasses import dataclass

from mobilizer.imports import wording
from mobilizer.intake import text
from mobilizer.intake.outcomes import Line, Outcome, Report

PAGE = 100
FAULTS, SAMPLE = 50, 10
WARNED = "warned"
SHOWS = ("", *Outcome, WARNED)


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as it is shown: `says` are the cells that were understood, `words` what is told about it."""

    number: int
    outcome: Outcome
    about: str
    says: str
    words: tuple[str, ...]
    warned: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` are one page of what `show` asks for; with "" the faults and a sample of the rest."""

    counts: dict[Outcome, int]
    warned: int
    notes: tuple[str, ...]
    show: str
    rows: list[Shown]
    page: int
    pages: int


def preview(report: Report, labels: dict[str, str], show: str, page: int) -> Preview:
    """`labels` are the names of the fields, for what changes. A page that there is not is the nearest."""
    show = show if show in SHOWS else ""
    chosen = _chosen(report, show)
    pages = max(1, -(-len(chosen) // PAGE)) if show else 1
    page = min(max(page, 1), pages)
    part = chosen[(page - 1) * PAGE : page * PAGE] if show else chosen
    return Preview(
        report.counts(),
        sum(1 for line in report.lines if line.warnings),
        tuple(wording.said(note) for note in report.notes),
        show,
        [_shown(report, line, labels) for line in part],
        page,
        pages,
    )


def _chosen(report: Report, show: str) -> list[Line]:
    if show == WARNED:
        return [line for line in report.lines if line.warnings]
    if show:
        return [line for line in report.lines if line.outcome == show]
    refused = [line for line in report.lines if line.outcome == Outcome.REFUSED][:FAULTS]
    warned = [line for line in report.lines if line.warnings and line.outcome != Outcome.REFUSED][:FAULTS]
    rest: list[Line] = []
    for outcome in (Outcome.UPDATED, Outcome.CREATED, Outcome.UNCHANGED):
        rest += [line for line in report.lines if line.outcome == outcome and not line.warnings][:SAMPLE]
    return refused + warned + rest


def _shown(report: Report, line: Line, labels: dict[str, str]) -> Shown:
    columns = report.columns
    says = (text(columns.cell(line.row, field)) for field in columns.index if field != "name")
    words = [wording.said_at_column(line.reason)] if line.reason else []
    words += [wording.said_at_column(warning) for warning in line.warnings]
    words += [wording.change_said(change, labels) for change in line.changes]
    return Shown(
        line.row.number,
        line.outcome,
        line.about,
        " · ".join(each[:60] for each in says if each),
        tuple(words),
        bool(line.warnings),
    )
