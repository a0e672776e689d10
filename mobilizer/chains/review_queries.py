"""A pasted chain as it stands before whoever looks it over: read, matched, and compared with what was entered before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mobilizer.chains import queries
from mobilizer.chains.matching import Person, Roster, is_given, readings
from mobilizer.chains.proposing import Gone, Known, ReadLine, When, gone, keys_of, propose, title
from mobilizer.chains.queries import CallSeat, Entered, OnSeat, Pasted
from mobilizer.chains.reading import Chain, read

MOST_NEAR = 200
"""Names that are nobody's and are looked for by their sound."""


@dataclass(frozen=True, slots=True)
class Review:
    """`on`: (member, shift) -> status of the call's active sign-ups. `people`: everybody whom the page may have to name. `days`: those that the chain's top names."""

    chain: Chain
    lines: list[ReadLine]
    gone: list[Gone]
    seats: dict[int, CallSeat]
    people: dict[int, Person]
    entered: dict[queries.Key, Entered]
    on: dict[tuple[int, int], str]
    when: When
    days: list[date]


def review(pasted: Pasted, zone: ZoneInfo, now: datetime) -> Review:
    """In a fixed number of queries but for batches of names."""
    seats = queries.seats(pasted.call.id)
    versions = _versions(pasted)
    when = _when(versions[0][2], pasted.day, zone)
    chain = _read(pasted.text, seats)
    entered = queries.entered(pasted.call.id)
    on = {(each.member_id, each.shift_id): each.status for each in queries.on_seats(pasted.call.id)}
    people, near = _people(pasted, chain, now)
    known = Known(
        Roster(people, near),
        [queries.as_seat(each, zone, now) for each in seats],
        entered,
        on,
    )
    earlier: set[tuple[date, str]] = set()
    for text, meant, _at in versions[:-1]:
        earlier |= set(keys_of(_read(text, seats), When(when.today, meant)))
    return Review(
        chain=chain,
        lines=propose(chain, known, when),
        gone=gone(chain, earlier, entered, when),
        seats={each.id: each for each in seats},
        people={each.id: each for each in [*near, *people]},
        entered=entered,
        on=on,
        when=when,
        days=[day for each in chain.heading.days if (day := each.resolved(when.today)) is not None],
    )


def _read(text: str, seats: Collection[CallSeat]) -> Chain:
    places = list(dict.fromkeys(each.checkpoint for each in seats))
    return read(text, places=places, posts=list(dict.fromkeys(each.post for each in seats if each.post)))


def _versions(pasted: Pasted) -> list[tuple[str, date, datetime]]:
    """(text, day, when) of this chain's versions as far as they are kept, oldest first; the last is this one."""
    kept = queries.kept_texts(pasted.call.id, pasted.id)
    name = title(pasted.text)
    earlier = [
        (text, day, at) for number, text, day, at in kept if number != pasted.id and title(text) == name
    ]
    return [*(earlier if name else []), (pasted.text, pasted.day, pasted.pasted_at)]


def _when(first_pasted_at: datetime, day: date, zone: ZoneInfo) -> When:
    """What the chain calls tomorrow is the day after it was first pasted, however often it comes again."""
    local = first_pasted_at.astimezone(zone)
    return When(local.date(), day, local.hour)


def _people(pasted: Pasted, chain: Chain, now: datetime) -> tuple[list[Person], list[Person]]:
    mentions = [mention for line in chain.lines for mention in line.mentions]
    names = {name for mention in mentions for name in mention.names if name}
    phones = {f"+86{mention.phone}" for mention in mentions if len(mention.phone) == 11}
    people = queries.people(pasted, names, phones, now)
    found = {each.name for each in people}
    unknown = [
        name
        for mention in mentions
        if not found & set(mention.names)
        for name in mention.names
        if len(name) > 1
    ][:MOST_NEAR]
    sounds = {said for name in unknown for said in readings(name)}
    near = queries.near(pasted, sounds, {name for name in unknown if is_given(name)}, now)
    return people, near


def people_on(on: Collection[OnSeat]) -> dict[int, list[OnSeat]]:
    """shift -> who is on it, in the order of their sign-up."""
    found: dict[int, list[OnSeat]] = {}
    for each in on:
        found.setdefault(each.shift_id, []).append(each)
    return found
