"""One branch, and what is done on its page. The routes of the other pages of this step are at the end."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from mobilizer import clock, journal, web
from mobilizer.branches import (
    actions,
    checkpoint_views,
    limit_views,
    listing_views,
    operation_views,
    queries,
    rules,
    standing_up_views,
    way_views,
)
from mobilizer.branches.checkpoints import served_checkpoints
from mobilizer.branches.choice_forms import FOUND, checkpoint_choices, leader_choices
from mobilizer.branches.forms import (
    LARGEST_ID,
    ApprovalForm,
    AttachForm,
    CheckpointForm,
    DeclineForm,
    ServeForm,
)
from mobilizer.branches.queries import AttachmentRow, BranchRow
from mobilizer.errors import N_
from mobilizer.inputs import clean_line
from mobilizer.members import queries as members
from mobilizer.members.rules import covering
from mobilizer.policy import Permission
from mobilizer.terms import BranchKind, BranchStatus

blueprint = Blueprint("branches", __name__)
ID = f"int(max={LARGEST_ID})"
LINES = 20
"""How much of the journal its page shows, and only to those whose appointments cover the branch."""


# --- one of them --------------------------------------------------------------------------------------


@blueprint.get(f"/branches/<{ID}:branch_id>")
@web.requires(Permission.BRANCH_READ, of=queries.branch)
def branch(branch: BranchRow) -> Any:
    return _branch_page(branch)


def _branch_page(branch: BranchRow, **forms: Any) -> str:
    """The branch as it stands now; `forms` are those that were sent and are shown again with their errors."""
    branch = queries.branch(branch.id) or branch
    runs, decides = web.can(Permission.BRANCH_RUN, branch), web.can(Permission.BRANCH_APPROVE, branch)
    strength, leaders = queries.strength(branch), queries.leaders(branch.id)
    places = queries.checkpoints(branch.id)
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    waiting = branch.status == BranchStatus.PROPOSED
    attaches = runs and branch.current and branch.kind != BranchKind.STANDING
    return render_template(
        "branches/branch.html",
        branch=branch,
        strength=strength,
        leaders=leaders,
        checkpoints=places,
        editable=_editable(branch) if runs else set(),
        people=queries.people(branch, page=page),
        page=page,
        last_page=max(1, -(-strength.people // queries.PEOPLE_PAGE)),
        lines=journal.of_branch(branch.id, limit=LINES) if web.can(Permission.MEMBER_READ, branch) else None,
        steps=rules.steps(
            kind=branch.kind,
            status=branch.status,
            led=bool(leaders),
            people=strength.full_members if branch.kind == BranchKind.TEMPORARY else strength.people,
            checkpoints=len(places),
        ),
        remarks=_remarks(branch, strength, len(leaders)),
        runs=runs,
        attaches=attaches,
        search=_search(branch) if attaches else None,
        approval=_approval(branch, forms.get("approval")) if waiting and decides else None,
        decline=forms.get("decline") or (DeclineForm() if waiting and decides else None),
        attach=forms.get("attach") or AttachForm(formdata=None),
        checkpoint=forms.get("checkpoint") or CheckpointForm(formdata=None),
        serve=_serve(branch, forms.get("serve")) if runs and branch.current else None,
    )


def _editable(branch: BranchRow) -> set[int]:
    """The checkpoints that the reader may change."""
    served = served_checkpoints(branch)
    return {each.id for each in served if web.can(Permission.CHECKPOINT_EDIT, each)}


def _remarks(branch: BranchRow, strength: queries.Strength, committee: int) -> list[rules.Remark]:
    if branch.kind != BranchKind.TEMPORARY or not branch.current:
        return []
    waiting = branch.status == BranchStatus.PROPOSED
    return rules.remarks(
        full_members=strength.full_members,
        people=strength.people,
        committee=rules.USUAL_COMMITTEE[0] if waiting else committee,
    )


def _search(branch: BranchRow) -> dict[str, Any]:
    """Whom the reader's appointments cover and who is not attached yet, by words and skill."""
    text = (clean_line(request.args.get("find")) or "")[:100]
    skill = request.args.get("skill", 0, type=int)
    skill_id = skill if 0 < skill <= LARGEST_ID else None
    found = None
    if text or skill_id:
        found = members.search(
            covering(web.the_reader()),
            text=text,
            skill_id=skill_id,
            without=queries.attached(branch.id),
            limit=FOUND,
        )
    return {"text": text, "skill_id": skill_id, "skills": members.skills(), "found": found}


