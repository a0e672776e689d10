"""What of the table is over by now: for each line that goes, the rows whose period has ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_, select

from mobilizer.extensions import Base, db
from mobilizer.joining import queries as joining
from mobilizer.model import (
    Activation,
    AnsweredRequest,
    Attendance,
    Chain,
    ChainLine,
    Challenge,
    CorrectionRequest,
    FailedAttempt,
    Feedback,
    ImportFile,
    InstallationFact,
    Job,
    LogIn,
    Newcomer,
    Notice,
    ServiceClaim,
    Shift,
    SignUp,
)
from mobilizer.privacy.rules import A_YEAR, Kept, going

CLEARED_AT = "privacy-cleared-at"
"""The installation's fact: when what is over was last cleared away, as UTC text."""

_SERVED_BEFORE: Callable[[datetime], Select[int]] = lambda end: select(SignUp.id).where(SignUp.ends_at <= end)  # noqa: E731


def _device_times(ended: datetime, _now: datetime) -> ColumnElement[bool]:
    held = (
        Attendance.in_device_at,
        Attendance.in_received_at,
        Attendance.out_device_at,
        Attendance.out_received_at,
        Attendance.distance_m,
    )
    return and_(
        or_(*(column.is_not(None) for column in held)), Attendance.sign_up_id.in_(_SERVED_BEFORE(ended))
    )


OVER: dict[str, Callable[[datetime, datetime], ColumnElement[bool]]] = {
    "reasons": lambda ended, _now: and_(SignUp.cannot_come_why != "", SignUp.ends_at <= ended),
    "check-ins": _device_times,
    "claims-declined": lambda ended, _now: and_(
        ServiceClaim.status.in_(["declined", "withdrawn"]), ServiceClaim.decided_at <= ended
    ),
    "feedback-notes": lambda ended, _now: and_(Feedback.note != "", Feedback.said_at <= ended),
    "corrections": lambda ended, _now: CorrectionRequest.answered_at <= ended,
    "notices": lambda ended, now: or_(Notice.seen_at <= ended, Notice.written_at <= now - A_YEAR),
    "log-ins": lambda ended, _now: LogIn.expires_at <= ended,
    "links": lambda ended, _now: or_(
        Activation.used_at <= ended, Activation.revoked_at <= ended, Activation.expires_at <= ended
    ),
    "questions": lambda ended, _now: Challenge.expires_at <= ended,
    "wrong-guesses": lambda ended, _now: FailedAttempt.at <= ended,
    "answers": lambda ended, _now: AnsweredRequest.answered_at <= ended,
    "uploads": lambda ended, _now: ImportFile.uploaded_at <= ended,
    "chains": lambda ended, _now: Chain.pasted_at <= ended,
    "chain-lines": lambda ended, _now: ChainLine.shift_id.in_(select(Shift.id).where(Shift.ends_at <= ended)),
    "newcomers": lambda _ended, now: Newcomer.id.in_(joining.forgettable(now)),
    "files": lambda ended, _now: and_(Job.stored_as == "", Job.finished_at <= ended),
}
"""For each line that goes (by its name): the condition on its table, from the end of its period and the moment itself."""


def table_kept(kept: Kept) -> Table:
    return Base.metadata.tables[kept.table]


def key_of(kept: Kept) -> ColumnElement[Any]:
    """The one column of the table's primary key."""
    [column] = table_kept(kept).primary_key.columns
    return column


def over(kept: Kept, now: datetime) -> ColumnElement[bool]:
    """Which rows of the line are over at this moment."""
    if kept.period is None:
        raise ValueError(f"{kept.name} does not go by itself")
    return OVER[kept.name](now - kept.period, now)


def due(now: datetime) -> list[tuple[Kept, int]]:
    """Each line that goes, and how many of its rows are over."""
    return [(kept, _count(kept, now)) for kept in going()]


def _count(kept: Kept, now: datetime) -> int:
    found = db.session.scalar(select(func.count()).select_from(table_kept(kept)).where(over(kept, now)))
    return int(found or 0)


def cleared_at() -> datetime | None:
    """When what is over was last cleared away."""
    said = db.session.scalar(select(InstallationFact.value).where(InstallationFact.name == CLEARED_AT))
    return datetime.fromisoformat(said) if said else None
