"""What a roster would change: pure, from the rows read and from what is known already."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from mobilizer.errors import N_, Refused
from mobilizer.intake import Row, text
from mobilizer.intake.outcomes import Change, Line, Note, NotTaken, Outcome, Report
from mobilizer.members import rules
from mobilizer.members.roster import Entry, Roster
from mobilizer.policy import covers
from mobilizer.terms import Standing
from mobilizer.units import rules as units
from mobilizer.units.rules import UnitNames


@dataclass(frozen=True, slots=True)
class KnownBranch:
    id: int
    name: str
    unit_code: str
    standing: bool


@dataclass(frozen=True, slots=True)
class KnownMember:
    id: int
    name: str
    home_branch_id: int | None
    standing: str
    joined_on: date | None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up for a roster: all units, the current branches, the members who have one of its phones."""

    units: UnitNames
    branches: list[KnownBranch]
    members: dict[str, KnownMember]
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class Home:
    """A home branch: one that is there (`id`), or one to be created under its unit."""

    unit_code: str
    name: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A member to insert (`member_id` None) or to change. None and () leave what is there."""

    entry: Entry
    home: Home
    skills: tuple[str, ...]
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """`own_unit` is the unit the file was taken to be of, `new_branches` those that its rows need."""

    report: Report
    own_unit: str | None
    new_branches: list[Home]
    writes: list[Write]


def plan(roster: Roster, known: Known, own_unit: str | None, today: date) -> RosterPlan:
    """`own_unit` is the code given with the file; without it, the one known unit that the title lines name.

    Refused (422) when the code given is no unit.
    """
    notes: list[Note] = []
    if own_unit is None:
        own_unit = _named_owner(roster, known.units)
        if own_unit:
            notes.append(
                Note(
                    "",
                    N_("The title of the sheet names %(unit)s: taken as the file's own unit."),
                    {"unit": known.units.names[own_unit]},
                )
            )
    elif own_unit not in known.units.names:
        raise Refused(
            "unit-unknown", N_("There is no unit %(code)s."), status=422, field="unit", code=own_unit
        )
    reading = _Reading(roster, known, own_unit, today)
    lines = [reading.line(row, entry) for row, entry in roster.rows]
    created = [home for home in reading.homes.values() if home.id is None and home in reading.needed]
    if created:
        notes.append(
            Note(
                "", N_("Home branches not known yet, created under their units: %(n)s."), {"n": len(created)}
            )
        )
    return RosterPlan(Report(roster.columns, lines, tuple(notes)), own_unit, created, reading.writes)


def _named_owner(roster: Roster, names: UnitNames) -> str | None:
    named = [found for owner in roster.owners if (found := names.matching(owner))]
    codes = {code for found in named for code in found}
    return codes.pop() if len(codes) == 1 else None


_FORMAL = re.compile(r"^(?:中国共产党|中共)|委员会$")


def branch_key(name: str) -> str:
    """中共华元社区第一党支部委员会 and 华元社区 第一党支部 are one branch."""
    return _FORMAL.sub("", "".join(unicodedata.normalize("NFKC", name).casefold().split()))


@dataclass
class _Reading:
    """One pass over the rows, in order: what earlier rows of the file have said counts for later ones."""

    roster: Roster
    known: Known
    own_unit: str | None
    today: date
    homes: dict[tuple[str, str], Home] = field(default_factory=dict)
    needed: set[Home] = field(default_factory=set)
    writes: list[Write] = field(default_factory=list)
    first: dict[str, tuple[Row, Entry]] = field(default_factory=dict)
    units_written: dict[str, list[str]] = field(default_factory=dict)
    branch_names: dict[int, str] = field(default_factory=dict)
    occupied: set[tuple[str, str]] = field(default_factory=set)
    by_branch_key: dict[str, list[Home]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for branch in self.known.branches:
            key = (branch.unit_code, branch_key(branch.name))
            self.branch_names[branch.id] = branch.name
            if branch.standing:
                self.homes[key] = home = Home(branch.unit_code, branch.name, branch.id)
                self.by_branch_key.setdefault(key[1], []).append(home)
            else:
                self.occupied.add(key)

    def line(self, row: Row, entry: Entry | NotTaken) -> Line:
        if isinstance(entry, NotTaken):
            about = text(self.roster.columns.cell(row, "name"))[: rules.LONGEST_NAME]
            return Line(row, Outcome.REFUSED, about, entry.note)
        try:
            return self._taken(row, entry)
        except NotTaken as fault:
            return Line(row, Outcome.REFUSED, entry.name, fault.note, entry.warnings)

    def _taken(self, row: Row, entry: Entry) -> Line:
        if repeat := self._repeat(row, entry):
            return repeat
        member = self.known.members.get(entry.phone)
        if member is not None and not rules.same_name(member.name, entry.name):
            raise self._not("phone", N_("This number belongs to somebody of another name already."))
        home = self._home(entry)
        skills = self._skills(entry)
        warnings = (*entry.warnings, *self._doubts(entry, skills, member))
        skills = tuple(skill for skill in skills if len(skill) <= rules.LONGEST_SKILL)
        self.first[entry.phone] = (row, entry)
        if entry.joined_on and entry.joined_on > self.today:
            entry = replace(entry, joined_on=None)
        self.needed.add(home)
        if member is None:
            self.writes.append(Write(entry, home, skills))
            return Line(row, Outcome.CREATED, entry.name, None, warnings)
        changes = self._changes(entry, home, skills, member)
        if changes:
            self.writes.append(Write(entry, home, skills, member.id))
        outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        return Line(row, outcome, entry.name, None, warnings, changes)

    def _repeat(self, row: Row, entry: Entry) -> Line | None:
        """The same person a second time: nothing more to do; but not with somebody else's name, or other details."""
        if entry.phone not in self.first:
            return None
        before, same = self.first[entry.phone]
        if not rules.same_name(same.name, entry.name):
            raise self._not(
                "phone", N_("Row %(row)s has this number already, under another name."), row=before.number
            )
        if any(there and there != told for told, there in zip(same.says(), entry.says(), strict=True)):
            raise self._not(
                "name", N_("Row %(row)s has this person already, with other details."), row=before.number
            )
        return Line(row, Outcome.UNCHANGED, entry.name, None, entry.warnings)

    def _not(self, column: str, message: str, **values: object) -> NotTaken:
        columns = self.roster.columns
        return NotTaken(columns.heading(column) if column in columns.index else "", message, **values)

    # --- where the row is at home

    def _home(self, entry: Entry) -> Home:
        if not entry.branch and "branch" in self.roster.columns.index:
            raise self._not("branch", N_("The home branch is missing."))
        unit_code = self._unit(entry)
        name = entry.branch or self._default_branch(unit_code)
        key = (unit_code, branch_key(name))
        if key in self.occupied:
            raise self._not(
                "branch", N_("An action or temporary branch has this name, and is nobody's home.")
            )
        return self.homes.setdefault(key, Home(unit_code, name))

    def _default_branch(self, unit_code: str) -> str:
        """A sheet without a branch column: the unit's own branch."""
        name = self.known.units.names[unit_code]
        return f"{units.name_key(name) if not name.isascii() else name}党支部"

    def _unit(self, entry: Entry) -> str:
        if entry.unit_code:
            return self._unit_by_code(entry.unit_code)
        if entry.unit:
            return self._unit_by_name(entry.unit)
        return self._unit_by_branch(entry.branch)

    def _unit_by_code(self, written: str) -> str:
        try:
            code = units.code(written)
        except Refused as refusal:
            raise self._not("unit_code", refusal.message, **refusal.values) from refusal
        if code not in self.known.units.names:
            raise self._not("unit_code", N_("There is no unit %(code)s."), code=code)
        self._hold_within([code], "unit_code")
        return code

    def _unit_by_name(self, written: str) -> str:
        if written not in self.units_written:
            self.units_written[written] = self.known.units.matching(written)
        found = self.units_written[written]
        if not found:
            raise self._not("unit", N_("There is no unit “%(name)s”."), name=written[:40])
        within = self._hold_within(found, "unit")
        if len(within) > 1:
            message = (
                N_("“%(name)s” fits %(n)s units. Give the file's own unit with it.")
                if self.own_unit is None
                else N_("“%(name)s” fits %(n)s units. Give the unit's code, or the unit above with the name.")
            )
            raise self._not("unit", message, name=written[:40], n=len(within))
        return within[0]

    def _hold_within(self, codes: list[str], column: str) -> list[str]:
        """Those within the file's own unit; not taken if there are none."""
        if self.own_unit is None:
            return codes
        within = [code for code in codes if covers(self.own_unit, code)]
        if not within:
            raise self._not(
                column,
                N_("This unit lies outside the file's own, %(unit)s."),
                unit=self.known.units.names[self.own_unit],
            )
        return within

    def _unit_by_branch(self, branch: str) -> str:
        """No unit in the row: the branch's that has this name, else the file's own, else the one its name begins with."""
        found = [
            home
            for home in self.by_branch_key.get(branch_key(branch), [])
            if self.own_unit is None or covers(self.own_unit, home.unit_code)
        ]
        if branch and len(found) == 1:
            return found[0].unit_code
        if "unit" in self.roster.columns.index or "unit_code" in self.roster.columns.index:
            column = "unit" if "unit" in self.roster.columns.index else "unit_code"
            raise self._not(column, N_("The unit is missing."))
        if self.own_unit is not None:
            return self.own_unit
        named = self.known.units.beginning(branch) if branch else []
        if len(named) == 1:
            return named[0]
        raise self._not(
            "branch", N_("The file does not say which unit this is in. Give the file's own unit with it.")
        )

    # --- what the row says of the person

    def _skills(self, entry: Entry) -> tuple[str, ...]:
        return rules.skills(entry.skills, self.roster.separators, self.known.skills) if entry.skills else ()

    def _doubts(self, entry: Entry, skills: Iterable[str], member: KnownMember | None) -> list[Note]:
        columns = self.roster.columns
        doubts = []
        if entry.joined_on and entry.joined_on > self.today:
            doubts.append(
                Note(
                    columns.heading("joined_on"),
                    N_("The date %(date)s is still to come. The row is taken without it."),
                    {"date": entry.joined_on.isoformat()},
                )
            )
        if entry.standing is None and member is None and "standing" in columns.index:
            doubts.append(
                Note(columns.heading("standing"), N_("The standing is missing. Taken as a full member."))
            )
        if any(len(skill) > rules.LONGEST_SKILL for skill in skills):
            doubts.append(
                Note(
                    columns.heading("skills"),
                    N_("A skill has at most %(max)s characters. The row is taken without it."),
                    {"max": rules.LONGEST_SKILL},
                )
            )
        return doubts

    def _changes(
        self, entry: Entry, home: Home, skills: tuple[str, ...], member: KnownMember
    ) -> tuple[Change, ...]:
        changes = []
        if home.id is None or home.id != member.home_branch_id:
            before = self.branch_names.get(member.home_branch_id or 0, "")
            changes.append(Change("branch", before, home.name))
        if entry.standing is not None and entry.standing != member.standing:
            changes.append(Change("standing", Standing(member.standing), entry.standing))
        if entry.joined_on is not None and entry.joined_on != member.joined_on:
            before = member.joined_on.isoformat() if member.joined_on else ""
            changes.append(Change("joined_on", before, entry.joined_on.isoformat()))
        if skills and set(skills) != member.skills:
            changes.append(Change("skills", "、".join(sorted(member.skills)), "、".join(skills)))
        return tuple(changes)
