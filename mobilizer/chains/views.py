"""A chat chain pasted, looked over line by line, entered; and a call's state as a chain to paste back."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from wtforms import SelectChoice

from mobilizer import clock, web
from mobilizer.calls import queries as calls
from mobilizer.calls.queries import CallRow
from mobilizer.chains import actions, queries, telling
from mobilizer.chains import mending_views as mending
from mobilizer.chains.actions import Choice
from mobilizer.chains.forms import PasteForm
from mobilizer.chains.queries import Pasted
from mobilizer.chains.review_queries import Review, people_on, review
from mobilizer.errors import N_, Refused
from mobilizer.filters import day as day_text
from mobilizer.inputs import local_zone
from mobilizer.policy import Permission

blueprint = Blueprint("chains", __name__)
MOST_ID = 2**31 - 1
CALL = f"/calls/<int(max={MOST_ID}):call_id>/chains"
CHAIN = f"{CALL}/<int(max={MOST_ID}):chain_id>"
MOST_LOOKED_UP = 20


# --- pasting ------------------------------------------------------------------------------------------


@blueprint.get(f"{CALL}/new")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def new(call: CallRow) -> Any:
    return _paste_page(call, _paste_form(call))


def _days(call: CallRow) -> list[date]:
    """On which the call has shifts that are not over."""
    now = clock.now()
    return sorted({each.day for each in queries.seats(call.id) if each.ends_at > now})


def _paste_form(call: CallRow) -> PasteForm:
    form, now = PasteForm(), clock.now()
    form.day.choices = [SelectChoice(each.isoformat(), day_text(each, now)) for each in _days(call)]
    return form


def _paste_page(call: CallRow, form: PasteForm) -> str:
    refusal = g.get("refusal")
    if refusal and refusal.field == "text":
        form.text.errors = [web.say(refusal)]
    return render_template("chains/new.html", call=call, form=form)


@blueprint.post(f"{CALL}/new", endpoint="create")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def create(call: CallRow) -> Any:
    form, by = _paste_form(call), web.actor()
    if not form.validate():
        return _paste_page(call, form), 422
    text, day = form.text.data, date.fromisoformat(form.day.data)
    return web.command(
        lambda: actions.keep(call.id, text, day, by=by, now=clock.now()),
        done=lambda chain_id: web.Done(
            N_("This is what was read. Nothing is entered yet."),
            url_for("chains.look_over", call_id=call.id, chain_id=chain_id),
        ),
        page=lambda: _paste_page(call, form),
    )


# --- looking it over ----------------------------------------------------------------------------------


def _pasted(call_id: int, chain_id: int) -> Pasted | None:
    return queries.pasted(call_id, chain_id)


@blueprint.get(CHAIN)
@web.requires(Permission.CALL_EDIT, of=_pasted)
def look_over(pasted: Pasted) -> Any:
    return _look_over_page(pasted, mending.Mended())


def _look_over_page(pasted: Pasted, mended: mending.Mended) -> str:
    now = clock.now()
    read = review(pasted, local_zone(), now)
    lines = [mending.shown(each, read, mended, now) for each in read.lines]
    ready = sum(wish.ticked for line in lines for wish in line.wishes)
    return render_template(
        "chains/look_over.html",
        pasted=pasted,
        call=pasted.call,
        review=read,
        unsure=[each for each in lines if not each.read.sure and not each.read.settled],
        sure=[each for each in lines if each.read.sure and not each.read.settled],
        settled=[each for each in lines if each.read.settled],
        gone=[mending.gone(each.key, read, mended, now) for each in read.gone],
        ready=ready,
        wait=mended.wait,
        now=now,
    )


# --- entering -----------------------------------------------------------------------------------------


@blueprint.post(CHAIN, endpoint="enter")
@web.requires(Permission.CALL_EDIT, of=_pasted)
def enter(pasted: Pasted) -> Any:
    """Look somebody up or open a line to be mended, which writes nothing; or enter what is chosen."""
    by, mended = web.actor(), mending.sent(request.form)
    unfinished = {name for name in mended.sought if name not in mended.who}
    if "look" in request.form or "mend" in request.form or unfinished:
        _look_up(pasted, mended)
        return _look_over_page(pasted, mended), 422 if unfinished and "enter" in request.form else 200
    choices = _chosen(pasted, mended)

    def act() -> Any:
        _check_known(pasted, choices)
        return actions.enter(
            pasted.call.id,
            choices,
            wait=mended.wait,
            by=by,
            now=clock.now(),
            unit_code=pasted.unit_code,
            branch_id=pasted.branch_id,
        )

    return web.command(
        act,
        done=lambda counted: web.Done(
            N_(
                "Signed up: %(signed_up)s. Waiting: %(waiting)s. Given back: %(given_back)s. Refused: %(refused)s."
            ),
            url_for("chains.result", call_id=pasted.call.id, chain_id=pasted.id),
            {
                "signed_up": counted["signed-up"],
                "waiting": counted["waiting"],
                "given_back": counted["given-back"],
                "refused": counted["refused"],
            },
        ),
        page=lambda: _look_over_page(pasted, mended),
    )


def _check_known(pasted: Pasted, choices: Collection[Choice]) -> None:
    """Whom the call neither addresses nor knows is not there, whatever number the form carries: nobody's name is found
    out by it."""
    ids = {each.member_id for each in choices}
    known = queries.ids_addressed(pasted, ids, clock.now())
    known |= {each.member_id for each in queries.on_seats(pasted.call.id)}
    known |= {each.member_id for each in queries.entered(pasted.call.id).values()}
    if not ids <= known:
        raise Refused(
            "not-of-the-call",
            N_("There is nobody like that among those to whom the call is addressed."),
            status=404,
        )


def _look_up(pasted: Pasted, mended: mending.Mended) -> None:
    now = clock.now()
    for name, text in list(mended.sought.items())[:MOST_LOOKED_UP]:
        mended.found[name] = queries.look(pasted, text, now)


def _chosen(pasted: Pasted, mended: mending.Mended) -> list[Choice]:
    """What the page sent, in the chain's order. Names of wishes that the chain does not have are passed over."""
    read = review(pasted, local_zone(), clock.now())
    wishes = {f"{line.at}-{wish.key[2]}": wish for line in read.lines for wish in line.wishes}
    ticks = {tick.partition(":")[0]: tick for tick in mended.ticks or ()}
    found = []
    for name, wish in wishes.items():
        member_id, shift_id = mended.who.get(name), mended.shift.get(name)
        if name in ticks:
            member_id, shift_id = (mending.id_of(each) for each in (*ticks[name].split(":"), "", "")[1:3])
        if member_id and shift_id:
            found.append(Choice(wish.key, member_id, shift_id, wish.gives_back))
    return found + _to_give_back(read, mended.ticks or set())


