"""One line of a chat chain: who, when, where, with whom, and whether it is called off. Nothing is guessed in silence:
what stays open is said in `questions`."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from mobilizer.chains import words
from mobilizer.chains.places import at_place
from mobilizer.chains.times import SPAN, Day, Span, take_days, take_spans
from mobilizer.errors import N_

LONGEST_LINE = 400
"""Signs of a line that are read; what follows is kept as a note."""
GAP = "\x1f"
"""Stands where something was read; a name does not reach across it."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff〇"

QUESTIONS: dict[str, str] = {
    "no-name": N_("No name was read."),
    "no-time": N_("No time is named."),
    "either": N_("Either of several shifts would do."),
    "several-times": N_("Several shifts are named: perhaps all of them, perhaps one."),
    "whole-day": N_("All day may mean several shifts."),
    "doubtful-time": N_("The time is not quite clear."),
    "changed": N_("The shift was changed in the text: the last one was read."),
    "several-places": N_("Several places are named."),
    "several-days": N_("Several days are named."),
    "companions": N_("Companions without a name cannot be signed up: ask who they are."),
    "several-names": N_("Several people on one line."),
    "name-twice": N_("The same name stands more than once in this chain."),
    "long": N_("The line is very long: only its beginning was read."),
}
"""What is left open on a line."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody as written: `names` are the name and the one in brackets beside it, either of which may be the real
    one; `phone` eleven digits, or the last four of them after 尾号."""

    names: tuple[str, ...]
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What was read of one line. `text` is the line without its number. `days`, `spans` and `places` are its own, or
    those of the heading above it. `context`: which heading that was."""

    text: str
    number: int | None = None
    mentions: tuple[Mention, ...] = ()
    companions: int = 0
    days: tuple[Day, ...] = ()
    spans: tuple[Span, ...] = ()
    either: bool = False
    places: tuple[str, ...] = ()
    post: str = ""
    cancelled: bool = False
    blank: bool = False
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a line is read by beside its own words: the places and posts there are, longest first, and what the
    heading says that the shifts' names mean."""

    places: Sequence[str] = ()
    posts: Sequence[str] = ()
    meant: Mapping[str, Span] = field(default_factory=dict)
    read: dict[str, Line] = field(default_factory=dict, compare=False)
    """Lines that were read already: the same text is read once."""