def _approval(branch: BranchRow, sent: ApprovalForm | None) -> ApprovalForm:
    form = sent or ApprovalForm(formdata=None)
    form.offer(leader_choices(branch.id))
    return form


def _serve(branch: BranchRow, sent: ServeForm | None) -> ServeForm:
    form = sent or ServeForm(formdata=None)
    form.checkpoint_ids.choices = checkpoint_choices(branch.unit_code, not_of=branch.id)
    return form


# --- what is done on its page -------------------------------------------------------------------------


def _done_on_page(
    branch: BranchRow, name: str, form: Any, act: Callable[[], Any], told: Callable[[Any], web.Done]
) -> Any:
    """One command of the branch's page; wrongly filled in or refused, the page is shown again with it."""
    if not form.validate():
        return _branch_page(branch, **{name: form}), 422

    def page() -> str:
        refusal = g.get("refusal")
        if refusal and refusal.field in form:
            form[refusal.field].errors = [web.say(refusal)]
        return _branch_page(branch, **{name: form})

    return web.command(act, done=told, page=page)


def _here(branch_id: int, anchor: str | None = None) -> str:
    return url_for("branches.branch", branch_id=branch_id, _anchor=anchor)


@blueprint.post(f"/branches/<{ID}:branch_id>/approve")
@web.requires(Permission.BRANCH_APPROVE, of=queries.branch)
def approve(branch: BranchRow) -> Any:
    form, by = _approval(branch, ApprovalForm()), web.actor()
    return _done_on_page(
        branch,
        "approval",
        form,
        lambda: actions.approve(
            branch.id,
            secretary_id=form.secretary_id.data,
            deputy_id=form.deputy_id.data,
            committee_ids=form.committee_ids.data or (),
            by=by,
            now=clock.now(),
        ),
        lambda _none: web.Done(
            N_("“%(name)s” is approved and stands."), _here(branch.id), {"name": branch.name}
        ),
    )


@blueprint.post(f"/branches/<{ID}:branch_id>/decline")
@web.requires(Permission.BRANCH_APPROVE, of=queries.branch)
def decline(branch: BranchRow) -> Any:
    form, by = DeclineForm(), web.actor()
    return _done_on_page(
        branch,
        "decline",
        form,
        lambda: actions.decline(branch.id, reason=form.reason.data, by=by, now=clock.now()),
        lambda _none: web.Done(
            N_("“%(name)s” is not approved; the reason is kept."), _here(branch.id), {"name": branch.name}
        ),
    )


@blueprint.post(f"/branches/<{ID}:branch_id>/end")
@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def end(branch: BranchRow) -> Any:
    by = web.actor()
    return web.command(
        lambda: actions.end(branch.id, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("“%(name)s” has ended. Thank you all."), url_for("branches.index"), {"name": branch.name}
        ),
        page=lambda: _branch_page(branch),
    )


@blueprint.post(f"/branches/<{ID}:branch_id>/members")
@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def attach(branch: BranchRow) -> Any:
    form, by = AttachForm(), web.actor()
    return _done_on_page(
        branch,
        "attach",
        form,
        lambda: actions.attach(branch.id, form.member_ids.data, by=by, now=clock.now()),
        lambda count: web.Done(N_("Attached: %(count)s."), _here(branch.id, "people"), {"count": count}),
    )


