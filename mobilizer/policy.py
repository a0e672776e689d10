"""Who may do what, where: one table, PERMISSIONS, readable aloud. No Flask, no SQL, no clock.

A permission's name is NOUN_VERB. Its predicate is asked with the reader and the thing itself, whose place is
read from its attributes (`unit_code`, `branch_id`, ...), and answers with what entitles the reader: an
appointment, or their own person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mobilizer.terms import Role


class Permission(StrEnum):
    HOME_READ = "home:read"
    MY_SERVICE_READ = "my-service:read"
    POSTER_READ = "poster:read"
    PASS_READ = "pass:read"  # noqa: S105
    PASSKEY_ADD = "passkey:add"
    JOB_READ = "job:read"
    UNIT_READ = "unit:read"
    UNIT_IMPORT = "unit:import"
    ROSTER_IMPORT = "roster:import"
    MEMBER_READ = "member:read"
    MEMBER_CALL = "member:call"
    MEMBER_APPOINT = "member:appoint"
    MEMBER_ACTIVATE = "member:activate"
    OPERATION_START = "operation:start"
    OPERATION_END = "operation:end"
    BRANCH_READ = "branch:read"
    BRANCH_STAND_UP = "branch:stand-up"
    BRANCH_APPROVE = "branch:approve"
    BRANCH_RUN = "branch:run"
    CHECKPOINT_EDIT = "checkpoint:edit"
    CALL_READ = "call:read"
    CALL_EDIT = "call:edit"
    SHIFT_READ = "shift:read"
    SHIFT_TAKE = "shift:take"
    SHIFT_TAKE_TOGETHER = "shift:take-together"
    SHIFT_HAND_OVER = "shift:hand-over"
    SHIFT_RUN = "shift:run"
    OFFER_ANSWER = "offer:answer"
    CLAIM_ENTER = "claim:enter"
    CLAIM_DECIDE = "claim:decide"
    MY_CLAIM_WITHDRAW = "my-claim:withdraw"
    COVERAGE_READ = "coverage:read"
    HOURS_VERIFY = "hours:verify"
    PARTICIPATION_READ = "participation:read"
    REPORT_EDIT = "report:edit"
    CORRECTION_ANSWER = "correction:answer"
    RECORD_IMPORT = "record:import"
    CERTIFICATE_READ = "certificate:read"
    CERTIFICATE_ISSUE = "certificate:issue"


def covers(unit_code: str, other: str) -> bool:
    """Whether `other` is the unit itself or lies below it. Below a grid lies nothing: grid -1 is not above grid -10."""
    return other == unit_code or ("-" not in unit_code and other.startswith(unit_code))


@dataclass(frozen=True, slots=True)
class Grant:
    """A current appointment of the reader. An administrator's has neither unit nor branch."""

    appointment_id: int
    role: str
    unit_code: str | None
    branch_id: int | None

    def covers_unit(self, unit_code: str | None) -> bool:
        return self.unit_code is not None and unit_code is not None and covers(self.unit_code, unit_code)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. `branch_ids` are the home branch and the branches attached to; `unit_codes` are theirs. `unseen`: how
    many notices they have not looked at. `log_in_id` is this device's log-in; with `pass_call_id` it is only a pass for
    that call, got by name and phone number, and has no grants; `verified`: whether it is known to be them; `pass_stands`:
    False once its call no longer lets people in by the link, or its branch has ended. `seen_at`: when it was last noted
    that this device asked.

    `withheld`: appointments that do not count on this device until it has shown what `wanting` says. No predicate looks
    at them, so to every route this is a plain member."""

    member_id: int
    name: str
    branch_ids: frozenset[int] = frozenset()
    unit_codes: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()
    unseen: int = 0
    log_in_id: int | None = None
    seen_at: datetime | None = None
    pass_call_id: int | None = None
    verified: bool = True
    pass_stands: bool = True
    withheld: tuple[Grant, ...] = ()
    wanting: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it and from which appointment: what the journal keeps. Neither: this machine's command line.

    `unverified`: with a pass of which nobody knows yet that it is the member's own.
    """

    member_id: int | None = None
    appointment_id: int | None = None
    unverified: bool = False


COMMAND_LINE = Actor()

Allowed = Grant | bool
Predicate = Callable[[Reader, Any], Allowed]

_SECRETARIES = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
_OFFICERS = (*_SECRETARIES, Role.COMMITTEE_MEMBER)


def administrator(reader: Reader, _thing: Any) -> Allowed:
    return next((g for g in reader.grants if g.role == Role.ADMINISTRATOR), False)


