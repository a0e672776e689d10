"""Whoever comes by a wrong address or with a damaged form is told so in words, and nothing has changed."""

from collections.abc import Callable
from datetime import timedelta

from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


def test_an_address_that_leads_nowhere_says_so_in_both_languages(visit: Visit) -> None:
    assert visit(language="en").open("/nowhere").status == 404
    assert "这里没有内容" in visit(language="zh_CN").open("/nowhere").text


def test_a_member_logs_in_and_out(visit: Visit) -> None:
    who = factories.member(name="Li Ming")
    visitor = visit(who.phone)
    assert "Li Ming" in visitor.open("/me").text
    visitor.submit("/log-out")
    assert visitor.open("/me").page.find("input", {"name": "password"})


def test_a_wrong_password_and_an_unknown_number_get_the_same_words(visit: Visit) -> None:
    who = factories.member()
    wrong = visit().log_in(who.phone, "not this one")
    unknown = visit().log_in("19812345678", "not this one")
    assert wrong.status == unknown.status == 422
    assert "do not go together" in wrong.text
    assert "do not go together" in unknown.text


def test_a_lost_token_loses_nothing_typed_and_leaves_no_copy(visit: Visit, envelope: str) -> None:
    who = factories.member(name="Li Ming")
    visitor = visit().open("/log-in")
    visitor.client.delete_cookie("mobilizer")
    visitor.submit("/log-in", phone=who.phone, password="correct horse")
    assert visitor.status == 400
    if "HX-Reswap" in visitor.response.headers:
        return
    assert visitor.response.headers["Cache-Control"] == "no-store"
    visitor.submit("/log-in")
    assert "Li Ming" in visitor.open("/me").text


def test_a_sign_that_no_database_takes_does_no_harm_anywhere(visit: Visit) -> None:
    who = factories.member()
    visitor = visit(who.phone)
    assert visitor.open("/shifts?day=%00").status == 200
    assert visitor.open("/participation?unit=%00").status == 404
    assert visitor.open("/c/%00").status == 404
    assert visit().log_in("198\x0012345678").status == 422


def test_the_first_view_weighs_less_than_60_kb_with_everything(visit: Visit) -> None:
    call = factories.call()
    at = factories.checkpoint(unit_code=call.unit_code)
    for n in range(105):
        factories.shift(call, at, starts_at=factories.tomorrow(0) + timedelta(hours=8 * n))
    visitor = visit(language="zh_CN").open(f"/c/{call.code}")
    addresses = [f"/c/{call.code}"]
    addresses += [str(tag["src"]) for tag in visitor.page.find_all("script")]
    addresses += [str(tag["href"]) for tag in visitor.page.find_all("link") if "stylesheet" in tag["rel"]]
    packed = [
        visitor.send("GET", address, headers=visitor.headers | {"Accept-Encoding": "gzip, deflate"})
        for address in addresses
    ]
    assert len(packed) >= 4
    assert all(answer.headers.get("Content-Encoding") for answer in packed if len(answer.get_data()) > 1000)
    assert sum(len(answer.get_data()) for answer in packed) < 60_000
