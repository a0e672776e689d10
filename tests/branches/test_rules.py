"""The regulation's numbers: what stops a temporary branch, what only warns, and what it is told to do next."""

import pytest

from mobilizer.branches import rules
from mobilizer.branches.forms import read_checkpoints, read_id
from mobilizer.branches.rules import NewCheckpoint
from mobilizer.errors import Refused
from mobilizer.policy import covers


@pytest.mark.parametrize(
    ("from_above", "own", "code"),
    [(False, False, "approver-not-above"), (False, True, "approver-not-above"), (True, True, "own-proposal")],
)
def test_only_somebody_else_from_above_approves(from_above: bool, own: bool, code: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.may_approve(from_above=from_above, own_proposal=own)
    assert (caught.value.code, caught.value.status) == (code, 403)


def test_three_full_members_and_a_secretary_who_is_one_are_enough() -> None:
    rules.may_approve(from_above=True, own_proposal=False)
    rules.may_activate(full_members=3, secretary_standing="full")
    with pytest.raises(Refused):
        rules.may_activate(full_members=2, secretary_standing="full")
    for standing in ("probationary", "applicant", "volunteer", ""):
        with pytest.raises(Refused):
            rules.may_activate(full_members=30, secretary_standing=standing)


@pytest.mark.parametrize(
    ("full_members", "people", "committee", "said"),
    [
        (3, 3, 1, []),
        (6, 50, 1, []),
        (2, 2, 1, ["At least 3"]),
        (7, 7, 2, ["committee of 3 to 5"]),
        (7, 7, 3, []),
        (7, 7, 5, []),
        (9, 9, 6, ["usually has 3 to 5"]),
        (9, 9, 8, ["at most 7"]),
        (51, 51, 4, ["about 50 is usual"]),
    ],
)
def test_sizes_warn_and_stop_nothing(full_members: int, people: int, committee: int, said: list[str]) -> None:
    found = rules.remarks(full_members=full_members, people=people, committee=committee)
    texts = [remark.message % remark.values for remark in found]
    assert len(texts) == len(said)
    assert all(part in text for part, text in zip(said, texts, strict=True))


@pytest.mark.parametrize(
    ("kind", "status", "led", "people", "checkpoints", "missing"),
    [
        ("action", "active", True, 0, 0, "checkpoints"),
        ("action", "active", True, 0, 1, "staffed"),
        ("action", "active", False, 1, 1, "led"),
        ("action", "active", True, 1, 1, None),
        ("temporary", "proposed", False, 2, 1, "staffed"),
        ("temporary", "proposed", False, 3, 1, "approved"),
        ("temporary", "active", True, 3, 0, "checkpoints"),
        ("temporary", "active", True, 3, 1, None),
    ],
)
def test_a_branch_is_told_the_one_next_step(
    kind: str, status: str, led: bool, people: int, checkpoints: int, missing: str | None
) -> None:
    steps = rules.steps(kind=kind, status=status, led=led, people=people, checkpoints=checkpoints)
    assert [step.key for step in steps if step.state == "next"] == ([missing] if missing else [])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        ("\n  \n", []),
        ("东门", [NewCheckpoint("东门")]),
        ("东门，澄阳路88号", [NewCheckpoint("东门", "澄阳路88号")]),
        ("East Gate, 1 River Street, back door", [NewCheckpoint("East Gate", "1 River Street, back door")]),
        ("East Gate\nWest Gate;", [NewCheckpoint("East Gate"), NewCheckpoint("West Gate")]),
    ],
)
def test_checkpoints_are_read_one_a_line(typed: str, read: list[NewCheckpoint]) -> None:
    assert read_checkpoints(typed) == read


@pytest.mark.parametrize("written", ["0", "-1", "1.5", "x", "", str(2**31), "9" * 40])
def test_what_can_be_no_rows_number_is_none(written: str) -> None:
    with pytest.raises(ValueError):
        read_id(written)


def test_an_operation_covers_its_unit_and_all_below() -> None:
    assert covers("320507001", "320507001002-03")
    assert covers("320507001002", "320507001002")
    assert not covers("320507001002", "320507001")
    assert not covers("320507002", "320507001002")
