"""Names, phones, standings and skills: what is taken, what is refused, how it is found."""

import pytest

from mobilizer.errors import Refused
from mobilizer.members import names, rules
from mobilizer.terms import Standing


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单晓", "shan xiao"),
        ("曾秀", "zeng xiu"),
        ("解放", "xie fang"),
        ("仇英", "qiu ying"),
        ("区小明", "ou xiao ming"),
        ("查良", "zha liang"),
        ("任重", "ren zhong"),
        ("朴信", "piao xin"),
        ("翟英", "zhai ying"),
        ("盖强", "ge qiang"),
        ("尉迟恭", "yu chi gong"),
        ("单于飞", "chan yu fei"),
        ("牟其中", "mu qi zhong"),
        ("冼星海", "xian xing hai"),
        ("阚泽", "kan ze"),
        ("句践", "gou jian"),
        ("乐毅", "yue yi"),
        ("乐正子", "yue zheng zi"),
        ("万俟咏", "mo qi yong"),
        ("长孙皇", "zhang sun huang"),
        ("欧阳修", "ou yang xiu"),
        ("缪斯", "miao si"),
        ("卜算", "bu suan"),
        ("吕布", "lv bu"),
        ("Li Ming", "li ming"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, reading: str) -> None:
    assert names.sort_name(name) == reading


def test_somebody_is_found_by_name_pinyin_initials_and_phone() -> None:
    assert names.search_text("覃芳", "+8619900000001") == "覃芳|qinfang|qf|tanfang|+8619900000001"
    longest = "庄" * rules.LONGEST_NAME
    assert len(names.search_text(longest, "+8619900000001")) <= 400
    assert len(names.sort_name(longest)) <= 200


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王　芳", "王芳"),
        (" 王 芳 ", "王芳"),
        ("Li  Ming", "Li Ming"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("𠮷田", "𠮷田"),
        ("王\ue123", "王\ue123"),
        ("张\U00031350", "张\U00031350"),
        ("王芳（大）", "王芳（大）"),
        ("O'Brien", "O'Brien"),
        ("〇", "〇"),
    ],
)
def test_a_name_is_cleaned_and_rare_characters_are_kept(written: str, name: str) -> None:
    assert rules.name(written) == name


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "name-missing"),
        ("  ", "name-missing"),
        ("·", "name-missing"),
        ("芳" * 51, "name-long"),
        ("芳" * 10_000, "name-long"),
        ("王芳2", "name-digits"),
        ("王芳②", "name-digits"),
        ("王?芳", "name-signs"),
        ("王\ufffd", "name-signs"),
        ("=HYPERLINK(A)", "name-signs"),
        ("<b>王</b>", "name-signs"),
    ],
)
def test_what_is_no_name_is_refused(written: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.name(written)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "written",
    [
        "19900000001",
        "199 0000 0001",
        "199-0000-0001",
        "+86 19900000001",
        "008619900000001",
        "'19900000001",
        "１９９００００0001",
    ],
)
def test_a_mobile_number_however_it_is_written(written: str) -> None:
    assert rules.phone(written) == "+8619900000001"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "phone-missing"),
        ("1990009", "phone-wrong"),
        ("199000000011", "phone-wrong"),
        ("1.99E+10", "phone-wrong"),
        ("无", "phone-wrong"),
        ("0512-65751234", "phone-landline"),
    ],
)
def test_what_is_no_mobile_number_is_refused(written: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.phone(written)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("正式党员", Standing.FULL),
        ("中共党员", Standing.FULL),
        ("中共预备党员", Standing.PROBATIONARY),
        ("入党积极分子", Standing.APPLICANT),
        ("发展对象", Standing.APPLICANT),
        ("群众", Standing.VOLUNTEER),
        (" Full  member ", Standing.FULL),
        ("Probationary", Standing.PROBATIONARY),
        ("宇航员", None),
    ],
)
def test_standings_by_their_usual_words(word: str, standing: Standing | None) -> None:
    assert rules.standing(word) == standing


@pytest.mark.parametrize(
    ("cells", "skills"),
    [
        (["驾驶、医护", "普通话/方言"], [("驾驶", "医护"), ("普通话/方言",)]),
        (["驾驶/医护", "会计"], [("驾驶", "医护"), ("会计",)]),
        (["驾驶；医护,会计"], [("驾驶", "医护", "会计")]),
        (["驾驶 医护"], [("驾驶", "医护")]),
        (["first aid, driving"], [("first aid", "driving")]),
        (["无", "驾驶、驾驶、"], [(), ("驾驶",)]),
    ],
)
def test_skills_are_separated_by_the_columns_strongest_sign(
    cells: list[str], skills: list[tuple[str, ...]]
) -> None:
    separators = rules.skill_separators(cells)
    assert [rules.skills(cell, separators) for cell in cells] == skills


def test_a_skill_that_is_known_is_kept_whole() -> None:
    separators = rules.skill_separators(["普通话/方言", "驾驶/医护"])
    assert rules.skills("普通话/方言", separators, {"普通话/方言"}) == ("普通话/方言",)
