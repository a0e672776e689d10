"""The tables, in the order of the story."""

from mobilizer.model.accounts import (
    Activation,
    AnsweredRequest,
    Appointment,
    Challenge,
    FailedAttempt,
    Identity,
    LogIn,
    Passkey,
)
from mobilizer.model.attendance import Attendance
from mobilizer.model.branches import Attachment, Branch, BranchCheckpoint, Checkpoint, Operation
from mobilizer.model.calls import Call, Newcomer
from mobilizer.model.certificates import Certificate
from mobilizer.model.chains import Chain, ChainLine
from mobilizer.model.hours import (
    CorrectionRequest,
    Feedback,
    LedgerHead,
    ServiceClaim,
    ServiceRecord,
    Verification,
)
from mobilizer.model.imports import ImportFile
from mobilizer.model.installation import InstallationFact
from mobilizer.model.jobs import Job
from mobilizer.model.journal import JournalEntry
from mobilizer.model.members import CalendarFeed, Member, MemberSkill, Skill
from mobilizer.model.notices import Notice
from mobilizer.model.participation import SavedReport
from mobilizer.model.playbooks import Playbook
from mobilizer.model.shifts import LayOut, Shift, SignUp
from mobilizer.model.tallies import Tally, TallyDay, TallyPerson
from mobilizer.model.units import Unit, with_all_above, within

__all__ = [
    "Activation",
    "AnsweredRequest",
    "Appointment",
    "Attachment",
    "Attendance",
    "Branch",
    "BranchCheckpoint",
    "CalendarFeed",
    "Call",
    "Certificate",
    "Chain",
    "ChainLine",
    "Challenge",
    "Checkpoint",
    "CorrectionRequest",
    "FailedAttempt",
    "Feedback",
    "Identity",
    "ImportFile",
    "InstallationFact",
    "Job",
    "JournalEntry",
    "LayOut",
    "LedgerHead",
    "LogIn",
    "Member",
    "MemberSkill",
    "Newcomer",
    "Notice",
    "Operation",
    "Passkey",
    "Playbook",
    "SavedReport",
    "ServiceClaim",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Skill",
    "Tally",
    "TallyDay",
    "TallyPerson",
    "Unit",
    "Verification",
    "with_all_above",
    "within",
]
