"""What a person reads in a chain, line by line, is what is read; and any text at all is read, in bounded time."""

import random
import string
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobilizer.chains.lines import QUESTIONS
from mobilizer.chains.places import at_place
from mobilizer.chains.reading import LONGEST_TEXT, MOST_ABOVE, MOST_LINES, even, fingerprints, read
from mobilizer.chains.times import Day, take_days, take_spans
from tests.chains.readings import said
from tests.factories import SAMPLES

GATES = ("峰汇园东门卡口", "峰汇园南门卡口")
CHECKPOINTS = {
    "wechat_native": ("北桥涵洞值守点", "南堤巡查点"),
    "english": ("North Gate", "South Gate"),
    "either": ("北广场", "南广场"),
}

READ: dict[str, list[str]] = {
    "brackets_first": [
        "1 项羽 | 8:00-16:00 | 东门 | 11月28日",
        "2 谷雨 | 8:00-16:00 | 南门 | 11月28日",
        "3 裴勇 | 16:00-24:00 | 东门 | 11月28日",
        "4 卢燕 | 8:00-16:00 | 南门 | 11月28日",
        "5 A叶子/叶子楣 | 8:00-16:00 | 东门 | 11月28日",
        "6 欧阳春晓 | 8:00-16:00 | 东门 | 11月28日",
        "7 阿依古丽·买买提 | 8:00-16:00 | 南门 | 11月28日",
    ],
    "changed_and_cancelled": [
        "1 孟瑶 | 8:00-16:00 | 东门 | 11月28日 | off",
        "2 万里 | 16:00-24:00 | 东门 | 11月28日 | ?changed",
        "3 段誉 | 11月28日 | off",
        "4 侯亮 | 8:00-16:00 | 南门 | 11月28日 | off",
        "5 邵峰 | 11月28日 | off",
        "6 雷鸣 | 8:00-16:00 | 11月28日 | off",
        "7 薛宝 | 8:00-16:00 | 南门 | 11月28日",
    ],
    "circled_numbers": [
        "1 石磊 | 19:00-23:00 | 11月28日",
        "2 姚瑶 | 19:00-23:00 | 11月28日",
        "3 廖凡 | 19:00-23:00 | 11月28日",
        "4 范冰 | 19:00-23:00 | 11月28日",
        "5 金鑫 | 19:00-23:00 | 11月28日",
        "6 -",
    ],
    "companions": [
        "1 颜丹 +1 | 9:00-12:00 | 11月28日 | ?companions",
        "2 易中 +2 | 9:00-12:00 | 11月28日 | ?companions",
        "3 祝枝 & 倪妮 | 9:00-12:00 | 11月28日 | ?several-names",
        "4 严宽 +1 | 9:00-12:00 | 11月28日 | ?companions",
        "5 牛莉 +1 | 9:00-12:00 | 11月28日 | ?companions",
        "6 温岚 +1 | 9:00-12:00 | 11月28日 | ?companions",
        "7 尤勇 & 李雪健 | 9:00-12:00 | 11月28日 | ?several-names",
    ],
    "either": [
        "1 尹霞 | either | 11.28 | ?either",
        "2 贺兵 | 7:00-11:00 13:00-17:00 either | 北广场 | 11.28 | ?either",
        "3 武松涛 | either | 11.28 | ?either",
        "4 赖静 | 7:00-11:00 13:00-17:00 either | 11.28 | ?either",
        "5 龚琳 | 7:00-11:00 13:00-17:00 | 南广场 | 11.28 | ?several-times",
    ],
    "english": [
        "1 Anna Li | 8:00-16:00 | North Gate | 28 Nov",
        "2 Tom Wang/王涛 | 16:00-24:00 | South Gate | 28 Nov",
        "3 Lucy Chen | all-day | 28 Nov | ?whole-day",
        "4 Peter Zhao | either | North Gate | 28 Nov | ?either",
        "5 Mary Sun +1 | 8:00-16:00 | South Gate | 28 Nov | ?companions",
        "6 Jack Qian | 28 Nov | off",
        "7 -",
    ],
    "fenghuiyuan_night": [
        "1 张伟 | 8:00-16:00 | 东门 | 11月24日 | ?name-twice",
        "2 李秀英 19900000001 | 16:00-24:00 | 南门 | 11月24日",
        "3 王磊 | 0:00-8:00 | 东门 | 11月24日",
        "4 小马/马晓黎 | 8:00-16:00 | 南门 | 11月24日",
        "5 陈杰 +1 | 0:00-8:00 | 南门 | 11月24日 | ?companions",
        "6 刘芳 | 8:00-16:00 16:00-24:00 either | 东门 | 11月24日 | ?either",
        "7 张伟 | 8:00-16:00 | 东门 | 11月24日 | ?name-twice",
        "8 -",
        "9 赵敏 | 11月24日 | off",
    ],
    "full_width": [
        "1 韩雪 19900000012 | 8:00-12:00 | 东门岗亭 | 11月28日",
        "2 曹阳 | 12:00-16:00 | 东门岗亭 | 11月28日",
        "3 邓超群 19900000013 | 16:00-20:00 | 东门岗亭 | 11月28日",
    ],
    "garbage": [
        "1 -",
        "2 -",
        "3 -",
        ". ? | ?no-name ?no-time",
        ". ? +3 | ?no-name ?companions ?no-time",
        ". ? | off | ?no-name",
        ". ? | 8:00-32:00 | ?no-name",
    ],
    "gudai_plain": [
        "1 周涛 | 7:00-12:00 | 明",
        "2 吴娟 | 7:00-12:00 | 明",
        "3 徐建华 | 12:00-17:00 | 明",
        "4 孙平 | all-day | 明 | ?whole-day",
        "5 胡明 | 下午~ | 明",
    ],
    "headings_between": [
        "1 杜鹃 | 8:00-12:00 | 东门 | 周六",
        "2 戴军 | 8:00-12:00 | 东门 | 周六",
        "3 夏天明 | 8:00-12:00 | 南门 | 周六",
        "4 钟慧 | 18:00-22:00 | 东门 | 周六",
        "5 汪洋 19900000021 | 18:00-22:00 | 东门 | 周六",
    ],
    "keycaps": [
        "1 陆毅 | 上午~ | 周日",
        "2 郝蕾 | 下午~ | 周日",
        "3 孔笙 | 上午~ 下午~ | 周日 | ?several-times",
        "10 毛毛/毛晓彤 | 上午~ | 周日",
    ],
    "labels": [
        "1 秦岭 19900000041 | 早班~ | 东门",
        "2 江山 19900000042 | 晚班~ | 南门",
        "3 顾盼 0043 | 早班~",
        "4 柳岩 | 早班~ | 东门",
        "5 庄严 | 晚班~ | 南门",
        "6 葛优 | 早班~",
    ],
    "longer_after": [
        "1 柏杨 | 8:00-16:00 | 东门 | 11月28日",
        "2 水清 | 16:00-24:00 | 东门 | 11月28日 | off",
        "3 章台 | 8:00-16:00 | 东门 | 11月28日",
        "4 窦娥 | 16:00-24:00 | 东门 | 11月28日",
    ],
    "longer_before": [
        "1 柏杨 | 8:00-16:00 | 东门 | 11月28日",
        "2 水清 | 16:00-24:00 | 东门 | 11月28日",
        "3 窦娥 | 8:00-16:00 | 东门 | 11月28日",
    ],
    "repeated": [
        "1 米雪 | 早班~ | ?name-twice",
        "2 米雪 | 早班~ | ?name-twice",
        "3 米雪 | 晚班~ | ?name-twice",
        "1 贝贝 | 早班~",
    ],
    "run_together": [
        "1 袁静 | 8:00-16:00 | 东门 | 明天",
        "2 蒋勇 | 16:00-24:00 | 南门 | 明天",
        "3 沈佳 +1 | 8:00-16:00 | 南门 | 明天 | ?companions",
        "4 余飞 | 明天 | off",
        "5 潘虹 | all-day | 东门 | 明天 | ?whole-day",
    ],
    "several_days": [
        "1 纪晓 | 8:00-16:00 | 11月28日 | ?name-twice",
        "2 鲁班 | 16:00-24:00 | 11月28日",
        "3 纪晓 | 16:00-24:00 | 11月29日 | ?name-twice",
        "4 盛夏 | 8:00-16:00 | 28 29号 | ?several-days",
        "5 季晨 | 8:00-16:00 | 周日",
    ],
    "unseen_signs": [
        "1 董洁 | 7:00-12:00 | 明 | ?name-twice",
        "2 董洁 | 7:00-12:00 | 明 | ?name-twice",
        "3 武彬 | 明 | ?no-time",
        "4 孔令军 | 12:00-17:00 | 明",
    ],
    "wechat_native": [
        "1 冯丽 | 上午~ | 北桥涵洞 | 11月28日",
        "2 阿强/许志强 | 下午~ | 南堤 | 11月28日",
        "3 钱晓东 | 20:00-24:00 | 北桥涵洞 | 11月28日",
        "4 云淡风轻 | 上午~ | 南堤 | 11月28日",
        "5 郑敏 | all-day | 北桥涵洞 | 11月28日 | ?whole-day",
        "6 -",
    ],
    "without_numbers": [
        ". 常青 | 8:00-12:00 | 南门 | 明天",
        ". 乔木 | 12:00-16:00 | 南门 | 明天",
        ". 赖声川 | 南门 | 明天 | ?no-time",
        ". 梅兰芳 19900000031 | 8:00-12:00 | 南门 | 明天",
        ". 路过 | 南门 | 明天 | ?no-time",
    ],
    "words_for_times": [
        "1 叶青 | 8:00-12:00 | 今",
        "2 程刚 | 14:00-17:30 | 今",
        "3 傅蓉 | 19:00-22:00 | 今",
        "4 崔健 | 0:00-6:00 | 今",
        "5 白洁 | 9:15-11:45 | 今",
        "6 史进 | 明早~ | 明",
        "7 龙飞 | 后半夜~ | 今",
    ],
}
"""Written down after reading each text as a person would. 8:00-16:00 is said, 上午~ is a window in which it begins."""


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(READ))
def test_each_line_is_read_as_a_person_reads_it(name: str) -> None:
    chain = read(sample(name), places=CHECKPOINTS.get(name, GATES))
    assert [said(line) for line in chain.lines] == READ[name]