_QUOTED = re.compile(r"「([^「」]{1,60})」")
_PHONE = re.compile(r"(?<![\d.])(?:(?:\+|00)?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_TAIL = re.compile(r"(?:手机)?尾号 ?[:是]? ?(\d{4})(?!\d)")
_BRACKET = re.compile(r"[(\[]([^()\[\]]{0,60})[)\]]")
_HELD = re.compile("\x02(\\d+)\x02")
_TIME_THERE = "\x03"
_COMPANIONS = (
    re.compile(r"\+ ?(\d{1,2}|[一二两三四五])(?!\d) ?(?:[个名位]?(?:人|家属|朋友|同事))?"),
    re.compile(r"[带携] ?(\d{1,2}|[一二两三四五]) ?[个名位]?(?:人|朋友|家属|同事|邻居)"),
)
_ONE_COMPANION = re.compile(r"[+带和] ?(?:家属|老公|老婆|爱人|妻子|丈夫|朋友|同事|儿子|女儿|孩子|邻居|对象)")
_IN_ALL = re.compile(r"(?:一?共|夫妻|父子|母女|母子|我们)? ?(\d{1,2}|[两二三四五]) ?[个名位]?人")
_SMALL = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_BREAKS = re.compile(
    rf"[\s,，、。;；:：!！?？.…~—–=*/|&+\"“”<>《》【】〔〕『』{{}}\\{GAP}{SPAN}]+|(?<![A-Za-z])-|-(?![A-Za-z])"
)
_NAME = re.compile(rf"[{HAN}]{{2,4}}|[{HAN}]+(?:·[{HAN}]+)+")
_LONG_NAME = re.compile(rf"[{HAN}]{{5,8}}|[{HAN}]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'’\-]*")
_WRITTEN = re.compile(rf"[{HAN}]{{2,4}}")


def read_line(text: str, known: Known) -> Line:
    """Read the line, whose signs have been made even (reading.even).

    A first word that would be a name were it not for 东门 or 白天 in it is taken for one where no other is found.
    """
    if text not in known.read:
        known.read[text] = _read_by_name(text, known)
    return known.read[text]


def _read_by_name(text: str, known: Known) -> Line:
    line = _read(text, known, "")
    if not any(len(each.names[0]) > 1 for each in line.mentions) and not line.blank:
        first = _BREAKS.split(text.strip(), maxsplit=1)[0]
        if _WRITTEN.fullmatch(first) and not _only_words(first, known):
            again = _read(text.strip()[len(first) :], known, first)
            return Line(**{name: getattr(again, name) for name in again.__slots__} | {"text": text})
    return line


def _only_words(token: str, known: Known) -> bool:
    """Whether nothing of the token is left once times, days, places and the usual words are taken out."""
    left, _ = take_spans(token)
    left, _ = take_days(left, GAP)
    left = _without(left, known.places)[0]
    left = words.MISSING.sub(
        GAP, words.EITHER.sub(GAP, words.CANCELLED.sub(GAP, words.PLACES.sub(GAP, left)))
    )
    return not any(each and each not in words.NOT_A_NAME for each in _BREAKS.split(left))


class _Text:
    """What is left to read of a line: whatever is understood is taken out of it."""

    def __init__(self, text: str) -> None:
        self.left = text

    def take(
        self, pattern: re.Pattern[str], keep: Callable[[re.Match[str]], str] = lambda match: match[0]
    ) -> list[str]:
        found: list[str] = []

        def taken(match: re.Match[str]) -> str:
            found.append(keep(match))
            return GAP

        self.left = pattern.sub(taken, self.left)
        return found


def _read(text: str, known: Known, name: str) -> Line:
    rest = _Text(text[:LONGEST_LINE])
    quoted = [name] if name else []
    quoted += rest.take(_QUOTED, lambda match: match[1])
    phones = rest.take(_PHONE, lambda match: match[1] + match[2] + match[3])
    phones += rest.take(_TAIL, lambda match: match[1])
    rest.take(words.LABELS)
    homes = rest.take(words.ADDRESS)
    rest.left, places = _without(rest.left, known.places)
    rest.left, days = take_days(rest.left, GAP)
    either = bool(rest.take(words.EITHER))
    places += rest.take(words.PLACES)
    rest.take(words.MISSING)
    companions = _companions(rest)
    rest.left, spans = take_spans(rest.left, known.meant)
    cancelled = bool(rest.take(words.CANCELLED))
    between = rest.left.split(SPAN)[1:-1]
    either = either or any(words.OR.search(each) for each in between)
    changed = any(words.CHANGED.fullmatch(each.strip()) for each in between)
    people, notes, posts, alone = _people(rest.left, known, quoted)
    places += [each for each in notes if _is_place(each, known)]
    notes = [each for each in notes if each not in places]
    cancelled = cancelled or alone
    if companions < 0:  # so many in all, those named among them
        companions = max(-companions - max(len(people), 1), 0)
    mentions = [
        Mention(names, phones[n] if n < len(phones) and (len(people) == len(phones) or n == 0) else "")
        for n, names in enumerate(people)
    ]
    if not mentions and phones and not name:
        mentions = [Mention(("",), phones[0])]
    line = Line(
        text=text,
        mentions=tuple(mentions),
        companions=min(companions, 99),
        days=tuple(dict.fromkeys(days)),
        spans=tuple(dict.fromkeys(spans[-1:] if changed else spans)),
        either=either,
        places=tuple(dict.fromkeys(places)),
        post=posts[0] if posts else "",
        cancelled=cancelled,
        blank=not name and not any(sign.isalnum() for sign in text),
        notes=(*homes, *notes),
    )
    open_now = questions(line)
    open_now += ["changed"] if changed else []
    open_now += ["long"] if len(text) > LONGEST_LINE else []
    return Line(**{slot: getattr(line, slot) for slot in line.__slots__} | {"questions": tuple(open_now)})


def questions(line: Line) -> list[str]:
    """What the line itself leaves open."""
    if line.blank:
        return []
    found = []
    if not line.mentions:
        found.append("no-name")
    if line.companions:
        found.append("companions")
    if len(line.mentions) > 1:
        found.append("several-names")
    if line.cancelled:
        return found
    whole = any(span.whole_day for span in line.spans)
    if whole:
        found.append("whole-day")
    if not line.spans and not line.either:
        found.append("no-time")
    if line.either:
        found.append("either")
    elif len(line.spans) > 1:
        found.append("several-times")
    if any(span.doubtful for span in line.spans):
        found.append("doubtful-time")
    if len(line.places) > 1:
        found.append("several-places")
    if len(line.days) > 1:
        found.append("several-days")
    return found


def _without(text: str, places: Collection[str]) -> tuple[str, list[str]]:
    """The text without these names of places, longest first, and those that were in it, as they stand in it."""
    found: list[tuple[int, str]] = []
    lower = text.lower() if len(text.lower()) == len(text) else text
    for place in places:
        while place and (at := lower.find(place.lower())) >= 0:
            found.append((at, place))
            gap = GAP * len(place)
            text, lower = (f"{each[:at]}{gap}{each[at + len(place) :]}" for each in (text, lower))
    return text, [place for _, place in sorted(found)]


def _is_place(note: str, known: Known) -> bool:
    """北桥, where the call has a checkpoint 北桥涵洞."""
    return len(note) > 1 and any(at_place(note, each) for each in known.places)


def _companions(rest: _Text) -> int:
    """How many come along without a name; below nought: how many there are in all."""
    found = 0
    for pattern in _COMPANIONS:
        found += sum(_count(each) for each in rest.take(pattern, lambda match: match[1]))
    found += len(rest.take(_ONE_COMPANION))
    if found:
        return found
    in_all = [_count(each) for each in rest.take(_IN_ALL, lambda match: match[1])]
    return -in_all[0] if in_all and in_all[0] > 1 else 0


def _count(written: str) -> int:
    return _SMALL.get(written) or (int(written) if written.isdigit() else 0)


def _people(
    text: str, known: Known, quoted: list[str]
) -> tuple[list[tuple[str, ...]], list[str], list[str], bool]:
    """(the names of each person, notes, posts, whether a single 退 calls it off) out of what is left of a line."""
    brackets: list[str] = []

    def hold(match: re.Match[str]) -> str:
        brackets.append(match[1])
        return f"{GAP}\x02{len(brackets) - 1}\x02{GAP}"

    text = _BRACKET.sub(hold, text).replace(SPAN, f"{GAP}{_TIME_THERE}{GAP}")
    people: list[list[str]] = [[each] for each in quoted]
    notes: list[str] = []
    posts: list[str] = []
    alone = False
    beside = bool(quoted)  # whether the word before was a name
    pending = ""  # a bracket before any name
    for token in _tokens(text):
        if held := _HELD.fullmatch(token):
            content = brackets[int(held[1])]
            inner = [each for each in _tokens(content) if each not in words.NOT_A_NAME]
            if len(inner) == 1 and inner[0] in known.posts:
                posts.append(inner[0])
            elif len(inner) == 1 and _name_of(inner[0]) and (beside or not people):
                if people:
                    people[-1].append(_name_of(inner[0]))
                else:
                    pending = _name_of(inner[0])
            elif note := content.replace(GAP, " ").replace(SPAN, " ").strip(" ,"):
                notes.append(note)
            continue
        if token == _TIME_THERE:
            beside = False
            continue
        if token in words.CANCELLED_ALONE:
            alone = True
            continue
        if token in known.posts:
            posts.append(token)
            continue
        name = _name_of(token)
        if name and not people and not surnamed(name) and _is_place(name, known):
            notes.append(name)
            continue
        if name and beside and not quoted and surnamed(name) and not surnamed(people[-1][0]):
            people[-1].append(name)  # 阿强 许志强
            continue
        if name and not people:
            people.append([name] + ([pending] if pending else []))
            beside = True
            continue
        if name and beside and not quoted and surnamed(name) and surnamed(people[-1][0]):
            people.append([name])
            continue
        beside = False
        if token not in words.NOT_A_NAME or len(token) > 2:
            notes.append(token)
    if not people and pending:
        people.append([pending])
    if not people:
        weak = next((each for each in notes if _LONG_NAME.fullmatch(each)), "")
        if weak:
            notes.remove(weak)
            people.append([weak])
    return [tuple(dict.fromkeys(each)) for each in people], notes, posts, alone


def _tokens(text: str) -> list[str]:
    """Words; Latin ones that follow each other with a space between are one name."""
    found: list[str] = []
    for part in re.split(rf"[{GAP}{SPAN},，、;；/|&+]", text):
        latin: list[str] = []
        for word in _BREAKS.split(part):
            if _LATIN.fullmatch(word) and word not in words.NOT_A_NAME and len(latin) < 6:
                latin.append(word)
                continue
            if latin:
                found.append(" ".join(latin))
                latin = []
            if word:
                found.append(word)
        if latin:
            found.append(" ".join(latin))
    return found


def _name_of(token: str) -> str:
    """The name that the token is, without what somebody is called beside it; empty where it is none."""
    if token in words.NOT_A_NAME:
        return ""
    called = words.TITLES.sub("", words.CALLED.sub("", token))
    if _NAME.fullmatch(called) and called not in words.NOT_A_NAME:
        return called
    return (
        token if _LATIN.match(token) and len(token) > 1 and not any(each.isdigit() for each in token) else ""
    )


def surnamed(name: str) -> bool:
    return (
        (len(name) in (2, 3) and name[0] in words.SURNAMES)
        or name[:2] in words.DOUBLE_SURNAMES
        or "·" in name
    )
