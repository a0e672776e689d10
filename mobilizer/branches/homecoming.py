"""When an operation or a branch has ended, each home branch whose people were away is told that there is a report on them
(Regulations on the Work of Branches, trial, 2018: members of a temporary branch keep their relation to their own)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, distinct, func, insert, or_, select

from mobilizer import journal
from mobilizer.extensions import db
from mobilizer.model import Appointment, Attachment, Branch, JournalEntry, Member, with_all_above
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor
from mobilizer.terms import Role

_LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COMMITTEE_MEMBER)


class Home(NamedTuple):
    """A home branch, and how many of its people were away."""

    id: int
    name: str
    unit_code: str
    people: int


def tell(away: ColumnElement[bool], what: str, operation_id: int, *, by: Actor, now: datetime) -> int:
    """Tell the leaders of each home branch whose members were attached to the branches among `away` that `what` has
    ended; answers how many home branches those are. Each is journalled. Proposals that never stood are left out."""
    homes = _homes(away)
    told = _leaders(homes)
    notices.write_each(
        "served-away",
        [
            (
                leader,
                None,
                {
                    "what": what,
                    "branch": home.name,
                    "people": home.people,
                    "home": home.id,
                    "operation": operation_id,
                },
            )
            for home in homes
            for leader in told[home.id]
        ],
        now=now,
    )
    if homes:
        db.session.execute(insert(JournalEntry), [_entry(home, what, told, by, now) for home in homes])
    return len(homes)


def _entry(
    home: Home, what: str, told: Mapping[int, Sequence[int]], by: Actor, now: datetime
) -> dict[str, Any]:
    details = {"what": what, "people": home.people, "told": len(told[home.id])}
    return journal.entry("branch.people-came-home", home.id, by, now, home.unit_code, home.id, details)


def _homes(away: ColumnElement[bool]) -> list[Home]:
    away_ids = select(Branch.id).where(away, Branch.activated_at.is_not(None))
    rows = db.session.execute(
        select(Branch.id, Branch.name, Branch.unit_code, func.count(distinct(Attachment.member_id)))
        .select_from(Attachment)
        .join(Member, Member.id == Attachment.member_id)
        .join(Branch, Branch.id == Member.home_branch_id)
        .where(Attachment.branch_id.in_(away_ids))
        .group_by(Branch.id, Branch.name, Branch.unit_code)
        .order_by(Branch.id)
    )
    return [Home._make(row) for row in rows]


def _leaders(homes: Iterable[Home]) -> dict[int, list[int]]:
    """Those appointed in each; where there are none, the secretaries of its unit or of the nearest above that has one."""
    units = {home.id: home.unit_code for home in homes}
    rows = db.session.execute(
        select(Appointment.branch_id, Appointment.unit_code, Appointment.role, Appointment.member_id)
        .where(
            Appointment.ends_at.is_(None),
            Appointment.role.in_(_LEADING),
            or_(Appointment.branch_id.in_(units), Appointment.unit_code.in_(with_all_above(units.values()))),
        )
        .order_by(Appointment.member_id)
    ).all()
    in_branch: dict[int, set[int]] = {}
    over_unit: dict[str, set[int]] = {}
    for branch_id, unit_code, role, member_id in rows:
        if branch_id is not None:
            in_branch.setdefault(branch_id, set()).add(member_id)
        elif unit_code is not None and role in _LEADING[:2]:
            over_unit.setdefault(unit_code, set()).add(member_id)
    return {
        home: sorted(in_branch.get(home) or _nearest(unit_code, over_unit))
        for home, unit_code in units.items()
    }


def _nearest(unit_code: str, over_unit: Mapping[str, set[int]]) -> set[int]:
    above = sorted(with_all_above([unit_code]), key=len, reverse=True)
    return next((over_unit[code] for code in above if code in over_unit), set())
