"""What can be imported, and how: units and rosters behind one shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mobilizer.intake import Field, Sheet
from mobilizer.intake.outcomes import Report
from mobilizer.members import actions as members
from mobilizer.members import columns as roster_columns
from mobilizer.members import queries as member_queries
from mobilizer.members import roster
from mobilizer.policy import Actor, Permission
from mobilizer.units import actions as units
from mobilizer.units import columns as unit_columns
from mobilizer.units import planning
from mobilizer.units import queries as unit_queries


@dataclass(frozen=True, slots=True)
class Noun:
    """`read` makes rows of a sheet and a mapping, `planned` says what they would do, `take` does it.

    The second argument of both is the file's own unit, the third the local day.
    """

    permission: Permission
    fields: tuple[Field, ...]
    has_own_unit: bool
    read: Callable[[Sheet, Mapping[str, str]], Any]
    planned: Callable[[Any, str | None, date], Report]
    take: Callable[[Any, str | None, date, Actor, datetime], Report]


NOUNS = {
    "roster": Noun(
        Permission.ROSTER_IMPORT,
        roster_columns.FIELDS,
        True,
        roster.read_rows,
        lambda rows, unit_code, today: member_queries.planned_import(rows, unit_code, today).report,
        lambda rows, unit_code, today, by, now: members.import_roster(
            rows, unit_code=unit_code, today=today, by=by, now=now
        ),
    ),
    "units": Noun(
        Permission.UNIT_IMPORT,
        unit_columns.FIELDS,
        False,
        planning.read_rows,
        lambda rows, _unit_code, _today: unit_queries.planned_import(rows).report,
        lambda rows, _unit_code, _today, by, now: units.import_units(rows, by=by, now=now),
    ),
}
