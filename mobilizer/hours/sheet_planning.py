"""What a sheet of earlier service would enter: pure, from what its rows tell and what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from mobilizer.errors import N_
from mobilizer.hours.overlap_rules import Span, overlap
from mobilizer.hours.sheet import FROM_MINUTE, Read, Told
from mobilizer.intake import Columns, digits
from mobilizer.intake.outcomes import Line, Note, NotTaken, Outcome, Report
from mobilizer.shifts.rules import DAY, Slot, moments


class Person(NamedTuple):
    """`branch_ids`: the home branch and those they were ever attached to."""

    id: int
    name: str
    phone: str
    standing: str
    home_branch_id: int | None
    branch_ids: frozenset[int]


class Organiser(NamedTuple):
    """A branch that service may be entered for."""

    id: int
    name: str
    unit_code: str
    operation_id: int | None


class Spot(NamedTuple):
    """A checkpoint that the branch serves."""

    branch_id: int
    id: int
    name: str
    unit_code: str


class Time(NamedTuple):
    """Time of a member that is counted already, or (`closed` False) by a sign-up once its shift is closed."""

    span: Span
    where: str
    from_sheet: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet is planned against. `chosen`: the branch that all of it is for, None where each row names its own.

    `times` of each member; `entered`: the references in the ledger, and whether their entry still stands. `own_id`: whoever
    enters it, None for the command line.
    """

    people: Sequence[Person]
    branches: Sequence[Organiser]
    chosen: int | None
    spots: Sequence[Spot]
    times: Mapping[int, Sequence[Time]]
    entered: Mapping[str, bool]
    zone: tzinfo
    own_id: int | None = None


class Earlier(NamedTuple):
    """A service to enter, with who served as they are on the roster now."""

    reference: str
    person: Person
    branch: Organiser
    spot: Spot | None
    told: Told
    span: Span
    hour: int


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """The report, and what its new rows would enter."""

    report: Report
    services: list[Earlier]


def reference(stem: str, number: int) -> str:
    """Which file and row an entry rests on: at most 120 signs with a stem of up to 100."""
    return f"{stem} · {number}"


def plan(columns: Columns, rows: Sequence[Read], stem: str, known: Known) -> SheetPlan:
    """Each row is a new service, one that is counted already, or refused at the column that is at fault."""
    planning = _Planning(columns, known)
    lines: list[Line] = []
    services: list[Earlier] = []
    for row, about, told in rows:
        if isinstance(told, Note):
            lines.append(Line(row, Outcome.REFUSED, about, told))
            continue
        key = reference(stem, row.number)
        if (stands := known.entered.get(key)) is not None:
            lines.append(Line(row, Outcome.UNCHANGED, about, warnings=() if stands else (_TAKEN_BACK,)))
            continue
        try:
            service = planning.service(replace(told, warnings=list(told.warnings)), key, row.number)
        except NotTaken as fault:
            lines.append(Line(row, Outcome.REFUSED, about, fault.note))
            continue
        if service is None:
            lines.append(Line(row, Outcome.UNCHANGED, about))
        else:
            services.append(service)
            lines.append(Line(row, Outcome.CREATED, about, warnings=tuple(service.told.warnings)))
    return SheetPlan(Report(columns, lines), services)


_TAKEN_BACK = Note("", N_("It was entered from this file before, and taken back since. It stays so."))


