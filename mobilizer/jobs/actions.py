"""Asking for a job, and what a worker says of it: taken, done, failed. One worker's hold ends where another's begins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import run, table_of
from mobilizer.jobs.kinds import KINDS
from mobilizer.jobs.queries import OPEN, abandoned, free
from mobilizer.jobs.rules import ATTEMPTS, KEPT, MOST_OPEN
from mobilizer.model import Job
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor

_JOB = table_of(Job)
LOST = N_("It was begun three times and never finished. Please ask for it again, or for less of it.")


class Claim(NamedTuple):
    """A job that this worker holds: nobody else has taken it since, as long as `attempts` is still the same."""

    id: int
    attempts: int
    kind: str
    arguments: dict[str, Any]
    member_id: int
    language: str
    file_name: str


def ask(
    kind: str,
    arguments: Mapping[str, Any],
    *,
    file_name: str,
    media_type: str,
    by: Actor,
    language: str,
    now: datetime,
) -> int:
    """A job for the worker; answers its id. Asked again while it is not done, it is the same job. Refused: more than
    MOST_OPEN at once."""
    if kind not in KINDS:
        raise ValueError(f"undeclared kind of job: {kind}")
    if by.member_id is None:
        raise ValueError("a job is for somebody to fetch")
    asked = {"kind": kind, "arguments": dict(arguments), "file_name": file_name, "language": language}
    waiting = _waiting_for(by.member_id)
    for each in waiting:
        if each._asdict() == asked | {"id": each.id}:
            return int(each.id)
    if len(waiting) >= MOST_OPEN:
        raise Refused(
            "files-waiting",
            N_("You are waiting for %(count)s files already. Please wait for one of them, or cancel it."),
            count=len(waiting),
        )
    nothing = {"done": 0, "total": 0, "attempts": 0, "stored_as": "", "size": 0, "words": ""}
    row = asked | nothing | {"media_type": media_type, "status": "waiting", "asked_at": now}
    row |= {"member_id": by.member_id, "appointment_id": by.appointment_id}
    job_id = int(run(insert(_JOB).values(row).returning(_JOB.c.id)).scalar_one())
    journal.write("job.asked", job_id, by=by, now=now, work=kind, file=file_name)
    return job_id


def _waiting_for(member_id: int) -> list[Any]:
    columns = (_JOB.c.id, _JOB.c.kind, _JOB.c.arguments, _JOB.c.file_name, _JOB.c.language)
    return list(run(select(*columns).where(_JOB.c.member_id == member_id, _JOB.c.status.in_(OPEN))))


def cancel(job_id: int, *, now: datetime) -> None:
    """Nobody wants it any more; its worker stops at its next word. Refused once it has ended."""
    ended = {"status": "cancelled", "finished_at": now, "forgotten_at": now}
    if not run(update(_JOB).where(_JOB.c.id == job_id, _JOB.c.status.in_(OPEN)).values(ended)).rowcount:
        raise Refused("job-ended", N_("This file is not being made any more."))


# --- what a worker says -------------------------------------------------------------------------------


def claim(now: datetime) -> Claim | None:
    """Take the job that has waited longest, if there is one: of several workers one gets it."""
    takeable = and_(free(now), _JOB.c.attempts < ATTEMPTS)
    first = select(_JOB.c.id).where(takeable).order_by(_JOB.c.id).limit(1).with_for_update(skip_locked=True)
    taken = (
        update(_JOB)
        .where(_JOB.c.id == first.scalar_subquery(), takeable)
        .values(status="running", attempts=_JOB.c.attempts + 1, claimed_at=now, seen_at=now, done=0)
        .returning(*(_JOB.c[name] for name in Claim._fields))
    )
    row = run(taken).first()
    return Claim._make(row) if row else None


def held(claim: Claim) -> ColumnElement[bool]:
    """The job, as long as this worker holds it: not cancelled, and not taken by another that believed this one dead."""
    return and_(_JOB.c.id == claim.id, _JOB.c.attempts == claim.attempts, _JOB.c.status == "running")


def release(claim: Claim) -> None:
    """Give it back as if it had not been taken: the worker is stopped, and not by the job."""
    run(update(_JOB).where(held(claim)).values(status="waiting", attempts=claim.attempts - 1))


def finish(claim: Claim, stored_as: str, size: int, *, now: datetime) -> bool:
    """The file is there, and whoever asked is told. False: nobody wants it any more."""
    until = now + KEPT
    made = {"status": "done", "stored_as": stored_as, "size": size, "finished_at": now, "forgotten_at": until}
    if not run(update(_JOB).where(held(claim)).values(made)).rowcount:
        return False
    notices.write(
        "job-done", [claim.member_id], now=now, file=claim.file_name, job=claim.id, kept_until=until
    )
    return True


def fail(claim: Claim, words: str, *, now: datetime) -> None:
    """It cannot be done: `words` say why, a msgid or a text in the asker's language."""
    ended = {"status": "failed", "finished_at": now, "forgotten_at": now, "words": words[:500]}
    if run(update(_JOB).where(held(claim)).values(ended)).rowcount:
        _tell_failed(claim.member_id, claim.id, claim.file_name, words, now)


def give_up(now: datetime) -> None:
    """Jobs that took their worker with them as often as they were tried."""
    lost = (
        update(_JOB)
        .where(abandoned(now), _JOB.c.attempts >= ATTEMPTS)
        .values(status="failed", finished_at=now, forgotten_at=now, words=LOST)
        .returning(_JOB.c.member_id, _JOB.c.id, _JOB.c.file_name)
    )
    for member_id, job_id, file_name in run(lost).all():
        _tell_failed(member_id, job_id, file_name, LOST, now)


def _tell_failed(member_id: int, job_id: int, file_name: str, words: str, now: datetime) -> None:
    why = {"message": words.replace("%", "%%")}
    notices.write("job-failed", [member_id], now=now, file=file_name, job=job_id, why=why)


def forget(now: datetime) -> list[str]:
    """Files whose day is over are no longer known; answers what they were stored as, to be removed after the commit."""
    over = and_(_JOB.c.stored_as != "", _JOB.c.forgotten_at <= now)
    gone = list(run(select(_JOB.c.stored_as).where(over)).scalars())
    run(update(_JOB).where(over).values(stored_as=""))
    return gone
