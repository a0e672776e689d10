"""One's files: those being made, those to be fetched, and what became of the rest."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from mobilizer.extensions import run, table_of
from mobilizer.jobs.rules import DEAD_AFTER, percent
from mobilizer.model import Job

PAGE = 30
OPEN = ("waiting", "running")
_JOB = table_of(Job)


class JobLine(NamedTuple):
    """`member_id`: who asked, and may fetch it."""

    id: int
    kind: str
    arguments: dict[str, Any]
    member_id: int
    status: str
    done: int
    total: int
    asked_at: datetime
    finished_at: datetime | None
    forgotten_at: datetime | None
    file_name: str
    media_type: str
    stored_as: str
    size: int
    words: str

    @property
    def percent(self) -> int:
        return percent(self.done, self.total)

    @property
    def open(self) -> bool:
        return self.finished_at is None


def _lines() -> Select[Any]:
    return select(*(_JOB.c[name] for name in JobLine._fields))


def job(job_id: int) -> JobLine | None:
    row = run(_lines().where(_JOB.c.id == job_id)).first()
    return JobLine._make(row) if row else None


def of_member(member_id: int, *, page: int = 1, limit: int = PAGE) -> list[JobLine]:
    """Latest first. One row more than `limit` says that there is a next page."""
    rows = run(
        _lines()
        .where(_JOB.c.member_id == member_id)
        .order_by(_JOB.c.id.desc())
        .limit(limit + 1)
        .offset((page - 1) * limit)
    )
    return [JobLine._make(row) for row in rows]


def free(now: datetime) -> ColumnElement[bool]:
    """Jobs that nobody works at: those that wait, and those whose worker has died."""
    return or_(_JOB.c.status == "waiting", abandoned(now))


def abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(_JOB.c.status == "running", _JOB.c.seen_at < now - DEAD_AFTER)


def any_free(now: datetime) -> bool:
    """Whether there is something for a worker to do."""
    return run(select(_JOB.c.id).where(free(now)).limit(1)).first() is not None


def any_to_forget(now: datetime) -> bool:
    over = select(_JOB.c.id).where(_JOB.c.stored_as != "", _JOB.c.forgotten_at <= now)
    return run(over.limit(1)).first() is not None


def stored() -> set[str]:
    """What the files that can be fetched are stored as."""
    return set(run(select(_JOB.c.stored_as).where(_JOB.c.stored_as != "")).scalars())