class _Planning:
    """One sheet, row by row; what earlier rows enter is counted for the later ones."""

    def __init__(self, columns: Columns, known: Known) -> None:
        self.columns = columns
        self.known = known
        self.by_phone = {person.phone: person for person in known.people}
        self.by_name: dict[str, list[Person]] = {}
        for person in known.people:
            self.by_name.setdefault(_squeezed(person.name), []).append(person)
        self.branches: dict[str, list[Organiser]] = {}
        for branch in known.branches:
            self.branches.setdefault(_squeezed(branch.name), []).append(branch)
        self.by_id = {branch.id: branch for branch in known.branches}
        self.spots: dict[tuple[int, str], list[Spot]] = {}
        for spot in known.spots:
            self.spots.setdefault((spot.branch_id, _squeezed(spot.name)), []).append(spot)
        self.of_file: dict[int, list[tuple[int, Told, Span]]] = {}

    def service(self, told: Told, key: str, number: int) -> Earlier | None:
        """What the row enters; None when just that is counted already."""
        branch = self._branch(told)
        person = self._person(told, branch)
        if person.id == self.known.own_id:
            raise self._fault(
                "name",
                N_("This is your own service. Claim it under “My service”, or let somebody else enter it."),
            )
        span = self._span(told, person, number)
        if span is None:
            return None
        spot = self._spot(told, branch)
        self.of_file.setdefault(person.id, []).append((number, told, span))
        return Earlier(key, person, branch, spot, told, span, span.starts_at.astimezone(self.known.zone).hour)

    def _fault(self, field: str, message: str, **values: object) -> NotTaken:
        heading = self.columns.heading(field) if field in self.columns.index else ""
        return NotTaken(heading, message, **values)

    # --- for whom, and who -----------------------------------------------------------------------------

    def _branch(self, told: Told) -> Organiser:
        if self.known.chosen is not None:
            return self.by_id[self.known.chosen]
        if not told.branch:
            raise self._fault("branch", N_("The branch is missing."))
        found = self.branches.get(_squeezed(told.branch), ())
        if len(found) == 1:
            return found[0]
        if found:
            raise self._fault("branch", N_("Several branches here have this name: enter them one by one."))
        raise self._fault("branch", N_("There is no branch “%(name)s” here."), name=told.branch[:40])

    def _person(self, told: Told, branch: Organiser) -> Person:
        """By phone number; the name beside it must be the same. By the name alone, or the number alone, only people of
        the branches that this is for: nobody finds out here who has which number."""
        if not told.phone:
            return self._named(told, branch)
        person = self.by_phone.get(told.phone)
        if person is None or (not told.name and not self._near(person)):
            raise self._fault("phone", N_("Nobody with this number is on a roster here."))
        if told.name and _squeezed(told.name) != _squeezed(person.name):
            raise self._fault("name", N_("This number is not of somebody with this name."))
        return person

    def _near(self, person: Person) -> bool:
        return not person.branch_ids.isdisjoint(self.by_id)

    def _named(self, told: Told, branch: Organiser) -> Person:
        found = [each for each in self.by_name.get(_squeezed(told.name), ()) if branch.id in each.branch_ids]
        if len(found) == 1:
            return found[0]
        if found:
            raise self._fault(
                "name", N_("Several people of the branch have this name: give the phone number.")
            )
        raise self._fault(
            "name",
            N_("Nobody of “%(branch)s” has this name. For others give the phone number too."),
            branch=branch.name,
        )

    # --- when ------------------------------------------------------------------------------------------

    def _span(self, told: Told, person: Person, number: int) -> Span | None:
        """The time to count, or None when it is counted already. Refused where it would count a minute twice."""
        times = self.known.times.get(person.id, ())
        before = self.of_file.get(person.id, ())
        if not told.timed:
            return self._somewhere(told, times, before)
        for other, _told, span in before:
            if span == told.span:
                return None
            if overlap(told.span, span):
                raise self._fault("start", N_("Row %(row)s counts part of this time already."), row=other)
        for time in times:
            if time.closed and time.span == told.span:
                return None
            if overlap(told.span, time.span):
                raise self._counted(time)
        return told.span

    def _somewhere(
        self, told: Told, times: Sequence[Time], before: Sequence[tuple[int, Told, Span]]
    ) -> Span | None:
        """Only its length is known. With other service on that day nobody can tell whether it is the same, unless it
        came from a sheet and is as long; two such rows of one sheet are two services where they tell of two."""
        whole = Span(*moments(told.day, Slot(0, DAY), self.known.zone))
        there = [time for time in times if overlap(whole, time.span)]
        if any(time.from_sheet and time.span.minutes == told.span.minutes for time in there):
            return None
        if there:
            raise self._counted(there[0])
        at = FROM_MINUTE
        for other, said, span in before:
            if said.day != told.day:
                continue
            if said.timed:
                raise self._fault(
                    "duration", N_("Row %(row)s tells of the same day. Give both their times."), row=other
                )
            if (said.minutes, said.category, said.checkpoint, said.note) == (
                told.minutes,
                told.category,
                told.checkpoint,
                told.note,
            ):
                return None
            at += span.minutes
        if at + told.span.minutes > DAY:
            raise self._fault("duration", N_("With the rows before, that is more than the day has hours."))
        words = N_("Only its length is said: it is put from %(time)s on.")
        told.warnings.append(Note("", words, {"time": f"{at // 60:02d}:{at % 60:02d}"}))
        return Span(*moments(told.day, Slot(at, at + told.span.minutes), self.known.zone))

    def _counted(self, time: Time) -> NotTaken:
        start, end = (each.astimezone(self.known.zone) for each in time.span)
        values = {"when": f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}", "where": time.where}
        if not time.closed:
            return self._fault(
                "start",
                N_("Signed up at that time, %(when)s, %(where)s: that is counted when the shift is closed."),
                **values,
            )
        return self._fault(
            "start",
            N_("Part of this time, or of this day, is counted already: %(when)s, %(where)s."),
            **values,
        )

    # --- where -----------------------------------------------------------------------------------------

    def _spot(self, told: Told, branch: Organiser) -> Spot | None:
        """The checkpoint of the branch that has this name; other words are kept with the note."""
        if not told.checkpoint:
            return None
        found = self.spots.get((branch.id, _squeezed(told.checkpoint)), ())
        if len(found) == 1:
            return found[0]
        told.note = " · ".join(filter(None, (told.checkpoint, told.note)))[:500]
        heading = self.columns.heading("checkpoint")
        words = N_("The branch serves no one checkpoint “%(name)s”: the words are kept.")
        told.warnings.append(Note(heading, words, {"name": told.checkpoint[:40]}))
        return None


def _squeezed(name: str) -> str:
    return "".join(digits(name).casefold().split())


def bounds(rows: Sequence[Read]) -> tuple[datetime, datetime] | None:
    """[from, until) of all that the rows tell of, a day wider on both sides; None where they tell of nothing."""
    spans = [told.span for _row, _about, told in rows if isinstance(told, Told)]
    if not spans:
        return None
    a_day = timedelta(days=1)
    return min(span.starts_at for span in spans) - a_day, max(span.ends_at for span in spans) + a_day