def _to_give_back(read: Review, ticks: Collection[str]) -> list[Choice]:
    found = []
    for each in read.gone:
        day, fingerprint, part = each.key
        if f"gone:{day.isoformat()}:{fingerprint}:{part}" in ticks:
            found.append(Choice(each.key, each.entered.member_id, each.entered.shift_id, True))
    return found


@blueprint.get(f"{CHAIN}/result")
@web.requires(Permission.CALL_EDIT, of=_pasted)
def result(pasted: Pasted) -> Any:
    """Each line of the chain with what became of it; the refused first."""
    now = clock.now()
    read = review(pasted, local_zone(), now)
    answered = [
        (line.line.number, mending.masked(line.line.text), mending.answer(wish.key, read, now))
        for line in read.lines
        for wish in line.wishes
        if wish.key in read.entered
    ]
    answered.sort(key=lambda each: each[2]["outcome"] != "refused")
    left = sum(not line.settled for line in read.lines)
    return render_template(
        "chains/result.html", pasted=pasted, call=pasted.call, answered=answered, left=left, now=now
    )


# --- the other way ------------------------------------------------------------------------------------


@blueprint.get(f"{CALL}/text")
@web.requires(Permission.CALL_EDIT, of=calls.call)
def text(call: CallRow) -> Any:
    """With names only where the leader asks for them: personal information goes public only with consent."""
    if not call.published:
        return web.go(url_for("calls.call", call_id=call.id))
    now, names = clock.now(), request.args.get("names") == "on"
    told = telling.chain_text(
        call.title,
        queries.seats(call.id),
        people_on(queries.on_seats(call.id)) if names else {},
        web.public_url("calls.short", code=call.code),
        now,
        names=names,
    )
    return render_template("chains/text.html", call=call, text=told, names=names)
