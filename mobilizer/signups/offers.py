"""Offers: somebody is asked to take a seat, which is held for them until they answer. Nobody is placed without a yes
(Regulations on Volunteer Service, 2017, Art. 25 and 40); a no costs nothing; a yes by voice is entered as such."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.inputs import local_zone
from mobilizer.model import Attendance, Member, Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import seats, waiting
from mobilizer.signups.facts import Turn, before
from mobilizer.signups.rules import answer_by, may_be_on, may_take, theirs_to_change
from mobilizer.terms import SignUpSource, SignUpStatus

OFFER_OVER = ("offer-over", N_("This is not open any more."))


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that is or was: who is asked for which shift, and whose seat it would take over, if anybody's."""

    sign_up_id: int
    shift_id: int
    member_id: int
    status: str
    answer_by: datetime | None
    waived: bool
    in_place_of: int | None
    giver_id: int | None
    unverified: bool
    call_id: int


def offer(
    shift_id: int, member_id: int, *, by: Actor, now: datetime, waive: str = "", voice: bool = False
) -> int:
    """Hold a free seat for the member and ask them; answers the sign-up's id. Asked or signed up already: no change.

    What the member would be refused is refused here too; `waive` is the reason for which the branch's limits are let
    pass. `voice`: the member has said yes, to whoever enters it, who answers for having heard it.
    """
    seats.lock_members([member_id])
    waiting.settle(shift_id, now)
    found = before(shift_id, member_id, now)
    if found.mine_status == SignUpStatus.CONFIRMED and found.mine_id is not None:
        return found.mine_id
    if found.mine_status == SignUpStatus.OFFERED and found.mine_id is not None:
        if voice:
            accept(found.mine_id, by=by, now=now, voice=True)
        return found.mine_id
    if found.mine_status == SignUpStatus.WAITLISTED:
        raise Refused(
            "waits-already", N_("They wait for this shift already and will be asked in their turn.")
        )
    may_take(found.facts, local_zone(), now, waived=bool(waive))
    turn = found.turn
    until = answer_by(turn.starts_at, turn.ends_at, found.offer, found.late_answer, now)
    seats.take(shift_id, now, confirmed=0, held=1)
    sign_up_id = seats.insert_sign_up(
        shift_id,
        member_id,
        turn.starts_at,
        turn.ends_at,
        SignUpStatus.OFFERED,
        SignUpSource.OFFER,
        now,
        answer_by=until,
        asked_by=by.member_id,
        waived=bool(waive),
    )
    journal.write("sign-up.offered", shift_id, by=by, now=now, **found.where, member=member_id, waived=waive)
    if voice:
        accept(sign_up_id, by=by, now=now, voice=True)
    else:
        notices.write("offer", [member_id], now=now, shift_id=shift_id, answer_by=until, **turn.told())
    return sign_up_id


def load(sign_up_id: int) -> Offer | None:
    """The sign-up as an offer, whatever became of it."""
    giver = select(SignUp.id, SignUp.member_id).subquery()
    row = db.session.execute(
        select(
            SignUp.id,
            SignUp.shift_id,
            SignUp.member_id,
            SignUp.status,
            SignUp.answer_by,
            SignUp.waived,
            SignUp.in_place_of_id,
            giver.c.member_id,
            SignUp.unverified,
            Shift.call_id,
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .outerjoin(giver, giver.c.id == SignUp.in_place_of_id)
        .where(SignUp.id == sign_up_id)
    ).first()
    return Offer(*row) if row else None


def accept(sign_up_id: int, *, by: Actor, now: datetime, voice: bool = False) -> Turn:
    """A yes: the held seat is taken, or the seat of whoever hands it over changes hands. A second yes changes nothing.

    Refuses an offer that has lapsed or was answered, and what signups.rules.may_be_on refuses, so that a yes never
    breaks what a sign-up could not. That sign-up has closed meanwhile does not matter.
    """
    found = _locked(sign_up_id, member=True)
    state = before(found.shift_id, found.member_id, now)
    if found.status == SignUpStatus.CONFIRMED:
        return state.turn
    _must_be_open(found, now)
    if found.in_place_of is not None:
        theirs_to_change(
            False, by.unverified
        )  # a comrade's seat and trust: only for who is known to be asked
    may_be_on(state.facts, local_zone(), now, waived=found.waived)
    if found.in_place_of is None:
        seats.take_held(found.shift_id)
    else:
        _take_over(found, state.turn, now)
    if not seats.change(sign_up_id, SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, now=now):
        raise Refused(*OFFER_OVER)
    if by.unverified:
        seats.mark_unverified(sign_up_id)
    journal.write(
        "sign-up.accepted",
        found.shift_id,
        by=by,
        now=now,
        **state.where,
        member=found.member_id,
        voice=voice,
        instead_of=found.giver_id,
    )
    if voice:
        notices.write(
            "confirmed-by-voice",
            [found.member_id],
            now=now,
            shift_id=found.shift_id,
            **state.turn.told(),
        )
    return state.turn


def decline(sign_up_id: int, *, by: Actor, now: datetime) -> Turn:
    """A no, without penalty: the seat goes to the next, or stays with who wanted to hand it over. Again: no change."""
    found = _locked(sign_up_id, member=False)
    state = before(found.shift_id, found.member_id, now)
    if found.status in (SignUpStatus.CANCELLED, SignUpStatus.EXPIRED, SignUpStatus.WAITLISTED):
        return state.turn
    if found.status != SignUpStatus.OFFERED:
        raise Refused(*OFFER_OVER)
    theirs_to_change(found.unverified, by.unverified)
    waiting.end_offer(sign_up_id, SignUpStatus.CANCELLED, found.in_place_of, state, now)
    journal.write("sign-up.declined", found.shift_id, by=by, now=now, **state.where, member=found.member_id)
    waiting.settle(found.shift_id, now)
    return state.turn


def _locked(sign_up_id: int, *, member: bool) -> Offer:
    """The offer as it stands once its shift is locked; before it the member, if what else they hold is to be judged.

    Whoever hands the seat over is not locked: their sign-up changes under the shift's lock alone, and they only get freer.
    """
    found = load(sign_up_id)
    if found is None:
        raise Refused(*OFFER_OVER, status=404)
    if member:
        seats.lock_members([found.member_id])
    seats.lock(found.shift_id)
    return load(sign_up_id) or found


def _must_be_open(found: Offer, now: datetime) -> None:
    if found.status != SignUpStatus.OFFERED:
        raise Refused(*OFFER_OVER)
    if found.answer_by is not None and found.answer_by <= now:
        raise Refused(
            "offer-late", N_("The time to answer is over. If the shift still needs people, you can take it.")
        )


def _take_over(found: Offer, turn: Turn, now: datetime) -> None:
    """Out of one hand into the other: the count of seats stays as it is."""
    if found.in_place_of is None or found.giver_id is None:
        raise Refused(*OFFER_OVER)
    attended = db.session.scalar(select(exists().where(Attendance.sign_up_id == found.in_place_of)))
    if attended or not seats.change(
        found.in_place_of, SignUpStatus.CONFIRMED, SignUpStatus.CANCELLED, now=now
    ):
        raise Refused(*OFFER_OVER)
    notices.write(
        "handed-over",
        [found.giver_id],
        now=now,
        shift_id=found.shift_id,
        name=name_of(found.member_id),
        **turn.told(),
    )


def name_of(member_id: int) -> str:
    name = db.session.scalar(select(Member.name).where(Member.id == member_id))
    if name is None:
        raise Refused("member-unknown", N_("There is no such member."), status=404)
    return name
