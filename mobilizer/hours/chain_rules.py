"""Whether a district's chain is as it was written, and where not. Pure: how an entry is sealed is handed in.

Each entry's hash covers what it says, its position and the hash before it. So a change shows at the entry, or, where the
changed one was sealed anew, at the next; what is missing shows as a gap, at the end as a head that knows of more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from mobilizer.errors import N_

Seal = Callable[[str, Mapping[str, Any]], str]
"""(the hash before it, what an entry says) -> its hash."""

MOST_COMPARED = 24
"""Of how many entries that do not fit it is worked out whether they were moved; every one more multiplies the work."""


class Link(NamedTuple):
    """An entry as it is read: what is sealed of it, and its hash. `reverses` is the entry that it reverses, as it stands."""

    id: int
    position: int
    hash: str
    said: Mapping[str, Any]
    reverses: Mapping[str, Any] | None = None


class Head(NamedTuple):
    """How many entries a district has by its own word, and the last one's hash."""

    position: int
    hash: str


class Fault(NamedTuple):
    """One thing that is not as it was written: a msgid and its values. `code` is for programs."""

    code: str
    message: str
    values: dict[str, int]


class Suspect(NamedTuple):
    """An entry whose hash does not follow from what stands `before` it."""

    link: Link
    before: str


def faults(links: Iterable[Link], head: Head | None, *, seal: Seal, start: str) -> Iterator[Fault]:
    """What is wrong with the chain of one district, whose entries come in the order of their positions; nothing where all
    is as it was written. `start` stands in place of the hash before the first. At most MOST_COMPARED entries are kept in
    memory."""
    suspects: list[Suspect] = []
    many = False
    place, before = 0, start
    for link in links:
        yield from _reversal(link)
        if link.position > place + 1:
            yield _missing(place + 1, link.position - 1)
        elif link.position <= place or seal(before, link.said) != link.hash:
            suspects.append(Suspect(link, before))
        many = many or len(suspects) > MOST_COMPARED
        if many:
            yield from map(_changed, suspects)
            suspects.clear()
        place, before = max(place, link.position), link.hash
    yield from _of_suspects(suspects, seal, start)
    yield from _of_head(head, place, before)


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault("removed", N_("entry %(first)s is missing"), {"first": first})
    return Fault("removed", N_("entries %(first)s to %(last)s are missing"), {"first": first, "last": last})


def _reversal(link: Link) -> Iterator[Fault]:
    """A reversal takes back one entry before it, exactly."""
    if link.said["kind"] != "reversal":
        return
    of = link.reverses
    exact = (
        of is not None
        and of["kind"] == "entry"
        and all(of[name] == link.said[name] for name in ("member_id", "district_code"))
        and of["position"] < link.said["position"]
        and (-of["minutes"], -of["person_times"]) == (link.said["minutes"], link.said["person_times"])
    )
    if not exact:
        yield Fault(
            "reversal",
            N_("entry %(position)s (id %(id)s) is not exactly the reverse of the entry that it takes back"),
            {"position": link.position, "id": link.id},
        )


def _of_suspects(suspects: Sequence[Suspect], seal: Seal, start: str) -> Iterator[Fault]:
    """Each was moved or changed; or it is as it was and only follows one that is not: then nothing is said of it."""
    known = {start, *(each.before for each in suspects), *(each.link.hash for each in suspects)}
    places = {each.link.position + near for each in suspects for near in (-1, 0, 1)}
    for each in suspects:
        origin = _origin(each.link, known, places, seal)
        if origin is None:
            yield _changed(each)
        elif origin != each.link.position:
            yield Fault(
                "moved",
                N_("entry %(position)s (id %(id)s) was moved: it was written as entry %(was)s"),
                {"position": each.link.position, "id": each.link.id, "was": origin},
            )


def _changed(each: Suspect) -> Fault:
    return Fault(
        "changed",
        N_(
            "entry %(position)s (id %(id)s) is not what was sealed: it was changed, or the one before it was, and "
            "sealed anew"
        ),
        {"position": each.link.position, "id": each.link.id},
    )


def _origin(link: Link, known: Iterable[str], places: Iterable[int], seal: Seal) -> int | None:
    """The position at which the entry was sealed, if it follows one of the known hashes there; its own comes first."""
    own_first = sorted(places, key=lambda place: place != link.position)
    for place, before in product(own_first, known):
        if seal(before, {**link.said, "position": place}) == link.hash:
            return place
    return None


def _of_head(head: Head | None, place: int, last: str) -> Iterator[Fault]:
    if head is None:
        if place:
            yield Fault("head", N_("the head of the chain is missing"), {})
    elif head.position > place:
        yield _missing(place + 1, head.position)
    elif head.position < place:
        yield Fault(
            "head",
            N_("the head of the chain knows of %(known)s entries, and there are %(there)s"),
            {"known": head.position, "there": place},
        )
    elif head.hash != last:
        yield Fault(
            "head",
            N_("the head of the chain does not match its last entry, %(position)s"),
            {"position": place},
        )
