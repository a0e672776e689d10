"""The tables, in the order of the story."""

from mobilizer.model.accounts import AnsweredRequest, Appointment, LogIn, LogInFailure
from mobilizer.model.attendance import Attendance
from mobilizer.model.branches import Attachment, Branch, BranchCheckpoint, Checkpoint, Operation
from mobilizer.model.calls import Call
from mobilizer.model.chains import Chain, ChainLine
from mobilizer.model.hours import ServiceRecord
from mobilizer.model.imports import ImportFile
from mobilizer.model.installation import InstallationFact
from mobilizer.model.journal import JournalEntry
from mobilizer.model.members import Member, MemberSkill, Skill
from mobilizer.model.notices import Notice
from mobilizer.model.playbooks import Playbook
from mobilizer.model.shifts import LayOut, Shift, SignUp
from mobilizer.model.units import Unit, with_all_above, within

__all__ = [
    "AnsweredRequest",
    "Appointment",
    "Attachment",
    "Attendance",
    "Branch",
    "BranchCheckpoint",
    "Call",
    "Chain",
    "ChainLine",
    "Checkpoint",
    "ImportFile",
    "InstallationFact",
    "JournalEntry",
    "LayOut",
    "LogIn",
    "LogInFailure",
    "Member",
    "MemberSkill",
    "Notice",
    "Operation",
    "Playbook",
    "ServiceRecord",
    "Shift",
    "SignUp",
    "Skill",
    "Unit",
    "with_all_above",
    "within",
]
