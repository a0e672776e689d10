"""A member's skills: their own word under “me”, and a secretary's on the member's page."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_
from mobilizer.inputs import clean_line
from mobilizer.members import queries, skills
from mobilizer.members.queries import MemberPage
from mobilizer.members.views import member_page
from mobilizer.policy import Permission

blueprint = Blueprint("skills", __name__)
MEMBER = "/members/<int:member_id>/skills"
SKILL = "<int(max=2147483647):skill_id>"


@blueprint.get("/my/skills")
@web.requires(Permission.MY_SERVICE_READ)
def mine() -> Any:
    return _mine()


def _mine() -> str:
    held = skills.held(web.the_reader().member_id)
    had = {each.skill_id for each in held}
    return render_template(
        "members/my_skills.html",
        held=held,
        others=[(skill_id, name) for skill_id, name in queries.skills() if skill_id not in had],
    )


def _skill_id() -> int:
    skill_id = request.form.get("skill_id", 0, type=int)
    return skill_id if 0 < skill_id < 2**31 else 0


@blueprint.post("/my/skills")
@web.requires(Permission.MY_SERVICE_READ)
def claim() -> Any:
    member_id, by, skill_id = web.the_reader().member_id, web.actor(), _skill_id()
    return web.command(
        lambda: skills.claim(member_id, skill_id, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("Noted. It counts as soon as a secretary has confirmed it."), url_for("skills.mine")
        ),
        page=_mine,
    )


@blueprint.post("/my/skills/drop")
@web.requires(Permission.MY_SERVICE_READ)
def drop() -> Any:
    member_id, by, skill_id = web.the_reader().member_id, web.actor(), _skill_id()
    return web.command(
        lambda: skills.remove(member_id, skill_id, by=by, now=clock.now(), own=True),
        done=lambda name: web.Done(N_("“%(skill)s” is taken back."), url_for("skills.mine"), {"skill": name}),
        page=_mine,
    )


@blueprint.post(MEMBER)
@web.requires(Permission.BRANCH_RUN, of=queries.member)
def confirm(member: MemberPage) -> Any:
    """By whoever runs the member's home branch."""
    by, name = web.actor(), clean_line(request.form.get("skill")) or ""
    return web.command(
        lambda: skills.confirm(member.id, name, by=by, now=clock.now()),
        done=lambda skill: _done(
            member, N_("“%(skill)s” is confirmed: shifts that need it are open to %(name)s."), skill
        ),
        page=lambda: member_page(member),
    )


@blueprint.post(f"{MEMBER}/{SKILL}/remove")
@web.requires(Permission.BRANCH_RUN, of=lambda member_id, skill_id: queries.member(member_id))
def remove(member: MemberPage) -> Any:
    by, skill_id = web.actor(), int((request.view_args or {})["skill_id"])
    return web.command(
        lambda: skills.remove(member.id, skill_id, by=by, now=clock.now()),
        done=lambda skill: _done(member, N_("“%(skill)s” is off %(name)s’s roster entry."), skill),
        page=lambda: member_page(member),
    )


def _done(member: MemberPage, told: str, skill: str) -> web.Done:
    at = url_for("members.member", member_id=member.id, _anchor="skills")
    return web.Done(told, at, {"skill": skill, "name": member.name})
