"""Periods: the one before, the one a year ago, and those that move with the calendar."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from mobilizer.errors import N_, Refused
from mobilizer.participation.rules import Slice, check_period


class Beside(StrEnum):
    """Which other period a question is compared with."""

    BEFORE = "before"
    YEAR_AGO = "year-ago"
    CHOSEN = "chosen"


BESIDE_LABELS: dict[Beside, str] = {
    Beside.BEFORE: N_("the period before, as many days"),
    Beside.YEAR_AGO: N_("the same days a year ago"),
    Beside.CHOSEN: N_("the days below"),
}


class Moving(StrEnum):
    """Days that are worked out anew whenever a saved report is opened."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last-7-days"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"


MOVING_LABELS: dict[Moving, str] = {
    Moving.TODAY: N_("Today"),
    Moving.YESTERDAY: N_("Yesterday"),
    Moving.LAST_7_DAYS: N_("Last 7 days"),
    Moving.THIS_MONTH: N_("This month"),
    Moving.LAST_MONTH: N_("Last month"),
}


def days_meant(moving: Moving, today: date) -> tuple[date, date]:
    """The first and last local day, both of them counted, as of `today`."""
    first_of_month = today.replace(day=1)
    before_month = first_of_month - timedelta(days=1)
    return {
        Moving.TODAY: (today, today),
        Moving.YESTERDAY: (today - timedelta(days=1), today - timedelta(days=1)),
        Moving.LAST_7_DAYS: (today - timedelta(days=6), today),
        Moving.THIS_MONTH: (first_of_month, today),
        Moving.LAST_MONTH: (before_month.replace(day=1), before_month),
    }[moving]


def other_period(cut: Slice, beside: Beside, first: date | None = None, last: date | None = None) -> Slice:
    """The same question of the other days. Refuses a period without two ends, as nothing lies before it."""
    if beside == Beside.CHOSEN:
        return _chosen(cut, first, last)
    if cut.from_day is None or cut.to_day is None:
        raise Refused(
            "period-open",
            N_("To compare, please say the first and the last day above."),
            status=422,
            field="vs",
        )
    if beside == Beside.YEAR_AGO:
        first, last = _year_ago(cut.from_day), _year_ago(cut.to_day)
    else:
        length = cut.to_day - cut.from_day + timedelta(days=1)
        first, last = cut.from_day - length, cut.to_day - length
    _in_range(first, last)
    return replace(cut, from_day=first, to_day=last)


def _chosen(cut: Slice, first: date | None, last: date | None) -> Slice:
    if first is None or last is None:
        raise Refused(
            "period-missing", N_("Please say the days to compare with."), status=422, field="vs-from"
        )
    _in_range(first, last)
    return replace(cut, from_day=first, to_day=last)


def _in_range(first: date, last: date) -> None:
    try:
        check_period(first, last)
    except Refused as refusal:
        refusal.field = f"vs-{refusal.field}"
        raise


def _year_ago(day: date) -> date:
    """29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
