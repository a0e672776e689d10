"""A password is kept as OWASP says, whatever the other tests make of it; and which are refused."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from flask import Flask

from mobilizer.accounts import passwords, queries
from mobilizer.errors import Refused
from mobilizer.members.names import search_text, sort_name
from tests import factories
from tests.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]
OF_WANG = ["王芳", "wangfang", "wf", "wang", "fang", "+8613912345678", "13912345678"]

COMMON = [
    *(
        "password",
        "12345678",
        "87654321",
        "123456789",
        "11111111",
        "88888888",
        "00000000",
        "qwertyui",
        "1qaz2wsx",
    ),
    *(
        "a1234567",
        "qq123456",
        "abc12345",
        "p@ssw0rd",
        "Passw0rd",
        "iloveyou",
        "woaini1314",
        "woaini520",
        "5201314a",
    ),
    *("woaini123", "zhongguo", "19491001", "20200101", "asdfghjkl", "abcdefgh", "aaaaaaaa", "dangyuan1"),
]


@pytest.mark.parametrize("password", COMMON)
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.check_new(password, [])
    assert (refused.value.code, refused.value.status, refused.value.field) == (
        "password-common",
        422,
        "password",
    )


@pytest.mark.parametrize(
    "password",
    [
        "13912345678",
        "8613912345678",
        "+8613912345678",
        "wangfang",
        "wangfang1",
        "WangFang88",
        "wf13912345678",
    ],
)
def test_what_is_made_of_the_members_own_name_or_number_is_refused(password: str) -> None:
    with pytest.raises(Refused, match="own name or number"):
        passwords.check_new(password, OF_WANG)


def test_another_persons_name_is_no_word_of_mine_afterwards() -> None:
    """zxcvbn keeps what it was given; the next one who asks must not be judged by it."""
    strange = "oukuqiangzhu 77"
    passwords.check_new(strange, [])
    with pytest.raises(Refused):
        passwords.check_new(strange, ["oukuqiangzhu"])
    passwords.check_new(strange, [])


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "mobilizer-demo",
        "东门晚上吃碗馄饨",
        "tea crane window",
        "x7Kq-92mL",
        "ß" * 3 + "kitchen table",
    ],
)
def test_a_good_one_is_taken(password: str) -> None:
    passwords.check_new(password, OF_WANG)


@pytest.mark.parametrize(
    ("password", "code"), [("", "password-short"), ("a" * 7, "password-short"), ("ab" * 150, "password-long")]
)
def test_too_short_and_too_long_are_said_to_be_so(password: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.check_new(password, [])
    assert refused.value.code == code


def test_what_is_a_members_own_is_found_in_the_roster(app: Flask) -> None:
    who = factories.member(
        name="王芳",
        phone="+8613912345678",
        search=search_text("王芳", "+8613912345678"),
        sort_name=sort_name("王芳"),
    )
    assert set(OF_WANG) <= set(queries.own_words(who.id))
    assert queries.own_words(10**6) == []


def test_changing_it_to_a_common_one_is_refused_in_words(visit: Visit) -> None:
    who = factories.member()
    me = visit(who.phone).open("/me")
    me.submit("/me/password", current=PASSWORD, password="woaini1314", again="woaini1314")
    assert me.status == 422
    assert "guessed too easily" in me.text
    me.submit("/me/password", current=PASSWORD, password="tea crane window", again="tea crane window")
    assert "The password is changed" in me.text
    assert "Log out" in visit().log_in(who.phone, "tea crane window").text


# --- what is kept ---

FIGURES = "$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.mark.parametrize(
    "made",
    ["passwords.hashed('correct horse')", "passwords._nobodys_hash()"],
    ids=["a member's", "the one that is checked where nobody is found"],
)
def test_a_hash_costs_19_mebibytes_and_two_passes(made: str) -> None:
    program = f"from mobilizer.accounts import passwords; print({made})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith(FIGURES)


def test_the_tests_themselves_hash_cheaply() -> None:
    """Else the two above say nothing that the others do not."""
    assert not passwords.hashed("correct horse").startswith(FIGURES)
