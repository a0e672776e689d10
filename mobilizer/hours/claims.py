"""Services that no closed shift tells of: entered by a leader or claimed by a member, said yes or no to, put right.

Whoever decides locks the member first and the claim then, so that no two count the same minutes, nor say two things of one
claim. What is accepted stands in the ledger in the same transaction.
"""

from datetime import date, datetime
from typing import Any

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.hours import actions, claim_rules, counting, ledger
from mobilizer.hours.claim_queries import on_one_word
from mobilizer.hours.claim_rows import Claim, Last, Service, keep, last_entry, locked, settle, waiting
from mobilizer.hours.ledger import Entry
from mobilizer.hours.overlap_rules import Span
from mobilizer.inputs import local_zone
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import seats
from mobilizer.terms import RecordKind, RecordSource


def enter_by_hand(service: Service, *, limit: int, by: Actor, now: datetime) -> bool:
    """A leader enters somebody's service; whether it is counted at once. Above `limit` minutes for one member and day, and
    of the leader's own, it waits for a second person's yes.

    Refuses what claim_rules.may_be_entered refuses, a checkpoint that the branch does not serve, a branch that stands no
    more, and to count any minute twice (counting.CountedAlready).
    """
    told = _told(service, now)
    minutes = told.span.minutes - told.break_minutes
    already = on_one_word(told.member_id, _day_of(told.span))
    second = claim_rules.needs_second(minutes, already, limit, own=by.member_id == told.member_id)
    claim = keep(told, RecordSource.BY_HAND, second, by, now)
    journal.write("service-claim.entered", claim.id, by=by, now=now, **claim.place, member=told.member_id)
    if second:
        return False
    settle(claim, "accepted", "", by, now)
    _count(claim, told.span, by, now)
    _tell("service-entered", claim, told.span, now)
    return True


def claim(service: Service, *, by: Actor, now: datetime) -> int:
    """A member says that they served and nobody counted it; answers the claim's id. It waits for the branch.

    Refuses the same as enter_by_hand.
    """
    told = _told(service, now)
    made = keep(told, RecordSource.CLAIM, True, by, now)
    journal.write("service-claim.made", made.id, by=by, now=now, **made.place, member=told.member_id)
    return made.id


def accept(claim_id: int, *, agreed: Span | None = None, by: Actor, now: datetime) -> None:
    """The branch's yes, or the second person's: it is counted. Yes again: nothing changes.

    Refuses a claim that was declined or withdrawn, whoever made it or served, and to count any minute twice; with
    `agreed` the rest of it is counted.
    """
    claim = locked(claim_id)
    if claim.status == "accepted":
        return
    waiting(claim)
    claim_rules.may_decide(by.member_id, claim.parties)
    span = counting.once(claim.member_id, claim.span, agreed)
    settle(claim, "accepted", "", by, now)
    _count(claim, span, by, now)
    journal.write("service-claim.accepted", claim_id, by=by, now=now, **claim.place, member=claim.member_id)
    _tell("claim-accepted", claim, span, now)


def decline(claim_id: int, *, words: str, by: Actor, now: datetime) -> None:
    """The branch's no, with words that the member reads. No again: nothing changes."""
    claim = locked(claim_id)
    if claim.status == "declined":
        return
    waiting(claim)
    claim_rules.may_decide(by.member_id, [claim.member_id])
    settle(claim, "declined", words, by, now)
    journal.write(
        "service-claim.declined",
        claim_id,
        by=by,
        now=now,
        **claim.place,
        member=claim.member_id,
    )
    _tell("claim-declined", claim, claim.span, now, why=words)


def withdraw(claim_id: int, *, by: Actor, now: datetime) -> None:
    """Who made it takes it back while it waits. Again: nothing changes."""
    claim = locked(claim_id)
    if claim.status == "withdrawn":
        return
    waiting(claim)
    settle(claim, "withdrawn", "", by, now)
    journal.write("service-claim.withdrawn", claim_id, by=by, now=now, **claim.place, member=claim.member_id)


