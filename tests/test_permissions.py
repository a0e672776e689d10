"""Every route says who may use it; every permission means what this page says it means."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.accounts import actions
from mobilizer.accounts.queries import reader_of_member
from mobilizer.extensions import begin_write, db
from mobilizer.model import Unit, within
from mobilizer.policy import (
    COMMAND_LINE,
    PERMISSIONS,
    Actor,
    Grant,
    Permission,
    Reader,
    actor_of,
    allows,
    covers,
    readable,
)
from mobilizer.terms import Role
from tests import factories

ROOT = Path(__file__).resolve().parent.parent / "mobilizer"

OPEN = {
    "accounts.language",
    "accounts.log_in",
    "accounts.log_in_post",
    "accounts.log_out",
    "activations.activate",
    "activations.open_link",
    "accounts.text_size",
    "assets.file",
    "calendars.feed",  # a phone's calendar logs in nowhere: its address is the secret
    "calls.qr",
    "calls.short",
    # A poster on a wall: whoever is not logged in is shown what can be joined here, or the way to the log-in.
    "check_in.poster",
    "health.healthz",
    "health.readyz",
    "home.today",
    "joining.enter",
    "joining.join",
    "joining.noted",
    "offline.manifest",
    "offline.nothing",
    "offline.sender",
    "offline.service_worker",
    "privacy.kept",
    # A passkey to log in with: the question, which is nobody's yet, and the answer.
    "passkeys.log_in",
    "passkeys.question_to_log_in",
    # Whoever is shown a certificate may ask whether it is genuine; its address is the secret.
    "verifying.verify",
}
"""The routes that ask for no log-in. One more is a decision, not an oversight. Joining by the shared link is for whoever
has no log-in yet; what it answers tells nobody who is on a roster."""


# --- routes ---------------------------------------------------------------------------------------------


def unguarded(app: Flask) -> list[str]:
    """The routes that say neither that they are open nor what they require."""
    return sorted(
        f"{rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not isinstance(access := getattr(app.view_functions[rule.endpoint], "access", None), Permission)
        and access != "open"
    )


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    assert unguarded(app) == []
    assert len(list(app.url_map.iter_rules())) > 30


def test_a_route_that_says_nothing_is_found() -> None:
    wrong = Flask("wrong", static_folder=None)
    wrong.add_url_rule("/loose", "loose", lambda: "")
    assert unguarded(wrong) == ["/loose (loose)"]


def test_no_route_is_open_but_these(app: Flask) -> None:
    views = app.view_functions.items()
    assert {endpoint for endpoint, view in views if getattr(view, "access", None) == "open"} == OPEN


def test_every_permission_is_asked_for_somewhere_and_has_a_meaning() -> None:
    assert set(PERMISSIONS) == set(Permission)
    asked = set()
    for path in ROOT.rglob("*"):
        if path.suffix in (".py", ".html") and path.name != "policy.py":
            asked |= set(re.findall(r"Permission\.([A-Z_]+)", path.read_text(encoding="utf-8")))
    assert {permission.name for permission in Permission} - asked == set()
    assert asked <= {permission.name for permission in Permission}


def test_a_permission_is_named_after_a_noun_and_a_verb() -> None:
    for permission in Permission:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*", permission)
        assert permission.name == re.sub("[:-]", "_", permission).upper()


# --- what each permission means --------------------------------------------------------------------------

TOWN, VILLAGE, SISTER, GRID = "320507001", "320507001002", "320507001003", "320507001002-1"
THIS_BRANCH, ANOTHER_BRANCH = 7, 8
THIS_CALL, ANOTHER_CALL = 5, 6


@dataclass(frozen=True)
class Thing:
    """A branch of a village, and a published call of that branch with its shift, as far as a predicate looks."""

    unit_code: str = VILLAGE
    branch_id: int | None = THIS_BRANCH
    published: bool = True
    audience_unit_code: str | None = VILLAGE
    audience_branch_id: int | None = None
    call_id: int = THIS_CALL
    member_id: int = 55
    member_ids: tuple[int, ...] = ()
    checkpoint_unit_code: str = VILLAGE
    served_by: frozenset[int] = frozenset({THIS_BRANCH})


RELATIONS = {
    "above": (TOWN, None),
    "unit": (VILLAGE, None),
    "below": (GRID, None),
    "sister": (SISTER, None),
    "branch": (None, THIS_BRANCH),
    "other": (None, ANOTHER_BRANCH),
}
"""Where an appointment is held, seen from the thing: over the unit above its own, over its own unit, over a grid
of it, over the unit beside it, in its own branch, in another branch of the same unit."""

EVERYBODY = "anyone logged in"
SECRETARIES = "secretary, deputy-secretary"
LEADING = f"{SECRETARIES}: above, unit, branch"

MEANING: dict[Permission, list[str]] = {
    Permission.HOME_READ: [EVERYBODY],
    Permission.MY_SERVICE_READ: [EVERYBODY],
    Permission.POSTER_READ: [EVERYBODY, "a pass for the call", "a pass for another call"],
    Permission.PASS_READ: ["a pass for the call", "a pass for another call", "a pass that stands no more"],
    Permission.PASSKEY_ADD: ["all: above, unit, below, sister, branch, other", "administrator"],
    Permission.JOB_READ: ["whoever holds the shift"],
    Permission.UNIT_READ: ["all: above, unit, below, sister, branch, other", "administrator"],
    Permission.UNIT_IMPORT: ["administrator"],
    Permission.ROSTER_IMPORT: ["administrator"],
    Permission.MEMBER_READ: [
        LEADING,
        "committee-member: branch",
        "coordinator: above, unit",
        "administrator",
    ],
    Permission.MEMBER_CALL: [LEADING, "committee-member: branch", "administrator"],
    Permission.MEMBER_APPOINT: ["administrator"],
    Permission.MEMBER_ACTIVATE: [LEADING, "administrator"],
    Permission.OPERATION_START: [f"{SECRETARIES}, coordinator: above, unit"],
    Permission.OPERATION_END: [f"{SECRETARIES}, coordinator: above, unit"],
    Permission.BRANCH_READ: [
        LEADING,
        "committee-member: branch",
        "coordinator: above, unit",
        "administrator",
        "member of the branch",
    ],
    Permission.BRANCH_STAND_UP: [f"{SECRETARIES}, coordinator: above, unit"],
    Permission.BRANCH_APPROVE: ["secretary: above"],
    Permission.BRANCH_RUN: [LEADING],
    Permission.CHECKPOINT_EDIT: [LEADING],
    Permission.CALL_READ: [
        LEADING,
        "committee-member: branch",
        "coordinator: above, unit",
        "member of the branch",
        "member of the unit",
        "a pass for the call",
    ],
    Permission.CALL_EDIT: [LEADING],
    Permission.SHIFT_READ: [
        LEADING,
        "committee-member: branch",
        "coordinator: above, unit",
        "member of the branch",
        "member of the unit",
        "whoever holds the shift",
        "a pass for the call",
    ],
    Permission.SHIFT_TAKE: ["member of the branch", "member of the unit", "a pass for the call"],
    Permission.SHIFT_TAKE_TOGETHER: ["member of the branch", "member of the unit"],
    Permission.SHIFT_HAND_OVER: [
        LEADING,
        "committee-member: branch",
        "coordinator: above, unit",
        "member of the branch",
        "member of the unit",
        "whoever holds the shift",
    ],
    Permission.OFFER_ANSWER: ["whoever holds the shift", "a pass for the call"],
    Permission.SHIFT_RUN: [LEADING, "committee-member: branch"],
    Permission.CLAIM_ENTER: [LEADING, "committee-member: branch"],
    Permission.CLAIM_DECIDE: [LEADING, "committee-member: branch", "coordinator: above, unit"],
    Permission.MY_CLAIM_WITHDRAW: ["whoever holds the shift"],
    Permission.COVERAGE_READ: [LEADING, "committee-member: branch", "coordinator: above, unit"],
    Permission.HOURS_VERIFY: [f"{SECRETARIES}, coordinator: above, unit"],
    Permission.PARTICIPATION_READ: [f"{SECRETARIES}, committee-member, coordinator: above, unit"],
    Permission.REPORT_EDIT: ["whoever holds the shift"],
    Permission.CORRECTION_ANSWER: [LEADING, "committee-member: branch", "administrator"],
    Permission.RECORD_IMPORT: [LEADING, "administrator"],
    Permission.CERTIFICATE_READ: [LEADING, "whoever holds the shift"],  # here: whose certificate it is
    Permission.CERTIFICATE_ISSUE: [LEADING],
}
"""Who may, about that branch, its call and its shift. Whoever is not said here may not.

