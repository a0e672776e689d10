"""For whoever leads: making one-time links for a branch or one member, printing and ending them.

What these pages show opens accounts: they are kept in no cache, and only for whom the reader could make a link anew.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from mobilizer import clock, qr, web
from mobilizer.activations import actions, queries
from mobilizer.activations.queries import Candidate, Person
from mobilizer.activations.rules import token_of
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_
from mobilizer.filters import moment
from mobilizer.members import queries as members
from mobilizer.policy import Permission


@dataclass(frozen=True, slots=True)
class Slip:
    """A link as it is shown: to whom, where it leads and until when."""

    person: Person
    link: str
    qr: str
    until: datetime


def _nonce() -> str:
    return secrets.token_urlsafe(24)


def _target() -> str:
    """Where the links lead once the password is set: a path of this site, or "" for today."""
    return web.safe_next(request.values.get("next"), "")[:200]


def _slip(person: Person) -> Slip | None:
    if person.nonce is None or person.expires_at is None or not person.in_reach:
        return None
    token = token_of(current_app.config["SECRET_KEY"], person.nonce)
    link = web.public_url("activations.open_link", token=token, next=_target() or None)
    return Slip(person, link, qr.data_uri(link), person.expires_at)


def _secret(page: str) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- a branch -----------------------------------------------------------------------------------------


def of_branch(branch: BranchRow) -> Any:
    return _branch_page(branch)


def _branch_page(branch: BranchRow) -> Response:
    people = queries.of_branch(branch, web.the_reader(), clock.now())
    return _secret(
        render_template(
            "activations/branch.html",
            branch=branch,
            people=people,
            without=sum(not each.has_password for each in people),
            open_links=sum(each.nonce is not None and each.in_reach for each in people),
            target=_target(),
        )
    )


def _chosen() -> list[int]:
    written = request.form.getlist("member_ids")
    return [int(each) for each in written if each.isascii() and each.isdecimal() and len(each) < 10]


def make_for_branch(branch: BranchRow) -> Any:
    by, chosen, target = web.actor(), _chosen(), _target()
    return web.command(
        lambda: actions.make(
            chosen,
            nonce=_nonce,
            secret_key=current_app.config["SECRET_KEY"],
            by=by,
            now=clock.now(),
            of_branch=branch,
        ),
        done=lambda count: web.Done(
            N_("%(count)s links are made, good for 72 hours. Print them, or send each to its owner alone."),
            url_for("activations.sheet", branch_id=branch.id, next=target or None),
            {"count": count},
        ),
        page=lambda: _branch_page(branch),
    )


def revoke_for_branch(branch: BranchRow) -> Any:
    """All that the reader could make: others' are not theirs to end."""
    by, target = web.actor(), _target()
    reader = web.the_reader()

    def act() -> int:
        now = clock.now()
        open_now = [each for each in queries.of_branch(branch, reader, now) if each.nonce and each.in_reach]
        return actions.revoke([each.member_id for each in open_now], by=by, now=now, of_branch=branch)

    return web.command(
        act,
        done=lambda count: web.Done(
            N_("Links ended: %(count)s."),
            url_for("activations.branch", branch_id=branch.id, next=target or None),
            {"count": count},
        ),
        page=lambda: _branch_page(branch),
    )


def sheet(branch: BranchRow) -> Any:
    slips = [_slip(each) for each in queries.of_branch(branch, web.the_reader(), clock.now())]
    return _secret(
        render_template(
            "activations/sheet.html", branch=branch, slips=[each for each in slips if each], target=_target()
        )
    )


# --- one member ---------------------------------------------------------------------------------------


def candidate(member_id: int) -> Candidate | None:
    """The member, at a place where the reader may make links; the home branch if there is none."""
    found = members.member(member_id)
    if found is None:
        return None
    places = queries.places(found)
    return next((place for place in places if web.can(Permission.MEMBER_ACTIVATE, place)), places[0])


def of_member(found: Candidate) -> Any:
    return _member_page(found)


def _member_page(found: Candidate) -> Response:
    person = queries.of_member(found.member.id, web.the_reader(), clock.now())
    slip = _slip(person)
    return _secret(
        render_template(
            "activations/member.html",
            person=person,
            slip=slip,
            text=_chat_text(slip) if slip else "",
            target=_target(),
            leads_home=bool(web.can(Permission.MEMBER_READ, found.member)),
        )
    )


def _chat_text(slip: Slip) -> str:
    """A few lines to send to the one person."""
    return "\n".join(
        (
            _("%(name)s, this is your own link to Mobilizer:", name=slip.person.name),
            slip.link,
            _(
                "Open it, choose a password, and you are in. It works once, until %(until)s.",
                until=moment(slip.until, clock.now()),
            ),
            _("It opens your account: please do not pass it on."),
        )
    )


def make_for_member(found: Candidate) -> Any:
    by, target = web.actor(), _target()
    return web.command(
        lambda: actions.make(
            [found.member.id],
            nonce=_nonce,
            secret_key=current_app.config["SECRET_KEY"],
            by=by,
            now=clock.now(),
        ),
        done=lambda _count: web.Done(
            N_("The link is made, good for 72 hours. Send it to %(name)s alone."),
            url_for("activations.member", member_id=found.member.id, next=target or None),
            {"name": found.member.name},
        ),
        page=lambda: _member_page(found),
    )


def revoke_for_member(found: Candidate) -> Any:
    by, target = web.actor(), _target()
    return web.command(
        lambda: actions.revoke([found.member.id], by=by, now=clock.now()),
        done=lambda _count: web.Done(
            N_("The link is ended."),
            url_for("activations.member", member_id=found.member.id, next=target or None),
        ),
        page=lambda: _member_page(found),
    )
