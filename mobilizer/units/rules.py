"""Codes of units and what they say: the level, the unit above. And the many ways to write a unit's name."""

import re
import unicodedata

from mobilizer.errors import N_, Refused
from mobilizer.terms import Level

LONGEST_NAME = 100
_LEVEL_BY_LENGTH = {6: Level.DISTRICT, 9: Level.TOWN, 12: Level.VILLAGE}
_GRID = re.compile(r"(\d{12})-(\d{1,7})", re.ASCII)
_DASHES = str.maketrans("‐‑‒–—−－_", "--------")

LEVEL_WORDS = {
    word: level
    for level, words in {
        Level.DISTRICT: "district county 区 县 区县 县区 市辖区 区级 县级 县级市",
        Level.TOWN: "town township subdistrict street 镇 街道 乡 乡镇 镇街 街镇 乡镇街道 镇级 街道级 镇(街道)",
        Level.VILLAGE: "village community 村 社区 村社区 村居 村级 社区级 行政村 居委会 村委会 村(社区)",
        Level.GRID: "grid 网格 基础网格 网格级",
    }.items()
    for word in words.split()
}


def code(written: str) -> str:
    """The significant prefix of a statistical division code (12 digits, by the National Bureau of Statistics).

    "320507001000" is "320507001", a town; 6 digits are a district, 12 a village or community; a grid's code is
    its village's, '-', and its own number. Refused (422): everything else, a province's or a city's code too.
    """
    plain = "".join(unicodedata.normalize("NFKC", written).translate(_DASHES).split())
    if found := _GRID.fullmatch(plain):
        if code(found[1]) != found[1]:
            raise _no_code(plain)
        return plain
    if not (plain.isascii() and plain.isdigit()):
        raise _no_code(plain)
    if len(plain) in (2, 4):
        raise _above_district()
    if len(plain) not in _LEVEL_BY_LENGTH:
        raise Refused(
            "code-length",
            N_("A code has 6, 9 or 12 digits; this one has %(n)s."),
            status=422,
            field="code",
            n=len(plain),
        )
    while len(plain) > 6 and plain.endswith("000"):
        plain = plain[:-3]
    if len(plain) == 6 and plain.endswith("00"):
        raise _above_district()
    return plain


def _above_district() -> Refused:
    return Refused(
        "code-above-district",
        N_("This is the code of a city or a province. The units begin with the district."),
        status=422,
        field="code",
    )


def _no_code(written: str) -> Refused:
    return Refused(
        "code-wrong",
        N_("“%(code)s” is no code of a unit: 12 digits, or a village's code, a dash and the grid's number."),
        status=422,
        field="code",
        code=written[:40],
    )


def level_of(code: str) -> Level:
    """The level that a code in its short form says."""
    return Level.GRID if "-" in code else _LEVEL_BY_LENGTH[len(code)]


def parent_of(code: str) -> str | None:
    """The code of the unit above; None for a district."""
    if "-" in code:
        return code.split("-", maxsplit=1)[0]
    return code[:-3] if len(code) > 6 else None


def chain(code: str) -> list[str]:
    """The unit's own code and those of all above it, the district first."""
    above = parent_of(code)
    return [*(chain(above) if above else []), code]


# --- names ------------------------------------------------------------------------------------------

_PARTY = re.compile(r"(?:党工委|党委|党总支|总支|工委|党支部|党群服务中心|党组织)(?:委员会)?$")
_OFFICE = re.compile(r"(?:办事处|人民政府|政府|街道办)$")
_VILLAGE = re.compile(r"(?:村?村民委员会|村?村委会|村?村委)$")
_COMMUNITY = re.compile(r"(?:居民委员会|居委会|居委|社区委员会)$")
_WIDER = re.compile(r"^\w{2,4}?[省市]")


def name_key(name: str) -> str:
    """What two names of one unit have in common.

    古巷社区, 古巷社区居委会 and 古巷社区居民委员会; 鹤泾村, 鹤泾村委会 and 鹤泾村村民委员会; 元和街道, its
    办事处 and its 党工委.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    plain = re.sub(r"[\s/\\>·|,、\-—_]+", "", plain).removeprefix("中共")
    plain = _PARTY.sub("", plain) or plain
    if plain.endswith("街道办"):
        return plain.removesuffix("办")
    plain = _OFFICE.sub("", plain) or plain
    if (stem := _VILLAGE.sub("", plain)) != plain and stem:
        return stem + "村"
    if (stem := _COMMUNITY.sub("", plain)) != plain and stem:
        return stem if stem.endswith(("社区", "村")) else stem + "社区"
    return plain


def bare_key(name: str) -> str:
    """The name key without what kind of unit it is: 古巷, 鹤泾, 元和."""
    key = name_key(name)
    for kind in ("社区", "街道", "村", "镇", "乡", "区", "县"):
        if key.endswith(kind) and len(key) > len(kind) + 1:
            return key.removesuffix(kind)
    return key


class UnitNames:
    """All units by the ways to write their names: the name alone, or with those of units above before it."""

    def __init__(self, names: dict[str, str]) -> None:
        """`names` is code -> name of every unit."""
        self.names = names
        self._by_key: dict[str, list[str]] = {}
        self._by_bare: dict[str, list[str]] = {}
        keys = {code: name_key(name) for code, name in names.items()}
        for code, key in keys.items():
            above = [keys[each] for each in chain(code)[:-1] if each in keys]
            paths = {key}
            for at in range(len(above)):
                paths.add("".join(above[at:]) + key)
                paths.add(above[at] + key)
            for path in paths:
                self._by_key.setdefault(path, []).append(code)
            bare = bare_key(names[code])
            if bare != key:
                self._by_bare.setdefault(bare, []).append(code)

    def matching(self, written: str) -> list[str]:
        """The codes of the units that a written name may mean; the name without its kind only where none has it."""
        key = name_key(written)
        if not key:
            return []
        if found := self._by_key.get(key):
            return found
        shorter = key
        while (wider := _WIDER.match(shorter)) and len(wider[0]) < len(shorter):
            shorter = shorter[wider.end() :]
            if found := self._by_key.get(shorter):
                return found
        return self._by_bare.get(key, [])

    def beginning(self, text: str) -> list[str]:
        """The units whose name key, the longest that fits, `text` begins with: 长泾社区 of 长泾社区第一党支部."""
        plain = "".join(unicodedata.normalize("NFKC", text).casefold().split()).removeprefix("中共")
        for end in range(len(plain), 2, -1):
            if found := self._by_key.get(plain[:end]):
                return found
        return []
