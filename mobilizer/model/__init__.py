"""The tables, in the order of the story."""

from mobilizer.model.accounts import AnsweredRequest, Appointment, LogIn, LogInFailure
from mobilizer.model.attendance import Attendance
from mobilizer.model.branches import Attachment, Branch, BranchCheckpoint, Checkpoint, Operation
from mobilizer.model.calls import Call
from mobilizer.model.hours import ServiceRecord
from mobilizer.model.imports import ImportFile
from mobilizer.model.installation import InstallationFact
from mobilizer.model.journal import JournalEntry
from mobilizer.model.members import Member, MemberSkill, Skill
from mobilizer.model.shifts import Shift, SignUp
from mobilizer.model.units import Unit, with_all_above, within

__all__ = [
    "AnsweredRequest",
    "Appointment",
    "Attachment",
    "Attendance",
    "Branch",
    "BranchCheckpoint",
    "Call",
    "Checkpoint",
    "ImportFile",
    "InstallationFact",
    "JournalEntry",
    "LogIn",
    "LogInFailure",
    "Member",
    "MemberSkill",
    "Operation",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Skill",
    "Unit",
    "with_all_above",
    "within",
]
