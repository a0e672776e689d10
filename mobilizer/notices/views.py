"""My messages: what was told to me, and that I have seen it."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from mobilizer import clock, web
from mobilizer.errors import N_
from mobilizer.notices import actions, queries, wording
from mobilizer.policy import Permission

blueprint = Blueprint("notices", __name__)


@blueprint.get("/my/notices")
@web.requires(Permission.MY_SERVICE_READ)
def mine() -> Any:
    return _page()


def _page() -> str:
    page, now = min(max(request.args.get("page", 1, type=int), 1), 10_000), clock.now()
    lines = queries.of_member(web.the_reader().member_id, page=page)
    more, lines = len(lines) > queries.PAGE, lines[: queries.PAGE]

    def address(page: int) -> str:
        return url_for("notices.mine", page=page if page > 1 else None)

    return render_template(
        "notices/mine.html",
        lines=[(each, wording.said(each.kind, each.details, now)) for each in lines],
        last=max((each.id for each in lines if each.seen_at is None), default=0),
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if more else None,
    )


@blueprint.post("/my/notices/seen")
@web.requires(Permission.MY_SERVICE_READ)
def seen() -> Any:
    """All up to the one that the page showed as the latest; what was told meanwhile stays new."""
    last = request.form.get("last", 0, type=int)
    member_id, now = web.the_reader().member_id, clock.now()
    return web.command(
        lambda: actions.see(member_id, min(max(last, 0), 2**31 - 1), now=now),
        done=lambda _seen: web.Done(N_("All marked as seen."), url_for("notices.mine")),
        page=_page,
    )
