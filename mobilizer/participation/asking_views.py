"""What every screen of participation asks first: which place, which question, and whether all of it is right."""

from datetime import date
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from mobilizer import web
from mobilizer.errors import Refused
from mobilizer.participation import choice_queries, queries
from mobilizer.participation.cover_forms import CoverForm
from mobilizer.participation.forms import PARTS, SliceForm
from mobilizer.participation.period_rules import other_period
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import WITHOUT, By, Slice, check_period
from mobilizer.policy import Permission, allows, covers

_INDENT = {"district": "", "town": "\u2003", "village": "\u2003\u2003", "grid": "\u2003\u2003\u2003"}
_FIELDS = {"from": "from_day", "to": "to_day", "vs": "beside", "vs-from": "beside_from", "vs-to": "beside_to"}
"""Of the parts of an address, those whose field is called otherwise."""
_THINGS = {
    By.BRANCH: "branch",
    By.OPERATION: "operation",
    By.CALL: "call",
    By.CHECKPOINT: "checkpoint",
    By.MEMBER: "member",
}


def asked_place() -> Place | None:
    """The unit that ?unit= names, or the highest that the reader may count."""
    code = request.args.get("unit", "").strip() or next(iter(own_codes()), "")
    return queries.place(code) if 0 < len(code) <= 20 and code.isprintable() else None


def own_codes() -> list[str]:
    """The units that the reader's appointments open, highest first."""
    codes = {grant.unit_code for grant in web.the_reader().grants if grant.unit_code}
    mine = [
        code for code in codes if allows(web.the_reader(), Permission.PARTICIPATION_READ, Place(code, "", ""))
    ]
    return sorted(mine, key=lambda code: (len(code), code))


class Asked(NamedTuple):
    """A form that was read; the slice it asks for if it is right, and what that is compared with; and the names of the
    things it is narrowed to, in the order of the page. `names_people`: whether the reader may see who they are."""

    form: SliceForm
    cut: Slice | None
    beside: Slice | None
    names: dict[By, str]
    names_people: bool

    @property
    def branch_name(self) -> str | None:
        return self.names.get(By.BRANCH)

    @property
    def operation_name(self) -> str | None:
        return self.names.get(By.OPERATION)


def asked_of(place: Place) -> Asked:
    """Shape, meaning and the names behind the numbers; what is wrong stands in the form's errors."""
    form = SliceForm(formdata=request.args)
    people = bool(web.can(Permission.MEMBER_READ, place))
    _offer(form, place)
    if not form.validate():
        return Asked(form, None, None, {}, people)
    cut = form.cut(place.unit_code)
    names = _names(form, cut, place)
    beside = _periods(form, cut)
    _people(form, people)
    return Asked(form, None if form.errors else cut, beside, names, people)


def _offer(form: SliceForm, place: Place) -> None:
    """The choices that depend on the place."""
    offer_units(form, place)
    every, without = SelectChoice("", _("all")), str(WITHOUT)
    form.operation.choices = [
        every,
        *(SelectChoice(str(key), name) for key, name in queries.operations(place.unit_code)),
        SelectChoice(without, _("without an operation")),
    ]
    skills = [SelectChoice(str(key), name) for key, name in choice_queries.skills()]
    form.skill.choices = [every, *skills, SelectChoice(without, _("no skill asked for"))]


def offer_units(form: SliceForm | CoverForm, place: Place) -> None:
    """The units that one can go to from here, of those that the reader may count."""
    own = own_codes()
    form.unit.choices = [
        SelectChoice(each.unit_code, _INDENT[each.level] + each.name)
        for each in queries.places_around(place.unit_code, own)
        if any(covers(code, each.unit_code) for code in own)
    ]
    form.unit.data = place.unit_code


def _names(form: SliceForm, cut: Slice, place: Place) -> dict[By, str]:
    """What the slice is narrowed to; a number that means nothing here is an error at its field."""
    names = {}
    for by, field in _THINGS.items():
        number = cut.filters.get(by)
        if number is None:
            continue
        name = _without(by) if number == WITHOUT else choice_queries.name_of(by, int(number), place.unit_code)
        if name is None:
            form[field].errors = [_not_here(by)]
        else:
            names[by] = name
            _keep_choice(form, field, str(number), name)
    if cut.skill_id is not None:
        skills = {each.value: each.label for each in form.skill.choices or ()}
        if str(cut.skill_id) in skills:
            names[By.SKILL] = str(skills[str(cut.skill_id)])
        else:
            form.skill.errors = [_("Please choose one of the list.")]
    return names


def _keep_choice(form: SliceForm, field: str, number: str, name: str) -> None:
    """An operation from elsewhere that people of it served here is offered while it is chosen."""
    choices = getattr(form[field], "choices", None)
    if choices is not None and number not in [each.value for each in choices]:
        choices.append(SelectChoice(number, name))


def _without(by: By) -> str:
    words = {
        By.OPERATION: _("without an operation"),
        By.CALL: _("without a call"),
        By.CHECKPOINT: _("without a checkpoint"),
    }
    return str(words.get(by, "–"))


def _not_here(by: By) -> str:
    if by == By.BRANCH:
        return str(_("This branch has nothing to do with the unit."))
    return str(_("Please choose one of the list."))


def _periods(form: SliceForm, cut: Slice) -> Slice | None:
    """The slice that is compared with; what is wrong with the days stands at their fields."""
    try:
        check_period(cut.from_day, cut.to_day)
        if form.other is not None:
            return other_period(cut, form.other, form.beside_from.data, form.beside_to.data)
    except Refused as refusal:
        form[_FIELDS.get(refusal.field or "", refusal.field)].errors = [web.say(refusal)]
    return None


def _people(form: SliceForm, may: bool) -> None:
    """Who may not see the roster of the unit is shown no list of people either, nor one of them by number: whether there is
    such a person or not, the answer is the same."""
    if may:
        return
    for field, of_people in (
        (form.by, form.by.data == By.MEMBER),
        (form.across, form.across.data == By.MEMBER),
        (form.member, bool(form.member.data)),
    ):
        if of_people:
            field.errors = [_("Only those who may see the roster of this unit see its people one by one.")]


def address(endpoint: str = "participation.page", /, **changed: Any) -> str:
    """The asked question with something changed; None takes a part away."""
    kept = {name: request.args[name] for name in PARTS if request.args.get(name)}
    changed = {name: _written(value) for name, value in changed.items()}
    return url_for(endpoint, **(kept | changed))


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def page_number() -> int:
    typed = request.args.get("page", "1")
    return min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1


def refused(form: SliceForm) -> Response:
    """For whoever has no form on the page: what is wrong, in words."""
    words = [f"{form[name].label.text}: {'; '.join(map(str, said))}" for name, said in form.errors.items()]
    page = render_template("error.html", title=_("Please look at this again"), text=" ".join(words))
    return make_response(page, 422)
