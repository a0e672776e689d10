"""A member says that something kept about them is wrong; whoever leads the branch answers, in words.

The ledger itself is put right where it always is: hours.actions.correct, by whoever runs the shift.
"""

from datetime import datetime

from sqlalchemy import insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import run, table_of
from mobilizer.hours import correction_request_queries as queries
from mobilizer.hours import correction_request_rules as rules
from mobilizer.model import Appointment, CorrectionRequest
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import asking_queries
from mobilizer.terms import Role

_REQUEST = table_of(CorrectionRequest)


def ask(
    member_id: int,
    *,
    words: str,
    record_id: int | None = None,
    certificate_id: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """The member says what is wrong with an entry of the ledger, with a certificate, or (neither given) with what the
    roster says of them; answers the request's id. Leaders of the branch that has to answer are told; where there is
    no such branch, or the member is its only leader, the administrators.

    Refuses what is not theirs, and the same thing again while it waits for its answer.
    """
    about = queries.about(member_id, record_id=record_id, certificate_id=certificate_id)
    rules.may_ask(theirs=about is not None, open_already=about is not None and about.open_already)
    if about is None:
        raise RuntimeError("a request about nothing")
    request_id: int = run(
        insert(_REQUEST)
        .values(
            member_id=member_id,
            branch_id=about.branch_id,
            record_id=record_id,
            certificate_id=certificate_id,
            words=words,
            asked_at=now,
            answer="",
        )
        .returning(_REQUEST.c.id)
    ).scalar_one()
    notices.write("correction-asked", _answering(about.branch_id, member_id), now=now, name=about.name)
    journal.write(
        "correction.asked",
        request_id,
        by=by,
        now=now,
        unit_code=about.unit_code,
        branch_id=about.branch_id,
        member=member_id,
        record=record_id,
        certificate=certificate_id,
    )
    return request_id


def answer(request_id: int, words: str, *, by: Actor, now: datetime) -> None:
    """Answer a request, once; the member is told. Refused: an unknown or answered one, and one's own."""
    found = queries.one(request_id)
    if found is None:
        raise Refused("request-unknown", N_("There is no such request."), status=404)
    rules.may_answer(answered=found.answered_at is not None, their_own=found.member_id == by.member_id)
    answered = run(
        update(_REQUEST)
        .where(_REQUEST.c.id == request_id, _REQUEST.c.answered_at.is_(None))
        .values(answered_at=now, answered_by_id=by.member_id, appointment_id=by.appointment_id, answer=words)
        .returning(_REQUEST.c.id)
    ).first()
    rules.may_answer(answered=answered is None, their_own=False)
    notices.write("correction-answered", [found.member_id], now=now, answer=words)
    journal.write(
        "correction.answered",
        request_id,
        by=by,
        now=now,
        unit_code=found.unit_code,
        branch_id=found.branch_id,
        member=found.member_id,
    )


def _answering(branch_id: int | None, but: int) -> list[int]:
    """Who is told: the branch's leaders without the member, else the administrators."""
    leaders = asking_queries.leaders(branch_id) if branch_id is not None else []
    if told := [leader.member_id for leader in leaders if leader.member_id != but]:
        return told
    administrators = select(Appointment.member_id).where(
        Appointment.role == Role.ADMINISTRATOR, Appointment.ends_at.is_(None), Appointment.member_id != but
    )
    return list(run(administrators.order_by(Appointment.member_id)).scalars())
