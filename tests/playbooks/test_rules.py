"""A playbook as a value: kept and read back the same, written and read by people, taken from what was laid out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mobilizer.errors import Refused
from mobilizer.playbooks import body_rules, past_rules, rules, written_rules
from mobilizer.playbooks.past_rules import Past
from mobilizer.playbooks.rules import Later, Place, Playbook, Post
from mobilizer.playbooks.shipped import SHIPPED
from mobilizer.shifts.rules import PATTERNS, Spot

TZ = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 27, 14, 42, tzinfo=UTC)
"""22:42 on the wall."""
EVERY = [each.playbook for languages in SHIPPED.values() for each in languages.values()]
LOCK_DOWN = SHIPPED["community-lock-down"]["zh_CN"].playbook


def planned(playbook: Playbook, spots: int, first: datetime = NIGHT) -> list[Any]:
    return rules.plan(
        playbook,
        [Spot(n, "320507001002") for n in range(spots)],
        first=first,
        rest_at=rules.release(playbook, TZ, NIGHT),
        skills={"医护": 1},
        tz=TZ,
        now=NIGHT,
    )


# --- the four -------------------------------------------------------------------------------------------


def test_four_come_with_the_product_each_in_both_languages() -> None:
    assert set(SHIPPED) == {"flood-watch", "community-lock-down", "sampling-site", "snow-clearing"}
    assert all(set(languages) == {"zh_CN", "en"} for languages in SHIPPED.values())


@pytest.mark.parametrize("playbook", EVERY)
def test_each_of_them_can_be_used_at_once_in_a_unit_with_a_long_name(playbook: Playbook) -> None:
    assert body_rules.read(body_rules.body_of(playbook)) == playbook
    used = rules.for_unit(playbook, "相城区元和街道古巷社区居民委员会" * 2)
    assert body_rules.read(body_rules.body_of(used)) == used
    assert used.content
    assert used.risks
    assert used.kit
    assert "{" not in used.title + used.branch + used.operation
    first = rules.next_beginning(used, TZ, NIGHT)
    assert timedelta(minutes=30) <= first - NIGHT <= timedelta(days=1)
    assert planned(used, len(used.checkpoints), first)


@pytest.mark.parametrize("key", SHIPPED)
def test_both_languages_come_to_the_same_shifts(key: str) -> None:
    chinese, english = SHIPPED[key]["zh_CN"].playbook, SHIPPED[key]["en"].playbook
    assert rules.total(planned(chinese, 3)) == rules.total(planned(english, 3))
    assert chinese.dangerous == english.dangerous == (key in ("flood-watch", "snow-clearing"))


def test_the_night_of_the_issue_comes_to_105_shifts() -> None:
    sum_of = rules.total(planned(LOCK_DOWN, 5, rules.next_beginning(LOCK_DOWN, TZ, NIGHT)))
    assert (sum_of.shifts, sum_of.seats) == (105, 315)


# --- kept and read back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 0},
        {"days": True},
        {"days": "7"},
        {"overlap": 500},
        {"pattern": "half past never"},
        {"kind": "war"},
        {"category": "nothing"},
        {"dangerous": 1},
        {"title": None},
        {"title": "x" * 101},
        {"posts": []},
        {"posts": [["a", 0, 0, "", "all"]]},
        {"posts": [["a", 1, 2, "", "all"]]},
        {"posts": [["a", 1, 1, "", "noon"]]},
        {"posts": [["a", 1, 1, "", "all"], ["a", 2, 1, "", "day"]]},
        {"posts": "registration"},
        {"checkpoints": [["", ""]]},
        {"checkpoints": [["East Gate"]]},
        {"later": [1]},
        {"later": [-1, 0]},
        {"later": [0, 1440]},
    ],
    ids=str,
)
def test_a_body_that_does_not_hold_is_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        body_rules.read(body_rules.body_of(LOCK_DOWN) | wrong)
    assert str(refusal.value)


@pytest.mark.parametrize("body", [None, [], "text", {}, {"kind": "flood"}], ids=repr)
def test_what_is_no_playbook_at_all_is_refused(body: Any) -> None:
    with pytest.raises(Refused):
        body_rules.read(body)


def test_what_was_said_of_one_unit_is_said_of_the_next() -> None:
    here = rules.for_unit(LOCK_DOWN, "古巷社区")
    assert here.branch.startswith("古巷社区")
    assert rules.for_any_unit(here, "古巷社区") == LOCK_DOWN


# --- as people write it --------------------------------------------------------------------------------


def test_posts_are_written_as_they_are_read() -> None:
    posts = (Post("登记", 2, 1), Post("巡逻", 4, 2, "", "night"), Post("采样", 1, 1, "医护"), Post("", 3, 1))
    for words in ({"day": "day", "night": "night"}, {"day": "白天", "night": "夜间"}):
        assert written_rules.read_posts(written_rules.write_posts(posts, words)) == posts


@pytest.mark.parametrize(
    ("line", "post"),
    [
        ("登记，2，1", Post("登记", 2, 1)),
        ("登记，２人", Post("登记", 2, 1)),
        ("3", Post("", 3, 1)),
        ("guard, 4, 2, night", Post("guard", 4, 2, "", "night")),
        ("采样、2、1、医护、白天", Post("采样", 2, 1, "医护", "day")),
    ],
)
def test_a_post_is_read_however_it_is_written(line: str, post: Post) -> None:
    assert written_rules.read_posts(line) == (post,)


@pytest.mark.parametrize("text", ["", "登记", ",,,", "a, 1, 1, b, c", "a\n" * 17])
def test_posts_that_cannot_be_read_are_refused_at_their_field(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        written_rules.read_posts(text)
    assert refusal.value.field == "posts"


def test_a_place_that_is_written_twice_counts_once() -> None:
    assert written_rules.read_places("东门，富元路\n\n东门\nSouth Gate, 2 Elm St, back") == (
        Place("东门", "富元路"),
        Place("South Gate", "2 Elm St, back"),
    )


@pytest.mark.parametrize("written", ["3x8", "3×8", " 3 X 8 ", "３×８"])
def test_a_pattern_has_several_spellings(written: str) -> None:
    assert written_rules.read_pattern(written) == "3x8"


# --- from what was laid out -------------------------------------------------------------------------------


def past(playbook: Playbook, first: datetime, spots: int = 2) -> list[Past]:
    return [
        Past(
            each.day,
            each.starts_at,
            each.ends_at,
            each.post,
            each.capacity,
            each.least,
            "医护" if each.skill_id else "",
            each.held_back_until,
        )
        for each in planned(playbook, spots, first)
    ]


@pytest.mark.parametrize("playbook", EVERY)
def test_what_a_playbook_laid_out_is_that_playbook_again(playbook: Playbook) -> None:
    playbook = replace(playbook, days=max(playbook.days, 3))
    laid_out = past(playbook, rules.next_beginning(playbook, TZ, NIGHT))
    pattern, overlap = past_rules.pattern_of(past_rules.usual_slots(laid_out, TZ))
    again = replace(playbook, pattern=pattern, overlap=overlap)
    assert again.slots == playbook.slots
    assert set(past_rules.posts_of(laid_out, TZ)) == set(playbook.posts)
    assert past_rules.later_of(laid_out, NIGHT, TZ) == playbook.later


@pytest.mark.parametrize("name", PATTERNS)
def test_the_named_patterns_are_known_again_with_their_hand_over(name: str) -> None:
    playbook = replace(LOCK_DOWN, pattern=name, overlap=20)
    laid_out = past(playbook, NIGHT + timedelta(hours=3))
    assert past_rules.pattern_of(past_rules.usual_slots(laid_out, TZ)) == (name, 20)


def test_fewer_people_by_night_are_kept_so() -> None:
    posts = (Post("guard", 4, 2, "", "day"), Post("guard", 2, 1, "", "night"))
    laid_out = past(replace(LOCK_DOWN, posts=posts), NIGHT + timedelta(hours=3))
    assert past_rules.posts_of(laid_out, TZ) == posts


def test_the_last_day_counts() -> None:
    day = date(2026, 11, 28)
    two = [
        Past(each, NIGHT, NIGHT + timedelta(hours=1), "", 1, 1, "", None)
        for each in (day, day + timedelta(2))
    ]
    assert past_rules.days_of(two) == 3
    assert past_rules.later_of(two, NIGHT, TZ) is None
    held = [each._replace(held_back_until=NIGHT + timedelta(hours=10)) for each in two]
    assert past_rules.later_of(held, NIGHT, TZ) == Later(1, 42 + 8 * 60)
