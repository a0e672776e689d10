"""Playbooks to choose from, one of them, and what a call would be as one."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select

from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Checkpoint, Operation, Shift, Skill, Unit, with_all_above, within
from mobilizer.model import Playbook as Kept
from mobilizer.playbooks import body_rules, past_rules
from mobilizer.playbooks.past_rules import Past
from mobilizer.playbooks.rules import Place, Playbook, for_any_unit
from mobilizer.playbooks.shipped import SHIPPED
from mobilizer.terms import BranchStatus, OperationKind, ShiftStatus

CURRENT = (BranchStatus.PROPOSED, BranchStatus.ACTIVE)
MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A playbook to choose: one that a unit keeps (`key` is its number, `unit_name` whose), or one of the four.

    `playbook` is None where what is kept can no longer be read.
    """

    key: str
    name: str
    playbook: Playbook | None
    unit_name: str | None = None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One that a unit keeps. `unit_code` is the place that permissions are asked for."""

    id: int
    unit_code: str
    unit_name: str
    name: str
    playbook: Playbook | None
    added_at: datetime

    @property
    def branch_id(self) -> None:
        return None


def _read(body: Any) -> Playbook | None:
    try:
        return body_rules.read(body)
    except Refused:
        return None


def _rows(*conditions: Any) -> list[KeptRow]:
    rows = db.session.execute(
        select(Kept.id, Kept.unit_code, Unit.name, Kept.name, Kept.body, Kept.added_at)
        .join(Unit, Unit.code == Kept.unit_code)
        .where(Kept.retired_at.is_(None), *conditions)
        .order_by(Kept.unit_code.desc(), Kept.name, Kept.id)
        .limit(MOST_KEPT)
    )
    return [KeptRow(row[0], row[1], row[2], row[3], _read(row[4]), row[5]) for row in rows]


def kept(playbook_id: int) -> KeptRow | None:
    """One that is not retired, or None."""
    return next(iter(_rows(Kept.id == playbook_id)), None)


def choices(unit_code: str, language: str) -> list[Choice]:
    """What the unit can use: its own, those of the units above, nearest first; then the four."""
    found = [
        Choice(str(row.id), row.name, row.playbook, row.unit_name)
        for row in _rows(Kept.unit_code.in_(with_all_above([unit_code])))
    ]
    return found + [
        Choice(key, each[language].name, each[language].playbook) for key, each in SHIPPED.items()
    ]


def choice(key: str, unit_code: str, language: str) -> Choice | None:
    """The one that this unit can use under this key, or None."""
    if key in SHIPPED:
        one = SHIPPED[key][language]
        return Choice(key, one.name, one.playbook)
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return None
    found = _rows(Kept.id == int(key), Kept.unit_code.in_(with_all_above([unit_code])))
    return next((Choice(key, row.name, row.playbook, row.unit_name) for row in found), None)


def kept_of(unit_code: str) -> list[KeptRow]:
    """Those that the unit itself keeps."""
    return _rows(Kept.unit_code == unit_code)


# --- what the unit has ------------------------------------------------------------------------------------


def places(unit_code: str, *, limit: int = body_rules.MOST_PLACES) -> tuple[Place, ...]:
    """The unit's own checkpoints, each name once."""
    rows = db.session.execute(
        select(Checkpoint.name, Checkpoint.address)
        .where(Checkpoint.unit_code == unit_code)
        .order_by(Checkpoint.id)
        .limit(limit)
    )
    named = {row.name: Place(row.name, row.address) for row in rows}
    return tuple(named.values())


def checkpoint_ids(unit_code: str, names: list[str]) -> dict[str, int]:
    """Which of these names the unit or one below it has, the unit's own first."""
    rows = db.session.execute(
        select(Checkpoint.name, Checkpoint.id)
        .where(within(Checkpoint.unit_code, unit_code), Checkpoint.name.in_(names))
        .order_by(Checkpoint.unit_code, Checkpoint.id)
    )
    found: dict[str, int] = {}
    for row in rows:
        found.setdefault(row.name, row.id)
    return found


def free_branch_name(unit_code: str, name: str) -> str:
    """The name, with a number behind it where a current branch of the unit has it already."""
    taken = set(
        db.session.scalars(
            select(Branch.name).where(Branch.unit_code == unit_code, Branch.status.in_(CURRENT))
        )
    )
    return _free(name, taken)


def free_operation_name(unit_code: str, name: str) -> str:
    """The same of the operations under way."""
    taken = set(
        db.session.scalars(
            select(Operation.name).where(Operation.unit_code == unit_code, Operation.ended_at.is_(None))
        )
    )
    return _free(name, taken)


def _free(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free = f"{name} {number}"
        number += 1
    return free


# --- a call as a playbook -----------------------------------------------------------------------------------


def of_call(call_id: int, tz: tzinfo) -> Playbook:
    """The call's texts, checkpoints, pattern, posts and numbers, said of any unit.

    Refuses a call that has no shift left, as there is no pattern to be read from it.
    """
    call = db.session.execute(
        select(
            Call.title,
            Call.content,
            Call.risks,
            Call.kit,
            Call.category,
            Call.dangerous,
            Call.published_at,
            Branch.name.label("branch"),
            Branch.mission,
            Operation.name.label("operation"),
            Operation.kind,
            Unit.name.label("unit"),
        )
        .join(Branch, Branch.id == Call.branch_id)
        .outerjoin(Operation, Operation.id == Branch.operation_id)
        .join(Unit, Unit.code == Branch.unit_code)
        .where(Call.id == call_id)
    ).one()
    rows = db.session.execute(
        select(
            Checkpoint.name,
            Checkpoint.address,
            Shift.day,
            Shift.starts_at,
            Shift.ends_at,
            Shift.post,
            Shift.capacity,
            Shift.least,
            Skill.name.label("skill"),
            Shift.held_back_until,
        )
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .outerjoin(Skill, Skill.id == Shift.skill_id)
        .where(Shift.call_id == call_id, Shift.status != ShiftStatus.CANCELLED)
        .order_by(Checkpoint.id, Shift.starts_at, Shift.id)
    ).all()
    if not rows:
        raise Refused(
            "playbook-without-shifts",
            N_("This call has no shifts. Lay them out first; the playbook keeps their pattern."),
        )
    past = [
        Past(
            row.day,
            row.starts_at,
            row.ends_at,
            row.post,
            row.capacity,
            row.least,
            row.skill or "",
            row.held_back_until,
        )
        for row in rows
    ]
    pattern, overlap = past_rules.pattern_of(past_rules.usual_slots(past, tz))
    found = Playbook(
        kind=call.kind or OperationKind.OTHER,
        operation=call.operation or call.title,
        branch=call.branch,
        mission=call.mission,
        title=call.title,
        content=call.content,
        risks=call.risks,
        kit=call.kit,
        category=call.category,
        dangerous=call.dangerous,
        checkpoints=tuple({row.name: Place(row.name, row.address) for row in rows}.values()),
        posts=past_rules.posts_of(past, tz),
        pattern=pattern,
        overlap=overlap,
        days=past_rules.days_of(past),
        later=past_rules.later_of(past, call.published_at, tz),
    )
    return for_any_unit(replace(found, checkpoints=found.checkpoints[: body_rules.MOST_PLACES]), call.unit)
