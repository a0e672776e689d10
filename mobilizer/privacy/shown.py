"""The table of what is kept, and a member's own copy, in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from mobilizer import journal
from mobilizer.errors import N_
from mobilizer.notices import wording
from mobilizer.privacy.copy_queries import Copied
from mobilizer.privacy.rules import KEPT, THEN, Kept
from mobilizer.sheets import Column, Page, Table
from mobilizer.terms import LABELS

YEAR = 365
COLUMNS: dict[str, str] = {
    "name": N_("Name"),
    "phone": N_("Phone number"),
    "standing": N_("Standing"),
    "joined_on": N_("Joined the Party on"),
    "home_branch": N_("Home branch"),
    "unit": N_("Unit"),
    "has_password": N_("Has a password"),
    "added_at": N_("Added on"),
    "skill": N_("Skill"),
    "confirmed_at": N_("Confirmed on"),
    "branch": N_("Branch"),
    "starts_at": N_("Begins on"),
    "ends_at": N_("Ends on"),
    "role": N_("Role"),
    "shift_starts_at": N_("Shift begins"),
    "shift_ends_at": N_("Shift ends"),
    "checkpoint": N_("Checkpoint"),
    "call": N_("Call"),
    "status": N_("What became of it"),
    "source": N_("Rests on"),
    "signed_up_at": N_("Signed up on"),
    "answer_by": N_("Answer by"),
    "given_up_at": N_("Given back on"),
    "cannot_come_at": N_("Said that I cannot come"),
    "cannot_come_why": N_("Why I cannot come"),
    "absent": N_("Absent"),
    "checked_in_at": N_("Checked in at"),
    "checked_out_at": N_("Checked out at"),
    "break_minutes": N_("Minutes of break"),
    "in_way": N_("Check-in is known by"),
    "in_clock": N_("Check-in by the clock of"),
    "in_device_at": N_("Check-in, on the phone's clock"),
    "in_received_at": N_("Check-in received"),
    "out_way": N_("Check-out is known by"),
    "out_clock": N_("Check-out by the clock of"),
    "out_device_at": N_("Check-out, on the phone's clock"),
    "out_received_at": N_("Check-out received"),
    "near": N_("Near the checkpoint"),
    "distance_m": N_("Metres from the checkpoint"),
    "score": N_("How it went (3 well, 1 badly)"),
    "note": N_("Note"),
    "said_at": N_("Said on"),
    "number": N_("Its number"),
    "kind": N_("What kind"),
    "takes_back": N_("Takes back number"),
    "reference": N_("File and row"),
    "day": N_("Day"),
    "minutes": N_("Minutes"),
    "person_times": N_("Person-times"),
    "category": N_("Service category"),
    "reason": N_("Reason"),
    "recorded_at": N_("Recorded on"),
    "verdict": N_("Verification"),
    "verdict_note": N_("Word of the verification"),
    "verified_at": N_("Verified on"),
    "why": N_("Why it was"),
    "made_at": N_("Made on"),
    "decided_at": N_("Decided on"),
    "decision": N_("Decision"),
    "volunteer_number": N_("Volunteer number"),
    "language": N_("Language"),
    "from_day": N_("From day"),
    "to_day": N_("To day"),
    "issued_at": N_("Issued on"),
    "revoked_at": N_("Revoked on"),
    "revoked_because": N_("Revoked because"),
    "asked_at": N_("Asked on"),
    "words": N_("In my words"),
    "answered_at": N_("Answered on"),
    "answer": N_("The answer"),
    "written_at": N_("Written on"),
    "seen_at": N_("Seen on"),
    "details": N_("What it said"),
    "outcome": N_("Outcome"),
    "applied_at": N_("Entered on"),
    "device": N_("Device"),
    "started_at": N_("Began on"),
    "expires_at": N_("Ends on"),
    "kept": N_("Stays on this phone"),
    "strong_at": N_("Second factor shown"),
    "pass_for": N_("Pass for the call"),
    "used_at": N_("Used on"),
    "issuer": N_("Issuer"),
    "subject": N_("Known there as"),
    "uploaded_at": N_("Uploaded on"),
    "file_name": N_("File"),
    "finished_at": N_("Finished on"),
    "saved_at": N_("Saved on"),
    "question": N_("What it asks"),
    "at": N_("When it was"),
    "done_by_me": N_("Done by me"),
    "about_me": N_("About me"),
}
"""What each column of a copy is called, in its workbook."""


# --- the table -----------------------------------------------------------------------------------------


class Line(NamedTuple):
    """One line of the table, in words."""

    what: str
    why: str
    how_long: str
    then: str


def lines() -> list[Line]:
    return [
        Line(str(_(each.what)), str(_(each.why)), how_long(each), str(_(THEN[each.then]))) for each in KEPT
    ]


def how_long(kept: Kept) -> str:
    if kept.period:
        return str(_(kept.how_long, period=period(kept.period)))
    return str(_(kept.how_long))


def period(length: timedelta) -> str:
    if length.days and length.days % YEAR == 0:
        return str(
            ngettext("%(years)s year", "%(years)s years", length.days // YEAR, years=length.days // YEAR)
        )
    if length.days:
        return str(ngettext("%(days)s day", "%(days)s days", length.days, days=length.days))
    minutes = length // timedelta(minutes=1)
    return str(ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes, minutes=minutes))


# --- the copy ------------------------------------------------------------------------------------------


def document(copied: Sequence[Copied], zone: tzinfo, now: datetime) -> dict[str, Any]:
    """As JSON: each section a list of objects, moments in the local zone."""
    told: dict[str, Any] = {"taken_at": _local(now, zone).isoformat()}
    for each in copied:
        told[each.name] = [
            {name: _plain(value, zone) for name, value in zip(each.columns, row, strict=True)}
            for row in _in_words(each, now)
        ]
    return told


def pages(copied: Sequence[Copied], zone: tzinfo, now: datetime) -> dict[str, Page]:
    """As a workbook: a sheet for each section in which there is anything."""
    return {each.name: _page(each, zone, now) for each in copied if each.rows}


def _page(each: Copied, zone: tzinfo, now: datetime) -> Table:
    columns = [Column(name, str(_(COLUMNS[name])), _kind(each, at)) for at, name in enumerate(each.columns)]
    rows = [[_cell(value, zone) for value in row] for row in _in_words(each, now)]
    return Table(str(_(each.heading)), columns, rows)


def _kind(each: Copied, at: int) -> Any:
    values = [row[at] for row in each.rows if row[at] is not None]
    if values and all(isinstance(value, datetime) for value in values):
        return "moment"
    if values and all(isinstance(value, date) and not isinstance(value, datetime) for value in values):
        return "date"
    whole = values and all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return "integer" if whole else "text"


def _cell(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _local(value, zone)
    return str(_(LABELS[value])) if isinstance(value, str) and value in LABELS else value  # type: ignore[index]


def _plain(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return _local(value, zone).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(microsecond=0)


_ANOTHERS_WORDS = ("cannot-come",)
"""Messages whose reason is another's, and perhaps told in confidence."""


def _in_words(each: Copied, now: datetime) -> Iterable[Sequence[Any]]:
    """Messages and the journal as texts. Messages name others: they stay theirs, and are left out."""
    if each.name == "journal":
        return [[at, str(_(journal.KINDS.get(kind, kind))), *rest] for at, kind, *rest in each.rows]
    if each.name == "messages":
        return [
            [written, seen, kind, wording.said(kind, _without_others(kind, details), now)]
            for written, seen, kind, details in each.rows
        ]
    return each.rows


def _without_others(kind: str, details: dict[str, Any]) -> dict[str, Any]:
    hidden = {"name": "…"} if "name" in details else {}
    return details | hidden | ({"why": "…"} if kind in _ANOTHERS_WORDS else {})
