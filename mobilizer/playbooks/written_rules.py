"""Checkpoints and posts as they are typed, one a line, and the way back. Pure; refusals name the field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from mobilizer.errors import N_, Refused
from mobilizer.playbooks.body_rules import MOST_PLACES
from mobilizer.playbooks.rules import Place, Post
from mobilizer.shifts import rules as shifts

_BETWEEN = re.compile(r"\s*[,，;；、\t]\s*")
_AFTER_NAME = re.compile(r"\s*[,，;；\t]\s*")
_HOURS = {
    "all": "all",
    "全天": "all",
    "day": "day",
    "白天": "day",
    "日间": "day",
    "night": "night",
    "夜间": "night",
    "夜里": "night",
    "晚上": "night",
}
_NUMBER = re.compile(r"(\d{1,4})[人个名]?")


def read_places(text: str) -> tuple[Place, ...]:
    """ "name" or "name, address" a line; a name written twice counts once."""
    found: dict[str, Place] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, address = [*_AFTER_NAME.split(line, maxsplit=1), ""][:2]
        if not name:
            raise _places("place-unnamed", N_("Each line begins with the checkpoint's name."))
        if len(name) > 100 or len(address) > 200:
            raise _places(
                "place-long",
                N_("A name has at most 100 characters and an address 200: “%(start)s…”"),
                start=name[:20],
            )
        found.setdefault(name, Place(name, address))
    if not found:
        raise _places("checkpoints-none", N_("Write at least one checkpoint, one a line."))
    if len(found) > MOST_PLACES:
        raise _places(
            "places-many",
            N_("At most %(most)s checkpoints at once; more can be added later."),
            most=MOST_PLACES,
        )
    return tuple(found.values())


def write_places(places: Iterable[Place]) -> str:
    return "\n".join(f"{each.name}, {each.address}" if each.address else each.name for each in places)


def read_posts(text: str) -> tuple[Post, ...]:
    """ "name, seats, least" a line, then if need be "day" or "night", and the skill that is asked for.

    Without a name it is the only thing to do there; without a least number one person is enough.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise _posts("posts-none", N_("Write at least one post, one a line."), "")
    if len(lines) > 2 * shifts.MOST_POSTS:
        raise _posts("posts-many", N_("At most %(n)s posts."), "", n=shifts.MOST_POSTS)
    return tuple(_post(line) for line in lines)


def _post(line: str) -> Post:
    parts = [part for part in _BETWEEN.split(unicodedata.normalize("NFKC", line).strip()) if part]
    name = "" if _NUMBER.fullmatch(parts[0] if parts else "") else (parts.pop(0) if parts else "")
    numbers: list[int] = []
    hours, skill = "all", ""
    for part in parts:
        if (number := _NUMBER.fullmatch(part)) and len(numbers) < 2:
            numbers.append(int(number[1]))
        elif part.lower() in _HOURS:
            hours = _HOURS[part.lower()]
        elif not skill:
            skill = part
        else:
            raise _unreadable(line)
    if not numbers or len(skill) > 50:
        raise _unreadable(line)
    return Post(name, numbers[0], numbers[1] if len(numbers) > 1 else 1, skill, hours)


def write_posts(posts: Iterable[Post], words: Mapping[str, str]) -> str:
    """`words` are how "day" and "night" are said to who reads it."""
    return "\n".join(
        ", ".join(
            part
            for part in (
                each.name,
                str(each.seats),
                str(each.least),
                words[each.hours] if each.hours != "all" else "",
                each.skill,
            )
            if part
        )
        for each in posts
    )


def read_pattern(text: str) -> str:
    """A named pattern however it is written (3×8, 3 x 8), or own times as they are."""
    plain = "".join(unicodedata.normalize("NFKC", text).lower().replace("×", "x").replace("*", "x").split())
    return plain if plain in shifts.PATTERNS else text.strip()


def _places(code: str, message: str, **values: object) -> Refused:
    return Refused(code, message, status=422, field="checkpoints", **values)


def _posts(code: str, message: str, line: str, **values: object) -> Refused:
    return Refused(code, message, status=422, field="posts", line=line, **values)


def _unreadable(line: str) -> Refused:
    return _posts(
        "post-unreadable",
        N_("“%(line)s” cannot be read. Write it such as: registration, 2, 1"),
        line[:40],
    )
