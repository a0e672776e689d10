"""Me and some more from my branch: so many seats at once, or none."""

from datetime import datetime

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.inputs import local_zone
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import seats, waiting
from mobilizer.signups.facts import Turn, before
from mobilizer.signups.offers import name_of
from mobilizer.signups.rules import answer_by, may_serve, may_take
from mobilizer.terms import SignUpSource, SignUpStatus

MOST = 10
"""Whom a member may bring along: each seat is held until its owner has answered."""


def take_together(
    shift_id: int, member_id: int, companion_ids: list[int], *, by: Actor, now: datetime
) -> Turn:
    """“Me and two more”: so many seats at once, or none. The member's is taken, the companions' are held until each
    has said yes for themselves. Whoever is on the shift already needs no seat.

    Refuses more than MOST, as soon as one of them would be refused, naming them, and a shift without so many free
    seats. Whether the companions are of the member's own branch is the view's to check.
    """
    companions = sorted({each for each in companion_ids if each != member_id})
    if len(companions) > MOST:
        raise Refused("companions-many", N_("At most %(most)s at once, please."), status=422, most=MOST)
    seats.lock_members([member_id, *companions])
    waiting.settle(shift_id, now)
    mine = before(shift_id, member_id, now)
    needed, confirmed = [], 0
    if mine.mine_status != SignUpStatus.CONFIRMED:
        if mine.mine_status is not None:
            raise Refused(
                "held-already", N_("You wait for this shift already, or are being asked to take it.")
            )
        may_take(mine.facts, local_zone(), now)
        confirmed = 1
    for companion_id in companions:
        theirs = before(shift_id, companion_id, now)
        if theirs.mine_status in (SignUpStatus.CONFIRMED, SignUpStatus.OFFERED):
            continue
        try:
            may_serve(theirs.facts, local_zone(), now)
        except Refused as reason:
            raise Refused(
                "companion-cannot",
                N_("%(name)s cannot take this shift, so nobody was signed up. Try without them."),
                name=name_of(companion_id),
            ) from reason
        if theirs.mine_id is not None:
            raise Refused(
                "companion-waits",
                N_("%(name)s waits for this shift already and will be asked in their turn."),
                name=name_of(companion_id),
            )
        needed.append(companion_id)
    if mine.facts.free < confirmed + len(needed):
        raise Refused(
            "seats-too-few",
            N_("%(count)s seats are needed and %(free)s are free: nobody was signed up."),
            count=confirmed + len(needed),
            free=max(0, mine.facts.free),
        )
    if confirmed + len(needed) == 0:
        return mine.turn
    seats.take(shift_id, now, confirmed=confirmed, held=len(needed))
    turn = mine.turn
    if confirmed:
        seats.insert_sign_up(
            shift_id,
            member_id,
            turn.starts_at,
            turn.ends_at,
            SignUpStatus.CONFIRMED,
            SignUpSource.GROUP,
            now,
        )
    until = answer_by(turn.starts_at, turn.ends_at, mine.offer, mine.late_answer, now)
    for companion_id in needed:
        seats.insert_sign_up(
            shift_id,
            companion_id,
            turn.starts_at,
            turn.ends_at,
            SignUpStatus.OFFERED,
            SignUpSource.GROUP,
            now,
            answer_by=until,
            asked_by=member_id,
        )
    notices.write(
        "together",
        needed,
        now=now,
        shift_id=shift_id,
        answer_by=until,
        name=name_of(member_id),
        **turn.told(),
    )
    journal.write(
        "sign-up.together", shift_id, by=by, now=now, **mine.where, member=member_id, companions=needed
    )
    return turn
