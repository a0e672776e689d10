"""People stand in the order of their names' pinyin, and are found in one way wherever somebody looks for them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import mobilizer
from mobilizer.accounts.queries import reader_of_member
from mobilizer.branches import queries as branches
from mobilizer.calls import queries as calls
from mobilizer.chains import queries as chains
from mobilizer.clock import now as the_moment
from mobilizer.extensions import db
from mobilizer.members import names
from mobilizer.members import queries as members
from mobilizer.members.rules import covering
from mobilizer.model import Branch, Member, Shift
from mobilizer.policy import Permission, Reader, allows
from mobilizer.shifts import queries as shifts
from mobilizer.signups import candidates
from mobilizer.terms import Role
from tests import factories

VILLAGE = "320507001002"
NAMES = ("张伟", "曾秀英", "单晓", "仇英", "解放", "查良", "尉迟恭", "阿里")
IN_ORDER = ["阿里", "仇英", "单晓", "解放", "尉迟恭", "曾秀英", "查良", "张伟"]


def roster(home: Branch) -> list[Member]:
    """Members as a roster writes them, with their names' readings."""
    made = []
    for n, name in enumerate(NAMES):
        phone = f"+861390000{n:04d}"
        made.append(
            factories.member(
                home,
                name,
                phone=phone,
                sort_name=names.sort_name(name),
                search=names.search_text(name, phone),
            )
        )
    return made


@pytest.fixture
def shift(app: Flask) -> Shift:
    home = factories.branch(VILLAGE)
    roster(home)
    made: Shift = factories.shift(factories.call(home))
    return made


def reader(who: Member) -> Reader:
    found = reader_of_member(who.id, the_moment())
    assert found is not None
    return found


def whole(shift: Shift) -> shifts.ShiftRow:
    found = shifts.shift(shift.id)
    assert found is not None
    return found


def in_the_register(shift: Shift, text: str) -> list[str]:
    leader = reader(factories.secretary(VILLAGE, name="Leader"))
    return [line.name for line in members.search(covering(leader), text=text).lines]


def to_ask_or_walk_in(shift: Shift, text: str) -> list[str]:
    leader = reader(factories.secretary(VILLAGE, name="Leader"))
    return [each.name for each in candidates.candidates(whole(shift), leader, text)]


def to_hand_over_to(shift: Shift, text: str) -> list[str]:
    me = factories.member(db.session.get_one(Branch, whole(shift).branch_id), "Me")
    return [each.name for each in candidates.of_my_branches(reader(me), text)]


def in_a_chain(shift: Shift, text: str) -> list[str]:
    call = calls.call(shift.call_id)
    return [each.name for each in chains.look(call, text, the_moment())]


PLACES = (in_the_register, to_ask_or_walk_in, to_hand_over_to, in_a_chain)


@pytest.mark.parametrize("looked", PLACES, ids=lambda looked: looked.__name__)
@pytest.mark.parametrize(
    "text", ["曾秀英", "秀英", "zengxiuying", "zeng xiu ying", "Zeng Xiuying", "zxy", "ｚｘｙ"]
)
def test_somebody_is_found_by_signs_pinyin_and_initials(
    shift: Shift, looked: Callable[[Shift, str], list[str]], text: str
) -> None:
    assert looked(shift, text) == ["曾秀英"]


@pytest.mark.parametrize("looked", [p for p in PLACES if p is not to_hand_over_to], ids=lambda p: p.__name__)
@pytest.mark.parametrize("text", ["13900000001", "0000001", "139 0000 0001"])
def test_who_may_call_finds_by_a_part_of_the_number(
    shift: Shift, looked: Callable[[Shift, str], list[str]], text: str
) -> None:
    assert looked(shift, text) == ["曾秀英"]


def test_who_may_not_see_numbers_finds_nobody_by_one(shift: Shift) -> None:
    assert to_hand_over_to(shift, "0000001") == []
    coordinator = factories.member(name="Coordinator")
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507")
    scope = covering(reader(coordinator))
    assert members.search(scope, text="0000001").lines == []
    assert [line.name for line in members.search(scope, text="zxy").lines] == ["曾秀英"]


@pytest.mark.parametrize("leads", ["the unit", "the branch"])
def test_who_counts_everywhere_and_leads_somewhere_finds_by_number_whom_they_may_call(
    shift: Shift, leads: str
) -> None:
    far = factories.branch("320507002001")
    phone = "+8613900000555"
    factories.member(far, "柏杨", phone=phone, search=names.search_text("柏杨", phone))
    both = factories.member(name="Both")
    factories.appointment(both, Role.COORDINATOR, unit_code="320507")
    home = db.session.get_one(Branch, whole(shift).branch_id)
    held = {"unit_code": VILLAGE} if leads == "the unit" else {"branch": home}
    factories.appointment(both, Role.SECRETARY, **held)
    who = reader(both)

    def found(text: str) -> list[str]:
        lines = members.search(covering(who), text=text).lines
        called = [line.name for line in lines if allows(who, Permission.MEMBER_CALL, line)]
        assert not text.isdigit() or len(called) == len(lines), "the number is shown to them in full"
        return [line.name for line in lines]

    assert found("0000001") == ["曾秀英"]
    assert found("0000555") == []
    assert found("柏杨") == ["柏杨"], "by name everybody whom they count"


@pytest.mark.parametrize("looked", [in_the_register, to_hand_over_to], ids=lambda looked: looked.__name__)
def test_people_stand_in_the_order_of_their_pinyin(
    shift: Shift, looked: Callable[[Shift, str], list[str]]
) -> None:
    assert [name for name in looked(shift, "") if name in NAMES] == IN_ORDER


def test_a_branch_lists_its_people_in_the_order_of_their_pinyin(shift: Shift) -> None:
    home = branches.branch(whole(shift).branch_id)
    assert home is not None
    found = branches.people(home)
    assert [each.name for each in found if each.name in NAMES] == IN_ORDER


def by_the_signs(source: str) -> list[str]:
    """Orders by a member's name as it is written, and sorting by names in Python."""
    orders = re.findall(r"order_by\([^)]*\)", source)
    return [each for each in orders if "Member.name" in each] + re.findall(
        r"key=lambda (?:each|person|who): (?:each|person|who)\.name", source
    )


def test_nobody_is_listed_by_the_signs_of_their_name() -> None:
    package = Path(mobilizer.__file__).parent
    wrong = {
        str(path.relative_to(package)): found
        for path in package.rglob("*.py")
        if (found := by_the_signs(path.read_text(encoding="utf-8")))
    }
    assert wrong == {}
    assert by_the_signs(
        "select(Member.id).order_by(rank, Member.name)\nsorted(a, key=lambda each: each.name)"
    )
