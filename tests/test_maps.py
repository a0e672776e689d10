"""A tap on an address leads to the place itself: each map gets its own order of coordinates and its own datum."""

import math
from urllib.parse import parse_qs, urlsplit

import pytest

from mobilizer import maps


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two points lie apart, near each other."""
    north = math.radians(one[0] - other[0]) * 6371000
    east = math.radians(one[1] - other[1]) * 6371000 * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


KNOWN = {
    "Shanghai": ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    "Shenzhen": ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    "Beijing": ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
}
"""Pairs that many implementations of the published formula are tested with."""


@pytest.mark.parametrize("place", KNOWN)
def test_a_point_in_china_is_shifted_as_the_maps_there_are(place: str) -> None:
    before, after = KNOWN[place]
    assert metres(maps.gcj02(*before), after) < 1
    assert 100 < metres(before, after) < 800
    assert metres(maps.wgs84(*after), before) < 0.5


OUTSIDE = {
    "Tokyo": (35.6812, 139.7671),
    "Seoul": (37.5665, 126.978),
    "Taipei": (25.033, 121.5654),
    "Hanoi": (21.0278, 105.8342),
    "Ulaanbaatar": (47.8864, 106.9057),
    "Delhi": (28.6139, 77.209),
    "Almaty": (43.222, 76.8512),
    "Vladivostok": (43.1155, 131.8855),
    "Denver": (39.7392, -104.9903),
    "Brisbane": (-27.4698, 153.0251),
    "a pole": (90.0, 0.0),
}


@pytest.mark.parametrize("place", OUTSIDE)
def test_a_point_outside_of_china_stays_where_it_is(place: str) -> None:
    assert maps.gcj02(*OUTSIDE[place]) == maps.wgs84(*OUTSIDE[place]) == OUTSIDE[place]


@pytest.mark.parametrize(
    "point",
    [
        (31.37, 120.63),
        (43.8256, 87.6168),
        (29.65, 91.13),
        (45.75, 126.63),
        (20.03, 110.35),
        (18.25, 109.51),
        (26.08, 119.3),
        (24.48, 118.09),
        (25.04, 102.71),
        (36.07, 120.38),
        (39.47, 75.99),
        (50.25, 127.49),
    ],
)
def test_cities_of_china_are_in_it(point: tuple[float, float]) -> None:
    assert maps.is_shifted(*point)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_each_map_has_its_own_order_and_datum() -> None:
    latitude, longitude = 31.37, 120.63
    found = maps.links("东门", "人民路1号; 门口", latitude, longitude)
    assert found["geo"] == "geo:31.370000,120.630000"
    amap = asked(found["amap"])
    assert found["amap"].startswith("https://uri.amap.com/marker?")
    assert (amap["position"], amap["coordinate"], amap["name"]) == ("120.630000,31.370000", "wgs84", "东门")
    tencent = asked(found["tencent"])
    assert found["tencent"].startswith("https://apis.map.qq.com/uri/v1/marker?")
    coordinates, title, address = tencent["marker"].split(";")
    assert (title, address) == ("title:东门", "addr:人民路1号  门口")
    north, east = map(float, coordinates.removeprefix("coord:").split(","))
    assert metres((north, east), maps.gcj02(latitude, longitude)) < 1
    assert metres((north, east), (latitude, longitude)) > 100


def test_a_place_without_coordinates_is_searched_and_one_without_an_address_is_not() -> None:
    found = maps.links("东门", "相城区人民路1号", None, None)
    assert set(found) == {"amap", "tencent"}
    assert {asked(link)["keyword"] for link in found.values()} == {"相城区人民路1号"}
    assert maps.links("东门", "", None, None) == {}
