"""How a Chinese name is read: for sorting, and for finding somebody by pinyin or initials."""

from functools import lru_cache

from pypinyin import lazy_pinyin

# Read otherwise as a surname than as a word.
_SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "仇": "qiu",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
    "翟": "zhai",
    "盖": "ge",
    "覃": "qin",
    "乐": "yue",
    "秘": "bi",
    "缪": "miao",
    "种": "chong",
    "繁": "po",
    "员": "yun",
    "召": "shao",
    "折": "she",
    "祭": "zhai",
    "隗": "wei",
    "佴": "nai",
    "都": "du",
    "郇": "xun",
    "么": "yao",
    "卜": "bu",
    "牟": "mu",
    "洗": "xian",
    "黑": "he",
    "句": "gou",
    "能": "nai",
    "阚": "kan",
    "难": "ning",
    "乐正": "yue zheng",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "单于": "chan yu",
    "长孙": "zhang sun",
    "澹台": "tan tai",
}
# Surnames of which both readings are common: sorted by the first, found by either.
_ALSO = {
    "覃": "tan",
    "乐": "le",
    "盖": "gai",
    "翟": "di",
    "隗": "kui",
    "缪": "mou",
    "牟": "mou",
    "谌": "shen",
}


@lru_cache(maxsize=4096)
def syllables(name: str) -> tuple[str, ...]:
    """The name in pinyin without tones, a syllable or a Latin word each, in lower case (吕 is lv)."""
    for length in (2, 1):
        if reading := _SURNAMES.get(name[:length]):
            return (*reading.split(), *_read(name[length:]))
    return tuple(_read(name))


def _read(part: str) -> list[str]:
    return [word for chunk in lazy_pinyin(part) for word in chunk.lower().replace("·", " ").split()]


def sort_name(name: str) -> str:
    """What a list is ordered by: zengxiuying before zhaoping. At most 200 signs."""
    return " ".join(syllables(name))[:200]


def search_text(name: str, phone: str) -> str:
    """name|pinyin|initials|phone in lower case, with a second reading of the surname; at most 400 signs."""
    read = syllables(name)
    pinyin, initials = "".join(read), "".join(word[0] for word in read)
    parts = [name.lower(), pinyin[:150], initials[:50]]
    if also := _ALSO.get(name[:1]):
        parts.append((also + "".join(read[1:]))[:100])
    return "|".join([*parts, phone])