"secretary: above, unit" reads: a secretary, over the unit above or over the unit itself. The call's audience is
the village, so the members of the branch are of its audience because the branch is the village's."""

ROLES = tuple(role for role in Role if role != Role.ADMINISTRATOR)
NOBODY = Reader(1, "Nobody")
PASSING = Reader(
    55, "A name", branch_ids=frozenset({THIS_BRANCH}), unit_codes=frozenset({VILLAGE}), verified=False
)
"""A member of the branch who holds the shift, in by name and phone number alone."""
READERS: dict[str, Reader] = {
    "a stranger to all of it": NOBODY,
    "administrator": replace(NOBODY, grants=(Grant(9, Role.ADMINISTRATOR, None, None),)),
    "member of the branch": replace(
        NOBODY, branch_ids=frozenset({THIS_BRANCH}), unit_codes=frozenset({VILLAGE})
    ),
    "member of the unit": replace(
        NOBODY, branch_ids=frozenset({ANOTHER_BRANCH}), unit_codes=frozenset({GRID})
    ),
    "member of the unit above": replace(NOBODY, branch_ids=frozenset({3}), unit_codes=frozenset({TOWN})),
    "member of the sister unit": replace(NOBODY, branch_ids=frozenset({4}), unit_codes=frozenset({SISTER})),
    "whoever holds the shift": replace(NOBODY, member_id=55),
    "a pass for the call": replace(PASSING, pass_call_id=THIS_CALL),
    "a pass for another call": replace(PASSING, pass_call_id=ANOTHER_CALL),
    "a pass that stands no more": replace(PASSING, pass_call_id=THIS_CALL, pass_stands=False),
} | {
    f"{role}: {relation}": replace(NOBODY, grants=(Grant(9, role, unit_code, branch_id),))
    for role in ROLES
    for relation, (unit_code, branch_id) in RELATIONS.items()
}


