"""What can be told apart in the ledger and among the sign-ups: for each `By` one key on either side.

A filter is a key that equals something, a grouping is a key that is grouped by; so both mean the same everywhere.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    case,
    cast,
    extract,
    func,
    literal_column,
    type_coerce,
)

from mobilizer.extensions import Base, db
from mobilizer.inputs import local_zone
from mobilizer.model import Branch, Call, Member, ServiceRecord, Shift, SignUp
from mobilizer.participation.rules import EARLIEST, LATEST, PART_BEGINS, WITHOUT, By, Part
from mobilizer.terms import RecordSource

Key = ColumnElement[Any]

_RECORD: dict[By, Any] = {
    By.BRANCH_KIND: Branch.kind,
    By.BRANCH: ServiceRecord.branch_id,
    By.OPERATION: ServiceRecord.operation_id,
    By.CALL: Shift.call_id,
    By.CHECKPOINT: ServiceRecord.checkpoint_id,
    By.CATEGORY: ServiceRecord.category,
    By.MEMBER: ServiceRecord.member_id,
    By.STANDING: ServiceRecord.standing,
    By.SKILL: Shift.skill_id,
    By.SOURCE: ServiceRecord.source,
}
_SIGN_UP: dict[By, Any] = {
    By.BRANCH_KIND: Branch.kind,
    By.BRANCH: Call.branch_id,
    By.OPERATION: Branch.operation_id,
    By.CALL: Shift.call_id,
    By.CHECKPOINT: Shift.checkpoint_id,
    By.CATEGORY: Call.category,
    By.MEMBER: SignUp.member_id,
    By.STANDING: Member.standing,
    By.SKILL: Shift.skill_id,
    By.SOURCE: literal_column(f"'{RecordSource.SHIFT}'", String),
}
RECORD_NEEDS: dict[By, type[Base]] = {By.CALL: Shift, By.SKILL: Shift, By.BRANCH_KIND: Branch}
SIGN_UP_NEEDS: dict[By, type[Base]] = {
    By.BRANCH_KIND: Branch,
    By.OPERATION: Branch,
    By.STANDING: Member,
}
"""The tables that a key is found in beside the ledger, and beside the sign-up, its shift and call."""


def record_key(by: By, code_length: int) -> Key:
    """Of a row of the ledger. Units are told apart by the first `code_length` signs of their codes."""
    if by == By.UNIT:
        return _begin_of(ServiceRecord.unit_code, code_length)
    if by == By.PART:
        return _part_of(ServiceRecord.hour)
    return _of_day(by, ServiceRecord.day) if by in _DAYS else _RECORD[by]


def sign_up_key(by: By, code_length: int) -> Key:
    """Of a sign-up on a shift: what its record will have, as far as that is known before."""
    if by == By.UNIT:
        return _begin_of(Shift.unit_code, code_length)
    if by == By.PART:
        return _part_of(_local_hour(Shift.starts_at, local_zone()))
    return _of_day(by, Shift.day) if by in _DAYS else _SIGN_UP[by]


def among(key: Any, values: list[Any]) -> ColumnElement[bool]:
    """Whether the key is one of these; None and WITHOUT are the rows that have none."""
    some = [value for value in values if value not in (None, WITHOUT)]
    found: ColumnElement[bool] = key.in_(some)
    return found if len(some) == len(values) else found | key.is_(None)


def _begin_of(code: Any, length: int) -> Key:
    return func.substr(code, 1, literal_column(str(length)))


_DAYS = {By.DAY: "", By.WEEK: "week", By.MONTH: "month"}
_ON_SQLITE = {By.WEEK: ("weekday 0", "-6 days"), By.MONTH: ("start of month",)}


def _of_day(by: By, day: Any) -> Key:
    """The day itself, its Monday, or the first of its month."""
    if by == By.DAY:
        return day  # type: ignore[no-any-return]
    if _on_sqlite():
        steps: list[Key] = [literal_column(f"'{step}'") for step in _ON_SQLITE[by]]
        return type_coerce(func.date(day, *steps), Date)
    return cast(func.date_trunc(literal_column(f"'{_DAYS[by]}'"), day), Date)


def _part_of(hour: Any) -> Key:
    """The part of the day that a local hour lies in."""
    begins = sorted(PART_BEGINS)
    named = [
        (hour < literal_column(str(ends)), _word(PART_BEGINS[start])) for start, ends in pairwise(begins)
    ]
    night = _word(Part.NIGHT)
    return case((hour < literal_column(str(begins[0])), night), *named, else_=night)


def _word(value: str) -> Key:
    return literal_column(f"'{value}'", String)


def _local_hour(moment: Any, zone: ZoneInfo) -> Key:
    """The hour on the wall clock of the place; SQLite knows no zones and is told when the clocks were changed."""
    if not _on_sqlite():
        return extract("hour", func.timezone(literal_column(f"'{zone.key}'"), moment))
    first, *later = (
        (
            at,
            cast(
                func.strftime(literal_column("'%H'"), moment, literal_column(f"'{minutes} minutes'")), Integer
            ),
        )
        for at, minutes in _offsets(zone)
    )
    if not later:
        return first[1]
    return case(*((moment >= at, hour) for at, hour in reversed(later)), else_=first[1])


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@lru_cache
def _offsets(zone: tzinfo) -> list[tuple[datetime, int]]:
    """(from when on, minutes ahead of UTC), earliest first, over all days that can be asked for."""

    def minutes(at: datetime) -> int:
        return int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60

    day = datetime.combine(EARLIEST, time(), UTC)
    found = [(day, minutes(day))]
    while day.date() < LATEST:
        following = day + timedelta(days=1)
        if minutes(following) != minutes(day):
            found.append((_changed_between(day, following, minutes), minutes(following)))
        day = following
    return found


def _changed_between(before: datetime, after: datetime, minutes: Any) -> datetime:
    """The minute from which on the clock shows what it shows `after`."""
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if minutes(middle) != minutes(after) else (before, middle)
    return after.replace(second=0, microsecond=0)
