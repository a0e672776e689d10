"""Calls: those open to me, those I lead; one call; writing, publishing, closing and sharing it; its short link."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer import qr as qr_codes
from mobilizer.calls import actions, queries, sharing
from mobilizer.calls.by_day import by_day
from mobilizer.calls.forms import CallForm
from mobilizer.calls.queries import CallRow, CallShift
from mobilizer.errors import N_
from mobilizer.policy import Permission
from mobilizer.terms import LABELS, CallStatus, ServiceCategory, ShiftStatus

blueprint = Blueprint("calls", __name__)
OPEN_FOR = timedelta(days=14)
MOST_ID = 2**31 - 1


@blueprint.get("/calls")
@web.requires(Permission.HOME_READ)
def index() -> Any:
    reader, now = web.the_reader(), clock.now()
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    status = request.args.get("status")
    status = status if status in set(CallStatus) else None
    leading = any(grant.unit_code or grant.branch_id for grant in reader.grants)
    watched = queries.watched(reader, now, status=status, page=page) if leading else []
    more, watched = len(watched) > queries.PAGE, watched[: queries.PAGE]

    def address(page: int) -> str:
        return url_for("calls.index", status=status, page=page if page > 1 else None)

    chips = [(_("All"), url_for("calls.index"), status is None)]
    chips += [(_(LABELS[each]), url_for("calls.index", status=each), status == each) for each in CallStatus]
    return render_template(
        "calls/index.html",
        open_calls=[each for each in queries.open_to(reader, now) if each not in watched],
        leading=leading,
        watched=watched,
        branches=queries.led_branches(reader) if leading else [],
        chips=chips,
        filtered=status is not None or page > 1,
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if more else None,
        now=now,
    )


# --- one call -----------------------------------------------------------------------------------------


def _shown(call: CallRow, shifts: list[CallShift], now: datetime) -> dict[str, Any]:
    """The shifts of a call as its pages show them: by day, bare ones first; those over and cancelled apart."""
    coming, over, cancelled = [], [], []
    for each in shifts:
        if each.status == ShiftStatus.CANCELLED:
            cancelled.append(each)
        elif each.status == ShiftStatus.OPEN and each.ends_at > now:
            coming.append(each)
        else:
            over.append(each)
    return {
        "call": call,
        "spots": queries.spots(call.id),
        "days": by_day(coming, lambda each: each.free > 0),
        "coming": coming,
        "over": over,
        "cancelled": cancelled,
        "seats": sum(each.capacity for each in coming),
        "taken": sum(each.taken for each in coming),
        "bare": sum(each.taken == 0 for each in coming),
        "now": now,
    }


def _takes(call: CallRow) -> bool:
    """Whether the reader can take shifts of it now: then its page is the one on which they do."""
    return bool(web.can(Permission.SHIFT_TAKE, call)) and call.opens_at <= clock.now() < call.closes_at


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>")
@web.requires(Permission.CALL_READ, of=queries.call)
def call(call: CallRow) -> Any:
    """For those who lead or watch, and before sign-up is open; who can take its shifts is led on to where they do."""
    if _takes(call) and not web.can(Permission.CALL_EDIT, call):
        return web.go(url_for("taking.call", call_id=call.id))
    return _call_page(call)


def _call_page(call: CallRow) -> str:
    now = clock.now()
    shown = _shown(call, queries.shifts(call.id, now), now)
    runs = bool(web.can(Permission.SHIFT_RUN, call))
    return render_template(
        "calls/call.html",
        **shown,
        leads=bool(web.can(Permission.CALL_EDIT, call)),
        joined=queries.joined(call.id, now) if runs else None,
    )


@blueprint.get("/c/<string(maxlength=12):code>")
@web.open_to_all
def short(code: str) -> Any:
    """What the call is and where it is bare, for anyone with the link; no personal data. Whoever is called and logged
    in is led on to where they can take a shift."""
    call, now = _shared(code), clock.now()
    if _takes(call):
        return web.go(url_for("taking.call", call_id=call.id))
    reader = web.reader()
    enters = call.quick_join and call.opens_at <= now and (reader is None or reader.pass_call_id is not None)
    return render_template(
        "calls/short.html",
        **_shown(call, queries.shifts(call.id, now), now),
        leads=False,
        enters=enters,
        takes=enters and now < call.closes_at,
    )


@blueprint.get("/c/<string(maxlength=12):code>/qr.svg")
@web.open_to_all
def qr(code: str) -> Response:
    return Response(qr_codes.svg(_link(_shared(code))), mimetype="image/svg+xml")


def _shared(code: str) -> CallRow:
    return queries.published_by_code(code) or abort(404)


def _link(call: CallRow) -> str:
    return web.public_url("calls.short", code=call.code)


# --- writing it ---------------------------------------------------------------------------------------


def _branch_asked() -> queries.CallingBranch | None:
    branch_id = request.args.get("branch", 0, type=int)
    return queries.branch(branch_id) if 0 < branch_id <= MOST_ID else None


def _form_for(unit_code: str, branch_name: str, **data: Any) -> CallForm:
    form = CallForm(data=data)
    units = queries.audience_units(web.the_reader(), unit_code)
    wide = _("everyone in %(unit)s")
    choices = {f"unit:{code}": wide % {"unit": name} for code, name in units}
    choices["branch"] = _("the branch itself: %(branch)s", branch=branch_name)
    if kept := data.get("audience"):
        choices.setdefault(kept, data.get("audience_name", ""))
    form.audience.choices = [SelectChoice(value, label) for value, label in choices.items()]
    return form


def _values(form: CallForm, branch_id: int) -> dict[str, Any]:
    audience = form.audience.data
    to_branch = audience == "branch"
    names = (
        "title",
        "content",
        "risks",
        "kit",
        "category",
        "dangerous",
        "insured",
        "quick_join",
        "opens_at",
        "closes_at",
    )
    return {name: form[name].data for name in names} | {
        "audience_unit_code": None if to_branch else audience.removeprefix("unit:"),
        "audience_branch_id": branch_id if to_branch else None,
    }


@blueprint.get("/calls/new")
@web.requires(Permission.CALL_EDIT, of=_branch_asked)
def new(branch: queries.CallingBranch) -> Any:
    now = clock.now().replace(second=0, microsecond=0)
    form = _form_for(
        branch.unit_code,
        branch.name,
        audience=f"unit:{branch.unit_code}",
        opens_at=now,
        closes_at=now + OPEN_FOR,
        category=ServiceCategory.CHECKPOINT_DUTY.value,
        quick_join=True,
    )
    return render_template("calls/new.html", branch=branch, form=form)


@blueprint.post("/calls/new", endpoint="create")
@web.requires(Permission.CALL_EDIT, of=_branch_asked)
def create(branch: queries.CallingBranch) -> Any:
    form = _form_for(branch.unit_code, branch.name)

    def page() -> Any:
        _refusal_at_its_field(form)
        return render_template("calls/new.html", branch=branch, form=form)

    if not form.validate():
        return page(), 422
    by, values = web.actor(), _values(form, branch.id)
    return web.command(
        lambda: actions.draft(branch.id, **values, by=by, now=clock.now()),
        done=lambda call_id: web.Done(
            N_("The draft is kept. Now lay out its shifts."), url_for("calls.call", call_id=call_id)
        ),
        page=page,
    )


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/edit")
@web.requires(Permission.CALL_EDIT, of=queries.call)
def edit(call: CallRow) -> Any:
    return render_template("calls/edit.html", call=call, form=_edit_form(call))


def _edit_form(call: CallRow) -> CallForm:
    to_unit = call.audience_unit_code is not None
    return _form_for(
        call.unit_code,
        call.branch_name,
        title=call.title,
        content=call.content,
        risks=call.risks,
        kit=call.kit,
        category=call.category,
        dangerous=call.dangerous,
        insured=call.insured,
        quick_join=call.quick_join,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        audience=f"unit:{call.audience_unit_code}" if to_unit else "branch",
        audience_name=_("everyone in %(unit)s", unit=call.audience_unit_name),
    )


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/edit", endpoint="change")
@web.requires(Permission.CALL_EDIT, of=queries.call)
def change(call: CallRow) -> Any:
    form = _edit_form(call)

    def page() -> Any:
        _refusal_at_its_field(form)
        return render_template("calls/edit.html", call=call, form=form)

    if not form.validate():
        return page(), 422
    by, values = web.actor(), _values(form, call.branch_id)
    return web.command(
        lambda: actions.edit(call.id, **values, by=by, now=clock.now()),
        done=lambda _result: web.Done(N_("The changes are kept."), url_for("calls.call", call_id=call.id)),
        page=page,
    )


def _refusal_at_its_field(form: CallForm) -> None:
    refusal = g.get("refusal")
    if refusal and refusal.field and refusal.field in form:
        form[refusal.field].errors = [web.say(refusal)]


# --- opening, closing, sharing it ----------------------------------------------------------------------


def _step(call: CallRow, act: Callable[[], None], told: str, location: str) -> Any:
    """One press on the call's page; refused, the page is shown again with the reason."""
    return web.command(act, done=lambda _result: web.Done(told, location), page=lambda: _call_page(call))


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/publish")
@web.requires(Permission.CALL_EDIT, of=queries.call)
def publish(call: CallRow) -> Any:
    by = web.actor()
    return _step(
        call,
        lambda: actions.publish(call.id, by=by, now=clock.now()),
        N_("Published. Now share it."),
        url_for("calls.share", call_id=call.id),
    )


@blueprint.post(f"/calls/<int(max={MOST_ID}):call_id>/close")
@web.requires(Permission.CALL_EDIT, of=queries.call)
def close(call: CallRow) -> Any:
    by = web.actor()
    return _step(
        call,
        lambda: actions.close(call.id, by=by, now=clock.now()),
        N_("The call is closed. Whoever is signed up stays so."),
        url_for("calls.call", call_id=call.id),
    )


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/share")
@web.requires(Permission.CALL_READ, of=queries.call)
def share(call: CallRow) -> Any:
    return _share_page(call, "calls/share.html")


@blueprint.get(f"/calls/<int(max={MOST_ID}):call_id>/poster")
@web.requires(Permission.CALL_READ, of=queries.call)
def poster(call: CallRow) -> Any:
    return _share_page(call, "calls/poster.html")


def _share_page(call: CallRow, template: str) -> Any:
    if not call.published:
        return web.go(url_for("calls.call", call_id=call.id))
    now = clock.now()
    shown = _shown(call, queries.shifts(call.id, now), now)
    link = _link(call)
    text = sharing.chat_lines(call, shown["coming"], link, now)
    where = sharing.places(shown["coming"])
    return render_template(template, **shown, link=link, text=text, where=where)
