"""Who on the roster is meant, and which of the call's shifts: candidates, and how sure it is. Pure decisions on values."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from mobilizer.chains.lines import Line, Mention
from mobilizer.chains.places import at_place, folded
from mobilizer.chains.times import DAY, HOUR, Span
from mobilizer.members.names import syllables


@dataclass(frozen=True, slots=True)
class Person:
    """A member whom the call is addressed to. `phone` is E.164."""

    id: int
    name: str
    phone: str
    branch: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A shift of the call: its local day, and its times in minutes after that day's midnight. `open`: it can be taken."""

    id: int
    checkpoint: str
    post: str
    day: date
    starts: int
    ends: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Who:
    """`sure`: the one who is meant. `how`: phone, name; several of the name; the phone is another's; near; unknown."""

    people: tuple[Person, ...]
    how: str

    @property
    def sure(self) -> Person | None:
        return self.people[0] if self.how in ("phone", "name") else None


@dataclass(frozen=True, slots=True)
class Where:
    """Shifts that a wish may mean. `how`: exact, one (the only that fits), several, none."""

    seats: tuple[Seat, ...]
    how: str

    @property
    def sure(self) -> Seat | None:
        return self.seats[0] if self.how in ("exact", "one") else None


# --- people ---------------------------------------------------------------------------------------------


_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def readings(name: str) -> tuple[str, ...]:
    """The pinyin of a name, a space between syllables, with those that are often taken for one another; at most 64."""
    each: list[list[str]] = []
    for syllable in syllables(name)[:4]:
        both = {syllable}
        for long, short in _CONFUSED:
            if syllable.startswith(long):
                both.add(short + syllable[2:])
            elif syllable.startswith(short):
                both.add(long + syllable[1:])
        if syllable.endswith("ng"):
            both.add(syllable[:-1])
        elif syllable.endswith("n"):
            both.add(syllable + "g")
        each.append(sorted(both))
    return tuple(" ".join(chosen) for chosen, _ in zip(product(*each), range(64), strict=False))


def is_given(name: str) -> bool:
    """Whether it may be a given name alone."""
    return len(name) == 2 and all(unicodedata.category(sign) == "Lo" for sign in name)


class Roster:
    """Those who may be meant: `people` have one of the names or phones of the chain, `near` sound so or end so."""

    def __init__(self, people: Iterable[Person], near: Iterable[Person] = ()) -> None:
        self.named: dict[str, list[Person]] = {}
        self.phones: dict[str, Person] = {}
        self.sounding: dict[str, list[Person]] = {}
        self.given: dict[str, list[Person]] = {}
        for each in people:
            self.named.setdefault(folded(each.name), []).append(each)
            self.phones[each.phone[-11:]] = each
        for each in near:
            self.sounding.setdefault("".join(syllables(each.name)), []).append(each)
            if len(each.name) == 3:
                self.given.setdefault(each.name[1:], []).append(each)

    def who(self, mention: Mention) -> Who:
        names = dict.fromkeys(folded(name) for name in mention.names if name)
        named = _each_once(each for name in names for each in self.named.get(name, ()))
        if len(mention.phone) == 11:
            owner = self.phones.get(mention.phone)
            if owner and (not names or owner in named):
                return Who((owner,), "phone")
            if owner:
                return Who((owner, *named), "other-phone")
        elif mention.phone:
            tail = [each for each in named if each.phone.endswith(mention.phone)]
            if len(tail) == 1:
                return Who(tuple(tail), "phone")
        if named:
            return Who(tuple(named), "name" if len(named) == 1 else "several")
        sounding = _each_once(each for name in mention.names if name for each in self._near(name))
        return Who(tuple(sounding[:20]), "near" if sounding else "unknown")

    def _near(self, written: str) -> Iterator[Person]:
        for said in readings(written):
            yield from self.sounding.get(said.replace(" ", ""), ())
        if is_given(written):
            yield from self.given.get(written, ())


def _each_once(people: Iterable[Person]) -> list[Person]:
    return list({each.id: each for each in people}.values())


# --- shifts ---------------------------------------------------------------------------------------------


def wheres(line: Line, seats: Sequence[Seat], days: Collection[date]) -> list[Where]:
    """One for each shift that the line asks for: several where it names several times, or all day."""
    pool = _placed(line, [each for each in seats if each.open])
    spans = line.spans
    if line.either or len(spans) <= 1:
        if not line.either and spans and spans[0].whole_day:
            return _whole_day(pool, days)
        found = _any_of(spans, pool, days) if spans else [each for each in pool if each.day in days]
        clear = bool(spans) and not line.either and not spans[0].doubtful
        return [_where(found, "exact" if clear and spans[0].exact else "one" if clear else "several")]
    return [_where(_any_of((span,), pool, days), "exact" if span.exact else "one") for span in spans]


def _where(found: Sequence[Seat], how: str) -> Where:
    if not found:
        return Where((), "none")
    return Where(tuple(found), how if len(found) == 1 else "several")


def _placed(line: Line, seats: list[Seat]) -> list[Seat]:
    if line.post:
        seats = [each for each in seats if folded(each.post) == folded(line.post)]
    if not line.places:
        return seats
    exact = [each for each in seats if folded(each.checkpoint) in {folded(place) for place in line.places}]
    return exact or [each for each in seats if any(at_place(place, each.checkpoint) for place in line.places)]


def _whole_day(pool: list[Seat], days: Collection[date]) -> list[Where]:
    """A wish for each time of the day at which there is a shift."""
    times: dict[tuple[date, int, int], list[Seat]] = {}
    for each in pool:
        if each.day in days:
            times.setdefault((each.day, each.starts, each.ends), []).append(each)
    return [Where(tuple(found), "several") for _, found in sorted(times.items())][:6] or [Where((), "none")]


def _any_of(spans: Sequence[Span], pool: list[Seat], days: Collection[date]) -> list[Seat]:
    found = {each.id: each for span in spans for each in _meant(span, pool, days)}
    return list(found.values())


def _meant(span: Span, pool: list[Seat], days: Collection[date]) -> list[Seat]:
    """The seats that a time means. What begins in the small hours may be meant of the night after the day as well."""
    if span.whole_day or (span.starts is None and span.window is None):
        return [each for each in pool if each.day in days]
    timed = [
        (_since(each, day), each) for day in days for each in pool if each.day in (day, day + timedelta(1))
    ]
    if span.starts is None:
        first, last = span.window or (0, DAY)
        return [each for start, each in timed if first <= start < last]
    for later in (0, 12 * HOUR) if span.doubtful else (0,):
        starts = span.starts + later
        again = (starts, starts + DAY) if starts < 6 * HOUR else (starts,)
        ends = None if span.ends is None else span.ends - span.starts
        found = [
            each
            for start, each in timed
            if start in again and (ends is None or each.ends - each.starts == ends)
        ]
        if not found and span.ends is None:
            found = [each for start, each in timed if start <= starts < start + each.ends - each.starts]
        if found:
            return found
    return []


def _since(seat: Seat, day: date) -> int:
    return (seat.day - day).days * DAY + seat.starts