@blueprint.post(f"/branches/<{ID}:branch_id>/members/<{ID}:attachment_id>/end")
@web.requires(Permission.BRANCH_RUN, of=queries.attachment)
def detach(attachment: AttachmentRow) -> Any:
    by = web.actor()
    return web.command(
        lambda: actions.detach(attachment.id, by=by, now=clock.now()),
        done=lambda _none: web.Done(
            N_("%(name)s is no longer attached. Thank you."),
            _here(attachment.branch_id, "people"),
            {"name": attachment.name},
        ),
        page=lambda: _branch_page(_of(attachment)),
    )


def _of(attachment: AttachmentRow) -> BranchRow:
    found = queries.branch(attachment.branch_id)
    if found is None:
        raise RuntimeError("an attachment without its branch")
    return found


@blueprint.post(f"/branches/<{ID}:branch_id>/checkpoints")
@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def add_checkpoint(branch: BranchRow) -> Any:
    form, by = CheckpointForm(), web.actor()
    return _done_on_page(
        branch,
        "checkpoint",
        form,
        lambda: actions.add_checkpoint(
            branch.id,
            rules.NewCheckpoint(
                form.checkpoints.data,
                form.address.data or "",
                *form.position,
                form.contact.data or "",
            ),
            by=by,
            now=clock.now(),
        ),
        lambda _id: web.Done(
            N_("Checkpoint “%(name)s” added."),
            _here(branch.id, "checkpoints"),
            {"name": form.checkpoints.data},
        ),
    )


@blueprint.post(f"/branches/<{ID}:branch_id>/checkpoints/serve")
@web.requires(Permission.BRANCH_RUN, of=queries.branch)
def serve_checkpoints(branch: BranchRow) -> Any:
    form, by = ServeForm(), web.actor()
    return _done_on_page(
        branch,
        "serve",
        form,
        lambda: actions.serve_checkpoints(branch.id, form.checkpoint_ids.data, by=by, now=clock.now()),
        lambda _none: web.Done(
            N_("The branch serves these checkpoints too."), _here(branch.id, "checkpoints")
        ),
    )


# --- the routes whose views are in files of their own ---------------------------------------------------

blueprint.add_url_rule("/branches", "index", listing_views.index)
blueprint.add_url_rule("/branches/new", "stand_up", standing_up_views.stand_up)
blueprint.add_url_rule("/branches/new", "create", standing_up_views.create, methods=["POST"])
blueprint.add_url_rule("/branches/propose", "propose", standing_up_views.propose)
blueprint.add_url_rule(
    "/branches/propose", "create_proposal", standing_up_views.create_proposal, methods=["POST"]
)
_CHECKPOINT = f"/branches/<{ID}:branch_id>/checkpoints/<{ID}:checkpoint_id>"
blueprint.add_url_rule(_CHECKPOINT, "checkpoint", checkpoint_views.show)
blueprint.add_url_rule(_CHECKPOINT, "change_checkpoint", checkpoint_views.save, methods=["POST"])
blueprint.add_url_rule(f"/branches/<{ID}:branch_id>/limits", "limits", limit_views.show)
blueprint.add_url_rule(f"/branches/<{ID}:branch_id>/limits", "set_limits", limit_views.save, methods=["POST"])
blueprint.add_url_rule(f"/branches/<{ID}:branch_id>/check-in", "ways", way_views.show)
blueprint.add_url_rule(f"/branches/<{ID}:branch_id>/check-in", "set_ways", way_views.save, methods=["POST"])
blueprint.add_url_rule("/operations", "operations", operation_views.index)
blueprint.add_url_rule("/operations", "start_operation", operation_views.start, methods=["POST"])
blueprint.add_url_rule(
    f"/operations/<{ID}:operation_id>/end", "end_operation", operation_views.end, methods=["POST"]
)
