"""Entering earlier service from a sheet into the ledger."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from mobilizer import journal
from mobilizer.hours import ledger, sheet_queries
from mobilizer.hours.ledger import Entry
from mobilizer.hours.sheet import LONGEST_REASON, Read
from mobilizer.hours.sheet_planning import Earlier
from mobilizer.hours.sheet_queries import Place
from mobilizer.intake import Columns
from mobilizer.intake.outcomes import Report
from mobilizer.members.queries import batches
from mobilizer.policy import Actor
from mobilizer.signups.seats import lock_members
from mobilizer.terms import RecordKind, RecordSource


def enter_sheet(
    columns: Columns,
    rows: Sequence[Read],
    *,
    stem: str,
    at: Place,
    zone: tzinfo,
    by: Actor,
    now: datetime,
) -> Report:
    """One entry for each row that tells of a service which is not counted yet; answers what became of every row.

    What they come to is decided here, with the members' rows locked: whoever else would count the same minutes waits.
    The same row of the same file again, and a service that is counted already, change nothing. Nobody enters their own.
    """
    for some in batches(sorted(sheet_queries.members_of(rows))):
        lock_members(some)
    planned = sheet_queries.planned(columns, rows, stem, at, zone, by.member_id)
    ledger.enter([_entry(each, by, now) for each in planned.services])
    if planned.services:
        journal.write(
            "service-record.from-sheet",
            at.branch_id or at.unit_code,
            by=by,
            now=now,
            unit_code=at.unit_code,
            branch_id=at.branch_id,
            file=stem,
            records=len(planned.services),
        )
    return planned.report


def _entry(each: Earlier, by: Actor, now: datetime) -> Entry:
    """Who served as they stand on the roster now, as nothing is kept of what they were then."""
    told = each.told
    return {
        "kind": RecordKind.ENTRY,
        "reverses_id": None,
        "source": RecordSource.SHEET,
        "sign_up_id": None,
        "claim_id": None,
        "reference": each.reference,
        "turn": 0,
        "shift_id": None,
        "member_id": each.person.id,
        "standing": each.person.standing,
        "home_branch_id": each.person.home_branch_id,
        "branch_id": each.branch.id,
        "operation_id": each.branch.operation_id,
        "checkpoint_id": each.spot.id if each.spot else None,
        "unit_code": each.spot.unit_code if each.spot else each.branch.unit_code,
        "category": told.category,
        "day": told.day,
        "hour": each.hour,
        "starts_at": each.span.starts_at,
        "ends_at": each.span.ends_at,
        "break_minutes": told.break_minutes,
        "minutes": told.minutes,
        "person_times": 1,
        "reason": told.note[:LONGEST_REASON],
        "recorded_at": now,
        "recorded_by_id": by.member_id,
        "appointment_id": by.appointment_id,
    }
