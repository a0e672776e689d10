"""What a leader does about the people of a shift beforehand: ask somebody to take a seat, take somebody off."""

from typing import Any, NamedTuple

from flask import Blueprint, g, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_, Refused
from mobilizer.filters import moment
from mobilizer.inputs import clean_line
from mobilizer.policy import Permission
from mobilizer.shifts import queries as shifts
from mobilizer.shifts.queries import ShiftRow
from mobilizer.signups import actions, asking_queries, candidates, offers
from mobilizer.signups.asking_rules import WAIVABLE, of_another
from mobilizer.signups.candidates import FOUND

blueprint = Blueprint("leading", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"
PERSON = f"{SHIFT}/sign-ups/<int(max=2147483647):sign_up_id>"
LARGEST_ID = 2**31 - 1
LOOKED_AT = 120
"""So many of the branch are looked at for who could come, before anybody is looked for by name."""


class Row(NamedTuple):
    """Somebody found. `words`: what stands against asking them; `waivable`: a reason from the leader sets it aside;
    `sent`: a refused request was about them, and had `typed` that reason."""

    could: asking_queries.Could
    words: str
    waivable: bool
    sent: bool
    typed: str

    @property
    def rank(self) -> int:
        """Who can take it, whom a reason lets take it, and the others."""
        return 0 if not (self.words or self.could.status) else 1 if self.waivable else 2


# --- ask somebody -------------------------------------------------------------------------------------


@blueprint.get(f"{SHIFT}/ask")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def ask(shift: ShiftRow) -> Any:
    return _ask_page(shift)


def _ask_page(shift: ShiftRow) -> str:
    now, text = clock.now(), _text()
    askable = asking_queries.askable(shift.id, now)
    found = candidates.candidates(shift, web.the_reader(), text, limit=FOUND if text else LOOKED_AT)
    rows = sorted(
        (_row(each) for each in asking_queries.who_could(shift.id, found, now)), key=lambda row: row.rank
    )
    return render_template(
        "signups/ask.html",
        shift=shifts.shift(shift.id) or shift,
        askable=askable,
        against=web.say(askable.against) if askable.against else "",
        rows=rows if text else [row for row in rows if row.rank == 0 or row.sent][:FOUND],
        people=asking_queries.everybody(shift.id),
        q=text,
        now=now,
    )


def _text() -> str:
    return (clean_line(request.values.get("q", "")) or "")[:100]


def _row(could: asking_queries.Could) -> Row:
    sent = request.form.get("member_id", 0, type=int) == could.who.id
    words = web.say(could.against) if could.against else ""
    waivable = could.against is not None and could.against.code in WAIVABLE
    return Row(could, words, waivable, sent, request.form.get("waive", "")[:200] if sent else "")


@blueprint.post(f"{SHIFT}/offers")
@web.requires(Permission.SHIFT_RUN, of=shifts.shift)
def offer(shift: ShiftRow) -> Any:
    """Only whom the search finds for this leader can be asked, whatever number the form carries."""
    by, now, reader = web.actor(), clock.now(), web.the_reader()
    member_id = request.form.get("member_id", 0, type=int)
    waive = (clean_line(request.form.get("waive")) or "")[:200]
    voice = "voice" in request.form

    def act() -> dict[str, str]:
        within = 0 < member_id <= LARGEST_ID
        known = candidates.candidates(shift, reader, _text(), only=[member_id]) if within else []
        if not known:
            raise Refused("member-unknown", N_("There is no such member."), status=404)
        name = known[0].name
        try:
            sign_up_id = offers.offer(shift.id, member_id, by=by, now=now, waive=waive, voice=voice)
        except Refused as refusal:
            raise of_another(refusal, name) from refusal
        made = offers.load(sign_up_id)
        until = moment(made.answer_by, now) if made and made.answer_by else ""
        return {"name": name, "until": until}

    def done(told: dict[str, str]) -> web.Done:
        words = (
            N_("%(name)s is asked. The seat is held until %(until)s.")
            if told["until"]
            else N_("%(name)s has said yes and is on the shift.")
        )
        return web.Done(words, url_for("signups.shift", shift_id=shift.id, _anchor="people"), told)

    return web.command(act, done=done, page=lambda: _ask_page(shift))


# --- take somebody off ----------------------------------------------------------------------------------


@blueprint.get(f"{PERSON}/take-off")
@web.requires(Permission.SHIFT_RUN, of=asking_queries.one)
def take_off(one: asking_queries.One) -> Any:
    return _take_off_page(one)


def _take_off_page(one: asking_queries.One) -> str:
    one = asking_queries.one(one.shift_id, one.sign_up_id) or one
    refusal = g.get("refusal")
    return render_template(
        "signups/take_off.html",
        one=one,
        shift=shifts.shift(one.shift_id),
        reason=request.form.get("reason", one.person.cannot_come_why if one.person else "")[:200],
        wrong=web.say(refusal) if refusal and refusal.field == "reason" else "",
    )


@blueprint.post(f"{PERSON}/take-off")
@web.requires(Permission.SHIFT_RUN, of=asking_queries.one)
def withdraw(one: asking_queries.One) -> Any:
    """The sign-up of the address and no other: who signed up again since the page was shown stays on."""
    by, now = web.actor(), clock.now()
    reason = (clean_line(request.form.get("reason")) or "")[:200]

    def act() -> None:
        if not reason:
            raise Refused(
                "reason-missing", N_("Please say why: they will read it."), status=422, field="reason"
            )
        fresh = asking_queries.one(one.shift_id, one.sign_up_id)
        if fresh is not None and fresh.person is not None:
            actions.withdraw(one.shift_id, one.member_id, reason=reason, by=by, now=now)

    return web.command(
        act,
        done=lambda _none: web.Done(
            N_("%(name)s is off the shift and told why. The seat goes to the next who waits."),
            url_for("signups.shift", shift_id=one.shift_id, _anchor="people"),
            {"name": one.name},
        ),
        page=lambda: _take_off_page(one),
    )
