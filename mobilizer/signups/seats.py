"""The seats of a shift and the sign-ups on them: guarded updates, each with the last word of the database.

The statements stand ready: built once, they cost a third of being built each time. Whoever changes seats of a
shift has its row locked by the change itself or by `lock`; members are locked before shifts, lower ids first.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, insert, select, true, update

from mobilizer.errors import Refused
from mobilizer.extensions import db, run, table_of
from mobilizer.model import Member, Shift, SignUp
from mobilizer.model.types import Instant
from mobilizer.signups.rules import SHIFT_FULL
from mobilizer.terms import ShiftStatus, SignUpSource, SignUpStatus

_SHIFT: BindParameter[int] = bindparam("shift_id")
_SEATS: BindParameter[int] = bindparam("seats")
_NOW: BindParameter[datetime] = bindparam("now", type_=Instant)
_TABLE = table_of(Shift)

FREE = (
    Shift.capacity - Shift.taken - Shift.held - case((Shift.held_back_until > _NOW, Shift.held_back), else_=0)
)
"""Seats that nobody has, that no offer holds and that are not held back; needs the parameter `now`."""

_TAKE_FREE = (
    update(_TABLE)
    .where(Shift.id == _SHIFT, Shift.status == ShiftStatus.OPEN, Shift.waiting == 0, FREE >= _SEATS)
    .values(taken=Shift.taken + bindparam("confirmed"), held=Shift.held + _SEATS - bindparam("confirmed"))
    .returning(Shift.taken)
)
_TAKE_ANY = (
    update(_TABLE)
    .where(Shift.id == _SHIFT, Shift.status == ShiftStatus.OPEN, Shift.taken + Shift.held < Shift.capacity)
    .values(taken=Shift.taken + 1)
    .returning(Shift.taken)
)
_HELD_TO_TAKEN = (
    update(_TABLE)
    .where(Shift.id == _SHIFT, Shift.status == ShiftStatus.OPEN, Shift.held > 0)
    .values(held=Shift.held - 1, taken=Shift.taken + 1)
    .returning(Shift.taken)
)
_LINE_TO_HELD = (
    update(_TABLE)
    .where(Shift.id == _SHIFT, Shift.status == ShiftStatus.OPEN, Shift.waiting > 0, FREE > 0)
    .values(waiting=Shift.waiting - 1, held=Shift.held + 1)
    .returning(Shift.held)
)
_WAITING = update(_TABLE).where(Shift.id == _SHIFT).values(waiting=Shift.waiting + bindparam("change"))
_SHRINKS = Shift.shrink_to.is_not(None)
_SMALLER = case((_SHRINKS, Shift.capacity - 1), else_=Shift.capacity)
_FREE_ONE = {
    # A shift that was made smaller loses the seat instead of offering it to the next.
    "capacity": _SMALLER,
    "shrink_to": case((Shift.shrink_to < Shift.capacity - 1, Shift.shrink_to), else_=None),
    "least": case((Shift.least > _SMALLER, _SMALLER), else_=Shift.least),
    "held_back": case((Shift.held_back > _SMALLER, _SMALLER), else_=Shift.held_back),
}
_FREE_TAKEN = update(_TABLE).where(Shift.id == _SHIFT).values(taken=Shift.taken - 1, **_FREE_ONE)
_FREE_HELD = update(_TABLE).where(Shift.id == _SHIFT).values(held=Shift.held - 1, **_FREE_ONE)
_LOCK = select(Shift.id).where(Shift.id == _SHIFT).with_for_update(key_share=True)
_LOCK_MEMBERS = (
    select(Member.id)
    .where(Member.id.in_(bindparam("member_ids", expanding=True)))
    .order_by(Member.id)
    .with_for_update(key_share=True)
)
_INSERT = insert(table_of(SignUp)).returning(SignUp.id)
_MARK = update(table_of(SignUp)).where(SignUp.id == bindparam("sign_up_id")).values(unverified=true())
_CHANGE = (
    update(table_of(SignUp))
    .where(SignUp.id == bindparam("sign_up_id"), SignUp.status == bindparam("was"))
    .values(
        status=bindparam("becomes"),
        answer_by=bindparam("until", type_=Instant),
        given_up_at=bindparam("given_up", type_=Instant),
        signed_up_at=func.coalesce(bindparam("signed_up", type_=Instant), SignUp.signed_up_at),
    )
    .returning(SignUp.id)
)


def lock_members(member_ids: Iterable[int]) -> None:
    """Let nobody else decide on these members' shifts until commit: what is read of them afterwards stays true.

    SQLite has one writer at a time, which is lock enough.
    """
    if db.engine.dialect.name != "sqlite":
        run(_LOCK_MEMBERS, {"member_ids": sorted(set(member_ids))})


def lock(shift_id: int) -> None:
    """Lock the shift's row: what is read afterwards is what the others have left."""
    if db.engine.dialect.name != "sqlite":
        run(_LOCK, {"shift_id": shift_id})


