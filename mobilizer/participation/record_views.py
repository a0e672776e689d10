"""The rows behind a figure: records of the ledger, and sign-ups, with the total that they add up to."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template

from mobilizer import clock, web
from mobilizer.participation import listing_queries, queries, shown
from mobilizer.participation.asking_views import Asked, address, asked_of, asked_place, page_number, refused
from mobilizer.participation.listing_queries import PAGE
from mobilizer.participation.queries import Place
from mobilizer.participation.rules import Slice
from mobilizer.policy import Permission

blueprint = Blueprint("participation_records", __name__)


@blueprint.get("/participation/records")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def records(place: Place) -> Response:
    return _list(place, "records", listing_queries.records, listing_queries.behind)


@blueprint.get("/participation/sign-ups", endpoint="sign_ups")
@web.requires(Permission.PARTICIPATION_READ, of=asked_place)
def sign_ups(place: Place) -> Response:
    return _list(place, "sign_ups", listing_queries.sign_ups, listing_queries.signed_up)


def _list(
    place: Place, which: str, rows_of: Callable[..., list[Any]], counted_by: Callable[[Slice], Any]
) -> Response:
    asked = asked_of(place)
    if asked.cut is None:
        return refused(asked.form)
    queries.begin_snapshot()
    number, cut, endpoint = page_number(), asked.cut, f"participation_records.{which}"
    total = queries.total(cut)
    found = rows_of(cut, page=number)
    return make_response(
        render_template(
            f"participation/{which}.html",
            **_about(place, asked, cut),
            total=total,
            counted=counted_by(cut),
            rows=found[:PAGE],
            previous=address(endpoint, page=number - 1) if number > 1 else None,
            next=address(endpoint, page=number + 1) if len(found) > PAGE else None,
            first_row=(number - 1) * PAGE + 1,
        )
    )


def _about(place: Place, asked: Asked, cut: Slice) -> dict[str, Any]:
    return {
        "place": place,
        "facts": shown.facts(place.name, cut, asked.names, clock.now()),
        "people": asked.names_people,
        "back": address(page=None),
    }
