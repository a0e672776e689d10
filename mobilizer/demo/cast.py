"""Who plays which part in the demo: the members by village, and those with an appointment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import insert, select, update

from mobilizer.accounts import actions as accounts
from mobilizer.accounts.queries import DEMO_PASSWORD_HASH
from mobilizer.demo.people import FIRST_PHONE
from mobilizer.extensions import db
from mobilizer.model import Appointment, Branch, InstallationFact, Member
from mobilizer.policy import COMMAND_LINE, Actor, covers
from mobilizer.terms import Role


class Pool:
    """The full members of each village who have no part yet."""

    def __init__(self) -> None:
        self._free: dict[str, list[int]] = defaultdict(list)
        rows = db.session.execute(
            select(Member.id, Branch.unit_code)
            .join(Branch, Branch.id == Member.home_branch_id)
            .where(Member.standing == "full", Member.phone.between(f"+86{FIRST_PHONE}", "+8619899999999"))
            .order_by(Member.id.desc())
        )
        for member_id, unit_code in rows:
            self._free[unit_code].append(member_id)

    def take(self, unit_code: str, count: int) -> list[int]:
        """So many people of the unit's villages, each given a part once."""
        taken: list[int] = []
        for code in sorted(code for code in self._free if covers(unit_code, code)):
            while self._free[code] and len(taken) < count:
                taken.append(self._free[code].pop())
        if len(taken) < count:
            raise RuntimeError(f"the demo has too few full members in {unit_code}")
        return taken


def give_passwords(password_hash: str) -> None:
    """The one demo password for every demo member, remembered as such, so that it is never served to the world."""
    db.session.execute(
        update(Member)
        .where(Member.phone.between(f"+86{FIRST_PHONE}", "+8619899999999"))
        .values(password_hash=password_hash)
    )
    db.session.execute(insert(InstallationFact).values(name=DEMO_PASSWORD_HASH, value=password_hash))


def appoint(member_id: int, role: Role, now: datetime, unit_code: str | None = None) -> Actor:
    """Appoint and answer as whom this member then acts."""
    appointment_id = accounts.appoint(member_id, role, unit_code=unit_code, by=COMMAND_LINE, now=now)
    return Actor(member_id, appointment_id)


class Played(Protocol):
    """A demo that was loaded: whom it is shown with, and where they belong."""

    parts: list[tuple[Actor, str]]


@dataclass(frozen=True, slots=True)
class LogInLine:
    """For the list that is printed: a part, who plays it, and the phone to log in with."""

    role: str | None
    place: str
    name: str
    phone: str


def log_in_lines(parts: list[tuple[Actor, str]]) -> list[LogInLine]:
    """One for each part; somebody without an appointment is a member."""
    lines = []
    for actor, place in parts:
        row = db.session.execute(select(Member.name, Member.phone).where(Member.id == actor.member_id)).one()
        role = db.session.scalar(
            select(Appointment.role).where(Appointment.member_id == actor.member_id).order_by(Appointment.id)
        )
        lines.append(LogInLine(role, place, row.name, row.phone.removeprefix("+86")))
    return lines
