"""What a chain would come to: for each line its wishes, the people and shifts that they may mean, how sure that is, and
what was entered of an earlier version. Pure. Nothing is sure that leaves a question open."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from mobilizer.chains.lines import Line, Mention
from mobilizer.chains.matching import Roster, Seat, Where, Who, wheres
from mobilizer.chains.places import at_place
from mobilizer.chains.reading import Chain, even, fingerprints
from mobilizer.errors import N_
from mobilizer.terms import SignUpStatus

Key = tuple[date, str, int]
"""The day that a line was read for, its fingerprint, and which of its wishes."""

HELD = (SignUpStatus.CONFIRMED, SignUpStatus.WAITLISTED)
"""An offer is not held: a line of the chain is the yes to it."""
MOST_DAYS = 7
AT_NIGHT = 5
"""Until this hour, "tomorrow" may be said of either day."""

OPEN_QUESTIONS: dict[str, str] = {
    "name-unknown": N_("Nobody of that name or phone is on the roster that the call is addressed to."),
    "name-near": N_("Nobody is written so, but somebody's name sounds or ends like it."),
    "name-several": N_("Several people have that name."),
    "phone-another": N_("The phone number belongs to somebody of another name."),
    "shift-none": N_("No open shift of this call fits."),
    "shift-several": N_("Several shifts fit."),
    "place-unknown": N_("The call has no checkpoint of that name."),
    "same-again": N_("Another line says the same of the same person."),
    "night-day": N_("Pasted after midnight: please look which day is meant."),
    "refused-before": N_("It was refused when it was entered before."),
    "called-off": N_("Called off in the chain: say which sign-up is given back."),
}
"""What matching leaves open; lines.QUESTIONS says what the line itself does."""

TOLD_ONLY = ("companions", "several-names", "name-twice")
"""Questions that do not bear on whether this person comes to this shift."""

_WHO = {
    "several": "name-several",
    "other-phone": "phone-another",
    "near": "name-near",
    "unknown": "name-unknown",
}


class Outcome(Protocol):
    """What became of a wish that was entered: queries.Entered."""

    @property
    def outcome(self) -> str: ...
    @property
    def member_id(self) -> int: ...
    @property
    def shift_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """One person and one shift of a line. `doubts`: why it is not sure. `before`: what became of it when it was entered.
    `on`: it is so now (the person is on the shift; or, of a line that calls off, is on none)."""

    key: Key
    mention: Mention
    who: Who
    where: Where
    gives_back: bool = False
    doubts: tuple[str, ...] = ()
    before: Outcome | None = None
    on: bool = False

    @property
    def settled(self) -> bool:
        """Nothing is left to enter."""
        return self.on or (self.before is not None and self.before.outcome != "refused")

    @property
    def sure(self) -> bool:
        return not self.doubts and not self.settled


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line with its wishes. `at`: which line of the chain, from 0. `told`: what is said of it beside the doubts."""

    at: int
    line: Line
    wishes: tuple[Wish, ...]
    told: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        return all(each.settled for each in self.wishes)

    @property
    def sure(self) -> bool:
        return all(each.sure or each.settled for each in self.wishes)


@dataclass(frozen=True, slots=True)
class Gone:
    """What was entered of an earlier version of this chain, which the new one does not say any more."""

    key: Key
    entered: Outcome


@dataclass(frozen=True, slots=True)
class Known:
    """What a chain is matched with. `on`: (member, shift) -> status of an active sign-up of the call."""

    roster: Roster
    seats: Sequence[Seat]
    entered: Mapping[Key, Outcome]
    on: Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class When:
    """Whose today it is, and the day that lines without one mean. `hour`: of the pasting, local."""

    today: date
    day: date
    hour: int = 12

    def days(self, line: Line) -> list[date]:
        found = [each.resolved(self.today) for each in line.days]
        return list(dict.fromkeys(day for day in found if day)) or [self.day]


def title(text: str) -> str:
    """By what two versions of one chain are known: its first line that says something, without its signs."""
    for each in even(text[:2000]).split("\n"):
        said = "".join(sign for sign in each if sign.isalnum()).casefold()
        if said and said != "接龙":
            return said[:100]
    return ""


def keys_of(chain: Chain, when: When) -> list[tuple[date, str]]:
    """Each line's day and fingerprint: what it is known by when it comes again."""
    prints = fingerprints(chain.lines)
    return [(when.days(line)[0], mark) for line, mark in zip(chain.lines, prints, strict=True)]


def propose(chain: Chain, known: Known, when: When) -> list[ReadLine]:
    """Every line that says something, in the chain's order."""
    found = [
        ReadLine(at, line, _wishes(line, key, known, when), _told(line))
        for at, (line, key) in enumerate(zip(chain.lines, keys_of(chain, when), strict=True))
        if not line.blank
    ]
    return _doubled(found)


