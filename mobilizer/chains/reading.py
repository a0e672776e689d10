"""The text of a chat chain, read: its heading, and line by line who comes when and where.

Any text at all is read, in time that grows with its length. Numbers may stand in any style, in front of a line or
in running text; a heading between the lines (早班：, 东门) holds for what follows it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from mobilizer.chains import words
from mobilizer.chains.lines import HAN, Known, Line, questions, read_line, surnamed
from mobilizer.chains.places import at_place
from mobilizer.chains.times import Day, Span, definitions, take_spans

LONGEST_TEXT = 100_000
MOST_LINES = 1000
"""A chat group has 500 people at most."""
MOST_ABOVE = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands before the lines, or between them, and holds for those below."""

    days: tuple[Day, ...] = ()
    spans: tuple[Span, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        days, spans = [each.words for each in self.days], [each.words for each in self.spans]
        return "|".join([*days, *spans, *self.places])


KINDS = ("days", "spans", "places")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as read. `left_over`: lines beyond the most that are read at once, or whether the text itself was cut."""

    title: str
    heading: Heading
    lines: tuple[Line, ...]
    left_over: int = 0


_DROPPED = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F}
_CIRCLED = {0x24EA: 0} | {0x2460 + n: n + 1 for n in range(20)} | {0x2776 + n: n + 1 for n in range(10)}
_CIRCLED |= {0x2488 + n: n + 1 for n in range(20)} | {0x3251 + n: n + 21 for n in range(15)} | {0x1F51F: 10}
_DOTS = str.maketrans("•‧∙・●．", "······")
_STICKER = re.compile(r"\[([^\[\]\n]{1,8})\]")
_KEYCAP = re.compile("(\\d{1,3})\u20e3")
_LINK = re.compile(r"(?:https?|weixin)://[!-~]*")
_SPACES = re.compile(r"[^\S\n]+")


def even(text: str) -> str:
    """The text with one kind of digits, brackets and spaces, without emoji, stickers and what is not seen."""
    kept = []
    for sign in text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"):
        code = ord(sign)
        if code in _CIRCLED:
            kept.append(f" {_CIRCLED[code]}. ")
        elif (
            sign == "\n"
            or (sign.isascii() and sign.isprintable())
            or "\u4e00" <= sign <= "\u9fff"
            or code == 0x20E3
        ):
            kept.append(sign)
        elif code in _DROPPED or 0xE0100 <= code <= 0xE01EF or 0x1F3FB <= code <= 0x1F3FF:
            continue
        elif sign in "❌✖✘":
            kept.append(" 取消 ")
        elif (
            unicodedata.category(sign) in ("So", "Cc", "Cs", "Cf", "Zs", "Zl", "Zp", "Me")
            or 0x1F000 <= code <= 0x1FAFF
        ):
            kept.append(" ")
        else:
            kept.append(sign)
    plain = unicodedata.normalize("NFKC", "".join(kept)).translate(_DOTS)
    plain = _LINK.sub(" ", plain)
    plain = _KEYCAP.sub(r" \1. ", plain)
    plain = _STICKER.sub(_sticker, plain)
    return _SPACES.sub(" ", plain)


def _sticker(match: re.Match[str]) -> str:
    """[合十] goes; [早班] is a heading's."""
    inner = match[1].strip()
    if inner.casefold() in words.STICKERS:
        return " "
    says = take_spans(inner)[1] or words.PLACES.search(inner) or any(sign.isdigit() for sign in inner)
    return match[0] if says or _one_name(inner) else " "


def _one_name(inner: str) -> bool:
    return len(inner) in (2, 3) and inner[0] in words.SURNAMES


# --- lines ---------------------------------------------------------------------------------------------

_CN_NUMBER = "[一二三四五六七八九十]{1,3}"
_START = re.compile(
    rf" *(?:[(\[](?P<a>\d{{1,4}})[)\]] ?[.、,:]?"
    rf"|[(\[](?P<c>{_CN_NUMBER})[)\]] ?[.、,:]?"
    rf"|(?P<d>{_CN_NUMBER})[、.,:](?!\d)"
    rf"|(?P<b>\d{{1,4}}) ?(?:[.、,:。)\]](?=\D|1\d{{10}}|$)|$))"
    r" *"
)
_LOOSE = re.compile(
    rf" *(?P<b>\d{{1,3}})(?: (?=[{HAN}A-Za-z(\[])|(?=[{HAN}]))(?! ?[点时月号日人个楼栋幢室年分名位门小岁周班天][^ ]?)"
)
_BULLET = re.compile(r" *[-*·>#]+ +|^ *·")
_RUNNING = re.compile(
    r"(?:(?<![\d.\-/~+第])(?<!\d:)|(?<=:[0-5]\d)|(?<=1[3-9]\d{9}))"
    r"(?:\((?P<a>\d{1,3})\)[.、,]?|(?P<b>\d{1,3}) ?[.、,。)](?!\d)(?! *$))"
)


def _numbered(line: str) -> tuple[int | None, str]:
    for pattern in (_START, _LOOSE):
        if match := pattern.match(line):
            groups = match.groupdict()
            figures = groups.get("a") or groups.get("b")
            if figures:
                return int(figures), line[match.end() :].lstrip(" .、,:。)").strip()
            return _from_cn(groups.get("c") or groups.get("d") or ""), line[match.end() :].strip()
    bullet = _BULLET.match(line)
    return None, (line[bullet.end() :] if bullet else line).strip()


def _from_cn(written: str) -> int:
    tens, ten, units = written.rpartition("十")
    figure = "零一二三四五六七八九".index
    if not ten:
        return figure(units[-1:])
    return 10 * (figure(tens[-1]) if tens else 1) + (figure(units[-1]) if units else 0)


def _split(text: str) -> Iterator[tuple[int | None, str]]:
    """(number, text) of every line; lines that run together are cut where the next number stands."""
    last = 0
    for physical in text.split("\n"):
        number, content = _numbered(physical)
        for part_number, part in _cut(number, content, last):
            yield part_number, part
            last = part_number if part_number is not None else last


def _cut(number: int | None, content: str, last: int) -> Iterator[tuple[int | None, str]]:
    expected = (number if number is not None else last) + 1
    marks = [(match, int(match["a"] or match["b"])) for match in _RUNNING.finditer(content)]
    if number is None and expected > 1 and not any(found == expected for _, found in marks):
        expected = 1
    starts = 0
    for at, (match, found) in enumerate(marks):
        if found != expected or match.start() < starts:
            continue
        if number is None and starts == 0 and not _believable(content, match, marks[at + 1 :], found):
            break
        before = content[starts : match.start()].strip()
        if before or number is not None:
            yield number, before
        number, starts, expected = found, match.end(), found + 1
    yield number, content[starts:].strip()


def _believable(
    content: str, match: re.Match[str], later: list[tuple[re.Match[str], int]], found: int
) -> bool:
    """The first number of a line that has none in front: another follows, or it stands apart and a name comes after."""
    if any(number == found + 1 for _, number in later):
        return True
    apart = match.start() == 0 or content[match.start() - 1] in " :。!?)"
    return apart and bool(re.match(rf" ?[{HAN}]{{2,4}}(?![{HAN}])", content[match.end() :]))


# --- the whole -----------------------------------------------------------------------------------------


def read(text: str, *, places: Collection[str] = (), posts: Collection[str] = ()) -> Chain:
    """The chain. `places` and `posts` are the names that the call itself has for its checkpoints and posts."""
    parts = [
        (number, part) for number, part in _split(even(text[:LONGEST_TEXT])) if part or number is not None
    ]
    left_over = max(len(parts) - MOST_LINES - MOST_ABOVE, 0) + (len(text) > LONGEST_TEXT)
    parts = parts[: MOST_LINES + MOST_ABOVE]
    first = next((n for n, (number, _) in enumerate(parts) if number is not None), None)
    if first is None:
        known = _known("", places, posts)
        first = next((n for n, (_, part) in enumerate(parts) if _is_entry(part, known)), len(parts))
    above = [part for _, part in parts[:first]][-MOST_ABOVE:]
    between = [part for number, part in parts[first:] if number is None]
    known = _known("\n".join([*above, *between]), places, posts)
    heading = _heading(above, known)
    body = parts[first:]
    found = _twice(_inherited(list(_lines(body, above, heading, known)), heading))
    return Chain(_title(above), heading, tuple(found), left_over)


def _known(above: str, places: Collection[str], posts: Collection[str]) -> Known:
    named = {*(even(each).strip() for each in places)}
    for listed in re.findall(r"(?:地点|卡口|点位) ?[:是]([^\n]{1,200})", above):
        named |= {
            each.strip() for each in re.split(r"[、,/;，;。 ]|和", listed) if 2 <= len(each.strip()) <= 20
        }
    named = {each for each in named if each and not take_spans(each)[1]} | {
        even(each).strip() for each in places
    }
    longest = sorted(named - {""}, key=lambda each: (-len(each), each))
    return Known(longest, [even(each).strip() for each in posts if each], definitions(above))


def _is_entry(part: str, known: Known) -> bool:
    """Whether a line without a number is somebody's, and no heading."""
    if words.HEADING_WORDS.search(part):
        return False
    line = read_line(part, known)
    if not line.mentions or not line.mentions[0].names[0]:
        return False
    name = line.mentions[0].names[0]
    says = line.spans or line.places or line.cancelled or line.either or line.mentions[0].phone
    return bool(says) or (name[0] in words.SURNAMES and len(name) <= 3 and not line.notes)


def _heading(above: list[str], known: Known) -> Heading:
    """Days, times and places that the lines at the top name, each once."""
    days: list[Day] = []
    spans: list[Span] = list(definitions("\n".join(above)).values())
    places: list[str] = []
    for part in above:
        if part.startswith(("例", "示例", "如")):
            continue
        line = read_line(part, known)
        days += line.days
        spans += [
            span
            for span in line.spans
            if span.exact or (span.words.endswith("班") and span.words not in known.meant)
        ]
        places += line.places
    there = [each for each in places if any(at_place(each, name) for name in known.places)]
    places = there or ([] if known.places else places)
    exact = {(span.starts, span.ends, span.words if not span.exact else ""): span for span in spans}
    return Heading(tuple(dict.fromkeys(days)), tuple(exact.values()), tuple(dict.fromkeys(places)))


def _title(above: list[str]) -> str:
    return next((each for each in above if not re.fullmatch(r"# ?接龙", each)), above[0] if above else "")[
        :100
    ]


def _lines(
    body: list[tuple[int | None, str]], above: list[str], heading: Heading, known: Known
) -> Iterator[Line]:
    """The lines with what headings between them say; a line that only says when or where is such a heading, or
    belongs to the line above it where that says neither."""
    held = any(number is None and _as_heading(part, known) for number, part in body)
    order: list[str] = []
    section = Heading()
    for last in _last_headings(above, known) if held else []:
        section = _below(section, last, order)
    previous: Line | None = None
    for number, part in body:
        between = _as_heading(part, known) if number is None else None
        if between is None:
            if number is not None or not _says_nothing(part, known):
                if previous is not None:
                    yield previous
                line = replace(read_line(part, known), number=number)
                previous = _under(line, section)
            continue
        if previous is not None and not between.days and _lacks(previous, section):
            previous = _under(
                replace(read_line(f"{previous.text} {part}", known), number=previous.number), section
            )
            continue
        section = _below(section, between, order)
    if previous is not None:
        yield previous


def _says_nothing(part: str, known: Known) -> bool:
    """Words to everybody between the lines: 大家辛苦了, Sign up here."""
    names = [name for mention in read_line(part, known).mentions for name in mention.names]
    return bool(words.HEADING_WORDS.search(part)) and not any(surnamed(name) for name in names)


def _as_heading(part: str, known: Known) -> Heading | None:
    """Of a line that names nobody and says a day, one time or one place."""
    line = read_line(part, known)
    if line.mentions or line.cancelled or not (line.days or line.spans or line.places):
        return None
    if len(line.spans) > 1 or len(line.places) > 1 or len(line.days) > 1:
        return Heading()
    return Heading(line.days, line.spans, line.places)


def _lacks(line: Line, section: Heading) -> bool:
    return bool(line.mentions) and not (
        line.spans or line.places or line.cancelled or line.either or section.spans or section.places
    )


def _last_headings(above: list[str], known: Known) -> list[Heading]:
    """Those right above the first line, in their order."""
    found: list[Heading] = []
    for part in reversed(above):
        if (heading := _as_heading(part, known)) is None:
            break
        found.insert(0, heading)
    return found


def _below(section: Heading, between: Heading, order: list[str]) -> Heading:
    """A heading ends what stands lower than itself. `order`: which came first of days, times and places stands above."""
    said = {kind: getattr(between, kind) for kind in KINDS if getattr(between, kind)}
    if not said:
        return section
    order += [kind for kind in said if kind not in order]
    above = order[: min(order.index(kind) for kind in said)]
    return Heading(**{kind: getattr(section, kind) for kind in above} | said)


def _under(line: Line, section: Heading) -> Line:
    """The line with what the heading between the lines adds to it."""
    return replace(
        line,
        days=line.days or section.days,
        spans=line.spans or (() if line.either else section.spans),
        places=line.places or section.places,
        context=section.key,
    )


def _inherited(lines: list[Line], heading: Heading) -> list[Line]:
    """What the top says once holds for every line that does not say otherwise."""
    found = []
    for line in lines:
        full = replace(
            line,
            days=line.days or (heading.days if len(heading.days) == 1 else ()),
            spans=line.spans or (heading.spans if len(heading.spans) == 1 and not line.either else ()),
            places=line.places or (heading.places if len(heading.places) == 1 else ()),
        )
        kept = [each for each in line.questions if each in ("changed", "long")]
        found.append(replace(full, questions=(*questions(full), *kept)))
    return found


def _twice(lines: list[Line]) -> list[Line]:
    """Say of which lines the name stands more than once."""
    names = Counter(mention.names[0] for line in lines for mention in line.mentions if not line.cancelled)
    return [
        replace(line, questions=(*line.questions, "name-twice"))
        if not line.cancelled and any(names[mention.names[0]] > 1 for mention in line.mentions)
        else line
        for line in lines
    ]


# --- which line it is, when it comes again -----------------------------------------------------------------

_UNSAID = re.compile(r"[\W_]+")


def fingerprints(lines: Collection[Line]) -> list[str]:
    """A digest of each line: its words under its heading without its number, and which of several equal lines it is."""
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        said = _UNSAID.sub("", line.text.replace("+", "加")).casefold() + "|" + _UNSAID.sub("", line.context)
        seen[said] += 1
        found.append(sha256(f"{said}#{seen[said]}".encode()).hexdigest())
    return found