def take(shift_id: int, now: datetime, *, confirmed: int = 1, held: int = 0) -> None:
    """Take and hold so many free seats at once, or none (Refused). Nobody passes whoever waits."""
    seats = {"shift_id": shift_id, "seats": confirmed + held, "confirmed": confirmed, "now": now}
    if run(_TAKE_FREE, seats).first() is None:
        raise Refused(*SHIFT_FULL)


def take_on_site(shift_id: int) -> None:
    """A seat for somebody who has come: before whoever waits at home, and whether or not it is released yet."""
    if run(_TAKE_ANY, {"shift_id": shift_id}).first() is None:
        raise Refused(*SHIFT_FULL)


def take_held(shift_id: int) -> None:
    """The seat that an offer holds becomes a taken one."""
    if run(_HELD_TO_TAKEN, {"shift_id": shift_id}).first() is None:
        raise Refused(*SHIFT_FULL)


def hold_for_line(shift_id: int, now: datetime) -> bool:
    """Hold a free seat for the first who waits; False where there is none."""
    return run(_LINE_TO_HELD, {"shift_id": shift_id, "now": now}).first() is not None


def count_waiting(shift_id: int, change: int) -> None:
    run(_WAITING, {"shift_id": shift_id, "change": change})


def free_taken(shift_id: int) -> None:
    run(_FREE_TAKEN, {"shift_id": shift_id})


def free_held(shift_id: int) -> None:
    run(_FREE_HELD, {"shift_id": shift_id})


def insert_sign_up(
    shift_id: int,
    member_id: int,
    starts_at: datetime,
    ends_at: datetime,
    status: SignUpStatus,
    source: SignUpSource,
    now: datetime,
    *,
    answer_by: datetime | None = None,
    asked_by: int | None = None,
    in_place_of: int | None = None,
    waived: bool = False,
    unverified: bool = False,
) -> int:
    """The sign-up itself, for a seat taken, held or waited for in the same transaction; answers its id."""
    values: dict[str, Any] = {
        "shift_id": shift_id,
        "member_id": member_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "status": status,
        "source": source,
        "signed_up_at": now,
        "answer_by": answer_by,
        "asked_by_id": asked_by,
        "in_place_of_id": in_place_of,
        "waived": waived,
        "unverified": unverified,
    }
    return int(run(_INSERT, values).scalar_one())


def mark_unverified(sign_up_id: int) -> None:
    """It was said yes to with a pass that proves nobody's person yet."""
    run(_MARK, {"sign_up_id": sign_up_id})


def change(
    sign_up_id: int,
    was: SignUpStatus,
    becomes: SignUpStatus,
    *,
    now: datetime,
    answer_by: datetime | None = None,
) -> bool:
    """Move a sign-up from one status to another; False where it is not in the first any more."""
    over = becomes in (SignUpStatus.CANCELLED, SignUpStatus.WITHDRAWN, SignUpStatus.EXPIRED)
    values = {
        "sign_up_id": sign_up_id,
        "was": was,
        "becomes": becomes,
        "until": answer_by,
        "given_up": now if over else None,
        "signed_up": now if becomes == SignUpStatus.CONFIRMED else None,
    }
    return run(_CHANGE, values).first() is not None
