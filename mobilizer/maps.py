"""Where a place is on the maps that people have: each with its own order of coordinates and its own datum.

Coordinates come in WGS 84, as the database keeps them. Chinese maps draw in GCJ-02, which in China lies 100 to 700 m off:
the published approximation of it is good to a metre or two. Outside of China nothing is shifted. Only the name and the
address of a place leave with a link, nothing of a person.
"""

import math
from urllib.parse import urlencode

# Krasovsky 1940, on which GCJ-02 shifts: semi-major axis in metres, eccentricity squared.
_AXIS, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
# (longitude, latitude) around what GCJ-02 shifts, good to some ten kilometres on land.
_OUTLINE = (
    *((73.4, 39.4), (80.2, 42.0), (80.3, 45.1), (82.6, 45.3), (85.6, 47.2), (85.7, 48.4), (87.8, 49.2)),
    *((91.0, 46.9), (90.9, 45.2), (95.4, 44.3), (96.4, 42.7), (101.8, 42.5), (105.0, 41.6), (109.4, 42.4)),
    *(
        (111.9, 43.7),
        (111.9, 45.1),
        (116.2, 46.3),
        (119.9, 46.7),
        (115.6, 47.9),
        (116.1, 49.8),
        (119.3, 50.3),
    ),
    *(
        (120.1, 52.7),
        (121.0, 53.3),
        (123.6, 53.6),
        (126.1, 52.7),
        (127.6, 50.4),
        (127.8, 49.6),
        (130.9, 47.7),
        (135.1, 48.4),
        (133.1, 45.1),
    ),
    *(
        (131.0, 44.9),
        (131.3, 43.5),
        (130.5, 42.6),
        (128.0, 42.0),
        (126.9, 41.7),
        (124.3, 40.0),
        (124.1, 39.5),
    ),
    *(
        (122.9, 38.0),
        (123.0, 36.5),
        (122.5, 31.0),
        (123.0, 29.0),
        (120.6, 26.5),
        (119.5, 25.0),
        (118.2, 23.9),
    ),
    *(
        (116.9, 22.8),
        (114.9, 22.0),
        (112.0, 21.3),
        (111.3, 19.5),
        (110.0, 18.0),
        (108.4, 18.5),
        (108.4, 21.0),
    ),
    *(
        (107.9, 21.5),
        (106.7, 22.0),
        (106.7, 22.9),
        (105.3, 23.3),
        (103.9, 22.5),
        (102.5, 22.7),
        (101.8, 21.1),
    ),
    *((100.1, 21.5), (99.2, 22.1), (98.7, 24.0), (97.6, 23.9), (97.6, 24.9), (98.7, 27.5), (97.3, 28.3)),
    *((91.6, 27.8), (89.0, 27.3), (88.8, 28.0), (86.0, 28.0), (81.0, 30.2), (78.8, 31.3), (78.7, 33.5)),
    *((78.0, 35.5), (76.0, 36.0), (74.6, 37.3), (73.7, 38.5)),
)


def is_shifted(latitude: float, longitude: float) -> bool:
    """Whether a point lies where GCJ-02 differs from WGS 84: within the outline of China's mainland."""
    inside = False
    for (x, y), (x_next, y_next) in zip(_OUTLINE, (*_OUTLINE[1:], _OUTLINE[0]), strict=True):
        if (y > latitude) != (y_next > latitude):
            inside ^= longitude < x + (latitude - y) / (y_next - y) * (x_next - x)
    return inside


def gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """WGS 84 to GCJ-02, both (latitude, longitude) in degrees; unchanged outside of China."""
    if not is_shifted(latitude, longitude):
        return latitude, longitude
    north, east = _shift(latitude, longitude)
    return latitude + north, longitude + east


def wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """GCJ-02 to WGS 84, to a centimetre of `gcj02`: what was picked on a Chinese map."""
    if not is_shifted(latitude, longitude):
        return latitude, longitude
    found = latitude, longitude
    for _round in range(6):
        north, east = _shift(*found)
        found = latitude - north, longitude - east
    return found


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    """How far GCJ-02 lies to the north and to the east of WGS 84, in degrees."""
    x, y = longitude - 105, latitude - 35

    def waves(value: float, *terms: tuple[float, float]) -> float:
        return sum(height * math.sin(math.pi * value / length) for height, length in terms) * 2 / 3

    both = waves(x, (20, 1 / 6), (20, 1 / 2))
    root = math.sqrt(abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += both + waves(y, (20, 1), (40, 3), (160, 12), (320, 30))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += both + waves(x, (20, 1), (40, 3), (150, 12), (300, 30))
    slant = math.radians(latitude)
    bulge = 1 - _ECCENTRICITY * math.sin(slant) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / bulge**1.5
    parallel = _AXIS / math.sqrt(bulge) * math.cos(slant)
    return math.degrees(north / meridian), math.degrees(east / parallel)


def links(name: str, address: str, latitude: float | None, longitude: float | None) -> dict[str, str]:
    """Addresses by map: amap, tencent and, where the place has coordinates, geo (RFC 5870: the phone's own program). A place
    without coordinates is searched by its address; one without either has none.

    https://lbs.amap.com/api/uri-api (longitude first, takes WGS 84), https://lbs.qq.com/webApi/uriV1/uriGuide (latitude
    first, GCJ-02).
    """
    if latitude is None or longitude is None:
        if not address:
            return {}
        return {
            "amap": "https://uri.amap.com/search?" + urlencode({"keyword": address, "src": "mobilizer"}),
            "tencent": "https://apis.map.qq.com/uri/v1/search?"
            + urlencode({"keyword": address, "referer": "mobilizer"}),
        }
    north, east = gcj02(latitude, longitude)
    marker = f"coord:{north:.6f},{east:.6f};title:{_plain(name)};addr:{_plain(address or name)}"
    amap = {
        "position": f"{longitude:.6f},{latitude:.6f}",
        "name": name,
        "coordinate": "wgs84",
        "src": "mobilizer",
        "callnative": "1",
    }
    return {
        "amap": "https://uri.amap.com/marker?" + urlencode(amap),
        "tencent": "https://apis.map.qq.com/uri/v1/marker?"
        + urlencode({"marker": marker, "referer": "mobilizer"}),
        "geo": f"geo:{latitude:.6f},{longitude:.6f}",
    }


def _plain(text: str) -> str:
    """Without the signs that part a marker's fields."""
    return text.replace(";", " ").replace(":", " ").replace("|", " ")