def test_every_sample_is_among_them() -> None:
    assert {path.stem for path in SAMPLES.glob("*.txt")} == set(READ)
    assert len(READ) >= 17


def test_what_is_beside_the_point_is_kept_as_a_note() -> None:
    first, second = read("1. 王磊 早班（可搭档）\n2. 胡明（退休老师，帮忙登记）下午 2栋301").lines
    assert first.notes == ("可搭档",)
    assert second.notes == ("2栋301", "退休老师,帮忙登记")


def test_an_example_line_is_nobodys_answer() -> None:
    chain = read("#接龙\n值守报名\n例：张三 早班 东门\n1. 李四 早班\n")
    assert [said(line) for line in chain.lines] == ["1 李四 | 早班~"]


# --- times and days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:00-16:00", (480, 960)),
        ("8点-12点", (480, 720)),
        ("8点半到11点半", (510, 690)),
        ("七点到十二点", (420, 720)),
        ("下午2点-5点", (840, 1020)),
        ("晚上8点到次日6点", (1200, 1800)),
        ("22:00-06:00", (1320, 1800)),
        ("0:00-8:00", (0, 480)),
        ("16:00-24:00", (960, 1440)),
        ("20:00—8:00", (1200, 1920)),
        ("8am-12pm", (480, 720)),
        ("12pm to 4pm", (720, 960)),
        ("8.30-11.30", (510, 690)),
        ("08:00～16:00", (480, 960)),
    ],
)
def test_a_time_of_day_is_read_however_it_is_written(text: str, expected: tuple[int, int]) -> None:
    rest, spans = take_spans(even(text))
    assert [(span.starts, span.ends) for span in spans] == [expected]
    assert not any(each.isdigit() for each in rest)


