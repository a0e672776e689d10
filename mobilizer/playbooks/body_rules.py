"""A playbook as it is kept: plain JSON, read back only if all of it holds. Pure."""

from dataclasses import asdict
from typing import Any, NoReturn

from mobilizer.errors import N_, Refused
from mobilizer.playbooks.rules import NAMES, TEXTS, Later, Place, Playbook, Post
from mobilizer.shifts import rules as shifts
from mobilizer.terms import OperationKind, ServiceCategory

LONGEST = {
    "operation": 100,
    "branch": 100,
    "mission": 2000,
    "title": 100,
    "content": 4000,
    "risks": 4000,
    "kit": 4000,
    "pattern": 500,
}
MOST_PLACES = 50
MOST_DAYS_LATER = 60
HOURS = ("all", "day", "night")


def body_of(playbook: Playbook) -> dict[str, Any]:
    """What the table keeps of it."""
    body = asdict(playbook)
    body["checkpoints"] = [list(each) for each in playbook.checkpoints]
    body["posts"] = [list(each) for each in playbook.posts]
    body["later"] = list(playbook.later) if playbook.later else None
    return body


def read(body: Any) -> Playbook:
    """The playbook that a body is. Refuses, in one sentence for people, whatever is missing, of another kind, too
    long or against the rules of the shifts."""
    if not isinstance(body, dict) or set(body) != set(NAMES):
        _unreadable("parts")
    for name in (*TEXTS, "kind", "category", "pattern"):
        if not isinstance(body[name], str) or len(body[name]) > LONGEST.get(name, 100):
            _unreadable(name)
    if body["kind"] not in set(OperationKind):
        _unreadable("kind")
    if body["category"] not in set(ServiceCategory):
        _unreadable("category")
    if not isinstance(body["dangerous"], bool):
        _unreadable("dangerous")
    if not _whole(body["overlap"], 0, shifts.MOST_OVERLAP):
        _unreadable("overlap")
    if not _whole(body["days"], 1, shifts.MOST_DAYS):
        _unreadable("days")
    given = dict(body)
    given["checkpoints"] = tuple(_place(each) for each in _rows(body["checkpoints"], MOST_PLACES))
    given["posts"] = tuple(_post(each) for each in _rows(body["posts"], 2 * shifts.MOST_POSTS))
    given["later"] = _later(body["later"])
    playbook = Playbook(**given)
    check(playbook)
    return playbook


def check(playbook: Playbook) -> None:
    """Refuses posts that no hour can have, and times that cannot be read; the field at fault is named."""
    for night in ("day", "night"):
        posts = [
            shifts.Post(each.name, each.seats, each.least)
            for each in playbook.posts
            if each.hours in ("all", night)
        ]
        if posts:
            try:
                shifts.check_posts(posts)
            except Refused as refusal:
                refusal.field = "posts"
                raise
    if not playbook.posts:
        raise Refused("posts-none", N_("Write at least one post, one a line."), status=422, field="posts")
    try:
        _ = playbook.slots
    except Refused as refusal:
        refusal.field = "overlap" if refusal.field == "overlap" else "pattern"
        raise


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _rows(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        _unreadable("rows")
    return list(value)


def _place(row: Any) -> Place:
    if not (isinstance(row, list | tuple) and len(row) == 2 and all(isinstance(each, str) for each in row)):
        _unreadable("checkpoints")
    name, address = row
    if not 0 < len(name) <= 100 or len(address) > 200:
        _unreadable("checkpoints")
    return Place(name, address)


def _post(row: Any) -> Post:
    if not (isinstance(row, list | tuple) and len(row) == 5):
        _unreadable("posts")
    name, seats, least, skill, hours = row
    if not all(isinstance(each, str) for each in (name, skill, hours)) or hours not in HOURS:
        _unreadable("posts")
    if not _whole(seats, 1, shifts.MOST_SEATS) or not _whole(least, 0, shifts.MOST_SEATS) or len(skill) > 50:
        _unreadable("posts")
    return Post(name, seats, least, skill, hours)


def _later(value: Any) -> Later | None:
    if value is None:
        return None
    if not (isinstance(value, list | tuple) and len(value) == 2):
        _unreadable("later")
    days, minute = value
    if not _whole(days, 0, MOST_DAYS_LATER) or not _whole(minute, 0, shifts.DAY - 1):
        _unreadable("later")
    return Later(days, minute)


def _unreadable(part: str) -> NoReturn:
    raise Refused(
        "playbook-unreadable",
        N_("This playbook can no longer be read (%(part)s). Keep it again from a call, or use another."),
        status=422,
        part=part,
    )
