"""A coordinator's word on entries of the ledger: looked at and right, or questioned, and why. The ledger stays as it is."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, String, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, run, table_of
from mobilizer.hours import verification_queries as queries
from mobilizer.hours.verification_rules import IN_BULK, Cut, Look
from mobilizer.model import ServiceRecord, Verification, within
from mobilizer.model.types import Instant
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.signups import asking_queries
from mobilizer.signups.offers import name_of
from mobilizer.terms import RecordKind

_TABLE = table_of(Verification)
_COLUMNS = ("record_id", "verdict", "note", "verified_at", "verified_by_id", "appointment_id")


def verify(record_ids: Collection[int], *, unit_code: str, by: Actor, now: datetime) -> int:
    """Say of these entries at the unit (or below it) that they are right; answers of how many that is new.

    What has been reversed meanwhile, lies elsewhere or is verified already is passed over; a question is settled by it.
    """
    reversal = aliased(ServiceRecord)
    standing = select(ServiceRecord.id).where(
        ServiceRecord.id.in_(record_ids),
        ServiceRecord.kind == RecordKind.ENTRY,
        within(ServiceRecord.unit_code, unit_code),
        ~exists().where(reversal.reverses_id == ServiceRecord.id),
    )
    return _verified(standing, unit_code, by, now)


def verify_all(cut: Cut, look: Look, *, through: int, by: Actor, now: datetime) -> int:
    """The same of all at which nothing is odd, or of which only the leaving time was proposed; none after `through`, the
    last entry there was when the page was shown. What looks odd is not verified unseen (ValueError)."""
    if look not in IN_BULK:
        raise ValueError(f"not to be verified unseen: {look}")
    return _verified(queries.of_look(cut, look, through), cut.unit_code, by, now)


def question(record_id: int, note: str, *, by: Actor, now: datetime) -> None:
    """Ask about an entry; the leaders of the branch whose shift it was are told. Refuses what does not stand any more, and
    what somebody else has verified or questioned meanwhile."""
    found = queries.line(record_id)
    if found is None:
        raise Refused("record-reversed", N_("This service record has been reversed already."))
    said = _insert([record_id, "questioned", note, now, by.member_id, by.appointment_id])
    if run(said.on_conflict_do_nothing().returning(_TABLE.c.record_id)).first() is None:
        raise Refused(
            "record-settled",
            N_("Somebody has verified or questioned this record meanwhile. Please look again."),
        )
    leaders = asking_queries.leaders(found.branch_id)
    notices.write(
        "record-questioned",
        [leader.member_id for leader in leaders if leader.member_id != by.member_id],
        now=now,
        shift_id=found.shift_id,
        name=name_of(by.member_id) if by.member_id else "",
        who=found.name,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        checkpoint=found.checkpoint or found.branch,
        why=note,
    )
    journal.write(
        "service-record.questioned",
        record_id,
        by=by,
        now=now,
        unit_code=found.unit_code,
        branch_id=found.branch_id,
        member=found.member_id,
        note=note,
    )


def _verified(standing: Select[Any], unit_code: str, by: Actor, now: datetime) -> int:
    ids = standing.subquery("ids")
    said = _insert(
        select(
            ids.c.id,
            literal("verified", String()),
            literal("", String()),
            literal(now, Instant()),
            literal(by.member_id, Integer()),
            literal(by.appointment_id, Integer()),
        ).where(ids.c.id.is_not(None))
    )
    new = run(
        said.on_conflict_do_update(
            index_elements=[_TABLE.c.record_id],
            set_={name: said.excluded[name] for name in _COLUMNS if name not in ("record_id", "note")},
            where=_TABLE.c.verdict == "questioned",
        ).returning(_TABLE.c.record_id)
    ).all()
    if new:
        journal.write(
            "service-record.verified",
            unit_code,
            by=by,
            now=now,
            unit_code=unit_code,
            count=len(new),
            first=min(row.record_id for row in new),
            last=max(row.record_id for row in new),
        )
    return len(new)


def _insert(what: list[Any] | Select[Any]) -> Any:
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    made = dialect.insert(_TABLE)
    if isinstance(what, list):
        return made.values(dict(zip(_COLUMNS, what, strict=True)))
    return made.from_select(_COLUMNS, what)