def correct(
    claim_id: int,
    *,
    instead_of: int | None,
    span: Span | None,
    break_minutes: int = 0,
    agreed: Span | None = None,
    reason: str,
    limit: int,
    by: Actor,
    now: datetime,
) -> None:
    """Put right what is counted of an accepted claim: reverse it, and write it again with `span`; None: it counts no more.

    `instead_of` is the standing entry that whoever corrects has seen. Refuses when somebody else has corrected it
    meanwhile, one's own service, times that cannot be, more than one person's word may count, and any minute twice.
    """
    claim = locked(claim_id)
    if claim.status != "accepted":
        raise Refused("claim-not-counted", N_("This service is not counted. There is nothing to correct."))
    claim_rules.may_decide(by.member_id, [claim.member_id])
    last = last_entry(claim_id)
    if (last.id if last.stands else None) != instead_of:
        raise Refused(
            "record-corrected", N_("This record has just been corrected by somebody else. Please look again.")
        )
    if span is None and not last.stands:
        raise Refused(
            "nothing-to-correct", N_("Nothing is counted for this person, and so it stays."), status=422
        )
    counted = None
    if span is not None:
        claim_rules.may_be_entered(span, break_minutes, now)
        counted = counting.once(claim.member_id, span, agreed, but_record=instead_of)
        claim_rules.may_be_entered(counted, break_minutes, now)
        day = _day_of(counted)
        beside = on_one_word(claim.member_id, day, but_claim=claim_id)
        before = last.minutes if last.day == day else 0
        claim_rules.may_raise(counted.minutes - break_minutes, before, beside, limit)
    if instead_of is not None:
        actions.reverse(instead_of, reason=reason, by=by, now=now)
    if counted is not None:
        _write_again(claim, last, counted, break_minutes, reason, by, now)
    _tell("service-corrected", claim, counted or claim.span, now, why=reason)


def _day_of(span: Span) -> date:
    return span.starts_at.astimezone(local_zone()).date()


# --- what is written ------------------------------------------------------------------------------------


def _told(service: Service, now: datetime) -> Service:
    """What is to be counted of it, with the member locked."""
    claim_rules.may_be_entered(service.span, service.break_minutes, now)
    seats.lock_members([service.member_id])
    span = counting.once(service.member_id, service.span, service.agreed)
    claim_rules.may_be_entered(span, service.break_minutes, now)
    return service._replace(span=span)


def _count(claim: Claim, span: Span, by: Actor, now: datetime) -> None:
    """Its first entry. The reason is what was told: so it is sealed with the rest."""
    pause = min(claim.break_minutes, max(span.minutes - 1, 0))
    ledger.enter([_entry(claim, span, pause) | _signed(claim.why, by, now)])


def _write_again(
    claim: Claim, last: Last, span: Span, pause: int, reason: str, by: Actor, now: datetime
) -> None:
    """The next entry of the claim; who they were then stays what it was."""
    again = {"turn": last.turn + 1, "standing": last.standing, "home_branch_id": last.home_branch_id}
    (record_id,) = ledger.enter([_entry(claim, span, pause) | again | _signed(reason, by, now)])
    journal.write(
        "service-record.written-again",
        record_id,
        by=by,
        now=now,
        **claim.place,
        member=claim.member_id,
        reason=reason,
    )


def _entry(claim: Claim, span: Span, pause: int) -> Entry:
    begun = span.starts_at.astimezone(local_zone())
    return {
        "kind": RecordKind.ENTRY,
        "reverses_id": None,
        "source": claim.source,
        "sign_up_id": None,
        "claim_id": claim.id,
        "reference": None,
        "turn": 0,
        "shift_id": None,
        "member_id": claim.member_id,
        "standing": claim.standing,
        "home_branch_id": claim.home_branch_id,
        "branch_id": claim.branch_id,
        "operation_id": claim.operation_id,
        "checkpoint_id": claim.checkpoint_id,
        "unit_code": claim.unit_code,
        "category": claim.category,
        "day": begun.date(),
        "hour": begun.hour,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "break_minutes": pause,
        "minutes": span.minutes - pause,
        "person_times": 1,
    }


def _signed(reason: str, by: Actor, now: datetime) -> Entry:
    return {
        "reason": reason,
        "recorded_at": now,
        "recorded_by_id": by.member_id,
        "appointment_id": by.appointment_id,
    }


def _tell(kind: str, claim: Claim, span: Span, now: datetime, **more: Any) -> None:
    notices.write(
        kind,
        [claim.member_id],
        now=now,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        checkpoint=claim.checkpoint or claim.branch,
        name=claim.maker or "",
        **more,
    )
