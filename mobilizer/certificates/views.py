"""Certificates that were issued: a branch's, my own, one of them, its paper, and its revoking."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from mobilizer import clock, qr, secret, web
from mobilizer.branches import queries as branches
from mobilizer.branches.queries import BranchRow
from mobilizer.certificates import actions, ledger_queries, pdf, queries, rules, wording
from mobilizer.certificates.forms import PaperForm, RevokeForm
from mobilizer.certificates.queries import CertificateRow
from mobilizer.certificates.rules import Document, State
from mobilizer.certificates.wording import Paper
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.policy import Permission

blueprint = Blueprint("certificates", __name__)
ID = "int(max=2147483647)"
CERTIFICATE = f"/certificates/<{ID}:certificate_id>"


# --- lists ----------------------------------------------------------------------------------------------


@blueprint.get(f"/branches/<{ID}:branch_id>/certificates")
@web.requires(Permission.BRANCH_READ, of=branches.branch)
def branch(branch: BranchRow) -> Any:
    """Those of the last days for everybody of the branch; all of them for whoever issues."""
    issues = bool(web.can(Permission.CERTIFICATE_ISSUE, branch))
    known_since = clock.now() - rules.MADE_KNOWN
    since = None if issues else known_since
    lines, around = _paged(
        lambda page: queries.of_branch(branch.id, since=since, page=page),
        lambda page: url_for("certificates.branch", branch_id=branch.id, page=page),
    )
    return render_template(
        "certificates/branch.html",
        branch=branch,
        lines=lines,
        issues=issues,
        known_since=known_since,
        **around,
    )


@blueprint.get("/my/certificates")
@web.requires(Permission.MY_SERVICE_READ)
def mine() -> Any:
    member_id = web.the_reader().member_id
    lines, around = _paged(
        lambda page: queries.of_member(member_id, page=page),
        lambda page: url_for("certificates.mine", page=page),
    )
    return render_template("certificates/mine.html", lines=lines, **around)


def _paged(ask: Any, address: Any) -> tuple[list[CertificateRow], dict[str, str | None]]:
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    lines = ask(page)
    more = len(lines) > queries.PAGE
    around = {
        "previous": address(page - 1) if page > 1 else None,
        "next": address(page + 1) if more else None,
    }
    return lines[: queries.PAGE], around


# --- one of them -----------------------------------------------------------------------------------------


@blueprint.get(CERTIFICATE)
@web.requires(Permission.CERTIFICATE_READ, of=queries.certificate)
def certificate(certificate: CertificateRow) -> Any:
    return _page(certificate)


def _page(
    of: CertificateRow, *, paper: PaperForm | None = None, revoke: RevokeForm | None = None
) -> Response:
    """The certificate as it stands now. What was typed of an identity document is in no cache."""
    of = queries.certificate(of.id) or of
    page = render_template(
        "certificates/certificate.html",
        certificate=of,
        behind=ledger_queries.behind(of),
        link=_link(of),
        mine=of.member_id == web.the_reader().member_id,
        issues=web.can(Permission.CERTIFICATE_ISSUE, of),
        paper=paper or PaperForm(formdata=None),
        revoke=revoke or RevokeForm(formdata=None),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _link(of: CertificateRow) -> str:
    token = rules.token_of(secret.key(), of.nonce)
    return web.public_url("verifying.verify", token=token)


@blueprint.post(f"{CERTIFICATE}/paper")
@web.requires(Permission.CERTIFICATE_READ, of=queries.certificate)
def paper(certificate: CertificateRow) -> Any:
    """The sheet with the identity document's number, to print or as a PDF. The number is in this answer alone: it is no
    command, so nothing of it is kept, and it stands in no address."""
    form = PaperForm()
    if not form.validate():
        return _page(certificate, paper=form), 422
    try:
        sheet = _paper(certificate, form)
        if request.form.get("as") == "pdf":
            db.session.rollback()  # hold no transaction while it is drawn
            return web.attachment(
                pdf.of_one(sheet), f"{sheet.title} {certificate.number}.pdf", "application/pdf"
            )
    except Refused as refusal:
        if refusal.field:
            form[refusal.field].errors = [web.say(refusal)]
        else:
            flash(web.say(refusal), "refused")
        return _page(certificate, paper=form), refusal.status
    page = render_template(
        "certificates/paper.html", certificate=certificate, paper=sheet, qr=qr.data_uri(sheet.link)
    )
    return page, {"Cache-Control": "no-store"}


def _paper(of: CertificateRow, form: PaperForm) -> Paper:
    if of.state == State.REVOKED:
        raise Refused("certificate-revoked", N_("This certificate is revoked: it is not printed any more."))
    document = Document(form.document.data)
    number = rules.document_number(document, form.document_number.data or "")
    behind = ledger_queries.behind(of)
    if behind.then.checksum != of.checksum:
        raise Refused(
            "ledger-disagrees",
            N_("The ledger no longer agrees with this certificate. Please revoke it and issue another."),
        )
    return wording.paper(of, behind, _link(of), document, number)


@blueprint.post(f"{CERTIFICATE}/revoke")
@web.requires(Permission.CERTIFICATE_ISSUE, of=queries.certificate)
def revoke(certificate: CertificateRow) -> Any:
    form, by, now = RevokeForm(), web.actor(), clock.now()
    if not form.validate():
        return _page(certificate, revoke=form), 422
    return web.command(
        lambda: actions.revoke(certificate.id, reason=form.reason.data, by=by, now=now),
        done=lambda _nothing: web.Done(
            N_("Certificate %(number)s is revoked. Whoever verifies it is told so, and its member too."),
            url_for("certificates.certificate", certificate_id=certificate.id),
            {"number": certificate.number},
        ),
        page=lambda: _page(certificate, revoke=form),
    )
