"""Times of day and days, as people write them in a chat: 8:00-16:00, 七点到十二点, 晚上8点, 早班, 全天, 明早, 11月24日.

What a word such as 早班 means is the chain's heading to say; else it is a window in which such a shift begins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

HOUR = 60
DAY = 24 * HOUR
SHORTEST = 30
"""Minutes. What is shorter was no time of day: 11.24-11.30 are two dates."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time of day that somebody wrote, in minutes after midnight; across midnight `ends` is more than a day.

    `starts` and `ends` where they were written (or the heading says what the word means); else `window`: between
    which minutes such a shift begins. `doubtful`: bare figures, or hours that may be of the morning or the afternoon.
    """

    words: str
    starts: int | None = None
    ends: int | None = None
    window: tuple[int, int] | None = None
    whole_day: bool = False
    doubtful: bool = False

    @property
    def exact(self) -> bool:
        return self.starts is not None and self.ends is not None


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: `month` and `day` of a date (the year may be missing, the month too), `offset` from today, or
    `weekday` (Monday is 0) with `weeks` further on."""

    words: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    offset: int | None = None
    weekday: int | None = None
    weeks: int = 0

    def resolved(self, today: date) -> date | None:
        """The date that is meant by whoever writes it today; None where there is no such day."""
        if self.offset is not None:
            return today + timedelta(days=self.offset)
        if self.weekday is not None:
            if self.weeks:
                return today + timedelta(days=self.weekday - today.weekday() + 7 * self.weeks)
            return today + timedelta(days=(self.weekday - today.weekday()) % 7)
        return min(self._possible(today), key=lambda each: abs((each - today).days), default=None)

    def _possible(self, today: date) -> list[date]:
        months = [
            (today.year + (today.month + n - 1) // 12, (today.month + n - 1) % 12 + 1) for n in (-1, 0, 1)
        ]
        if self.month is not None:
            years = [self.year] if self.year else [today.year - 1, today.year, today.year + 1]
            months = [(year, self.month) for year in years]
        found = []
        for year, month in months:
            try:
                found.append(date(year, month, self.day or 0))
            except ValueError:
                continue
        return found


# --- a time of day --------------------------------------------------------------------------------------

_FIGURES = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CN = "[零〇一二两三四五六七八九十]{1,3}"
_MORNING = ("凌晨", "清晨", "早上", "早晨", "上午", "明早", "今早", "早")
_AFTERNOON = ("中午", "下午", "傍晚", "晚上", "夜里", "夜间", "今晚", "明晚", "晚", "pm")
_NEXT = ("次日", "第二天", "翌日", "隔天", "转天", "next day")
_BEFORE = "|".join(
    [*_NEXT, "当[日天]", *_MORNING, *(each for each in _AFTERNOON if each != "pm"), "半夜", "深夜"]
)


def _clock(name: str) -> str:
    return (
        rf"(?P<pre{name}>(?:(?:{_BEFORE}) ?){{0,3}})"
        rf"(?:(?P<h{name}>\d{{1,2}})(?:[:.](?P<m{name}>[0-5]\d)(?!\d)|(?P<o{name}>点钟?|时|h)"
        rf"(?:(?P<half{name}>半)|(?P<q{name}>[一三])刻|(?P<n{name}>[0-5]?\d)分?(?!\d)|整)?)?"
        rf"|(?P<ch{name}>{_CN})(?:点钟?|时)(?:(?P<chalf{name}>半)|(?P<cq{name}>[一三])刻|(?P<cn{name}>{_CN})分?|整)?)"
        rf"(?P<ap{name}> ?[ap]\.?m\b\.?)?"
    )


_RANGE = re.compile(
    rf"(?<![\d.:/\-]){_clock('a')} ?(?:[-–—―~〜−→一]{{1,2}}|至|到|\bto\b) ?{_clock('b')}(?![\d/])(?!-\d)(?![号栋幢楼室单])"
)
_POINT = re.compile(
    rf"(?<![\d.:/\-])(?:{_clock('a')})(?:以后|之后|以前|之前|左右|开始|后|前|起)?(?![\d/])(?![号栋幢楼室])"
)
_COMPOUND = re.compile(r"[早中晚夜午白]{2,3}班")
_LONE = re.compile(
    r"(?<![\u3400-\u9fff])([早中晚夜])(?= ?[/、或和,|] ?(?:[早中晚夜](?![到点来上])|\x1e)|(?![\u3400-\u9fff])|都|均|皆)"
)

NAMED: Mapping[str, tuple[int, int]] = {
    "大夜班": (22 * HOUR, 30 * HOUR),
    "小夜班": (16 * HOUR, 23 * HOUR),
    "上午班": (5 * HOUR, 12 * HOUR),
    "下午班": (11 * HOUR, 18 * HOUR),
    "上午场": (5 * HOUR, 12 * HOUR),
    "下午场": (11 * HOUR, 18 * HOUR),
    "早班": (4 * HOUR, 12 * HOUR),
    "白班": (6 * HOUR, 12 * HOUR),
    "日班": (6 * HOUR, 12 * HOUR),
    "中班": (11 * HOUR, 18 * HOUR),
    "午班": (11 * HOUR, 18 * HOUR),
    "晚班": (16 * HOUR, 24 * HOUR),
    "晚场": (16 * HOUR, 24 * HOUR),
    "夜班": (20 * HOUR, 30 * HOUR),
}
"""The shift's name -> when it begins, if nothing in the chain says so. Hours past 24 are of the night that follows."""

PARTS: Mapping[str, tuple[int, int]] = {
    "上午": (5 * HOUR, 12 * HOUR),
    "早上": (4 * HOUR, 12 * HOUR),
    "早晨": (4 * HOUR, 12 * HOUR),
    "清晨": (4 * HOUR, 9 * HOUR),
    "明早": (4 * HOUR, 12 * HOUR),
    "今早": (4 * HOUR, 12 * HOUR),
    "中午": (11 * HOUR, 14 * HOUR),
    "下午": (12 * HOUR, 18 * HOUR),
    "傍晚": (16 * HOUR, 20 * HOUR),
    "晚上": (17 * HOUR, 24 * HOUR),
    "今晚": (17 * HOUR, 24 * HOUR),
    "明晚": (17 * HOUR, 24 * HOUR),
    "前半夜": (17 * HOUR, 24 * HOUR),
    "上半夜": (17 * HOUR, 24 * HOUR),
    "后半夜": (24 * HOUR, 30 * HOUR),
    "下半夜": (24 * HOUR, 30 * HOUR),
    "夜里": (20 * HOUR, 30 * HOUR),
    "夜间": (20 * HOUR, 30 * HOUR),
    "半夜": (22 * HOUR, 30 * HOUR),
    "通宵": (17 * HOUR, 26 * HOUR),
    "凌晨": (0, 6 * HOUR),
    "白天": (5 * HOUR, 18 * HOUR),
    "morning": (4 * HOUR, 12 * HOUR),
    "afternoon": (12 * HOUR, 18 * HOUR),
    "evening": (17 * HOUR, 24 * HOUR),
    "night": (20 * HOUR, 30 * HOUR),
}
WHOLE_DAY = re.compile(
    r"全天|整天|一整天|全日|一天都|24 ?小时|从早到晚|all day|whole day|full day", re.IGNORECASE
)
_NAME = re.compile(
    "|".join(NAMED)
    + r"|[A-Da-d甲乙丙丁]班|第?[一二三四五六1-6]班次?(?![\u3400-\u9fff]{0,2}车)|大夜(?!班)|小夜(?!班)"
)
_PART = re.compile("|".join(sorted(PARTS, key=len, reverse=True)), re.IGNORECASE)

_DEFINITION = re.compile(
    rf"(?P<name>(?:{_NAME.pattern}|(?<![\u3400-\u9fff])[早中晚夜](?=[ :(=])|(?:上午|下午|晚上)(?= ?[:(=])))\s*[:：(=为是]?\s*(?P<range>{_RANGE.pattern})"
)


def number(written: str) -> int | None:
    """12 of 12, 十二; None of what is no number up to 99."""
    if written.isascii() and written.isdigit():
        return int(written)
    tens, ten, units = written.rpartition("十")
    try:
        value = 10 * (_FIGURES[tens] if tens else 1) if ten else 0
        return value + (_FIGURES[units] if units or not ten else 0)
    except KeyError:
        return None


def _minutes(match: re.Match[str], name: str) -> int | None:
    """Minutes after midnight as the figures alone say them, or None past 24:00."""
    hour = number(match["h" + name] or match["ch" + name])
    if hour is None or hour > 24:
        return None
    minute = 0
    if match["half" + name] or match["chalf" + name]:
        minute = 30
    elif quarter := match["q" + name] or match["cq" + name]:
        minute = 15 if quarter == "一" else 45
    elif written := match["m" + name] or match["n" + name] or match["cn" + name]:
        minute = number(written) or 0
    total = hour * HOUR + minute
    return total if minute < HOUR and total <= DAY else None


def _said(match: re.Match[str], name: str) -> tuple[int, bool, bool] | None:
    """(minutes, whether a word says which half of the day, whether it is said to be of the next day)."""
    minutes = _minutes(match, name)
    if minutes is None:
        return None
    before, after = match["pre" + name], (match["ap" + name] or "").strip().lower()
    late = any(word in before for word in _AFTERNOON) or after.startswith("p")
    early = any(word in before for word in _MORNING if word != "早" or "早" in before) or after.startswith(
        "a"
    )
    if late and not early and minutes < 12 * HOUR and not ("中午" in before and minutes >= 10 * HOUR):
        minutes += 12 * HOUR
    if early and minutes == DAY // 2 and after:
        minutes = 0
    return minutes, late or early, any(word in before for word in _NEXT)


def _marked(match: re.Match[str], name: str) -> bool:
    """Whether there is more than bare figures."""
    return bool(match["m" + name] or match["o" + name] or match["ch" + name] or match["ap" + name])


def _range(match: re.Match[str]) -> Span | None:
    first, last = _said(match, "a"), _said(match, "b")
    if first is None or last is None:
        return None
    (starts, said, _), (ends, said_last, next_day) = first, last
    later = said and not said_last and starts >= 12 * HOUR and ends <= 12 * HOUR and ends + 12 * HOUR > starts
    if later and not (match["mb"] and ends < 9 * HOUR and (match["hb"] or "").startswith("0")):
        ends += 12 * HOUR  # 下午2点-5点
    if next_day or ends <= starts:
        ends += DAY
    bare = not (_marked(match, "a") or _marked(match, "b") or said or said_last)
    dotted = "." in match[0] and ":" not in match[0]
    if ends - starts < SHORTEST or ends - starts > DAY:
        return None
    if (bare and (ends > DAY or starts < 5 * HOUR)) or (dotted and (starts % 5 or ends % 5)):
        return None
    colons = match["ma"] and match["mb"]
    either_half = not (said or said_last or colons) and starts < 7 * HOUR and ends <= 12 * HOUR
    return Span(match[0].strip(), starts, ends, doubtful=bare or either_half)


def _point(match: re.Match[str]) -> Span | None:
    said = _said(match, "a")
    if said is None or not _marked(match, "a"):
        return None
    if match["ma"] and "." in match[0]:
        return None
    return Span(match[0].strip(), said[0], doubtful=True)


Taken = tuple[str, list[Span]]
SPAN = "\x1e"
"""Stands in the text where a time was taken out."""


def take_spans(text: str, meant: Mapping[str, Span] | None = None) -> Taken:
    """The text with SPAN in place of every time of day, and the times in their order.

    `meant`: what the chain's heading says that a shift's name means.
    """
    found: dict[int, Span] = {}
    known = meant or {}

    def keep(span: Span | None, match: re.Match[str]) -> str:
        if span is None:
            return match[0]
        found[len(found)] = span
        return f"{SPAN}{len(found) - 1}{SPAN}"

    def several(match: re.Match[str]) -> str:
        return "".join(keep(named(f"{sign}班", known), match) for sign in match[0][:-1])

    reading: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_DEFINITION, lambda match: keep(_defined(match), match)),
        (_RANGE, lambda match: keep(_range(match), match)),
        (WHOLE_DAY, lambda match: keep(Span(match[0], whole_day=True), match)),
        (_COMPOUND, several),
        (_NAME, lambda match: keep(named(match[0], known), match)),
        (_POINT, lambda match: match[0] if SPAN in match[0] else keep(_point(match), match)),
        (_PART, lambda match: keep(Span(match[0], window=PARTS[match[0].lower()]), match)),
        (_LONE, lambda match: keep(named(f"{match[1]}班", known), match)),
    )
    for pattern, read in reading:
        text = _outside(text, pattern, read)
    order = [int(each) for each in re.findall(rf"{SPAN}(\d+){SPAN}", text)]
    return re.sub(rf"{SPAN}\d+{SPAN}", SPAN, text), [found[each] for each in order]


