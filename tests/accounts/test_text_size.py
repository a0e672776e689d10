"""Large text for older eyes: for anybody, on every page, without a script, until it is changed back."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def is_large(visitor: Visitor) -> bool:
    assert visitor.page.html is not None
    return "large-text" in visitor.page.html.get("class", [])


def choose(visitor: Visitor, size: str) -> Visitor:
    """Follow the link at the foot of the page."""
    link = visitor.page.select_one(f"footer a[href^='/text/{size}']")
    assert link is not None, visitor.text
    return visitor.open(str(link["href"]))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_stranger_chooses_large_text_and_is_back_where_they_were(visit: Visit, language: str) -> None:
    call = factories.call()
    visitor = visit(language=language).open(f"/c/{call.code}?from=chat")
    assert not is_large(visitor)
    choose(visitor, "large")
    assert visitor.response.request.full_path == f"/c/{call.code}?from=chat"
    assert is_large(visitor)
    assert is_large(visitor.open("/log-in"))
    assert is_large(visitor.open("/nowhere")), "also where something went wrong"
    assert not is_large(choose(visitor.open("/log-in"), "usual"))
    assert not is_large(visitor.open("/"))


def test_it_holds_through_logging_in_and_out_and_for_a_year(visit: Visit, app: Flask) -> None:
    who = factories.member()
    visitor = choose(visit().open("/log-in"), "large")
    cookie = visitor.client.get_cookie("mobilizer-text")
    assert cookie is not None
    assert cookie.value == "large", "and nothing else is in it"
    assert cookie.max_age is not None
    assert cookie.max_age > 365 * 24 * 3600
    assert is_large(visitor.log_in(who.phone))
    assert is_large(visitor.open("/me"))
    assert is_large(visitor.submit("/log-out"))


def test_a_page_that_a_browser_keeps_is_drawn_anew_in_the_other_size(visit: Visit) -> None:
    secretary = factories.secretary()
    visitor = visit(secretary.phone).open("/coverage")
    tag = visitor.response.headers["ETag"]
    assert (
        visitor.send("GET", "/coverage", headers=visitor.headers | {"If-None-Match": tag}).status_code == 304
    )
    visitor.open("/text/large")
    again = visitor.send("GET", "/coverage", headers=visitor.headers | {"If-None-Match": tag})
    assert again.status_code == 200
    assert "large-text" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_it_leads_nobody_to_strangers(visit: Visit, elsewhere: str) -> None:
    visitor = visit()
    answer = visitor.send("GET", "/text/large", query_string={"next": elsewhere})
    assert answer.headers["Location"] == "/"
    assert visitor.send("GET", "/text/huge").status_code == 404


def test_a_size_that_nobody_knows_is_the_usual_one(visit: Visit) -> None:
    visitor = visit()
    visitor.client.set_cookie("mobilizer-text", '"><script>')
    assert not is_large(visitor.open("/log-in"))
