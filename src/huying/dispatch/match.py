"""Which unit fills which slot, when one unit could fill several."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

Candidate = tuple[float, str]
"""(cost, unit code), in order."""

# An empty slot costs more than any way to fill it: 10⁹ s are 30 years, and at most 24 slots are summed.
_EMPTY = 1e9
_NEVER = 1e12


def match(wanted: Sequence[Sequence[Candidate]]) -> list[Candidate | None]:
    """For each slot one of its candidates or None, each unit at most once.

    As many slots as possible are filled, and among such choices the sum of costs is least. When nobody is
    wanted twice the first candidates are the answer; otherwise the Hungarian method (Kuhn 1955) decides, in
    O(slots² · candidates).

    Args:
        wanted: for each slot its candidates, cheapest first; with as many candidates as there are slots
            nothing is lost by leaving out the rest.
    """
    columns = sorted({code for slot in wanted for _, code in slot})
    index = {code: n for n, code in enumerate(columns)}
    costs = []
    for n, slot in enumerate(wanted):
        row = [_NEVER] * (len(columns) + len(wanted))
        for cost, code in slot:
            row[index[code]] = cost
        row[len(columns) + n] = _EMPTY
        costs.append(row)
    chosen = _assign(costs)
    filled = [
        (costs[n][column], columns[column]) if column < len(columns) else None
        for n, column in enumerate(chosen)
    ]
    # Of two that cost the same the lower code goes, so that the answer hangs on nothing but the units.
    for n, slot in enumerate(wanted):
        mine = filled[n]
        if mine is not None:
            taken = {each[1] for each in filled if each}
            filled[n] = min(mine, *(each for each in slot if each[1] not in taken), mine)
    return filled


def _assign(costs: list[list[float]]) -> list[int]:
    """The column of each row at least total cost; rows ≤ columns. By shortest augmenting paths."""
    rows, columns = len(costs), len(costs[0]) if costs else 0
    of_row, of_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0], at = row, 0
        least, used = [inf] * (columns + 1), [False] * (columns + 1)
        while owner[at]:
            used[at] = True
            current, delta, nearest = owner[at], inf, 0
            for column in range(1, columns + 1):
                if used[column]:
                    continue
                gap = costs[current - 1][column - 1] - of_row[current] - of_column[column]
                if gap < least[column]:
                    least[column], way[column] = gap, at
                if least[column] < delta:
                    delta, nearest = least[column], column
            for column in range(columns + 1):
                if used[column]:
                    of_row[owner[column]] += delta
                    of_column[column] -= delta
                else:
                    least[column] -= delta
            at = nearest
        while at:
            owner[at], at = owner[way[at]], way[at]
    chosen = [0] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            chosen[owner[column] - 1] = column - 1
    return chosen
