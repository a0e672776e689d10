"""What a leader types as a time, and which moment it is."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from mobilizer.attendance import times
from mobilizer.errors import Refused
from tests.attendance.leaders import at

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = at(20)


@pytest.mark.parametrize("typed", ["08:05+03:00", "T08:05", "8", "25:00", "noon", "-1:00"])
def test_what_is_no_time_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        times.read(typed, NIGHT, ZONE, "arrived")
    assert refusal.value.field == "arrived"


def test_a_time_of_day_is_the_first_one_from_four_hours_before_the_shift() -> None:
    assert times.read("16:00", NIGHT, ZONE, "arrived") == at(16)
    assert times.read("15:59", NIGHT, ZONE, "arrived") == at(15, 59) + timedelta(days=1)
    assert times.read(" 2：05 ", NIGHT, ZONE, "arrived") == at(2, 5) + timedelta(days=1)
    assert times.read("", NIGHT, ZONE, "arrived") is None


def test_a_whole_date_is_on_the_wall_clock_of_the_place_and_brings_no_zone_of_its_own() -> None:
    written = at(2, 5).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    assert times.read(written, NIGHT, ZONE, "left") == at(2, 5)
    for zone in ("Z", "+00:00", "+08:00"):
        with pytest.raises(Refused):
            times.read(written + zone, NIGHT, ZONE, "left")
