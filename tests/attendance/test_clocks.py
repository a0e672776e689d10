"""What a phone says later, of a time without a network: its clock may be wrong, the span between its readings is not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilizer.attendance import clocks, rules
from mobilizer.attendance.clocks import Reading
from mobilizer.errors import Refused

NOW = datetime(2026, 11, 24, 0, 30, 12, tzinfo=UTC)
skews = st.timedeltas(timedelta(days=-3000), timedelta(days=3000))
waits = st.timedeltas(timedelta(0), clocks.KEPT_WAITING)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(skews, waits, offsets)
def test_however_wrong_the_clock_the_time_used_is_right(
    skew: timedelta, waited: timedelta, zone: timezone
) -> None:
    said, sent = NOW - waited + skew, NOW + skew
    reading = clocks.read(said.astimezone(zone).isoformat(), sent.isoformat())
    when = clocks.when(NOW, reading=reading)
    assert (when.at, when.clock, when.received_at) == (NOW - waited, "device", NOW)
    assert when.device_at == said
    assert when.judged_at == when.at


@given(skews, waits)
def test_milliseconds_since_1970_say_the_same(skew: timedelta, waited: timedelta) -> None:
    def milliseconds(at: datetime) -> str:
        return str((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))

    reading = clocks.read(milliseconds(NOW - waited + skew), milliseconds(NOW + skew))
    assert abs(clocks.when(NOW, reading=reading).at - (NOW - waited)) <= timedelta(milliseconds=1)


@given(waits, st.timedeltas(timedelta(minutes=-2), timedelta(hours=30)))
def test_no_reading_makes_an_arrival_that_lies_outside_the_shift(waited: timedelta, into: timedelta) -> None:
    """Whatever a forged pair says, the time used lies in the shift's window and not after now."""
    starts_at = NOW - into
    ends_at = starts_at + timedelta(hours=8)
    when = clocks.when(NOW, reading=Reading(NOW - waited, NOW))
    try:
        rules.may_note("open", starts_at, when.judged_at)
        arrived = rules.arrival(when.at, starts_at, ends_at, NOW)
    except Refused:
        return
    assert starts_at - rules.OPENS <= when.at
    assert starts_at - rules.MARGIN <= arrived < ends_at
    assert arrived <= NOW


def test_what_was_typed_counts_before_the_phone_and_the_phone_before_us() -> None:
    typed = NOW - timedelta(hours=2)
    reading = Reading(NOW - timedelta(hours=1), NOW)
    assert clocks.when(NOW)[:2] == (NOW, "server")
    assert clocks.when(NOW, reading=reading)[:2] == (NOW - timedelta(hours=1), "device")
    assert clocks.when(NOW, typed=typed, reading=reading)[:2] == (typed, "typed")


@pytest.mark.parametrize(
    ("device_at", "sent_at"),
    [
        ("yesterday", NOW.isoformat()),
        (NOW.isoformat(), ""),
        ("", NOW.isoformat()),
        ("2026-11-24T08:00", NOW.isoformat()),
        ("9" * 30, NOW.isoformat()),
        ("-1", NOW.isoformat()),
        ("9999-12-31T23:59:59-14:00", NOW.isoformat()),
        ("\x00", "\x00"),
        ("²", "²"),
    ],
)
def test_a_reading_that_is_none_is_refused_in_words(device_at: str, sent_at: str) -> None:
    with pytest.raises(Refused) as refusal:
        clocks.read(device_at, sent_at)
    assert (refusal.value.code, refusal.value.status) == ("device-time-unreadable", 422)


def test_a_clock_that_was_set_meanwhile_is_believed_no_more() -> None:
    with pytest.raises(Refused) as refusal:
        clocks.read(NOW.isoformat(), (NOW - timedelta(hours=2)).isoformat())
    assert refusal.value.code == "device-clock-set"
    trembling = clocks.read(NOW.isoformat(), (NOW - timedelta(seconds=3)).isoformat())
    assert clocks.when(NOW, reading=trembling).at == NOW


def test_what_waited_longer_than_its_key_is_known_is_refused() -> None:
    old = Reading(NOW - clocks.KEPT_WAITING - timedelta(seconds=1), NOW)
    with pytest.raises(Refused) as refusal:
        clocks.when(NOW, reading=old)
    assert refusal.value.code == "device-too-old"


def test_nothing_said_of_a_clock_is_no_reading() -> None:
    assert clocks.read("", " ") is None