@pytest.mark.parametrize(
    "text", ["19900000001", "3-502", "2栋301", "25:00-99:00", "1/5人", "11.24-11.25", "8-8"]
)
def test_what_is_no_time_of_day_is_not_read_as_one(text: str) -> None:
    assert take_spans(text)[1] == []


def test_bare_figures_are_doubtful() -> None:
    (line,) = read("1. 张伟 8-16").lines
    assert said(line) == "1 张伟 | 8:00-16:00 | ?doubtful-time"


FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11月28日", date(2026, 11, 28)),
        ("11/28", date(2026, 11, 28)),
        ("2026-12-01", date(2026, 12, 1)),
        ("1月2日", date(2027, 1, 2)),
        ("28号", date(2026, 11, 28)),
        ("1号", date(2026, 12, 1)),
        ("明天", date(2026, 11, 28)),
        ("今晚", date(2026, 11, 27)),
        ("周五", date(2026, 11, 27)),
        ("周日", date(2026, 11, 29)),
        ("下周一", date(2026, 11, 30)),
        ("Saturday", date(2026, 11, 28)),
        ("28 Nov", date(2026, 11, 28)),
    ],
)
def test_a_day_is_the_nearest_that_is_meant(text: str, expected: date) -> None:
    _rest, days = take_days(text, " ")
    assert [day.resolved(FRIDAY) for day in days] == [expected]


def test_there_is_no_thirtieth_of_february() -> None:
    assert Day("2月30日", month=2, day=30).resolved(FRIDAY) is None


