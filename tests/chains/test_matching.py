"""Who and which shift a line means, and that whatever leaves a question open is not sure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from mobilizer.chains.lines import Mention
from mobilizer.chains.matching import Person, Roster, Seat
from mobilizer.chains.proposing import Key, Known, Outcome, ReadLine, When, gone, keys_of, propose, title
from mobilizer.chains.reading import read

DAY = date(2026, 11, 28)
NEXT = DAY + timedelta(days=1)
EAST, SOUTH = "峰汇园东门卡口", "峰汇园南门卡口"
SEATS = [
    Seat(n, place, "", day, starts * 60, ends * 60)
    for n, (day, place, starts, ends) in enumerate(
        [
            (day, place, starts, ends)
            for day in (DAY, NEXT)
            for place in (EAST, SOUTH)
            for starts, ends in ((0, 8), (8, 16), (16, 24))
        ],
        start=1,
    )
]
PEOPLE = [
    Person(1, "张伟", "+8619900000001", "一支部"),
    Person(2, "张伟", "+8619900000002", "二支部"),
    Person(3, "李秀英", "+8619900000003", "一支部"),
    Person(4, "马晓黎", "+8619900000004", "一支部"),
    Person(5, "Anna Li", "+8619900000005", "一支部"),
]
NEAR = [Person(6, "章伟民", "+8619900000006", "一支部"), Person(7, "王志强", "+8619900000007", "一支部")]
WHEN = When(date(2026, 11, 27), DAY)


def proposed(
    text: str,
    *,
    seats: list[Seat] = SEATS,
    entered: Mapping[Key, Outcome] | None = None,
    on: Mapping[tuple[int, int], str] | None = None,
    when: When = WHEN,
) -> list[ReadLine]:
    places = sorted({each.checkpoint for each in seats})
    known = Known(Roster(PEOPLE, NEAR), seats, entered or {}, on or {})
    return propose(read(text, places=places), known, when)


def told(line: ReadLine) -> list[str]:
    """Each wish as "member shift" where it is sure, else what is asked."""
    return [
        f"{each.who.sure.id} {each.where.sure.id}"
        if each.sure and each.who.sure and each.where.sure
        else " ".join(each.doubts)
        for each in line.wishes
    ]


@pytest.mark.parametrize(
    ("mention", "how", "ids"),
    [
        (Mention(("李秀英",)), "name", [3]),
        (Mention(("小马", "马晓黎")), "name", [4]),
        (Mention(("anna  LI",)), "name", [5]),
        (Mention(("张伟",)), "several", [1, 2]),
        (Mention(("张伟",), "19900000002"), "phone", [2]),
        (Mention(("张伟",), "0001"), "phone", [1]),
        (Mention(("",), "19900000003"), "phone", [3]),
        (Mention(("李秀英",), "19900000004"), "other-phone", [4, 3]),
        (Mention(("张伟民",)), "near", [6]),
        (Mention(("志强",)), "near", [7]),
        (Mention(("没有人",)), "unknown", []),
    ],
)
def test_a_person_is_known_by_phone_or_name_and_otherwise_asked_about(
    mention: Mention, how: str, ids: list[int]
) -> None:
    who = Roster(PEOPLE, NEAR).who(mention)
    assert (who.how, [each.id for each in who.people]) == (how, ids)
    assert (who.sure is not None) is (how in ("phone", "name"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("李秀英 8:00-16:00 东门", ["3 2"]),
        ("李秀英 16:00-24:00 南门", ["3 6"]),
        ("李秀英 8:00-16:00", ["shift-several"]),
        ("李秀英 早班 东门", ["3 2"]),
        ("李秀英 晚班 东门", ["3 3"]),
        ("李秀英 9:00-11:00 东门", ["shift-none"]),
        ("李秀英 8:00-16:00 西门", ["place-unknown"]),
        ("李秀英 东门", ["no-time"]),
        ("李秀英 早班/晚班 东门", ["either"]),
        ("李秀英 早班、晚班 东门", ["several-times", "several-times"]),
        ("李秀英 早班改晚班 东门", ["changed"]),
        ("李秀英 8-16 东门", ["doubtful-time"]),
        ("李秀英 0:00-8:00 东门", ["shift-several"]),
        ("李秀英 全天 东门", ["whole-day", "whole-day", "whole-day"]),
        ("李秀英 28、29号 8:00-16:00 东门", ["several-days", "several-days"]),
        ("李秀英 12月24日 8:00-16:00 东门", ["shift-none"]),
        ("李秀英 29号 8:00-16:00 东门", ["3 8"]),
        ("李秀英+1 8:00-16:00 东门", ["3 2"]),
        ("李秀英、马晓黎 8:00-16:00 东门", ["3 2", "4 2"]),
        ("张伟 8:00-16:00 东门", ["name-several"]),
        ("没有人 8:00-16:00 东门", ["name-unknown"]),
        ("李秀英 8:00-16:00 东门 取消", [""]),
    ],
)
def test_a_line_is_sure_only_where_nothing_is_open(line: str, expected: list[str]) -> None:
    (found,) = proposed(f"1. {line}")
    assert told(found) == expected


def test_a_days_only_shift_needs_no_time() -> None:
    (found,) = proposed("1. 李秀英", seats=[SEATS[1]])
    assert told(found) == ["3 2"]


def test_a_closed_shift_is_not_proposed() -> None:
    closed = [Seat(1, EAST, "", DAY, 480, 960, open=False)]
    (found,) = proposed("1. 李秀英 8:00-16:00 东门", seats=closed)
    assert told(found)[0] != "3 1"


def test_of_two_equal_lines_the_second_is_asked_about() -> None:
    first, second = proposed("1. 李秀英 早班 东门\n2. 李秀英 早班 东门")
    assert told(first) == ["3 2"]
    assert told(second) == ["same-again"]


def test_tomorrow_said_after_midnight_is_asked_about() -> None:
    text = "明早接龙\n1. 李秀英 8:00-16:00 东门"
    assert told(proposed(text)[0]) == ["3 2"]
    assert told(proposed(text, when=When(DAY - timedelta(days=1), DAY, hour=1))[0]) == ["night-day"]


def test_who_is_on_already_is_dealt_with_and_who_is_only_asked_says_yes() -> None:
    text = "1. 李秀英 早班/晚班 东门"
    assert proposed(text, on={(3, 3): "confirmed"})[0].settled
    assert proposed("1. 李秀英 早班 东门", on={(3, 2): "waitlisted"})[0].settled
    assert told(proposed("1. 李秀英 早班 东门", on={(3, 2): "offered"})[0]) == ["3 2"]


def test_whoever_calls_off_is_asked_which_and_the_named_shift_comes_first() -> None:
    (found,) = proposed("1. 李秀英 晚班 南门 取消", on={(3, 2): "confirmed", (3, 6): "confirmed"})
    (wish,) = found.wishes
    assert wish.gives_back
    assert wish.doubts == ("called-off",)
    assert [seat.id for seat in wish.where.seats] == [6, 2]
    (nothing,) = proposed("1. 李秀英 取消")
    assert nothing.settled, "there is nothing to give back"


@dataclass(frozen=True)
class Done:
    outcome: str
    member_id: int = 3
    shift_id: int = 2


def test_what_was_entered_is_dealt_with_and_what_was_refused_is_asked_again() -> None:
    text = "1. 李秀英 早班 东门"
    ((day, mark),) = keys_of(read(text), WHEN)
    for outcome in ("signed-up", "waiting", "given-back"):
        assert proposed(text, entered={(day, mark, 0): Done(outcome)})[0].settled
    (refused,) = proposed(text, entered={(day, mark, 0): Done("refused")})
    assert told(refused) == ["refused-before"]


def test_what_an_earlier_version_said_and_this_one_does_not_is_gone() -> None:
    before, now = read("1. 李秀英 早班\n2. 马晓黎 早班\n3. 张伟 早班"), read("1. 马晓黎 早班\n2. 张伟 晚班")
    earlier = keys_of(before, WHEN)
    outcomes = ("signed-up", "signed-up", "refused")
    entered = {(*key, 0): Done(outcome) for key, outcome in zip(earlier, outcomes, strict=True)}
    assert [each.key for each in gone(now, earlier, entered, WHEN)] == [(*earlier[0], 0)]


def test_two_versions_are_known_by_their_first_line() -> None:
    assert title("#接龙\n11月28日 值守报名！\n1. 张伟") == title("＃接龙\n11月28日值守报名\n1. 李四") != ""
    assert title("") == ""
