"""Entering a call by its link: a pass and the shift at once, or a note that the branch says yes to; and whose it was.

Who has a pair of name and phone number has proved little: what a pass takes is marked "not verified" until a leader has
said that it is them, or has seen them there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from mobilizer import journal
from mobilizer.accounts import actions as accounts
from mobilizer.calls.queries import CallRow
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.joining import queries, rules
from mobilizer.model import Call, LogIn, Newcomer, Notice, Shift, SignUp
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import actions as signups
from mobilizer.signups import asking_queries, offers
from mobilizer.signups.facts import Turn, before


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of it. `member_id` None: noted, and the branch says yes. `turn`: the shift that is theirs, or that
    `refusal` speaks of."""

    member_id: int | None = None
    turn: Turn | None = None
    refusal: Refused | None = None


def enter(
    call: CallRow,
    shift_id: int | None,
    *,
    name: str,
    phone: str,
    token: str,
    instead_of: str | None = None,
    device: str = "",
    now: datetime,
) -> Entered:
    """With a pair that is on the roster and within the audience: a pass for this call, kept under `token`, and the shift
    if one is wished for; where the shift refuses, the pass is theirs all the same. It takes the place of `instead_of`, the
    token of the pass that this phone held. The same form again, from the phone that holds its pass by now, starts no second
    one. With any other pair: a newcomer who waits for the branch's yes.

    Refuses what rules.may_enter refuses, a shift of another call, too many passes of one person at once, and too many
    who wait.
    """
    facts = queries.facts(call.id)
    rules.may_enter(facts, now)
    if shift_id is not None and not queries.is_of_call(shift_id, call.id):
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    member_id = queries.whose(call, name, phone, now)
    if member_id is None:
        _note(call.id, shift_id, name, phone, facts, now)
        return Entered()
    if facts.last_ends_at is None:
        raise RuntimeError("a call that may be entered has a shift to come")
    by = Actor(member_id, unverified=True)
    if instead_of is not None and instead_of != token:
        accounts.end_log_in(instead_of)
    if not queries.is_started(token):
        _check_passes(member_id, now)
        accounts.start_log_in(
            member_id,
            lasts=rules.lasts(facts.last_ends_at, now),
            now=now,
            device=device,
            kept=True,
            call_id=call.id,
            token=token,
        )
        journal.write(
            "pass.started", call.id, by=by, now=now, unit_code=call.unit_code, branch_id=call.branch_id
        )
        notices.write("pass-opened", [member_id], now=now, title=call.title, call=call.id)
    return _take(shift_id, member_id, by, now) if shift_id is not None else Entered(member_id)


def _take(shift_id: int, member_id: int, by: Actor, now: datetime) -> Entered:
    try:
        with db.session.begin_nested():
            return Entered(member_id, signups.sign_up(shift_id, member_id, by=by, now=now))
    except Refused as refusal:
        return Entered(member_id, before(shift_id, member_id, now).turn, refusal)


def _check_passes(member_id: int, now: datetime) -> None:
    """Each pass is told to whose it is: so it is known how many there were."""
    lately = db.session.scalar(
        select(func.count())
        .select_from(Notice)
        .where(
            Notice.member_id == member_id,
            Notice.kind == "pass-opened",
            Notice.written_at > now - rules.PASSES_WITHIN,
        )
    )
    if (lately or 0) >= rules.MOST_PASSES:
        raise Refused(
            "too-many-passes",
            N_("Several passes were opened for you just now. Please wait a quarter of an hour, or log in."),
            status=429,
        )


