"""Headings and the fields they mean: seen through spaces, line breaks, brackets and "required" marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

# What forms hang onto a heading, in whatever field of life.
_ADORNMENT = re.compile(r"必填项?|选填项?|必须填写|请填写|不可为空|\brequired\b|\boptional\b")
_BRACKETS = re.compile(r"[(\[{<【〔《「](.*?)[)\]}>】〕》」]")


@dataclass(frozen=True, slots=True)
class Field:
    """A thing that a column may hold. Of the `synonyms` the first ones count most, where columns compete.

    `heading` is what the person is told the field is called: a msgid or a lazy translation.
    """

    name: str
    heading: object
    synonyms: tuple[str, ...]
    required: bool = False


def keys(heading: str) -> list[str]:
    """What a heading may be recognised by, the surest first.

    "手机号码（必填）" is 手机号码; "联系电话\\n(手机)" is 联系电话手机, 联系电话, and last 手机.
    """
    return [key for key, _ in _ranked_keys(heading)]


def _ranked_keys(heading: str) -> list[tuple[str, int]]:
    """(key, how far it is from what was written: 0 all of it, 1 without brackets, 2 only a part)."""
    folded = _ADORNMENT.sub("", unicodedata.normalize("NFKC", heading).casefold())
    outside = _BRACKETS.sub(" ", folded)
    parts = [*_BRACKETS.findall(folded), *re.split(r"[/|、]", outside)]
    if bilingual := re.fullmatch(r"\W*([^\x00-\x7f]+?)[\s/]*([a-z][a-z .']*)\W*", outside.strip()):
        parts += bilingual.groups()
    found: dict[str, int] = {}
    for rank, candidates in enumerate(([folded], [outside], parts)):
        for candidate in candidates:
            if key := _letters(candidate):
                found.setdefault(key, rank)
    return list(found.items())


def _letters(value: str) -> str:
    return "".join(c for c in value if c.isalnum())


def _synonyms(fields: Sequence[Field]) -> dict[str, list[tuple[int, Field]]]:
    known: dict[str, list[tuple[int, Field]]] = {}
    for field in fields:
        for rank, synonym in enumerate((*field.synonyms, field.name)):
            key = _letters(unicodedata.normalize("NFKC", synonym).casefold())
            known.setdefault(key, []).append((rank, field))
    return known


def matches(
    headings: Sequence[str], grouped: Sequence[str], fields: Sequence[Field], taken: Collection[int]
) -> dict[str, int]:
    """Field name -> column: each field at most one column and each column at most one field.

    Where they compete, a heading that is a synonym beats one that has it as a part, then the earlier
    synonym wins, then the column further left. `grouped` are the headings with their group's before them.
    """
    known = _synonyms(fields)
    wanted: list[tuple[bool, int, int, int, str]] = []
    for at, (heading, group) in enumerate(zip(headings, grouped, strict=True)):
        if at in taken or not heading:
            continue
        for key, distance in (*_ranked_keys(heading), *_ranked_keys(group)):
            for rank, field in known.get(key, ()):
                wanted.append((distance > 1, rank, distance, at, field.name))
    index: dict[str, int] = {}
    used: set[int] = set()
    for _, _, _, at, name in sorted(wanted):
        if name not in index and at not in used:
            index[name] = at
            used.add(at)
    return {field.name: index[field.name] for field in fields if field.name in index}


def loosely(headings: Sequence[str], fields: Sequence[Field], known: dict[str, int]) -> dict[str, int]:
    """For the fields not yet known, columns whose heading contains a synonym: a guess to be looked over."""
    index: dict[str, int] = {}
    used = set(known.values())
    for field in fields:
        if field.name in known:
            continue
        for at in _containing(headings, field):
            if at not in used:
                index[field.name] = at
                used.add(at)
                break
    return index


def _containing(headings: Sequence[str], field: Field) -> Iterator[int]:
    for synonym in field.synonyms:
        key = _letters(unicodedata.normalize("NFKC", synonym).casefold())
        for at, heading in enumerate(headings):
            if len(key) >= 2 and any(key in have for have in keys(heading)):
                yield at
