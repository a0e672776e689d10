"""Verify hours: what looks odd comes first, each with its reason; the rest is one line and one press."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.hours import verification_actions as actions
from mobilizer.hours import verification_queries as queries
from mobilizer.hours.verification_forms import PeriodForm, QuestionForm
from mobilizer.hours.verification_queries import Line
from mobilizer.hours.verification_rules import IN_BULK, LOOKS, Cut, Look, check_days
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission, covers
from mobilizer.units import queries as units
from mobilizer.units.queries import UnitLine

blueprint = Blueprint("verification", __name__)
HERE = "/hours/verification"
MOST_TICKED = 1000
_INDENT = {"district": "", "town": "\u2003", "village": "\u2003\u2003", "grid": "\u2003\u2003\u2003"}


def asked_unit() -> UnitLine | None:
    """The unit that `unit` names, or the highest whose hours the reader may verify."""
    code = request.values.get("unit", "").strip() or next(iter(_own_codes()), "")
    return units.unit(code) if 0 < len(code) <= 20 and code.isprintable() else None


def _own_codes() -> list[str]:
    codes = {grant.unit_code for grant in web.the_reader().grants if grant.unit_code}
    mine = [code for code in codes if web.can(Permission.HOURS_VERIFY, UnitLine(code, "", "", None))]
    return sorted(mine, key=lambda code: (len(code), code))


@blueprint.get(HERE)
@web.requires(Permission.HOURS_VERIFY, of=asked_unit)
def page(unit: UnitLine) -> Any:
    return _page(unit)


@blueprint.post(f"{HERE}/ticked")
@web.requires(Permission.HOURS_VERIFY, of=asked_unit)
def verify(unit: UnitLine) -> Any:
    by, now = web.actor(), clock.now()

    def act() -> int:
        ids = _ticked()
        if not ids:
            raise Refused("nothing-ticked", N_("Nothing is ticked."), status=422)
        return actions.verify(ids, unit_code=unit.code, by=by, now=now)

    return web.command(act, done=_done, page=lambda: _page(unit))


@blueprint.post(f"{HERE}/all")
@web.requires(Permission.HOURS_VERIFY, of=asked_unit)
def verify_all(unit: UnitLine) -> Any:
    by, now = web.actor(), clock.now()

    def act() -> int:
        cut, look = _cut(unit, _period(unit)), _look()
        through = request.form.get("through", "")
        if cut is None or look not in IN_BULK or not _is_number(through):
            raise Refused("period-unclear", N_("Please choose the days again."), status=422)
        return actions.verify_all(cut, look, through=int(through), by=by, now=now)

    return web.command(act, done=_done, page=lambda: _page(unit))


def asked_line(record_id: int) -> Line | None:
    return queries.line(record_id)


@blueprint.get("/hours/records/<int(max=2147483647):record_id>/question")
@web.requires(Permission.HOURS_VERIFY, of=asked_line)
def question(line: Line) -> Any:
    return _question_page(line, QuestionForm(formdata=None, back=request.args.get("back", "")[:300]))


@blueprint.post("/hours/records/<int(max=2147483647):record_id>/question", endpoint="ask")
@web.requires(Permission.HOURS_VERIFY, of=asked_line)
def ask(line: Line) -> Any:
    form, by, now = QuestionForm(), web.actor(), clock.now()
    if not form.validate():
        return _question_page(line, form), 422
    back = web.safe_next(form.back.data, url_for("verification.page"))
    return web.command(
        lambda: actions.question(line.id, form.note.data, by=by, now=now),
        done=lambda _none: web.Done(
            N_("Asked about the hours of %(name)s. The branch is told."), back, {"name": line.name}
        ),
        page=lambda: _question_page(line, form),
    )


def _question_page(line: Line, form: QuestionForm) -> str:
    back = web.safe_next(form.back.data, url_for("verification.page", unit=line.unit_code))
    return render_template("hours/question.html", line=line, form=form, back=back)


# --- what is asked for ----------------------------------------------------------------------------------


def _yesterday() -> date:
    return clock.now().astimezone(local_zone()).date() - timedelta(days=1)


def _period(unit: UnitLine) -> PeriodForm:
    """The days asked for, yesterday if none are, and the units that one can go to from here."""
    asked = MultiDict({name: request.values[name] for name in ("from", "to") if name in request.values})
    if not asked.get("from") and not asked.get("to"):
        asked["from"] = asked["to"] = _yesterday().isoformat()
    form, own = PeriodForm(formdata=asked), _own_codes()
    around = {each.code: each for each in (*units.path(unit.code), *units.children(unit.code))}
    missing = [found for code in own if code not in around and (found := units.unit(code))]
    around |= {each.code: each for each in missing}
    form.unit.choices = [
        SelectChoice(code, _INDENT[around[code].level] + around[code].name)
        for code in sorted(around)
        if any(covers(mine, code) for mine in own)
    ]
    form.unit.data = unit.code
    return form


def _cut(unit: UnitLine, form: PeriodForm) -> Cut | None:
    """What the form asks for, or None with what is wrong in its errors."""
    if not form.validate():
        return None
    try:
        check_days(form.from_day.data, form.to_day.data)
    except Refused as refusal:
        form[f"{refusal.field}_day"].errors = [web.say(refusal)]
        return None
    return Cut(unit.code, form.from_day.data, form.to_day.data)


def _look() -> Look:
    asked = request.values.get("what", "")
    return Look(asked) if asked in set(map(str, Look)) else Look.ODD


def _ticked() -> list[int]:
    """The entries ticked; one box may stand for all of a shift."""
    numbers = {number for value in request.form.getlist("record") for number in value[:10_000].split(",")}
    return [int(number) for number in sorted(numbers)[:MOST_TICKED] if _is_number(number)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _done(count: int) -> web.Done:
    """Back to the list as it was asked for, at its first page: what was on this one has left it."""
    asked: dict[str, Any] = {
        name: request.form[name] for name in ("unit", "from", "to") if request.form.get(name)
    }
    back = url_for("verification.page", **asked)
    if count:
        return web.Done(N_("Verified: %(count)s."), back, {"count": count})
    return web.Done(N_("Nothing was left to verify: somebody has done it already."), back, kind="note")


# --- the page -------------------------------------------------------------------------------------------


def _page(unit: UnitLine) -> Any:
    form = _period(unit)
    cut = _cut(unit, form)
    if cut is None:
        return render_template("hours/verification.html", unit=unit, form=form, cut=None), 422
    look, number = _look(), _page_number()
    counts, through = queries.counts(cut), queries.last_record()
    found = queries.lines(cut, look, page=number, limit=queries.PAGE)
    more, shown = len(found) > queries.PAGE, found[: queries.PAGE]

    def address(**changed: Any) -> str:
        kept: dict[str, Any] = {"unit": unit.code, "from": cut.from_day, "to": cut.to_day, "what": look}
        return url_for("verification.page", **(kept | changed))

    return render_template(
        "hours/verification.html",
        unit=unit,
        form=form,
        cut=cut,
        look=look,
        counts=counts,
        through=through,
        shifts=queries.by_shift(shown),
        in_bulk=[(each, counts[each]) for each in IN_BULK if counts[each]],
        chips=[(f"{_(LOOKS[each])} ({counts[each]})", address(what=each), each == look) for each in Look],
        quick=_quick(cut, address),
        address=address,
        here=address(page=number if number > 1 else None),
        previous=address(page=number - 1) if number > 1 else None,
        next=address(page=number + 1) if more else None,
    )


def _quick(cut: Cut, address: Any) -> list[tuple[str, str, bool]]:
    yesterday = _yesterday()
    today = yesterday + timedelta(days=1)
    periods = (
        (_("Yesterday"), yesterday, yesterday),
        (_("Today"), today, today),
        (_("Last 7 days"), today - timedelta(days=6), today),
    )
    return [
        (label, address(**{"from": first, "to": last}), (cut.from_day, cut.to_day) == (first, last))
        for label, first, last in periods
    ]


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return min(max(int(typed), 1), 10_000) if _is_number(typed) else 1
