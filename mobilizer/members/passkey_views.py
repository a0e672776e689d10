"""A member's lost passkeys, taken off by an administrator on the member's page."""

from typing import Any

from flask import Blueprint, request, url_for

from mobilizer import clock, web
from mobilizer.accounts import passkeys
from mobilizer.errors import N_
from mobilizer.members import queries
from mobilizer.members.queries import MemberPage
from mobilizer.members.views import member_page
from mobilizer.policy import Permission

blueprint = Blueprint("member_passkeys", __name__)


@blueprint.post("/members/<int:member_id>/passkeys/<int(max=2147483647):passkey_id>/remove")
@web.requires(Permission.MEMBER_APPOINT, of=lambda member_id, passkey_id: queries.member(member_id))
def remove(member: MemberPage) -> Any:
    by, passkey_id = web.actor(), int((request.view_args or {})["passkey_id"])
    return web.command(
        lambda: passkeys.remove_lost(member.id, passkey_id, by=by, now=clock.now()),
        done=lambda _count: web.Done(
            N_("The passkey is removed. %(name)s can add a new one just after a log-in."),
            url_for("members.member", member_id=member.id),
            {"name": member.name},
        ),
        page=lambda: member_page(member),
    )
