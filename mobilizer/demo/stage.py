"""A demo is a row of stages, each one transaction; and the import of a made-up file, as anybody's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from mobilizer import intake
from mobilizer.members import actions as members
from mobilizer.members import roster
from mobilizer.policy import COMMAND_LINE
from mobilizer.units import actions as units
from mobilizer.units import planning


@dataclass(frozen=True, slots=True)
class Stage:
    """`weight`: its share of the progress bar."""

    weight: int
    act: Callable[[], None]


def bring_in(noun: Literal["units", "roster"], file: bytes, now: datetime, tz: tzinfo) -> None:
    """Import the file whole; the demo's own files have no row to refuse."""
    sheet = intake.read(file, f"{noun}.csv")
    if noun == "units":
        report = units.import_units(planning.read_rows(sheet), by=COMMAND_LINE, now=now)
    else:
        today = now.astimezone(tz).date()
        report = members.import_roster(roster.read_rows(sheet), today=today, by=COMMAND_LINE, now=now)
    refused = [line for line in report.lines if line.reason]
    if refused:
        raise RuntimeError(f"the demo's own {noun} are refused: {refused[0]}")
