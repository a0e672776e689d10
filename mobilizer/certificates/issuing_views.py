"""Issuing certificates: whose, for which period, with what figures, then issued; one member's or the whole branch's."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import true

from mobilizer import clock, languages, secret, web
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.certificates import actions, ledger_queries, queries, rules
from mobilizer.certificates.forms import IssueAllForm, IssueForm, PeriodForm
from mobilizer.certificates.queries import Subject
from mobilizer.errors import N_, Refused
from mobilizer.inputs import clean_line, local_zone
from mobilizer.jobs import actions as jobs
from mobilizer.policy import Permission

blueprint = Blueprint("certifying", __name__)
ID = "int(max=2147483647)"
BRANCH = f"/branches/<{ID}:branch_id>/certificates"
MEMBER = f"{BRANCH}/members/<{ID}:member_id>"
_of_branch = web.requires(Permission.CERTIFICATE_ISSUE, of=branches.branch)
_of_subject = web.requires(Permission.CERTIFICATE_ISSUE, of=queries.subject)


def _nonce() -> str:
    return secrets.token_urlsafe(24)


def _today() -> date:
    return clock.now().astimezone(local_zone()).date()


@blueprint.get(f"{BRANCH}/members")
@_of_branch
def choose(branch: BranchRow) -> Any:
    """Whose service the branch can certify: its own members', and of whoever served with it."""
    text = (clean_line(request.args.get("q")) or "")[:100]
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    people = queries.people(branch.id, text, page=page)

    def address(page: int) -> str:
        return url_for("certifying.choose", branch_id=branch.id, q=text or None, page=page)

    return render_template(
        "certificates/choose.html",
        branch=branch,
        people=people[: queries.PAGE],
        q=text,
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if len(people) > queries.PAGE else None,
    )


# --- the period that is looked at -----------------------------------------------------------------------


def _asked() -> PeriodForm:
    """The period as the address has it; without one, all until today."""
    if "until" not in request.args:
        return PeriodForm(formdata=None, data={"to_day": _today()})
    form = PeriodForm(request.args)
    if form.validate():
        try:
            rules.check_period(form.from_day.data, form.to_day.data, _today())
        except Refused as refusal:
            form[refusal.field or "to_day"].errors = [web.say(refusal)]
    return form


def _given(form: IssueAllForm) -> PeriodForm:
    """The period as it was sent with what was to be issued."""
    day = form.to_day.data or _today()
    return PeriodForm(formdata=None, data={"from_day": form.from_day.data, "to_day": day})


@dataclass(frozen=True, slots=True)
class Looked:
    """What the ledger has of the period now: of how many people, how often, how many minutes."""

    people: int
    person_times: int
    minutes: int


def _known(branch_id: int) -> dict[str, Any]:
    """What the next certificate will most likely say of its issuer."""
    known = queries.issuer(branch_id)
    return {
        "language": "zh_CN",
        "person_in_charge": known.person_in_charge,
        "handler": web.the_reader().name,
        "contact": known.contact,
    }


# --- one member -----------------------------------------------------------------------------------------


@blueprint.get(MEMBER)
@_of_subject
def member(subject: Subject) -> Any:
    return _member_page(subject, _asked())


def _member_page(of: Subject, period: PeriodForm, form: IssueForm | None = None) -> str:
    from_day, to_day = period.from_day.data, period.to_day.data
    _ends, counted = ledger_queries.of_subjects([of] if not period.errors else [], from_day, to_day)
    figures = counted.get(of.member_id)
    if figures and form is None:
        known = {"from_day": from_day, "to_day": to_day, "seen": figures.checksum}
        known["volunteer_number"] = queries.volunteer_numbers([of.member_id]).get(of.member_id, "")
        form = IssueForm(formdata=None, data=known | _known(of.branch_id))
    elif figures and form:
        form.seen.data = figures.checksum  # what is shown now is what the next press issues
    return render_template("certificates/member.html", subject=of, period=period, figures=figures, form=form)


@blueprint.post(f"{MEMBER}/issue")
@_of_subject
def issue(subject: Subject) -> Any:
    form, by, now = IssueForm(), web.actor(), clock.now()
    if not form.validate():
        return _member_page(subject, _given(form), form), 422
    order, seen, number = form.order, form.seen.data, form.volunteer_number.data or ""
    return web.command(
        lambda: actions.issue(
            subject.branch_id,
            subject.member_id,
            order,
            volunteer_number=number,
            seen=seen,
            nonce=_nonce,
            secret_key=secret.key(),
            by=by,
            now=now,
        ),
        done=lambda certificate_id: web.Done(
            N_(
                "The certificate is issued. Print it now: the identity document's number is typed for that, and not kept."
            ),
            url_for("certificates.certificate", certificate_id=certificate_id),
        ),
        page=lambda: _member_page(subject, _given(form), form),
    )


# --- everybody ------------------------------------------------------------------------------------------


@blueprint.get(f"{BRANCH}/all")
@_of_branch
def everybody(branch: BranchRow) -> Any:
    return _everybody_page(branch, _asked())


def _everybody_page(branch: BranchRow, period: PeriodForm, form: IssueAllForm | None = None) -> str:
    from_day, to_day = period.from_day.data, period.to_day.data
    everybody = queries.subjects(branch, true()) if not period.errors else []
    _ends, counted = ledger_queries.of_subjects(everybody, from_day, to_day)
    looked = Looked(
        len(counted),
        sum(each.person_times for each in counted.values()),
        sum(each.minutes for each in counted.values()),
    )
    if form is None:
        form = IssueAllForm(formdata=None, data={"from_day": from_day, "to_day": to_day} | _known(branch.id))
    return render_template(
        "certificates/everybody.html", branch=branch, period=period, looked=looked, form=form
    )


@blueprint.post(f"{BRANCH}/all/issue")
@_of_branch
def issue_all(branch: BranchRow) -> Any:
    """Issued at once; drawn by a worker, as that takes a while. Asked again, it is the file of the same certificates."""
    form, by, now = IssueAllForm(), web.actor(), clock.now()
    if not form.validate():
        return _everybody_page(branch, _given(form), form), 422
    order, verify = form.order, web.public_url("verifying.verify", token="-").removesuffix("-")  # noqa: S106
    language, name = languages.current(), f"{branch.name} {order.to_day}.zip"

    def act() -> tuple[int, int]:
        ids, fresh = actions.issue_all(branch, order, nonce=_nonce, secret_key=secret.key(), by=by, now=now)
        arguments = {"branch_id": branch.id, "ids": ids, "verify": verify}
        named = {"file_name": name, "media_type": "application/zip"}
        return fresh, jobs.ask("certificates", arguments, **named, by=by, language=language, now=now)

    return web.command(
        act,
        done=lambda issued: web.Done(
            N_(
                "Certificates issued: %(count)s. Their sheets are being drawn, with a line on each for the document's number."
            ),
            url_for("jobs.one", job_id=issued[1]),
            {"count": issued[0]},
        ),
        page=lambda: _everybody_page(branch, _given(form), form),
    )
