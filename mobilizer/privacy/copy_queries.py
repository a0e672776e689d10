"""A member's own copy of everything about them: one section for each thing that is kept, no other people, no secrets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Label, Select, String, cast, or_, select
from sqlalchemy.orm import aliased

from mobilizer.errors import N_
from mobilizer.extensions import db
from mobilizer.model import (
    Activation,
    Appointment,
    Attachment,
    Attendance,
    Branch,
    CalendarFeed,
    Call,
    Certificate,
    ChainLine,
    Checkpoint,
    CorrectionRequest,
    Feedback,
    Identity,
    ImportFile,
    Job,
    JournalEntry,
    LogIn,
    Member,
    MemberSkill,
    Newcomer,
    Notice,
    Passkey,
    SavedReport,
    ServiceClaim,
    ServiceRecord,
    Shift,
    SignUp,
    Skill,
    Unit,
    Verification,
)


@dataclass(frozen=True, slots=True)
class Section:
    """`covers`: the columns (table.column) by which the rows are the member's. The statement's columns carry the names
    under which they are copied."""

    name: str
    heading: str
    covers: tuple[str, ...]
    rows: Callable[[int], Select[Any]]


def _named(**columns: Any) -> list[Label[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _person(member_id: int) -> Select[Any]:
    return (
        select(
            *_named(
                name=Member.name,
                phone=Member.phone,
                standing=Member.standing,
                joined_on=Member.joined_on,
                home_branch=Branch.name,
                unit=Unit.name,
                has_password=Member.password_hash.is_not(None),
                added_at=Member.added_at,
            )
        )
        .outerjoin(Branch, Branch.id == Member.home_branch_id)
        .outerjoin(Unit, Unit.code == Branch.unit_code)
        .where(Member.id == member_id)
    )


def _skills(member_id: int) -> Select[Any]:
    return (
        select(*_named(skill=Skill.name, confirmed_at=MemberSkill.confirmed_at))
        .join(Skill, Skill.id == MemberSkill.skill_id)
        .where(MemberSkill.member_id == member_id)
        .order_by(MemberSkill.id)
    )


def _attachments(member_id: int) -> Select[Any]:
    return (
        select(*_named(branch=Branch.name, starts_at=Attachment.starts_at, ends_at=Attachment.ends_at))
        .join(Branch, Branch.id == Attachment.branch_id)
        .where(Attachment.member_id == member_id)
        .order_by(Attachment.id)
    )


def _appointments(member_id: int) -> Select[Any]:
    return (
        select(
            *_named(
                role=Appointment.role,
                unit=Unit.name,
                branch=Branch.name,
                starts_at=Appointment.starts_at,
                ends_at=Appointment.ends_at,
            )
        )
        .outerjoin(Unit, Unit.code == Appointment.unit_code)
        .outerjoin(Branch, Branch.id == Appointment.branch_id)
        .where(Appointment.member_id == member_id)
        .order_by(Appointment.id)
    )


_SHIFT = {
    "shift_starts_at": SignUp.starts_at,
    "shift_ends_at": SignUp.ends_at,
    "checkpoint": Checkpoint.name,
    "call": Call.title,
}


def _of_sign_ups(member_id: int, **columns: Any) -> Select[Any]:
    return (
        select(*_named(**_SHIFT, **columns))
        .select_from(SignUp)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
        .join(Call, Call.id == Shift.call_id)
        .where(SignUp.member_id == member_id)
        .order_by(SignUp.starts_at, SignUp.id)
    )


def _sign_ups(member_id: int) -> Select[Any]:
    return _of_sign_ups(
        member_id,
        status=SignUp.status,
        source=SignUp.source,
        signed_up_at=SignUp.signed_up_at,
        answer_by=SignUp.answer_by,
        given_up_at=SignUp.given_up_at,
        cannot_come_at=SignUp.cannot_come_at,
        cannot_come_why=SignUp.cannot_come_why,
    )


def _attendance(member_id: int) -> Select[Any]:
    names = (
        "absent",
        "checked_in_at",
        "checked_out_at",
        "break_minutes",
        "in_way",
        "in_clock",
        "in_device_at",
        "in_received_at",
        "out_way",
        "out_clock",
        "out_device_at",
        "out_received_at",
        "near",
        "distance_m",
    )
    columns = {name: getattr(Attendance, name) for name in names}
    return _of_sign_ups(member_id, **columns).join(Attendance, Attendance.sign_up_id == SignUp.id)


def _feedback(member_id: int) -> Select[Any]:
    columns = {"score": Feedback.score, "note": Feedback.note, "said_at": Feedback.said_at}
    return _of_sign_ups(member_id, **columns).join(Feedback, Feedback.sign_up_id == SignUp.id)


def _service(member_id: int) -> Select[Any]:
    home = aliased(Branch)
    return (
        select(
            *_named(
                number=ServiceRecord.id,
                kind=ServiceRecord.kind,
                takes_back=ServiceRecord.reverses_id,
                source=ServiceRecord.source,
                reference=ServiceRecord.reference,
                day=ServiceRecord.day,
                starts_at=ServiceRecord.starts_at,
                ends_at=ServiceRecord.ends_at,
                break_minutes=ServiceRecord.break_minutes,
                minutes=ServiceRecord.minutes,
                person_times=ServiceRecord.person_times,
                category=ServiceRecord.category,
                branch=Branch.name,
                checkpoint=Checkpoint.name,
                home_branch=home.name,
                standing=ServiceRecord.standing,
                reason=ServiceRecord.reason,
                recorded_at=ServiceRecord.recorded_at,
                verdict=Verification.verdict,
                verdict_note=Verification.note,
                verified_at=Verification.verified_at,
            )
        )
        .join(Branch, Branch.id == ServiceRecord.branch_id)
        .outerjoin(home, home.id == ServiceRecord.home_branch_id)
        .outerjoin(Checkpoint, Checkpoint.id == ServiceRecord.checkpoint_id)
        .outerjoin(Verification, Verification.record_id == ServiceRecord.id)
        .where(ServiceRecord.member_id == member_id)
        .order_by(ServiceRecord.id)
    )


def _claims(member_id: int) -> Select[Any]:
    names = ("starts_at", "ends_at", "break_minutes", "category", "source", "why", "status", "made_at")
    columns = {name: getattr(ServiceClaim, name) for name in (*names, "decided_at", "decision")}
    return (
        select(*_named(branch=Branch.name, **columns))
        .join(Branch, Branch.id == ServiceClaim.branch_id)
        .where(ServiceClaim.member_id == member_id)
        .order_by(ServiceClaim.id)
    )


def _certificates(member_id: int) -> Select[Any]:
    what = ("number", "name", "volunteer_number", "language", "from_day", "to_day", "person_times", "minutes")
    became = ("issued_at", "revoked_at", "revoked_because")
    return (
        select(*_named(branch=Branch.name, **{name: getattr(Certificate, name) for name in (*what, *became)}))
        .join(Branch, Branch.id == Certificate.branch_id)
        .where(Certificate.member_id == member_id)
        .order_by(Certificate.id)
    )


def _chain_lines(member_id: int) -> Select[Any]:
    return (
        select(
            *_named(
                call=Call.title, day=ChainLine.day, outcome=ChainLine.outcome, applied_at=ChainLine.applied_at
            )
        )
        .join(Call, Call.id == ChainLine.call_id)
        .where(ChainLine.member_id == member_id)
        .order_by(ChainLine.id)
    )


def _log_ins(member_id: int) -> Select[Any]:
    names = ("device", "started_at", "seen_at", "expires_at", "kept", "verified_at", "strong_at")
    return (
        select(*_named(**{name: getattr(LogIn, name) for name in names}, pass_for=Call.title))
        .outerjoin(Call, Call.id == LogIn.call_id)
        .where(LogIn.member_id == member_id)
        .order_by(LogIn.id)
    )


def _journal(member_id: int) -> Select[Any]:
    """What they did, and what was done about them: when and what, not by whom or to whom."""
    about = or_(
        cast(JournalEntry.details["member"], String) == str(member_id),
        JournalEntry.kind.like("member.%") & (JournalEntry.subject == str(member_id)),
    )
    mine = JournalEntry.actor_id == member_id
    return (
        select(*_named(at=JournalEntry.at, kind=JournalEntry.kind, done_by_me=mine, about_me=about))
        .where(or_(mine, about))
        .order_by(JournalEntry.id)
    )


def _plain(entity: Any, first: str, *names: str, of: str = "member_id") -> Callable[[int], Select[Any]]:
    """Columns of one table as they are, by the `first` of them; `of` names the member."""

    def rows(member_id: int) -> Select[Any]:
        columns = {name: getattr(entity, name) for name in (first, *names)}
        return (
            select(*_named(**columns))
            .where(getattr(entity, of) == member_id)
            .order_by(getattr(entity, first))
        )

    return rows


SECTIONS: tuple[Section, ...] = (
    Section("person", N_("What the roster says"), ("member.id",), _person),
    Section("skills", N_("Skills"), ("member_skill.member_id",), _skills),
    Section("attachments", N_("Attached to branches"), ("attachment.member_id",), _attachments),
    Section("appointments", N_("Appointments"), ("appointment.member_id",), _appointments),
    Section("sign_ups", N_("Sign-ups"), ("sign_up.member_id",), _sign_ups),
    Section("attendance", N_("Attendance"), ("attendance.sign_up_id",), _attendance),
    Section("feedback", N_("What I said of shifts"), ("feedback.sign_up_id",), _feedback),
    Section(
        "service",
        N_("Service records"),
        ("service_record.member_id", "verification.record_id"),
        _service,
    ),
    Section("claims", N_("Service entered by hand or claimed"), ("service_claim.member_id",), _claims),
    Section("certificates", N_("Certificates"), ("certificate.member_id",), _certificates),
    Section(
        "corrections",
        N_("What I said is wrong"),
        ("correction_request.member_id",),
        _plain(CorrectionRequest, "asked_at", "words", "answered_at", "answer"),
    ),
    Section(
        "messages",
        N_("Messages"),
        ("notice.member_id",),
        _plain(Notice, "written_at", "seen_at", "kind", "details"),
    ),
    Section("chain_lines", N_("Lines in chat chains"), ("chain_line.member_id",), _chain_lines),
    Section("devices", N_("Where I am logged in"), ("log_in.member_id",), _log_ins),
    Section(
        "passkeys", N_("Passkeys"), ("passkey.member_id",), _plain(Passkey, "added_at", "name", "used_at")
    ),
    Section(
        "identities",
        N_("Identity providers"),
        ("identity.member_id",),
        _plain(Identity, "added_at", "issuer", "subject"),
    ),
    Section(
        "links",
        N_("One-time links"),
        ("activation.member_id",),
        _plain(Activation, "made_at", "expires_at", "used_at", "revoked_at"),
    ),
    Section("calendar", N_("My calendar"), ("calendar_feed.member_id",), _plain(CalendarFeed, "made_at")),
    Section(
        "entered",
        N_("Entered by a call's link"),
        ("newcomer.member_id",),
        _plain(Newcomer, "asked_at", "name", "phone", "status", "decided_at"),
    ),
    Section(
        "uploads",
        N_("Sheets I sent"),
        ("import_file.uploaded_by_id",),
        _plain(ImportFile, "uploaded_at", "name", "confirmed_at", of="uploaded_by_id"),
    ),
    Section(
        "files",
        N_("Files made for me"),
        ("job.member_id",),
        _plain(Job, "asked_at", "kind", "file_name", "status", "finished_at"),
    ),
    Section(
        "reports",
        N_("Reports I saved"),
        ("saved_report.member_id",),
        _plain(SavedReport, "saved_at", "name", "question"),
    ),
    Section("journal", N_("In the journal"), ("journal_entry.actor_id",), _journal),
)


@dataclass(frozen=True, slots=True)
class Copied:
    """One section with its rows."""

    name: str
    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def copy_of(member_id: int) -> list[Copied]:
    """Everything that is kept of the member, in one statement for each section."""
    found = []
    for section in SECTIONS:
        result = db.session.execute(section.rows(member_id))
        found.append(
            Copied(section.name, section.heading, list(result.keys()), [list(row) for row in result])
        )
    return found
