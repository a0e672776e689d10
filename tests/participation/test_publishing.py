"""What a public report hides cannot be worked out from what it shows."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mobilizer.participation.publishing_rules import (
    FEWEST,
    TOTAL,
    hidden_in_list,
    hidden_in_pivot,
    small,
)
from mobilizer.participation.rules import Figures


def served(people: int, times: int | None = None) -> Figures:
    return Figures(people, people, people if times is None else times, 60 * people, 7)


def test_a_row_about_two_people_is_hidden_and_so_is_the_smallest_beside_it() -> None:
    rows = {"a": served(2), "b": served(9), "c": served(5), "d": served(0)}
    assert hidden_in_list(rows) == {"a", "c"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert hidden_in_list({"a": served(3), "b": served(0), "c": served(400)}) == set()
    assert hidden_in_list({}) == set()


def test_three_rows_of_one_are_not_left_to_be_told_by_their_sum() -> None:
    """Each "<3" stands for one at least, so a sum of three would say that each is one."""
    rows = {"a": served(1), "b": served(1), "c": served(1), "d": served(8)}
    assert hidden_in_list(rows) == set(rows)


def test_where_all_are_small_all_are_hidden() -> None:
    assert hidden_in_list({"a": served(1), "b": served(1)}) == {"a", "b"}


def test_who_signed_up_is_as_private_as_who_served() -> None:
    assert small(Figures(signed_up=2))
    assert not small(Figures(signed_up=3))


pivots = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 9, 30]), min_size=columns, max_size=columns),
        min_size=1,
        max_size=5,
    )
)


def with_totals(table: list[list[int]]) -> dict[Any, Figures]:
    """Nobody is in two cells: then people add up, which is when a sum tells most."""
    rows, columns = range(len(table)), range(len(table[0]))
    cells = {(r, c): served(table[r][c]) for r in rows for c in columns}
    cells |= {(r, TOTAL): served(sum(table[r])) for r in rows}
    cells |= {(TOTAL, c): served(sum(row[c] for row in table)) for c in columns}
    return cells | {(TOTAL, TOTAL): served(sum(map(sum, table)))}


def determined(cells: dict[Any, Figures], hidden: set[Any]) -> set[Any]:
    """The hidden cells that the sums of rows and columns give exactly: Gauss-Jordan over fractions."""
    unknown = sorted(hidden, key=repr)
    equations = []
    for axis in (0, 1):
        for key in {place[axis] for place in cells}:
            line = [place for place in cells if place[axis] == key]
            signs = [
                Fraction((1 if place[1 - axis] != TOTAL else -1) if place in line else 0) for place in unknown
            ]
            if any(signs):
                equations.append(signs)
    done = 0
    for column in range(len(unknown)):
        pivot = next((at for at in range(done, len(equations)) if equations[at][column]), None)
        if pivot is None:
            continue
        equations[done], equations[pivot] = equations[pivot], equations[done]
        equations[done] = [value / equations[done][column] for value in equations[done]]
        for at, other in enumerate(equations):
            if at != done and other[column]:
                equations[at] = [a - other[column] * b for a, b in zip(other, equations[done], strict=True)]
        done += 1
    return {unknown[row.index(1)] for row in equations[:done] if sum(value != 0 for value in row) == 1}


@settings(max_examples=150, deadline=None)
@given(pivots)
def test_no_hidden_cell_is_given_away_by_sums_of_rows_and_columns(table: list[list[int]]) -> None:
    cells = with_totals(table)
    hidden = hidden_in_pivot(cells)
    assert {place for place, figures in cells.items() if small(figures)} <= hidden
    everything = {place for place, figures in cells.items() if figures} - {(TOTAL, TOTAL)}
    if not everything <= hidden:
        given_away = {place for place in determined(cells, hidden) if cells[place].on_post}
        assert {place for place in given_away if small(cells[place])} == set()


def test_two_hidden_of_a_row_are_not_found_through_their_columns() -> None:
    """Two rings of hidden cells joined by one: every line has two, and yet the one between could be worked out."""
    table = [[1, 1, 30, 30], [1, 1, 2, 30], [30, 30, 1, 1], [30, 30, 1, 1]]
    cells = with_totals(table)
    small_ones = {place for place, figures in cells.items() if small(figures)}
    assert (1, 2) in determined(cells, small_ones)
    assert determined(cells, hidden_in_pivot(cells)) == set()


def test_a_large_pivot_hides_no_more_than_it_has_to() -> None:
    table = [[30] * 12 for _ in range(20)]
    table[3][4] = 2
    hidden = hidden_in_pivot(with_totals(table))
    assert (3, 4) in hidden
    assert len(hidden) == 4, "a rectangle"
    assert FEWEST == 3
