"""A password is kept as OWASP says, whatever the other tests make of it."""

import subprocess
import sys

import pytest

from mobilizer.accounts import passwords

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
