"""Skills of a member: claimed by themselves, confirmed by a roster or a secretary. Only a confirmed one opens a seat."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.members import rules
from mobilizer.model import Branch, Member, MemberSkill, Skill
from mobilizer.notices import actions as notices
from mobilizer.policy import Actor

MOST_CLAIMS = 20


class Held(NamedTuple):
    """A skill of a member; without `confirmed_at` it is their own word."""

    skill_id: int
    name: str
    confirmed_at: datetime | None


def held(member_id: int) -> list[Held]:
    """All of them, what waits for a secretary first."""
    rows = db.session.execute(
        select(Skill.id, Skill.name, MemberSkill.confirmed_at)
        .join(Skill, Skill.id == MemberSkill.skill_id)
        .where(MemberSkill.member_id == member_id)
        .order_by(MemberSkill.confirmed_at.is_not(None), Skill.name)
    )
    return [Held(*row) for row in rows]


def claim(member_id: int, skill_id: int, *, by: Actor, now: datetime) -> None:
    """The member says that they have it. Had or claimed already: nothing changes. Refuses a skill that no roster knows."""
    name = _name(skill_id)
    mine = held(member_id)
    if skill_id in {each.skill_id for each in mine}:
        return
    if len(mine) >= MOST_CLAIMS:
        raise Refused("skills-many", N_("That is more than anybody can confirm. Please tell your branch."))
    db.session.execute(insert(MemberSkill).values(member_id=member_id, skill_id=skill_id, confirmed_at=None))
    _write("member.skill-claimed", member_id, name, by, now)


def confirm(member_id: int, name: str, *, by: Actor, now: datetime) -> str:
    """A secretary answers for it, claimed or not, and the member is told; answers the skill's name. Confirmed already:
    nothing changes.

    Refuses a name that is none. A skill nobody had is new on the rosters.
    """
    if not name or len(name) > rules.LONGEST_SKILL:
        raise Refused(
            "skill-name",
            N_("Please name the skill in at most %(max)s characters."),
            status=422,
            field="skill",
            max=rules.LONGEST_SKILL,
        )
    skill_id = db.session.scalar(select(Skill.id).where(Skill.name == name))
    if skill_id is None:
        skill_id = db.session.execute(insert(Skill).values(name=name).returning(Skill.id)).scalar_one()
    row = db.session.execute(
        select(MemberSkill.id, MemberSkill.confirmed_at).where(
            MemberSkill.member_id == member_id, MemberSkill.skill_id == skill_id
        )
    ).first()
    if row is not None and row.confirmed_at is not None:
        return name
    if row is None:
        db.session.execute(
            insert(MemberSkill).values(member_id=member_id, skill_id=skill_id, confirmed_at=now)
        )
    else:
        db.session.execute(
            update(MemberSkill)
            .where(MemberSkill.id == row.id)
            .values(confirmed_at=now)
            .execution_options(synchronize_session=False)
        )
    notices.write("skill-confirmed", [member_id], now=now, skill=name)
    _write("member.skill-confirmed", member_id, name, by, now)
    return name


def remove(member_id: int, skill_id: int, *, by: Actor, now: datetime, own: bool = False) -> str:
    """The skill goes from the roster; shifts held with it stay theirs. Gone already: nothing changes.

    `own`: the member takes back their own word, and nothing that is confirmed.
    """
    name = _name(skill_id)
    gone = delete(MemberSkill).where(MemberSkill.member_id == member_id, MemberSkill.skill_id == skill_id)
    if own:
        gone = gone.where(MemberSkill.confirmed_at.is_(None))
    if db.session.execute(gone.returning(MemberSkill.id)).first():
        _write("member.skill-removed", member_id, name, by, now)
    return name


def _name(skill_id: int) -> str:
    name = db.session.scalar(select(Skill.name).where(Skill.id == skill_id))
    if name is None:
        raise Refused("skill-unknown", N_("There is no such skill on the rosters."), status=404)
    return name


def _write(kind: str, member_id: int, name: str, by: Actor, now: datetime) -> None:
    home = db.session.execute(
        select(Branch.id, Branch.unit_code)
        .join(Member, Member.home_branch_id == Branch.id)
        .where(Member.id == member_id)
    ).first()
    journal.write(
        kind,
        member_id,
        by=by,
        now=now,
        unit_code=home.unit_code if home else None,
        branch_id=home.id if home else None,
        skill=name,
    )