def _outside(text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], str]) -> str:
    """Replace in what has not been read as a time yet."""
    pieces = re.split(rf"({SPAN}\d+{SPAN})", text)
    return "".join(each if each.startswith(SPAN) else pattern.sub(read, each) for each in pieces)


def named(name: str, meant: Mapping[str, Span]) -> Span:
    """The shift of this name: as the heading says, else by when such a shift usually begins, else the name alone."""
    name = {"大夜": "大夜班", "小夜": "小夜班"}.get(name, name)
    if name in meant:
        return replace(meant[name], words=name)
    return Span(name, window=NAMED.get(name))


def definitions(heading: str) -> dict[str, Span]:
    """What the shifts' names mean, as a heading says it: 早班8:00-16:00 / 中班16:00-24:00."""
    found: dict[str, Span] = {}
    for match in _DEFINITION.finditer(heading):
        if span := _defined(match):
            found.setdefault(span.words, span)
    return found


def _defined(match: re.Match[str]) -> Span | None:
    """A name with its own time beside it."""
    span = _range(match)
    name = match["name"] + ("班" if len(match["name"]) == 1 else "")
    return span and replace(span, words=name, doubtful=False)


# --- a day ----------------------------------------------------------------------------------------------

_WEEKDAYS = {sign: n for n, sign in enumerate("一二三四五六日")} | {"天": 6}
_MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_DATE = re.compile(
    r"(?<![\d.])(?:(?P<y>20\d\d) ?[-年./] ?)(?P<m>\d{1,2}) ?[-月./] ?(?P<d>\d{1,2})(?:[日号]|(?!\d))"
    r"|(?<!\d)(?P<m2>\d{1,2}) ?月 ?(?P<d2>\d{1,2})(?:[日号]|(?![\d点时:]))"
    r"|(?<![\d./:\-+])(?P<m3>1[0-2]|0?[1-9])[./](?P<d3>3[01]|[12]\d|0?[1-9])(?:[日号]|(?![\d./点时:人]))(?! ?人)"
    r"|(?<![\d:.\-/])(?P<d4>3[01]|[12]\d|[1-9])[号日](?![\u3400-\u9fff]?[楼栋幢门点岗卡线院室])"
    r"|(?<!\d)(?P<d5>\d{1,2}) (?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}(?: (?P<y5>20\d\d))?",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"大后[天日]|后[天日]|明[天日]|今[天日]|明(?=[早晚]|上午|下午)|今(?=[早晚夜]|上午|下午)|today|tomorrow",
    re.IGNORECASE,
)
_OFFSETS = {"大后": 3, "后": 2, "明": 1, "今": 0, "today": 0, "tomorrow": 1}
_WEEKDAY = re.compile(r"(?P<next>下)?(?:本|这|个)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天])")
_ENGLISH_WEEKDAY = re.compile(
    r"\b(?:(?P<next>next) )?(?P<w>mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:mon|tue|wed|thu|fri|sat|sun)\b(?=[.,]{0,2} ?[\d\x1f])",
    re.IGNORECASE,
)
_ENGLISH = {name: n for n, name in enumerate(["mon", "tues", "wednes", "thurs", "fri", "satur", "sun"])}
_OF_SEVERAL = re.compile(r"(?<![\d:.\-/])(\d{1,2})(?=(?: ?[、,和及&] ?\d{1,2}){1,5}[号日])")


