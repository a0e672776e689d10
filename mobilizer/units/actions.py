"""Bringing in units."""

from datetime import datetime

from sqlalchemy import insert, update

from mobilizer import journal
from mobilizer.extensions import db
from mobilizer.intake.outcomes import Report
from mobilizer.model import Unit
from mobilizer.policy import Actor
from mobilizer.units import queries
from mobilizer.units.planning import UnitRows


def import_units(units: UnitRows, *, by: Actor, now: datetime) -> Report:
    """Insert and rename what the rows (planning.read_rows) say; the report has every row's outcome.

    Nothing is ever deleted. The same rows once more change nothing.
    """
    plan = queries.planned_import(units)
    if plan.inserts:
        db.session.execute(
            insert(Unit),
            [
                {"code": new.code, "name": new.name, "level": new.level, "parent_code": new.parent_code}
                for new in plan.inserts
            ],
        )
    if plan.renames:
        db.session.execute(
            update(Unit), [{"code": code, "name": name} for code, name in plan.renames.items()]
        )
    if plan.report.changes_anything:
        counts = {str(outcome): count for outcome, count in plan.report.counts().items()}
        journal.write("import.confirmed", "units", by=by, now=now, counts=counts)
    return plan.report
