"""What a check-in rests on, and how near is near: pure decisions on values."""

import math
import unicodedata
from typing import NamedTuple

from mobilizer.errors import N_, Refused

ROSTER, POSTER, SCREEN_CODE, OWN_CODE = "roster", "poster", "screen-code", "own-code"

SIGNS = "34679ACDEFGHJKMNPQRTVWXY"
"""Of a poster's code: no two of them look alike, and of each pair that does (0 O, 1 I, 2 Z, 5 S, 8 B) neither is there."""

LENGTH = 8

UNSURE_M = 200
"""A phone says how unsure it is of its place. So far, and no farther, that counts in its favour, in metres: what
does not know its place to a kilometre knows nothing."""

EARTH_M = 6_371_000


class Place(NamedTuple):
    """Where a phone says it is: WGS 84 degrees, and how unsure it is, in metres. Used at once and never kept."""

    latitude: float
    longitude: float
    unsure_m: float


class Nearness(NamedTuple):
    """What is kept of a place: whether it was within the radius, and how far from the checkpoint, to 10 metres."""

    near: bool
    distance_m: int


def place(latitude: str, longitude: str, accuracy: str) -> Place | None:
    """What a form carries of a phone's place; None where it is missing or cannot be."""
    try:
        found = Place(float(latitude), float(longitude), float(accuracy or 0))
    except ValueError:
        return None
    possible = abs(found.latitude) <= 90 and abs(found.longitude) <= 180 and found.unsure_m >= 0
    return found if possible and all(map(math.isfinite, found)) else None


def distance_m(latitude: float, longitude: float, at: Place) -> float:
    """Along the ground, by the haversine formula on a sphere."""
    one, other = math.radians(latitude), math.radians(at.latitude)
    across = math.sin((other - one) / 2) ** 2
    along = math.sin(math.radians(at.longitude - longitude) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(across + math.cos(one) * math.cos(other) * along, 1.0)))


def nearness(latitude: float, longitude: float, at: Place, radius_m: int) -> Nearness:
    """Near: within the radius, and what the phone is unsure of counts in its favour up to UNSURE_M."""
    distance = distance_m(latitude, longitude, at)
    return Nearness(distance - min(at.unsure_m, UNSURE_M) <= radius_m, round(distance / 10) * 10)


def plain_code(typed: str) -> str:
    """A code as it is kept, whatever a hand has typed: full-width or small letters, spaces and dashes between."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed[:60]).upper() if sign.isalnum())


def is_poster_code(code: str) -> bool:
    return len(code) == LENGTH and all(sign in SIGNS for sign in code)


def shown_code(code: str) -> str:
    """In two groups, as it is read aloud."""
    return f"{code[:4]} {code[4:]}"


def enough(way: str, allowed: bool) -> None:
    """Raises Refused where the branch does not take this way; the leader's tick is always there."""
    if allowed:
        return
    words = {
        POSTER: N_("In this branch the poster is not enough. The leader can check you in."),
        SCREEN_CODE: N_(
            "In this branch the code on the leader’s screen is not used. The leader can check you in."
        ),
        OWN_CODE: N_("In this branch the member’s own code is not used. Please tick them on the roster."),
    }
    raise Refused("way-not-enough", words[way])


def within_radius(found: Nearness | None, radius_m: int | None, *, has_coordinates: bool) -> None:
    """Raises Refused where the branch asks for nearness and it is not shown, each time saying what is possible."""
    if radius_m is None:
        return
    if not has_coordinates:
        raise Refused(
            "place-unknown",
            N_(
                "The branch asks that you be near, but this checkpoint’s place is not entered. "
                "The leader can check you in: by the code on their screen, or with a tick."
            ),
        )
    if found is None:
        raise Refused(
            "place-missing",
            N_(
                "For the poster the branch asks that you be within %(radius)s m, and your phone did not say where "
                "it is. Allow it and try again, or the leader checks you in: by their code, or with a tick."
            ),
            radius=radius_m,
        )
    if not found.near:
        raise Refused(
            "too-far",
            N_(
                "You are about %(distance)s m from the checkpoint; for the poster it has to be within %(radius)s m. "
                "If you are there, the leader can check you in."
            ),
            distance=found.distance_m,
            radius=radius_m,
        )
