"""The rows behind a figure, a page at a time: those of the ledger, and the sign-ups. They add up to it."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Checkpoint, Member, ServiceRecord, Shift, SignUp, Unit
from mobilizer.participation import queries
from mobilizer.participation.rules import Slice
from mobilizer.terms import RecordKind

PAGE = 50


class RecordLine(NamedTuple):
    """An entry of the ledger or the reversal of one, by its position in the chain of its district. `taken_back_by` is the
    position of its reversal, `takes_back` that of the entry it reverses, `because` the reason of either."""

    position: int
    day: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    person_times: int
    category: str
    source: str
    branch: str
    checkpoint: str | None
    unit: str
    member: str
    takes_back: int | None
    taken_back_by: int | None
    because: str


class Behind(NamedTuple):
    """How many entries there are, and how many of them were taken back."""

    entries: int
    taken_back: int


def behind(cut: Slice) -> Behind:
    row = db.session.execute(
        queries.records(cut).add_columns(
            func.count(case((ServiceRecord.kind == RecordKind.ENTRY, 1))), func.count(queries.reversal.id)
        )
    ).one()
    return Behind(*row)


def records(cut: Slice, *, page: int) -> list[RecordLine]:
    """Latest day first, then latest written; one more than a page shows if there are more."""
    named, reversed_one = aliased(Branch), aliased(ServiceRecord)
    at, back = ServiceRecord, queries.reversal
    chosen = (
        queries.records(cut)
        .add_columns(at.id.label("id"), back.position.label("back_at"), back.reason.label("back_reason"))
        .order_by(at.day.desc(), at.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
        .subquery()
    )
    because = case((at.kind == RecordKind.REVERSAL, at.reason), else_=func.coalesce(chosen.c.back_reason, ""))
    rows = db.session.execute(
        select(
            *(
                at.position,
                at.day,
                at.starts_at,
                at.ends_at,
                at.minutes,
                at.person_times,
                at.category,
                at.source,
            ),
            *(named.name, Checkpoint.name, Unit.name, Member.name),
            *(reversed_one.position, chosen.c.back_at, because),
        )
        .join(chosen, chosen.c.id == at.id)
        .join(named, named.id == at.branch_id)
        .join(Member, Member.id == at.member_id)
        .join(Unit, Unit.code == at.unit_code)
        .outerjoin(Checkpoint, Checkpoint.id == at.checkpoint_id)
        .outerjoin(reversed_one, reversed_one.id == at.reverses_id)
        .order_by(at.day.desc(), at.id.desc())
    )
    return [RecordLine(*tuple(row)) for row in rows]


class SignUpLine(NamedTuple):
    """A confirmed sign-up on a shift that was not cancelled. Times are of the shift."""

    day: date
    starts_at: datetime
    ends_at: datetime
    title: str
    category: str
    branch: str
    checkpoint: str
    unit: str
    member: str


class SignedUp(NamedTuple):
    """How many sign-ups there are, and of how many people."""

    sign_ups: int
    people: int


def signed_up(cut: Slice) -> SignedUp:
    row: Any = db.session.execute(
        queries.sign_ups(cut).add_columns(func.count(SignUp.id), func.count(distinct(SignUp.member_id)))
    ).one()
    return SignedUp(*row)


def sign_ups(cut: Slice, *, page: int) -> list[SignUpLine]:
    """Latest day first; one more than a page shows if there are more."""
    chosen = (
        queries.sign_ups(cut)
        .add_columns(SignUp.id.label("id"))
        .order_by(Shift.day.desc(), SignUp.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
        .subquery()
    )
    rows: Any = db.session.execute(
        select(
            *(Shift.day, Shift.starts_at, Shift.ends_at, Call.title, Call.category),
            *(Branch.name, Checkpoint.name, Unit.name, Member.name),
        )
        .select_from(SignUp)
        .join(chosen, chosen.c.id == SignUp.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Unit, Unit.code == Shift.unit_code)
        .join(Member, Member.id == SignUp.member_id)
        .order_by(Shift.day.desc(), SignUp.id.desc())
    )
    return [SignUpLine(*tuple(row)) for row in rows]
