"""Taking a shift and giving it back. The seat is a guarded update; overlap and repetition are constraints; the limits
of a branch are read with the member's row locked."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.inputs import local_zone
from mobilizer.model import Attendance, Branch, Call, Checkpoint, Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import handing_over, offers, seats, waiting
from mobilizer.signups.facts import ACTIVE, Turn, before
from mobilizer.signups.rules import may_give_back, may_take, theirs_to_change
from mobilizer.terms import SignUpSource, SignUpStatus


def sign_up(
    shift_id: int,
    member_id: int,
    *,
    by: Actor,
    now: datetime,
    source: SignUpSource = SignUpSource.SELF,
    waive: str = "",
    unverified: bool = False,
) -> Turn:
    """The member takes a seat; holding it already is no different, and being asked for it, this is the yes.

    Refuses what rules.may_take refuses; `waive` is a secretary's reason for letting the branch's limits pass.
    `unverified`: for whoever entered by a link, as if with their pass. Whether the call is addressed to the member is the view's to check. Under load the database decides: no seat beyond
    capacity nor past the waiting list (guarded update and CHECK), no two confirmed shifts that overlap, no second
    active sign-up (an IntegrityError, upon which the command runs again).
    """
    seats.lock_members([member_id])
    found = before(shift_id, member_id, now)
    if found.held or found.facts.waiting or found.mine_status == SignUpStatus.OFFERED:
        waiting.settle(shift_id, now)
        found = before(shift_id, member_id, now)
    if found.mine_status == SignUpStatus.CONFIRMED:
        return found.turn
    if found.mine_status == SignUpStatus.OFFERED and found.mine_id is not None:
        return offers.accept(found.mine_id, by=by, now=now)
    if found.mine_status == SignUpStatus.WAITLISTED:
        raise Refused(
            "waits", N_("You are on the waiting list of this shift, and will be asked when it is your turn.")
        )
    may_take(found.facts, local_zone(), now, waived=bool(waive))
    turn = found.turn
    seats.take(shift_id, now)
    seats.insert_sign_up(
        shift_id,
        member_id,
        turn.starts_at,
        turn.ends_at,
        SignUpStatus.CONFIRMED,
        source,
        now,
        waived=bool(waive),
        unverified=unverified or by.unverified,
    )
    details: dict[str, Any] = {"member": member_id}
    if source != SignUpSource.SELF:
        details["source"] = str(source)
    if waive:
        details["waived"] = waive
    journal.write("sign-up.confirmed", shift_id, by=by, now=now, **found.where, **details)
    return turn


def give_back(shift_id: int, member_id: int, *, by: Actor, now: datetime, disowned: bool = False) -> Turn:
    """The member gives the seat back: until the branch's cut-off, and for ten seconds as the undoing of a tap.

    An offer that is given back is declined, a place in the line is left. Again: nothing changes. `disowned`: it was
    somebody else who took it in the member's name, so no cut-off binds them. With an unverified pass it refuses what
    was not taken with one.
    """
    seats.lock(shift_id)
    row = _latest(shift_id, member_id)
    if row is None:
        raise Refused("not-signed-up", N_("You are not signed up for this shift."), status=404)
    if row.status == SignUpStatus.CANCELLED:
        return row.turn
    if row.status in ACTIVE:
        theirs_to_change(row.unverified, by.unverified)
    if row.status == SignUpStatus.OFFERED:
        return offers.decline(row.id, by=by, now=now)
    if row.status == SignUpStatus.WAITLISTED:
        waiting.leave(shift_id, member_id, by=by, now=now)
        return row.turn
    if row.status != SignUpStatus.CONFIRMED:
        raise Refused("not-signed-up", N_("You are not signed up for this shift any more."))
    if not disowned or row.attended:
        may_give_back(row.turn.starts_at, row.attended, row.signed_up_at, row.cut_off, now)
    _free(row, SignUpStatus.CANCELLED, now)
    kind = "sign-up.disowned" if disowned else "sign-up.given-back"
    journal.write(kind, shift_id, by=by, now=now, **row.where, member=member_id)
    waiting.settle(shift_id, now)
    return row.turn


def withdraw(shift_id: int, member_id: int, *, reason: str, by: Actor, now: datetime) -> Turn:
    """The branch takes somebody off who has told it so, or who cannot be there: the seat goes to the next.

    The reason is theirs to read and kept in the journal. Refuses attendance noted already. Again: nothing changes.
    """
    seats.lock(shift_id)
    row = _latest(shift_id, member_id)
    if row is None:
        raise Refused("not-signed-up", N_("They are not signed up for this shift."), status=404)
    if row.status not in ACTIVE:
        return row.turn
    if row.attended:
        raise Refused("attended", N_("Their attendance is on the roster already: correct it there."))
    if row.status == SignUpStatus.WAITLISTED:
        seats.change(row.id, SignUpStatus.WAITLISTED, SignUpStatus.WITHDRAWN, now=now)
        seats.count_waiting(shift_id, -1)
    elif row.status == SignUpStatus.OFFERED:
        state = before(shift_id, member_id, now)
        waiting.end_offer(row.id, SignUpStatus.WITHDRAWN, row.in_place_of, state, now)
    else:
        _free(row, SignUpStatus.WITHDRAWN, now)
    notices.write("withdrawn", [member_id], now=now, shift_id=shift_id, why=reason, **row.turn.told())
    journal.write("sign-up.withdrawn", shift_id, by=by, now=now, **row.where, member=member_id, reason=reason)
    waiting.settle(shift_id, now)
    return row.turn


class _Latest:
    """The member's latest sign-up on the shift."""

    def __init__(self, shift_id: int, row: Any) -> None:
        self.id: int = row.id
        self.status: str = row.status
        self.signed_up_at: datetime = row.signed_up_at
        self.in_place_of: int | None = row.in_place_of_id
        self.attended: bool = row.attended
        self.unverified: bool = row.unverified
        self.cut_off = timedelta(minutes=row.cut_off_minutes)
        self.turn = Turn(shift_id, row.checkpoint, row.post, row.starts_at, row.ends_at)
        self.where = {"unit_code": row.unit_code, "branch_id": row.branch_id}


def _latest(shift_id: int, member_id: int) -> _Latest | None:
    row = db.session.execute(
        select(
            SignUp.id,
            SignUp.status,
            SignUp.signed_up_at,
            SignUp.in_place_of_id,
            SignUp.unverified,
            SignUp.starts_at,
            SignUp.ends_at,
            Checkpoint.name.label("checkpoint"),
            Shift.post,
            Shift.unit_code,
            Call.branch_id,
            Branch.cut_off_minutes,
            exists().where(Attendance.sign_up_id == SignUp.id).label("attended"),
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .where(SignUp.shift_id == shift_id, SignUp.member_id == member_id)
        .order_by(SignUp.id.desc())
        .limit(1)
    ).first()
    return _Latest(shift_id, row) if row else None


def _free(row: _Latest, becomes: SignUpStatus, now: datetime) -> None:
    """A confirmed sign-up is over: its seat is free, and nobody is asked to take it over any more."""
    handing_over.end_hand_over(row.id, row.turn, now)
    seats.change(row.id, SignUpStatus.CONFIRMED, becomes, now=now)
    seats.free_taken(row.turn.shift_id)
