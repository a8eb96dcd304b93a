"""A grid of square cells finds what looking at all finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huying.geo.grid import Grid
from huying.geo.points import distance_m

NEAR = st.floats(-0.01, 0.01, allow_nan=False, allow_infinity=False)


@given(
    centre=st.sampled_from([(28.1, 121.2), (0.0, 0.0), (-33.9, 151.2), (64.1, -21.9), (40.2, -75.3)]),
    built_for=st.sampled_from([0.0, 28.0, 60.0]),
    points=st.lists(st.tuples(NEAR, NEAR), max_size=40),
    metres=st.floats(1, 300),
)
def test_equal_to_looking_at_all(centre, built_for, points, metres) -> None:
    grid: Grid[int] = Grid(300, built_for, cell_max=100)
    there = {n: (centre[0] + up, centre[1] + over) for n, (up, over) in enumerate(points)}
    for n, point in there.items():
        grid.put(n, "a" if n % 3 else "b", *point)
    all_of_them = sorted((distance_m(*centre, *point), n) for n, point in there.items())
    for kind, here in (("a", lambda n: n % 3), ("b", lambda n: not n % 3), ("c", lambda n: False)):
        near = [each for each in all_of_them if each[0] <= metres and here(each[1])]
        assert grid.within(kind, *centre, metres) == near


def test_points_move_and_go_and_a_full_cell_takes_no_more() -> None:
    grid: Grid[str] = Grid(150, 28.0, cell_max=2)
    assert grid.put("a", "fire", 28.0, 121.0) and grid.put("b", "fire", 28.0, 121.0)
    assert not grid.put("c", "fire", 28.0, 121.0)
    assert grid.put("d", "noise", 28.0, 121.0)  # other kinds have room of their own
    assert grid.put("a", "fire", 28.1, 121.0)  # moves away and makes room
    assert grid.put("c", "fire", 28.0, 121.0)
    assert grid.put("d", "fire", 28.1, 121.0)  # becomes another kind elsewhere
    assert [key for _, key in grid.within("fire", 28.0, 121.0, 100)] == ["b", "c"]
    assert grid.within("noise", 28.0, 121.0, 100) == []
    grid.remove("d")
    grid.remove("b")
    grid.remove("never there")
    assert len(grid) == 2
