"""Where one can go: four places for a member, and by task for whoever has an appointment."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flask import request, url_for
from flask_babel import gettext as _

from mobilizer import web
from mobilizer.policy import Reader
from mobilizer.terms import Role

_VERIFYING = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Place:
    label: str
    url: str
    icon: str
    current: bool


class Navigation(NamedTuple):
    primary: list[Place]
    tasks: list[Place]
    messages: Place | None


@lru_cache
def _address(root: str, endpoint: str) -> str:
    """The same for everybody below this root: built once, as it stands on every page."""
    return url_for(endpoint)


def _place(label: str, endpoint: str, icon: str, *others: str) -> Place:
    here = request.endpoint or ""
    return Place(label, _address(request.script_root, endpoint), icon, here == endpoint or here in others)


def navigation() -> Navigation:
    """Both lists for the reader; both empty for whoever is not logged in."""
    reader = web.reader()
    if reader is None:
        return Navigation([], [], None)
    if reader.pass_call_id is not None:
        return Navigation(_with_a_pass(), [], None)
    leads = any(grant.role != Role.ADMINISTRATOR for grant in reader.grants)
    calls = (
        ("taking.call",) if leads else ("taking.call", "calls.index", "calls.call")
    )  # leaders have a place of their own for calls
    primary = [
        _place(_("Today"), "home.today", "today"),
        _place(_("Shifts"), "signups.open_shifts", "shifts", "signups.shift", *calls),
        _place(
            _("My service"),
            "hours.my_service",
            "service",
            "signups.my_shifts",
            "certificates.mine",
            "my_claims.index",
            "my_claims.new",
            "corrections.mine",
            "corrections.new",
        ),
        _place(_("Me"), "accounts.me", "me", "privacy.copy"),
    ]
    return Navigation(primary, _tasks(reader), _place(_("Messages"), "notices.mine", "messages"))


def _with_a_pass() -> list[Place]:
    """The call, and what is one's own of it."""
    return [
        _place(_("The call"), "home.today", "today", "taking.call", "calls.call"),
        _place(_("My shifts"), "joining.mine", "shifts", "signups.shift", "asking.cannot_come"),
    ]


def _tasks(reader: Reader) -> list[Place]:
    roles = {grant.role for grant in reader.grants}
    leading = roles - {Role.ADMINISTRATOR}
    places = []
    if leading:
        places += [
            _place(
                _("Branches"),
                "branches.index",
                "branches",
                "branches.branch",
                "branches.stand_up",
                "branches.propose",
                "branches.operations",
                "claims.index",
                "claims.new",
                "claims.correction",
                "certificates.branch",
                "certifying.choose",
                "certifying.member",
                "certifying.everybody",
                "playbooks.index",
                "playbooks.use",
                "playbooks.kept",
                "record_sheets.index",
                "record_sheets.new",
                "record_sheets.preview",
            ),
            _place(
                _("Calls"),
                "calls.index",
                "calls",
                "calls.call",
                "calls.new",
                "calls.edit",
                "calls.share",
                "shifts.lay_out",
                "lay_outs.index",
                "lay_outs.lay_out",
                "shift_copies.copy",
                "shift_sheets.new",
                "changes.change",
                "changes.add",
                "joined.call",
            ),
            _place(
                _("Coverage"),
                "coverage.board",
                "coverage",
                "coverage_cells.cell",
                "coverage_cells.people",
            ),
        ]
    if any(grant.unit_code and grant.role in _VERIFYING for grant in reader.grants):
        places.append(_place(_("Verify hours"), "verification.page", "service", "verification.question"))
    if any(grant.unit_code for grant in reader.grants):
        places.append(
            _place(
                _("Participation"),
                "participation.page",
                "participation",
                "participation_files.files",
                "covers.page",
                "participation_records.records",
                "participation_records.sign_ups",
                "public_reports.page",
                "saved_reports.index",
                "saved_reports.new",
                "saved_reports.edit",
            )
        )
    if roles:
        places.append(
            _place(
                _("Members"),
                "members.index",
                "members",
                "members.member",
                "corrections.index",
                "corrections.one",
            )
        )
    if Role.ADMINISTRATOR in roles:
        places.append(_place(_("Import"), "imports.new", "import", "imports.preview"))
    return places
