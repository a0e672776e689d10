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
from mobilizer.model.chains import Chain, ChainLine
from mobilizer.model.hours import ServiceRecord
from mobilizer.model.imports import ImportFile
from mobilizer.model.installation import InstallationFact
from mobilizer.model.journal import JournalEntry
from mobilizer.model.members import CalendarFeed, Member, MemberSkill, Skill
from mobilizer.model.notices import Notice
from mobilizer.model.playbooks import Playbook
from mobilizer.model.shifts import LayOut, Shift, SignUp
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
    "Chain",
    "ChainLine",
    "Challenge",
    "Checkpoint",
    "FailedAttempt",
    "Identity",
    "ImportFile",
    "InstallationFact",
    "JournalEntry",
    "LayOut",
    "LogIn",
    "Member",
    "MemberSkill",
    "Newcomer",
    "Notice",
    "Operation",
    "Passkey",
    "Playbook",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Skill",
    "Unit",
    "with_all_above",
    "within",
]
