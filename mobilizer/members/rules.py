"""What a member's name, phone number, standing and skills may be, and whose members a reader may search."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from mobilizer import phones
from mobilizer.errors import N_, Refused
from mobilizer.policy import Reader
from mobilizer.terms import Role, Standing

LONGEST_NAME = 50
LONGEST_BRANCH_NAME = 100
LONGEST_SKILL = 50

STANDING_WORDS = {
    word: standing
    for standing, words in {
        Standing.FULL: "full full-member member 正式党员 正式 党员 中共党员 中国共产党党员 在册党员 流动党员",
        Standing.PROBATIONARY: "probationary probationary-member 预备党员 预备 中共预备党员 中国共产党预备党员",
        Standing.APPLICANT: "applicant activist 入党积极分子 积极分子 入党申请人 申请人 发展对象 入党发展对象",
        Standing.VOLUNTEER: "volunteer non-member non-party masses 群众 志愿者 共青团员 团员 无党派人士 无党派 民主党派 非党员",
    }.items()
    for word in words.split()
}
# Between the two halves of a Chinese name, and around the dot of a Uyghur one, forms put spaces to make it look even.
_HAN_GAP = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_DOTS = str.maketrans("•‧∙・●．", "······")
_ALLOWED = set(" ·.-'’,()（）—")


def name(written: str) -> str:
    """A person's name, cleaned. Refused: none, over 50 signs, digits, and signs that no name has.

    Rare characters are kept, those newer than this Python's Unicode tables too.
    """
    plain = _HAN_GAP.sub("", " ".join(unicodedata.normalize("NFC", written).split()).translate(_DOTS))
    if not plain:
        raise Refused("name-missing", N_("The name is missing."), status=422, field="name")
    if len(plain) > LONGEST_NAME:
        raise Refused(
            "name-long",
            N_("A name has at most %(max)s characters."),
            status=422,
            field="name",
            max=LONGEST_NAME,
        )
    if any(unicodedata.category(sign) in ("Nd", "No") for sign in plain):
        raise Refused("name-digits", N_("There are digits in the name."), status=422, field="name")
    if wrong := [sign for sign in plain if not _in_a_name(sign)]:
        raise Refused(
            "name-signs", N_("A name has no “%(sign)s” in it."), status=422, field="name", sign=wrong[0]
        )
    if not any(_is_letter(sign) for sign in plain):
        raise Refused("name-missing", N_("The name is missing."), status=422, field="name")
    return plain


def _is_letter(sign: str) -> bool:
    # Private-use signs stand for rare characters in older fonts; planes 2 and 3 hold nothing but ideographs.
    return (
        unicodedata.category(sign)[0] in "LM"
        or sign == "〇"
        or "\ue000" <= sign <= "\uf8ff"
        or sign >= "\U00020000"
    )


def _in_a_name(sign: str) -> bool:
    return sign in _ALLOWED or _is_letter(sign)


def same_name(one: str, other: str) -> bool:
    """Whether two cleaned names are one, however they are spaced and capitalised."""
    return one == other or one.casefold().replace(" ", "") == other.casefold().replace(" ", "")


def phone(written: str) -> str:
    """E.164 of a mobile number. Refused: none, what is no number, and a landline, which cannot log in."""
    plain = written.strip().strip("'’‘`")
    if not plain:
        raise Refused("phone-missing", N_("The phone number is missing."), status=422, field="phone")
    try:
        number = phones.read(plain)
    except ValueError:
        raise Refused(
            "phone-wrong",
            N_("“%(phone)s” is no complete phone number."),
            status=422,
            field="phone",
            phone=plain[:40],
        ) from None
    if not phones.is_mobile(number):
        raise Refused(
            "phone-landline",
            N_("This is no mobile number. A mobile number is needed to log in."),
            status=422,
            field="phone",
        )
    return number


def phones_in(written: str) -> list[str]:
    """The mobile numbers in a cell that holds several, such as 0512-65751234 / 13800000000."""
    found = []
    for part in re.split(r"[/、,，;；|\n]| {2,}", written):
        try:
            found.append(phone(part))
        except Refused:
            continue
    return list(dict.fromkeys(found))


def standing(written: str) -> Standing | None:
    """The standing that a word means; None for a word that is not known."""
    words = unicodedata.normalize("NFKC", written).casefold().split()
    return STANDING_WORDS.get("-".join(words)) or STANDING_WORDS.get("".join(words))


# --- skills -----------------------------------------------------------------------------------------

_STRONG = re.compile(r"[、,，;；|｜\n]")
_WEAKER = (re.compile(r"[/／]"), re.compile(r"\s+"))


def skill_separators(cells: Iterable[str]) -> list[re.Pattern[str]]:
    """How the skills of a column are separated: by its strongest sign, so that 普通话/方言 beside 驾驶、医护 is one."""
    strongest: list[re.Pattern[str]] = [_STRONG]
    cells = list(cells)
    if any(_STRONG.search(cell) for cell in cells):
        return strongest
    return strongest + [weaker for weaker in _WEAKER if any(weaker.search(cell) for cell in cells)][:1]


def skills(
    written: str, separators: Iterable[re.Pattern[str]], known: Collection[str] = ()
) -> tuple[str, ...]:
    """The skills in one cell, each once, in order. A known skill is kept whole whatever signs are in it."""
    parts = [written]
    for separator in separators:
        parts = [
            piece for part in parts for piece in ([part] if part.strip() in known else separator.split(part))
        ]
    cleaned = (" ".join(part.split()).strip("。.") for part in parts)
    return tuple(
        dict.fromkeys(part for part in cleaned if part and part not in ("无", "暂无", "-", "—", "/"))
    )


# --- who may search whom ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose members: everybody's, or those whose home branch lies in these units (with all below) or is one of these.

    `only_counted` are those of the units whose people the reader counts and may not call: nobody there, whom no other part
    of the scope covers, is found by a part of the number, so that nobody finds it out digit by digit.
    """

    everything: bool = False
    unit_codes: frozenset[str] = frozenset()
    branch_ids: frozenset[int] = frozenset()
    only_counted: frozenset[str] = frozenset()

    @property
    def called(self) -> "Scope":
        """The part of it whose people the reader may call: Permission.MEMBER_CALL."""
        return replace(self, unit_codes=self.unit_codes - self.only_counted, only_counted=frozenset())


EVERYTHING = Scope(everything=True)


def covering(reader: Reader) -> Scope:
    """What the reader's appointments cover: the same people whom Permission.MEMBER_READ lets them read."""
    if any(grant.role == Role.ADMINISTRATOR for grant in reader.grants):
        return EVERYTHING
    leads = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
    led = frozenset(g.unit_code for g in reader.grants if g.unit_code and g.role in leads)
    counted = frozenset(g.unit_code for g in reader.grants if g.unit_code and g.role == Role.COORDINATOR)
    return Scope(
        unit_codes=led | counted,
        branch_ids=frozenset(
            g.branch_id for g in reader.grants if g.branch_id and g.role != Role.COORDINATOR
        ),
        only_counted=counted - led,
    )