def said(permission: Permission) -> set[str]:
    """The readers that MEANING names."""
    names = set()
    for line in MEANING[permission]:
        roles, colon, relations = line.partition(": ")
        if line == EVERYBODY:
            names |= {name for name, reader in READERS.items() if reader.pass_call_id is None}
        elif not colon:
            names.add(line)
        else:
            whose = ROLES if roles == "all" else roles.split(", ")
            names |= {f"{role}: {relation}" for role in whose for relation in relations.split(", ")}
    return names


@pytest.mark.parametrize("permission", Permission)
def test_who_may(permission: Permission) -> None:
    thing = Thing(member_ids=(55,))
    assert {name for name, reader in READERS.items() if allows(reader, permission, thing)} == said(permission)


def test_the_table_names_only_readers_there_are() -> None:
    assert set(MEANING) == set(Permission)
    assert set().union(*(said(permission) for permission in Permission)) == set(READERS)


def test_who_acts_with_a_pass_is_known_to_have(app: Flask) -> None:
    passing = READERS["a pass for the call"]
    assert actor_of(passing, allows(passing, Permission.SHIFT_TAKE, Thing())) == Actor(
        55, None, unverified=True
    )


def test_who_is_not_logged_in_may_nothing() -> None:
    assert [permission for permission in Permission if allows(None, permission, Thing())] == []


@pytest.mark.parametrize("permission", [Permission.CALL_READ, Permission.SHIFT_READ, Permission.SHIFT_TAKE])
def test_a_draft_is_for_its_own_house(permission: Permission) -> None:
    draft = Thing(published=False)
    for name in ("member of the branch", "member of the unit"):
        assert not allows(READERS[name], permission, draft)
    assert bool(allows(READERS["secretary: branch"], permission, draft)) == (
        permission != Permission.SHIFT_TAKE
    )


def test_a_call_to_one_branch_is_for_its_members_alone() -> None:
    call = Thing(audience_unit_code=None, audience_branch_id=THIS_BRANCH)
    assert allows(READERS["member of the branch"], Permission.SHIFT_TAKE, call)
    assert not allows(READERS["member of the unit"], Permission.SHIFT_TAKE, call)


def test_nobody_approves_a_branch_from_the_unit_that_proposes_it() -> None:
    """The party organisation above approves (Regulations on the Work of Branches, trial, 2018)."""
    both = replace(
        NOBODY, grants=(Grant(1, Role.SECRETARY, VILLAGE, None), Grant(2, Role.SECRETARY, TOWN, None))
    )
    assert not allows(READERS["secretary: unit"], Permission.BRANCH_APPROVE, Thing())
    found = allows(both, Permission.BRANCH_APPROVE, Thing())
    assert actor_of(both, found) == Actor(1, 2), "the journal keeps the appointment that entitles"


