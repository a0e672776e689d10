"""Bringing in rosters, and adding one member by hand."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.intake.outcomes import Report
from mobilizer.members import queries, rules
from mobilizer.members.names import search_text, sort_name
from mobilizer.members.planning import Home, Write
from mobilizer.members.roster import Roster
from mobilizer.model import Branch, Member, MemberSkill, Skill, Unit
from mobilizer.policy import Actor
from mobilizer.terms import BranchKind, BranchStatus, Standing


def import_roster(
    roster: Roster, *, unit_code: str | None = None, today: date, by: Actor, now: datetime
) -> Report:
    """Create and change the members that the rows (roster.read_rows) name; the report has every row's outcome.

    `unit_code` is the file's own unit, `today` the local day. Home branches not known yet are created under
    their units. Blank cells change nothing; nobody is ever removed. The same rows once more change nothing.
    Refused when `unit_code` is no unit.
    """
    plan = queries.planned_import(roster, unit_code, today)
    homes = {home: home.id for home in {write.home for write in plan.writes} if home.id is not None}
    homes |= _stand_up(plan.new_branches, now)
    _insert([write for write in plan.writes if write.member_id is None], homes, now)
    _change([write for write in plan.writes if write.member_id is not None], homes)
    _set_skills(plan.writes, now)
    if plan.report.changes_anything:
        journal.write(
            "import.confirmed",
            "roster",
            by=by,
            now=now,
            unit_code=plan.own_unit,
            counts={str(outcome): count for outcome, count in plan.report.counts().items()},
            branches=len(plan.new_branches),
        )
    return plan.report


def _stand_up(homes: list[Home], now: datetime) -> dict[Home, int]:
    """Standing branches by these names; answers their ids."""
    if not homes:
        return {}
    db.session.execute(
        insert(Branch),
        [
            {
                "kind": BranchKind.STANDING,
                "joint": False,
                "name": home.name,
                "unit_code": home.unit_code,
                "mission": "",
                "decision_note": "",
                "status": BranchStatus.ACTIVE,
                "added_at": now,
                "activated_at": now,
            }
            for home in homes
        ],
    )
    rows = db.session.execute(
        select(Branch.unit_code, Branch.name, Branch.id).where(
            Branch.kind == BranchKind.STANDING, Branch.status == BranchStatus.ACTIVE
        )
    )
    ids = {(unit_code, name): branch_id for unit_code, name, branch_id in rows}
    return {home: ids[home.unit_code, home.name] for home in homes}


def _insert(writes: list[Write], homes: dict[Home, int], now: datetime) -> None:
    if not writes:
        return
    db.session.execute(
        insert(Member),
        [
            {
                "name": write.entry.name,
                "sort_name": write.entry.sort_name,
                "search": write.entry.search,
                "phone": write.entry.phone,
                "home_branch_id": homes[write.home],
                "standing": write.entry.standing or Standing.FULL,
                "joined_on": write.entry.joined_on,
                "password_hash": None,
                "added_at": now,
            }
            for write in writes
        ],
    )


def _change(writes: list[Write], homes: dict[Home, int]) -> None:
    """Only what the row says; one statement for each set of columns."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for write in writes:
        values: dict[str, Any] = {"id": write.member_id, "home_branch_id": homes[write.home]}
        if write.entry.standing is not None:
            values["standing"] = write.entry.standing
        if write.entry.joined_on is not None:
            values["joined_on"] = write.entry.joined_on
        by_columns.setdefault(tuple(values), []).append(values)
    for rows in by_columns.values():
        db.session.execute(update(Member), rows)


def _set_skills(writes: list[Write], now: datetime) -> None:
    """A row that names skills names all of them, and confirms them: whoever keeps the roster answers for it."""
    skilled = {write.entry.phone: write for write in writes if write.skills}
    if not skilled:
        return
    names = dict.fromkeys(skill for write in skilled.values() for skill in write.skills)
    known = {name: skill_id for skill_id, name in queries.skills()}
    if new := [{"name": name} for name in names if name not in known]:
        db.session.execute(insert(Skill), new)
        known = {name: skill_id for skill_id, name in queries.skills()}
    ids = queries.ids_of_phones(skilled)
    before = queries.skills_of(ids.values())
    changed = [
        phone for phone, write in skilled.items() if set(write.skills) != set(before.get(ids[phone], ()))
    ]
    for some in queries.batches([ids[phone] for phone in changed]):
        db.session.execute(delete(MemberSkill).where(MemberSkill.member_id.in_(some)))
    rows = [
        {"member_id": ids[phone], "skill_id": known[skill], "confirmed_at": now}
        for phone in changed
        for skill in skilled[phone].skills
    ]
    if rows:
        db.session.execute(insert(MemberSkill), rows)


def add_member(
    name: str,
    phone: str,
    home_branch_id: int | None,
    standing: Standing = Standing.FULL,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """A new member, also without a home branch (the first administrator of an empty house); answers the id.

    Refused: a name or phone that is none, a phone somebody has already, and a branch that is no standing one.
    """
    name, phone = rules.name(name), rules.phone(phone)
    if queries.id_of_phone(phone) is not None:
        raise Refused("phone-taken", N_("There is a member with this phone number already."), field="phone")
    if home_branch_id is not None:
        kind = db.session.scalar(
            select(Branch.kind).where(Branch.id == home_branch_id, Branch.status == BranchStatus.ACTIVE)
        )
        if kind != BranchKind.STANDING:
            raise Refused(
                "branch-unknown", N_("There is no such standing branch."), status=422, field="branch"
            )
    member_id = db.session.execute(
        insert(Member)
        .values(
            name=name,
            sort_name=sort_name(name),
            search=search_text(name, phone),
            phone=phone,
            home_branch_id=home_branch_id,
            standing=standing,
            added_at=now,
        )
        .returning(Member.id)
    ).scalar_one()
    journal.write("member.added", member_id, by=by, now=now, branch_id=home_branch_id)
    return member_id


def standing_branch(unit_code: str, name: str, *, now: datetime) -> int:
    """The unit's standing branch of this name, made if there is none; answers its id.

    Refused: an unknown unit, and a name that an action or temporary branch has.
    """
    if db.session.get(Unit, unit_code) is None:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="unit", code=unit_code
        )
    found = db.session.execute(
        select(Branch.id, Branch.kind).where(
            Branch.unit_code == unit_code,
            Branch.name == name,
            Branch.status.in_([BranchStatus.ACTIVE, BranchStatus.PROPOSED]),
        )
    ).first()
    if found is None:
        home = Home(unit_code, name)
        return _stand_up([home], now)[home]
    if found.kind != BranchKind.STANDING:
        raise Refused(
            "branch-not-standing", N_("An action or temporary branch has this name, and is nobody's home.")
        )
    return int(found.id)
