"""Whether somebody who has come without a seat of their own can be put on a roster: what the database knows of them there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Executable, exists, select

from mobilizer.attendance.words import Turn
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.inputs import local_zone
from mobilizer.model import Member, MemberSkill, SignUp, Skill
from mobilizer.signups.asking_rules import of_another
from mobilizer.signups.facts import before
from mobilizer.signups.limit_rules import broken
from mobilizer.terms import SignUpStatus

_ACTIVE = (SignUpStatus.OFFERED, SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)


def facts_of(turn: Turn, member_id: int) -> Any:
    """Name, active sign-up on this shift (`held_id`, `status`, `in_place_of_id`, `waived`), the skill that the shift needs
    (`skill`, `holds_skill`), and whether they hold another shift at that time (`overlaps`). Refuses an unknown member."""
    facts = db.session.execute(_facts(turn, member_id)).first()
    if facts is None:
        raise Refused("member-unknown", N_("There is no such member."), status=404)
    return facts


def refuse_who_cannot(facts: Any) -> None:
    """Refuses who holds another shift at that time, and who lacks the skill that is needed."""
    if facts.overlaps:
        raise Refused("shifts-overlap", N_("%(name)s holds another shift at that time."), name=facts.name)
    if facts.skill is not None and not facts.holds_skill:
        raise Refused(
            "skill-missing",
            N_("This shift needs the skill “%(skill)s”, which is not on %(name)s’s roster entry."),
            skill=facts.skill,
            name=facts.name,
        )


def beyond_limits(shift_id: int, member_id: int, facts: Any, now: datetime) -> Refused | None:
    """The first of the branch's limits that the shift would break, said of them; None where they were waived already."""
    if facts.waived:
        return None
    known = before(shift_id, member_id, now).facts
    tired = broken(known.limits, known.span, known.others, local_zone())
    return of_another(tired, facts.name) if tired else None


def _facts(turn: Turn, member_id: int) -> Executable:
    holds_skill = exists().where(
        MemberSkill.member_id == Member.id,
        MemberSkill.skill_id == turn.skill_id,
        MemberSkill.confirmed_at.is_not(None),
    )
    overlaps = exists().where(
        SignUp.member_id == Member.id,
        SignUp.shift_id != turn.shift_id,
        SignUp.status == SignUpStatus.CONFIRMED,
        SignUp.starts_at < turn.ends_at,
        SignUp.ends_at > turn.starts_at,
    )
    held = (SignUp.member_id == Member.id) & (SignUp.shift_id == turn.shift_id) & SignUp.status.in_(_ACTIVE)
    return (
        select(
            Member.name,
            SignUp.id.label("held_id"),
            SignUp.status,
            SignUp.in_place_of_id,
            SignUp.waived,
            Skill.name.label("skill"),
            holds_skill.correlate(Member).label("holds_skill"),
            overlaps.correlate(Member).label("overlaps"),
        )
        .select_from(Member)
        .outerjoin(SignUp, held)
        .outerjoin(Skill, Skill.id == turn.skill_id)
        .where(Member.id == member_id)
    )
