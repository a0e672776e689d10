"""The questions that were kept under a name."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from mobilizer.extensions import db
from mobilizer.model import Member, SavedReport, Unit, within

PAGE = 50


class SavedRow(NamedTuple):
    """A report and whose it is; `unit_code` and `member_id` are what permissions read."""

    id: int
    name: str
    question: str
    unit_code: str
    unit: str
    member_id: int
    member: str
    saved_at: datetime


def saved(report_id: int) -> SavedRow | None:
    return next(iter(_rows(_all().where(SavedReport.id == report_id))), None)


def mine(member_id: int) -> list[SavedRow]:
    """By name; they are at most saved_actions.MOST."""
    return _rows(_all().where(SavedReport.member_id == member_id).order_by(SavedReport.name))


def of_others(member_id: int, unit_codes: Iterable[str], *, page: int) -> list[SavedRow]:
    """Of these units with all below them, by unit and name; one more than a page shows if there are more."""
    within_any = [within(SavedReport.unit_code, code) for code in unit_codes]
    if not within_any:
        return []
    found = _all().where(SavedReport.member_id != member_id, or_(*within_any))
    ordered = found.order_by(SavedReport.unit_code, SavedReport.name, SavedReport.id)
    return _rows(ordered.limit(PAGE + 1).offset((page - 1) * PAGE))


def _all() -> Select[Any]:
    columns: list[Any] = [
        *(SavedReport.id, SavedReport.name, SavedReport.question, SavedReport.unit_code),
        *(Unit.name, Member.id, Member.name, SavedReport.saved_at),
    ]
    return (
        select(*columns)
        .join(Unit, Unit.code == SavedReport.unit_code)
        .join(Member, Member.id == SavedReport.member_id)
    )


def _rows(statement: Select[Any]) -> list[SavedRow]:
    return [SavedRow(*row) for row in db.session.execute(statement)]