def anyone_logged_in(_reader: Reader, _thing: Any) -> Allowed:
    return True


def over_unit(*roles: Role) -> Predicate:
    """An appointment of one of `roles` over the thing's unit or one above it."""

    def predicate(reader: Reader, thing: Any) -> Allowed:
        return next(
            (
                g
                for g in reader.grants
                if g.role in roles and g.covers_unit(getattr(thing, "unit_code", None))
            ),
            False,
        )

    return predicate


def above_unit(*roles: Role) -> Predicate:
    """An appointment over a unit strictly above the thing's: the organisation above."""

    def predicate(reader: Reader, thing: Any) -> Allowed:
        return next(
            (
                g
                for g in reader.grants
                if g.role in roles and g.covers_unit(thing.unit_code) and g.unit_code != thing.unit_code
            ),
            False,
        )

    return predicate


def in_branch(*roles: Role) -> Predicate:
    """An appointment of one of `roles` in the thing's own branch."""

    def predicate(reader: Reader, thing: Any) -> Allowed:
        branch_id = getattr(thing, "branch_id", None)
        return branch_id is not None and next(
            (g for g in reader.grants if g.role in roles and g.branch_id == branch_id), False
        )

    return predicate


def keeps_checkpoint(reader: Reader, thing: Any) -> Allowed:
    """Whoever leads the branch through which it is asked for, and leads over the checkpoint's unit or all branches that
    serve it: what is shared, or of a unit above the branch's, is not changed by one of those it serves."""
    allowed = leads(reader, thing)
    if not allowed:
        return False
    for grant in reader.grants:
        if grant.role in _SECRETARIES and grant.covers_unit(thing.checkpoint_unit_code):
            return grant
    led = {grant.branch_id for grant in reader.grants if grant.role in _SECRETARIES}
    of_theirs = covers(thing.unit_code, thing.checkpoint_unit_code)
    return allowed if of_theirs and led.issuperset(thing.served_by) else False


def with_any_appointment(reader: Reader, _thing: Any) -> Allowed:
    return next(iter(reader.grants), False)


def with_an_appointment_of_theirs(reader: Reader, _thing: Any) -> Allowed:
    """Of their own person, and so also while the appointment does not count on this device."""
    return bool(reader.grants or reader.withheld)


def of_the_branch(reader: Reader, thing: Any) -> Allowed:
    return getattr(thing, "branch_id", None) in reader.branch_ids


def in_audience(reader: Reader, thing: Any) -> Allowed:
    """A published call (or its shift) whose audience the reader belongs to, by home branch or attachment."""
    if not thing.published:
        return False
    if thing.audience_branch_id is not None:
        return thing.audience_branch_id in reader.branch_ids
    return any(covers(thing.audience_unit_code, code) for code in reader.unit_codes)


def their_own(reader: Reader, thing: Any) -> Allowed:
    """An offer to the reader, a file that they asked for, a report that they saved, or their certificate."""
    return getattr(thing, "member_id", None) == reader.member_id


def with_a_pass(reader: Reader, _thing: Any) -> Allowed:
    return reader.pass_call_id is not None


def on_the_shift(reader: Reader, thing: Any) -> Allowed:
    """Whoever holds (or held) the shift still sees it, also when the audience has changed."""
    return reader.member_id in getattr(thing, "member_ids", ())


def any_of(*predicates: Predicate) -> Predicate:
    def predicate(reader: Reader, thing: Any) -> Allowed:
        for each in predicates:
            if allowed := each(reader, thing):
                return allowed
        return False

    return predicate


leads = any_of(in_branch(*_SECRETARIES), over_unit(*_SECRETARIES))
watches = any_of(leads, in_branch(*_OFFICERS), over_unit(Role.COORDINATOR))