def _note(
    call_id: int, shift_id: int | None, name: str, phone: str, facts: rules.Facts, now: datetime
) -> None:
    """Keep it, unless it is kept already, was said no to, or the number waits under too many names: all answered alike."""
    if now >= facts.closes_at:
        raise Refused("call-closed", N_("This call is closed. Other calls may still be open."))
    of_call = Newcomer.call_id == call_id
    waiting = db.session.scalar(
        select(func.count()).select_from(Newcomer).where(of_call, Newcomer.status == "pending")
    )
    known = db.session.execute(
        select(Newcomer.name, Newcomer.status).where(
            of_call, Newcomer.phone == phone, Newcomer.status.in_(["pending", "declined"])
        )
    ).all()
    if any(row.name == name for row in known):
        return
    if (waiting or 0) >= rules.MOST_PENDING:
        raise Refused(
            "too-many-newcomers",
            N_("Very many wait for this branch’s yes already. Please speak with the branch."),
            status=429,
        )
    if sum(row.status == "pending" for row in known) < rules.MOST_NAMES:
        db.session.execute(
            insert(Newcomer).values(
                call_id=call_id, shift_id=shift_id, name=name, phone=phone, status="pending", asked_at=now
            )
        )


# --- is it them? ------------------------------------------------------------------------------------------


def verify(call_id: int, member_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """It is them: their passes for this call and all they took with one are verified. Answers of how many of them that is
    news; again: nothing changes."""
    passes = db.session.scalars(
        update(LogIn)
        .where(LogIn.call_id == call_id, LogIn.member_id.in_(member_ids), LogIn.verified_at.is_(None))
        .values(verified_at=now)
        .returning(LogIn.member_id)
        .execution_options(synchronize_session=False)
    ).all()
    taken = db.session.scalars(
        update(SignUp)
        .where(
            SignUp.member_id.in_(member_ids),
            SignUp.unverified,
            SignUp.shift_id.in_(select(Shift.id).where(Shift.call_id == call_id)),
        )
        .values(unverified=False)
        .returning(SignUp.member_id)
        .execution_options(synchronize_session=False)
    ).all()
    known = sorted({*passes, *taken})
    if known:
        journal.write("pass.verified", call_id, by=by, now=now, **_place(call_id), members=known)
    return len(known)


def seen_there(shift_id: int, member_ids: Collection[int], *, by: Actor, now: datetime) -> None:
    """A leader has seen them on the shift: it is them. What a person says of themselves proves nothing; nor does the
    presence of one who signed up with their own log-in say that a pass in their name is theirs."""
    others = [member_id for member_id in member_ids if member_id != by.member_id]
    seen = queries.came_with_a_pass(shift_id, others) if others else []
    if seen:
        verify(seen[0].call_id, [each.member_id for each in seen], by=by, now=now)


def disown(call_id: int, member_id: int, *, by: Actor, now: datetime) -> int:
    """It was not them: all passes for the call in their name end, those too that were verified since, and what was taken
    with an unverified one is given back, whose leaders are told. Answers how many shifts that were. What attendance is
    noted of stays. Again: nothing changes."""
    ended = db.session.scalars(
        delete(LogIn)
        .where(LogIn.call_id == call_id, LogIn.member_id == member_id)
        .returning(LogIn.id)
        .execution_options(synchronize_session=False)
    ).all()
    given_back = [
        turn
        for shift_id in queries.taken_unverified(call_id, member_id, now)
        if (turn := _give_back(shift_id, member_id, by, now))
    ]
    if ended or given_back:
        place = _place(call_id)
        journal.write("pass.disowned", call_id, by=by, now=now, **place, shifts=len(given_back))
        name = offers.name_of(member_id)
        told = [leader.member_id for leader in asking_queries.leaders(place["branch_id"])]
        for turn in given_back:
            notices.write("disowned", told, now=now, shift_id=turn.shift_id, name=name, **turn.told())
    return len(given_back)


def _give_back(shift_id: int, member_id: int, by: Actor, now: datetime) -> Turn | None:
    try:
        with db.session.begin_nested():
            return signups.give_back(shift_id, member_id, by=by, now=now, disowned=True)
    except Refused:
        return None


def _place(call_id: int) -> dict[str, Any]:
    row = db.session.execute(select(Call.unit_code, Call.branch_id).where(Call.id == call_id)).one()
    return {"unit_code": row.unit_code, "branch_id": row.branch_id}
