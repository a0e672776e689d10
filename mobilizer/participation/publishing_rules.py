"""What a public report leaves out: small cells, and as many others as keep them from being worked out.

A cell about one or two people tells of these people. It is hidden, and so that no sum gives it away, in every line that is
added up (a list, or each row and column of a pivot with its total) never one cell alone is hidden. In a pivot that is not
enough: two hidden cells of a row can still each be found through their columns. Cells that are hidden are edges between their
row and their column; a cell can be worked out exactly if it is a bridge, so further cells are hidden until there is none.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from mobilizer.errors import N_
from mobilizer.participation.rules import Figures

K = TypeVar("K", bound=Hashable)
FEWEST = 3
"""People, from whom on a cell is published."""

HIDDEN_MEANS = N_(
    "Cells about fewer than %(fewest)s people are shown as <%(fewest)s. Others are hidden beside them (…), always enough that "
    "no difference of what is shown gives them away. The totals are those of everything, also of what is hidden."
)
ONE_AT_A_TIME = N_(
    "Publish one such table of a period, not several that differ by a few people: their differences would tell of these."
)


def small(figures: Figures) -> bool:
    """Whether it tells of one or two people, signed up or on post."""
    return 0 < figures.on_post < FEWEST or 0 < figures.signed_up < FEWEST


def hidden_in_list(rows: Mapping[Hashable, Figures]) -> set[Hashable]:
    """The keys of the rows of a list with a total that are hidden."""
    hidden = {key for key, figures in rows.items() if small(figures)}
    while hidden and not _safe(rows, hidden):
        following = _smallest(rows, [key for key in rows if key not in hidden])
        if following is None:
            break
        hidden.add(following)
    return hidden


Place = tuple[Hashable, Hashable]
Cells = Mapping[Place, Figures]
TOTAL = "total"
"""The row and the column of totals; TOTAL of both is the total of all, which is shown whatever else is hidden."""


def hidden_in_pivot(cells: Cells) -> set[Place]:
    """The places that are hidden, totals of rows and columns among them, so that none can be worked out from the rest."""
    hidden = {place for place, figures in cells.items() if small(figures)}
    lines = _lines(cells)
    while following := _to_hide_next(cells, hidden, lines):
        hidden |= following
    return hidden


def _to_hide_next(cells: Cells, hidden: set[Place], lines: Mapping[Hashable, list[Place]]) -> set[Place]:
    for bridge in sorted(_bridges(hidden), key=repr):
        if found := _ring(cells, hidden, lines, bridge) or _ends(cells, hidden, lines, bridge):
            return found
    for line in sorted({line for place in hidden for line in _lines_of(place)}, key=repr):
        mine = [place for place in lines[line] if place in hidden]
        if _total_of(line) not in hidden and not _safe(cells, mine):
            smallest = _smallest(cells, _shown(lines[line], hidden))
            if smallest is not None:
                return {smallest}
    return set()


def _ring(
    cells: Cells, hidden: set[Place], lines: Mapping[Hashable, list[Place]], bridge: Place
) -> set[Place]:
    """What has to be hidden so that the bridge is one corner of four: the least there is."""
    row, column = bridge
    best, least = set[Place](), None

    def cost(place: Place) -> int:
        return 0 if place in hidden else cells[place].person_times or FEWEST

    def corners(line: tuple[str, Hashable]) -> list[Place]:
        """Cheapest first, so that whatever follows a dearer one can be left."""
        return sorted(
            (each for each in lines[line] if cells[each] and each not in (bridge, (TOTAL, TOTAL))), key=cost
        )

    for beside in corners(("row", row)):
        if least is not None and cost(beside) >= least:
            break
        for below in corners(("column", column)):
            opposite = (below[0], beside[1])
            together = cost(beside) + cost(below)
            if least is not None and together >= least:
                break
            if opposite == (TOTAL, TOTAL) or not cells.get(opposite):
                continue
            if least is None or together + cost(opposite) < least:
                least = together + cost(opposite)
                best = {beside, below, opposite} - hidden
    return best


def _ends(
    cells: Cells, hidden: set[Place], lines: Mapping[Hashable, list[Place]], bridge: Place
) -> set[Place]:
    """One more in its row and one in its column, where there are no four corners."""
    found = {_smallest(cells, _shown(lines[line], hidden)) for line in _lines_of(bridge)}
    return {each for each in found if each is not None}


def _shown(line: list[Place], hidden: set[Place]) -> list[Place]:
    return [place for place in line if place not in hidden and place != (TOTAL, TOTAL)]


def _lines_of(place: Place) -> tuple[Hashable, Hashable]:
    return ("row", place[0]), ("column", place[1])


def _total_of(line: Any) -> Place:
    which, key = line
    return (key, TOTAL) if which == "row" else (TOTAL, key)


def _lines(cells: Cells) -> dict[Hashable, list[Place]]:
    lines: dict[Hashable, list[Place]] = defaultdict(list)
    for place in cells:
        for line in _lines_of(place):
            lines[line].append(place)
    return lines


def _safe(line: Mapping[Any, Figures], hidden: Collection[Hashable]) -> bool:
    """Whether the sum of what is hidden, which is no secret, tells of nobody: more than two people are in it, and it is more,
    by two, than what must be in it at least. Whoever reads "<3" knows of one person-time there, and of three in what is
    hidden beside it.
    """
    least = sum(1 if small(line[key]) else FEWEST for key in hidden)
    together = sum(line[key].person_times for key in hidden)
    enough_people = any(not small(line[key]) for key in hidden)
    return len(hidden) > 1 and enough_people and together >= least + FEWEST - 1


def _smallest(cells: Mapping[K, Figures], places: Iterable[K]) -> K | None:
    """That which hides least: of the fewest person-times, but of some."""
    some = [place for place in places if cells[place]]
    return min(some, key=lambda place: (cells[place].person_times or FEWEST, repr(place)), default=None)


def _bridges(hidden: set[Place]) -> set[Place]:
    """The hidden cells without which their row and their column are no longer joined (Tarjan): what sums give away."""
    joined: dict[Hashable, list[Hashable]] = defaultdict(list)
    for place in hidden:
        row, column = _lines_of(place)
        joined[row].append(column)
        joined[column].append(row)
    order: dict[Hashable, int] = {}
    low: dict[Hashable, int] = {}
    found: set[Place] = set()
    for start in joined:
        if start not in order:
            found |= set(_bridges_from(start, joined, order, low))
    return found


def _bridges_from(
    start: Hashable,
    joined: Mapping[Hashable, list[Hashable]],
    order: dict[Hashable, int],
    low: dict[Hashable, int],
) -> Iterator[Place]:
    """Depth first without recursion. `order`: when a line was met; `low`: the earliest that it leads back to."""
    order[start] = low[start] = len(order)
    way: list[tuple[Hashable, Hashable, Iterator[Hashable]]] = [(start, None, iter(joined[start]))]
    while way:
        at, before, ahead = way[-1]
        for other in ahead:
            if other == before:
                continue
            if other in order:
                low[at] = min(low[at], order[other])
            else:
                order[other] = low[other] = len(order)
                way.append((other, at, iter(joined[other])))
                break
        else:
            way.pop()
            if before is not None:
                low[before] = min(low[before], low[at])
                if low[at] > order[before]:
                    yield _place_between(before, at)


def _place_between(one: Any, other: Any) -> Place:
    row, column = (one, other) if one[0] == "row" else (other, one)
    return row[1], column[1]
