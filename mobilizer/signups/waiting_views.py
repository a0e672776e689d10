"""Wait for a seat, wait no longer, and answer when one is asked: by the waiting list, a secretary, or a comrade."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for

from mobilizer import clock, web
from mobilizer.errors import N_
from mobilizer.policy import Permission
from mobilizer.signups import offers, queries, waiting
from mobilizer.signups.facts import Turn
from mobilizer.signups.views import readable, row, shift_page, told

blueprint = Blueprint("waiting", __name__)
SHIFT = "/shifts/<int(max=2147483647):shift_id>"
SIGN_UP = "/sign-ups/<int(max=2147483647):sign_up_id>"


@blueprint.post(f"{SHIFT}/wait")
@web.requires(Permission.SHIFT_TAKE, of=queries.place)
def join(place: queries.Place) -> Any:
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    return web.command(
        lambda: waiting.join(place.id, member_id, by=by, now=now),
        done=lambda number: web.Done(
            N_("You are number %(place)s in line. When a seat is free, you are asked."),
            url_for("signups.shift", shift_id=place.id),
            {"place": number},
        ),
        page=lambda: shift_page(place),
        fragment=lambda: row(place.id, now),
    )


@blueprint.post(f"{SHIFT}/stop-waiting")
@web.requires(Permission.SHIFT_READ, of=readable)
def leave(place: queries.Place) -> Any:
    member_id, by, now = web.the_reader().member_id, web.actor(), clock.now()
    return web.command(
        lambda: waiting.leave(place.id, member_id, by=by, now=now),
        done=lambda _left: web.Done(
            N_("You wait for it no longer."), url_for("signups.shift", shift_id=place.id)
        ),
        page=lambda: shift_page(place),
        fragment=lambda: row(place.id, now),
    )


def _mine(sign_up_id: int) -> offers.Offer | None:
    """What the reader is or was asked; another's is not there."""
    found, reader = offers.load(sign_up_id), web.reader()
    return found if found and reader and found.member_id == reader.member_id else None


@blueprint.post(f"{SIGN_UP}/accept")
@web.requires(Permission.OFFER_ANSWER, of=_mine)
def accept(offer: offers.Offer) -> Any:
    by = web.actor()
    return _answer(
        offer,
        lambda now: offers.accept(offer.sign_up_id, by=by, now=now),
        N_("You are signed up: %(when)s, %(where)s."),
    )


@blueprint.post(f"{SIGN_UP}/decline")
@web.requires(Permission.OFFER_ANSWER, of=_mine)
def decline(offer: offers.Offer) -> Any:
    by = web.actor()
    return _answer(
        offer,
        lambda now: offers.decline(offer.sign_up_id, by=by, now=now),
        N_("You said no to %(when)s, %(where)s. Thank you for answering."),
    )


def _answer(offer: offers.Offer, act: Callable[[datetime], Turn], said: str) -> Any:
    now = clock.now()

    def page() -> str:
        place = readable(offer.shift_id)
        if place is None:
            raise RuntimeError("an offer of no shift")
        return shift_page(place)

    return web.command(
        lambda: act(now),
        done=lambda turn: web.Done(said, url_for("signups.shift", shift_id=offer.shift_id), told(turn, now)),
        page=page,
        fragment=lambda: row(offer.shift_id, now),
    )
