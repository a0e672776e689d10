"""What the pictures of a period are drawn from: one statement for each, over the days that are asked for."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import distinct, extract, func, select

from mobilizer.extensions import db
from mobilizer.model import (
    Branch,
    Checkpoint,
    Feedback,
    ServiceRecord,
    Shift,
    SignUp,
    Unit,
    within,
)
from mobilizer.participation.cover_rules import Standing, Stretch
from mobilizer.signups.feedback_rules import LEAST, SCORES
from mobilizer.terms import BranchKind, ShiftStatus, SignUpStatus

MOST_POINTS = 500


class Days(NamedTuple):
    """Of which unit with all below it, and the first and last local day, both counted."""

    unit_code: str
    first: date
    last: date

    @property
    def all(self) -> list[date]:
        return [self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1)]


def stretches(asked: Days) -> Iterator[Stretch]:
    """What was served, and what of it was taken back; people who came and left together as one."""
    rows = db.session.execute(
        select(ServiceRecord.starts_at, ServiceRecord.ends_at, func.sum(ServiceRecord.minutes))
        .where(within(ServiceRecord.unit_code, asked.unit_code), ServiceRecord.day.in_(asked.all))
        .group_by(ServiceRecord.starts_at, ServiceRecord.ends_at)
    )
    return (Stretch(begins, ends, int(minutes)) for begins, ends, minutes in rows)


class Served(NamedTuple):
    """How many residents were served on a day, as was said of `said` of the `closed` shifts."""

    day: date
    people: int
    said: int
    closed: int


def people_served(asked: Days) -> list[Served]:
    rows = db.session.execute(
        select(
            Shift.day,
            func.coalesce(func.sum(Shift.people_served), 0),
            func.count(Shift.people_served),
            func.count(),
        )
        .where(
            Shift.status == ShiftStatus.CLOSED,
            within(Shift.unit_code, asked.unit_code),
            Shift.day.in_(asked.all),
        )
        .group_by(Shift.day)
        .order_by(Shift.day)
    )
    return [Served(day, int(people or 0), said, closed) for day, people, said, closed in rows]


def answers(asked: Days) -> dict[int, int]:
    """How many gave each score in the calendar months of these days; a month of which fewer than LEAST people have said
    something is left out. Of single days the difference of two pictures would tell of one person."""
    year, month = extract("year", Shift.day), extract("month", Shift.day)
    of_each = [func.count().filter(Feedback.score == score) for score in SCORES]
    rows = db.session.execute(
        select(func.count(distinct(SignUp.member_id)), *of_each)
        .select_from(Feedback)
        .join(SignUp, SignUp.id == Feedback.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            SignUp.status == SignUpStatus.CONFIRMED,
            within(Shift.unit_code, asked.unit_code),
            Shift.day.in_(_whole_months(asked).all),
        )
        .group_by(year, month)
    )
    told = [counts for people, *counts in rows if people >= LEAST]
    return dict(zip(SCORES, map(sum, zip(*told, strict=True)), strict=True)) if told else {}


def _whole_months(asked: Days) -> Days:
    after = (asked.last.replace(day=1) + timedelta(days=31)).replace(day=1)
    return Days(asked.unit_code, asked.first.replace(day=1), after - timedelta(days=1))


class Gate(NamedTuple):
    """A checkpoint and what was served there; `village` is the unit that it lies in, never a grid."""

    id: int
    name: str
    village: str
    latitude: float | None
    longitude: float | None
    person_times: int
    minutes: int


def gates(asked: Days) -> list[Gate]:
    """Those of the unit, most service first; at most MOST_POINTS and one more that says that there are more."""
    served = (
        select(
            ServiceRecord.checkpoint_id,
            func.sum(ServiceRecord.person_times).label("person_times"),
            func.sum(ServiceRecord.minutes).label("minutes"),
        )
        .where(within(ServiceRecord.unit_code, asked.unit_code), ServiceRecord.day.in_(asked.all))
        .group_by(ServiceRecord.checkpoint_id)
        .subquery()
    )
    person_times = func.coalesce(served.c.person_times, 0)
    rows = db.session.execute(
        select(
            Checkpoint.id,
            Checkpoint.name,
            Unit.name,
            Checkpoint.latitude,
            Checkpoint.longitude,
            person_times,
            func.coalesce(served.c.minutes, 0),
        )
        .join(Unit, Unit.code == func.substr(Checkpoint.unit_code, 1, 12))
        .outerjoin(served, served.c.checkpoint_id == Checkpoint.id)
        .where(within(Checkpoint.unit_code, asked.unit_code))
        .order_by(person_times.desc(), Checkpoint.unit_code, Checkpoint.name, Checkpoint.id)
        .limit(MOST_POINTS + 1)
    )
    return [Gate._make((*row[:5], int(row[5]), int(row[6]))) for row in rows]


def standing(asked: Days, zone: tzinfo) -> list[Standing]:
    """The action and temporary branches of the unit that stood on any of the days, in the order in which they stood up."""
    begins = datetime.combine(asked.first, time(), zone)
    ends = datetime.combine(asked.last + timedelta(days=1), time(), zone)
    rows = db.session.execute(
        select(Branch.id, Branch.name, Branch.kind, Unit.name, Branch.activated_at, Branch.ended_at)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(
            Branch.kind.in_((BranchKind.ACTION, BranchKind.TEMPORARY)),
            Branch.activated_at < ends,
            Branch.ended_at.is_(None) | (Branch.ended_at >= begins),
            within(Branch.unit_code, asked.unit_code),
        )
        .order_by(Branch.activated_at, Branch.id)
    )

    def local(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    return [
        Standing(number, name, kind, unit, local(since), local(until) if until else None)
        for number, name, kind, unit, since, until in rows
        if since is not None
    ]
