"""Writing to and reading the journal. Leftmost in the house: every action may write, and knows nothing else of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from mobilizer.errors import N_
from mobilizer.extensions import run, table_of
from mobilizer.model import JournalEntry, Member
from mobilizer.policy import Actor

KINDS: dict[str, str] = {
    "import.confirmed": N_("File imported"),
    "member.added": N_("Member added"),
    "member.skill-claimed": N_("Skill claimed"),
    "member.skill-confirmed": N_("Skill confirmed"),
    "member.skill-removed": N_("Skill removed"),
    "member.links-made": N_("One-time links made"),
    "member.links-revoked": N_("One-time links ended"),
    "member.activated": N_("Password set with a one-time link"),
    "member.password-set": N_("Password set"),
    "member.calendar-made": N_("Calendar address made"),
    "member.calendar-removed": N_("Calendar address removed"),
    "member.passkey-added": N_("Passkey added"),
    "member.passkey-removed": N_("Passkey removed"),
    "member.identity-linked": N_("Linked to the identity provider"),
    "member.appointed": N_("Appointed"),
    "member.appointment-ended": N_("Appointment ended"),
    "operation.started": N_("Operation started"),
    "operation.ended": N_("Operation ended"),
    "branch.stood-up": N_("Action branch stood up"),
    "branch.proposed": N_("Temporary branch proposed"),
    "branch.approved": N_("Temporary branch approved"),
    "branch.declined": N_("Temporary branch not approved"),
    "branch.ended": N_("Branch ended"),
    "branch.attached": N_("Members attached"),
    "branch.detached": N_("Attachment ended"),
    "branch.people-came-home": N_("Told of its people who were away"),
    "branch.people-exported": N_("Report on its people who were away exported"),
    "branch.limits-set": N_("Limits set"),
    "branch.ways-set": N_("Ways of checking in set"),
    "branch.poster-made": N_("Poster made"),
    "branch.checkpoint-added": N_("Checkpoint added"),
    "branch.checkpoint-changed": N_("Checkpoint changed"),
    "call.drafted": N_("Call drafted"),
    "call.edited": N_("Call changed"),
    "call.shifts-laid-out": N_("Shifts laid out"),
    "call.lay-out-undone": N_("Lay-out taken back"),
    "call.published": N_("Call published"),
    "call.closed": N_("Call closed"),
    "shift.cancelled": N_("Shift cancelled"),
    "shift.capacity-raised": N_("Seats added"),
    "shift.capacity-lowered": N_("Seats reduced"),
    "shift.least-set": N_("Least number changed"),
    "shift.moved": N_("Shift moved"),
    "shift.sign-up-closed": N_("Sign-up for a shift closed"),
    "shift.closed": N_("Shift closed"),
    "shift.people-served": N_("People served noted"),
    "sign-up.confirmed": N_("Sign-up confirmed"),
    "sign-up.given-back": N_("Given back"),
    "sign-up.disowned": N_("Given back: taken by somebody else in their name"),
    "sign-up.waitlisted": N_("Joined the waiting list"),
    "sign-up.left-line": N_("Left the waiting list"),
    "sign-up.asked-up": N_("Asked from the waiting list"),
    "sign-up.passed-over": N_("Passed over on the waiting list"),
    "sign-up.expired": N_("Did not answer in time"),
    "sign-up.offered": N_("Offered a seat"),
    "sign-up.accepted": N_("Said yes"),
    "sign-up.declined": N_("Said no"),
    "sign-up.hand-over-asked": N_("Asked somebody to take over"),
    "sign-up.hand-over-taken-back": N_("Took back asking somebody to take over"),
    "sign-up.cannot-come": N_("Told the branch: cannot come"),
    "sign-up.can-come": N_("Told the branch: can come after all"),
    "sign-up.together": N_("Signed up together"),
    "sign-up.withdrawn": N_("Taken off by the branch"),
    "sign-up.walked-in": N_("Walked in"),
    "pass.started": N_("Entered by the link"),
    "pass.verified": N_("Confirmed that it is them"),
    "pass.disowned": N_("Said that it was not them"),
    "newcomer.accepted": N_("Said yes to a newcomer"),
    "newcomer.declined": N_("Said no to a newcomer"),
    "chain.entered": N_("Chat chain entered"),
    "attendance.checked-in": N_("Checked in"),
    "attendance.checked-out": N_("Checked out"),
    "attendance.absent": N_("Marked absent"),
    "attendance.taken-over": N_("Took over inside the shift"),
    "attendance.cleared": N_("Attendance undone"),
    "attendance.all-present": N_("All marked present"),
    "attendance.rest-absent": N_("The rest marked absent"),
    "service-claim.entered": N_("Service entered by hand"),
    "service-claim.made": N_("Said that a service was not counted"),
    "service-claim.accepted": N_("Said yes to a service"),
    "service-claim.declined": N_("Said no to a service"),
    "service-claim.withdrawn": N_("Took back that a service was not counted"),
    "service-record.reversed": N_("Service record reversed"),
    "service-record.written-again": N_("Service record written again"),
    "service-record.from-sheet": N_("Earlier service entered from a sheet"),
    "service-record.verified": N_("Service records verified"),
    "service-record.questioned": N_("Service record questioned"),
    "privacy.cleared": N_("What was over cleared away"),
    "privacy.copied": N_("A copy of everything about oneself taken"),
    "correction.asked": N_("Said that something is wrong"),
    "correction.answered": N_("Answered what was said to be wrong"),
    "playbook.kept": N_("Playbook kept"),
    "playbook.renamed": N_("Playbook renamed"),
    "playbook.retired": N_("Playbook retired"),
    "playbook.used": N_("Stood up from a playbook"),
    "job.asked": N_("File asked for"),
    "participation.exported": N_("Participation exported"),
    "certificate.issued": N_("Certificate issued"),
    "certificate.revoked": N_("Certificate revoked"),
    "report.saved": N_("Report saved"),
    "report.renamed": N_("Report renamed"),
    "report.deleted": N_("Report deleted"),
}

_WRITE = insert(table_of(JournalEntry))


def write(
    kind: str,
    subject: object,
    *,
    by: Actor,
    now: datetime,
    unit_code: str | None = None,
    branch_id: int | None = None,
    **details: Any,
) -> None:
    """One entry in the action's own transaction. `kind` must be declared; `details` are plain JSON, no phone numbers."""
    run(_WRITE, entry(kind, subject, by, now, unit_code, branch_id, details))


def entry(
    kind: str,
    subject: object,
    by: Actor,
    now: datetime,
    unit_code: str | None,
    branch_id: int | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    """The row itself, for actions that write many at once."""
    if kind not in KINDS:
        raise ValueError(f"undeclared kind of journal entry: {kind}")
    return {
        "at": now,
        "kind": kind,
        "subject": str(subject),
        "actor_id": by.member_id,
        "appointment_id": by.appointment_id,
        "unit_code": unit_code,
        "branch_id": branch_id,
        "details": details | {"unverified": True} if by.unverified else details,
    }


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    kind: str
    subject: str
    actor: str | None
    details: dict[str, Any]

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def of_branch(branch_id: int, *, limit: int) -> list[Line]:
    """The branch's latest entries, newest first."""
    rows = run(
        select(JournalEntry.at, JournalEntry.kind, JournalEntry.subject, Member.name, JournalEntry.details)
        .outerjoin(Member, Member.id == JournalEntry.actor_id)
        .where(JournalEntry.branch_id == branch_id)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    return [Line(*row) for row in rows]
