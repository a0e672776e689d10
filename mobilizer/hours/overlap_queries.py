"""What is counted, or will be, of members' time: their standing entries, and the open shifts that they are signed up for.

To be read with the members' rows locked (signups.seats.lock_members) by whoever decides on it: two who would each count
the same minutes then take turns.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.hours.overlap_rules import Span, overlap
from mobilizer.hours.rules import served
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Member, ServiceRecord, Shift, SignUp
from mobilizer.terms import RecordKind, RecordSource, ShiftStatus, SignUpStatus


class Counted(NamedTuple):
    """Time of a member that is counted by an entry (`record_id`), or by a sign-up once its shift is closed (`record_id`
    None). `where`: the checkpoint, or the branch where there is none; `unit_code` is that place's."""

    member_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    where: str
    branch: str
    branch_id: int
    source: str
    record_id: int | None
    shift_id: int | None
    sign_up_id: int | None
    claim_id: int | None
    unit_code: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)


def overlapping(
    member_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    but_sign_up: int | None = None,
    but_record: int | None = None,
) -> list[Counted]:
    """All that is counted of the member, or will be, within [starts_at, ends_at); earliest first. Left out are a sign-up
    with its entries, or an entry, that is to be written anew."""
    found = standing([member_id], starts_at, ends_at) + signed_up([member_id], starts_at, ends_at)
    return sorted(
        (
            each
            for each in found
            if (but_sign_up is None or each.sign_up_id != but_sign_up)
            and (but_record is None or each.record_id != but_record)
        ),
        key=lambda each: each.span,
    )


def standing(member_ids: Collection[int], starts_at: datetime, ends_at: datetime) -> list[Counted]:
    """The entries of these members that no reversal has taken back and that share time with [starts_at, ends_at)."""
    reversal = aliased(ServiceRecord)
    rows = db.session.execute(
        select(
            ServiceRecord.member_id,
            Member.name,
            ServiceRecord.starts_at,
            ServiceRecord.ends_at,
            func.coalesce(Checkpoint.name, Branch.name),
            Branch.name,
            Branch.id,
            ServiceRecord.source,
            ServiceRecord.id,
            ServiceRecord.shift_id,
            ServiceRecord.sign_up_id,
            ServiceRecord.claim_id,
            ServiceRecord.unit_code,
        )
        .join(Member, Member.id == ServiceRecord.member_id)
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
        .where(
            ServiceRecord.member_id.in_(member_ids),
            ServiceRecord.kind == RecordKind.ENTRY,
            ServiceRecord.starts_at < ends_at,
            ServiceRecord.ends_at > starts_at,
            ServiceRecord.starts_at < ServiceRecord.ends_at,
            ~exists().where(reversal.reverses_id == ServiceRecord.id),
        )
        .order_by(ServiceRecord.starts_at, ServiceRecord.id)
    )
    return [Counted._make(row) for row in rows]


def signed_up(member_ids: Collection[int], starts_at: datetime, ends_at: datetime) -> list[Counted]:
    """Their confirmed sign-ups within [starts_at, ends_at) on shifts that are not closed, without whoever was marked
    absent: as long as the shift, or within it from check-in to check-out where both are noted."""
    rows = db.session.execute(
        select(
            SignUp.member_id,
            Member.name,
            SignUp.starts_at,
            SignUp.ends_at,
            Checkpoint.name,
            Branch.name,
            Branch.id,
            SignUp.shift_id,
            SignUp.id,
            Attendance.checked_in_at,
            Attendance.checked_out_at,
            Shift.unit_code,
        )
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
        .where(
            SignUp.member_id.in_(member_ids),
            SignUp.status == SignUpStatus.CONFIRMED,
            Shift.status == ShiftStatus.OPEN,
            SignUp.starts_at < ends_at,
            SignUp.ends_at > starts_at,
            or_(Attendance.absent.is_(None), Attendance.absent.is_(False)),
        )
        .order_by(SignUp.starts_at, SignUp.id)
    )
    asked = Span(starts_at, ends_at)
    return [each for each in map(_signed_up, rows) if overlap(asked, each.span)]


def _signed_up(row: Any) -> Counted:
    member_id, name, starts_at, ends_at, where, branch, branch_id, shift_id, sign_up_id, *noted = row
    arrived, left, unit_code = noted
    if arrived is not None and left is not None:
        starts_at, ends_at, *_minutes = served(arrived, left, starts_at, ends_at)
    return Counted(
        member_id,
        name,
        starts_at,
        ends_at,
        where,
        branch,
        branch_id,
        RecordSource.SHIFT,
        None,
        shift_id,
        sign_up_id,
        None,
        unit_code,
    )
