"""A plan of posts beside what else could be done, tried out on the same drawn weeks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from huying.dispatch.covering.exact import Solver
from huying.dispatch.demand import Demand, Places, draw_weeks
from huying.dispatch.drive import Spread, drive, spread_of, told
from huying.dispatch.posts import (
    Board,
    Choice,
    Why,
    assign_units,
    base_for,
    best_posts,
    more_crews,
    one_moved,
    reasons_of,
)

MORE = 2
"""Crews more in the question "two more cars, or one post moved?"."""

SOLVE_S = 20.0
"""Seconds that proving one choice may take; what is not proven by then is told with its bound."""


class Option(Struct, frozen=True):
    """`name`: today, moved, more, best, base. `expected` share in reach by the model of covering; the rest by
    trying out: seconds to the first crew, share within the time, and what differs from today, each over the
    seeds."""

    name: str
    crews: int
    expected: float
    mean_s: Spread
    p90_s: Spread
    within: Spread
    sooner_s: Spread
    more_within: Spread


class Suggested(Struct, frozen=True):
    """`posts` (site of each crew) of the option that is proposed, the unit of each where there is one, why
    each, and all options beside it. `proven`: nothing covers more; at most `bound` of the demand."""

    option: str
    posts: tuple[int, ...]
    units: tuple[tuple[str, int], ...]
    why: tuple[Why, ...]
    options: tuple[Option, ...]
    moved: tuple[int, int]
    proven: bool
    bound: float


def suggest_posts(
    board: Board,
    demand: Demand,
    crews: int,
    rngs: Sequence[np.random.Generator],
    weeks: int = 2,
    solver: Solver | None = None,
    base: bool = False,
    bases: int = 0,
    own: Sequence[int] = (),
) -> Suggested:
    """Posts for so many crews.

    Args:
        crews: 0 for as many as there are today.
        rngs: one generator for each run; all options drive through the same weeks of a run.
        weeks: drawn for each run.
        base: posts from which the mean way is shortest, instead of those that have most within the time.
        bases: how many such posts; 0 as many as today.
        own: the site of each crew of a plan that somebody made: it alone is tried out beside today's.
    """
    if own:
        return _own(board, demand, own, rngs, weeks)
    crews = crews or max(1, len(board.homes))
    moved, old, to = one_moved(board)
    main = base_for(board, crews, bases) if base else best_posts(board, crews, solver, SOLVE_S)
    choices: dict[str, Choice] = {}
    if board.homes:
        choices["today"] = Choice(board.homes)
        if to >= 0:
            choices["moved"] = moved
        choices["more"] = more_crews(board, MORE, solver, SOLVE_S)
    name = "base" if base else "best"
    choices[name] = main
    options = _tried(board, demand, board.places, choices, rngs, weeks)
    total = float(board.places.weight.sum())
    answer = main.answer
    return Suggested(
        option=name,
        posts=main.chosen,
        units=tuple(assign_units(board, main.chosen)),
        why=tuple(reasons_of(board, main.chosen)),
        options=tuple(options),
        moved=(old, to),
        proven=answer.proven if answer is not None else False,
        bound=round(answer.bound / total, 4) if answer is not None and total else 1.0,
    )


def _own(
    board: Board, demand: Demand, own: Sequence[int], rngs: Sequence[np.random.Generator], weeks: int
) -> Suggested:
    choices = {"today": Choice(board.homes)} if board.homes else {}
    choices["own"] = Choice(tuple(own))
    return Suggested(
        option="own",
        posts=tuple(own),
        units=tuple(assign_units(board, own)),
        why=tuple(reasons_of(board, own)),
        options=tuple(_tried(board, demand, board.places, choices, rngs, weeks)),
        moved=(-1, -1),
        proven=False,
        bound=1.0,
    )


def _tried(
    board: Board,
    demand: Demand,
    places: Places,
    choices: dict[str, Choice],
    rngs: Sequence[np.random.Generator],
    weeks: int,
) -> list[Option]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in choices}
    for rng in rngs:
        drawn = draw_weeks(demand, places, weeks, rng)
        for name, choice in choices.items():
            runs[name].append(told(drive(board.seconds, choice.chosen, drawn), board.within_s))
    first = next(iter(choices))

    def spread(name: str, what: str, sign: float = 0.0) -> Spread:
        values = [each[what] for each in runs[name]]
        if sign:
            pairs = zip(values, runs[first], strict=True)
            values = [sign * (value - each[what]) for value, each in pairs]
        return spread_of(values)

    return [
        Option(
            name=name,
            crews=len(choice.chosen),
            expected=round(board.share(choice.chosen), 4),
            mean_s=spread(name, "mean_s"),
            p90_s=spread(name, "p90_s"),
            within=spread(name, "within"),
            sooner_s=spread(name, "mean_s", -1.0),
            more_within=spread(name, "within", 1.0),
        )
        for name, choice in choices.items()
    ]
