"""What the leader shows: the code that changes, also without a network, and the posters, old and new."""

from base64 import b64decode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mobilizer import clock
from mobilizer.attendance import codes, screen
from mobilizer.model import Checkpoint
from tests import factories
from tests.attendance.leaders import START, at
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
LINK = "https://example.org/shifts/12345/check-in?code="


@given(st.integers(0, 10**6 - 1).map("{:06}".format))
def test_25_patterns_make_the_qr_code_of_every_code(code: str) -> None:
    shown = screen.screen("secret", 1, LINK, at(8), at(8))
    base, *turned = [int.from_bytes(b64decode(each), "big") for each in shown.patterns]
    for place, digit in enumerate(code):
        for bit in range(4):
            base ^= turned[place * 4 + bit] if int(digit) >> bit & 1 else 0
    assert base == int.from_bytes(b64decode(screen._packed(screen.modules(LINK + code))), "big")


def test_the_screen_carries_the_codes_until_the_end_and_no_more_than_twelve_hours() -> None:
    short = screen.screen("secret", 7, LINK, at(8), at(9))
    assert len(short.codes) == 6 * 121
    for minutes in (0, 17, 60):
        step = codes.step_of(at(8, minutes))
        where = (step - short.step) * 6
        assert short.codes[where : where + 6] == codes.screen_code("secret", 7, step)
    assert len(screen.screen("secret", 7, LINK, at(8), at(40)).codes) == 6 * (12 * 120 + 1)


def test_a_leaders_screen_shows_the_code_without_a_script_and_nobody_elses_does(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, shift = factories.secretary(), factories.shift(starts_at=START)
    monkeypatch.setattr(clock, "now", lambda: at(8, 5))
    page = visit(leader.phone).open(f"/shifts/{shift.id}/code")
    shown = page.page.select(".code-big")[0].get_text().replace(" ", "")
    box = page.page.select("#screen-code")[0]
    assert shown == str(box["data-codes"])[:6]
    assert len(page.response.get_data()) < 40_000
    assert visit(factories.member().phone).open(f"/shifts/{shift.id}/code").status in (403, 404)
    monkeypatch.setattr(clock, "now", lambda: at(5))
    assert "Check-in opens at" in page.open(f"/shifts/{shift.id}/code").text


def test_a_new_poster_ends_the_old_one_and_two_leaders_do_not_end_each_others(visit: Visit) -> None:
    branch, leader = factories.branch(kind="action"), factories.secretary()
    gate = factories.checkpoint(branch, name="East Gate")

    def code() -> str:
        return str(factories.scalar(select(Checkpoint.poster_code).where(Checkpoint.id == gate.id)))

    to = f"/branches/{branch.id}/posters"
    page, other = visit(leader.phone).open(to), visit(leader.phone).open(to)
    page.submit(to)
    first = code()
    assert f"{first[:4]} {first[4:]}" in page.text
    assert f"/p/{first}" not in page.text, "the link is in the picture, the code in big letters"
    other.submit(to)
    assert other.status == 409
    assert code() == first
    page.submit(to)
    assert code() != first
    assert page.open(f"/p/{first}").status == 404
    assert visit(factories.member().phone).open(to).status == 404
