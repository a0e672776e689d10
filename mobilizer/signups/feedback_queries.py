"""Of which shifts a member is asked how they went, and what a branch was told, without names."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, distinct, extract, func, select

from mobilizer.extensions import db
from mobilizer.model import Attendance, Call, Checkpoint, Feedback, Shift, SignUp
from mobilizer.signups.feedback_rules import LEAST, OPEN_FOR, SCORES
from mobilizer.terms import ShiftStatus, SignUpStatus

MONTHS, NOTES = 12, 100


class Served(NamedTuple):
    """A closed shift that the member served on; `score` None: they have not said how it went."""

    shift_id: int
    sign_up_id: int
    checkpoint: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime
    unverified: bool
    score: int | None
    note: str | None


def _served() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            SignUp.id,
            Checkpoint.name,
            Shift.starts_at,
            Shift.ends_at,
            Shift.closed_at,
            SignUp.unverified,
            Feedback.score,
            Feedback.note,
        )
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Attendance, Attendance.sign_up_id == SignUp.id)
        .outerjoin(Feedback, Feedback.sign_up_id == SignUp.id)
        .where(
            SignUp.status == SignUpStatus.CONFIRMED,
            Shift.status == ShiftStatus.CLOSED,
            Attendance.checked_in_at.is_not(None),
        )
    )


def served(shift_id: int, member_id: int) -> Served | None:
    """That shift, if the member served on it and it is closed."""
    row = db.session.execute(_served().where(Shift.id == shift_id, SignUp.member_id == member_id)).first()
    return Served._make(row) if row else None


def asked_of(member_id: int, now: datetime, *, limit: int = 10) -> list[Served]:
    """The shifts of which the member can say now how they went, latest first, whether they have said so or not."""
    rows = db.session.execute(
        _served()
        .where(SignUp.member_id == member_id, Shift.closed_at > now - OPEN_FOR, Shift.closed_at <= now)
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
        .limit(limit)
    )
    return [Served._make(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Month:
    """What was said of a branch's shifts of one month: how many times each score, and the notes. By fewer than LEAST
    people only that there was something: `counts` None."""

    first: date
    counts: dict[int, int] | None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values()) if self.counts else 0


def of_branch(branch_id: int) -> list[Month]:
    """The latest months with answers, without names, places and times; two statements."""
    year, month = extract("year", Shift.day), extract("month", Shift.day)
    of_its_calls = (
        select()
        .select_from(Feedback)
        .join(SignUp, SignUp.id == Feedback.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .where(Call.branch_id == branch_id)
    )
    of_each = [func.count().filter(Feedback.score == score) for score in SCORES]
    counted = of_its_calls.add_columns(year, month, func.count(distinct(SignUp.member_id)), *of_each)
    rows = db.session.execute(
        counted.group_by(year, month).order_by(year.desc(), month.desc()).limit(MONTHS)
    ).all()
    said = of_its_calls.add_columns(Shift.day, Feedback.note).where(Feedback.note != "")
    notes: dict[date, list[str]] = {}
    for day, note in db.session.execute(said.order_by(Shift.day.desc(), Feedback.note).limit(NOTES)):
        notes.setdefault(day.replace(day=1), []).append(note)
    return [
        Month(first, dict(zip(SCORES, scores, strict=True)), tuple(sorted(set(notes.get(first, ())))))
        if people >= LEAST
        else Month(first, None)
        for first, people, scores in (
            (date(int(in_year), int(in_month), 1), people, scores)
            for in_year, in_month, people, *scores in rows
        )
    ]