@pytest.mark.parametrize(
    ("unit", "other", "inside"),
    [
        (VILLAGE, VILLAGE, True),
        (TOWN, GRID, True),
        (VILLAGE, GRID, True),
        (GRID, VILLAGE, False),
        (VILLAGE, SISTER, False),
        ("320507001002-1", "320507001002-10", False),
        ("320507001002-10", "320507001002-1", False),
        ("320507001002-1", "320507001002-1", True),
    ],
)
def test_a_unit_covers_itself_and_what_lies_below(unit: str, other: str, inside: bool) -> None:
    assert covers(unit, other) is inside
    assert (
        bool(
            allows(
                replace(NOBODY, unit_codes=frozenset({other})),
                Permission.SHIFT_TAKE,
                Thing(audience_unit_code=unit),
            )
        )
        is inside
    )


@pytest.mark.parametrize("unit", [TOWN, VILLAGE, "320507001002-1", "320507001002-10"])
def test_the_database_finds_below_a_unit_what_the_policy_finds(app: Flask, unit: str) -> None:
    codes = [TOWN, VILLAGE, SISTER, "320507001002-1", "320507001002-10", "320507001002-2"]
    for code in codes:
        factories.unit(code)
    found = {row.code for row in factories.rows(select(Unit.code).where(within(Unit.code, unit)))}
    assert found == {code for code in codes if covers(unit, code)}


@pytest.mark.parametrize(
    ("checkpoint", "may"),
    [
        ({"served_by": frozenset({THIS_BRANCH, ANOTHER_BRANCH})}, {"above", "unit"}),
        ({"checkpoint_unit_code": TOWN}, {"above"}),
        ({"checkpoint_unit_code": GRID}, {"above", "unit", "branch"}),
    ],
)
def test_a_shared_checkpoint_or_one_of_a_unit_above_is_changed_by_who_leads_over_its_unit(
    checkpoint: dict[str, Any], may: set[str]
) -> None:
    for relation, (unit_code, branch_id) in RELATIONS.items():
        reader = Reader(1, "Li Na", grants=(Grant(1, Role.SECRETARY, unit_code, branch_id),))
        allowed = allows(reader, Permission.CHECKPOINT_EDIT, Thing(**checkpoint))
        assert bool(allowed) == (relation in may), relation
    both = tuple(Grant(n, Role.SECRETARY, None, branch) for n, branch in enumerate((7, 8)))
    reader = Reader(1, "Li Na", grants=both)
    assert bool(allows(reader, Permission.CHECKPOINT_EDIT, Thing(**checkpoint))) == (
        checkpoint.get("checkpoint_unit_code") != TOWN
    )


def test_whoever_may_not_even_see_a_thing_is_asked_for_its_reading() -> None:
    assert readable(Permission.CALL_EDIT) == Permission.CALL_READ
    assert readable(Permission.SHIFT_RUN) == Permission.SHIFT_READ
    assert readable(Permission.PARTICIPATION_READ) == Permission.PARTICIPATION_READ


# --- appointments in the database ------------------------------------------------------------------------


def test_an_appointment_counts_while_it_lasts(app: Flask) -> None:
    village = factories.branch(VILLAGE)
    who = factories.member(village)
    appointment = factories.appointment(who, Role.SECRETARY, unit_code=VILLAGE)
    now = clock.now()
    thing = Thing(branch_id=village.id)

    def may(when: datetime) -> bool:
        reader = reader_of_member(who.id, when)
        return bool(allows(reader, Permission.BRANCH_RUN, thing))

    assert may(now)
    assert not may(appointment.starts_at - timedelta(seconds=1)), "it had not begun"
    db.session.rollback()
    begin_write()
    actions.end_appointment(appointment.id, by=COMMAND_LINE, now=now)
    db.session.commit()
    assert not may(now), "it has ended"


def test_a_member_may_nothing_by_membership_alone_but_see_the_branch(app: Flask) -> None:
    village = factories.branch(VILLAGE)
    reader = reader_of_member(factories.member(village).id, clock.now())
    thing = Thing(branch_id=village.id, published=False)
    may = {permission for permission in Permission if allows(reader, permission, thing)}
    own = {Permission.HOME_READ, Permission.MY_SERVICE_READ, Permission.POSTER_READ}
    assert may == own | {Permission.BRANCH_READ}
