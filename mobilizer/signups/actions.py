"""Taking a shift and giving it back. The seat is a guarded update; overlap and repetition are constraints.

The statements of the rush stand ready below: built once, they cost a third of being built each time.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, and_, bindparam, exists, insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import Attendance, Branch, Call, Checkpoint, MemberSkill, Shift, SignUp, Skill
from mobilizer.policy import Actor
from mobilizer.signups.rules import SHIFT_FULL, Facts, may_give_back, may_take
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpSource, SignUpStatus

_SHIFT: BindParameter[int] = bindparam("shift_id")
_MEMBER: BindParameter[int] = bindparam("member_id")

_FACTS = (
    select(
        Shift.status,
        Shift.unit_code,
        Shift.starts_at,
        Shift.ends_at,
        Shift.capacity,
        Shift.taken,
        Call.branch_id,
        Call.status.label("call_status"),
        Call.opens_at,
        Call.closes_at,
        Branch.status.label("branch_status"),
        Checkpoint.name.label("checkpoint"),
        Skill.name.label("skill"),
        select(SignUp.id)
        .where(
            SignUp.shift_id == Shift.id,
            SignUp.member_id == _MEMBER,
            SignUp.status.in_((SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.WAITLISTED)),
        )
        .scalar_subquery()
        .label("held_id"),
        exists()
        .where(
            SignUp.member_id == _MEMBER,
            SignUp.status == SignUpStatus.CONFIRMED,
            SignUp.starts_at < Shift.ends_at,
            SignUp.ends_at > Shift.starts_at,
        )
        .label("overlaps"),
        exists()
        .where(and_(MemberSkill.member_id == _MEMBER, MemberSkill.skill_id == Shift.skill_id))
        .label("holds_skill"),
    )
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
    .outerjoin(Skill, Skill.id == Shift.skill_id)
    .where(Shift.id == _SHIFT)
)

_TAKE_SEAT = (
    update(table_of(Shift))
    .where(Shift.id == _SHIFT, Shift.status == ShiftStatus.OPEN, Shift.taken < Shift.capacity)
    .values(taken=Shift.taken + 1)
    .returning(Shift.taken)
)

_CONFIRM = insert(table_of(SignUp)).returning(SignUp.id)


@dataclass(frozen=True, slots=True)
class Turn:
    """What was taken or given back: when and where."""

    checkpoint: str
    starts_at: datetime
    ends_at: datetime


def sign_up(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> Turn:
    """The member takes a seat; holding it already is no different.

    Refuses what rules.may_take refuses. Whether the call is addressed to the member is the view's to check.
    Under load the database decides: no seat beyond capacity (guarded update and CHECK), no two confirmed
    shifts that overlap, no second active sign-up (an IntegrityError, upon which the command runs again).
    """
    row = db.session.execute(_FACTS, {"shift_id": shift_id, "member_id": member_id}).first()
    if row is None:
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    turn = Turn(row.checkpoint, row.starts_at, row.ends_at)
    if row.held_id is not None:
        return turn
    may_take(
        Facts(
            shift_open=row.status == ShiftStatus.OPEN,
            call_open=row.call_status == CallStatus.PUBLISHED and row.branch_status == BranchStatus.ACTIVE,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            capacity=row.capacity,
            taken=row.taken,
            skill=row.skill,
            holds_skill=row.holds_skill,
            overlaps=row.overlaps,
        ),
        now,
    )
    take_seat(shift_id)
    confirm(shift_id, member_id, row.starts_at, row.ends_at, SignUpSource.SELF, now)
    journal.write(
        "sign-up.confirmed",
        shift_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=row.branch_id,
        member=member_id,
    )
    return turn


def take_seat(shift_id: int) -> None:
    """Count one more seat taken, if there is one. The last word on capacity."""
    seat = db.session.execute(_TAKE_SEAT, {"shift_id": shift_id}).first()
    if seat is None:
        raise Refused(*SHIFT_FULL)


def confirm(
    shift_id: int, member_id: int, starts_at: datetime, ends_at: datetime, source: SignUpSource, now: datetime
) -> int:
    """The confirmed sign-up itself, for a seat that was taken in the same transaction."""
    values = {
        "shift_id": shift_id,
        "member_id": member_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "status": SignUpStatus.CONFIRMED,
        "source": source,
        "signed_up_at": now,
    }
    return int(db.session.execute(_CONFIRM, values).scalar_one())


def give_back(shift_id: int, member_id: int, *, by: Actor, now: datetime) -> Turn:
    """The member gives the seat back, until the shift begins. Giving back what was given back changes nothing.

    The shift is locked first, as by every writer: what is read after it is what the roster has left.
    """
    db.session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update(key_share=True))
    row = db.session.execute(
        select(
            SignUp.id,
            SignUp.status,
            SignUp.starts_at,
            SignUp.ends_at,
            Checkpoint.name.label("checkpoint"),
            Shift.unit_code,
            Call.branch_id,
            exists().where(Attendance.sign_up_id == SignUp.id).label("attended"),
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(SignUp.shift_id == shift_id, SignUp.member_id == member_id)
        .order_by(SignUp.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise Refused("not-signed-up", N_("You are not signed up for this shift."), status=404)
    turn = Turn(row.checkpoint, row.starts_at, row.ends_at)
    if row.status == SignUpStatus.CANCELLED:
        return turn
    if row.status != SignUpStatus.CONFIRMED:
        raise Refused("not-signed-up", N_("You are not signed up for this shift any more."))
    may_give_back(row.starts_at, row.attended, now)
    db.session.execute(
        update(SignUp)
        .where(SignUp.id == row.id)
        .values(status=SignUpStatus.CANCELLED, given_up_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Shift)
        .where(Shift.id == shift_id)
        .values(taken=Shift.taken - 1)
        .execution_options(synchronize_session=False)
    )
    journal.write(
        "sign-up.given-back",
        shift_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        branch_id=row.branch_id,
        member=member_id,
    )
    return turn
