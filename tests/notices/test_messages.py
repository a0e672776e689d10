"""My messages: what I was told, in my language, how many are new, and that I have seen them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.model import Member, Notice
from mobilizer.notices import actions
from mobilizer.notices.kinds import KINDS
from mobilizer.notices.wording import said
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
SHIFT = {
    "checkpoint": "East gate",
    "post": "registration",
    "starts_at": factories.tomorrow(8),
    "ends_at": factories.tomorrow(16),
}


def tell(who: Member, kind: str, **details: object) -> None:
    begin_write()
    actions.write(kind, [who.id], now=clock.now(), **(SHIFT | details))
    db.session.commit()


def badge(visitor: Visitor) -> str:
    found = visitor.page.select_one(".badge")
    return found.get_text(strip=True).removesuffix("new") if found else ""


def test_a_message_says_when_where_and_until_and_is_new_until_seen(visit: Visit) -> None:
    who = factories.member()
    tell(who, "offer", answer_by=factories.tomorrow(7))
    tell(who, "withdrawn", why="The road is closed.")
    visitor = visit(who.phone)
    assert badge(visitor.open("/")) == "2"
    visitor.open("/my/notices")
    texts = [each.get_text(strip=True) for each in visitor.page.select(".item-title")]
    assert "08:00–16:00, East gate · registration: The road is closed." in texts[0], "latest first"
    assert texts[1].startswith("You are asked to take")
    assert "07:00" in texts[1]
    assert badge(visitor.open("/my/notices")) == "2", "looking alone changes nothing"
    visitor.submit("/my/notices/seen")
    assert badge(visitor) == ""
    assert not visitor.offers("/my/notices/seen")


def test_what_was_told_meanwhile_stays_new(visit: Visit) -> None:
    who = factories.member()
    tell(who, "cancelled")
    visitor = visit(who.phone).open("/my/notices")
    tell(who, "cancelled")
    visitor.submit("/my/notices/seen")
    assert badge(visitor) == "1"


def test_nobody_reads_or_clears_anothers_messages(visit: Visit) -> None:
    who, other = factories.member(), factories.member()
    tell(who, "cancelled")
    tell(other, "cancelled")
    tell(who, "cancelled")
    visitor = visit(who.phone).open("/my/notices")
    assert len(visitor.page.select("li.item")) == 2
    visitor.submit("/my/notices/seen")
    seen = factories.rows(select(Notice.member_id, Notice.seen_at))
    assert {row.member_id for row in seen if row.seen_at} == {who.id}


def test_the_count_costs_no_query_of_its_own(visit: Visit, count_queries: Callable[..., int]) -> None:
    who = factories.member()
    visitor = visit(who.phone)
    before = count_queries(lambda: visitor.open("/me"))
    for _more in range(40):
        tell(who, "cancelled")
    assert count_queries(lambda: visitor.open("/me")) == before
    assert count_queries(lambda: visitor.open("/my/notices")) == 2


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_said(app: Flask, kind: str, language: str) -> None:
    details = {
        name: value if isinstance(value, str) else value.isoformat() for name, value in SHIFT.items()
    } | {
        "answer_by": factories.tomorrow(7).isoformat(),
        "was_from": factories.tomorrow(0).isoformat(),
        "was_to": factories.tomorrow(8).isoformat(),
        "name": "Zhou Tao",
        "skill": "nurse",
        "why": {
            "message": "You need %(hours)s hours of rest between two shifts. Please choose one further apart.",
            "values": {"hours": 8},
        },
    }
    with app.test_request_context("/", headers={"Accept-Language": language.replace("_", "-")}):
        text = said(kind, details, clock.now() - timedelta(hours=1))
    assert ("East gate" in text) == ("%(where)s" in KINDS[kind])
    assert "%(" not in text
    assert ("Zhou Tao" in text) == ("%(name)s" in KINDS[kind])


def test_an_old_message_with_less_in_it_is_still_said(app: Flask) -> None:
    with app.test_request_context("/"):
        assert said("passed-over", {"why": "full"}, clock.now()).endswith("full")
        assert said("no-such-kind", {}, clock.now()) == ""
