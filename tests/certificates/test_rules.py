"""What a certificate counts, how it is numbered, and which documents' numbers can be right."""

from datetime import date
from hashlib import sha256
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.certificates import rules
from mobilizer.certificates.rules import Entry, Part, Scope
from mobilizer.errors import Refused

EARLIER, TODAY, TOMORROW = date(2026, 1, 1), date(2026, 11, 24), date(2026, 11, 25)


def test_the_home_branch_certifies_all_and_another_what_it_recorded() -> None:
    assert rules.scope_of(7, 7) == Scope.ALL
    assert rules.scope_of(7, 8) == Scope.BRANCH
    assert rules.scope_of(7, None) == Scope.BRANCH


def test_the_figures_are_sums_by_category_and_do_not_depend_on_the_order() -> None:
    entries = [
        Entry(3, "c", "care", 30),
        Entry(1, "a", "patrol", 95),
        Entry(2, "b", "care", 70),
    ]
    for order in permutations(entries):
        found = rules.figures(order)
        assert (found.person_times, found.minutes) == (3, 195)
        assert found.parts == (Part("care", 2, 100), Part("patrol", 1, 95))
        assert found.checksum == sha256(b"a\nb\nc").hexdigest()


@given(st.lists(st.tuples(st.sampled_from(["care", "patrol", "rescue"]), st.integers(0, 1440)), max_size=30))
def test_the_parts_add_up_to_the_whole(served: list[tuple[str, int]]) -> None:
    found = rules.figures(Entry(at, f"{at}", *one) for at, one in enumerate(served))
    assert sum(part.person_times for part in found.parts) == found.person_times == len(served)
    assert sum(part.minutes for part in found.parts) == found.minutes


def test_another_set_of_entries_has_another_checksum() -> None:
    sets = [(), ("a",), ("b",), ("a", "b"), ("b", "a"), ("ab",)]
    assert len({rules.checksum(each) for each in sets}) == len(sets)


@pytest.mark.parametrize("from_day", [None, EARLIER, TODAY])
def test_a_period_may_end_today(from_day: date | None) -> None:
    rules.check_period(from_day, TODAY, TODAY)


@pytest.mark.parametrize(
    ("from_day", "to_day", "code"),
    [
        (TODAY, EARLIER, "period-turned"),
        (None, TOMORROW, "period-to-come"),
        (TOMORROW, TOMORROW, "period-to-come"),
    ],
)
def test_a_period_neither_runs_backwards_nor_ahead(from_day: date | None, to_day: date, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_period(from_day, to_day, TODAY)
    assert (refusal.value.code, refusal.value.field, refusal.value.status) == (code, "to_day", 422)


def test_a_number_says_district_branch_year_and_place() -> None:
    assert rules.number_of("320507", 15, 2026, 3) == "320507-15-2026-0003"
    assert rules.number_of("320507", 15, 2026, 12345) == "320507-15-2026-12345"


def test_a_link_follows_from_the_key_and_the_nonce_alone() -> None:
    token = rules.token_of("key", "nonce")
    assert len(token) == 24
    assert token == rules.token_of("key", "nonce")
    assert len({token, rules.token_of("key", "nonce2"), rules.token_of("key2", "nonce")}) == 3


@pytest.mark.parametrize(("name", "shown"), [("张三", "张**"), ("欧阳娜娜", "欧**"), ("Wang Fang", "W**")])
def test_a_name_is_masked_to_its_first_sign_whatever_its_length(name: str, shown: str) -> None:
    assert rules.masked(name) == shown


@pytest.mark.parametrize(
    ("kind", "typed", "printed"),
    [
        ("identity-card", "11010519491231002X", "11010519491231002X"),
        ("identity-card", " 110105 19491231 002x ", "11010519491231002X"),
        ("identity-card", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("identity-card", "", ""),
        ("passport", "e12345678", "E12345678"),
        ("officer-card", "军字第2001988号", "军字第2001988号"),
        ("other", "  ", ""),
    ],
)
def test_a_documents_number_is_printed_as_it_stands_there(kind: str, typed: str, printed: str) -> None:
    try:
        assert rules.document_number(kind, typed) == printed
    except Refused:
        pytest.fail(f"{typed} was refused")


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("identity-card", "110105194912310021"),
        ("identity-card", "11010519491231002"),
        ("identity-card", "E12345678"),
        ("identity-card", "²1010519491231002X"),
        ("passport", "E12"),
        ("passport", "<b>E1234</b>"),
        ("other", "x" * 31),
    ],
)
def test_a_number_that_no_such_document_has_is_refused_in_words(kind: str, typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.document_number(kind, typed)
    assert (refusal.value.status, refusal.value.field) == (422, "document_number")
    assert typed not in str(refusal.value), "what was typed is in no words that are kept"
