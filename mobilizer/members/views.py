"""Finding members, one member, and appointing them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.accounts import actions as accounts
from mobilizer.accounts import queries as account_queries
from mobilizer.accounts.passkey_queries import passkeys
from mobilizer.errors import N_
from mobilizer.members import queries, rules, skills
from mobilizer.members.forms import AppointForm, SearchForm
from mobilizer.members.queries import MemberPage
from mobilizer.policy import Permission
from mobilizer.terms import LABELS, Role, Standing
from mobilizer.units import queries as units

blueprint = Blueprint("members", __name__)
FURTHEST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list is asked for: of whoever has an appointment, wherever it is."""

    unit_code: str | None
    branch_id: int | None


def _own_place() -> _Place:
    """The place of the reader's first appointment that lets them read members there."""
    reader = web.the_reader()
    places = [_Place(grant.unit_code, grant.branch_id) for grant in reader.grants]
    return next((place for place in places if web.can(Permission.MEMBER_READ, place)), _Place(None, None))


@blueprint.get("/members", endpoint="index")
@web.requires(Permission.MEMBER_READ, of=_own_place)
def index(_place: _Place) -> Any:
    scope = rules.covering(web.the_reader())
    form = SearchForm(request.args)
    choices = units.within_any(None if scope.everything else scope.unit_codes)
    form.unit.choices = [
        SelectChoice("", _("All")),
        *(SelectChoice(unit.code, units.indented(unit)) for unit in choices),
    ]
    form.standing.choices = [
        SelectChoice("", _("All")),
        *(SelectChoice(str(standing), _(LABELS[standing])) for standing in Standing),
    ]
    page = min(max(request.args.get("page", 1, type=int), 1), FURTHEST_PAGE)
    found = queries.search(
        scope,
        text=(form.q.data or "")[:100],
        unit_code=form.unit.data or None,
        standing=form.standing.data or None,
        limit=queries.PAGE,
        offset=(page - 1) * queries.PAGE,
    )
    asked = {name: value for name, value in form.data.items() if value}
    return web.page_or_fragment(
        "members/index.html",
        "members/_found.html",
        form=form,
        found=found,
        at=page,
        pages=max(1, -(-found.total // queries.PAGE)),
        asked=asked,
        answers=any(web.can(Permission.CORRECTION_ANSWER, grant) for grant in web.the_reader().grants),
    )


@blueprint.get("/members/<int:member_id>", endpoint="member")
@web.requires(Permission.MEMBER_READ, of=queries.member)
def member(found: MemberPage) -> Any:
    return member_page(found)


def member_page(found: MemberPage, form: AppointForm | None = None) -> str:
    """The member as their page shows them to the reader; `form` was sent and is shown again."""
    held, runs = account_queries.appointments(found.id), web.can(Permission.BRANCH_RUN, found)
    return render_template(
        "members/member.html",
        member=found,
        current=[each for each in held if not each.ends_at],
        ended=[each for each in held if each.ends_at],
        skills=skills.held(found.id) if runs else None,
        passkeys=passkeys(found.id) if web.can(Permission.MEMBER_APPOINT, found) else (),
        known_skills=queries.skills() if runs else (),
        form=form or (_appoint_form(found) if web.can(Permission.MEMBER_APPOINT, found) else None),
    )


def _appoint_form(found: MemberPage) -> AppointForm:
    form = AppointForm()
    form.unit.choices = [
        SelectChoice("", _("none")),
        *(SelectChoice(unit.code, units.indented(unit)) for unit in units.choices(grids=True)),
    ]
    form.branch.choices = [
        SelectChoice("", _("none")),
        *(SelectChoice(str(branch_id), name) for branch_id, name in queries.branches_near(found)),
    ]
    return form


@blueprint.post("/members/<int:member_id>/appointments", endpoint="appoint")
@web.requires(Permission.MEMBER_APPOINT, of=queries.member)
def appoint(found: MemberPage) -> Any:
    form = _appoint_form(found)
    if not form.validate():
        return member_page(found, form), 422

    def page() -> str:
        shown = _appoint_form(found)
        if g.get("refusal"):
            shown.unit.errors = [web.say(g.refusal)]
        return member_page(found, shown)

    return web.command(
        lambda: accounts.appoint(
            found.id,
            Role(form.role.data),
            unit_code=form.unit.data or None,
            branch_id=int(form.branch.data) if form.branch.data else None,
            by=web.actor(),
            now=clock.now(),
        ),
        done=lambda _id: web.Done(
            N_("%(name)s is appointed."), url_for("members.member", member_id=found.id), {"name": found.name}
        ),
        page=page,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """An appointment of a member, at the member's place."""

    member: MemberPage
    appointment_id: int
    unit_code: str | None
    branch_id: int | None


def _held(member_id: int, appointment_id: int) -> _Held | None:
    found = queries.member(member_id)
    if found is None or appointment_id not in {each.id for each in account_queries.appointments(found.id)}:
        return None
    return _Held(found, appointment_id, found.unit_code, found.branch_id)


@blueprint.post("/members/<int:member_id>/appointments/<int:appointment_id>/end", endpoint="end_appointment")
@web.requires(Permission.MEMBER_APPOINT, of=_held)
def end_appointment(held: _Held) -> Any:
    return web.command(
        lambda: accounts.end_appointment(held.appointment_id, by=web.actor(), now=clock.now()),
        done=lambda _nothing: web.Done(
            N_("The appointment is ended."), url_for("members.member", member_id=held.member.id)
        ),
        page=lambda: member_page(held.member),
    )
