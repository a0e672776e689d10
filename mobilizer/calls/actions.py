"""Writing a call, changing it, publishing it, closing it."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, or_, select, update

from mobilizer import journal
from mobilizer.calls.rules import Facts, check_order, may_publish
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Shift, Unit
from mobilizer.policy import Actor
from mobilizer.terms import BranchStatus, CallStatus, ServiceCategory, ShiftStatus

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Lower case and figures without those that are taken for one another: i l o 0 1."""
CODE_LENGTH = 7


def new_code() -> str:
    """The short link's code: 31 ** 7, about 27,000 million possibilities."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def draft(
    branch_id: int,
    *,
    title: str,
    content: str,
    risks: str,
    kit: str = "",
    category: str,
    dangerous: bool,
    insured: bool,
    quick_join: bool = False,
    audience_unit_code: str | None = None,
    audience_branch_id: int | None = None,
    opens_at: datetime,
    closes_at: datetime,
    by: Actor,
    now: datetime,
) -> int:
    """A call in draft; answers its id. Content and risks may still be empty; so may `kit`, what to bring and what
    is handed out. `quick_join`: whoever has the link may enter with name and phone number.

    Refuses a branch that does not stand, an audience that is not one unit or the branch itself, an unknown
    category, and a closing that is not after the opening.
    """
    branch = db.session.execute(select(Branch.unit_code, Branch.status).where(Branch.id == branch_id)).first()
    if branch is None:
        raise Refused("branch-unknown", N_("There is no such branch."), status=404)
    if branch.status != BranchStatus.ACTIVE:
        raise _branch_not_standing()
    _check(branch_id, category, audience_unit_code, audience_branch_id, opens_at, closes_at)
    call_id = db.session.execute(
        insert(Call)
        .values(
            code=_free_code(),
            branch_id=branch_id,
            unit_code=branch.unit_code,
            title=title,
            content=content,
            risks=risks,
            kit=kit,
            category=category,
            dangerous=dangerous,
            insured=insured,
            quick_join=quick_join,
            audience_unit_code=audience_unit_code,
            audience_branch_id=audience_branch_id,
            opens_at=opens_at,
            closes_at=closes_at,
            status=CallStatus.DRAFT,
            added_at=now,
        )
        .returning(Call.id)
    ).scalar_one()
    _write("call.drafted", call_id, branch.unit_code, branch_id, by, now)
    return call_id


def edit(
    call_id: int,
    *,
    title: str,
    content: str,
    risks: str,
    kit: str = "",
    category: str,
    dangerous: bool,
    insured: bool,
    quick_join: bool = False,
    audience_unit_code: str | None = None,
    audience_branch_id: int | None = None,
    opens_at: datetime,
    closes_at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """Change a call. A published one must still meet the conditions of publishing; a closed one stays as it is, and so does
    the category that a closed shift has been counted with."""
    db.session.execute(select(Call.id).where(Call.id == call_id).with_for_update(key_share=True))
    call = _call(call_id)
    if call.status == CallStatus.CLOSED or call.branch_status != BranchStatus.ACTIVE:
        raise _closed()
    _check(call.branch_id, category, audience_unit_code, audience_branch_id, opens_at, closes_at)
    if call.was_counted and category != call.category:
        raise Refused(
            "category-counted",
            N_(
                "A shift of this call has been closed and counted in its category. For other work please write a "
                "new call."
            ),
            status=422,
            field="category",
        )
    if call.status == CallStatus.PUBLISHED:
        may_publish(Facts(content, risks, dangerous, insured, opens_at, closes_at, call.has_shifts), now)
    changed = db.session.execute(
        update(Call)
        .where(Call.id == call_id, Call.status == call.status)
        .values(
            title=title,
            content=content,
            risks=risks,
            kit=kit,
            category=category,
            dangerous=dangerous,
            insured=insured,
            quick_join=quick_join,
            audience_unit_code=audience_unit_code,
            audience_branch_id=audience_branch_id,
            opens_at=opens_at,
            closes_at=closes_at,
        )
        .returning(Call.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise _changed_meanwhile()
    _write("call.edited", call_id, call.unit_code, call.branch_id, by, now)


def publish(call_id: int, *, by: Actor, now: datetime) -> None:
    """Open the call to its audience. Publishing again changes nothing.

    Refuses what rules.may_publish refuses, a closed call, and a branch that does not stand. What was judged is
    asked once more by the update itself, so that a change in between is not published unseen.
    """
    call = _call(call_id)
    if call.status == CallStatus.PUBLISHED:
        return
    if call.status == CallStatus.CLOSED:
        raise _closed()
    if call.branch_status != BranchStatus.ACTIVE:
        raise _branch_not_standing()
    may_publish(
        Facts(
            call.content,
            call.risks,
            call.dangerous,
            call.insured,
            call.opens_at,
            call.closes_at,
            call.has_shifts,
        ),
        now,
    )
    published = db.session.execute(
        update(Call)
        .where(
            Call.id == call_id,
            Call.status == CallStatus.DRAFT,
            Call.content != "",
            Call.risks != "",
            or_(Call.insured, ~Call.dangerous),
            Call.closes_at > now,
            exists().where(Branch.id == Call.branch_id, Branch.status == BranchStatus.ACTIVE),
            exists().where(Shift.call_id == Call.id, Shift.status == ShiftStatus.OPEN),
        )
        .values(status=CallStatus.PUBLISHED, published_at=now)
        .returning(Call.id)
        .execution_options(synchronize_session=False)
    ).first()
    if published is None:
        raise _changed_meanwhile()
    _write("call.published", call_id, call.unit_code, call.branch_id, by, now)


def close(call_id: int, *, by: Actor, now: datetime) -> None:
    """End sign-up for good. Shifts and who is signed up for them stay. Closing again changes nothing."""
    call = _call(call_id)
    closed = db.session.execute(
        update(Call)
        .where(Call.id == call_id, Call.status != CallStatus.CLOSED)
        .values(status=CallStatus.CLOSED)
        .returning(Call.id)
        .execution_options(synchronize_session=False)
    ).first()
    if closed is not None:
        _write("call.closed", call_id, call.unit_code, call.branch_id, by, now)


def _free_code() -> str:
    """A code that is not taken. The unique constraint has the last word, and the command is then run again."""
    while True:
        code = new_code()
        if db.session.scalar(select(Call.id).where(Call.code == code)) is None:
            return code


def _check(
    branch_id: int,
    category: str,
    audience_unit_code: str | None,
    audience_branch_id: int | None,
    opens_at: datetime,
    closes_at: datetime,
) -> None:
    if category not in set(ServiceCategory):
        raise Refused(
            "category-unknown", N_("There is no such service category."), status=422, field="category"
        )
    check_order(opens_at, closes_at)
    if (audience_unit_code is None) == (audience_branch_id is None):
        raise _bad_audience()
    if audience_branch_id is not None and audience_branch_id != branch_id:
        raise _bad_audience()
    if audience_unit_code is not None and db.session.get(Unit, audience_unit_code) is None:
        raise _bad_audience()


def _call(call_id: int) -> Any:
    has_shifts = exists().where(Shift.call_id == Call.id, Shift.status == ShiftStatus.OPEN)
    was_counted = exists().where(Shift.call_id == Call.id, Shift.status == ShiftStatus.CLOSED)
    row = db.session.execute(
        select(
            Call.branch_id,
            Call.unit_code,
            Call.status,
            Call.category,
            was_counted.label("was_counted"),
            Call.content,
            Call.risks,
            Call.dangerous,
            Call.insured,
            Call.opens_at,
            Call.closes_at,
            Branch.status.label("branch_status"),
            has_shifts.label("has_shifts"),
        )
        .join(Branch, Branch.id == Call.branch_id)
        .where(Call.id == call_id)
    ).first()
    if row is None:
        raise Refused("call-unknown", N_("There is no such call."), status=404)
    return row


def _write(kind: str, call_id: int, unit_code: str, branch_id: int, by: Actor, now: datetime) -> None:
    journal.write(kind, call_id, by=by, now=now, unit_code=unit_code, branch_id=branch_id)


def _bad_audience() -> Refused:
    return Refused(
        "audience",
        N_("A call is addressed to one unit with all below it, or to the branch itself."),
        status=422,
        field="audience",
    )


def _branch_not_standing() -> Refused:
    return Refused("branch-not-active", N_("Only a branch that stands can call for volunteers."))


def _closed() -> Refused:
    return Refused("call-closed", N_("This call is closed and stays as it is. Write a new one."))


def _changed_meanwhile() -> Refused:
    return Refused("call-changed", N_("Somebody changed this call in between. Please look at it again."))
