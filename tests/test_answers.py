"""Whoever comes by a wrong address or with a damaged form is told so in words, and nothing has changed."""

from collections.abc import Callable

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
