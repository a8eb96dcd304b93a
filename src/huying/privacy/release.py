"""Tables of counts that may be published: small numbers are hidden, and so is what would give them away.

A table is counts by row and column with the totals of both. A number below k is hidden; then more are hidden
until nothing hidden can be worked out from what is left: neither alone (it would be a bridge between lines of
the table), nor as a sum below k of what is hidden in one line. Method: cell suppression with complementary
cells, as statistical offices do; the audit by bridges is exact for a table with two margins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

# Below this a number may lead to a person; EU practice for sensitive matters is 10.
K = 10
# Rows or columns of one table: above, an audit would take seconds and nobody could read it.
LINES_MAX = 400

Cell = tuple[int, int]


class Released(Struct, frozen=True):
    """`numbers` are those of each row, the row's total last, and the totals' row at the end; None is hidden.

    `primary` counts the numbers below k, `complementary` those that were hidden to protect them.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: tuple[tuple[int | None, ...], ...]
    primary: int = 0
    complementary: int = 0


def release(
    counts: Mapping[tuple[str, str], int],
    rows: Sequence[str],
    columns: Sequence[str],
    k: int = K,
    sensitive: frozenset[str] | None = None,
) -> Released:
    """The table of `counts` by (row, column) as it may be published.

    Args:
        sensitive: columns in which numbers below k are hidden; all when not given. A zero is no number of
            anybody's and stays, unless it is hidden to protect another.
    """
    if len(rows) > LINES_MAX or len(columns) > LINES_MAX:
        raise ValueError("the table is too large to be audited")
    grid = _with_totals([[counts.get((row, column), 0) for column in columns] for row in rows])
    hidden = {
        (i, j)
        for i in range(len(rows))
        for j, column in enumerate(columns)
        if 0 < grid[i][j] < k and (sensitive is None or column in sensitive)
    }
    primary = len(hidden)
    _protect(grid, hidden, k)
    numbers = tuple(
        tuple(None if (i, j) in hidden else value for j, value in enumerate(line))
        for i, line in enumerate(grid)
    )
    return Released(tuple(rows), tuple(columns), numbers, primary, len(hidden) - primary)


def _with_totals(grid: list[list[int]]) -> list[list[int]]:
    lines = [[*line, sum(line)] for line in grid]
    totals = [sum(column) for column in zip(*lines, strict=True)] if lines else [0]
    return [*lines, totals]


def _protect(grid: list[list[int]], hidden: set[Cell], k: int) -> None:
    """Hide more until the audit finds nothing; the smallest numbers first, so that little is lost."""
    while True:
        weak = next(iter(_weak_lines(grid, hidden, k)), None)
        if weak is None:
            return
        spare = [cell for cell in _line(grid, weak) if cell not in hidden]
        if not spare:
            raise AssertionError("a line whose every number is hidden gives nothing away")
        across = _crossed(hidden, weak)
        # Totals are wanted most, nobody is protected by a zero, and a circle closed saves another number.
        hidden.add(
            min(
                spare,
                key=lambda cell: (
                    _is_total(grid, cell),
                    not _value(grid, cell),
                    cell[weak[0] == "row"] not in across,
                    _value(grid, cell),
                ),
            )
        )


def _crossed(hidden: set[Cell], line: tuple[str, int]) -> set[int]:
    """The lines across this one in which something is hidden already."""
    return {cell[line[0] == "row"] for cell in hidden}


def _weak_lines(grid: list[list[int]], hidden: set[Cell], k: int) -> list[tuple[str, int]]:
    """Lines in which something hidden can be worked out."""
    weak: list[tuple[str, int]] = []
    last_row, last_column = len(grid) - 1, len(grid[0]) - 1
    for line in _lines(grid):
        cells = _hidden_in(grid, hidden, line)
        total = (line[1], last_column) if line[0] == "row" else (last_row, line[1])
        if cells and total not in hidden and sum(_value(grid, cell) for cell in cells) < k:
            weak.append(line)
    if weak:
        return weak
    open_ends = [
        (len(_hidden_in(grid, hidden, line)), line)
        for i, j in bridges(hidden)
        for line in (("row", i), ("column", j))
        if any(cell not in hidden for cell in _line(grid, line))
    ]
    # Another hidden number in a line of the bridge makes a circle through it; begin where it ends.
    return [line for _, line in sorted(open_ends)]


def _hidden_in(grid: list[list[int]], hidden: set[Cell], line: tuple[str, int]) -> list[Cell]:
    return [cell for cell in _line(grid, line) if cell in hidden]


def _lines(grid: list[list[int]]) -> list[tuple[str, int]]:
    return [*(("row", i) for i in range(len(grid))), *(("column", j) for j in range(len(grid[0])))]


def _line(grid: list[list[int]], line: tuple[str, int]) -> list[Cell]:
    kind, n = line
    if kind == "row":
        return [(n, j) for j in range(len(grid[0]))]
    return [(i, n) for i in range(len(grid))]


def _value(grid: list[list[int]], cell: Cell) -> int:
    return grid[cell[0]][cell[1]]


def _is_total(grid: list[list[int]], cell: Cell) -> bool:
    return cell[0] == len(grid) - 1 or cell[1] == len(grid[0]) - 1


def bridges(hidden: set[Cell]) -> set[Cell]:
    """Hidden cells that follow from the rest: each is an edge between its row and its column, and follows
    exactly when no circle of hidden cells goes through it."""
    lines: dict[tuple[str, int], list[Cell]] = {}
    for cell in hidden:
        lines.setdefault(("row", cell[0]), []).append(cell)
        lines.setdefault(("column", cell[1]), []).append(cell)
    found: set[Cell] = set()
    order: dict[tuple[str, int], int] = {}
    low: dict[tuple[str, int], int] = {}
    for start in lines:
        if start not in order:
            _walk(start, lines, order, low, found)
    return found


def _walk(
    start: tuple[str, int],
    lines: Mapping[tuple[str, int], list[Cell]],
    order: dict[tuple[str, int], int],
    low: dict[tuple[str, int], int],
    found: set[Cell],
) -> None:
    """Tarjan's search for bridges, without recursion."""
    order[start] = low[start] = len(order)
    stack = [(start, (-1, -1), iter(lines[start]))]
    while stack:
        here, came_by, rest = stack[-1]
        cell = next(rest, None)
        if cell is None:
            stack.pop()
            if stack:
                above = stack[-1][0]
                low[above] = min(low[above], low[here])
                if low[here] > order[above]:
                    found.add(came_by)
            continue
        if cell == came_by:
            continue
        there = ("column", cell[1]) if here[0] == "row" else ("row", cell[0])
        if there in order:
            low[here] = min(low[here], order[there])
        else:
            order[there] = low[there] = len(order)
            stack.append((there, cell, iter(lines[there])))
