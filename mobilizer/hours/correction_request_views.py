"""A member says that something is wrong; whoever leads the branch answers."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound

from mobilizer import clock, web
from mobilizer.errors import N_
from mobilizer.hours import correction_request_actions as actions
from mobilizer.hours import correction_request_queries as queries
from mobilizer.hours.correction_request_forms import AnswerForm, AskForm
from mobilizer.hours.correction_request_queries import PAGE, About, Asked
from mobilizer.members import rules as members
from mobilizer.policy import Permission

blueprint = Blueprint("corrections", __name__)
FURTHEST_PAGE = 10_000


def _page_asked_for() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), FURTHEST_PAGE)


# --- the member's own ---------------------------------------------------------------------------------


@blueprint.get("/my/corrections")
@web.requires(Permission.MY_SERVICE_READ)
def mine() -> Any:
    page = _page_asked_for()
    asked = queries.of_member(web.the_reader().member_id, page=page)
    return render_template(
        "hours/corrections_mine.html",
        asked=asked[:PAGE],
        previous=url_for("corrections.mine", page=page - 1) if page > 1 else None,
        next=url_for("corrections.mine", page=page + 1) if len(asked) > PAGE else None,
    )


@blueprint.get("/my/corrections/new")
@web.requires(Permission.MY_SERVICE_READ)
def new() -> Any:
    """About what the address names: ?record=, ?certificate=, or neither."""
    record, certificate = request.args.get("record", ""), request.args.get("certificate", "")
    form = AskForm(formdata=None, data={"record": record, "certificate": certificate})
    return _ask_page(form, _about(record, certificate))


def _number(text: str | None) -> int | None:
    """None if nothing is named; a text that is no number names nothing there is."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) <= queries.LARGEST_ID):
        raise NotFound
    return int(text)


def _about(record: str | None, certificate: str | None) -> About:
    found = queries.about(
        web.the_reader().member_id, record_id=_number(record), certificate_id=_number(certificate)
    )
    if found is None:
        raise NotFound
    return found


def _ask_page(form: AskForm, about: About) -> str:
    return render_template("hours/correction_ask.html", form=form, about=about)


@blueprint.post("/my/corrections", endpoint="ask")
@web.requires(Permission.MY_SERVICE_READ)
def ask() -> Any:
    form, by, now = AskForm(), web.actor(), clock.now()
    about = _about(form.record.data, form.certificate.data)
    if not form.validate():
        return _ask_page(form, about), 422
    return web.command(
        lambda: actions.ask(
            web.the_reader().member_id,
            words=form.words.data or "",
            record_id=_number(form.record.data),
            certificate_id=_number(form.certificate.data),
            by=by,
            now=now,
        ),
        done=lambda _id: web.Done(N_("Said. You will be answered here."), url_for("corrections.mine")),
        page=lambda: _ask_page(form, about),
    )


# --- for whoever answers --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the list is asked for: of whoever may answer, wherever that is."""

    unit_code: str | None
    branch_id: int | None


def _own_place() -> _Place:
    """The place of the reader's first appointment that lets them answer there."""
    places = [_Place(grant.unit_code, grant.branch_id) for grant in web.the_reader().grants]
    return next((each for each in places if web.can(Permission.CORRECTION_ANSWER, each)), _Place(None, None))


@blueprint.get("/corrections", endpoint="index")
@web.requires(Permission.CORRECTION_ANSWER, of=_own_place)
def index(_place: _Place) -> Any:
    page, answered = _page_asked_for(), request.args.get("answered") == "1"
    scope = members.covering(web.the_reader()).called
    asked = queries.within_scope(scope, answered=answered, page=page)

    def address(page: int) -> str:
        return url_for(
            "corrections.index", answered="1" if answered else None, page=page if page > 1 else None
        )

    return render_template(
        "hours/corrections.html",
        asked=asked[:PAGE],
        answered=answered,
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if len(asked) > PAGE else None,
    )


ONE = f"/corrections/<int(max={queries.LARGEST_ID}):request_id>"


@blueprint.get(ONE, endpoint="one")
@web.requires(Permission.CORRECTION_ANSWER, of=queries.one)
def one(asked: Asked) -> Any:
    return _one_page(asked, AnswerForm(formdata=None))


def _one_page(asked: Asked, form: AnswerForm) -> str:
    own = asked.member_id == web.the_reader().member_id
    return render_template("hours/correction_answer.html", asked=asked, form=form, own=own)


@blueprint.post(ONE, endpoint="answer")
@web.requires(Permission.CORRECTION_ANSWER, of=queries.one)
def answer(asked: Asked) -> Any:
    form, by, now = AnswerForm(), web.actor(), clock.now()
    if not form.validate():
        return _one_page(asked, form), 422
    return web.command(
        lambda: actions.answer(asked.id, form.answer.data or "", by=by, now=now),
        done=lambda _none: web.Done(
            N_("Answered. %(name)s is told."), url_for("corrections.index"), {"name": asked.name}
        ),
        page=lambda: _one_page(queries.one(asked.id) or asked, form),
    )