def gone(
    chain: Chain, earlier: Collection[tuple[date, str]], entered: Mapping[Key, Outcome], when: When
) -> list[Gone]:
    """What was entered of `earlier` lines that the chain has no more, where it still holds."""
    there = set(keys_of(chain, when))
    lost = set(earlier) - there
    return [
        Gone(key, each)
        for key, each in sorted(entered.items(), key=lambda item: item[0])
        if key[:2] in lost and each.outcome in ("signed-up", "waiting")
    ]


def _told(line: Line) -> tuple[str, ...]:
    return tuple(each for each in line.questions if each in TOLD_ONLY)


def _wishes(line: Line, key: tuple[date, str], known: Known, when: When) -> tuple[Wish, ...]:
    mentions = line.mentions or (Mention(("",)),)
    doubts = [each for each in line.questions if each not in TOLD_ONLY]
    if when.hour < AT_NIGHT and any(day.offset is not None for day in line.days):
        doubts.append("night-day")
    made: list[Wish] = []
    for mention in mentions:
        who = known.roster.who(mention)
        if line.cancelled:
            made.append(_called_off(line, (*key, len(made)), mention, who, known, when))
            continue
        for where, more in _on_each_day(line, known.seats, when.days(line)):
            about = [each for each in doubts if each != "no-time" or not where.sure]
            made.append(_wish((*key, len(made)), mention, who, where, [*about, *more], known))
    return tuple(made)


def _on_each_day(line: Line, seats: Sequence[Seat], days: list[date]) -> list[tuple[Where, list[str]]]:
    """28、29号早班 asks for two shifts; either of two days for one."""
    if line.either or len(line.days) < 2:
        return _matched(line, seats, days)
    return [each for day in days[:MOST_DAYS] for each in _matched(line, seats, [day])]


def _matched(line: Line, seats: Sequence[Seat], days: Collection[date]) -> list[tuple[Where, list[str]]]:
    """The shifts, with what is doubtful about them. A day's only shift needs no time to be named."""
    only = [each for each in seats if each.open and each.day in days]
    if len(only) == 1 and not line.spans and not line.either and not line.places:
        return [(Where((only[0],), "one"), [])]
    found = wheres(line, seats, days)
    if line.places and not any(at_place(place, each.checkpoint) for place in line.places for each in seats):
        placeless = wheres(replace(line, places=()), seats, days)
        return [(Where(where.seats, "none"), ["place-unknown"]) for where in placeless]
    return [
        (where, [] if where.sure or (where.how == "several" and _asks(line)) else [f"shift-{where.how}"])
        for where in found
    ]


def _asks(line: Line) -> bool:
    """Whether the line itself says already that several shifts may be meant."""
    return line.either or any(each in line.questions for each in ("no-time", "whole-day", "doubtful-time"))


def _wish(key: Key, mention: Mention, who: Who, where: Where, doubts: list[str], known: Known) -> Wish:
    before = known.entered.get(key)
    if before is not None and before.outcome != "refused":
        still = (before.member_id, before.shift_id) in known.on
        return Wish(key, mention, who, where, before=before, on=still)
    if before is not None:
        doubts = ["refused-before", *doubts]
    if mention.names[0] or mention.phone:
        doubts = [*([_WHO[who.how]] if who.sure is None else []), *doubts]
    member = who.sure
    held = [seat for seat in where.seats if member and known.on.get((member.id, seat.id)) in HELD]
    if held and where.how != "none":
        return Wish(key, mention, who, Where((held[0],), "one"), before=before, on=True)
    return Wish(key, mention, who, where, doubts=tuple(dict.fromkeys(doubts)), before=before)


def _called_off(line: Line, key: Key, mention: Mention, who: Who, known: Known, when: When) -> Wish:
    """A line that calls off: which of the sign-ups that the person has is always asked."""
    before = known.entered.get(key)
    if before is not None and before.outcome == "given-back":
        return Wish(key, mention, who, Where((), "none"), gives_back=True, before=before)
    held = [seat for seat in known.seats if who.sure and (who.sure.id, seat.id) in known.on]
    if who.sure and not held:
        return Wish(key, mention, who, Where((), "none"), gives_back=True, on=True)
    meant = {seat.id for where in wheres(line, known.seats, when.days(line)) for seat in where.seats}
    held.sort(key=lambda seat: seat.id not in meant)
    doubts = (
        ["called-off"] if who.sure else [_WHO[who.how] if mention.names[0] or mention.phone else "no-name"]
    )
    return Wish(key, mention, who, Where(tuple(held), "several"), gives_back=True, doubts=tuple(doubts))


def _doubled(lines: list[ReadLine]) -> list[ReadLine]:
    """Of wishes that say the same of the same person, none but the first is sure."""
    seen: Counter[tuple[int, int]] = Counter()

    def once(wish: Wish) -> Wish:
        if wish.gives_back or not (wish.who.sure and wish.where.sure) or wish.before is not None:
            return wish
        pair = (wish.who.sure.id, wish.where.sure.id)
        seen[pair] += 1
        return replace(wish, doubts=(*wish.doubts, "same-again")) if seen[pair] > 1 and not wish.on else wish

    return [replace(each, wishes=tuple(once(wish) for wish in each.wishes)) for each in lines]
