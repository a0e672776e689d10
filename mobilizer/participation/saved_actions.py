"""Keeping a question under a name, renaming and deleting it. What is kept are words of an address, never figures."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from mobilizer import journal
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import SavedReport
from mobilizer.policy import Actor

LONGEST = 2000
"""Signs of a question: as many as its column holds."""
MOST = 100
"""Reports of one person: a list that is longer nobody finds anything in."""


def save(name: str, question: str, unit_code: str, *, by: Actor, now: datetime) -> int:
    """Keep the question of this unit; answers its number. Refuses a name that the person has given already, more
    than MOST, and a question that no page of ours has made."""
    if by.member_id is None:
        raise ValueError("a saved report belongs to a member")
    if len(question) > LONGEST:
        raise Refused(
            "question-too-long",
            N_("This question is too long to be kept. Please choose it anew."),
            status=422,
        )
    mine = SavedReport.member_id == by.member_id
    if (db.session.scalar(select(func.count()).select_from(SavedReport).where(mine)) or 0) >= MOST:
        raise Refused(
            "reports-too-many",
            N_("You have %(most)s saved reports. Please delete one that nobody needs."),
            field="name",
            most=MOST,
        )
    _check_free(name, by.member_id)
    made = insert(table_of(SavedReport)).returning(SavedReport.id)
    values = {"name": name, "question": question, "unit_code": unit_code}
    report_id: int = db.session.scalars(made, values | {"member_id": by.member_id, "saved_at": now}).one()
    journal.write("report.saved", report_id, by=by, now=now, unit_code=unit_code, name=name)
    return report_id


def rename(report_id: int, name: str, *, by: Actor, now: datetime) -> None:
    """Refuses a name that its owner has given another already."""
    kept = _kept(report_id)
    if kept.name == name:
        return
    _check_free(name, kept.member_id)
    db.session.execute(update(table_of(SavedReport)).where(SavedReport.id == report_id).values(name=name))
    journal.write(
        "report.renamed", report_id, by=by, now=now, unit_code=kept.unit_code, name=name, before=kept.name
    )


def remove(report_id: int, *, by: Actor, now: datetime) -> str:
    """Answers the name that it had."""
    kept = _kept(report_id)
    db.session.execute(delete(table_of(SavedReport)).where(SavedReport.id == report_id))
    journal.write("report.deleted", report_id, by=by, now=now, unit_code=kept.unit_code, name=kept.name)
    return str(kept.name)


def _kept(report_id: int) -> SavedReport:
    found = db.session.get(SavedReport, report_id, populate_existing=True)
    if found is None:
        raise Refused("report-gone", N_("This report has been deleted meanwhile."))
    return found


def _check_free(name: str, member_id: int) -> None:
    taken = select(SavedReport.id).where(SavedReport.member_id == member_id, SavedReport.name == name)
    if db.session.scalar(taken) is not None:
        raise Refused(
            "report-name-taken",
            N_("You have a report of this name already. Please choose another."),
            status=422,
            field="name",
        )
