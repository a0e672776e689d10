"""The campaign of one real district (Xiangcheng, Suzhou, 2020) in figures, and how they are shared out.

Pure arithmetic: what is published of it are only the totals; who served where and when is made up so that
exactly these totals come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GRIDS = 598
STANDING_BRANCHES = 1_600
MEMBERS = 26_000
ACTION_BRANCHES = 187
TEMPORARY_BRANCHES = 26
ON_POST = 1_500
PERSON_TIMES = 13_000
DAYS = 10
SLOTS = 3


def shared_out(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole numbers that differ by one at most, the larger ones first."""
    least, more = divmod(total, parts)
    return [least + 1] * more + [least] * (parts - more)


@dataclass(frozen=True, slots=True)
class Duty:
    """One branch's share: so many people, and for each of its shifts in time order who stands there."""

    people: int
    shifts: tuple[tuple[int, ...], ...]

    @property
    def seats(self) -> int:
        return max(len(standing) for standing in self.shifts)


def duty(people: int, person_times: int, shifts: int = DAYS * SLOTS) -> Duty:
    """Round-robin: everybody in turn, so that each serves as often as the others (one more or less), no one
    twice in a shift, and between two shifts of one person others have stood."""
    turn = 0
    standing = []
    for count in shared_out(person_times, shifts):
        standing.append(tuple((turn + n) % people for n in range(count)))
        turn += count
    return Duty(people, tuple(standing))


def duties(branches: int, on_post: int, person_times: int) -> list[Duty]:
    """One for each branch; people and person-times add up to exactly what is asked."""
    people = shared_out(on_post, branches)
    times = shares_by_people(people, person_times)
    return [duty(count, share) for count, share in zip(people, times, strict=True)]


def shares_by_people(people: Sequence[int], person_times: int) -> list[int]:
    """Person-times for each branch in proportion to its people; the rest goes one by one to the first."""
    total = sum(people)
    shares = [person_times * count // total for count in people]
    for n in range(person_times - sum(shares)):
        shares[n % len(shares)] += 1
    return shares
