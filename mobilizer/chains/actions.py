"""Keeping a pasted chain for a few days, and entering what was read of it: each wish by the rules of any sign-up and
answered for itself. A line of a chain is its writer's own yes; who entered it is in the journal."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from mobilizer import journal
from mobilizer.calls import queries as calls
from mobilizer.chains import queries
from mobilizer.chains.proposing import Key
from mobilizer.chains.reading import LONGEST_TEXT
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import Chain, ChainLine
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import actions as signups
from mobilizer.signups import seats, waiting
from mobilizer.signups.facts import Turn, before
from mobilizer.terms import SignUpSource, SignUpStatus

MOST_AT_ONCE = 500
LINE = table_of(ChainLine)
FOR_THE_LINE = ("shift-full", "others-wait", "not-released")
"""Refusals after which somebody can still wait for a seat."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A wish as it was mended: whose, for which shift, and whether that sign-up is to be given back instead."""

    key: Key
    member_id: int
    shift_id: int
    gives_back: bool = False


def keep(call_id: int, text: str, day: date, *, by: Actor, now: datetime) -> int:
    """Keep the text for some days; answers its id. Refuses an empty and a far too long one."""
    if not text.strip():
        raise Refused("chain-empty", N_("Please paste the chain's text."), status=422, field="text")
    if len(text) > LONGEST_TEXT:
        raise Refused(
            "chain-too-long",
            N_("The text is longer than %(most)s characters. Please paste it in parts."),
            status=422,
            field="text",
            most=LONGEST_TEXT,
        )
    kept = db.session.execute(
        insert(table_of(Chain)).returning(Chain.id),
        {"call_id": call_id, "text": text, "day": day, "pasted_by_id": by.member_id, "pasted_at": now},
    )
    return int(kept.scalar_one())


def enter(
    call_id: int,
    choices: Sequence[Choice],
    *,
    wait: bool,
    by: Actor,
    now: datetime,
    unit_code: str,
    branch_id: int,
) -> Counter[str]:
    """Enter the choices in one go, what is given back first, else in the chain's order; answers how often each outcome.

    What signups.actions refuses is refused here, of that wish alone; its reason is kept. `wait`: who finds a shift full
    joins its waiting list. What was entered before stays as it is. Members are locked before shifts, lower ids first.
    """
    if len(choices) > MOST_AT_ONCE:
        raise Refused(
            "chain-too-many",
            N_("At most %(most)s at once. Please do it in several steps."),
            status=422,
            most=MOST_AT_ONCE,
        )
    member_ids = {each.member_id for each in choices}
    shift_ids = {each.shift_id for each in choices}
    if shift_ids - queries.call_of(shift_ids, call_id):
        raise Refused("shift-unknown", N_("There is no such shift."), status=404)
    seats.lock_members(member_ids)
    for shift_id in sorted(shift_ids):
        seats.lock(shift_id)
    addressed = queries.ids_addressed(calls.call(call_id), member_ids, now)
    known = queries.entered(call_id)
    counted: Counter[str] = Counter()
    for each in sorted(choices, key=lambda choice: not choice.gives_back):
        was = known.get(each.key)
        done = "given-back" if each.gives_back else None
        if was is not None and (was.outcome == done or (done is None and was.outcome != "refused")):
            continue
        outcome, reason = _entered(each, addressed, wait=wait, by=by, now=now)
        _note(call_id, each, outcome, reason, was is not None, now)
        counted[outcome] += 1
    if counted:
        journal.write(
            "chain.entered",
            call_id,
            by=by,
            now=now,
            unit_code=unit_code,
            branch_id=branch_id,
            **dict(counted),
        )
    return counted


def _entered(
    choice: Choice, addressed: Collection[int], *, wait: bool, by: Actor, now: datetime
) -> tuple[str, Refused | None]:
    """What becomes of one; what a refused one had written is undone to the last savepoint."""
    try:
        with db.session.begin_nested():
            if choice.gives_back:
                return _given_back(choice, by, now), None
            if choice.member_id not in addressed:
                raise Refused(
                    "not-addressed", N_("The call is not addressed to the branch of this person."), status=403
                )
            return _signed_up(choice, by, now), None
    except Refused as refusal:
        if choice.gives_back or not wait or refusal.code not in FOR_THE_LINE:
            return "refused", refusal
    try:
        with db.session.begin_nested():
            return _waits(choice, by, now), None
    except Refused as refusal:
        return "refused", refusal


def _status(choice: Choice, now: datetime) -> str | None:
    return before(choice.shift_id, choice.member_id, now).mine_status


def _signed_up(choice: Choice, by: Actor, now: datetime) -> str:
    status = _status(choice, now)
    if status == SignUpStatus.WAITLISTED:
        return "waiting"
    turn = signups.sign_up(choice.shift_id, choice.member_id, by=by, now=now, source=SignUpSource.CHAIN)
    if status != SignUpStatus.CONFIRMED:
        _tell("entered-from-chain", choice, turn, now)
    return "signed-up"


def _waits(choice: Choice, by: Actor, now: datetime) -> str:
    waiting.join(choice.shift_id, choice.member_id, by=by, now=now)
    _tell("waiting-from-chain", choice, before(choice.shift_id, choice.member_id, now).turn, now)
    return "waiting"


def _given_back(choice: Choice, by: Actor, now: datetime) -> str:
    held = _status(choice, now) is not None
    turn = signups.give_back(choice.shift_id, choice.member_id, by=by, now=now)
    if held:
        _tell("given-back-from-chain", choice, turn, now)
    return "given-back"


def _tell(kind: str, choice: Choice, turn: Turn, now: datetime) -> None:
    notices.write(kind, [choice.member_id], now=now, shift_id=choice.shift_id, **turn.told())


def _note(
    call_id: int, choice: Choice, outcome: str, reason: Refused | None, again: bool, now: datetime
) -> None:
    """What became of the wish, for the next version of the chain. A repeat of the very wish by another loses the race
    (an IntegrityError, upon which the command runs again)."""
    day, fingerprint, part = choice.key
    key = {"call_id": call_id, "day": day, "fingerprint": fingerprint, "part": part}
    values: dict[str, Any] = {
        "outcome": outcome,
        "reason": _plain(reason),
        "member_id": choice.member_id,
        "shift_id": choice.shift_id,
        "applied_at": now,
    }
    if again:
        mine = (LINE.c[name] == value for name, value in key.items())
        db.session.execute(update(LINE).where(*mine).values(**values))
    else:
        db.session.execute(insert(LINE), key | values)


def _plain(reason: Refused | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    values = {name: _text(value) for name, value in reason.values.items()}
    return {"code": reason.code, "message": reason.message, "values": values}


def _text(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)