@pytest.mark.parametrize(
    ("written", "checkpoint", "same"),
    [
        ("东门", "峰汇园东门卡口", True),
        ("东门卡口", "峰汇园东门", True),
        ("北门", "东北门卡口", False),
        ("门", "东门卡口", False),
        ("2号门", "12号门", False),
        ("north gate", "North Gate", True),
    ],
)
def test_a_place_is_known_by_what_tells_it_from_its_neighbours(
    written: str, checkpoint: str, same: bool
) -> None:
    assert at_place(written, checkpoint) is same


# --- the same line again --------------------------------------------------------------------------------


def test_a_line_is_known_again_whatever_its_number_spaces_and_emoji() -> None:
    first = fingerprints(read("1. 张伟 早班 东门\n2. 李四 晚班").lines)
    again = fingerprints(read("1、李四  晚班🙏\n2️⃣ 张伟 早班　东门\n3. 王五 早班").lines)
    assert set(first) < set(again)


def test_of_equal_lines_each_is_one() -> None:
    once, twice = (fingerprints(read("1. 张伟 早班\n" * n).lines) for n in (1, 2))
    assert once == twice[:1]
    assert len(set(twice)) == 2


def test_a_line_under_another_heading_is_another_line() -> None:
    first, second = fingerprints(read("东门：\n1. 张伟 早班\n南门：\n2. 张伟 早班", places=GATES).lines)
    assert first != second


# --- any text -------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"张伟李秀英王的了一二三十早中晚夜班门东南西北号点时分至到-—~～:：.。,，、/／()（）[]【】「」 \n\t　+＋xX×❌✅🙏️⃣①❶⒈0123456789０１２",
        "接龙",
        "取消",
        "全天",
        "都可以",
        "改",
        "次日",
        "199 0000 0001",
        "11月28日",
        "8:00-16:00",
        "卡口",
        "\u200b",
        "\u2028",
        "\x1e",
        "\x1f",
        "\x02",
        "\x030\x02",
        "\U000e0100",
        "\ud83d",
        "all day",
        "or",
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300)))
def test_any_text_is_read(text: str) -> None:
    chain = read(text, places=GATES, posts=("登记",))
    assert len(fingerprints(chain.lines)) == len(set(fingerprints(chain.lines))) == len(chain.lines)
    for line in chain.lines:
        assert set(line.questions) <= set(QUESTIONS)
        assert line.blank or line.mentions or "no-name" in line.questions
        for day in line.days:
            day.resolved(FRIDAY)
        for span in line.spans:
            assert span.starts is None or 0 <= span.starts <= 24 * 60
            assert span.ends is None or span.starts is None or span.starts < span.ends


HARD = {
    "figures": "1",
    "spaces": " ",
    "han": "张伟",
    "numbers": "1.",
    "brackets": "([【",
    "closing": ")]】",
    "times": "8:00-16:00 ",
    "words for times": "早上七点到",
    "next day": "次日 ",
    "places": "人民路口",
    "heads": "东门\n早班\n",
    "definitions": "早班8:00-16:00\n",
    "empty lines": "\n",
    "numbered": "\n1. 张伟 早班 东门",
    "one line": "1.张伟8:00-16:00东门+1 ",
    "companions": "+1带2人",
    "latin": "ab ",
    "places listed": "地点：东门、南门\n",
    "days": "11.24、",
    "stickers": "[玫瑰",
    "links": "https://a.b/",
}


@pytest.mark.parametrize("piece", HARD.values(), ids=HARD.keys())
def test_a_huge_text_takes_no_more_than_its_share_of_time(piece: str) -> None:
    """100,000 signs in under two seconds of this process, whatever they are."""
    text = (piece * (LONGEST_TEXT // len(piece) + 1))[:LONGEST_TEXT]
    places = [f"第{n}号门卡口" for n in range(60)]
    started = time.process_time()
    chain = read(text, places=places)
    assert time.process_time() - started < 2
    assert len(chain.lines) <= MOST_LINES + MOST_ABOVE


def test_many_different_long_lines_take_no_more_either() -> None:
    chance = random.Random(7)
    signs = "张伟李秀英早中晚班东门南到点时号0123456789:-.()，、 +" + string.ascii_letters
    lines = (f"{n}. " + "".join(chance.choices(signs, k=95)) for n in range(1, 1000))
    text = "\n".join(lines)
    started = time.process_time()
    read(text, places=GATES)
    assert time.process_time() - started < 2


def test_what_is_beyond_the_most_lines_is_said_to_be_left_over() -> None:
    assert read("\n".join(f"{n}. 张伟 早班" for n in range(3000))).left_over > 0
    assert read("x" * (LONGEST_TEXT + 1)).left_over > 0
    assert read("1. 张伟 早班").left_over == 0
