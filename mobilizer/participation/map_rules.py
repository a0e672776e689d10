"""A map drawn from coordinates alone: where each point lies on the sheet, how large it is, and which names fit.

Degrees are WGS 84. Over a district the earth is flat enough for an equirectangular projection: a degree of longitude is as
long as one of latitude times the cosine of the latitude in the middle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from math import cos, radians, sqrt
from typing import NamedTuple

WIDE, LOWEST, HIGHEST, MARGIN = 360.0, 200.0, 420.0, 26.0
"""Of the sheet, in its own units (a phone's pixels)."""
METRES_A_DEGREE = 111_320
NEAREST = 400
"""Metres that the sheet shows at least, so that two gates of one yard do not look a town apart."""
SMALLEST, LARGEST = 4.0, 17.0
LETTER, LINE = 11.0, 13.0
"""How wide a Chinese character is, and how high a line."""


class Point(NamedTuple):
    """A checkpoint: where it is, how much it counts for, and the village or community whose name it may bear."""

    key: int
    latitude: float
    longitude: float
    weight: int
    place: str


class Spot(NamedTuple):
    """The same on the sheet; `radius` for an area that goes with the weight."""

    key: int
    x: float
    y: float
    radius: float


class Label(NamedTuple):
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """`bar` is as long on the sheet as `metres` are."""

    height: float
    spots: list[Spot]
    labels: list[Label]
    metres: int
    bar: float


def sheet_of(points: list[Point]) -> Sheet | None:
    """The map of these points, the largest drawn first so that none hides behind another; None without any."""
    if not points:
        return None
    middle = cos(radians(sum(point.latitude for point in points) / len(points)))
    xs = [point.longitude * middle * METRES_A_DEGREE for point in points]
    ys = [-point.latitude * METRES_A_DEGREE for point in points]
    wide, high = (max(max(each) - min(each), NEAREST) for each in (xs, ys))
    scale = min((WIDE - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
    height = max(high * scale + 2 * MARGIN, LOWEST)
    centre = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    most = max(point.weight for point in points)
    spots = [
        Spot(
            point.key,
            round((x - centre[0]) * scale + WIDE / 2, 1),
            round((y - centre[1]) * scale + height / 2, 1),
            round(max(LARGEST * sqrt(point.weight / most), SMALLEST), 1) if point.weight > 0 else 0.0,
        )
        for point, x, y in zip(points, xs, ys, strict=True)
    ]
    metres = nice(WIDE / 3 / scale)
    labels = _labels(points, spots, height)
    return Sheet(
        round(height, 1),
        sorted(spots, key=lambda spot: (-spot.radius, spot.key)),
        labels,
        metres,
        round(metres * scale, 1),
    )


def nice(metres: float) -> int:
    """The largest 1, 2 or 5 with noughts that is not more."""
    best = 1
    for power in count():
        for step in (1, 2, 5):
            if step * 10**power > metres:
                return best
            best = step * 10**power
    raise AssertionError("numbers do not end")


def _labels(points: list[Point], spots: list[Spot], height: float) -> list[Label]:
    """A village's name below or above its heaviest spot, where it lies on no other name or spot; what weighs most comes
    first."""
    heaviest: dict[str, tuple[int, Spot]] = {}
    for point, spot in zip(points, spots, strict=True):
        if point.place not in heaviest or point.weight > heaviest[point.place][0]:
            heaviest[point.place] = (point.weight, spot)
    taken = [_box(spot.x, spot.y + _reach(spot), 2 * _reach(spot), _reach(spot)) for spot in spots]
    found = []
    for name, (_weight, spot) in sorted(heaviest.items(), key=lambda each: (-each[1][0], each[0])):
        half = _width(name) / 2
        x = min(max(spot.x, half + 2), WIDE - half - 2)
        for y in (spot.y + _reach(spot) + LINE, spot.y - _reach(spot) - 4):
            box = _box(x, y + 2, LINE, half)
            if LINE < y < height - 20 and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append(Label(name, round(x, 1), round(y, 1)))
                break
    return found


def _reach(spot: Spot) -> float:
    return max(spot.radius, SMALLEST)


def _box(x: float, bottom: float, high: float, half: float) -> tuple[float, float, float, float]:
    return x - half, bottom - high, x + half, bottom


def _width(text: str) -> float:
    return sum(LETTER if ord(sign) > 0x2E7F else LETTER * 0.56 for sign in text)


def _meet(one: Iterable[float], other: Iterable[float]) -> bool:
    left, top, right, bottom = one
    left_, top_, right_, bottom_ = other
    return left < right_ and left_ < right and top < bottom_ and top_ < bottom
