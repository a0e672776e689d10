"""What a code says, and how many ways there are to write one unit's name."""

import pytest

from mobilizer.errors import Refused
from mobilizer.policy import covers
from mobilizer.units import rules


@pytest.mark.parametrize(
    ("written", "code", "level"),
    [
        ("320507000000", "320507", "district"),
        ("320507", "320507", "district"),
        ("320507001000", "320507001", "town"),
        (" 3205 0700 1000 ", "320507001", "town"),
        ("３２０５０７００１００２", "320507001002", "village"),
        ("320507001002-1", "320507001002-1", "grid"),
        ("320507001002－12", "320507001002-12", "grid"),
    ],
)
def test_a_code_is_shortened_to_what_counts_and_says_its_level(written: str, code: str, level: str) -> None:
    assert rules.code(written) == code
    assert rules.level_of(code) == level


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("3205", "code-above-district"),
        ("320500000000", "code-above-district"),
        ("32050700100", "code-length"),
        ("3205070010020", "code-length"),
        ("相城区", "code-wrong"),
        ("320507001000-1", "code-wrong"),
        ("320507001002-", "code-wrong"),
        ("3.20507E+11", "code-wrong"),
        ("-1", "code-wrong"),
    ],
)
def test_what_is_no_code_of_a_unit_is_refused(written: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.code(written)
    assert refused.value.code == why


def test_the_code_carries_the_tree() -> None:
    assert rules.chain("320507001002-1") == ["320507", "320507001", "320507001002", "320507001002-1"]
    assert covers("320507001", "320507001002-1")
    assert not covers("320507001002-1", "320507001002-10"), "grid 10 does not lie in grid 1"


NAMES = {
    "320507": "相城区",
    "320507001": "元和街道",
    "320507001003": "古巷社区居委会",
    "320507001200": "新巷村委会",
    "320507102": "黄埭镇",
    "320507102203": "鹤泾村委会",
    "320507102204": "新巷村委会",
}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("古巷社区", ["320507001003"]),
        ("古巷社区居民委员会", ["320507001003"]),
        ("古巷社区党总支", ["320507001003"]),
        (" 古巷　社区 ", ["320507001003"]),
        ("古巷", ["320507001003"]),
        ("元和街道古巷社区", ["320507001003"]),
        ("江苏省苏州市相城区元和街道古巷社区居委会", ["320507001003"]),
        ("鹤泾村", ["320507102203"]),
        ("鹤泾村村民委员会", ["320507102203"]),
        ("鹤泾村民委员会", ["320507102203"]),
        ("元和街道办事处", ["320507001"]),
        ("中共元和街道党工委", ["320507001"]),
        ("黄埭镇人民政府", ["320507102"]),
        ("新巷村", ["320507001200", "320507102204"]),
        ("黄埭镇新巷村", ["320507102204"]),
        ("花果山社区", []),
        ("", []),
    ],
)
def test_a_unit_is_found_by_its_usual_names(written: str, codes: list[str]) -> None:
    assert rules.UnitNames(NAMES).matching(written) == codes
