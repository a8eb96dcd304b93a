"""The solver that is installed."""

from __future__ import annotations

from importlib.util import find_spec

from huying.dispatch.covering.exact import Solver


def solver() -> Solver | None:
    """HiGHS where `highspy` is installed (extra `plans`), else None: answers are good then, not proven."""
    if find_spec("highspy") is None:
        return None
    from huying.dispatch.covering.highs import solve

    return solve
