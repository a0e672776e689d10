"""Services without a shift, for whoever leads a branch: who waits for a yes, what was entered; enter one, put one right."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_, Refused
from mobilizer.hours import claim_queries as queries
from mobilizer.hours import claim_times, claims
from mobilizer.hours.claim_forms import ClaimCorrectionForm, DeclineForm, ServiceForm
from mobilizer.hours.claim_queries import PAGE, ClaimRow
from mobilizer.hours.claim_rows import Service
from mobilizer.hours.counting import CountedAlready
from mobilizer.inputs import clean_line, local_zone
from mobilizer.policy import Permission
from mobilizer.signups.candidates import AroundBranch, Candidate, candidates

blueprint = Blueprint("claims", __name__)
ID = "int(max=2147483647)"
OF_BRANCH = f"/branches/<{ID}:branch_id>/services"
ONE = f"{OF_BRANCH}/<{ID}:claim_id>"


# --- who waits, and what was entered ---------------------------------------------------------------------


@blueprint.get(OF_BRANCH)
@web.requires(Permission.CLAIM_DECIDE, of=branches.branch)
def index(branch: BranchRow) -> Any:
    return _index(branch.id)


def _index(branch_id: int, declining: tuple[int, str] | None = None) -> str:
    """`declining`: the claim of which a no was sent that cannot be taken, and what was typed."""
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    settled = queries.settled_in(branch_id, page=page)
    refusal = g.get("refusal")
    return render_template(
        "hours/claims.html",
        branch=branches.branch(branch_id),
        waiting=queries.waiting_in(branch_id),
        settled=settled[:PAGE],
        declining=declining,
        counted=refusal if isinstance(refusal, CountedAlready) else None,
        asked_of=int((request.view_args or {}).get("claim_id", 0)),
        rest=_rest(),
        previous=url_for("claims.index", branch_id=branch_id, page=page - 1) if page > 1 else None,
        next=url_for("claims.index", branch_id=branch_id, page=page + 1) if len(settled) > PAGE else None,
    )


@blueprint.post(f"{ONE}/accept")
@web.requires(Permission.CLAIM_DECIDE, of=queries.claim)
def accept(claim: ClaimRow) -> Any:
    agreed = claim_times.rest_read(request.form.get("rest"))
    return _decide(
        claim,
        lambda **signed: claims.accept(claim.id, agreed=agreed, **signed),
        N_("Counted: the service of %(name)s."),
    )


@blueprint.post(f"{ONE}/decline")
@web.requires(Permission.CLAIM_DECIDE, of=queries.claim)
def decline(claim: ClaimRow) -> Any:
    form = DeclineForm()
    if not form.validate():
        return _index(claim.branch_id, (claim.id, str(form.words.data or ""))), 422
    words = form.words.data or ""
    return _decide(
        claim,
        lambda **signed: claims.decline(claim.id, words=words, **signed),
        N_("Not counted: the service of %(name)s. They read why."),
    )


def _decide(claim: ClaimRow, act: Callable[..., None], message: str) -> Any:
    by, now = web.actor(), clock.now()
    return web.command(
        lambda: act(by=by, now=now),
        done=lambda _none: web.Done(
            message, url_for("claims.index", branch_id=claim.branch_id), {"name": claim.name}
        ),
        page=lambda: _index(claim.branch_id),
    )


# --- enter one -----------------------------------------------------------------------------------------


@blueprint.get(f"{OF_BRANCH}/new")
@web.requires(Permission.CLAIM_ENTER, of=branches.branch)
def new(branch: BranchRow) -> Any:
    """First whom: ?q= searches; then with ?member= what they did."""
    who = _named(branch, request.args.get("member", 0, type=int))
    if who is None:
        asked = _asked()
        found = candidates(_around(branch), web.the_reader(), asked) if asked else []
        return render_template("hours/claim_whom.html", branch=branch, asked=asked, found=found)
    form = _offered(branch, ServiceForm(formdata=None, data={"branch_id": branch.id}))
    return _entering(branch, who, form)


@blueprint.post(OF_BRANCH)
@web.requires(Permission.CLAIM_ENTER, of=branches.branch)
def enter(branch: BranchRow) -> Any:
    """Only whom the search finds for this leader can be entered, whatever number the form carries."""
    by, now = web.actor(), clock.now()
    who = _named(branch, request.form.get("member", 0, type=int))
    form = _offered(branch, ServiceForm())
    if who is None:
        return render_template("hours/claim_whom.html", branch=branch, asked=_asked(), found=[]), 404
    if not form.validate():
        return _entering(branch, who, form), 422

    def act() -> bool:
        limit = current_app.config["HAND_ENTRY_MINUTES"]
        return claims.enter_by_hand(service_in(form, who.id), limit=limit, by=by, now=now)

    def done(counted: bool) -> web.Done:
        said = (
            N_("Counted: the service of %(name)s.")
            if counted
            else N_("Entered: the service of %(name)s. It counts once somebody else has said yes.")
        )
        return web.Done(said, url_for("claims.index", branch_id=branch.id), {"name": who.name})

    return web.command(act, done=done, page=lambda: _entering(branch, who, refused_in(form)))


def _named(branch: BranchRow, member_id: int) -> Candidate | None:
    if not 0 < member_id < 2**31:
        return None
    found = candidates(_around(branch), web.the_reader(), _asked(), only=[member_id])
    return found[0] if found else None


def _around(branch: BranchRow) -> AroundBranch:
    return AroundBranch(branch.id, branch.unit_code)


def _asked() -> str:
    return (clean_line(request.values.get("q", "")) or "")[:100]


def _offered(branch: BranchRow, form: ServiceForm) -> ServiceForm:
    places = [(each.id, each.name) for each in branches.checkpoints(branch.id)]
    form.offer([(branch.id, branch.name)], places)
    return form


def _entering(branch: BranchRow, who: Candidate, form: ServiceForm) -> str:
    return render_template(
        "hours/claim_new.html",
        branch=branch,
        who=who,
        asked=_asked(),
        form=form,
        limit=current_app.config["HAND_ENTRY_MINUTES"],
        counted=counted_in(form),
    )


# --- put one right ---------------------------------------------------------------------------------------


@blueprint.get(f"{ONE}/correct", endpoint="correction")
@web.requires(Permission.CLAIM_ENTER, of=queries.claim)
def correction(claim: ClaimRow) -> Any:
    zone = local_zone()
    first, last = (claim.counted_from or claim.starts_at), (claim.counted_to or claim.ends_at)
    form = ClaimCorrectionForm(
        formdata=None,
        data={
            "counts": "yes",
            "day": first.astimezone(zone).date(),
            "begins": first.astimezone(zone).strftime("%H:%M"),
            "until": last.astimezone(zone).strftime("%H:%M"),
            "break_minutes": claim.break_minutes if claim.counted_break is None else claim.counted_break,
            "instead_of": str(claim.record_id or ""),
        },
    )
    return _correcting(claim, form)


@blueprint.post(f"{ONE}/correct")
@web.requires(Permission.CLAIM_ENTER, of=queries.claim)
def correct(claim: ClaimRow) -> Any:
    form, by, now = ClaimCorrectionForm(), web.actor(), clock.now()
    if not form.validate():
        return _correcting(claim, form), 422

    def act() -> None:
        claims.correct(
            claim.id,
            instead_of=form.instead_of_id,
            span=span_in(form) if form.counts.data == "yes" else None,
            break_minutes=form.break_minutes.data or 0,
            agreed=claim_times.rest_read(form.rest.data),
            reason=form.reason.data or "",
            limit=current_app.config["HAND_ENTRY_MINUTES"],
            by=by,
            now=now,
        )

    def done(_none: None) -> web.Done:
        return web.Done(
            N_("Corrected: %(name)s. The ledger keeps what stood before, and why."),
            url_for("claims.index", branch_id=claim.branch_id),
            {"name": claim.name},
        )

    return web.command(act, done=done, page=lambda: _correcting(claim, refused_in(form)))


def _correcting(claim: ClaimRow, form: ClaimCorrectionForm) -> str:
    return render_template("hours/claim_correction.html", claim=claim, form=form, counted=counted_in(form))


# --- what they share with the member's own ------------------------------------------------------------------


def span_in(form: Any) -> Any:
    return claim_times.read(form.day.data, form.begins.data or "", form.until.data or "", local_zone())


def service_in(form: ServiceForm, member_id: int) -> Service:
    """What the form tells."""
    return Service(
        member_id,
        form.branch_id.data,
        form.checkpoint_id.data,
        form.category.data,
        span_in(form),
        form.break_minutes.data or 0,
        form.why.data or "",
        claim_times.rest_read(form.rest.data),
    )


def refused_in(form: Any) -> Any:
    """The form with what was refused at its field."""
    refusal: Refused = g.refusal
    if refusal.field and refusal.field != "rest" and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]
    return form


def counted_in(form: Any) -> CountedAlready | None:
    """What the time that was sent overlaps; the form then carries no rest that was not asked about."""
    refusal = g.get("refusal")
    form.rest.data = None
    return refusal if isinstance(refusal, CountedAlready) else None


def _rest() -> str:
    refusal = g.get("refusal")
    found = refusal.conflicts[0].rest if isinstance(refusal, CountedAlready) else None
    return claim_times.rest_written(found) if found else ""