def take_days(text: str, gap: str) -> tuple[str, list[Day]]:
    """The text with `gap` in place of every day, and the days in their order; a weekday beside a date says nothing new."""
    found: list[Day] = []

    def dated(match: re.Match[str]) -> str:
        month, day = match["m"] or match["m2"] or match["m3"], match["d"] or match["d2"] or match["d3"]
        year = match["y"] or match["y5"]
        of_month = int(month) if month else _MONTHS.get((match["mon"] or "").lower()[:3])
        written = Day(
            match[0],
            year=int(year) if year else None,
            month=of_month,
            day=int(day or match["d4"] or match["d5"]),
        )
        if not 1 <= (written.day or 0) <= 31 or not 1 <= (written.month or 1) <= 12:
            return match[0]
        found.append(written)
        return gap

    def relative(match: re.Match[str]) -> str:
        found.append(Day(match[0], offset=_OFFSETS[match[0].lower().rstrip("天日")]))
        return gap if len(match[0]) > 1 else match[0]  # 明早: the morning is still to be read

    def weekday(match: re.Match[str]) -> str:
        if not any(each.day for each in found):
            which = (match["w"] or "").lower()
            if which in _WEEKDAYS or which in _ENGLISH:
                weekday = _WEEKDAYS.get(which, _ENGLISH.get(which))
                found.append(Day(match[0], weekday=weekday, weeks=1 if match["next"] else 0))
        return gap

    def of_several(match: re.Match[str]) -> str:
        if not 1 <= int(match[1]) <= 31:
            return match[0]
        found.append(Day(match[0], day=int(match[1])))
        return gap

    text = _OF_SEVERAL.sub(of_several, text)
    text = _DATE.sub(dated, text)
    text = _RELATIVE.sub(relative, text)
    text = _WEEKDAY.sub(weekday, text)
    return _ENGLISH_WEEKDAY.sub(weekday, text), found