PERMISSIONS: dict[Permission, Predicate] = {
    Permission.HOME_READ: anyone_logged_in,
    Permission.MY_SERVICE_READ: anyone_logged_in,
    Permission.POSTER_READ: anyone_logged_in,
    Permission.PASS_READ: with_a_pass,
    Permission.PASSKEY_ADD: with_an_appointment_of_theirs,
    Permission.JOB_READ: their_own,
    Permission.UNIT_READ: with_any_appointment,
    Permission.UNIT_IMPORT: administrator,
    Permission.ROSTER_IMPORT: administrator,
    Permission.MEMBER_READ: any_of(watches, administrator),
    # To see a phone number in full: who leads has to call; who counts does not; who imports rosters knows it.
    Permission.MEMBER_CALL: any_of(leads, in_branch(*_OFFICERS), administrator),
    Permission.MEMBER_APPOINT: administrator,
    # Whose link it may be besides: activations.rules.may_open.
    Permission.MEMBER_ACTIVATE: any_of(leads, administrator),
    Permission.OPERATION_START: over_unit(*_SECRETARIES, Role.COORDINATOR),
    Permission.OPERATION_END: over_unit(*_SECRETARIES, Role.COORDINATOR),
    Permission.BRANCH_READ: any_of(watches, administrator, of_the_branch),
    Permission.BRANCH_STAND_UP: over_unit(*_SECRETARIES, Role.COORDINATOR),
    Permission.BRANCH_APPROVE: above_unit(Role.SECRETARY),
    Permission.BRANCH_RUN: leads,
    Permission.CHECKPOINT_EDIT: keeps_checkpoint,
    Permission.CALL_READ: any_of(watches, in_audience),
    Permission.CALL_EDIT: leads,
    Permission.SHIFT_READ: any_of(watches, in_audience, on_the_shift),
    Permission.SHIFT_TAKE: in_audience,
    # Both show the reader their comrades by name: not with a pass.
    Permission.SHIFT_TAKE_TOGETHER: in_audience,
    Permission.SHIFT_HAND_OVER: any_of(watches, in_audience, on_the_shift),
    Permission.OFFER_ANSWER: their_own,
    Permission.SHIFT_RUN: any_of(leads, in_branch(*_OFFICERS)),
    # Whoever made it or served is not the second to themselves: hours.claim_rules.may_decide.
    Permission.CLAIM_ENTER: any_of(leads, in_branch(*_OFFICERS)),
    Permission.CLAIM_DECIDE: watches,
    Permission.MY_CLAIM_WITHDRAW: their_own,
    Permission.COVERAGE_READ: watches,
    # Whoever counts looks at the hours, and whoever leads over the unit; the branch itself does not verify its own.
    Permission.HOURS_VERIFY: over_unit(*_SECRETARIES, Role.COORDINATOR),
    Permission.PARTICIPATION_READ: over_unit(*_OFFICERS, Role.COORDINATOR),
    Permission.REPORT_EDIT: their_own,
    # Whoever runs the shifts, and so can put their records right; administrators for people without a branch.
    Permission.CORRECTION_ANSWER: any_of(leads, in_branch(*_OFFICERS), administrator),
    Permission.RECORD_IMPORT: any_of(leads, administrator),
    # "Who records, certifies" (Measures for Volunteer Service Records and Certificates, 2021): the branch's leaders, and
    # whoever leads over its unit, villages' and residents' committees among them.
    Permission.CERTIFICATE_READ: any_of(their_own, leads),
    Permission.CERTIFICATE_ISSUE: leads,
}


WITH_A_PASS = frozenset(
    {Permission.CALL_READ, Permission.SHIFT_READ, Permission.SHIFT_TAKE, Permission.OFFER_ANSWER}
)
"""What a pass for one call can be good for, on that call and its shifts alone; beside them, to read what the pass is good
for, and the poster that one stands before."""


def allows(reader: Reader | None, permission: Permission, thing: Any = None) -> Allowed:
    """The appointment that allows it, True if the reader's own person does, or False."""
    if reader is None or not _within_pass(reader, permission, thing):
        return False
    return PERMISSIONS[permission](reader, thing)


def _within_pass(reader: Reader, permission: Permission, thing: Any) -> bool:
    if reader.pass_call_id is None or permission == Permission.PASS_READ:
        return True
    if permission == Permission.POSTER_READ:
        return reader.pass_stands
    of_its_call = getattr(thing, "call_id", None) == reader.pass_call_id
    return reader.pass_stands and permission in WITH_A_PASS and of_its_call


def actor_of(reader: Reader, allowed: Allowed) -> Actor:
    """Who acts, and the appointment that `allows` found."""
    appointment_id = allowed.appointment_id if isinstance(allowed, Grant) else None
    return Actor(reader.member_id, appointment_id, unverified=not reader.verified)


_READ = {
    "branch": Permission.BRANCH_READ,
    "claim": Permission.BRANCH_READ,
    "checkpoint": Permission.BRANCH_READ,
    "call": Permission.CALL_READ,
    "shift": Permission.SHIFT_READ,
    "pass": Permission.PASS_READ,
    "member": Permission.MEMBER_READ,
    "unit": Permission.UNIT_READ,
    "certificate": Permission.BRANCH_READ,
    "report": Permission.PARTICIPATION_READ,
}


def readable(permission: Permission) -> Permission:
    """The permission to see the thing at all, for whoever lacks `permission` on it."""
    return _READ.get(permission.split(":")[0], permission)
